"""What notes of heard packets say of a subject."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.rfc3264 import s06_media as media
from conformance.checks.rfc3264 import s08_media as later
from conformance.checks.rfc3311 import s05_live as update
from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.predicate import Check, apply
from conformance.run.model import Origin, Verdict

ORIGIN = Origin(how="own", source="the tests")
PLACE = "from 127.0.0.1:4000"
CALLER_0, CALLER_8 = f"caller heard 70 packets of format 0 {PLACE}", f"caller heard 70 packets of format 8 {PLACE}"
OTHER_0, OTHER_8 = f"other heard 70 packets of format 0 {PLACE}", f"other heard 70 packets of format 8 {PLACE}"
CALLEE_0, CALLEE_8 = f"callee heard 70 packets of format 0 {PLACE}", f"callee heard 70 packets of format 8 {PLACE}"
ASKED, SAME = "with 320 samples", "with 160 samples"
OLD, NEW = "at the old place of the offerer ahead of the answer", "at the new place of the offerer ahead of the answer"
LEFT = "at the old place of the offerer ahead of media at the new one"
BEHIND = "at the new place of the answerer behind the answer"
TAKES, REFUSES = "the port 127.0.0.1:4000 takes packets", "the port 127.0.0.1:4000 refuses packets"
PAIRS: tuple[tuple[Check, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (media.sends_answered, "media-one-format", (CALLER_8,), (CALLER_0,)),
    (media.sends_answered, "media-answered", (CALLER_0,), ("caller heard 70 packets of format 3 from h:1",)),
    (media.sends_preferred, "media-answered", (CALLER_8,), (CALLER_0,)),
    (media.open_behind_answer, "media-answered", (f"{TAKES} behind the answer",), (f"{REFUSES} behind the answer",)),
    (media.refused_silent, "media-refused-stream", (CALLER_0,), (CALLER_0, OTHER_0)),
    (media.moves, "media-moved", (CALLER_0, OTHER_8), (CALLER_0,)),
    (media.new_formats, "media-moved", (CALLER_0, OTHER_8), (CALLER_0, OTHER_0)),
    (media.open_ahead_of_answer, "media-offered", (f"{TAKES} ahead of the answer",), (f"{REFUSES} ahead of the answer",)),
    (media.sends_answer, "media-offered", (CALLEE_0,), (CALLEE_8,)),
    (media.answers_numbers, "media-other-number", (f"callee heard 70 packets of format 101 {PLACE}",), (CALLEE_0,)),
    (media.first_answer_counts, "media-first-answer", (CALLEE_0,), (CALLEE_0, OTHER_0)),
    (later.ended_silent, "media-ended", (f"{CALLER_0} ahead of the end",),
     (f"{CALLER_0} ahead of the end", f"{CALLER_0} behind the end")),
    (later.offerer_both_ports, "moves-port", (f"{TAKES} {OLD}", f"{TAKES} {NEW}"), (f"{TAKES} {OLD}", f"{REFUSES} {NEW}")),
    (later.both_media, "changes-medium", (f"{TAKES} {OLD}", f"{TAKES} {NEW}"), (f"{REFUSES} {OLD}", f"{TAKES} {NEW}")),
    (later.offerer_old_port, "moved-port", (f"{TAKES} {LEFT}",), (f"{REFUSES} {LEFT}",)),
    (later.answerer_both_ports, "answers-from-elsewhere", (f"{TAKES} {BEHIND}",), (f"{REFUSES} {BEHIND}",)),
    (later.offerer_turns, "changes-formats", (f"{CALLEE_0} ahead of the change", f"{CALLEE_8} behind the change"),
     (f"{CALLEE_0} ahead of the change", f"{CALLEE_0} behind the change")),
    (later.prefers_answered, "prefers-answered", (f"{CALLEE_8} behind the answer",), (f"{CALLEE_0} behind the answer",)),
    (later.prefers_answered_again, "prefers-answered", (f"{CALLEE_8} behind the change",), (f"{CALLEE_0} behind the change",)),
    (later.prefers_changed, "media-parameters", (f"{CALLER_8} behind the change",), (f"{CALLER_0} behind the change",)),
    (later.offerer_packet_time, "prefers-answered", (f"{CALLEE_8} {ASKED} behind the answer",),
     (f"{CALLEE_8} {SAME} behind the answer",)),
    (later.answerer_packet_time, "media-parameters", (f"{CALLER_0} {ASKED} ahead of the change",),
     (f"{CALLER_0} {SAME} ahead of the change",)),
    (later.new_parameters, "media-parameters",
     (f"{CALLER_0} {ASKED} ahead of the change", f"{CALLER_8} with 480 samples behind the change"),
     (f"{CALLER_0} {ASKED} ahead of the change", f"{CALLER_8} {ASKED} behind the change")),
    (update.session_stays, "update-refused-talking",
     (f"{CALLEE_0} ahead of the refusal", f"{CALLEE_0} behind the refusal"), (f"{CALLEE_0} ahead of the refusal",)),
)  # fmt: skip


def judged(check: Check, scenario: str, notes: tuple[str, ...], *, complete: bool = True) -> Verdict:
    """What a check says of such notes."""
    play = Play(scenario=f"user-agent/{scenario}", complete=complete, notes=notes)
    return apply(check, Evidence((), play=play), ORIGIN).verdict


class MediaTests(SynchronousTestCase):
    """Each check of media holds of one set of notes, and fails of another."""

    def test_pairs(self) -> None:
        """Right and wrong notes."""
        for check, scenario, right, wrong in PAIRS:
            self.assertIs(judged(check, scenario, right), Verdict.PASS, check.id)
            self.assertIn(judged(check, scenario, wrong), (Verdict.FAIL, Verdict.NONSTRICT), check.id)

    def test_ended_early(self) -> None:
        """What falls silent because its ladder was left half-way is neither blamed nor praised."""
        for check, scenario, notes in (
            (later.offerer_turns, "changes-formats", (f"{CALLEE_0} ahead of the change",)),
            (later.ended_silent, "media-ended", (f"{CALLER_0} ahead of the end",)),
            (update.session_stays, "update-refused-talking", (f"{CALLEE_0} ahead of the refusal",)),
            (media.moves, "media-moved", (CALLER_0,)),
        ):
            self.assertIn(judged(check, scenario, notes), (Verdict.FAIL, Verdict.PASS), "played whole, it is judged")
            early = judged(check, scenario, notes, complete=False)
            self.assertNotIn(early, (Verdict.FAIL, Verdict.PASS), check.id)

    def test_nothing_heard(self) -> None:
        """Who sends no media is not judged by it."""
        for check, scenario, _, _ in PAIRS:
            self.assertNotIn(judged(check, scenario, ("something else",)), (Verdict.PASS, Verdict.FAIL), check.id)
