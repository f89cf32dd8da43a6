"""What notes of heard packets say of a subject."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.checks.rfc3264 import s06_media as media
from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.predicate import Check, apply
from conformance.run.model import Origin, Verdict

ORIGIN = Origin(how="own", source="the tests")
PLACE = "from 127.0.0.1:4000"
CALLER_0, CALLER_8 = f"caller heard 70 packets of format 0 {PLACE}", f"caller heard 70 packets of format 8 {PLACE}"
OTHER_0, OTHER_8 = f"other heard 70 packets of format 0 {PLACE}", f"other heard 70 packets of format 8 {PLACE}"
CALLEE_0, CALLEE_8 = f"callee heard 70 packets of format 0 {PLACE}", f"callee heard 70 packets of format 8 {PLACE}"
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
)  # fmt: skip


def judged(check: Check, scenario: str, notes: tuple[str, ...]) -> Verdict:
    """What a check says of such notes."""
    play = Play(scenario=f"user-agent/{scenario}", complete=True, notes=notes)
    return apply(check, Evidence((), play=play), ORIGIN).verdict


class MediaTests(SynchronousTestCase):
    """Each check of media holds of one set of notes, and fails of another."""

    def test_pairs(self) -> None:
        """Right and wrong notes."""
        for check, scenario, right, wrong in PAIRS:
            self.assertIs(judged(check, scenario, right), Verdict.PASS, check.id)
            self.assertIn(judged(check, scenario, wrong), (Verdict.FAIL, Verdict.NONSTRICT), check.id)

    def test_nothing_heard(self) -> None:
        """Who sends no media is not judged by it."""
        for check, scenario, _, _ in PAIRS:
            self.assertNotIn(judged(check, scenario, ("something else",)), (Verdict.PASS, Verdict.FAIL), check.id)
