"""Calls between two user agents: what is sent, what is told, what is left (RFC 3261, sections 13 and 15)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.message import Request, Response
from disco_ref.sip.session.call import NotNow
from disco_ref.sip.session.events import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallFailed,
    CallId,
    CallOffered,
    CallProgressed,
    Why,
)
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, OFFER, Pair

ONE = CallId("1")


class Answered(SynchronousTestCase):
    """A call that is answered."""

    def setUp(self) -> None:
        """Alice has called, Bob has been told."""
        self.pair = Pair()
        self.alice, self.bob = self.pair.alice, self.pair.bob
        self.ours = self.pair.call()

    def talk(self) -> None:
        """Bob rings and accepts."""
        self.pair.do(self.bob, self.bob.calls.ring(ONE, self.pair.now))
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))

    def test_offered(self) -> None:
        """The INVITE brings its offer to whoever decides."""
        (offered,) = self.bob.told
        assert isinstance(offered, CallOffered)
        self.assertEqual((offered.call, offered.offer), (ONE, OFFER))

    def test_confirmed_on_both_sides(self) -> None:
        """180, 200 and ACK make one confirmed dialog at either side, with each other's tags."""
        # = rfc3261:13.2.2/5 test
        # = rfc3261:13.2.2/3a test
        self.talk()
        self.assertEqual(self.alice.sent, ["INVITE", "ACK"])
        self.assertEqual(self.bob.sent, ["180 INVITE", "200 INVITE"])
        self.assertEqual([type(event) for event in self.alice.told], [CallProgressed, CallAnswered])
        self.assertEqual([type(event) for event in self.bob.told], [CallOffered, CallConfirmed])
        mine, theirs = self.alice.calls.dialog(self.ours), self.bob.calls.dialog(ONE)
        assert mine is not None
        assert theirs is not None
        self.assertEqual((mine.id.local_tag, mine.id.remote_tag), (theirs.id.remote_tag, theirs.id.local_tag))
        self.assertFalse(mine.early or theirs.early)

    def test_hung_up_by_the_caller(self) -> None:
        """BYE gets 200, both are told, and nothing is left once copies of the 2xx cannot come any more."""
        # = rfc3261:15.1.1/1 test
        # = rfc3261:15.1.2/4a test
        self.talk()
        self.pair.do(self.alice, self.alice.calls.hang_up(self.ours, self.pair.now))
        self.assertEqual(self.alice.sent[-1], "BYE")
        self.assertEqual(self.bob.sent[-1], "200 BYE")
        ends = [side.told[-1] for side in (self.alice, self.bob)]
        self.assertEqual([end.why for end in ends if isinstance(end, CallEnded)], [Why.HUNG_UP, Why.REMOTE])
        self.pair.passes(33)
        self.assertEqual([len(side.calls) + len(side.dialogs) for side in (self.alice, self.bob)], [0, 0])
        self.assertEqual([side.timers for side in (self.alice, self.bob)], [{}, {}])

    def test_hung_up_by_the_callee(self) -> None:
        """A callee's BYE counts from its own first number and is answered."""
        self.talk()
        self.pair.do(self.bob, self.bob.calls.hang_up(ONE, self.pair.now))
        self.assertEqual(self.alice.sent[-1], "200 BYE")
        self.assertEqual(len(self.bob.calls), 0)

    def test_2xx_until_ack(self) -> None:
        """The 2xx comes again after T1, doubled up to T2, until its ACK; each copy is acknowledged anew."""
        # = rfc3261:13.2.2/10 test
        lost = iter([True, True, True])
        self.pair.lost = lambda side, message: (
            isinstance(message, Request) and message.method == "ACK" and next(lost, False)
        )
        self.talk()
        self.pair.passes(32)
        self.assertEqual(self.bob.sent, ["180 INVITE", "200 INVITE", *["again 200 INVITE"] * 3])
        self.assertEqual(self.alice.sent, ["INVITE", *["ACK"] * 4])
        self.assertEqual(self.bob.calls.state(ONE), State.CONFIRMED)

    def test_no_ack(self) -> None:
        """After 64*T1 without ACK the callee ends the call by BYE."""
        # = rfc3261:13.3.1.4/4 test
        self.pair.lost = lambda side, message: isinstance(message, Request) and message.method == "ACK"
        self.talk()
        self.pair.passes(31.9)
        self.assertNotIn("BYE", self.bob.sent)
        # 0.5, 1.5, 3.5, 7.5, 11.5 ... 31.5
        self.assertEqual(self.bob.sent.count("again 200 INVITE"), 10)
        self.pair.passes(0.2)
        self.assertEqual(self.bob.sent[-1], "BYE")
        end = self.bob.told[-1]
        assert isinstance(end, CallEnded)
        self.assertEqual(end.why, Why.NO_ACK)

    def test_bye_waits_for_the_ack(self) -> None:
        """A callee that hangs up before the ACK sends BYE only when it has come."""
        # = rfc3261:15/4 test
        self.pair.lost = lambda side, message: isinstance(message, Response) and message.status_code == 200
        self.talk()
        self.pair.do(self.bob, self.bob.calls.hang_up(ONE, self.pair.now))
        self.assertNotIn("BYE", self.bob.sent)
        self.pair.lost = lambda side, message: False
        self.pair.passes(0.5)
        self.assertEqual(self.bob.sent[-1], "BYE")
        self.assertEqual(self.alice.sent[-2:], ["ACK", "200 BYE"])

    def test_rejected(self) -> None:
        """A rejection is told to both, and leaves nothing."""
        self.pair.do(self.bob, self.bob.calls.reject(ONE, 486, self.pair.now))
        failed = self.alice.told[-1]
        assert isinstance(failed, CallFailed)
        self.assertEqual((failed.status, failed.cancelled), (486, False))
        self.assertEqual([len(side.calls) for side in (self.alice, self.bob)], [0, 0])

    def test_cancelled(self) -> None:
        """CANCEL gets 200 and the INVITE 487, with one To tag."""
        # = rfc3261:9.2/2 test
        # = rfc3261:9.2/3 test
        self.pair.do(self.bob, self.bob.calls.ring(ONE, self.pair.now))
        self.pair.do(self.alice, self.alice.calls.cancel(self.ours, self.pair.now))
        self.assertEqual(self.bob.sent, ["180 INVITE", "200 CANCEL", "487 INVITE"])
        failed, end = self.alice.told[-1], self.bob.told[-1]
        assert isinstance(failed, CallFailed)
        assert isinstance(end, CallEnded)
        self.assertEqual((failed.status, failed.cancelled, end.why), (487, True, Why.CANCELLED))
        self.assertEqual([len(side.calls) + len(side.dialogs) for side in (self.alice, self.bob)], [0, 0])

    def test_cancel_crosses_200(self) -> None:
        """The 200 that a CANCEL meets on its way is acknowledged, and the call ended by BYE."""
        # = rfc3261:13.2.2/11 test
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now), deliver=False)
        self.pair.do(self.alice, self.alice.calls.cancel(self.ours, self.pair.now))
        self.assertEqual(self.alice.sent, ["INVITE", "CANCEL", "ACK", "BYE"])
        self.assertEqual(self.bob.sent[-1], "200 BYE")

    def test_bye_lost(self) -> None:
        """A BYE without response ends the call all the same."""
        # = rfc3261:15.1.1/2 test
        self.talk()
        self.pair.lost = lambda side, message: True
        self.pair.do(self.bob, self.bob.calls.hang_up(ONE, self.pair.now))
        self.pair.times_out(self.bob, "BYE")
        self.assertEqual(len(self.bob.calls), 0)

    def test_not_now(self) -> None:
        """What the state does not allow is refused, and changes nothing."""
        self.talk()
        with self.assertRaises(NotNow):
            self.bob.calls.accept(ONE, ANSWER, self.pair.now)
        with self.assertRaises(NotNow):
            self.alice.calls.cancel(self.ours, self.pair.now)
        with self.assertRaises(NotNow):
            self.bob.calls.ring(CallId("7"), self.pair.now)
        self.assertEqual(self.bob.calls.state(ONE), State.CONFIRMED)
