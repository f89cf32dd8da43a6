"""Tests of calls in an overlay: registered, looked up, attached, called, all in virtual time (RFC 7904; RFC 3261)."""

from __future__ import annotations

import dataclasses
import re

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.media.offer_answer.capabilities import speaking
from disco_ref.peer.element import Core
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.telephony import OverlayElement
from disco_ref.peer.overlay.test.members import user
from disco_ref.peer.overlay.test.rings import FIRST, Ring
from disco_ref.peer.overlay.test.usages import overlay_with_usages
from disco_ref.peer.phone import Called, Ended, Failed, Talking
from disco_ref.peer.telephone import telephone
from disco_ref.reload.actions import Action, Pass
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.overlay import overlay_of
from disco_ref.reload.registries import ApplicationId
from disco_ref.sip.flow import Flow, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.session.identity import Invitation
from disco_ref.sip.uri import SipUri, read_uri
from disco_ref.usage.address_of_record import address_of_record, gruu
from disco_ref.usage.calling import NotReached, Reached
from disco_ref.usage.locating import NotRegistered
from disco_ref.usage.registering import Registered, Registering, RegistrationRemoved

CALLER, CALLED = 1, 4


def aor(which: int) -> SipUri:
    """The address-of-record of a member."""
    return address_of_record(f"sip:{user(which)}")


class Overheard(OverlayElement):
    """An element that remembers what its links have brought."""

    def __init__(self, core: Core, peer: Peer, host: str) -> None:
        super().__init__(core, peer, host)
        self.begins: list[str] = []
        """The first words of each message."""

    def received(self, octets: bytes, flow: Flow, now: Instant) -> list[Action]:
        """Octets of one or more messages."""
        starts = re.findall(rb"^(?:([A-Z]+) sips?:|SIP/2.0 (\d+))", octets, re.MULTILINE)
        self.begins += [(method or status).decode() for method, status in starts]
        return super().received(octets, flow, now)


class Subscriber:
    """A member with a telephone that speaks over links only."""

    def __init__(self, ring: Ring, which: int) -> None:
        self.ring, self.which = ring, which
        self.place, peer = ring.places[which], ring.peers[which]
        self.overlay = peer.member.overlay
        host = f"10.0.0.{FIRST % 256 + which}"
        self.phone = telephone(str(aor(which)), speaking({4: host}, {4: 4000}), ring.network.entropy)
        self.sip = Overheard(self.phone.core, peer, host)
        self.calling = self.sip.calling
        self.registering = Registering(peer.member, peer.chord)
        self.gruu = gruu(aor(which), (node_place(peer.member.node_id),), self.overlay.context)
        contact = Contact(None, str(self.gruu))
        self.phone.calls.identity = dataclasses.replace(self.phone.calls.identity, contact=contact, contacts={})
        self.place.events.clear()

    def register(self) -> None:
        """Register the own address-of-record."""
        now = self.ring.network.now
        self.ring.network.order(self.place, self.registering.register_route(aor(self.which), now))

    def reach(self, text: str, application: ApplicationId = ApplicationId.SIP) -> object:
        """Reach somebody; what is told."""
        now = self.ring.network.now
        actions = self.calling.reach(("test",), read_uri(text), now, application=application)
        self.ring.network.order(self.place, actions)
        self.ring.network.run(5)
        (event,) = [each for each in self.heard() if isinstance(each, Reached | NotReached)]
        return event

    def dial(self, target: str, flow: Flow | None = None) -> None:
        """Call somebody, over a flow or by whatever way there is."""
        now = self.ring.network.now
        _, actions = self.phone.phone.dial(Invitation(read_uri(target), flow=flow), now)
        self.ring.network.order(self.place, self.sip.perform(self.phone.settle(actions, now), now))

    def hang_up(self) -> None:
        """End all calls."""
        now = self.ring.network.now
        actions = self.phone.settle(self.phone.phone.leave(now), now)
        self.ring.network.order(self.place, self.sip.perform(actions, now))

    def heard(self) -> list[object]:
        """What was told since the last time."""
        events, self.place.events = self.place.events, []
        return events

    def kinds(self) -> list[type]:
        """Of what was told since the last time."""
        return [type(each) for each in self.heard()]


class CallTests(SynchronousTestCase):
    """Two members of a ring and their telephones."""

    def setUp(self) -> None:
        """A ring of six."""
        self.ring = Ring(6, of=overlay_with_usages())
        self.caller, self.called = Subscriber(self.ring, CALLER), Subscriber(self.ring, CALLED)

    def register(self) -> None:
        """The one that is called registers."""
        self.called.register()
        self.ring.network.run(5)
        self.assertEqual(self.called.kinds(), [Registered])

    def test_call(self) -> None:
        """A peer calls another one by its address-of-record: INVITE, 200, ACK and BYE go over the link, and nothing else does."""
        # = rfc7904:7/0 test
        # = rfc3261:13.2.2.4/0 test
        self.register()
        reached = self.caller.reach(str(aor(CALLED)))
        assert isinstance(reached, Reached)
        self.assertEqual(reached.node_id, self.called.ring.peers[CALLED].member.node_id)
        self.assertIs(reached.flow.transport, Transport.TCP)
        self.called.heard()
        self.caller.dial(reached.target, reached.flow)
        self.ring.network.run(2)
        self.assertIn(Talking, self.caller.kinds())
        self.assertEqual([each for each in self.called.kinds() if each in (Called, Talking)], [Called, Talking])
        self.caller.hang_up()
        self.ring.network.run(2)
        self.assertEqual(self.caller.kinds(), [Ended])
        self.assertEqual(self.called.kinds(), [Ended])
        self.assertEqual(self.called.sip.begins, ["INVITE", "ACK", "BYE"])
        self.assertEqual(self.caller.sip.begins, ["180", "200", "200"])
        for each in (CALLER, CALLED):
            self.assertEqual(len(self.ring.peers[each].applications.links), 1)

    def test_found_by_itself(self) -> None:
        """An INVITE to an address-of-record or a GRUU finds its way by itself; what follows goes to the GRUU in Contact."""
        # = rfc7904:7/0 test
        self.register()
        for target, links in ((str(aor(CALLED)), 1), (str(self.called.gruu), 1), (f"sips:{user(CALLED)}", 2)):
            self.called.sip.begins = []
            self.caller.dial(target)
            self.ring.network.run(5)
            self.assertIn(Talking, self.caller.kinds(), target)
            self.caller.hang_up()
            self.ring.network.run(2)
            self.assertEqual(self.caller.kinds(), [Ended])
            self.assertEqual(self.called.sip.begins, ["INVITE", "ACK", "BYE"])
            self.assertEqual(len(self.ring.peers[CALLER].applications.links), links)

    def test_datagrams(self) -> None:
        """Where links are made by ICE they carry SIP as UDP does, and what is lost comes again; sips is refused, and why is said."""
        # = rfc7904:7/0 test
        # = rfc6940:6.5.2.2/3 test
        with_ice = overlay_of(dataclasses.replace(overlay_with_usages().configuration, no_ice=False))
        self.ring = Ring(6, of=with_ice)
        self.caller, self.called = Subscriber(self.ring, CALLER), Subscriber(self.ring, CALLED)
        self.register()
        self.caller.dial(f"sips:{user(CALLED)}")
        self.ring.network.run(5)
        refused = self.caller.heard()
        self.assertEqual([type(each) for each in refused], [Failed])
        self.assertEqual(len(self.ring.peers[CALLER].applications.links), 0)
        self.caller.dial(str(aor(CALLED)))
        self.ring.network.run(5)
        self.assertIn(Talking, self.caller.kinds())
        flow = self.caller.calling.flow_to(self.ring.peers[CALLED].member.node_id)
        self.assertIs(flow and flow.transport, Transport.UDP)
        (link,) = self.ring.peers[CALLER].applications.links
        away = self.caller.place.ends.pop(link)
        self.caller.hang_up()
        self.ring.network.run(1)
        self.assertEqual(self.called.sip.begins, ["INVITE", "ACK"])
        self.caller.place.ends[link] = away
        self.ring.network.run(5)
        self.assertEqual(self.caller.kinds(), [Ended])
        self.assertEqual(self.called.sip.begins, ["INVITE", "ACK", "BYE"])

    def test_new_link(self) -> None:
        """A dialog outlives its link: the next request finds the GRUU of the other side over a new one."""
        # = rfc7904:7/0 test
        self.register()
        self.caller.dial(str(aor(CALLED)))
        self.ring.network.run(5)
        flow = self.caller.calling.flow_to(self.ring.peers[CALLED].member.node_id)
        assert flow is not None
        self.ring.network.order(self.caller.place, self.caller.calling.release(flow))
        self.ring.network.run(1)
        self.called.heard()
        self.called.hang_up()
        self.ring.network.run(5)
        self.assertEqual(self.called.kinds(), [Ended])
        self.assertIn(Ended, self.caller.kinds())

    def test_garbage(self) -> None:
        """Octets that are no SIP cost the link, at both ends, and nothing else: the next call makes a new one."""
        # = rfc3261:18.3/4 test
        self.register()
        reached = self.caller.reach(str(aor(CALLED)))
        assert isinstance(reached, Reached)
        garbage = b"INVITE sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\n"
        self.ring.network.order(self.caller.place, [Pass(reached.flow.number, garbage)])
        self.ring.network.run(2)
        for each in (CALLER, CALLED):
            self.assertEqual(len(self.ring.peers[each].applications.links), 0)
        self.caller.heard()
        self.caller.dial(str(aor(CALLED)))
        self.ring.network.run(5)
        self.assertIn(Talking, self.caller.kinds())

    def test_lost(self) -> None:
        """Where the other side dies in a call, whoever hangs up is told that the call is over, and keeps nothing."""
        self.register()
        self.caller.dial(str(aor(CALLED)))
        self.ring.network.run(5)
        self.ring.network.crash(self.called.place)
        self.ring.network.run(5)
        self.assertEqual(len(self.ring.peers[CALLER].applications.links), 0)
        self.caller.heard()
        self.caller.hang_up()
        self.ring.network.run(120)
        self.assertEqual(self.caller.kinds(), [Ended])
        self.assertEqual(len(self.caller.phone.phone), 0)
        held = self.caller.sip.element.held
        self.assertEqual((held["transactions"], held["sending"], held["streams"]), (0, 0, 0))

    def test_nobody_found(self) -> None:
        """An INVITE to somebody who is nowhere fails; one that is cancelled while its way is looked for goes to nobody."""
        # = rfc7904:7/0 test
        self.caller.dial(str(aor(3)))
        self.ring.network.run(10)
        (failed,) = self.caller.heard()
        assert isinstance(failed, Failed)
        self.assertEqual((failed.status, failed.cancelled), (503, False))
        self.register()
        self.caller.dial(str(aor(CALLED)))
        self.caller.hang_up()
        self.ring.network.run(40)
        (failed,) = self.caller.heard()
        self.assertIsInstance(failed, Failed)
        self.assertEqual(self.called.sip.begins, [])

    def test_hang_up_of_the_called(self) -> None:
        """The one that was called ends the call over the same link."""
        self.register()
        reached = self.caller.reach(str(aor(CALLED)), ApplicationId.SIP_5061)
        assert isinstance(reached, Reached)
        self.assertIs(reached.flow.transport, Transport.TLS)
        self.caller.dial(reached.target, reached.flow)
        self.ring.network.run(2)
        self.caller.heard()
        self.called.hang_up()
        self.ring.network.run(2)
        self.assertEqual(self.caller.kinds(), [Ended])

    def test_gruu(self) -> None:
        """By its GRUU an instance is reached without any look-up, registered or not; a link that is up is used again."""
        # = rfc7904:7/0 test
        first = self.caller.reach(str(self.called.gruu))
        second = self.caller.reach(str(self.called.gruu))
        assert isinstance(first, Reached) and isinstance(second, Reached)
        self.assertEqual(first.flow, second.flow)
        self.assertEqual(self.caller.calling.node_at(first.flow), self.ring.peers[CALLED].member.node_id)
        self.assertEqual(self.caller.calling._calls, {}, "nothing is kept of what has been told")

    def test_nobody(self) -> None:
        """An address-of-record that nobody has registered leads nowhere, nor does one that was removed again."""
        event = self.caller.reach(str(aor(CALLED)))
        assert isinstance(event, NotReached)
        self.assertIsInstance(event.why, NotRegistered)
        self.register()
        now = self.ring.network.now
        self.ring.network.order(self.called.place, self.called.registering.remove(aor(CALLED), now))
        self.ring.network.run(5)
        self.assertEqual(self.called.kinds(), [RegistrationRemoved])
        self.assertIsInstance(self.caller.reach(str(aor(CALLED))), NotReached)

    def test_gone(self) -> None:
        """A registration that leads to a node which is not there, to oneself, or to who wants no calls, leads nowhere; it is said."""
        # = rfc7904:7/0 test
        network = self.ring.network
        for way in (b"\x05" * 16, self.ring.peers[CALLER].member.node_id, self.ring.peers[3].member.node_id):
            registered = self.called.registering.register_route(aor(CALLED), network.now, way=(node_place(way),))
            network.order(self.called.place, registered)
            network.run(5)
            self.caller.heard()
            actions = self.caller.calling.reach(("test",), aor(CALLED), network.now)
            network.order(self.caller.place, actions)
            network.run(60)
            (event,) = self.caller.heard()
            self.assertIsInstance(event, NotReached)

    def test_other_name(self) -> None:
        """An address-of-record that stands for another one is followed; two that stand for each other lead nowhere, and end."""
        # = rfc7904:7/0 test
        self.register()
        other, now = Subscriber(self.ring, 2), self.ring.network.now
        self.ring.network.order(other.place, other.registering.register_uri(aor(2), aor(CALLED), now))
        self.ring.network.run(5)
        self.assertIsInstance(self.caller.reach(str(aor(2))), Reached)
        actions = self.called.registering.register_uri(aor(CALLED), aor(2), now)
        self.ring.network.order(self.called.place, actions)
        self.ring.network.run(5)
        self.assertIsInstance(self.caller.reach(str(aor(2))), NotReached)

    def test_refreshed(self) -> None:
        """A registration outlives its lifetime, because it is stored again; one whose node is gone does not."""
        now = self.ring.network.now
        actions = self.called.registering.register_route(aor(CALLED), now, lifetime=60)
        self.ring.network.order(self.called.place, actions)
        self.ring.network.run(150)
        self.assertEqual(self.called.kinds().count(Registered), 4)
        self.assertIsInstance(self.caller.reach(str(aor(CALLED))), Reached)
        self.ring.network.crash(self.called.place)
        self.ring.network.run(100)
        event = self.caller.reach(str(aor(CALLED)))
        assert isinstance(event, NotReached)
        self.assertIsInstance(event.why, NotRegistered)

    def test_kept_alive(self) -> None:
        """The side that has wanted a link gives signs of life on it while a call stands, and none when it is closed."""
        # = rfc6940:6.5.2.1/0 test
        self.register()
        reached = self.caller.reach(str(aor(CALLED)))
        assert isinstance(reached, Reached)
        self.caller.dial(reached.target, reached.flow)
        self.ring.network.run(2)
        before = self.caller.place.sent
        self.ring.network.run(300)
        self.assertGreaterEqual(self.caller.place.sent - before, 12)
        self.assertEqual(len(self.ring.peers[CALLED].applications.links), 1)
        self.ring.network.order(self.caller.place, self.caller.calling.release(reached.flow))
        self.ring.network.run(1)
        self.assertIsNone(self.caller.calling.flow_to(reached.node_id))
        self.assertEqual(len(self.ring.peers[CALLED].applications.links), 0)
