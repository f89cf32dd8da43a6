"""Tests of the readers of header values."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.sip import LabRefusal, decode
from conformance.lab.sip.header.table import HEADERS
from conformance.lab.sip.value import text_at

RIGHT = [
    ("From", "caller<sip:caller@example.com>;tag=x"),
    ("From", '"J Rosenberg \\\\\\"" <sip:jdrosen@example.com> ; tag = 98asjd8'),
    ("Contact", "*"),
    ("Contact", '"a" <sip:a@b;lr>;q=0.333, <sips:c@d>'),
    ("Route", "<sip:a;lr>,\t<sip:b>"),
    ("Via", "SIP / 2.0 / UDP [2001:db8::1]:5060;branch=z9hG4bK1;received=2001:db8::9;rport"),
    ("CSeq", "0009 INVITE"),
    ("RAck", "776656 1 INVITE"),
    ("Accept", ""),
    ("Accept", "application/*;q=0.5, */*"),
    ("Allow", "INVITE , ACK"),
    ("Warning", '307 isi.edu "a \\" b", 301 [::1]:9 "x"'),
    ("WWW-Authenticate", 'Digest realm="a", nonce="b", stale=FALSE, qop="auth,auth-int"'),
    ("Date", "Sat, 13 Nov 2010 23:29:00 GMT"),
    ("Retry-After", "120 (in (a) meeting) ;duration=3600"),
    ("Timestamp", "54.2 0.1"),
    ("Event", "conference.winfo;id=1"),
    ("Subscription-State", "terminated;reason=timeout"),
    ("Replaces", "98732@sip.example.com;from-tag=r33;to-tag=ff8"),
    ("User-Agent", "SIPp/3.6 (x (y)) z"),
    ("Alert-Info", "<http://www.example.com/a.wav>;x=y"),
    ("Recv-Info", "a, b;c=d"),
    ("Subject", ""),
    ("SIP-ETag", "dx200xyz"),
    ("SIP-If-Match", "!-.*"),
    ("Referred-By", 'sip:alice@example.com;cid="20398823.2UWQFN309shb3@referrer.example"'),
]
WRONG = [
    ("From", "Bell, Alexander <sip:a@b>;tag=43", "lone comma in a display name"),
    ("From", '"x" sip:a@b', "no brackets"),
    ("From", '"open <sip:a@b>', "open quote"),
    ("To", "<sip: a@b>", "space in a URI"),
    ("To", '<sip:a@b>;tag="x y"', "tag is no token"),
    ("Contact", "sip:a@b?x=1", "question mark outside brackets"),
    ("Contact", "*, <sip:a@b>", "star with others"),
    ("Contact", "<sip:a@b>;q=1.001", "q above one"),
    ("Route", "sip:a@b", "route without brackets"),
    ("Via", "SIP/2.0/UDP", "no host"),
    ("Via", "SIP/2.0/UDP a;branch=", "empty branch"),
    ("Via", "SIP/2.0/UDP a;ttl=256", "ttl above 255"),
    ("CSeq", "2147483648 INVITE", "number of 2^31"),
    ("CSeq", "1", "no method"),
    ("Allow", "A,,B", "empty element"),
    ("Require", "", "empty list"),
    ("Max-Forwards", "256", "above 255"),
    ("Content-Length", "-1", "negative"),
    ("Expires", "4294967296", "above 32 bits"),
    ("RSeq", "0", "zero"),
    ("Warning", '30 a "b"', "two digits"),
    ("Date", "Sat, 13 Nov 2010 23:29:00 EST", "not GMT"),
    ("Content-Type", "application", "no subtype"),
    ("WWW-Authenticate", "Digest realm", "no value"),
    ("Authorization", 'Digest username=bob, realm="a"', "quotes missing"),
    ("Subscription-State", "active;expires=soon", "no number"),
    ("Replaces", "a;from-tag=b", "to-tag missing"),
    ("From", "<sip:a@b>;x=1;X=2", "parameter twice"),
    ("SIP-ETag", '"dx200xyz"', "quotes are no token"),
    ("SIP-If-Match", "a, b", "two tags"),
    ("Referred-By", "<sip:a@b>, <sip:c@d>", "two referrers"),
]


class HeaderTests(SynchronousTestCase):
    """Rows of right and wrong values."""

    def test_right(self) -> None:
        """Each right value is read, and so it is with white space around it."""
        for name, text in RIGHT:
            value = decode("sip.header", name, text.encode())
            self.assertIsInstance(value, list)
            self.assertEqual(decode("sip.header", name, b" " + text.encode() + b"\t"), value, name)

    def test_wrong(self) -> None:
        """Each wrong value is refused with its place."""
        for name, text, fault in WRONG:
            refusal = self.assertRaises(LabRefusal, decode, "sip.header", name, text.encode())
            self.assertIn(name, refusal.where, fault)

    def test_names_inside_a_uri(self) -> None:
        """The names in the header part of a URI are in lower case, their values as they came (RFC 3261, 19.1.1)."""
        found = decode("sip.uri", None, b"sip:a@b?Replaces=Ab%40c%3BTo-Tag%3D1&SUBJECT=")
        assert isinstance(found, dict)
        self.assertEqual(found["headers"], {"replaces": "Ab%40c%3BTo-Tag%3D1", "subject": ""})

    def test_escaped_nul(self) -> None:
        """Inside quotes a backslash escapes every character of ASCII but the line ends, NUL too (RFC 3261, 25.1)."""
        values = decode("sip.header", "To", b'"a\\\x00b" <sip:a@b>')
        assert isinstance(values, list)
        self.assertEqual(text_at(values[0], "display_name"), "a\x00b")
        self.assertRaises(LabRefusal, decode, "sip.header", "To", b'"a\x00b" <sip:a@b>')
        self.assertRaises(LabRefusal, decode, "sip.header", "To", b'"a\\\rb" <sip:a@b>')

    def test_unknown_header_is_text(self) -> None:
        """A header that nobody knows is one string, whatever it holds."""
        self.assertEqual(decode("sip.header", "X-New", b" ;;,,;;,; "), [";;,,;;,;"])

    def test_fold_is_one_space(self) -> None:
        """A folded value reads as if the fold were a space."""
        folded = decode("sip.header", "To", b"Bob\r\n <sip:bob@h>\r\n\t;tag=1")
        self.assertEqual(folded, decode("sip.header", "To", b"Bob <sip:bob@h> ;tag=1"))

    @settings(deadline=None, derandomize=True, max_examples=300)
    @given(st.sampled_from(sorted(HEADERS)), st.binary(max_size=60))
    def test_any_octets(self, name: str, octets: bytes) -> None:
        """Any octets give a value or a refusal."""
        try:
            decode("sip.header", name, octets)
        except LabRefusal as refusal:
            self.assertTrue(refusal.why)
