"""Peers that make a ring over TLS on the loopback, store and fetch."""

from __future__ import annotations

from typing import cast

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.client import Answered, Questions
from disco_ref.peer.overlay.effects import Effect
from disco_ref.peer.overlay.test.members import SINGLE, user
from disco_ref.reload.actions import About, Action, ConnectApplication, HangUp, Link, Pass
from disco_ref.reload.forwarding.app_attaching import ApplicationLink
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.topology.chord.joining import JoinFailed
from disco_ref.shell.overlay.test.peers import DTLS, TLS, LiveTest, overlay_at
from disco_ref.shell.overlay.wire.stream import Streams

SIP = 5060


class RingTests(LiveTest):
    """Three peers."""

    async def test_store_and_fetch(self) -> None:
        """Three peers join over TLS; what one of them stores another one fetches, and its signature holds."""
        await self.ring(3)
        writer, reader = self.parties[1], self.parties[2]
        client = StorageClient(writer.peer.member, writer.peer.chord)
        name = user(1).encode()
        writer.driving.perform(client.store((1,), name, SINGLE, b"hello", writer.driving.now()))
        await self.until(lambda: any(isinstance(each, Stored) for each in writer.told))
        asking = StorageClient(reader.peer.member, reader.peer.chord)
        reader.driving.perform(asking.fetch((1,), name, SINGLE))
        await self.until(lambda: any(isinstance(each, Fetched) for each in reader.told))
        (fetched,) = (each for each in reader.told if isinstance(each, Fetched))
        self.assertEqual([value_of(each).value for each in fetched.values], [b"hello"])

    async def test_leave(self) -> None:
        """A peer that leaves tells its neighbours, who are each other's neighbours from then on; its links are closed."""
        # = rfc6940:10.9/1 test
        await self.ring(3)
        going = self.parties[1]
        gone = going.peer.member.node_id
        await going.driving.leave(going.peer.chord.leave(going.driving.now()))
        self.assertEqual(len(going.driving.links), 0)
        left = self.parties[0], self.parties[2]
        await self.until(lambda: all(each.peer.member.connections.to(gone) is None for each in left))
        for each, other in (left, left[::-1]):
            self.assertEqual(each.peer.chord.tables.successor, other.peer.member.node_id)

    async def test_leave_twice(self) -> None:
        """Who wants a peer to leave that leaves already is told when it has left, too."""
        await self.ring(2)
        going = self.parties[1]
        first = going.driving.leave(going.peer.chord.leave(going.driving.now()))
        second = going.driving.leave(going.peer.chord.leave(going.driving.now()))
        await first
        await second
        self.assertEqual(len(going.driving.links), 0)


class FaultTests(LiveTest):
    """What goes wrong inside a peer."""

    async def test_fault(self) -> None:
        """A fault in what a link has brought is logged with its place and costs that link; the peer and its other links stay."""
        await self.ring(3)
        peer, asking, other = self.parties
        hers = asking.peer.member.node_id

        def faults() -> list[str]:
            return [each.text for each in peer.notes if each.level == "error"]

        def received(link: Link, octets: bytes, now: Instant) -> list[Effect]:
            connection = peer.peer.member.connections.by_link(link)
            if connection is not None and connection.node_id == hers and not faults():
                raise KeyError("a mistake")
            return rightly(link, octets, now)

        rightly = peer.peer.received
        self.patch(peer.peer, "received", received)
        questions = Questions()
        to = node_place(peer.peer.member.node_id)
        asking.driving.perform(questions.ask((), to, MessageCode.ping_req, PingReq(b"")))
        await self.until(faults)
        self.assertIn("KeyError in received (test_driving.py:", faults()[0])
        self.assertIn("a link is closed", [each.text for each in peer.notes])
        other.driving.perform(questions.ask((), to, MessageCode.ping_req, PingReq(b"")))
        await self.until(lambda: any(isinstance(each, Answered) for each in other.told))

    async def test_bootstrap_node_of_its_own(self) -> None:
        """Who is told to join by itself does not connect to itself, and says what is wrong."""
        party = self.party(0)
        party.peer.member.overlay = overlay_at(party.address)
        party.driving.perform(party.peer.chord.begin(False, party.driving.now()))
        self.assertIn("is this one", str(party.told))
        self.assertEqual(len(party.driving.links), 0)

    async def test_itself_by_another_address(self) -> None:
        """A link that leads back to the node is closed: nobody else has its certificate."""
        party = self.party(0)
        party.peer.member.addresses = frozenset()
        party.peer.member.overlay = overlay_at(party.address)
        party.driving.perform(party.peer.chord.begin(False, party.driving.now()))
        await self.until(lambda: any(isinstance(each, JoinFailed) for each in party.told))
        self.assertIn("this node itself", str(party.notes) + str(party.told))


class Talking:
    """An application that says something on every link."""

    def __init__(self) -> None:
        self.links: list[ApplicationLink] = []
        self.octets = b""
        self.ends: list[str] = []

    def admits(self, application: int, node_id: bytes) -> bool:
        """Everybody."""
        return True

    def opened(self, link: ApplicationLink, now: Instant) -> list[Action]:
        """Says something."""
        self.links.append(link)
        return [Pass(link.raw.link, b"hello from " + (b"caller" if link.about else b"callee"))]

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Action]:
        """Keeps it."""
        self.octets += octets
        return []

    def closed(self, link: Link, why: str, now: Instant) -> list[Action]:
        """Keeps it."""
        self.ends.append(why)
        return []

    def unreached(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """Keeps it."""
        self.ends.append(str(why))
        return []


class ApplicationTests(LiveTest):
    """Links of applications."""

    async def test_own_link(self) -> None:
        """An application gets a link of its own, on a socket that is closed once it is up; its octets go as they are."""
        # = rfc6940:6.5.2/0 test
        await self.ring(3)
        caller, callee = self.parties[1], self.parties[2]
        here, there = Talking(), Talking()
        caller.peer.applications.register(SIP, here)
        callee.peer.applications.register(SIP, there)
        wanted = ConnectApplication(SIP, ("call",), (node_place(callee.peer.member.node_id),))
        caller.driving.perform([wanted])
        await self.until(lambda: here.octets and there.octets)
        self.assertEqual((here.octets, there.octets), (b"hello from callee", b"hello from caller"))
        self.assertEqual(here.links[0].node_id, callee.peer.member.node_id)
        self.assertEqual(here.links[0].raw.near, there.links[0].raw.far)
        for each in (caller, callee):
            self.assertEqual(cast(Streams, each.driving._applications)._private, {})
        caller.driving.perform([HangUp(here.links[0].raw.link, "done")])
        await self.until(lambda: there.ends)


class DatagramRingTests(RingTests):
    """The same over DTLS."""

    protocols = (DTLS,)


class IPv6RingTests(RingTests):
    """The same over IPv6, where nodes speak both."""

    protocols = (DTLS, TLS)
    host = "::1"
