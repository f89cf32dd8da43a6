"""What evidence tells about the life of a subject."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.judge.evidence import Evidence
from conformance.judge.play import Play
from conformance.judge.seen import Direction, Seen


def event(number: int, direction: Direction, protocol: str = "reload") -> Seen:
    """Something that passed by."""
    return Seen(
        number=number, time=float(number), source="a:1", destination="b:2", transport="tcp", protocol=protocol,
        direction=direction,
    )  # fmt: skip


def evidence(*events: Seen, answered: bool) -> Evidence:
    """With one sane exchange at the end."""
    play = Play(scenario="peer/x", complete=True, probes=((len(events), answered),))
    return Evidence(events, play=play)


class AliveTests(SynchronousTestCase):
    """Whether a subject lives after something."""

    def test_answered(self) -> None:
        """A sane request behind it is answered."""
        asked = event(1, "received")
        self.assertIs(evidence(asked, event(2, "sent"), answered=True).alive_after(asked), True)

    def test_dead(self) -> None:
        """Who has spoken, and does not answer a sane request any more, is dead."""
        asked = event(2, "received")
        self.assertIs(evidence(event(1, "sent"), asked, answered=False).alive_after(asked), False)

    def test_never_spoke(self) -> None:
        """Who has never said a word may never have been alive."""
        asked = event(1, "received")
        self.assertIsNone(evidence(asked, answered=False).alive_after(asked))

    def test_not_asked(self) -> None:
        """Nobody has asked after it."""
        later = event(2, "received")
        found = Evidence((event(1, "sent"), later), play=Play(scenario="peer/x", complete=True, probes=((1, True),)))
        self.assertIsNone(found.alive_after(later))
