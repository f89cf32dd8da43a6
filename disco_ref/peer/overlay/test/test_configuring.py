"""Tests of configurations that spread (RFC 6940, sections 6.3.2.1 and 6.5.4)."""

from __future__ import annotations

import dataclasses
from functools import cache

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode
from disco_ref.peer.overlay.effects import Close, Deliver
from disco_ref.peer.overlay.node import Up
from disco_ref.peer.overlay.test.lone import LENIENT, Came, Lone, Party
from disco_ref.peer.overlay.test.members import (
    configuration,
    identity,
    node_id,
    overlay,
)
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.actions import Ask
from disco_ref.reload.enrollment.document import read, sign_document, sign_kinds
from disco_ref.reload.enrollment.signing import blob_signer
from disco_ref.reload.forwarding.config_update import (
    ConfigUpdateAns,
    ConfigUpdateReq,
    ConfigUpdateType,
)
from disco_ref.reload.forwarding.configuring import (
    MOST_TOLD,
    PAUSE,
    CannotFollow,
    ConfigurationChanged,
    ConfigurationOutdated,
    newer,
)
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.forwarding.ping import PingAns, PingReq
from disco_ref.reload.link.fragmentation import split
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.link.framing import framed
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.envelope import Message
from disco_ref.reload.overlay import ANY_SEQUENCE, Overlay, overlay_of
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.holdings import Resource

SIGNER, STRANGER = 70, 71
CONFIG_UPDATE = 33
PING = 23
LARGE = PingReq(bytes(5500))
FORBIDDEN, TOO_LARGE = 2, 11
CONFIG_TOO_OLD, CONFIG_TOO_NEW, INVALID = 15, 16, 20


@cache
def document(
    sequence: int, by: int = SIGNER, bad: int | None = None, kinds: int = SIGNER, extension: tuple[str, ...] = ()
) -> bytes:
    """The configuration with this sequence number, signed, its Kinds by ``kinds``; the signer may sign Kinds until number 5."""
    bad_node = () if bad is None else (node_id(bad),)
    who = identity(by)
    made = configuration(sequence=sequence, configuration_signer=(node_id(SIGNER),), bad_node=bad_node)
    permitted = node_id(SIGNER if sequence < 5 else STRANGER)
    made = dataclasses.replace(made, kind_signer=(permitted,), mandatory_extension=extension)
    by_kinds = identity(kinds)
    made = sign_kinds(made, blob_signer(by_kinds.signer, by_kinds.certificates, overlay().context))
    return sign_document((made,), blob_signer(who.signer, who.certificates, overlay().context))


def sized(sequence: int, octets: int) -> bytes:
    """The configuration with this sequence number and max-message-size."""
    made = dataclasses.replace(configuration(sequence), max_message_size=octets)
    who = identity(STRANGER)
    return sign_document((made,), blob_signer(who.signer, who.certificates, overlay().context))


@cache
def version(sequence: int) -> Overlay:
    """The overlay under that configuration."""
    octets = document(sequence)
    return overlay_of(read(octets)[0].configuration, octets)


class RingTests(SynchronousTestCase):
    """In a ring."""

    def test_spreads(self) -> None:
        """One peer with a newer configuration is enough: by their traffic all follow it in the end, whoever speaks first."""
        # = rfc6940:6.3.2.1/5 test
        # = rfc6940:6.5.4/1 test
        # = rfc6940:6.5.4.2/4 test
        ring = Ring(5, of=version(1))
        ring.peers[3].member.overlay = version(2)
        ring.network.run(1200)
        self.assertEqual([each.member.overlay.sequence for each in ring.peers], [2] * 5)
        self.assertEqual(ring.misplaced(), [])
        told = [each for place in ring.places for each in place.events if isinstance(each, ConfigurationChanged)]
        self.assertEqual([each.sequence for each in told], [2] * 4)


class UpdateTests(SynchronousTestCase):
    """A peer and a party with a newer or an older configuration."""

    def setUp(self) -> None:
        """The peer follows configuration 2."""
        self.lone = Lone(version(2))
        self.party = self.lone.party(identity(1))

    def told(self) -> list[object]:
        """What the peer has told whoever runs it."""
        return [each.event for each in self.lone.others if isinstance(each, Deliver)][1:]

    def updates(self, party: Party) -> list[ConfigUpdateReq]:
        """The ConfigUpdates that have come to the party."""
        bodies = [each.message.message_contents.message_body for each in party.heard()]
        return [each for each in bodies if isinstance(each, ConfigUpdateReq)]

    def update(self, octets: bytes, kind: ConfigUpdateType = ConfigUpdateType.config) -> Came:
        """The party sends a ConfigUpdate; what is answered."""
        body = ConfigUpdateReq(kind, octets if kind is ConfigUpdateType.config else (octets,))
        request = self.party.message(None, CONFIG_UPDATE, body, configuration_sequence=ANY_SEQUENCE)
        return self.party.send(request)[0]

    def test_older(self) -> None:
        """Who has an older configuration is refused, and sent the newer one, under the sequence number that everybody takes."""
        # = rfc6940:6.3.2.1/5 test
        # = rfc6940:6.3.2.1/6 test
        first, second = self.party.send(self.party.message(configuration_sequence=1))
        self.assertEqual(first.error, CONFIG_TOO_OLD)
        self.assertEqual(second.message.forwarding_header.configuration_sequence, ANY_SEQUENCE)
        self.assertEqual(self.updates(self.party), [ConfigUpdateReq(ConfigUpdateType.config, document(2))])

    def test_older_again(self) -> None:
        """Who does not follow is sent the configuration again after a while only, however much it asks."""
        for _ in range(20):
            self.party.send(self.party.message(configuration_sequence=1))
        self.assertEqual(len(self.updates(self.party)), 1)
        self.lone.later(PAUSE + 1)
        before = len(self.updates(self.party))
        self.party.send(self.party.message(configuration_sequence=1))
        self.assertEqual(len(self.updates(self.party)), before + 1)

    def test_bounded(self) -> None:
        """Of how many nodes is remembered that they were told has a bound."""
        room = self.lone.peer.rooms.configuring
        for each in range(MOST_TOLD + 10):
            room.update(each.to_bytes(16, "big"), self.lone.now)
        self.assertEqual(len(room.update(bytes(16), self.lone.now)), 1)
        self.assertEqual(room.update((11).to_bytes(16, "big"), self.lone.now), [])

    def test_newer(self) -> None:
        """Who has a newer configuration is refused; whoever runs the peer is told that it needs that one, once."""
        for _ in range(3):
            self.assertEqual(self.party.send(self.party.message(configuration_sequence=5))[0].error, CONFIG_TOO_NEW)
        self.assertEqual(self.told(), [ConfigurationOutdated(5)])

    def test_answer_says_it(self) -> None:
        """An answer says by its header that its sender has an older configuration; it is sent this one, and not again for its answer to that."""
        # = rfc6940:6.5.4/1 test
        room = self.lone.peer.rooms.configuring
        ask = Ask(room, ("config", node_id(1)), (node_place(node_id(1)),), MessageCode.ping_req, PingReq(b""))
        self.lone.do(self.lone.peer.perform([ask], self.lone.now))
        bodies: tuple[tuple[int, Body], ...] = ((24, PingAns(1, 2)), (CONFIG_UPDATE + 1, ConfigUpdateAns()))
        for code, body in bodies:
            asked = self.party.heard()[-1].message.forwarding_header
            self.party.send(
                self.party.message(None, code, body, transaction_id=asked.transaction_id, configuration_sequence=1)
            )
            self.assertEqual(len(self.updates(self.party)), 1)

    def test_taken(self) -> None:
        """A newer configuration that a configuration-signer has signed is followed."""
        # = rfc6940:6.5.4.2/1 test
        # = rfc6940:6.5.4.2/4 test
        self.assertIsNone(self.update(document(3)).error)
        self.assertEqual(self.lone.peer.member.overlay.document, document(3))
        self.assertEqual(self.told(), [ConfigurationChanged(3, tuple(overlay().kinds))])

    def test_not_taken(self) -> None:
        """One that is not newer, that another has signed, that is changed, or none at all is refused, and nothing changes."""
        # = rfc6940:6.5.4.2/1 test
        # = rfc6940:6.5.4.2/2 test
        self.assertEqual(self.update(document(1)).error, CONFIG_TOO_OLD)
        self.assertEqual(self.update(document(2)).error, CONFIG_TOO_OLD)
        self.assertEqual(self.update(document(3, STRANGER)).error, FORBIDDEN)
        self.assertEqual(self.update(document(3).replace(b"65536", b"65535")).error, FORBIDDEN)
        self.assertEqual(self.update(b"<overlay/>").error, INVALID)
        self.assertEqual(self.update(b"<kind-block/>", ConfigUpdateType.kind).error, INVALID)
        self.assertEqual(self.lone.peer.member.overlay.sequence, 2)

    def test_kinds_of_a_stranger(self) -> None:
        """One in which a Kind is signed by somebody who may not is refused."""
        # = rfc6940:11.1/33 test
        self.assertEqual(self.update(document(3, kinds=STRANGER)).error, FORBIDDEN)
        self.assertEqual(self.lone.peer.member.overlay.sequence, 2)

    def test_kind_signer_withdrawn(self) -> None:
        """What is held of Kinds whose signer is none any more is dropped; else it is kept."""
        # = rfc6940:11.1/41 test
        holdings = self.lone.peer.rooms.storage.holdings
        for kind in overlay().kinds:
            holdings.put(node_id(9), kind, Resource(1, {}, self.lone.now))
        self.assertIsNone(self.update(document(3)).error)
        self.assertEqual(len(holdings.kinds(node_id(9))), 3)
        self.assertIsNone(self.update(document(5, kinds=STRANGER)).error)
        self.assertEqual(holdings.kinds(node_id(9)), ())

    def test_unmet(self) -> None:
        """Who does not know an extension that is mandatory from now on says so, and leaves."""
        # = rfc6940:11.1/40 test
        self.update(document(3, extension=("urn:example:unknown",)))
        self.assertEqual([type(each) for each in self.told()], [ConfigurationChanged, CannotFollow])
        self.assertEqual(self.lone.peer.rooms.topology.leave(self.lone.now), [])

    def test_no_echo(self) -> None:
        """Who sends the configuration that is followed already is not sent it back, else two peers would go on for ever."""
        self.update(document(2))
        self.assertEqual(self.updates(self.party), [])
        self.update(document(1))
        self.assertEqual(len(self.updates(self.party)), 1)

    def test_bad_node(self) -> None:
        """A connection to a node that the new configuration names bad is closed."""
        # = rfc6940:11.1/19 test
        bad = self.lone.party(identity(6))
        self.assertIsNone(self.update(document(3, bad=6)).error)
        self.assertEqual([each.link for each in self.lone.others if isinstance(each, Close)], [bad.link])

    def test_passed_on_whatever_the_sequence(self) -> None:
        """Who only passes a message on does not look at its sequence number."""
        # = rfc6940:6.3.2.1/3 test
        right = self.lone.party(identity(2))
        octets = self.party.message((node_place(node_id(2)),), configuration_sequence=1)
        self.party.send(octets)
        found = decode(Message, right.heard()[0].octets, overlay().context)
        self.assertEqual(found.forwarding_header.configuration_sequence, 1)


class AdoptTests(SynchronousTestCase):
    """A document that whoever runs the node has fetched."""

    def setUp(self) -> None:
        """The peer follows configuration 1, and a party is linked."""
        self.lone = Lone(version(1))
        self.party = self.lone.party(identity(1))

    def adopt(self, octets: bytes) -> None:
        """The peer is to follow a document."""
        self.lone.do(
            self.lone.peer.perform(self.lone.peer.rooms.configuring.adopt(octets, self.lone.now), self.lone.now)
        )

    def test_adopt(self) -> None:
        """It is followed whoever has signed it, and the neighbours are sent it; one that is not newer is refused."""
        octets = document(2, STRANGER)
        self.adopt(octets)
        self.assertEqual(self.lone.peer.member.overlay.sequence, 2)
        bodies = [each.message.message_contents.message_body for each in self.party.heard()]
        self.assertEqual(bodies, [ConfigUpdateReq(ConfigUpdateType.config, octets)])
        for old in (octets, document(1)):
            with self.assertRaises(Refusal):
                self.adopt(old)

    def test_bad_node(self) -> None:
        """Who is a bad-node in it is sent nothing, but goes."""
        self.adopt(document(2, bad=1))
        self.assertEqual(self.party.heard(), [])
        self.assertEqual([each.link for each in self.lone.others if isinstance(each, Close)], [self.party.link])

    def test_smaller_messages(self) -> None:
        """Links that are there, and links made before, follow a smaller max-message-size."""
        early = FramedStream(self.lone.peer.member.overlay.context)
        self.assertEqual(len(self.party.send(self.party.message(None, PING, LARGE))), 1)
        self.adopt(sized(2, 5000))
        large = self.party.message(None, PING, LARGE, configuration_sequence=2)
        self.assertEqual(self.party.send(large)[-1].error, TOO_LARGE)
        self.assertEqual([each.link for each in self.lone.others if isinstance(each, Close)], [self.party.link])
        self.lone.do(self.lone.peer.up(Up(9, None, identity(3).certificates, early), self.lone.now))
        effects = self.lone.peer.received(9, framed(0, large), self.lone.now)
        self.assertEqual([each.link for each in effects if isinstance(each, Close)], [9])

    def test_larger_messages(self) -> None:
        """They follow a larger one too, and so do fragments."""
        lone = self.lone = Lone(overlay_of(read(sized(1, 5000))[0].configuration))
        party = lone.party(identity(1))
        self.adopt(sized(2, 20000))
        large = party.message(None, PING, LARGE, configuration_sequence=2)
        self.assertEqual([each.error for each in party.send(large)], [None])
        again = party.message(None, PING, LARGE, configuration_sequence=2)
        answers = [answer for each in split(again, 1200, LENIENT) for answer in party.send(each)]
        self.assertEqual([each.error for each in answers], [None])


class SequenceTests(SynchronousTestCase):
    """Which of two numbers is newer."""

    def test_modulo(self) -> None:
        """After 65534 comes 0; a number is newer than those less than half the circle before it."""
        # = rfc6940:6.3.2.1/2b test
        # = rfc6940:6.3.2.1/7 test
        self.assertTrue(newer(0, 65534))
        self.assertFalse(newer(65534, 0))
        self.assertTrue(newer(100, 65500))
        self.assertFalse(newer(7, 7))
        for one in (0, 1, 30_000, 65_534):
            for other in (2, 32_000, 60_000):
                self.assertEqual(newer(one, other) + newer(other, one), one != other)
