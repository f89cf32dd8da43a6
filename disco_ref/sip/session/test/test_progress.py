"""Provisional responses, reliable and not (RFC 3261, section 13.3.1.1; RFC 3262)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import RequestReceived, SendResponse
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.identity.rack import RSEQ
from disco_ref.sip.message import Message, Request, Response
from disco_ref.sip.session.events import (
    CallAnswered,
    CallEnded,
    CallFailed,
    CallId,
    CallProgressed,
    OfferAnswered,
    OfferReceived,
    Why,
)
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, FLOW, OFFER, Pair, Side

ONE = CallId("1")


class Progress(SynchronousTestCase):
    """A call that rings."""

    def setUp(self) -> None:
        """Two user agents."""
        self.pair = Pair()
        self.alice, self.bob = self.pair.alice, self.pair.bob

    def ring(self, body: bytes = b"", reliable: bool | None = None) -> None:
        """Bob rings."""
        self.pair.do(self.bob, self.bob.calls.ring(ONE, self.pair.now, 183, body, reliable=reliable))

    def test_plain(self) -> None:
        """A response without a body needs no PRACK, and is sent again every minute."""
        # = rfc3261:13.3.1.1/3 test
        self.pair.call()
        self.ring()
        self.pair.passes(121)
        self.assertEqual(self.bob.sent, ["183 INVITE"] * 3)
        self.assertEqual(self.alice.sent, ["INVITE"])

    def test_required(self) -> None:
        """Who requires 100rel gets every provisional response reliably."""
        # = rfc3262:3/2 test
        # = rfc3262:4/6 test
        self.pair.call(lines=("Require: 100rel",))
        self.ring()
        self.ring()
        self.assertEqual(self.alice.sent, ["INVITE", "PRACK", "PRACK"])
        self.assertEqual(self.bob.sent, ["183 INVITE", "200 PRACK", "183 INVITE", "200 PRACK"])
        numbers = [
            message.headers.one(RSEQ)
            for message in self.bob.messages
            if isinstance(message, Response) and message.status_code == 183
        ]
        # = rfc3262:3/22 test
        self.assertEqual(numbers[1], numbers[0] + 1)

    def test_answer_in_it(self) -> None:
        """The answer in a reliable response is the answer: the 200 has none."""
        # = rfc3262:5/1 test
        self.pair.call()
        self.ring(ANSWER)
        progressed = self.alice.told[-1]
        assert isinstance(progressed, CallProgressed)
        self.assertEqual((progressed.body, progressed.offer), (ANSWER, False))
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        answered = self.alice.told[-1]
        assert isinstance(answered, CallAnswered)
        self.assertEqual((answered.body, answered.offer), (b"", False))
        self.assertEqual(self.bob.calls.state(ONE), State.CONFIRMED)

    def test_offer_in_it(self) -> None:
        """Without an offer in the INVITE, the reliable response makes it and the PRACK answers."""
        # = rfc3262:5/2 test
        # = rfc3262:5/3 test
        self.pair.call(body=b"")
        self.ring(OFFER)
        self.assertEqual(self.alice.sent, ["INVITE"])
        self.pair.do(self.alice, self.alice.calls.answer(ONE, ANSWER, self.pair.now))
        self.assertEqual(self.alice.sent, ["INVITE", "PRACK"])
        answered = self.bob.told[-1]
        assert isinstance(answered, OfferAnswered)
        self.assertEqual((answered.method, answered.body, self.bob.sent[-1]), ("PRACK", ANSWER, "200 PRACK"))
        self.pair.do(self.bob, self.bob.calls.accept(ONE, b"", self.pair.now))
        self.assertEqual(self.alice.calls.state(ONE), State.CONFIRMED)

    def test_200_waits_for_prack(self) -> None:
        """A 200 waits until the session description of a provisional response has been acknowledged."""
        # = rfc3262:3/25 test
        # = rfc3262:5/7 test
        self.pair.call()
        lost = iter([True, True])
        self.pair.lost = lambda side, message: (
            isinstance(message, Response) and message.status_code == 183 and next(lost, False)
        )
        self.ring(ANSWER)
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.assertEqual(self.bob.sent, ["183 INVITE"])
        self.pair.passes(2)
        self.assertEqual(self.bob.sent, ["183 INVITE", "183 INVITE", "183 INVITE", "200 PRACK", "200 INVITE"])

    def test_no_offer_to_make(self) -> None:
        """A reliable response that would have to make the offer is not sent without one."""
        # = rfc3262:5/2 test
        self.pair.call(body=b"", lines=("Require: 100rel",))
        self.ring()
        self.assertEqual(self.bob.sent, [])
        self.ring(OFFER)
        self.assertEqual(self.bob.sent, ["183 INVITE"])

    def test_reliable_minutes(self) -> None:
        """A reliable response is followed by another one after two and a half minutes, until the call is answered."""
        # = rfc3262:3/8 test
        self.pair.call()
        self.ring(ANSWER)
        self.pair.passes(301)
        self.assertEqual(self.bob.sent, ["183 INVITE", "200 PRACK"] * 3)
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.assertEqual(self.bob.timers, {})

    def test_late_prack(self) -> None:
        """A PRACK that the 200 has not waited for is answered all the same, once."""
        # = rfc3262:3/26b test
        self.pair.call()
        held: list[Message] = []

        def lost(side: Side, message: Message) -> bool:
            if isinstance(message, Request) and message.method == "PRACK":
                held.append(message)
                return True
            return False

        self.pair.lost = lost
        self.pair.do(self.bob, self.bob.calls.ring(ONE, self.pair.now, reliable=True))
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        (prack,) = held
        assert isinstance(prack, Request)
        another = [line.replace(f"{prack.headers.cseq.number} PRACK", "99 PRACK") for line in prack.headers.lines]
        for request, status in ((prack, 200), (prack._replace(headers=Headers(another)), 481)):
            (answer,) = self.bob.calls.heard(RequestReceived(("late",), request, FLOW), self.pair.now)
            assert isinstance(answer, SendResponse)
            self.assertEqual(answer.response.status_code, status)

    def test_no_prack(self) -> None:
        """Without PRACK in 64*T1 the INVITE is refused."""
        # = rfc3262:3/18 test
        self.pair.call()
        self.pair.lost = lambda side, message: isinstance(message, Request) and message.method == "PRACK"
        self.ring(ANSWER)
        self.pair.passes(33)
        self.assertEqual(self.bob.sent[-1], "504 INVITE")
        end = self.bob.told[-1]
        assert isinstance(end, CallEnded)
        self.assertEqual(end.why, Why.EXPIRED)

    def test_copies_are_discarded(self) -> None:
        """A copy of a reliable response gets no second PRACK."""
        # = rfc3262:4/9 test
        self.pair.call()
        self.pair.lost = lambda side, message: isinstance(message, Request) and message.method == "PRACK"
        self.ring(ANSWER)
        self.pair.passes(10)
        self.assertEqual(self.alice.sent, ["INVITE", "PRACK"])

    def test_prack_of_nothing(self) -> None:
        """A PRACK that nothing waits for gets 481."""
        # = rfc3262:3/15 test
        self.pair.call()
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.pair.do(
            self.alice,
            self.alice.calls.request(ONE, ("app", "x", "x"), "PRACK", ["RAck: 1 1 INVITE"]),
            deliver=False,
        )
        self.pair.lost = lambda side, message: isinstance(message, Response)
        self.pair.deliver()
        self.assertEqual(self.bob.sent[-1], "481 PRACK")

    def test_update_early(self) -> None:
        """After the answer in a reliable response either side may offer anew by UPDATE, before the call is answered."""
        # = rfc3311:5.1/1a test
        self.pair.call()
        self.ring(ANSWER)
        self.pair.do(self.alice, self.alice.calls.update(ONE, OFFER, self.pair.now))
        self.assertIsInstance(self.bob.told[-1], OfferReceived)
        self.pair.do(self.bob, self.bob.calls.answer(ONE, ANSWER, self.pair.now))
        self.assertEqual(self.bob.sent[-1], "200 UPDATE")

    def test_expires(self) -> None:
        """An invitation that is not answered in its time ends on both sides."""
        # = rfc3261:13.2.1/6 test
        # = rfc3261:13.3.1/1 test
        self.pair.call(expires=5)
        self.ring()
        self.pair.passes(6)
        failed, end = self.alice.told[-1], self.bob.told[-1]
        assert isinstance(failed, CallFailed)
        assert isinstance(end, CallEnded)
        self.assertEqual(failed.status, 487)
        self.assertEqual([len(side.calls) + len(side.dialogs) for side in (self.alice, self.bob)], [0, 0])
