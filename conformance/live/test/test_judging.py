"""Evidence on disk and the verdicts over it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import Misuse
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Check, Ruling, check, right, unclear, wrong
from conformance.lab.capture.reading import packets
from conformance.live.evidence import CAPTURE, LOG, read_played, write_played
from conformance.live.network.conversation import Conversation
from conformance.live.network.virtual import SUBJECT, VirtualNetwork
from conformance.live.playing import Played, play
from conformance.live.scenario import Scenario
from conformance.live.stage import Stage
from conformance.live.subject import LiveSubject
from conformance.live.verdicts.judging import Judged, cut_short, judge_scenarios, read_scenarios
from conformance.live.verdicts.silence import Lapse, fallen_silent, lapses
from conformance.live.wants import final
from conformance.run.model import Verdict

SAMPLE = Path(__file__).with_name("sample_adapter.py")


@check(
    "rfc3261/s99/x", "A test.", "rfc3261:8/0", needs="an answer", role="user-agent-server", scenarios=("user-agent/x",)
)
def attached(evidence: Evidence) -> Iterator[Ruling]:
    """Every labelled request is answered."""
    for one in evidence.asked("ask"):
        if one.final:
            yield right(one.event, one.final[0])


@check(
    "rfc3261/s99/y",
    "A test.",
    "rfc3261:8/0",
    needs="a bad request",
    role="user-agent-server",
    scenarios=("user-agent/x",),
)
def survives(evidence: Evidence) -> Iterator[Ruling]:
    """Nobody answers the bad one, and the subject lives."""
    for event in evidence.labelled("bad"):
        alive = evidence.alive_after(event)
        if alive is None:
            yield unclear(event, why="nobody asked whether it lives")
        elif event.malformed and alive:
            yield right(event)
        else:
            yield wrong(event, why="it died", expected="life", seen="none")


def good(stage: Stage) -> None:
    """A question, a bad one, a probe."""
    caller = stage.party("caller")
    ask = caller.request("OPTIONS")
    caller.send(ask, label="ask")
    caller.expect(final(200))
    caller.send(caller.request("OPTIONS", without=["Call-ID"]), malformed=True, label="bad")
    stage.alive(caller)


def plain(stage: Stage) -> None:
    """A question."""
    caller = stage.party("caller")
    caller.send(caller.request("OPTIONS"), label="ask")
    caller.expect(final(200))


def unanswered(stage: Stage) -> None:
    """A question to nobody."""
    caller = stage.party("caller")
    caller.send(caller.request("OPTIONS"), label="ask", to=("192.0.2.99", 5060))
    caller.expect(final())


class EvidenceTests(SynchronousTestCase):
    """What is written is what is judged."""

    def setUp(self) -> None:
        """A folder, and a process."""
        self.folder = Path(self.mktemp())
        self.conversation = Conversation([sys.executable, str(SAMPLE)])
        self.addCleanup(self.conversation.close)

    def kept(self, steps: object, name: str = "user-agent/x", transport: str = "udp") -> Path:
        """Play and write."""
        assert callable(steps)
        one = Scenario(id=name, what="A test.", role="user-agent", play=steps)
        subject = LiveSubject(address=SUBJECT, transport=transport, to=f"sip:alice@{SUBJECT[0]}")
        played: Played = play(one, subject, VirtualNetwork(self.conversation, subject, "user-agent"))
        return write_played(self.folder, played, {"checks": "0"})

    def verdicts(self, *folders: Path) -> dict[str, Verdict]:
        """The verdicts of the two checks."""
        some: list[Check] = [attached, survives]
        return {one.id[-1]: one.verdict for one in judge_scenarios(read_scenarios(folders), some, "sample")}

    def test_directions(self) -> None:
        """Who sent what, what was deliberately wrong, what was inside TLS; a comment on every message."""
        folder = self.kept(good, transport="tls")
        evidence, log = read_played(folder)
        self.assertEqual(
            [one.direction for one in evidence.events], ["received", "sent", "received", "received", "sent"]
        )
        self.assertEqual([one.malformed for one in evidence.events], [False, False, True, False, False])
        self.assertTrue(all(one.secure and one.transport == "tcp" for one in evidence.events))
        self.assertEqual(log["digests"].keys(), {"checks", "capture"})  # type: ignore[union-attr]
        with (folder / CAPTURE).open("rb") as file:
            comments = [one.comment for one in packets(file) if one.comment]
        self.assertIn("DELIBERATELY MALFORMED (bad) inside TLS", comments[2])
        self.assertEqual(len(comments), 5)

    def test_verdicts(self) -> None:
        """A check says pass where it is seen to hold, and rests on the events that the ladder shows."""
        folder = self.kept(good)
        self.assertEqual(self.verdicts(folder), {"x": Verdict.PASS, "y": Verdict.PASS})
        result = judge_scenarios(read_scenarios([folder]), [attached], "sample")[0]
        self.assertEqual((result.scenario, result.kind), ("user-agent/x", "live"))
        self.assertEqual(
            [one.summary for one in result.events][:3],
            ["scenario user-agent/x", "OPTIONS sip:alice@192.0.2.1", "200 OK"],
        )
        self.assertEqual(result.findings[0].events, (2, 3))

    def test_silence(self) -> None:
        """Who answers nothing passes nothing: the check is inconclusive, with the reason of the scenario."""
        folder = self.kept(unanswered)
        result = judge_scenarios(read_scenarios([folder]), [attached], "sample")[0]
        self.assertEqual(result.verdict, Verdict.INCONCLUSIVE)
        self.assertIn("final response to OPTIONS", result.findings[0].why)
        self.assertEqual(len(cut_short(read_scenarios([folder]))), 1)

    def test_fallen_silent(self) -> None:
        """A check that is passed by who says nothing more is found; one that asks for an answer, or for life, is not."""

        def sloppy(evidence: Evidence) -> Iterator[Ruling]:
            for event in evidence.labelled("bad"):
                later = [one for one, _ in evidence.judged if one.number > event.number]
                yield wrong(event, later[0], why="no", expected="a", seen="b") if len(later) > 1 else right(event)

        one = check("rfc3261/s99/z", "A test.", "rfc3261:8/0", needs="a bad one", scenarios=("user-agent/x",))(sloppy)
        played = read_scenarios([self.kept(good)])
        found = list(lapses(played, [attached, survives, one]))
        self.assertEqual(found, [Lapse("rfc3261/s99/z", "user-agent/x", 0)])
        cut = fallen_silent(played[0].evidence, 0)
        self.assertEqual([one.direction for one in cut.events], ["received"] * 3)
        assert cut.play is not None
        self.assertEqual([answered for _, answered in cut.play.probes], [False])

    def test_worst_counts(self) -> None:
        """Over several scenarios the worst counts, and the findings name theirs."""

        def other(evidence: Evidence) -> Iterator[Ruling]:
            for event in evidence.labelled("ask"):
                bad = evidence.play is not None and evidence.play.scenario.endswith("b")
                yield wrong(event, why="no", expected="a", seen="b") if bad else right(event)

        one = check("rfc3261/s99/z", "A test.", "rfc3261:8/0", needs="a question")(other)
        folders = [self.kept(plain, f"user-agent/{name}") for name in "abc"]
        result = judge_scenarios(read_scenarios(folders), [one], "sample")[0]
        self.assertEqual((result.verdict, result.scenario), (Verdict.FAIL, "user-agent/b"))
        self.assertEqual(len(result.findings), 4)
        assert result.decisive is not None
        self.assertEqual(result.decisive.why, "user-agent/b: no")

    def test_malformed_aside(self) -> None:
        """What answers deliberately malformed messages is judged by the checks that name the scenario only."""
        one = check("rfc3261/s99/z", "A test.", "rfc3261:8/0", needs="a question")(attached.judge)
        verdicts = [
            judge_scenarios(read_scenarios([self.kept(steps)]), [one], "sample")[0].verdict for steps in (good, plain)
        ]
        self.assertEqual(verdicts, [Verdict.NOT_APPLICABLE, Verdict.PASS])

    def test_harness_at_fault(self) -> None:
        """A scenario that breaks is a harness error, with the checks that need it."""

        def broken(stage: Stage) -> None:
            raise ValueError(stage.budget)

        results = judge_scenarios(read_scenarios([self.kept(broken)]), [attached], "sample")
        self.assertEqual([one.verdict for one in results], [Verdict.HARNESS_ERROR] * 2)

    def test_changed_evidence(self) -> None:
        """A capture that is not the one of its log is refused; so is a folder without evidence."""
        folder = self.kept(good)
        octets = (folder / CAPTURE).read_bytes()
        (folder / CAPTURE).write_bytes(octets[:-9] + b"X" + octets[-8:])
        self.assertRaises(Misuse, read_played, folder)
        self.assertRaises(Misuse, read_played, self.folder / "nothing")
        log = json.loads((folder / LOG).read_text("utf-8"))
        (folder / LOG).write_text(json.dumps({**log, "entries": 5}), "utf-8")
        (folder / CAPTURE).write_bytes(octets)
        self.assertRaises(Misuse, read_played, folder)

    def test_not_played(self) -> None:
        """A check whose scenario was not played is not observable; one whose scenario is not claimed is not applicable."""

        def unclaimed(stage: Stage) -> None:
            stage.trigger("refer", uri="sip:x")

        self.assertEqual(self.verdicts()["x"], Verdict.NOT_OBSERVABLE)
        self.assertEqual(self.verdicts(self.kept(unclaimed))["x"], Verdict.NOT_APPLICABLE)
        judged: list[Judged] = read_scenarios([self.kept(unclaimed)])
        self.assertIn("refer", str(judged[0].log["why"]))
