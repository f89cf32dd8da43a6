"""Tests of reading datagrams and streams, and of the builder."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.sip import LabRefusal, Stream, build, decode, digest_response, read_message, strict, take_message

HEADERS = [
    ("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"),
    ("Max-Forwards", "70"),
    ("From", "<sip:alice@example.com>;tag=1"),
    ("To", "<sip:bob@example.com>"),
    ("Call-ID", "1@192.0.2.1"),
    ("CSeq", "1 OPTIONS"),
]
GOOD = build("OPTIONS sip:bob@example.com SIP/2.0", HEADERS, "hello")


class MessageTests(SynchronousTestCase):
    """One message."""

    def test_parts(self) -> None:
        """Start line, identity and body are read."""
        message = read_message(GOOD)
        self.assertEqual((message.method, message.call_id, message.cseq), ("OPTIONS", "1@192.0.2.1", (1, "OPTIONS")))
        self.assertEqual((message.branch, message.from_tag, message.to_tag), ("z9hG4bK1", "1", None))
        self.assertEqual((message.body, message.deviations, message.owed), (b"hello", [], None))

    def test_deviations_do_not_stop_the_reader(self) -> None:
        """Several faults in one message are all listed, each with its place, and the rest is read."""
        octets = build("OPTIONS <sip:bob@example.com> SIP/2.0", [*HEADERS, ("Require", ","), ("To", "<sip:b@c>")])
        message = read_message(octets)
        self.assertEqual([one.where.split(" ")[0] for one in message.deviations], ["request", "Require", "To"])
        self.assertEqual(message.call_id, "1@192.0.2.1")

    def test_status_owed(self) -> None:
        """What is owed for a request: 505 for another version, 400 for a fault, nothing for responses."""
        self.assertEqual(read_message(GOOD.replace(b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia")).owed, 505)
        self.assertEqual(read_message(GOOD.replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE")).owed, 400)
        self.assertEqual(read_message(build("SIP/2.0 1000 Odd", HEADERS)).owed, "drop")

    def test_malformed_but_not_needed(self) -> None:
        """A malformed Date or Warning is noted and does not refuse the message (RFC 3261, 8.2.2); a Require does."""
        for name, text, owed in (("Date", "today", None), ("Warning", "307 no quotes", None), ("Require", ",", 400)):
            message = read_message(build("OPTIONS sip:b@c SIP/2.0", [*HEADERS, (name, text)]))
            self.assertEqual((len(message.deviations), message.owed), (1, owed), name)

    def test_lone_line_feeds(self) -> None:
        """Lines that end in a line feed only are read and noted."""
        message = read_message(GOOD.replace(b"\r\n", b"\n"))
        self.assertEqual(message.deviations[0].clause, "rfc3261:7/1")
        self.assertEqual(message.method, "OPTIONS")

    def test_body_shorter_than_told(self) -> None:
        """A datagram that ends early is refused; one that is longer is cut."""
        self.assertRaises(LabRefusal, strict, GOOD[:-1])
        self.assertEqual(strict(GOOD + b"more").body, b"hello")

    def test_compact_names(self) -> None:
        """Compact names are the long ones."""
        message = read_message(GOOD.replace(b"Call-ID:", b"i:").replace(b"Via:", b"v :"))
        self.assertEqual((message.call_id, message.branch), ("1@192.0.2.1", "z9hG4bK1"))

    def test_no_message(self) -> None:
        """Octets that are no message at all are refused at the start line."""
        for octets in (b"", b"\r\n\r\n", b"hello", b"\x80\x00\x00", b"GET / HTTP/1.1\r\n\r\n"[:3]):
            self.assertEqual(self.assertRaises(LabRefusal, read_message, octets).where, "start line")

    def test_value_is_not_shared(self) -> None:
        """Changing a decoded value changes no later one."""
        first = decode("sip.message", None, GOOD)
        assert isinstance(first, dict) and isinstance(first["headers"], dict)
        vias = first["headers"]["via"]
        assert isinstance(vias, list) and isinstance(vias[0], dict)
        vias[0]["host"] = "changed"
        self.assertNotEqual(decode("sip.message", None, GOOD), first)

    @settings(deadline=None, derandomize=True, max_examples=200)
    @given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
    def test_one_octet_changed(self, place: int, octet: int) -> None:
        """With any octet changed there is a value or a refusal."""
        octets = GOOD[:place] + bytes([octet]) + GOOD[place + 1 :]
        try:
            decode("sip.message", None, octets)
        except LabRefusal as refusal:
            self.assertTrue(refusal.why)

    @settings(deadline=None, derandomize=True, max_examples=200)
    @given(st.binary(max_size=200))
    def test_any_octets(self, octets: bytes) -> None:
        """Any octets give a value or a refusal, in every format."""
        for name in ("sip.message", "sip.stream", "sip.uri", "sdp", "sip.multipart"):
            try:
                decode(name, "multipart/mixed;boundary=b", octets)
            except LabRefusal as refusal:
                self.assertTrue(refusal.why)


class StreamTests(SynchronousTestCase):
    """Messages on a stream."""

    def test_octet_by_octet(self) -> None:
        """However the octets are cut, the same messages come out."""
        whole = b"\r\n\r\n" + GOOD + GOOD
        stream = Stream()
        found = [message for place in range(len(whole)) for message in stream.feed(whole[place : place + 1])]
        self.assertEqual([message.received for message in found], [GOOD, GOOD])
        self.assertEqual(len(Stream().feed(whole)), 2)

    def test_length_missing(self) -> None:
        """Without Content-Length the stream ends for the reader."""
        stream = Stream()
        stream.feed(build("OPTIONS sip:b@c SIP/2.0", HEADERS, length="none"))
        self.assertIsNotNone(stream.refusal)
        self.assertEqual(stream.feed(GOOD), [])

    def test_endless_head(self) -> None:
        """A head that does not end is given up at its bound."""
        stream = Stream()
        for _ in range(100):
            stream.feed(b"X-Long: " + b"a" * 1000 + b"\r\n")
        self.assertIn("no end of the headers", str(stream.refusal))
        self.assertLess(stream.held, 70_000)

    def test_absurd_length(self) -> None:
        """A body of terabytes is refused before it is awaited."""
        octets = build("OPTIONS sip:b@c SIP/2.0", HEADERS, length=10**12)
        self.assertEqual(self.assertRaises(LabRefusal, take_message, octets).status, 413)


class BuildTests(SynchronousTestCase):
    """The builder refuses nothing."""

    def test_wrong_on_purpose(self) -> None:
        """A length, line ends and octets of any kind are written as asked for."""
        octets = build("X", [("a", b"\xff"), ("a", "")], b"body", length=99, line_end=b"\n")
        self.assertEqual(octets, b"X\na: \xff\na: \nContent-Length: 99\n\nbody")

    def test_digest(self) -> None:
        """The digest of RFC 2617, section 3.5."""
        response = digest_response(
            username="Mufasa", realm="testrealm@host.com", password="Circle Of Life", method="GET", uri="/dir/index.html",
            nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", qop="auth", nc="00000001", cnonce="0a4f113b",
        )  # fmt: skip
        self.assertEqual(response, "6629fae49393a05397450978507c4ef1")
