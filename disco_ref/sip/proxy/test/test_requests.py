"""Playbooks of the proxy: requests that come in, and their copies that go on (RFC 3261, sections 16.3 to 16.6)."""

from __future__ import annotations

from disco_ref.sip.actions import (
    AckReceived,
    SendAck,
)
from disco_ref.sip.digest.accounts import Account, Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.header.plain.numbers import MAX_FORWARDS
from disco_ref.sip.message import Request, read
from disco_ref.sip.proxy.test.stage import BOB, FLOW, NOW, TCP, TLS, UDP, Stage, request
from disco_ref.sip.test.entropy import entropy
from disco_ref.sip.transport.via import stamped


class Requests(Stage):
    """Validation, Route, targets and the copy."""

    def test_forwarded(self) -> None:
        """A request for a user goes to where the user is registered; nothing else about it changes."""
        self.assertEqual(self.arrives(request("INVITE", "sip:bob@EXAMPLE.com;user=phone", "X-Odd: (;")), [f"> {BOB}"])
        # = rfc3261:16.6/11 test
        # = rfc3261:16.6/13 test
        # = rfc3261:16.6/15 test
        # = rfc3261:16.6/19 test
        # = rfc3261:16.6/61 test
        self.assertEqual(
            [*self.copy.headers.lines],
            [
                "Record-Route: <sip:192.0.2.1:5060;lr>",
                "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa",
                "Max-Forwards: 69",
                "From: <sip:alice@example.com>;tag=1",
                "To: <sip:bob@example.com>",
                "Call-ID: c1",
                "CSeq: 1 INVITE",
                "X-Odd: (;",
                "Max-Breadth: 60",
                "Content-Length: 0",
            ],
        )

    def test_refused(self) -> None:
        """What may not be forwarded gets the status that says why; unknown methods are forwarded."""
        for message, status in (
            # = rfc3261:16.3/11 test
            (request(hops=0), 483),
            # = rfc3261:16.3/15 test
            (request("INVITE", "sip:bob@example.com", "Proxy-Require: x"), 420),
            # = rfc3261:16.3/8 test
            (request("INVITE", "tel:+1-201-555-0123"), 416),
            # = rfc3261:16.5/15 test
            (request("INVITE", "sip:carol@example.com"), 404),
            (request("INVITE", "sip:example.com"), 404),
            # = rfc3261:16.5/16a test
            # = rfc3261:16.5/16b test
            (request("INVITE", "sip:ben@example.com"), 480),
            (request("INVITE", "sips:bob@example.com"), 480),
        ):
            self.assertEqual(self.arrives(message), [status], message.request_uri)
            self.assertTrue(self.last.headers.to.tag)
        # = rfc3261:16.3/16 test
        self.arrives(request("INVITE", "sip:bob@example.com", "Proxy-Require: x"))
        self.assertEqual(self.last.headers.texts("unsupported"), ["x"])
        # = rfc3261:16.3/7 test
        self.assertEqual(self.arrives(request("ODD")), [f"> {BOB}"])
        self.assertEqual(len(self.proxy), 1)

    def test_no_max_forwards(self) -> None:
        """A request without Max-Forwards leaves with 70."""
        self.arrives(request(hops=None))
        # = rfc3261:16.6/14a test
        # = rfc3261:16.6/14b test
        self.assertEqual(self.copy.headers.one(MAX_FORWARDS), 70)

    def test_loop(self) -> None:
        """A request that comes back as it left is a loop; one that comes back for another user is a spiral."""
        self.bind("sip:bob@example.com", "sip:ben@example.com")
        self.arrives(request())
        back = [stamped(each.request, UDP, "z9hG4bKp" + each.mark) for each in self.sent]
        # = rfc3261:16.3/14 test
        self.assertEqual(self.arrives(back[0]), [482])
        # = rfc3261:16.6/57 test
        self.assertEqual(self.arrives(back[1]), [480])
        # = rfc3261:16.6/59 test
        mark = self.sent[0].mark
        self.bind(BOB)
        self.arrives(request("OPTIONS"))
        self.assertEqual(self.sent[-1].mark, mark)

    def test_other_domain(self) -> None:
        """A request for another domain goes there, whoever is registered here."""
        # = rfc3261:16.5/2a test
        self.assertEqual(self.arrives(request("INVITE", "sip:bob@example.org")), ["> sip:bob@example.org"])
        # = rfc3261:16.5/1a test
        self.assertEqual(
            self.arrives(request("INVITE", "sip:bob@example.com;maddr=192.0.2.77")),
            ["> sip:bob@example.com;maddr=192.0.2.77"],
        )
        # = rfc3261:16.4/5 test
        self.assertEqual(self.arrives(request("INVITE", "sip:bob@example.com;maddr=192.0.2.1")), [f"> {BOB}"])

    def test_own_routes(self) -> None:
        """The proxy takes itself off the Route, twice where it recorded both sides, and leaves the others."""
        lines = "Route: <sip:192.0.2.1:5060;lr>, <sip:192.0.2.1:5060;transport=tcp;lr>, <sip:next.example.net;lr>"
        self.arrives(request("BYE", "sip:bob@192.0.2.20", lines, tag=";tag=b"))
        # = rfc3261:16.4/6 test
        # = rfc3261:16.6/49 test
        self.assertEqual([each.uri_text for each in self.copy.headers.all(ROUTE)], ["sip:next.example.net;lr"])
        self.assertIsNone(self.sent[-1].target)
        self.assertNotIn("record-route", self.copy.headers)

    def test_strict_router_before(self) -> None:
        """A strict router before has put the proxy into the Request-URI: the last Route is where the request goes."""
        lines = "Route: <sip:next.example.net;lr>, <sip:bob@192.0.2.20>"
        # = rfc3261:16.4/2 test
        # = rfc3261:16.4/3 test
        self.assertEqual(self.arrives(request("BYE", "sip:192.0.2.1;lr", lines, tag=";tag=b")), [f"> {BOB}"])
        self.assertEqual([each.uri_text for each in self.copy.headers.all(ROUTE)], ["sip:next.example.net;lr"])
        self.assertEqual(self.arrives(request("BYE", "sip:192.0.2.1;lr", tag=";tag=b")), [404])

    def test_strict_router_behind(self) -> None:
        """For a strict router behind, its URI becomes the Request-URI, and the target the last Route."""
        lines = "Route: <sip:strict.example.net>, <sip:loose.example.net;lr>"
        # = rfc3261:16.6/42 test
        # = rfc3261:16.6/44 test
        self.assertEqual(self.arrives(request("BYE", BOB, lines, tag=";tag=b")), ["> sip:strict.example.net"])
        # = rfc3261:16.6/43 test
        self.assertEqual([each.uri_text for each in self.copy.headers.all(ROUTE)], ["sip:loose.example.net;lr", BOB])
        # = rfc3261:16.6/48 test
        self.assertEqual(str(self.sent[-1].target), "sip:strict.example.net")

    def test_secure(self) -> None:
        """A sips request goes to sips contacts only, over TLS, and the proxy records itself with sips."""
        self.bind(BOB, "sips:bob@192.0.2.21")
        flow = FLOW._replace(transport=Transport.TLS, local=TLS.address)
        self.assertEqual(self.arrives(request("INVITE", "sips:bob@example.com"), flow), ["> sips:bob@192.0.2.21"])
        # = rfc3261:16.6/23 test
        self.assertEqual(self.copy.headers.texts("record-route"), ["<sips:192.0.2.1:5061;lr>"])
        self.arrives(request("INVITE", "sips:bob@192.0.2.21", "Route: <sip:next.example.net;lr;transport=tcp>"), flow)
        # = rfc3261:16.6/50 test
        self.assertEqual(str(self.sent[-1].target), "sips:next.example.net;lr")

    def test_both_sides_recorded(self) -> None:
        """Where transports or address families differ, the proxy records itself once for each side."""
        tls = FLOW._replace(transport=Transport.TLS, local=TLS.address)
        for contact, flow, recorded in (
            (BOB + ";transport=tcp", FLOW, ["<sip:192.0.2.1:5060;transport=tcp;lr>", "<sip:192.0.2.1:5060;lr>"]),
            ("sip:bob@[2001:db8::2]", FLOW, ["<sip:[2001:db8::1]:5060;lr>", "<sip:192.0.2.1:5060;lr>"]),
            # = rfc3261:16.6/25 test
            (BOB, tls, ["<sip:192.0.2.1:5060;lr>", "<sip:192.0.2.1:5061;transport=tls;lr>"]),
        ):
            self.bind(contact)
            self.arrives(request(), flow)
            # = rfc5658:3/0 test
            self.assertEqual(self.copy.headers.texts("record-route"), recorded)

    def test_path_and_connection(self) -> None:
        """A contact with a Path is reached along it; one that registered over a connection, over that."""
        self.bind(BOB + ";method=INVITE?Subject=x", path=["<sip:edge.example.com;lr>"])
        # = rfc3261:16.6/12 test
        self.assertEqual(self.arrives(request()), [f"> {BOB}"])
        # = rfc3327:5.3/0 test
        self.assertEqual(self.copy.headers.texts("route"), ["<sip:edge.example.com;lr>"])
        flow = Flow(Transport.TCP, TCP.address, Address("192.0.2.20", 40000), 3)
        self.bind(BOB, flow=flow)
        self.arrives(request())
        self.assertEqual(self.sent[-1].flow, flow)
        self.assertEqual(self.copy.headers.texts("record-route")[0], "<sip:192.0.2.1:5060;transport=tcp;lr>")

    def test_odd_routes(self) -> None:
        """A Route that cannot be located is for whoever locates it to refuse; nothing is recorded for it."""
        for route in ("<tel:+1-201-555-0123>", "<urn:x:y>"):
            self.arrives(request("INVITE", "sip:x@example.org", f"Route: {route}"))
            self.assertNotIn("record-route", self.copy.headers)
        # = rfc3261:16.6/43 test
        self.assertEqual(str(self.copy.request_uri), "urn:x:y")
        self.assertEqual(self.arrives(request("INVITE", "sip:x@example.org", "Route: <sip:y;lr;lr>")), [400])

    def test_ack(self) -> None:
        """An ACK to a 2xx is passed on along its Route, never answered, and dropped where it may not go on."""
        lines = "Route: <sip:192.0.2.1:5060;lr>"
        for uri in (BOB, "sip:bob@example.com"):
            (action,) = self.do(self.proxy.heard(AckReceived(request("ACK", uri, lines, tag=";tag=b"), FLOW), NOW))
            assert isinstance(action, SendAck)
            self.assertEqual((str(action.request.request_uri), action.request.headers.all(ROUTE)), (BOB, ()))
            self.assertEqual(action.request.headers.one(MAX_FORWARDS), 69)
        for message in (request("ACK", BOB, hops=0), request("ACK", "sip:ben@example.com")):
            self.assertEqual(self.proxy.heard(AckReceived(message, FLOW), NOW), [])

    def test_users_prove_themselves(self) -> None:
        """Where asked for, a user of the domain proves who it is with 407; ACK, CANCEL, dialogs and strangers are not challenged."""
        guard = Authenticator(
            "example.com", Accounts({"alice": "wonderland", "bob": "builder"}), Nonces(entropy()), proxy=True
        )
        self.make(guard)
        # = rfc3261:16.3/17 test
        # = rfc3261:22.1/1b test
        self.assertEqual(self.arrives(request()), [407])
        challenge = self.last
        for account, done in ((Account("alice", "wonderland"), [f"> {BOB}"]), (Account("bob", "builder"), [403])):
            again = Keyring([account], entropy()).answer(stamped(request(), UDP, "z9hG4bKq"), challenge)
            assert again is not None
            self.assertEqual(self.arrives(stamped(again, UDP, "z9hG4bKr")), done)
        # = rfc3261:22.1/10 test
        for message in (request("CANCEL"), request("BYE", BOB, tag=";tag=b")):
            self.assertEqual(self.arrives(message), [f"> {BOB}"])
        # = rfc3261:22.1/9 test
        (ack,) = self.proxy.heard(AckReceived(request("ACK", BOB), FLOW), NOW)
        self.assertIsInstance(ack, SendAck)
        stranger = read(bytes(request()).replace(b"alice@example.com", b"eve@example.org"))
        assert isinstance(stranger, Request)
        self.assertEqual(self.arrives(stranger), [f"> {BOB}"])
