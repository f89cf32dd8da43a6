"""Tests of HTTP and forms, read and written."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.hypertext import Part, form, parts, request, response, take
from conformance.lab.presentation.refusal import LabRefusal

CSR = Part("csr", b"\x30\x00\r\n--", "application/pkcs10")


class TakeTests(SynchronousTestCase):
    """Messages in octets."""

    def test_request(self) -> None:
        """What is written is read, and not before it is whole."""
        octets = request("POST", "/enroll", "127.0.0.1:1", [("Accept", "a/b")], b"body")
        self.assertIsNone(take(octets[:-1]))
        found = take(octets + b"next")
        assert found is not None
        self.assertEqual((found.method, found.target, found.body), ("POST", "/enroll", b"body"))
        self.assertEqual((found.first("accept"), found.received), ("a/b", octets))

    def test_response(self) -> None:
        """With a length, in chunks, and up to the end of the connection."""
        for octets, ended in (
            (response(200, "OK", "text/plain", b"one two"), False),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none \r\n3;x\r\ntwo\r\n0\r\n\r\n", False),
            (b"HTTP/1.1 200 OK\r\n\r\none two", True),
        ):
            with self.subTest(octets):
                found = take(octets, ended=ended)
                assert found is not None
                self.assertEqual((found.status, found.body), (200, b"one two"))

    def test_refused(self) -> None:
        """What is no message."""
        for octets in (
            b"GET / HTTP/1.1\r\nno header\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        ):
            with self.subTest(octets), self.assertRaises(LabRefusal):
                take(octets)


class FormTests(SynchronousTestCase):
    """Parameters of a form."""

    def test_there_and_back(self) -> None:
        """Whatever octets they have."""
        some = [Part("username", "jörg".encode()), CSR]
        octets = request("POST", "/", "h", [("Content-Type", 'multipart/form-data; boundary="xyz"')], form(some, "xyz"))
        found = take(octets)
        assert found is not None
        self.assertEqual(parts(found), some)

    def test_no_form(self) -> None:
        """Another type, no boundary, no end."""
        for kind, body in (
            ("text/plain", form([CSR], "xyz")),
            ("multipart/form-data", form([CSR], "xyz")),
            ("multipart/form-data; boundary=xyz", form([CSR], "xyz")[:-6]),
        ):
            found = take(request("POST", "/", "h", [("Content-Type", kind)], body))
            assert found is not None
            with self.subTest(kind), self.assertRaises(LabRefusal):
                parts(found)
