"""What is left of the evidence of a node of an overlay that falls silent."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.seen import Seen
from conformance.lab.presentation.refusal import Json
from conformance.live.test.test_words import HERE, THERE, message
from conformance.live.verdicts.silence import fallen_silent

UPDATE = 19


def turned(event: Seen) -> Seen:
    """The same with its ends exchanged: what the harness would send, the subject sends."""
    sent = event.direction == "sent"
    ends = (HERE, THERE) if sent else (THERE, HERE)
    header = dict(event.reload.header) if event.reload else None
    return replace(event, source=ends[0], destination=ends[1], direction="received" if sent else "sent", header=header)


def frame(number: int, kind: str, direction: str) -> Seen:
    """A frame of a link."""
    ends = (HERE, THERE) if direction == "received" else (THERE, HERE)
    link: dict[str, Json] = {"type": kind, "sequence": number}
    return Seen(
        number=number, time=float(number), source=ends[0], destination=ends[1], transport="tcp", protocol="reload-link",
        direction="received" if direction == "received" else "sent", link=link,
    )  # fmt: skip


class SilenceTests(SynchronousTestCase):
    """The subject asks, is answered, and asks once more."""

    def evidence(self) -> Evidence:
        """A request of each side, each in its frame, acknowledged and answered."""
        facts: list[tuple[int, dict[str, Json]]] = [
            (0, {"what": "open", "by": "harness", "link": 1}), (3, {"what": "open", "by": "subject", "link": -1}),
            (8, {"what": "closed", "by": "harness", "link": 1}),
        ]  # fmt: skip
        events = (
            frame(1, "data", "received"), message(2, 23, 7), frame(3, "ack", "sent"),
            frame(4, "data", "sent"), turned(message(5, UPDATE, 8)), frame(6, "ack", "received"),
            frame(7, "data", "received"), turned(message(8, UPDATE + 1, 8)),
        )  # fmt: skip
        return Evidence(events, play=Play(scenario="peer/x", complete=True, facts=tuple(facts), probes=((8, True),)))

    def test_behind_its_last_word_only_the_harness_asks(self) -> None:
        """No answer and no acknowledgement of what it has not said; no link of its own."""
        cut = fallen_silent(self.evidence(), 0)
        self.assertEqual([one.number for one in cut.events], [1, 2])
        assert cut.play is not None
        self.assertEqual([fact["what"] for _, fact in cut.play.facts], ["closed"])
        self.assertEqual((cut.play.complete, cut.play.probes), (False, ((8, False),)))

    def test_what_came_before_stays(self) -> None:
        """Up to the message behind which it is silent."""
        cut = fallen_silent(self.evidence(), 4)
        self.assertEqual([one.number for one in cut.events], [1, 2, 3, 4])
        assert cut.play is not None
        self.assertEqual([number for number, _ in cut.play.facts], [0, 3, 8])
