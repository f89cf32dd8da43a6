"""Tests of bodies of several parts."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.header.content.content_type import media_type
from disco_ref.sip.multipart import MAX_HEAD, MAX_PARTS, Multipart, Part, read_multipart, write_multipart
from disco_ref.sip.refusals import BadRequest

TYPE = media_type('multipart/mixed; boundary="b 1"')


class MultipartTests(SynchronousTestCase):
    """The subset of RFC 2046, section 5.1, that SIP uses."""

    def test_parts(self) -> None:
        """Header fields with folds, octets of any kind, preamble and epilogue; written as they were read."""
        # = rfc3261:7.4.1/3 test
        # = rfc3261:7.4.1/5 test
        # = rfc6086:4.3.1/1 test
        body = (
            b"preamble\r\n--b 1\r\nContent-Type: text/plain\r\nX-A:\r\n b\r\n\r\n\x00\r\n-- b 1\r\n\xff\r\n--b 1\r\n\r\nplain"
            b"\r\n--b 1--\r\nepilogue"
        )
        found = read_multipart(TYPE, body)
        self.assertEqual([part.body for part in found.parts], [b"\x00\r\n-- b 1\r\n\xff", b"plain"])
        self.assertEqual(found.parts[0].headers, {"content-type": "text/plain", "x-a": "b"})
        self.assertEqual(found.parts[1].headers, {})
        self.assertEqual((found.preamble, found.epilogue), (b"preamble\r\n", b"\r\nepilogue"))
        self.assertEqual(write_multipart(TYPE, found), body)

    def test_small_forms(self) -> None:
        """White space behind a delimiter, parts without header fields or body, no line end at the very end."""
        # = rfc3261:7.4.1/3 test
        for body, parts in (
            (b"--b 1 \t\r\n\r\nx\r\n--b 1--", [((), b"x")]),
            (b"--b 1\r\n\r\n\r\n--b 1--", [((), b"")]),
            (b"--b 1\r\n--b 1--", [((), b"")]),
            (b"--b 1\r\nA: b\r\n\r\n\r\n--b 1--\r\n", [(("A: b",), b"")]),
            (b"--b 1\r\nA: b\r\n\r\n--b 1--\r\n", [(("A: b",), b"")]),
            (b"--b 1\r\n\r\nx\r\n--b 12\r\n--b 1--", [((), b"x\r\n--b 12")]),
        ):
            found = read_multipart(TYPE, body)
            self.assertEqual([tuple(part) for part in found.parts], parts, body)
            again = read_multipart(TYPE, write_multipart(TYPE, found))
            self.assertEqual(again.parts, found.parts)

    def test_refusals(self) -> None:
        """No closing delimiter, no part, broken header fields, too many parts, no boundary."""
        # = rfc3261:7.4.1/3 test
        for body in (
            b"",
            b"x",
            b"--b 1--",
            b"--b 1\r\n\r\nx",
            b"--b 1\r\n\r\nx\r\n--b 1",
            b"--b 1\r\nnot a field\r\n\r\nx\r\n--b 1--",
            b"--b 1\r\nx\r\n--b 1--",
        ):
            self.assertRaises(BadRequest, read_multipart, TYPE, body)
        many = b"--b 1\r\n\r\nx\r\n" * (MAX_PARTS + 1) + b"--b 1--"
        self.assertRaises(BadRequest, read_multipart, TYPE, many)
        long = b"--b 1\r\nX: " + b"x" * MAX_HEAD + b"\r\n\r\n\r\n--b 1--"
        self.assertRaises(BadRequest, read_multipart, TYPE, long)
        self.assertEqual(len(read_multipart(TYPE, long.replace(b"xxx", b"", 1)).parts), 1)
        for text in (
            "multipart/mixed",
            "text/plain;boundary=b",
            'multipart/mixed;boundary=""',
            f"multipart/mixed;boundary={'x' * 71}",
            'multipart/mixed;boundary="b "',
        ):
            self.assertRaises(BadRequest, read_multipart, media_type(text), b"")

    def test_a_part_that_holds_the_delimiter(self) -> None:
        """It cannot be written."""
        self.assertRaises(ValueError, write_multipart, TYPE, Multipart((Part((), b"x\r\n--b 1\r\n"),)))
