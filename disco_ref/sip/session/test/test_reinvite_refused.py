"""A re-INVITE that is challenged, or not answered (RFC 3261, sections 14.1 and 22)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import Owner, RequestFailed, ResponseReceived
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import respond
from disco_ref.sip.session.events import CallEnded, CallId, OfferRefused, Why
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, FLOW, OFFER, Pair, Side

ONE = CallId("1")


def authorize(response: Response, request: Request) -> Request | None:
    """Credentials for everybody."""
    return request._replace(headers=request.headers.with_lines(['Authorization: Digest username="alice"']))


class Refused(SynchronousTestCase):
    """Alice, who has credentials, and Bob talk; Alice wants another session."""

    def setUp(self) -> None:
        """The re-INVITE is out, and nothing comes back by itself."""
        self.pair = Pair(authorize)
        self.alice = self.pair.alice
        self.pair.call()
        self.pair.do(self.pair.bob, self.pair.bob.calls.accept(ONE, ANSWER, self.pair.now))
        self.alice.sent.clear()
        self.pair.lost = lambda side, message: True
        self.pair.do(self.alice, self.alice.calls.reinvite(ONE, OFFER, self.pair.now))

    def asked(self) -> list[tuple[Side, Owner, Request]]:
        """Every INVITE so far."""
        return [each for each in self.pair._clients.values() if each[2].method == "INVITE"]

    def challenged(self) -> list[str]:
        """The re-INVITE is answered by 401; what Alice has sent by then."""
        _, owner, request = self.asked()[-1]
        event = ResponseReceived(owner, respond(request, 401), request, FLOW)
        self.pair.do(self.alice, self.alice.calls.heard(event, self.pair.now))
        return self.alice.sent

    def test_again(self) -> None:
        """A challenge is answered by the same INVITE with credentials, in the next number."""
        self.assertEqual(self.challenged(), ["INVITE", "INVITE"])
        first, again = self.alice.messages[-2:]
        assert isinstance(first, Request) and isinstance(again, Request)
        self.assertEqual(again.headers.cseq.number, first.headers.cseq.number + 1)
        self.assertEqual((again.body, "authorization" in again.headers), (OFFER, True))

    def test_overtaken(self) -> None:
        """What becomes of those that were sent before is of no interest any more."""
        self.challenged()
        self.challenged()
        for _, owner, request in self.asked()[1:3]:
            failed = RequestFailed(owner, 408, "nobody", request)
            self.assertEqual(self.alice.calls.heard(failed, self.pair.now), [])
        self.assertEqual((self.alice.sent, self.alice.calls.state(ONE)), (["INVITE"] * 3, State.CONFIRMED))

    def test_not_after_the_end(self) -> None:
        """Who has hung up meanwhile tries nothing again."""
        self.pair.do(self.alice, self.alice.calls.hang_up(ONE, self.pair.now))
        before = [*self.alice.sent]
        self.assertEqual(self.challenged(), before)

    def test_unanswered(self) -> None:
        """Without any answer the call is over, and BYE is sent."""
        # = rfc3261:12.2.1.2/2 test
        self.pair.times_out(self.alice, "INVITE")
        self.assertEqual(self.alice.sent, ["INVITE", "BYE"])
        refused, ended = self.alice.told[-2:]
        assert isinstance(refused, OfferRefused) and isinstance(ended, CallEnded)
        self.assertEqual((refused.status, ended.why), (408, Why.LOST))
