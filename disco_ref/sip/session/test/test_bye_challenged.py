"""A BYE that has to prove who sends it (RFC 3261, sections 15 and 22)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import ResponseReceived
from disco_ref.sip.message import Request
from disco_ref.sip.respond import respond
from disco_ref.sip.session.events import CallId
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, FLOW, Pair, request_of
from disco_ref.sip.session.test.test_reinvite_refused import authorize

ONE = CallId("1")


class Challenged(SynchronousTestCase):
    """Alice, who has credentials, hangs up."""

    def setUp(self) -> None:
        """The BYE is out, and nothing comes back by itself."""
        self.pair = Pair(authorize)
        self.alice = self.pair.alice
        self.pair.call()
        self.pair.do(self.pair.bob, self.pair.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.alice.sent.clear()
        self.pair.lost = lambda side, message: True
        self.pair.do(self.alice, self.alice.calls.hang_up(ONE, self.pair.now))

    def answered(self, status: int) -> Request:
        """The last BYE is answered; the last message after that."""
        _, owner, request = [each for each in self.pair._clients.values() if each[2].method == "BYE"][-1]
        event = ResponseReceived(owner, respond(request, status), request, FLOW)
        self.pair.do(self.alice, self.alice.calls.heard(event, self.pair.now))
        return request_of(self.alice.messages[-1])

    def over(self) -> None:
        """The dialog is gone, and the call once no copy of its 2xx can come any more."""
        self.assertEqual((len(self.alice.dialogs), self.alice.calls.state(ONE)), (0, State.TERMINATED))
        self.pair.passes(33)
        self.assertEqual((len(self.alice.calls), self.alice.sent), (0, ["BYE", "BYE"]))

    def test_again(self) -> None:
        """It is sent once more with credentials, under the next number; then the call is over."""
        first = request_of(self.alice.messages[-1])
        again = self.answered(401)
        self.assertEqual(self.alice.sent, ["BYE", "BYE"])
        self.assertEqual(again.headers.cseq.number, first.headers.cseq.number + 1)
        self.assertIn("authorization", again.headers)
        self.answered(200)
        self.over()

    def test_not_for_ever(self) -> None:
        """Whoever is not content with that gets no third one."""
        self.answered(401)
        self.answered(401)
        self.assertEqual(self.alice.sent, ["BYE", "BYE"])
        self.over()
