"""The side that calls, against responses made by hand: forks, late offers, credentials (RFC 3261, section 13.2)."""

from __future__ import annotations

from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, CancelRequest, ResponseReceived, SendAck, SendRequest, Tell, TimerPassed
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import respond
from disco_ref.sip.session.description import SDP_LINE, declined
from disco_ref.sip.session.events import CallAnswered, CallFailed, CallId
from disco_ref.sip.session.identity import Invitation
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import ANSWER, FLOW, OFFER, Side, request_of, reread, response_of, with_via
from disco_ref.sip.uri import read_uri

NOW = Instant(1000)


class Caller(SynchronousTestCase):
    """Alice, and whoever answers her."""

    def setUp(self) -> None:
        """Nobody has been called."""
        self.alice = Side("alice", self.authorize)
        self.passwords = 0

    def authorize(self, response: Response, request: Request) -> Request | None:
        """Credentials, as long as there are any."""
        if not self.passwords:
            return None
        self.passwords -= 1
        return request._replace(headers=request.headers.with_lines(['Authorization: Digest username="alice"']))

    def call(self, invitation: Invitation) -> CallId:
        """Alice calls."""
        id, actions = self.alice.calls.invite(invitation, NOW)
        self.take(actions)
        return id

    def take(self, actions: Sequence[Action]) -> list[str]:
        """Keeps what was sent; its methods."""
        self.events = [action.event for action in actions if isinstance(action, Tell)]
        sent = [action for action in actions if isinstance(action, SendRequest)]
        if sent and sent[0].request.method == "INVITE":
            self.invite = sent[0]
            self.wired = request_of(reread(with_via(self.invite.request, "1")))
        self.sent = [action.request for action in actions if isinstance(action, SendRequest | SendAck)]
        return [request.method for request in self.sent]

    def answers(self, status: int, tag: str, body: bytes = b"", *lines: str) -> list[str]:
        """Somebody answers the INVITE."""
        every = [f"Contact: <sip:{tag}@192.0.2.3>", *([SDP_LINE] if body else []), *lines]
        response = response_of(reread(respond(self.wired, status, lines=every, body=body, to_tag=tag)))
        return self.take(self.alice.calls.heard(ResponseReceived(self.invite.owner, response, self.wired, FLOW), NOW))

    def test_invite(self) -> None:
        """An INVITE holds what it must: tag, Call-ID, Contact, Allow, Supported, Max-Forwards 70."""
        # = rfc3261:8.1.1/1 test
        # = rfc3261:8.1.1.3/2 test
        # = rfc3261:8.1.1.2/4 test
        # = rfc3261:13.2.1/1 test
        # = rfc3261:13.2.1/3 test
        self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        headers = self.wired.headers
        self.assertEqual(len(headers.from_.tag or ""), 16)
        self.assertIsNone(headers.to.tag)
        self.assertEqual(headers.texts("max-forwards"), ["70"])
        self.assertEqual(headers.texts("supported"), ["100rel, replaces"])
        self.assertEqual(headers.texts("contact"), ["<sip:alice@192.0.2.1>"])

    def test_sips(self) -> None:
        """A call to sips has a Contact of sips."""
        # = rfc3261:8.1.1.8/3 test
        self.call(Invitation(read_uri("sips:bob@example.com"), OFFER))
        self.assertEqual(self.wired.headers.texts("contact"), ["<sips:alice@192.0.2.1>"])

    def test_route(self) -> None:
        """A proxy that is configured goes into Route, a strict one into the Request-URI."""
        # = rfc3261:8.1.1.1/3 test
        target = read_uri("sip:bob@example.com")
        self.call(Invitation(target, OFFER, route=(Route(None, "sip:proxy;lr"),)))
        self.assertEqual(
            (str(self.wired.request_uri), self.wired.headers.texts("route")), (str(target), ["<sip:proxy;lr>"])
        )
        self.call(Invitation(target, OFFER, route=(Route(None, "sip:proxy"),)))
        self.assertEqual(
            (str(self.wired.request_uri), self.wired.headers.texts("route")), ("sip:proxy", [f"<{target}>"])
        )

    def test_forks(self) -> None:
        """Every branch that answers is acknowledged, the first is kept, the others end by BYE; copies get their ACK again."""
        # = rfc3261:13.2.2/5 test
        # = rfc3261:13.2.2/10 test
        # = rfc3261:13.2.2/11 test
        id = self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        self.assertEqual([*self.answers(180, "b1"), *self.answers(180, "b2")], [])
        self.assertEqual(len(self.alice.dialogs), 2)
        self.assertEqual(self.answers(200, "b2", ANSWER), ["ACK"])
        self.assertEqual([type(event) for event in self.events], [CallAnswered])
        self.assertEqual(self.answers(200, "b1", ANSWER), ["ACK", "BYE"])
        self.assertEqual({str(request.request_uri) for request in self.sent}, {"sip:b1@192.0.2.3"})
        self.assertEqual(self.events, [])
        self.assertEqual(self.answers(200, "b1", ANSWER), ["ACK"])
        self.assertEqual(self.answers(200, "b2", ANSWER), ["ACK"])
        self.assertEqual(len(self.alice.dialogs), 1)
        dialog = self.alice.calls.dialog(id)
        assert dialog is not None
        self.assertEqual(dialog.id.remote_tag, "b2")

    def test_late_offer(self) -> None:
        """The ACK waits for the answer to the offer in the 200; another branch's offer is declined at once."""
        # = rfc3261:13.2.1/13 test
        # = rfc3261:13.2.2/8 test
        id = self.call(Invitation(read_uri("sip:bob@example.com")))
        self.assertEqual(self.answers(200, "b1", OFFER), [])
        (answered,) = self.events
        assert isinstance(answered, CallAnswered)
        self.assertEqual((answered.body, answered.offer), (OFFER, True))
        self.assertEqual(self.answers(200, "b1", OFFER), [])
        self.assertEqual(self.answers(200, "b2", OFFER), ["ACK", "BYE"])
        self.assertIn(b"m=audio 0 RTP/AVP 0", self.sent[0].body)
        self.assertEqual(self.take(self.alice.calls.answer(id, ANSWER, NOW)), ["ACK"])
        self.assertEqual(self.sent[0].body, ANSWER)
        self.assertEqual(self.answers(200, "b1", OFFER), ["ACK"])

    def test_late_offer_hung_up(self) -> None:
        """Who hangs up on an offer declines it in the ACK and sends BYE."""
        # = rfc3261:13.2.2/9 test
        id = self.call(Invitation(read_uri("sip:bob@example.com")))
        self.answers(200, "b1", OFFER)
        self.assertEqual(self.take(self.alice.calls.hang_up(id, NOW)), ["ACK", "BYE"])
        self.assertEqual(self.sent[0].body, declined(OFFER))

    def test_credentials(self) -> None:
        """A 401 is answered by the same INVITE with credentials and the next number; the ACK has them too."""
        # = rfc3261:8.1.3.5/1 test
        # = rfc3261:8.1.3.5/6 test
        # = rfc3261:13.2.2/7 test
        self.passwords = 1
        self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        first = self.wired
        self.assertEqual(self.answers(401, "b1"), ["INVITE"])
        again = self.wired
        self.assertEqual(again.headers.cseq.number, first.headers.cseq.number + 1)
        self.assertEqual(again.headers.from_, first.headers.from_)
        self.assertEqual(len(again.headers.texts("via")), 1)
        self.assertEqual(self.answers(200, "b1", ANSWER), ["ACK"])
        self.assertIn("authorization", self.sent[0].headers)
        self.assertEqual(self.sent[0].headers.cseq.number, again.headers.cseq.number)

    def test_no_credentials(self) -> None:
        """Without credentials the 401 is the end."""
        self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        self.answers(401, "b1")
        (failed,) = self.events
        assert isinstance(failed, CallFailed)
        self.assertEqual(failed.status, 401)
        self.assertEqual(len(self.alice.calls), 0)

    def test_redirected(self) -> None:
        """A 3xx is told with its Contact; the call that follows goes on with From, To and Call-ID."""
        # = rfc3261:8.1.3.4/11a test
        self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        first = self.wired
        self.answers(302, "b1")
        (failed,) = self.events
        assert isinstance(failed, CallFailed)
        self.call(Invitation(read_uri("sip:b1@192.0.2.3"), OFFER, again=failed.request))
        headers = self.wired.headers
        self.assertEqual(
            (headers.from_, headers.to, headers.call_id), (first.headers.from_, first.headers.to, first.headers.call_id)
        )
        self.assertEqual(headers.cseq.number, first.headers.cseq.number + 1)

    def test_second_final(self) -> None:
        """What comes after the final response changes nothing."""
        # = rfc3261:13.2.2/2 test
        id = self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        self.answers(200, "b1", ANSWER)
        self.assertEqual((self.answers(486, "b1"), self.events), ([], []))
        self.assertEqual(self.alice.calls.state(id), State.CONFIRMED)

    def test_2xx_of_a_call_long_over(self) -> None:
        """A 2xx that no call waits for any more is acknowledged and ended all the same."""
        self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        self.answers(486, "b1")
        self.assertEqual(self.answers(200, "b2", ANSWER), ["ACK", "BYE"])

    def test_never_cancelled(self) -> None:
        """A cancelled INVITE that gets no final response is given up after 64*T1."""
        # = rfc3261:9.1/11a test
        id = self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        self.answers(180, "b1")
        actions = self.alice.calls.cancel(id, NOW)
        self.assertEqual(actions[0], CancelRequest(self.invite.owner))
        self.take(self.alice.calls.heard(TimerPassed(("call", id), "cancel"), Instant(NOW + 32)))
        (failed,) = self.events
        assert isinstance(failed, CallFailed)
        self.assertEqual((failed.cancelled, len(self.alice.calls), len(self.alice.dialogs)), (True, 0, 0))

    def test_unreliable_copies_of_nothing(self) -> None:
        """A reliable provisional response out of its turn is dropped without PRACK."""
        # = rfc3262:4/13a test
        self.call(Invitation(read_uri("sip:bob@example.com"), OFFER))
        self.assertEqual(self.answers(183, "b1", ANSWER, "Require: 100rel", "RSeq: 5"), ["PRACK"])
        self.assertEqual(self.sent[0].headers.texts("rack"), [f"5 {self.wired.headers.cseq}"])
        self.assertEqual(self.answers(183, "b1", b"", "Require: 100rel", "RSeq: 7"), [])
        self.assertEqual(self.events, [])
        self.assertEqual(self.answers(180, "b1", b"", "Require: 100rel", "RSeq: 6"), ["PRACK"])
