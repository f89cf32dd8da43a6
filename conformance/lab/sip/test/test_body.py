"""Tests of URIs, session descriptions and bodies of several parts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.sip import LabRefusal, decode
from conformance.lab.sip.value import pick

SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000/2 RTP/AVP 0 8\r\na=sendrecv\r\n"


class UriTests(SynchronousTestCase):
    """URIs."""

    def test_whole(self) -> None:
        """Every part of a SIP URI."""
        value = decode("sip.uri", None, b"sip:al%20ice:pw@[2001:db8::1]:5060;LR;x=y?Subject=a&b=")
        self.assertEqual(
            value,
            {
                "scheme": "sip", "user": "al%20ice", "password": "pw", "host": "[2001:db8::1]", "port": 5060,
                "parameters": {"lr": None, "x": "y"}, "headers": {"subject": "a", "b": ""},
            },
        )  # fmt: skip

    def test_other_schemes(self) -> None:
        """Telephone numbers and absolute URIs."""
        self.assertEqual(pick(decode("sip.uri", None, b"tel:+1-201"), "number"), "+1-201")
        self.assertEqual(decode("sip.uri", None, b"HTTP://a/"), {"scheme": "http", "opaque": "//a/"})

    def test_wrong(self) -> None:
        """Faults are refused with the character."""
        for text in ("sip:", "sip:@h", "sip:a@h:", "sip:a@h:99999", "sip:a@1.2.3", "sip:a@-h", "sip:a@h;", "sip:a@h;x=",
                     "sip:a@h;x=1;X=2", "sip:a%2@h", "sip:a b@h", "tel:123", "tel:+", "1x:a", "nothing", "sips:h;transport=udp"):  # fmt: skip
            self.assertRaises(LabRefusal, decode, "sip.uri", None, text.encode())


class DescriptionTests(SynchronousTestCase):
    """Session descriptions."""

    def test_media(self) -> None:
        """Ports, counts and formats."""
        value = decode("sdp", None, SDP.encode())
        self.assertEqual(pick(value, "media", 0, "port_count"), 2)
        self.assertEqual(pick(value, "media", 0, "formats"), ["0", "8"])

    def test_order_and_places(self) -> None:
        """A missing or misplaced line is named by its number."""
        lines = SDP.splitlines(keepends=True)
        for number in (0, 1, 2, 3, 4):
            octets = "".join(lines[:number] + lines[number + 1 :]).encode()
            self.assertRaises(LabRefusal, decode, "sdp", None, octets)
        refusal = self.assertRaises(LabRefusal, decode, "sdp", None, "".join([*lines[:4], lines[5], lines[4]]).encode())
        self.assertEqual(refusal.where, "line 5")


class MultipartTests(SynchronousTestCase):
    """Bodies of several parts."""

    BODY = b"before\r\n--b\r\nContent-Type: a/b\r\n\r\none\r\n--b \r\n\r\n\r\n--b--\r\nafter"

    def test_parts(self) -> None:
        """Preamble and epilogue are left out, a part may be empty and without headers."""
        value = decode("sip.multipart", 'multipart/mixed; boundary="b"', self.BODY)
        self.assertEqual(
            pick(value, "parts"),
            [{"headers": {"content-type": "a/b"}, "body": b"one".hex()}, {"headers": {}, "body": ""}],
        )

    def test_wrong(self) -> None:
        """No boundary, no end, no part."""
        self.assertRaises(LabRefusal, decode, "sip.multipart", "multipart/mixed", self.BODY)
        self.assertRaises(LabRefusal, decode, "sip.multipart", "multipart/mixed;boundary=b", self.BODY[:-13])
        self.assertRaises(LabRefusal, decode, "sip.multipart", "multipart/mixed;boundary=b", b"--b--")
