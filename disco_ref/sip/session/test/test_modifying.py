"""Changes to a session between two user agents (RFC 3261, section 14; RFC 3311)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.header.plain.retry_after import RETRY_AFTER
from disco_ref.sip.message import Request, Response
from disco_ref.sip.session.description import declined
from disco_ref.sip.session.events import (
    CallConfirmed,
    CallEnded,
    CallId,
    OfferAnswered,
    OfferDue,
    OfferReceived,
    OfferRefused,
    OfferWithdrawn,
    Why,
)
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, OFFER, Pair

ONE = CallId("1")


class Modifying(SynchronousTestCase):
    """A call that stands."""

    def setUp(self) -> None:
        """Alice and Bob talk."""
        self.pair = Pair()
        self.alice, self.bob = self.pair.alice, self.pair.bob
        self.pair.call()
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.alice.sent.clear()
        self.bob.sent.clear()

    def test_reinvite(self) -> None:
        """A re-INVITE of the callee is answered, acknowledged and told, in one dialog."""
        self.pair.do(self.bob, self.bob.calls.reinvite(ONE, OFFER, self.pair.now))
        offered = self.alice.told[-1]
        assert isinstance(offered, OfferReceived)
        self.assertEqual((offered.method, offered.body), ("INVITE", OFFER))
        self.pair.do(self.alice, self.alice.calls.answer(ONE, ANSWER, self.pair.now))
        self.assertEqual(self.bob.sent, ["INVITE", "ACK"])
        answered = self.bob.told[-1]
        assert isinstance(answered, OfferAnswered)
        self.assertEqual((answered.body, answered.offer), (ANSWER, False))
        self.assertIsInstance(self.alice.told[-1], CallConfirmed)
        self.assertEqual(len(self.alice.dialogs), 1)

    def test_reinvite_without_offer(self) -> None:
        """A re-INVITE without offer gets one in the 200 and answers it in the ACK."""
        # = rfc3261:13.2.1/13 test
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, b"", self.pair.now))
        self.pair.do(self.bob, self.bob.calls.answer(ONE, OFFER, self.pair.now))
        offered = self.alice.told[-1]
        assert isinstance(offered, OfferAnswered)
        self.assertEqual((offered.body, offered.offer), (OFFER, True))
        self.assertEqual(self.alice.sent, ["INVITE"])
        self.pair.do(self.alice, self.alice.calls.answer(ONE, ANSWER, self.pair.now))
        self.assertEqual(self.alice.sent, ["INVITE", "ACK"])
        confirmed = self.bob.told[-1]
        assert isinstance(confirmed, CallConfirmed)
        self.assertEqual(confirmed.answer, ANSWER)

    def test_offer_of_no_use(self) -> None:
        """Who cannot use the offer in the 200 to a re-INVITE declines it in the ACK, and sends BYE."""
        # = rfc3261:14.2/12 test
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, b"", self.pair.now))
        self.pair.do(self.bob, self.bob.calls.answer(ONE, OFFER, self.pair.now))
        self.pair.do(self.alice, self.alice.calls.hang_up(ONE, self.pair.now))
        self.assertEqual(self.alice.sent, ["INVITE", "ACK", "BYE"])
        self.assertEqual(self.alice.messages[-2].body, declined(OFFER))

    def test_refused(self) -> None:
        """A refused re-INVITE leaves the call as it was."""
        # = rfc3261:14.1/9 test
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))
        self.pair.do(self.bob, self.bob.calls.refuse(ONE, self.pair.now))
        refused = self.alice.told[-1]
        assert isinstance(refused, OfferRefused)
        self.assertEqual((refused.status, self.alice.calls.state(ONE)), (488, State.CONFIRMED))

    def test_withdrawn(self) -> None:
        """Hanging up while a re-INVITE waits answers it with 487 and ends the call."""
        # = rfc3261:15.1.2/6 test
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))
        self.pair.do(self.alice, self.alice.calls.hang_up(ONE, self.pair.now))
        self.assertEqual(self.bob.sent, ["200 BYE", "487 INVITE"])
        self.assertNotIn(OfferWithdrawn, [type(event) for event in self.bob.told])

    def test_glare(self) -> None:
        """Two re-INVITEs at once get 491 both; the callee, who did not choose the Call-ID, may try again first."""
        # = rfc3261:14.2/2 test
        # = rfc3261:14.1/10 test
        # = rfc3261:14.1/11 test
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now), deliver=False)
        self.pair.do(self.bob, self.bob.calls.reinvite(ONE, OFFER, self.pair.now))
        self.assertEqual(self.alice.sent, ["INVITE", "491 INVITE"])
        self.assertEqual(self.bob.sent, ["INVITE", "491 INVITE"])
        first, second = self.bob.timers[("call", "1"), "glare"], self.alice.timers[("call", "1"), "glare"]
        self.assertTrue(0 <= first - self.pair.now <= 2.0)
        self.assertTrue(2.1 <= second - self.pair.now <= 4.0)
        self.pair.passes(4.1)
        self.assertEqual(self.alice.told[-1], OfferDue(ONE, "INVITE"))
        self.assertEqual(self.bob.told[-1], OfferDue(ONE, "INVITE"))
        self.pair.do(self.bob, self.bob.calls.reinvite(ONE, OFFER, self.pair.now))
        self.assertIsInstance(self.alice.told[-1], OfferReceived)

    def test_second_invite(self) -> None:
        """A second INVITE before the first is answered gets 500 and a Retry-After of 0 to 10 seconds."""
        # = rfc3261:14.2/1a test
        # = rfc3261:14.2/1b test
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))
        dialog = self.alice.calls.dialog(ONE)
        assert dialog is not None
        self.pair.do(self.alice, self.alice.calls.request(ONE, ("app",), "INVITE"), deliver=False)
        self.pair.lost = lambda side, message: isinstance(message, Response)
        self.pair.deliver()
        answer = self.bob.messages[-1]
        assert isinstance(answer, Response)
        self.assertEqual(answer.status_code, 500)
        self.assertIn(answer.headers.one(RETRY_AFTER).seconds, range(11))

    def test_waits(self) -> None:
        """A re-INVITE while one is under way is not sent, and is due when that is done."""
        # = rfc3261:14.1/4 test
        # = rfc3261:14.1/5 test
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))
        self.assertEqual(self.alice.calls.reinvite(ONE, ANSWER, self.pair.now), [])
        self.pair.do(self.bob, self.bob.calls.answer(ONE, ANSWER, self.pair.now))
        self.assertEqual(self.alice.sent, ["INVITE", "ACK"])
        self.assertEqual(self.alice.told[-1], OfferDue(ONE, "INVITE"))

    def test_out_of_order(self) -> None:
        """A request whose number is lower than one before gets 500 and changes nothing."""
        # = rfc3261:12.2.2/4 test
        dialog = self.bob.calls.dialog(ONE)
        assert dialog is not None
        dialog.remote_number = 99
        self.pair.do(self.alice, self.alice.calls.hang_up(ONE, self.pair.now))
        self.assertEqual(self.bob.sent, ["500 BYE"])
        self.assertEqual(self.bob.calls.state(ONE), State.CONFIRMED)

    def test_no_dialog(self) -> None:
        """BYE and re-INVITE of a dialog that is not known get 481; the sender ends its call."""
        # = rfc3261:15.1.2/1 test
        # = rfc3261:12.2.2/2 test
        # = rfc3261:12.2.1.2/2 test
        dialog = self.bob.calls.dialog(ONE)
        assert dialog is not None
        self.bob.dialogs.leave(dialog, ("call", "1"))
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))
        self.assertEqual(self.bob.sent, ["481 INVITE", "481 BYE"])
        self.assertEqual(self.alice.sent, ["INVITE", "BYE"])
        ends = [event.why for event in self.alice.told if isinstance(event, CallEnded)]
        self.assertEqual(ends, [Why.LOST])

    def test_update(self) -> None:
        """UPDATE with an offer is answered by the application, one without refreshes the target."""
        self.pair.do(self.alice, self.alice.calls.update(ONE, OFFER, self.pair.now))
        offered = self.bob.told[-1]
        assert isinstance(offered, OfferReceived)
        self.assertEqual(offered.method, "UPDATE")
        self.pair.do(self.bob, self.bob.calls.answer(ONE, ANSWER, self.pair.now))
        answered = self.alice.told[-1]
        assert isinstance(answered, OfferAnswered)
        self.assertEqual((answered.method, answered.body), ("UPDATE", ANSWER))
        self.pair.do(self.bob, self.bob.calls.update(ONE, b"", self.pair.now))
        self.assertEqual(self.alice.sent, ["UPDATE", "200 UPDATE"])

    def test_updates_meet(self) -> None:
        """An UPDATE with an offer that meets another gets 491; a second one before the answer gets 500."""
        # = rfc3311:5.2/2 test
        # = rfc3311:5.2/1a test
        self.pair.do(self.alice, self.alice.calls.update(ONE, OFFER, self.pair.now), deliver=False)
        self.pair.do(self.bob, self.bob.calls.update(ONE, OFFER, self.pair.now))
        self.assertEqual(self.alice.sent, ["UPDATE", "491 UPDATE"])
        self.assertEqual(self.bob.sent, ["UPDATE", "491 UPDATE"])
        self.pair.do(self.alice, self.alice.calls.update(ONE, OFFER, self.pair.now))
        self.pair.do(self.alice, self.alice.calls.update(ONE, b"", self.pair.now))
        self.assertEqual(self.bob.sent[-1], "500 UPDATE")

    def test_reinvite_without_its_ack(self) -> None:
        """A re-INVITE that overtakes the ACK to the first 200 counts as that ACK."""
        pair = Pair()
        pair.lost = lambda side, message: isinstance(message, Request) and message.method == "ACK"
        pair.call()
        pair.do(pair.bob, pair.bob.calls.accept(ONE, ANSWER, pair.now))
        pair.do(pair.alice, pair.alice.calls.reinvite(ONE, OFFER, pair.now))
        self.assertEqual([type(event) for event in pair.bob.told[-2:]], [CallConfirmed, OfferReceived])
        self.assertEqual(pair.bob.timers, {})
