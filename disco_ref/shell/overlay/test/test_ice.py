"""Tests of links with ICE, on sockets of the loopback (RFC 6940, sections 6.5.1.3 to 6.5.1.14 and 6.6.4)."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import cast

import aioice.ice
from aioice import stun
from aioice.ice import CandidatePair

from disco_ref.peer.overlay.test.members import SINGLE, identity, node_id, user
from disco_ref.reload.forwarding.ice import CandType, IceCandidate, OverlayLinkType
from disco_ref.reload.link.establishing import Establish, LinkParameters
from disco_ref.reload.link.simple_reliability import SimpleReliability
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.reload.storage.holdings import value_of
from disco_ref.shell.overlay.test.ends import Recorder
from disco_ref.shell.overlay.test.looping import ICE, IceParty, LoopTest
from disco_ref.shell.overlay.wire import links
from disco_ref.shell.overlay.wire.agent import MOST_EARLY, MOST_SOURCES, Agent, seen_at
from disco_ref.shell.overlay.wire.candidates import place_of
from disco_ref.shell.overlay.wire.ice import IceLinks
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.sip.flow import Address

Build = Callable[[Agent, CandidatePair, bool], stun.Message]


def ice_of(party: IceParty) -> IceLinks:
    """What makes the links of a party."""
    found = party.driving._rendezvous
    assert isinstance(found, IceLinks)
    return found


class RingTests(LoopTest):
    """Peers that have nothing but ICE."""

    def ring(self, count: int) -> None:
        """So many peers join one after the other."""
        first = self.party(0)
        self.join(first, True)
        for which in range(1, count):
            self.join(self.party(which, first.address))

    def test_value(self) -> None:
        """Three peers join; one stores a value, another one fetches it; their links have met by ICE."""
        # = rfc6940:6.5.1.3/1 test
        # = rfc6940:6.5.1.13/1 test
        # = rfc6940:6.5.1.13/2 test
        self.ring(3)
        one, other = self.parties[1], self.parties[2]
        storing = StorageClient(one.peer.member, one.peer.chord)
        now = one.driving.now()
        one.driving.perform(storing.store((), user(1).encode(), SINGLE, b"tea", now))
        self.until(lambda: any(isinstance(each, Stored) for each in one.told))
        fetching = StorageClient(other.peer.member, other.peer.chord)
        other.driving.perform(fetching.fetch((), user(1).encode(), SINGLE))
        self.until(lambda: any(isinstance(each, Fetched) for each in other.told))
        (fetched,) = [each for each in other.told if isinstance(each, Fetched)]
        self.assertEqual([value_of(each).value for each in fetched.values], [b"tea"])
        for each in self.parties:
            met = [one for one in ice_of(each)._meetings.values() if one.association is not None]
            self.assertGreaterEqual(len(met), 2)
            self.assertTrue(all(one.agent.round_trip is not None for one in met))

    def test_both_families(self) -> None:
        """With two addresses both are candidates, of different priority; one pair is nominated, and the other socket closed."""
        # = rfc6940:6.5.1.10.2/0 test
        first = self.party(0, hosts=("127.0.0.1", "::1"))
        self.join(first, True)
        second = self.party(1, first.address, hosts=("127.0.0.1", "::1"))
        self.join(second)
        (meeting,) = [each for each in ice_of(second)._meetings.values() if each.agent.ends is not None]
        own = meeting.agent.local_candidates
        self.assertEqual([each.host for each in own], ["127.0.0.1", "::1"])
        self.assertGreater(own[0].priority, own[1].priority)
        self.assertEqual(len(meeting.agent._nominated), 1)
        closed = [each.transport.is_closing() for each in meeting.agent._protocols]
        self.assertEqual(sorted(closed), [False, True])


class EndTests(LoopTest):
    """One attempt between two ends that have no node."""

    def end(self, which: int) -> Recorder:
        """An end with a socket of its own."""
        end = Recorder(ICE, identity(which), which, self.reactor)
        self.ends.append(end)
        return end

    def setUp(self) -> None:
        """Nobody is there yet."""
        super().setUp()
        self.ends: list[Recorder] = []

    def closed(self) -> None:
        """Everybody goes."""
        super().closed()
        for each in self.ends:
            each.links.stop()
        self.until(lambda: not any(made(each)._working for each in self.ends))

    def gathered(self, end: Recorder, attempt: int = 1, application: int | None = None) -> LinkParameters:
        """What an end offers."""
        found: list[LinkParameters] = []
        made(end).gather(attempt, application, found.append)
        self.until(lambda: found)
        return found[0]

    def meet(self, offering: Recorder, answering: Recorder, application: int | None = None) -> None:
        """Both sides are told what the other one offers: first the one that answers."""
        offer, answer = self.gathered(offering, 1, application), self.gathered(answering, 2, application)
        made(answering).meet(Establish(2, True, node_id(self.ends.index(offering) + 1), offer, application))
        made(offering).meet(Establish(1, False, node_id(self.ends.index(answering) + 1), answer, application, True))

    def test_link(self) -> None:
        """Both sides have a link, over which octets go both ways, and whose end is told."""
        # = rfc6940:6.5.1.8/1 test
        # = rfc6940:6.5.1.2/9 test
        # = rfc6940:6.5.1.13/1 test
        # = rfc6940:6.6.4/0 test
        offering, answering = self.end(1), self.end(2)
        self.meet(offering, answering)
        self.until(lambda: offering.ups and answering.ups)
        self.assertEqual((offering.ups[0].attempt, answering.ups[0].attempt), (1, 2))
        offering.links.send(offering.ups[0].link, b"from the one that asked")
        answering.links.send(answering.ups[0].link, b"from the one that answered")
        self.until(lambda: offering.octets and answering.octets)
        self.assertEqual(answering.octets, b"from the one that asked")
        carrier = offering.ups[0].carrier
        self.assertIsInstance(carrier, SimpleReliability)
        self.assertIsNotNone(carrier.round_trip if carrier else None)
        offering.links.close(offering.ups[0].link)
        self.until(lambda: answering.downs)
        self.until(lambda: not any(made(each)._meetings or made(each)._working for each in self.ends))

    def test_early(self) -> None:
        """What comes over a pair before this side knows of it is kept, and taken; garbage is not."""
        # = rfc6940:6.5.1.14/1 test
        end = self.end(1)
        self.gathered(end)
        (meeting,) = made(end)._meetings.values()
        record = bytes.fromhex("16fefd0000000000000000000100")
        for datagram in (b"garbage", *[record] * (MOST_EARLY + 1)):
            meeting.agent.data_received(datagram, 1)
        self.assertEqual(meeting._early, [record] * MOST_EARLY)

    def test_application(self) -> None:
        """The link of an application carries its octets and nothing else, as datagrams; both ends are known."""
        # = rfc6940:6.5.2/0 test
        offering, answering = self.end(1), self.end(2)
        self.meet(offering, answering, 5060)
        self.until(lambda: offering.ups and answering.ups)
        up = offering.ups[0]
        self.assertEqual((up.carrier, up.datagrams), (None, True))
        self.assertEqual((up.near, up.far), (answering.ups[0].far, answering.ups[0].near))
        offering.links.send(up.link, bytes(20_000))
        offering.links.send(up.link, bytes(10_000))
        self.until(lambda: answering.octets)
        self.assertEqual((len(answering.octets), offering.downs, answering.downs), (10_000, [], []))

    def test_checks(self) -> None:
        """Who has asked is controlling, and nominates one pair, once a check has succeeded."""
        # = rfc6940:6.5.1.9/1 test
        offering, answering = self.end(1), self.end(2)
        seen: list[tuple[str, ...]] = []
        self.patch(Agent, "build_request", _noting(seen, Agent.build_request))
        self.meet(offering, answering)
        self.until(lambda: offering.ups and answering.ups)
        controlling = [each for each in seen if "ICE-CONTROLLING" in each]
        self.assertEqual(len(controlling) + sum("ICE-CONTROLLED" in each for each in seen), len(seen))
        self.assertEqual(["USE-CANDIDATE" in each for each in controlling], [False, True])

    def test_other_node(self) -> None:
        """A link with another node than the one that answered is closed, and the attempt has failed."""
        # = rfc6940:6.5.1.13/4 test
        offering, answering = self.end(1), self.end(3)
        self.meet(offering, answering)
        self.until(lambda: offering.failures)
        self.assertIn(f"not of {node_id(2).hex()}", offering.failures[0])
        self.assertEqual((offering.ups, len(offering.links)), ([], 0))

    def test_wrong_password(self) -> None:
        """Checks under a password that is not the one that was offered come to nothing."""
        offering, answering = self.end(1), self.end(2)
        offer, answer = self.gathered(offering, 1), self.gathered(answering, 2)
        made(answering).meet(Establish(2, True, node_id(1), offer._replace(password=b"x" * 24)))
        made(offering).meet(Establish(1, False, node_id(2), answer, offered=True))
        made(answering).forget(2)
        self.until(lambda: answering.failures)
        self.assertEqual((offering.ups, answering.ups), ([], []))
        made(offering).forget(1)
        self.assertEqual((made(offering)._meetings, made(answering)._meetings), ({}, {}))

    def test_nothing_to_try(self) -> None:
        """Candidates of other link protocols, ports that nobody has, and names that are no text lead to nothing, at once."""
        other = place_of(Address("127.0.0.1", 6084))
        nowhere = place_of(Address("127.0.0.1", 0))
        no_ice = IceCandidate(other, OverlayLinkType.DTLS_UDP_SR_NO_ICE, b"1", 1, CandType.host, None, ())
        bad = IceCandidate(nowhere, ICE, b"1", 1, CandType.host, None, ())
        good = IceCandidate(other, ICE, b"1", 1, CandType.host, None, ())
        cases = [
            LinkParameters(b"user", b"p" * 24, (no_ice, bad)),
            LinkParameters(b"user", b"p" * 24, ()),
            LinkParameters(b"\xff\xff", b"p" * 24, (good,)),
        ]
        end = self.end(1)
        for attempt, remote in enumerate(cases):
            self.gathered(end, attempt)
            made(end).meet(Establish(attempt, True, node_id(2), remote))
            self.until(lambda: len(end.failures) > attempt, 2.0)  # noqa: B023
        self.assertEqual(len(end.links), 0)

    def test_too_many_links(self) -> None:
        """A link too many comes to nothing at once, and leaves nothing behind."""
        self.patch(links, "MOST_LINKS", 0)
        offering, answering = self.end(1), self.end(2)
        self.meet(offering, answering)
        self.until(lambda: offering.failures and answering.failures, 2.0)
        self.assertEqual((len(offering.links), made(offering)._meetings), (0, {}))

    def test_silence(self) -> None:
        """A link whose other side is gone without a word is closed when its keepalives are not answered."""
        # = rfc6940:6.5.1.10.3/1 test
        offering, answering = self.end(1), self.end(2)
        self.patch(aioice.ice, "CONSENT_INTERVAL", 0.02)
        self.patch(aioice.stun, "RETRY_RTO", 0.02)
        self.meet(offering, answering)
        self.until(lambda: offering.ups and answering.ups)
        (meeting,) = made(answering)._meetings.values()
        meeting.agent._closing = True
        self.until(lambda: offering.downs)
        self.assertIn("no STUN", offering.downs[0])

    def test_many_sources(self) -> None:
        """Checks with the right password make pairs for so many addresses and no more."""
        end = self.end(1)
        offered = self.gathered(end)
        (meeting,) = made(end)._meetings.values()
        agent = meeting.agent
        (protocol,) = agent._protocols
        agent.remote_username, agent.remote_password = "other", "p" * 24
        check = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        check.attributes.update({"USERNAME": f"{offered.ufrag.decode()}:other", "PRIORITY": 1, "ICE-CONTROLLED": 1})
        check.add_message_integrity(offered.password)

        async def flood() -> None:
            agent._early_checks_done = True
            for port in range(1024, 1024 + 2 * MOST_SOURCES):
                agent.request_received(check, ("127.0.0.2", port), protocol)

        self.loop.run_until_complete(flood())
        self.assertEqual(len(agent._check_list), MOST_SOURCES)

    def test_socket_lost(self) -> None:
        """A link whose socket the operating system takes away is closed."""
        offering, answering = self.end(1), self.end(2)
        self.meet(offering, answering)
        self.until(lambda: offering.ups and answering.ups)
        (meeting,) = made(answering)._meetings.values()
        for each in meeting.agent._protocols:
            each.transport.abort()
        self.until(lambda: answering.downs)

    def test_candidates(self) -> None:
        """A host candidate at the address of the node, with a name and a password that others cannot guess."""
        # = rfc6940:6.5.1.1/0 test
        end = self.end(1)
        offered = self.gathered(end)
        (candidate,) = offered.candidates
        self.assertEqual((candidate.overlay_link, candidate.type), (ICE, CandType.host))
        self.assertEqual((len(offered.ufrag), len(offered.password)), (8, 24))
        self.assertNotEqual(offered.password, self.gathered(end, 2).password)

    def test_other_reactor(self) -> None:
        """On a reactor that asyncio does not run on, it is said at once that ICE cannot be spoken."""
        with self.assertRaisesRegex(Trouble, "asyncio"):
            Recorder(ICE, identity(1), 1)


class StunTests(LoopTest):
    """Servers that say how a node is seen."""

    def test_reflexive(self) -> None:
        """An address that a server has seen is a candidate with its base; one that is known already is not, nor a silent server's."""
        # = rfc6940:6.5.1.4/0 test
        seen = [("203.0.113.7", 1024), ("127.0.0.1", 0)]
        servers = [self.loop.run_until_complete(_serve(self.loop, each)) for each in seen]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
            mute.bind(("127.0.0.1", 0))
            agent = Agent(self.reactor, Deaf(), os.urandom, ["127.0.0.1"])
            self.patch(aioice.stun, "RETRY_RTO", 0.02)
            found = self.loop.run_until_complete(agent.gather([*servers, mute.getsockname()]))
            silent = mute.getsockname()
        self.assertEqual([(each.type, each.host) for each in found], [("host", "127.0.0.1"), ("srflx", "203.0.113.7")])
        self.assertEqual((found[1].related_address, found[1].related_port), ("127.0.0.1", found[0].port))
        self.assertEqual({each.server: each.seen for each in agent.observed}[silent], None)
        self.loop.run_until_complete(agent.close())

    def ask(self, address: tuple[str, int], *datagrams: bytes) -> stun.Message:
        """The first answer to some datagrams."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.bind(("127.0.0.1", 0))
            asking.setblocking(False)
            for octets in datagrams:
                asking.sendto(octets, address)
            answer = self.loop.run_until_complete(asyncio.wait_for(self.loop.sock_recv(asking, 2048), 5))
            message = stun.parse_message(answer)
            if "XOR-MAPPED-ADDRESS" in message.attributes:
                self.assertEqual(message.attributes["XOR-MAPPED-ADDRESS"], asking.getsockname())
            return message

    def test_neighbors(self) -> None:
        """A node says how it sees others, at the socket where it listens and at those of its links; garbage is passed over."""
        # = rfc6940:6.5.1.4/0 test
        party = self.party(0)
        found: list[LinkParameters] = []
        ice_of(party).gather(1, None, found.append)
        self.until(lambda: found)
        (meeting,) = ice_of(party)._meetings.values()
        question = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        check = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
        check.attributes["USERNAME"] = "a:b"
        short = bytearray(bytes(question) + bytes.fromhex("0024000100000000"))
        short[3] = 8
        for host, port in (
            party.address,
            (meeting.agent.local_candidates[0].host, meeting.agent.local_candidates[0].port),
        ):
            garbage = (b"", b"\x00", bytes(20), bytes(short))
            answer = self.ask((host, port), *garbage, bytes(question))
            self.assertEqual(answer.transaction_id, question.transaction_id)
        answer = self.ask((party.address.host, party.address.port), bytes(check), bytes(question))
        self.assertEqual(answer.transaction_id, question.transaction_id)
        refused = self.ask((host, port), bytes(check))
        self.assertEqual(refused.error_code, 400)


class Deaf:
    """Nobody is told."""

    def arrived(self, datagram: bytes) -> None:
        """A datagram."""

    def ended(self) -> None:
        """The end."""


def made(end: Recorder) -> IceLinks:
    """What makes the links of an end."""
    assert isinstance(end.opener, IceLinks)
    return end.opener


def _noting(seen: list[tuple[str, ...]], build: Build) -> Build:
    def noted(agent: Agent, pair: CandidatePair, nominate: bool) -> stun.Message:
        message = build(agent, pair, nominate)
        seen.append(tuple(message.attributes))
        return message

    return noted


async def _serve(loop: asyncio.AbstractEventLoop, says: tuple[str, int]) -> tuple[str, int]:
    """A STUN server that sees everybody at one address, or, at port 0, where they are."""

    class Server(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = cast(asyncio.DatagramTransport, transport)

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            answer = seen_at(stun.parse_message(data), says if says[1] else addr)
            self.transport.sendto(bytes(answer), addr)

    transport, _ = await loop.create_datagram_endpoint(Server, local_addr=("127.0.0.1", 0))
    name: tuple[str, int] = transport.get_extra_info("sockname")
    return name
