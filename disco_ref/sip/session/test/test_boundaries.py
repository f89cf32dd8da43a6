"""Where the ranges of calls end: times, statuses, and what comes when its time is over."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import (
    AckReceived,
    RequestReceived,
    ResponseReceived,
    SendAck,
    SendRequest,
    SendResponse,
    Tell,
)
from disco_ref.sip.header.block import Headers
from disco_ref.sip.message import Request
from disco_ref.sip.respond import respond
from disco_ref.sip.session.description import SDP_LINE
from disco_ref.sip.session.events import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallFailed,
    CallId,
    CallOffered,
    OfferDue,
    OfferReceived,
)
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, FLOW, OFFER, Pair, request_of, reread, response_of, with_via
from disco_ref.sip.uri import read_uri

ONE = CallId("1")


class Boundaries(SynchronousTestCase):
    """Alice calls Bob, or has."""

    def setUp(self) -> None:
        """Nobody has called yet."""
        self.pair = Pair()
        self.alice, self.bob = self.pair.alice, self.pair.bob

    def waits(self, draw: int) -> list[float]:
        """How long Alice and Bob wait after their re-INVITEs have met, with such a random number."""
        pair = Pair()
        sides = pair.alice, pair.bob
        id = pair.call()
        pair.do(pair.bob, pair.bob.calls.accept(ONE, ANSWER, pair.now))
        for side in sides:
            side.calls._book.entropy = lambda count: draw.to_bytes(count, "big")
        pair.do(pair.alice, pair.alice.calls.reinvite(id, ANSWER, pair.now), deliver=False)
        pair.do(pair.bob, pair.bob.calls.reinvite(ONE, ANSWER, pair.now))
        return [round(side.timers[("call", "1"), "glare"] - pair.now, 3) for side in sides]

    def test_glare(self) -> None:
        """After 491 the owner of the Call-ID waits 2.1 to 4 seconds, the other side 0 to 2, both ends included."""
        # = rfc3261:14.1/11 test
        self.assertEqual(self.waits(0), [2.1, 0.0])
        self.assertEqual(self.waits(190), [4.0, 1.9])
        self.assertEqual(self.waits(191), [2.1, 1.91])
        self.assertEqual(self.waits(200), [2.19, 2.0])
        self.assertEqual(self.waits(201), [2.2, 0.0])

    def test_invited_until(self) -> None:
        """Who is invited until a time can answer up to it; then the INVITE gets 487."""
        # = rfc3261:13.3.1/1 test
        self.pair.call(lines=("Expires: 5",))
        self.pair.passes(4.9)
        self.assertEqual((self.bob.sent, [type(event) for event in self.bob.told]), ([], [CallOffered]))
        self.pair.passes(0.2)
        self.assertEqual((self.bob.sent, type(self.bob.told[-1])), (["487 INVITE"], CallEnded))

    def test_rejecting(self) -> None:
        """Only a final response that is no success rejects."""
        self.pair.call()
        for status in (100, 200, 299, 700):
            with self.assertRaises(ValueError):
                self.bob.calls.reject(ONE, status, self.pair.now)
        self.assertEqual(self.bob.sent, [])
        self.pair.do(self.bob, self.bob.calls.reject(ONE, 300, self.pair.now))
        self.pair.call()
        self.pair.do(self.bob, self.bob.calls.reject(CallId("2"), 699, self.pair.now))
        self.assertEqual(self.bob.sent, ["300 INVITE", "699 INVITE"])

    def test_due_with_the_ack(self) -> None:
        """Who wants another session while the ACK is out is told when it has come."""
        # = rfc3261:14.1/5 test
        self.pair.call()
        self.pair.lost = lambda side, message: side is self.alice
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        ack = self.alice.messages[-1]
        assert isinstance(ack, Request)
        self.assertEqual(self.bob.calls.reinvite(ONE, OFFER, self.pair.now), [])
        told = [
            each.event for each in self.bob.calls.heard(AckReceived(ack, FLOW), self.pair.now) if isinstance(each, Tell)
        ]
        self.assertEqual([type(each) for each in told], [CallConfirmed, OfferDue])

    def test_ack_after_another_invite(self) -> None:
        """Who is sent a re-INVITE before the ACK is confirmed by that, once: the ACK that comes late says nothing new."""
        self.pair.lost = lambda side, message: isinstance(message, Request) and message.method == "ACK"
        self.pair.call()
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        ack = request_of(self.alice.messages[-1])
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))
        self.assertEqual([type(each) for each in self.bob.told][1:], [CallConfirmed, OfferReceived])
        self.assertEqual((ack.method, self.bob.calls.heard(AckReceived(ack, FLOW), self.pair.now)), ("ACK", []))

    def test_ack_after_the_end(self) -> None:
        """The ACK to a re-INVITE that comes when the callee has hung up confirms nothing."""
        self.pair.call()
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.pair.lost = lambda side, message: isinstance(message, Request) and message.method in ("ACK", "BYE")
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))
        self.pair.do(self.bob, self.bob.calls.answer(ONE, ANSWER, self.pair.now))
        self.pair.do(self.bob, self.bob.calls.hang_up(ONE, self.pair.now))
        self.assertEqual((type(self.bob.told[-1]), self.bob.sent[-1]), (CallEnded, "BYE"))
        ack = request_of(self.alice.messages[-1])
        self.assertEqual((ack.method, self.bob.calls.heard(AckReceived(ack, FLOW), self.pair.now)), ("ACK", []))

    def heard(self, status: int, tag: str, body: bytes = b"") -> ResponseReceived:
        """A response to the INVITE of Alice."""
        _, owner, wired = self.pair._clients["1",]
        lines = [f"Contact: <sip:{tag}@192.0.2.3>", *([SDP_LINE] if body else [])]
        response = response_of(reread(respond(wired, status, lines=lines, body=body, to_tag=tag)))
        return ResponseReceived(owner, response, wired, FLOW)

    def test_cancelling(self) -> None:
        """An INVITE that is cancelled is given up 64*T1 after its CANCEL, which waits for a provisional response."""
        # = rfc3261:9.1/11a test
        self.pair.lost = lambda side, message: True
        id = self.pair.call()
        self.pair.do(self.alice, self.alice.calls.cancel(id, self.pair.now))
        self.pair.passes(20)
        self.pair.do(self.alice, self.alice.calls.heard(self.heard(180, "b"), self.pair.now))
        self.pair.passes(31.9)
        self.assertEqual(self.alice.calls.state(id), State.CANCELLING)
        self.pair.passes(0.2)
        self.assertEqual((type(self.alice.told[-1]), len(self.alice.calls)), (CallFailed, 0))

    def test_overtaken(self) -> None:
        """What another branch says after the call is answered changes nothing."""
        self.pair.call()
        answered = self.alice.calls.heard(self.heard(200, "b", ANSWER), self.pair.now)
        self.assertEqual(sum(isinstance(each, Tell) and isinstance(each.event, CallAnswered) for each in answered), 1)
        self.assertEqual(self.alice.calls.heard(self.heard(180, "c"), self.pair.now), [])
        self.assertEqual(len(self.alice.dialogs), 1)

    def test_acknowledged_without_answer(self) -> None:
        """The ACK to a 2xx that comes when all is over brings an answer only where the INVITE has made no offer."""
        # = rfc3261:13.2.2/5 test
        for offer, answered in ((ANSWER, False), (b"", True)):
            self.setUp()
            self.pair.call(offer)
            self.pair.do(self.bob, self.bob.calls.reject(ONE, 486, self.pair.now))
            self.assertEqual(len(self.alice.calls), 0)
            actions = self.alice.calls.heard(self.heard(200, "c", ANSWER), self.pair.now)
            (ack,) = [each.request for each in actions if isinstance(each, SendAck)]
            self.assertEqual(bool(ack.body), answered)
            self.assertEqual([each.request.method for each in actions if isinstance(each, SendRequest)], ["BYE"])

    def test_secure_contact(self) -> None:
        """The answer has a Contact of sips where the Request-URI, the first Record-Route, or without one Contact is of sips."""
        # = rfc3261:12.1.1/4 test
        for target, routes, contact, secure in (
            ("sips:bob@192.0.2.2", [], "<sip:a@192.0.2.1>", True),
            ("sip:bob@192.0.2.2", ["<sips:p;lr>", "<sip:q;lr>"], "<sip:a@192.0.2.1>", True),
            ("sip:bob@192.0.2.2", ["<sip:p;lr>", "<sips:q;lr>"], "<sips:a@192.0.2.1>", False),
            ("sip:bob@192.0.2.2", [], "<sips:a@192.0.2.1>", True),
            ("sip:bob@192.0.2.2", [], "<sip:a@192.0.2.1>", False),
        ):
            self.setUp()
            self.pair.lost = lambda side, message: True
            self.pair.call()
            invite = with_via(request_of(self.alice.messages[0]), "1")
            lines = [line for line in invite.headers.lines if not line.startswith("Contact")]
            lines[1:1] = [f"Contact: {contact}", *(f"Record-Route: {route}" for route in routes)]
            asked = request_of(reread(invite._replace(request_uri=read_uri(target), headers=Headers(lines))))
            self.bob.calls.heard(RequestReceived(("1",), asked, FLOW), self.pair.now)
            actions = self.bob.calls.accept(ONE, ANSWER, self.pair.now)
            (answer,) = [each.response for each in actions if isinstance(each, SendResponse)]
            self.assertEqual(answer.headers.texts("contact"), [f"<sip{'s' if secure else ''}:bob@192.0.2.2>"])
