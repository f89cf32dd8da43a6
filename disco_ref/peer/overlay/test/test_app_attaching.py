"""Tests of AppAttach: two nodes of a ring get a link of their own, in virtual time (RFC 6940, section 6.5.2)."""

from __future__ import annotations

from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.actions import About, Action, AnsweredWithError, ConnectApplication, HangUp, Link, Pass, Tell
from disco_ref.reload.forwarding.app_attaching import MOST_GRANTED, ApplicationLink, NotLinked
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.registries import ErrorCode

ECHO, OTHER = 4000, 4001


class Brought(NamedTuple):
    """Octets came."""

    link: Link
    octets: bytes


class Gone(NamedTuple):
    """A link is gone, or none came."""

    of: Link | About
    why: object


class Echo:
    """Tells all it hears, and sends back what it has not begun."""

    def __init__(self) -> None:
        self.begun: set[Link] = set()
        self.closed_to: bytes = b""

    def admits(self, application: int, node_id: bytes) -> bool:
        """All but one."""
        return node_id != self.closed_to

    def opened(self, link: ApplicationLink, now: Instant) -> list[Action]:
        """A link is up."""
        if link.about is not None:
            self.begun.add(link.raw.link)
        return [Tell(link)]

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Action]:
        """Octets."""
        back: list[Action] = [] if link in self.begun else [Pass(link, octets.upper())]
        return [Tell(Brought(link, octets)), *back]

    def closed(self, link: Link, why: str, now: Instant) -> list[Action]:
        """The end."""
        return [Tell(Gone(link, why))]

    def unreached(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """No link."""
        return [Tell(Gone(about, why))]


class AppAttachTests(SynchronousTestCase):
    """Raw links between members of a ring."""

    def setUp(self) -> None:
        """A ring of five, each with the application."""
        self.ring = Ring(5)
        self.echoes = [Echo() for _ in self.ring.peers]
        for peer, echo in zip(self.ring.peers, self.echoes, strict=True):
            peer.applications.register(ECHO, echo)

    def want(self, by: int, of: int, role: bytes = b"passive", application: int = ECHO, number: int = 1) -> None:
        """A member wants a link to another one."""
        to = (node_place(self.ring.peers[of].member.node_id),)
        wanted = ConnectApplication(application, ("echo", number), to, role)
        self.ring.network.order(self.ring.places[by], [wanted])

    def events(self, which: int) -> list[object]:
        """What a member was told since the last time."""
        events, self.ring.places[which].events = self.ring.places[which].events, []
        return events

    def clear(self) -> None:
        """Forget what was told while the ring was made."""
        for place in self.ring.places:
            place.events.clear()

    def test_octets(self) -> None:
        """Whatever the role is, both sides get one link, know each other and the application, and exchange octets."""
        # = rfc6940:6.5.2.2/1 test
        # = rfc6940:6.5.2.2/2 test
        for role in (b"passive", b"active", b"actpass"):
            self.clear()
            self.want(1, 3, role)
            self.ring.network.run(5)
            (mine,), (theirs,) = self.events(1), self.events(3)
            assert isinstance(mine, ApplicationLink) and isinstance(theirs, ApplicationLink)
            one, other = self.ring.peers[1].member.node_id, self.ring.peers[3].member.node_id
            self.assertEqual((mine.node_id, mine.about, mine.application), (other, ("echo", 1), ECHO))
            self.assertEqual((theirs.node_id, theirs.about, theirs.application), (one, None, ECHO))
            self.assertEqual((mine.raw.near, mine.raw.far), (theirs.raw.far, theirs.raw.near))
            self.ring.network.order(self.ring.places[1], [Pass(mine.raw.link, b"hello")])
            self.ring.network.run(1)
            self.assertEqual(self.events(3), [Brought(theirs.raw.link, b"hello")])
            self.assertEqual(self.events(1), [Brought(mine.raw.link, b"HELLO")])

    def test_not_here(self) -> None:
        """An application that is not registered at the other side gets Error_Not_Found, one that is turned away Forbidden."""
        # = rfc6940:6.5.2.2/3 test
        self.clear()
        self.ring.peers[1].applications.register(OTHER, self.echoes[1])
        self.want(1, 3, application=OTHER)
        self.ring.network.run(5)
        self.echoes[3].closed_to = self.ring.peers[1].member.node_id
        self.want(1, 3, number=2)
        self.ring.network.run(5)
        first, second = self.events(1)
        for event, code in ((first, ErrorCode.Error_Not_Found), (second, ErrorCode.Error_Forbidden)):
            assert isinstance(event, Gone) and isinstance(event.why, AnsweredWithError)
            self.assertEqual(event.why.error_code, code)
        self.assertEqual(self.events(3), [])

    def test_crossing(self) -> None:
        """AppAttaches that cross, and several to the same node, are links of their own."""
        # = rfc6940:6.5.2/0 test
        self.clear()
        self.want(1, 3, number=1)
        self.want(3, 1, number=2)
        self.want(1, 3, number=3)
        self.ring.network.run(5)
        found = [each for each in self.events(1) if isinstance(each, ApplicationLink)]
        self.assertEqual(len({each.raw.link for each in found}), 3)
        self.assertEqual({each.about for each in found}, {("echo", 1), None, ("echo", 3)})
        self.assertEqual(len(self.events(3)), 3)

    def test_closed(self) -> None:
        """A link that one side closes is gone at the other side; the connections of RELOAD stay."""
        self.clear()
        self.want(1, 3)
        self.ring.network.run(5)
        (mine,), (theirs,) = self.events(1), self.events(3)
        assert isinstance(mine, ApplicationLink) and isinstance(theirs, ApplicationLink)
        self.ring.network.order(self.ring.places[1], [HangUp(mine.raw.link, "enough")])
        self.ring.network.run(1)
        self.assertEqual(self.events(3), [Gone(theirs.raw.link, "closed")])
        self.assertEqual(self.events(1), [Gone(mine.raw.link, "enough")])
        self.assertEqual([len(each.applications.links) for each in self.ring.peers], [0] * 5)
        self.assertEqual(self.ring.misplaced(), [])

    def test_unreachable(self) -> None:
        """Where the other side dies in the middle, whoever wanted the link hears that there is none; nothing is kept."""
        self.clear()
        self.want(1, 3, role=b"active")
        self.ring.network.crash(self.ring.places[3], silent=True)
        self.ring.network.run(60)
        (event,) = [each for each in self.events(1) if isinstance(each, Gone)]
        self.assertIsInstance(event.why, Refusal)
        self.assertNotIn(1, self.ring.peers[1].applications)

    def test_too_many(self) -> None:
        """Attempts of others are bounded; what is granted and comes to nothing makes room again."""
        self.clear()
        for number in range(MOST_GRANTED + 1):
            self.want(1, 3, number=number)
        self.ring.network.run(1)
        self.ring.network.run(40)
        events = self.events(1)
        refused = [each.why for each in events if isinstance(each, Gone) and not isinstance(each.why, NotLinked)]
        self.assertLessEqual(len(refused), 1)
        self.want(1, 3)
        self.ring.network.run(5)
        self.assertIsInstance(self.events(1)[-1], ApplicationLink)
