"""Tests of reading and writing messages."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.sip.header.block import Headers, row, text_row
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.numbers import CONTENT_LENGTH, MAX_FORWARDS
from disco_ref.sip.message import Limits, Request, Response, check, read
from disco_ref.sip.refusals import BadRequest, Discarded
from disco_ref.sip.test.messages import REQUEST, request, response
from disco_ref.sip.uri import AbsoluteUri, SipUri


class Refusing(SynchronousTestCase):
    """What is refused, with which status."""

    def refused(self, octets: bytes, status: int | None, where: str = "", limits: Limits | None = None) -> Malformed:
        """Assert that a message is refused with a status, and that the refusal names the place."""
        with self.assertRaises(Malformed) as caught:
            check(read(octets) if limits is None else read(octets, limits))
        refusal: Malformed = caught.exception
        self.assertEqual(refusal.status, status, str(refusal))
        self.assertIn(where, refusal.where)
        return refusal


class RequestTests(Refusing):
    """Requests (RFC 3261, sections 7.1 and 8.1.1)."""

    def test_the_parts(self) -> None:
        """Request line, header fields and body are told apart, and written as they were read."""
        # = rfc3261:7.1/0 test
        # = rfc3261:7.4/1 test
        # = rfc3261:7.4.1/5 test
        # = rfc3261:20/5b test
        octets = request({"Subject": "x"}, method="INVITE", body=b"\x00\xff\r\n\r\n")
        message = read(octets)
        assert isinstance(message, Request)
        self.assertEqual((message.method, str(message.request_uri)), ("INVITE", "sip:bob@example.net"))
        self.assertEqual(message.headers.cseq, (314159, "INVITE"))
        self.assertEqual(message.headers.call_id, "a84b4c76e66710@pc33.example.org")
        self.assertEqual(message.headers.via.branch, "z9hG4bK776asdhds")
        self.assertEqual((message.headers.from_.tag, message.headers.to.tag), ("1928301774", None))
        self.assertEqual(message.headers.to.display_name, "Bob")
        self.assertEqual(message.body, b"\x00\xff\r\n\r\n")
        self.assertEqual(bytes(message), octets)

    def test_mandatory_fields(self) -> None:
        """Each of five fields is needed; Max-Forwards is not, for the sake of older elements."""
        # = rfc3261:8.1.1/1 test
        # = rfc3261:20/5a test
        # = rfc3261:20/6a test
        # = rfc3261:16.3/4 test
        for name in ("Via", "To", "From", "Call-ID", "CSeq"):
            self.refused(request({name: None}), 400, name)
            self.refused(response({name: None}), None, name)
        for name in ("Max-Forwards", "Contact", "Content-Length"):
            read(request({name: None}))

    def test_fields_that_stand_alone(self) -> None:
        """A second row, of the same name or its compact form, is refused."""
        # = rfc3261:7.3.1/2 test
        for name, compact in (("From", "f"), ("To", "t"), ("Call-ID", "i"), ("CSeq", "CSEQ"), ("Content-Length", "l")):
            self.refused(request({compact: REQUEST[name]}), 400, name)
        self.refused(request({"max-forwards": "70"}), 400, "Max-Forwards")

    def test_method_and_cseq(self) -> None:
        """The method is in both places the same, also in case."""
        # = rfc3261:8.1.1.5/1 test
        self.refused(request({"CSeq": "1 INVITE"}), 400, "CSeq")
        self.refused(request({"CSeq": "1 options"}), 400, "CSeq")
        read(request(method="!odd%1-token"))

    def test_versions(self) -> None:
        """Another version gets 505, what is no version 400; case does not matter."""
        # = rfc3261:7.1/5 test
        # = rfc3261:7.1/4 test
        for version in ("SIP/7.0", "SIP/2.1", "SIP/02.0", "sip/1.0"):
            self.refused(request(start=f"OPTIONS sip:a@b {version}"), 505, "SIP-Version")
        for version in ("SIP/2", "SIP/2.0 ", "SIP/2.x", "HTTP/1.1", "SIP/2.0.0", "SIPS/2.0"):
            self.refused(request(start=f"OPTIONS sip:a@b {version}"), 400, "SIP-Version")
        octets = request(start="OPTIONS sip:a@b sIp/2.0")
        self.assertEqual(bytes(read(octets)), octets)

    def test_request_lines(self) -> None:
        """One space between the parts, no angle brackets, a method that is a token."""
        # = rfc3261:7.1/1a test
        # = rfc3261:7.1/1b test
        for line in (
            "OPTIONS  sip:a@b SIP/2.0",
            "OPTIONS sip:a@b  SIP/2.0",
            " OPTIONS sip:a@b SIP/2.0",
            "OPTIONS <sip:a@b> SIP/2.0",
            "OPTIONS sip:a@b; lr SIP/2.0",
            "OPTIONS sip:a@b\t SIP/2.0",
            "OPTIONS  SIP/2.0",
            "OPTIONS SIP/2.0",
            "OP(TIONS sip:a@b SIP/2.0",
            "OPTIONS sip: SIP/2.0",
            "OPTIONS a@b SIP/2.0",
        ):
            self.refused(request(start=line), 400)

    def test_other_schemes(self) -> None:
        """A scheme that is not known is left to the recipient, which owes 416."""
        # = rfc3261:7.1/2 test
        message = read(request(uri="soap.beep://192.0.2.103:3002"))
        assert isinstance(message, Request)
        self.assertIsInstance(message.request_uri, AbsoluteUri)

    def test_what_a_request_uri_should_not_have(self) -> None:
        """Header fields in the Request-URI are ignored, not refused."""
        # = rfc3261:19.1.1/13 test
        message = read(request(uri="sip:a@b?Route=%3Csip:c%3E"))
        assert isinstance(message, Request)
        assert isinstance(message.request_uri, SipUri)
        self.assertEqual(message.request_uri.headers, {"route": "%3Csip:c%3E"})

    def test_bounds(self) -> None:
        """A long Request-URI gets 414, a long body 413, long or many fields 513."""
        limits = Limits(head=2000, uri=100, fields=20, body=50)
        self.refused(request(uri=f"sip:{'a' * 100}@b"), 414, "Request-URI", limits)
        self.refused(request(uri=f"x:{'a' * 100}"), 414, "Request-URI", limits)
        self.refused(request(body=b"x" * 51), 413, "body", limits)
        self.refused(request({"X": "y" * 2000}), 513, "", limits)
        self.refused(request({f"X-{n}": "y" for n in range(20)}), 513, "", limits)
        read(request({f"X-{n}": "y" for n in range(12)}), limits)


class ResponseTests(Refusing):
    """Responses (section 7.2): where one is malformed, nothing is owed."""

    def test_the_parts(self) -> None:
        """Status line, header fields and body are told apart, and written as they were read."""
        # = rfc3261:7.2/0 test
        # = rfc3261:7.2/1 test
        # = rfc3261:7.4/2 test
        # = rfc3261:20/6b test
        octets = response(start="SIP/2.0 404 Nicht gefunden: \u00e4", body=b"x")
        message = read(octets)
        assert isinstance(message, Response)
        self.assertEqual((message.status_code, message.reason_phrase), (404, "Nicht gefunden: \u00e4"))
        self.assertEqual(bytes(message), octets)

    def test_reasons(self) -> None:
        """A reason may be empty, but for the space before it, and holds octets that are not UTF-8."""
        # = rfc3261:7.2/1 test
        for reason in ("", " ", "= 2**3 * 5**2", "a\tb", "100%25", "\udc80\udcbf"):
            octets = response(start=f"SIP/2.0 200 {reason}")
            self.assertEqual(bytes(read(octets)), octets)
        for line in ("SIP/2.0 200", "SIP/2.0 200 a%b", 'SIP/2.0 200 "x"', "SIP/2.0 200 \x00"):
            self.refused(response(start=line), None, "Status-Line")

    def test_status_codes(self) -> None:
        """Three digits, the first from 1 to 6."""
        # = rfc3261:7.2/0 test
        for code in ("4294967301", "20", "0200", "099", "700", "2 00", "-200", "\u0662\u0660\u0660"):
            self.refused(response(start=f"SIP/2.0 {code} OK"), None)

    def test_nothing_is_owed(self) -> None:
        """Whatever is wrong with a response, or with an ACK, nobody is told."""
        # = rfc3261:18.3/2 test
        for octets in (
            response({"Via": "?"}),
            response(start="SIP/7.0 200 OK"),
            response({"Content-Length": "9"}),
            request({"From": "?"}, method="ACK"),
            b"",
            b"\r\n\r\n",
            b"\x00" * 20,
            b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        ):
            self.assertIsInstance(self.refused(octets, None), Discarded)


class FieldTests(Refusing):
    """The header block (section 7.3)."""

    def test_names(self) -> None:
        """Names in any case and compact ones mean the same; white space may stand before the colon."""
        # = rfc3261:7.3.3/3 test
        # = rfc3261:7.3.3/2 test
        names = {
            "Via": "v",
            "To": "tO ",
            "From": "F\t",
            "Call-ID": "i",
            "CSeq": "cSEQ",
            "Contact": "M",
            "Content-Length": "L",
        }
        octets = request({**dict.fromkeys(REQUEST), **{short: REQUEST[name] for name, short in names.items()}})
        message = read(octets)
        check(message)
        self.assertEqual(message.headers.cseq.number, 314159)
        self.assertEqual(bytes(message), octets)

    def test_lines_that_are_no_fields(self) -> None:
        """A line without colon, without name, or with a name that is no token."""
        # = rfc3261:7.3/0 test
        for line in ("novalue", ": x", "a b: x", "a(: x", "Via", "\u00e4: x"):
            self.refused(request({"Subject": f"x\r\n{line}"}), 400, "header")

    def test_line_ends(self) -> None:
        """CR and LF end lines together or not at all."""
        # = rfc3261:7/1 test
        for text in ("a\nb: c", "a\rb", "a\r\r", "a\n b"):
            self.refused(request({"Subject": text}), 400)
        self.refused(request().replace(b"\r\n", b"\n"), 400, "message")

    def test_folds(self) -> None:
        """A fold reads as one space and is written as it was, in every field; not before the colon."""
        # = rfc3261:7.3.1/0 test
        # = rfc3261:25.1/1 test
        octets = request(
            {
                "To": "\r\n <sip:b@example.net>\r\n\t;\r\n tag\r\n =\r\n 5",
                "X-Odd": "a\r\n\t b",
                "Via": "SIP/2.0/UDP\r\n h",
            }
        )
        message = read(octets)
        check(message)
        self.assertEqual((message.headers.to.tag, message.headers.via.host), ("5", "h"))
        self.assertEqual(message.headers.texts("x-odd"), ["a b"])
        self.assertEqual(message.headers.texts("to"), ["<sip:b@example.net> ; tag = 5"])
        self.assertEqual(bytes(message), octets)
        self.refused(request({"X\r\n ": "y"}), 400, "header")
        self.refused(request().replace(b"\r\nVia", b"\r\n Via", 1), 400, "header")

    def test_fields_nobody_knows(self) -> None:
        """They come back octet for octet, whatever they hold."""
        # = rfc3261:8.2.2/1 test
        octets = request({"X-Odd": ";;,,;;,; \udcfe\udc80 \x01", "p-asserted-IDENTITY ": "x"})
        message = read(octets)
        check(message)
        self.assertEqual(bytes(message), octets)
        self.assertEqual(message.headers.texts("p-asserted-identity"), ["x"])

    def test_malformed_fields_that_are_not_needed(self) -> None:
        """A bad Date, Subject or Allow condemns no message; a bad Route or Require does."""
        # = rfc3261:8.2.2/2 test
        # = rfc3261:16.3/6 test
        # = rfc3261:16.3/5 test
        for name in ("Date", "Allow", "User-Agent", "Expires", "Authorization", "Accept", "Warning", "Timestamp"):
            octets = request({name: "\x01,;"})
            message = read(octets)
            check(message)
            self.assertEqual(bytes(message), octets)
        for name in (
            "Route",
            "Record-Route",
            "Contact",
            "Require",
            "Proxy-Require",
            "Event",
            "Refer-To",
            "Content-Type",
        ):
            self.refused(request({name: "\x01,;"}), 400, name)

    def test_parameters_of_needed_fields(self) -> None:
        """A parameter twice, or a known one with a bad value, condemns the message when it is looked at."""
        # = rfc3261:7.3.1/6 test
        for name, text in (
            ("From", "<sip:a@b>;tag=1;TAG=2"),
            ("From", '<sip:a@b>;tag="1"'),
            ("Via", "SIP/2.0/UDP h;ttl=256"),
            ("Via", "SIP/2.0/UDP h;rport=x"),
            ("Via", "SIP/2.0/UDP h:99999"),
            ("Contact", "<sip:a@b>;q=2"),
            ("Contact", "*, <sip:a@b>"),
            ("Contact", "<sip:a@b;x=1;x=2>"),
            ("Route", "<sip:a@b:70000>"),
        ):
            self.refused(request({name: text}), 400)


class FramingTests(Refusing):
    """Where the body of a datagram ends (section 18.3)."""

    def test_content_length(self) -> None:
        """What follows the body is dropped; a body cut short is refused; without a length all belongs to it."""
        # = rfc3261:18.3/1 test
        # = rfc3261:18.3/3 test
        # = rfc3261:18.3/0 test
        octets = request(body=b"12345")
        message = read(octets + b"more")
        self.assertEqual((message.body, bytes(message)), (b"12345", octets))
        for length in ("6", "9999", "99999999999999999999", "-1", "+5", "5 5", "", "0x5", "\u0665"):
            self.refused(request({"Content-Length": length}, body=b"12345"), 400, "Content-Length")
        self.assertEqual(read(request({"Content-Length": None}, body=b"12345")).body, b"12345")
        self.assertEqual(read(request({"Content-Length": " 0005\t"}, body=b"12345")).body, b"12345")

    def test_the_empty_line(self) -> None:
        """It must be there, also where no body follows."""
        # = rfc3261:7/2 test
        self.refused(request()[:-2], 400, "message")
        self.refused(response()[:-2], None, "message")


class ChangeTests(SynchronousTestCase):
    """Messages that are changed or made by hand."""

    def test_a_proxy_forwards(self) -> None:
        """One hop more on top, one less to go; every other line is as it was, odd spelling and all."""
        # = rfc3261:16.3/6 test
        # = rfc3261:7.3.1/5 test
        octets = request({"v": "SIP/2.0/TCP h2", "X-Odd": " a\r\n b", "s": "\u00e4"})
        message = read(octets)
        via = VIA.read("SIP/2.0/UDP proxy.example;branch=z9hG4bKp")[0]
        headers = message.headers.with_first(VIA, via).with_values(MAX_FORWARDS, [69])
        sent = bytes(message._replace(headers=headers))
        expected = octets.replace(b"Via: ", b"Via: SIP/2.0/UDP proxy.example;branch=z9hG4bKp\r\nVia: ", 1)
        self.assertEqual(sent, expected.replace(b"Forwards: 70", b"Forwards: 69"))
        again = read(sent).headers
        self.assertEqual([hop.host for hop in again.all(VIA)], ["proxy.example", "pc33.example.org", "h2"])
        self.assertEqual(list(headers.all(VIA)), list(again.all(VIA)))
        self.assertEqual(headers.first(MAX_FORWARDS), 69)

    def test_a_response_goes_back(self) -> None:
        """The topmost hop is taken off; a field with no values left disappears."""
        message = read(response({"v": "SIP/2.0/TCP h2"}))
        headers = message.headers.with_values(VIA, message.headers.all(VIA)[1:])
        self.assertEqual([hop.host for hop in read(bytes(message._replace(headers=headers))).headers.all(VIA)], ["h2"])
        self.assertNotIn("via", headers.with_values(VIA, []))
        self.assertEqual(
            headers.with_values(CONTENT_LENGTH, [3]).with_lines(row(MAX_FORWARDS, 1)).first(MAX_FORWARDS), 1
        )

    def test_headers_made_by_hand(self) -> None:
        """They are read when something of them is asked for, are equal by their lines, and say what is missing."""
        made = Headers(["Via: SIP/2.0/UDP h", "X: y"])
        self.assertEqual((made.via.host, made.texts("x"), made.texts("via")), ("h", ["y"], ["SIP/2.0/UDP h"]))
        self.assertEqual((made, hash(made)), (Headers(tuple(made.lines)), hash(Headers(made.lines))))
        self.assertNotEqual(made, made.with_lines(["X: z"]))
        self.assertEqual(repr(made), "Headers(['Via: SIP/2.0/UDP h', 'X: y'])")
        self.assertRaises(BadRequest, lambda: made.call_id)
        self.assertRaises(BadRequest, lambda: Headers(["no field"]).via)
        self.assertRaises(AttributeError, getattr, made, "nothing")
        self.assertEqual(text_row("X-Odd", "a b"), ["X-Odd: a b"])

    def test_unknown_parameters_survive_a_change(self) -> None:
        """One parameter is set, the others keep their spelling and their place."""
        # = rfc3261:20/10 test
        via = VIA.read('SIP/2.0/UDP h;X="a;b";branch=z9hG4bK1;rport;y')[0]
        self.assertEqual(str(via.with_parameter("rport", "5062")), 'SIP/2.0/UDP h;X="a;b";branch=z9hG4bK1;rport=5062;y')
        self.assertEqual(str(via.with_parameter("received", "192.0.2.1"))[-21:], ";y;received=192.0.2.1")
