"""Offers of the other side that wait for their answer (RFC 3264, section 4; RFC 3311, section 5.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import Action, CancelRequest
from disco_ref.sip.session.events import CallId, OfferDue, OfferReceived, OfferWithdrawn
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, OFFER, Pair, Side

ONE = CallId("1")


class Open(SynchronousTestCase):
    """Alice and Bob talk; Alice offers another session, which Bob has not answered yet."""

    def offer(self, side: Side, method: str) -> list[Action]:
        """Somebody offers another session."""
        calls = side.calls
        return (calls.update if method == "UPDATE" else calls.reinvite)(ONE, OFFER, self.pair.now)

    def offered(self, method: str) -> None:
        """The call stands, and Alice has offered."""
        self.pair = Pair()
        self.alice, self.bob = self.pair.alice, self.pair.bob
        self.pair.call()
        self.pair.do(self.bob, self.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.alice.sent.clear()
        self.bob.sent.clear()
        self.pair.do(self.alice, self.offer(self.alice, method))
        self.assertIsInstance(self.bob.told[-1], OfferReceived)

    def test_none_against_it(self) -> None:
        """Bob makes no offer of his own meanwhile, by whatever method; it is due when he has answered."""
        # = rfc3311:5.1/1b test
        for method in ("UPDATE", "INVITE"):
            for own in ("UPDATE", "INVITE"):
                self.offered(method)
                self.assertEqual(self.offer(self.bob, own), [])
                self.pair.do(self.bob, self.bob.calls.answer(ONE, ANSWER, self.pair.now))
                self.assertEqual((self.bob.sent, self.bob.told[-1]), ([f"200 {method}"], OfferDue(ONE, own)))

    def test_none_beside_its_own(self) -> None:
        """Nor does Bob make one while his own, in a reliable provisional response, waits for the PRACK."""
        # = rfc3311:5.1/1b test
        self.pair = Pair()
        self.bob = self.pair.bob
        self.pair.call(b"")
        self.pair.lost = lambda side, message: True
        self.pair.do(self.bob, self.bob.calls.ring(ONE, self.pair.now, 183, OFFER, reliable=True))
        self.assertEqual(self.bob.sent, ["183 INVITE"])
        self.assertEqual(self.offer(self.bob, "UPDATE"), [])

    def test_cancelled(self) -> None:
        """A re-INVITE that is cancelled gets 487: its offer is withdrawn, and the session stays."""
        # = rfc3261:9.2/2 test
        self.offered("INVITE")
        _, owner = [key for key in self.pair._invites if key[0] == "alice"][-1]
        self.pair.do(self.alice, [CancelRequest(owner, ())])
        self.assertEqual(self.bob.sent, ["200 CANCEL", "487 INVITE"])
        self.assertEqual((self.bob.told[-1], self.bob.calls.state(ONE)), (OfferWithdrawn(ONE), State.CONFIRMED))
