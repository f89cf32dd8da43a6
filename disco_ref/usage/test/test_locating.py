"""Tests of look-ups of addresses-of-record, without a network (RFC 7904, section 7)."""

from __future__ import annotations

from functools import partial

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.test.members import identity, user
from disco_ref.peer.overlay.test.usages import overlay_with_usages
from disco_ref.reload.actions import Action, Ask
from disco_ref.reload.member import Member
from disco_ref.reload.topology.chord.ring import Chord
from disco_ref.sip.uri import read_uri
from disco_ref.usage.locating import Locating, Route

NOW = Instant(1_800_000_000.0)


class LocatingTests(SynchronousTestCase):
    """Look-ups of one node."""

    def test_at_once(self) -> None:
        """Of several look-ups at once each is told what became of it, in whatever order they end."""
        # = rfc7904:7/0 test
        member = Member(overlay_with_usages(), identity(1), bytes, NOW)
        locating = Locating(member, Chord(member))
        told: list[tuple[int, str]] = []

        def done(which: int, routes: tuple[Route, ...], why: Refusal | None, now: Instant) -> list[Action]:
            told.append((which, str(why)))
            return []

        asked = [locating.locate(read_uri(f"sip:{user(each)}"), partial(done, each)) for each in (1, 2)]
        for actions, text in zip(reversed(asked), ("later", "sooner"), strict=True):
            (ask,) = actions
            assert isinstance(ask, Ask)
            ask.room.failed(ask.about, Refusal(text), NOW)
        self.assertEqual(told, [(2, "later"), (1, "sooner")])
