"""A telephone with all that goes with it: whom it is, what it is asked by others."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.media.offer_answer.capabilities import speaking
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.offer import Wish
from disco_ref.peer.effects import Transmit
from disco_ref.peer.element import Element
from disco_ref.peer.telephone import telephone
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import Message, Request, Response, read
from disco_ref.sip.respond import respond
from disco_ref.sip.session.identity import Invitation, Way
from disco_ref.sip.transport.listening import listening
from disco_ref.sip.uri import read_uri

PEER = Address("192.0.2.11", 5060)
HERE = Address("192.0.2.1", 5060)
OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n"


class Phone:
    """A telephone in its element, with a peer over UDP."""

    def __init__(self) -> None:
        count = iter(range(1, 1 << 20))
        able = speaking({4: HERE.host}, {4: 4000})
        self.node = telephone("sip:bob@192.0.2.1", able, lambda size: next(count).to_bytes(size, "big"))
        ways = [listening(Transport.UDP, HERE), listening(Transport.TLS, HERE._replace(port=5061))]
        self.element = Element(ways, self.node.core, lambda size: next(count).to_bytes(size, "big"))
        self.now = Instant(1000.0)

    def hear(self, octets: bytes) -> list[Message]:
        """A datagram of the peer, and what is said to it."""
        return self._said(self.element.receive(octets, Flow(Transport.UDP, HERE, PEER), self.now))

    def wait(self, seconds: float) -> list[Message]:
        """Time passes."""
        self.now = Instant(self.now + seconds)
        return self._said(self.element.expire(self.now))

    def _said(self, effects: list[object] | object) -> list[Message]:
        assert isinstance(effects, list)
        return [read(each.octets) for each in effects if isinstance(each, Transmit)]

    def answer(self, request: Message, status: int, *lines: str, body: bytes = b"") -> list[Message]:
        """The peer answers."""
        assert isinstance(request, Request)
        more = ["Content-Type: application/sdp"] if body else []
        return self.hear(
            bytes(respond(request, status, None, ["Contact: <sip:p@192.0.2.11>", *lines, *more], body, "x"))
        )


def asked(
    method: str, *lines: str, uri: str = "sip:bob@192.0.2.1", to: str = "", number: int = 1, body: bytes = b""
) -> bytes:
    """A request of the peer."""
    rows = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP 192.0.2.11;branch=z9hG4bK-{method}-{number}",
        "From: <sip:p@192.0.2.11>;tag=p",
        f"To: {to or f'<{uri}>'}",
        "Call-ID: c",
        f"CSeq: {number} {method}",
        "Contact: <sip:p@192.0.2.11>",
        *(["Content-Type: application/sdp"] if body else []),
        *lines,
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*rows, "", ""]).encode() + body


def status(messages: list[Message]) -> int:
    """That of the only response, or of the first of all."""
    first = messages[0]
    assert isinstance(first, Response)
    return first.status_code


class AskedTests(SynchronousTestCase):
    """Requests from outside."""

    def test_somebody_else(self) -> None:
        """Another user is not here (rfc3261:8.2.2.1/5); the host alone is, too."""
        # = rfc3261:8.2.2.1/5 test
        self.assertEqual(status(Phone().hear(asked("OPTIONS", uri="sip:carol@192.0.2.1"))), 404)
        self.assertEqual(status(Phone().hear(asked("OPTIONS", uri="sip:192.0.2.1"))), 200)
        self.assertEqual(status(Phone().hear(asked("OPTIONS"))), 200)

    def test_subscriptions_to_nothing(self) -> None:
        """A SUBSCRIBE for a REFER that never was gets 403, for another package 489."""
        # = rfc3515:2.4.4/6 test
        self.assertEqual(status(Phone().hear(asked("SUBSCRIBE", "Event: refer"))), 403)
        self.assertEqual(status(Phone().hear(asked("SUBSCRIBE", "Event: presence"))), 489)

    def test_the_order_of_formats(self) -> None:
        """An answer keeps that of the offer."""
        # = rfc3264:6.1/17b test
        *_, answer = Phone().hear(asked("INVITE", body=OFFER))
        self.assertIn(b"m=audio 4000 RTP/AVP 8 0", answer.body)

    def call(self, phone: Phone) -> str:
        """A call that stands: the To of the phone."""
        *_, answer = phone.hear(asked("INVITE", "Recv-Info: x", body=OFFER))
        to = str(answer.headers.to)
        self.assertEqual(answer.headers.texts("recv-info"), [""])
        phone.hear(asked("ACK", to=to))
        return to

    def test_packages_of_info(self) -> None:
        """One that was not invited gets 469 whatever its body is; a body that nobody reads gets 415."""
        # = rfc6086:4.2.2/1 test
        phone = Phone()
        to = self.call(phone)
        strange = asked("INFO", "Info-Package: x", to=to, number=2, body=b"y").replace(
            b"application/sdp", b"text/plain"
        )
        self.assertEqual(status(phone.hear(strange)), 469)
        plain = asked("INFO", to=to, number=3, body=b"y").replace(b"application/sdp", b"text/strange")
        self.assertEqual(status(phone.hear(plain)), 415)
        self.assertEqual(status(phone.hear(asked("INFO", to=to, number=4))), 200)

    def test_referrals_are_taken_on(self) -> None:
        """202, NOTIFY, INVITE without what a URI must not set, and how it ended."""
        # = rfc3515:2.4.2/2 test
        phone = Phone()
        target = "Refer-To: <sip:q@192.0.2.11;keep=me?Subject=x&Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>"
        accepted, *rest = phone.hear(asked("REFER", target))
        self.assertEqual(status([accepted]), 202)
        notify, invite = (each for each in rest if isinstance(each, Request))
        self.assertEqual(
            (notify.method, invite.method, str(invite.request_uri)), ("NOTIFY", "INVITE", "sip:q@192.0.2.11;keep=me")
        )
        self.assertEqual(invite.headers.texts("replaces"), ["a;to-tag=1;from-tag=2"])
        self.assertEqual(invite.headers.texts("subject"), [])
        phone.answer(notify, 200)
        phone.answer(invite, 486)
        last = [each for each in phone.wait(2.0) if isinstance(each, Request) and each.method == "NOTIFY"]
        self.assertIn(b"SIP/2.0 486", last[0].body)
        self.assertIn("terminated", last[0].headers.texts("subscription-state")[0])

    def test_what_a_uri_must_not_set(self) -> None:
        """Line ends in a Replaces make no header of their own: the REFER is refused."""
        injected = "Refer-To: <sip:q@192.0.2.11?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2%0D%0ARoute%3A%20x>"
        self.assertEqual(status(Phone().hear(asked("REFER", injected))), 400)

    def test_other_referrals_are_declined(self) -> None:
        """Other methods than INVITE, and web pages."""
        self.assertEqual(status(Phone().hear(asked("REFER", "Refer-To: <sip:q@192.0.2.11;method=BYE>"))), 603)
        self.assertGreaterEqual(status(Phone().hear(asked("REFER", "Refer-To: <http://192.0.2.11/>"))), 400)


class ActingTests(SynchronousTestCase):
    """What it does by itself."""

    def test_contacts(self) -> None:
        """A secure call gets a Contact where TLS is heard."""
        # = rfc3261:12.1.1/4 test
        identity = Phone().node.calls.identity
        self.assertEqual(identity.contact_by().uri_text, "sip:bob@192.0.2.1:5060")
        self.assertEqual(identity.contact_by(True, Way(Transport.TLS, False)).uri_text, "sips:bob@192.0.2.1:5061")

    def test_a_change_that_met_another_is_tried_again(self) -> None:
        """After 491, within two seconds for who did not begin the call; not after another refusal."""
        # = rfc3261:14.1/10 test
        for refusal, again in ((491, True), (488, False)):
            phone = Phone()
            *_, answer = phone.hear(asked("INVITE", body=OFFER))
            phone.hear(asked("ACK", to=str(answer.headers.to)))
            calls = phone.node.calls
            actions = phone.node.phone.hold(calls.ids()[0], (Wish("audio", Direction.sendonly),), phone.now)
            effects = phone.element.perform(phone.node.settle(actions, phone.now), phone.now)
            (hold,) = [read(each.octets) for each in effects if isinstance(each, Transmit)]
            phone.answer(hold, refusal)
            later = [each for each in phone.wait(2.1) if isinstance(each, Request) and each.method == "INVITE"]
            with self.subTest(refusal):
                self.assertEqual([each.body == hold.body for each in later], [True] if again else [])

    def test_an_answer_with_two_vias_is_dropped(self) -> None:
        """The INVITE goes on as if it had never come."""
        # = rfc3261:8.1.3.3/1 test
        phone = Phone()
        actions = phone.node.phone.dial(Invitation(read_uri("sip:p@192.0.2.11")), phone.now)[1]
        effects = phone.element.perform(phone.node.settle(actions, phone.now), phone.now)
        (invite,) = [read(each.octets) for each in effects if isinstance(each, Transmit)]
        assert isinstance(invite, Request)
        answer = bytes(respond(invite, 200, None, ["Contact: <sip:p@192.0.2.11>"], OFFER, "x"))
        astray = answer.replace(b"\r\nFrom:", b"\r\nVia: SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKx\r\nFrom:", 1)
        self.assertEqual(phone.hear(astray), [])
        self.assertEqual(
            [each.method for each in phone.answer(invite, 200, body=OFFER) if isinstance(each, Request)], ["ACK"]
        )

    def test_a_late_cancel_has_the_tag_of_its_invite(self) -> None:
        """It changes nothing otherwise."""
        # = rfc3261:9.2/3 test
        phone = Phone()
        *_, answer = phone.hear(asked("INVITE", body=OFFER))
        (cancel,) = phone.hear(asked("CANCEL").replace(b"z9hG4bK-CANCEL", b"z9hG4bK-INVITE"))
        self.assertEqual(status([cancel]), 200)
        self.assertEqual(cancel.headers.to.tag, answer.headers.to.tag)
