"""Tests of who registers: playbooks of requests and what comes of them."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, RequestFailed, ResponseReceived, SendRequest, SetTimer, Tell, TimerPassed
from disco_ref.sip.digest.accounts import Account
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.header.plain.numbers import EXPIRES
from disco_ref.sip.message import Request
from disco_ref.sip.registration.registering import (
    Phase,
    Registered,
    Registration,
    RegistrationFailed,
    Unregistered,
    Wish,
)
from disco_ref.sip.respond import respond
from disco_ref.sip.uri import SipUri, read_uri

NOW = Instant(1_700_000_000.0)
FLOW = Flow(Transport.UDP, Address("192.0.2.9", 5060), Address("192.0.2.1", 5060))
CHALLENGE = 'WWW-Authenticate: Digest realm="example.com", nonce="n", qop="auth"'


def uri(text: str) -> SipUri:
    """A SIP URI from its text."""
    read = read_uri(text)
    assert isinstance(read, SipUri)
    return read


class Playbook(SynchronousTestCase):
    """A registration against a registrar that is played by hand."""

    def setUp(self) -> None:
        """Alice wants to be reached at her phone."""
        contact = Contact.of(uri("sip:alice@192.0.2.9"))
        routes = ROUTE.read("<sip:edge.example.com;lr>")
        self.wish = Wish(uri("sip:alice@example.com"), contact, routes=routes, lines=["User-Agent: x"])
        keyring = Keyring([Account("alice", "wonderland")], lambda count: bytes(count))
        self.registration = Registration("1", self.wish, keyring, lambda count: b"\x80" * count)
        self.sent: list[SendRequest] = []

    def do(self, actions: list[Action]) -> list[object]:
        """What is told and which timers are set; requests are kept."""
        self.sent += [each for each in actions if isinstance(each, SendRequest)]
        told: list[object] = [each.event for each in actions if isinstance(each, Tell)]
        return told + [each.at for each in actions if isinstance(each, SetTimer)]

    def answer(self, status: int, *lines: str, now: Instant = NOW) -> list[object]:
        """The last request is answered."""
        owner, request, *_ = self.sent[-1]
        response = respond(request, status, lines=lines, to_tag="r")
        return self.do(self.registration.heard(ResponseReceived(owner, response, request, FLOW), now))

    @property
    def last(self) -> Request:
        """The last request."""
        return self.sent[-1].request

    def test_kept_alive(self) -> None:
        """A binding is made, refreshed before it expires, with the same Call-ID and the next CSeq, and removed."""
        self.do(self.registration.register(NOW))
        # = rfc3261:10.2.6/1 test
        # = rfc3261:10.2/6 test
        self.assertEqual(str(self.last.request_uri), "sip:example.com")
        self.assertEqual(self.last.headers.one(EXPIRES), 3600)
        self.assertEqual(self.last.headers.texts("route"), ["<sip:edge.example.com;lr>"])
        told, timer = self.answer(200, "Contact: <sip:other@192.0.2.8>, <sip:%61lice@192.0.2.9>;expires=600")
        assert isinstance(told, Registered)
        self.assertEqual((told.until, timer), (NOW + 600, NOW + 568))
        first = self.last
        self.do(self.registration.heard(TimerPassed(("register", "1"), "refresh"), Instant(NOW + 568)))
        # = rfc3261:10.2/8 test
        # = rfc3261:10.2/9 test
        self.assertEqual(self.last.headers.call_id, first.headers.call_id)
        self.assertEqual(self.last.headers.cseq.number, first.headers.cseq.number + 1)
        self.answer(200, "Expires: 100")
        self.do(self.registration.unregister(NOW))
        # = rfc3261:10.2.4/1 test
        self.assertEqual(self.last.headers.texts("contact"), ["<sip:alice@192.0.2.9>"])
        self.assertEqual(self.last.headers.one(EXPIRES), 0)
        self.assertEqual(self.answer(200), [Unregistered("1"), None])
        self.assertEqual(self.registration.phase, Phase.IDLE)

    def test_challenge(self) -> None:
        """A challenge is answered once; a password that is rejected ends it."""
        self.do(self.registration.register(NOW))
        self.assertEqual(self.answer(401, CHALLENGE), [])
        self.assertIn("authorization", self.last.headers)
        told, timer = self.answer(401, CHALLENGE)
        # = rfc3261:22.1/13 test
        self.assertEqual((told, timer), (RegistrationFailed("1", 401, "Unauthorized", None), None))
        self.assertEqual((len(self.sent), self.registration.phase), (2, Phase.FAILED))

    def test_numbers_go_on_after_a_challenge(self) -> None:
        """The CSeq of the next refresh is above that of the answer to the challenge, and its credentials are there at once."""
        self.do(self.registration.register(NOW))
        self.answer(401, CHALLENGE)
        self.answer(200)
        self.do(self.registration.heard(TimerPassed(("register", "1"), "refresh"), NOW))
        self.assertEqual(self.last.headers.cseq.number, 3)
        self.assertIn("nc=00000002", str(self.last.headers.texts("authorization")))

    def test_redirected(self) -> None:
        """A 3xx makes no binding, every 2xx does."""
        for status, told, phase in ((299, Registered, Phase.REGISTERED), (300, RegistrationFailed, Phase.FAILED)):
            self.do(self.registration.register(NOW))
            self.assertIn(told, [type(each) for each in self.answer(status)])
            self.assertEqual(self.registration.phase, phase)

    def test_too_brief(self) -> None:
        """What the registrar finds too brief is asked for anew, as long as it wants; a registrar that wants no more is given up."""
        self.do(self.registration.register(NOW))
        self.answer(423, "Min-Expires: 7200")
        # = rfc3261:10.2.8/1 test
        self.assertEqual(self.last.headers.one(EXPIRES), 7200)
        told, _ = self.answer(423, "Min-Expires: 7200")
        self.assertEqual(told, RegistrationFailed("1", 423, "Interval Too Brief", None))

    def test_registrar_away(self) -> None:
        """A registrar that is away is tried again after ever longer times, or when it says; not at once."""
        self.do(self.registration.register(NOW))
        waits = []
        for _ in range(3):
            owner, request, *_ = self.sent[-1]
            told, again = self.do(self.registration.heard(RequestFailed(owner, 408, "silence", request), NOW))
            assert isinstance(told, RegistrationFailed)
            assert isinstance(again, float)
            waits.append(again - NOW)
            self.do(self.registration.heard(TimerPassed(("register", "1"), "refresh"), NOW))
        # = rfc3261:10.2.7/1 test
        self.assertTrue(waits[0] >= 15)
        self.assertTrue(waits[1] == 2 * waits[0] and waits[2] == 2 * waits[1], waits)
        _, again = self.answer(503, "Retry-After: 5000")
        self.assertEqual(again, NOW + 5000)
        self.assertEqual(self.registration.phase, Phase.WAITING)

    def test_removed_while_under_way(self) -> None:
        """A removal waits until the registration has been answered; a second wish to register does not make a second request."""
        self.do(self.registration.register(NOW))
        self.do(self.registration.register(NOW))
        self.do(self.registration.unregister(NOW))
        # = rfc3261:10.2/11 test
        self.assertEqual(len(self.sent), 1)
        self.answer(100)
        self.answer(200, "Contact: <sip:alice@192.0.2.9>;expires=600")
        self.assertEqual((len(self.sent), self.last.headers.one(EXPIRES)), (2, 0))
        told, _ = self.answer(500)
        self.assertEqual(told, RegistrationFailed("1", 500, "Server Internal Error", None))

    def test_removed_while_challenged(self) -> None:
        """The removal waits for the answer to the credentials too."""
        # = rfc3261:10.2/11 test
        self.do(self.registration.register(NOW))
        self.do(self.registration.unregister(NOW))
        self.answer(401, CHALLENGE)
        self.assertEqual([each.request.headers.one(EXPIRES) for each in self.sent], [3600, 3600])
        self.answer(200, "Contact: <sip:alice@192.0.2.9>;expires=600")
        self.assertEqual([each.request.headers.one(EXPIRES) for each in self.sent], [3600, 3600, 0])

    def test_odd_answers(self) -> None:
        """Malformed contacts count as none, answers to what is not under way are dropped."""
        self.do(self.registration.register(NOW))
        owner, request, *_ = self.sent[-1]
        told, _ = self.answer(200, "Contact: *", "Expires: x")
        self.assertEqual(told, Registered("1", Instant(NOW + 3600), ()))
        self.do(self.registration.heard(TimerPassed(("register", "1"), "refresh"), NOW))
        told, _ = self.answer(503, "Retry-After: x")
        assert isinstance(told, RegistrationFailed)
        again = self.registration.heard(ResponseReceived(owner, respond(request, 200), request, FLOW), NOW)
        self.assertEqual(again, [])
