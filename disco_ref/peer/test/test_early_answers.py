"""A telephone whose offer is answered before the call is (RFC 3261, section 13.2.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.effects import Deliver, Transmit
from disco_ref.peer.phone import Talking
from disco_ref.peer.test.test_telephone import OFFER, PEER, Phone
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import Request, read
from disco_ref.sip.respond import respond
from disco_ref.sip.session.identity import Invitation
from disco_ref.sip.uri import read_uri

HERE = Address("192.0.2.1", 5060)


class EarlyAnswers(SynchronousTestCase):
    """Bob calls."""

    def setUp(self) -> None:
        """The INVITE is out."""
        self.phone = Phone()
        actions = self.phone.node.phone.dial(Invitation(read_uri("sip:p@192.0.2.11")), self.phone.now)[1]
        effects = self.phone.element.perform(self.phone.node.settle(actions, self.phone.now), self.phone.now)
        (self.invite,) = [read(each.octets) for each in effects if isinstance(each, Transmit)]

    def answered(self, status: int, tag: str, port: int = 0) -> list[Address | None]:
        """A response with or without an answer; where media goes from now on."""
        assert isinstance(self.invite, Request)
        lines = ["Contact: <sip:p@192.0.2.11>", *(["Content-Type: application/sdp"] if port else [])]
        body = OFFER.replace(b"4000", str(port).encode()) if port else b""
        octets = bytes(respond(self.invite, status, None, lines, body, tag))
        flow = Flow(Transport.UDP, HERE, PEER)
        effects = self.phone.element.receive(octets, flow, self.phone.now)
        told = [each.event for each in effects if isinstance(each, Deliver)]
        return [stream.address for event in told if isinstance(event, Talking) for stream in event.agreement]

    def test_first_answer_holds(self) -> None:
        """The first answer in a dialog holds; what later responses bring is not looked at."""
        # = rfc3261:13.2.1/12a test
        # = rfc3261:13.2.1/12b test
        self.assertEqual([*self.answered(183, "x", 5000), *self.answered(180, "x", 5002)], [])
        self.assertEqual(self.answered(200, "x", 5004), [Address("192.0.2.11", 5000)])

    def test_not_repeated(self) -> None:
        """The 200 need not bring it again."""
        self.answered(183, "x", 5000)
        self.assertEqual(self.answered(200, "x"), [Address("192.0.2.11", 5000)])

    def test_of_another_branch(self) -> None:
        """The answer of another branch is none here."""
        self.answered(183, "y", 5000)
        self.assertEqual(self.answered(200, "x", 5004), [Address("192.0.2.11", 5004)])
