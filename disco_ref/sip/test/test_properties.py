"""Properties of the SIP message layer: any octets end in a value or a refusal, values come back, and soon."""

from __future__ import annotations

import contextlib
from time import process_time

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed, Refusal
from disco_ref.sip.framing import StreamFraming
from disco_ref.sip.header.addressing.parties import From
from disco_ref.sip.header.content.content_type import media_type
from disco_ref.sip.header.field import AnyField
from disco_ref.sip.header.identity.cseq import CSEQ
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.parts import taken_apart
from disco_ref.sip.header.table import ALL, BY_KEY
from disco_ref.sip.message import Limits, check, check_values, read
from disco_ref.sip.multipart import read_multipart, write_multipart
from disco_ref.sip.test.messages import REQUEST, request, response
from disco_ref.sip.test.test_torture import SHORT_TORTUOUS
from disco_ref.sip.uri import equivalent, read_uri, sip_uri

bounded = settings(deadline=None, derandomize=True, max_examples=150, database=None)

SEEDS = (
    SHORT_TORTUOUS.replace("\n", "\r\n").encode(),
    request(
        {"Route": "<sip:a;lr>, <sip:b;lr>", "Supported": "a, b", "X-Odd": "\u00e4\udc80"}, method="INVITE", body=b"v=0"
    ),
    response({"Warning": '307 a "b"', "Retry-After": "5 (x) ;duration=1"}, body=b"\x00"),
    request(
        {"Authorization": 'Digest a="b", c=d', "Contact": "*", "Date": "Sat, 13 Nov 2010 23:29:00 GMT"},
        method="REGISTER",
    ),
)
PIECES = (
    b"\r\n",
    b" ",
    b"\t",
    b";",
    b",",
    b'"',
    b"\\",
    b"<",
    b">",
    b":",
    b"=",
    b"@",
    b"%",
    b"\x00",
    b"\xc3",
    b"(",
    b")",
    b"[",
    b"sip:",
)


@st.composite
def spoilt(draw: st.DrawFn) -> bytes:
    """A good message with some octets replaced, taken out, or put in."""
    octets = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(octets)))
        length = draw(st.integers(0, 3))
        octets[place : place + length] = draw(st.sampled_from(PIECES) | st.binary(max_size=3))
    return bytes(octets)


LETTERS = st.sampled_from('aB1 \t;,:="\\<>@%()[]{}/?*.-_~\u00e4\udc80\x00\r\n')
ROWS = st.text(LETTERS, max_size=40) | st.lists(
    st.sampled_from(
        [
            "<sip:a@b>",
            "sip:a@b",
            "SIP/2.0/UDP h",
            "a",
            "1",
            "a/b",
            ";x=1",
            ",",
            '"q"',
            " ",
            "=",
            "Digest",
            "(c)",
            "a=b",
            "<x:y>",
        ]
    ),
    max_size=8,
).map("".join)


class AnyOctetsTests(SynchronousTestCase):
    """Nothing but a value or a Refusal comes out."""

    @bounded
    @given(st.binary(max_size=200) | spoilt())
    def test_messages(self, octets: bytes) -> None:
        """A message that is read is written to octets that read to the same message, and are written the same again."""
        try:
            message = read(octets)
            check(message)
        except Malformed:
            return
        again = read(bytes(message))
        self.assertEqual(again, message)
        self.assertEqual(bytes(again), bytes(message))

    @bounded
    @given(spoilt())
    def test_taken_apart(self, octets: bytes) -> None:
        """What a message is taken apart into at once is what its values are taken apart into one by one, refusals too."""
        try:
            headers = read(octets).headers
        except Malformed:
            return
        try:
            expected = {key: taken_apart(headers.any(BY_KEY[key])) for key in headers if key in BY_KEY}
        except Malformed:
            self.assertRaises(Malformed, read(octets).headers.parts)
            return
        self.assertEqual(read(octets).headers.parts(), expected)

    @bounded
    @given(st.sampled_from(ALL), ROWS)
    def test_fields(self, field: AnyField, row: str) -> None:
        """A row that is read is written in a form that reads to the same values."""
        try:
            values = list(field.typed([row]))
            check_values(values)
        except Malformed:
            return
        self.assertEqual(list(field.typed(field.rewritten([row]))), values)

    @bounded
    @given(st.lists(spoilt() | st.binary(max_size=60), max_size=3), st.integers(1, 50))
    def test_streams(self, pieces: list[bytes], size: int) -> None:
        """However a stream is cut, the same messages come out, or the same refusal."""
        stream = b"\r\n".join(pieces)

        def outcome(cuts: list[bytes]) -> tuple[list[bytes], str]:
            framing, found = StreamFraming(), []
            try:
                for cut in cuts:
                    found += framing.receive(cut)
            except Malformed as refusal:
                return [], f"{refusal.status} {refusal.where}"
            return found, framing.rest.hex()

        self.assertEqual(outcome([stream]), outcome([stream[n : n + size] for n in range(0, len(stream), size)]))

    @bounded
    @given(
        st.text(LETTERS, max_size=30)
        | st.text(LETTERS, max_size=20).map("sip:a@h".__add__)
        | st.text(LETTERS, max_size=9).map("tel:+1".__add__)
    )
    def test_uris(self, text: str) -> None:
        """A URI that is read is written as it was, and is equivalent to itself."""
        try:
            uri = read_uri(text)
            self.assertTrue(equivalent(uri, uri))
        except Refusal:
            return
        self.assertEqual(str(uri), text)

    @bounded
    @given(st.lists(st.sampled_from([b"--b", b"--", b"\r\n", b" ", b"A: c", b"x", b"\xff"]), max_size=16).map(b"".join))
    def test_parts(self, body: bytes) -> None:
        """A body that is taken apart is put together to one with the same parts."""
        content_type = media_type("multipart/mixed;boundary=b")
        try:
            found = read_multipart(content_type, body)
        except Refusal:
            return
        self.assertEqual(read_multipart(content_type, write_multipart(content_type, found)).parts, found.parts)


class ValueTests(SynchronousTestCase):
    """Values made by hand come back."""

    @bounded
    @given(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20),
        st.dictionaries(
            st.sampled_from(["a", "x.y", "q"]),
            st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=9),
        ),
    )
    def test_addresses(self, display: str, tail: dict[str, str | None]) -> None:
        """Any display name and any parameter values, quoted where they must be."""
        value = From.of(sip_uri("h", user="u"), display_name=display, tail=tail)
        row = f"From: {value}"
        message = read(request({"From": str(value)}))
        self.assertEqual(message.headers.from_, value, row)
        self.assertEqual(message.headers.from_.display_name, display or None)
        self.assertEqual(message.headers.from_.parameters, tail)


NASTY = {
    "quotes": '"' * 1000,
    "escapes": '"' + "\\" * 999,
    "escaped quotes": '"' + '\\"' * 500,
    "open": "<" * 1000,
    "close": ">" * 1000,
    "parentheses": "(" * 1000,
    "nested": "a " + "(" * 500 + ")" * 500,
    "commas": "," * 1000,
    "semicolons": ";" * 1000,
    "parameters": "<sip:a@b>" + ";a=b" * 250,
    "equals": "<sip:a@b>;a" + "=" * 1000,
    "values": "<sip:a>," * 125,
    "bare values": "sip:a," * 160,
    "labels": "SIP/2.0/UDP " + "a." * 500 + "1",
    "hyphens": "SIP/2.0/UDP a" + "-" * 1000,
    "hyphenated": "<sip:" + "a-" * 500 + ">",
    "user": "<sip:" + "a" * 1000 + " ",
    "escaped user": "<sip:" + "%41" * 330 + " ",
    "user and password": "<sip:a:" + "b" * 1000,
    "colons": "<sip:" + ":" * 1000,
    "brackets": "<sip:[" + "1:" * 500,
    "spaces": "a" + " " * 1000 + "\x00",
    "tabs and semicolons": "<sip:a@b>" + " ;\t" * 330,
    "tokens": "a " * 500,
    "digits": "1" * 1000,
    "spaced digits": "1 " * 500,
    "products": "a/1 " * 250 + "\x00",
    "auth": "Digest " + "a=b," * 250,
    "warnings": '307 a "b",' * 100,
    "dots": "." * 1000,
    "percent": "<x:" + "%" * 1000,
    "slashes": "<x:" + "/" * 1000 + ">",
    "uri headers": "<sip:a?" + "a=b&" * 250 + ">",
    "uri parameters": "<sip:a" + ";a=b" * 250 + " ",
}


class SoonTests(SynchronousTestCase):
    """Work grows with the input, not with its square or worse."""

    def took(self, field: AnyField, text: str) -> float:
        """CPU seconds to read a row, or to refuse it."""
        start = process_time()
        with contextlib.suppress(Malformed):
            check_values(field.typed([text]))
        return process_time() - start

    def test_every_field_on_every_nasty_text(self) -> None:
        """64 kB of quotes, commas, parentheses, backslashes and the like take well under a second, in every field."""
        for name, text in NASTY.items():
            row = (text * (65000 // len(text) + 1))[:65000]
            stretched = text[:20] + text[20:60] * 1600 + text[60:80]
            for field in ALL:
                self.assertLess(self.took(field, row), 0.5, f"{field.name}: {name}")
                self.assertLess(self.took(field, stretched[:65000]), 0.5, f"{field.name}: {name}")

    def test_a_megabyte_of_nasty_text(self) -> None:
        """A megabyte in a field is refused at once; in a head without end, a stream stops reading."""
        for text in NASTY.values():
            row = text * (1_000_000 // len(text))
            start = process_time()
            self.assertRaises(Malformed, VIA.typed, [row])
            self.assertRaises(Malformed, CSEQ.typed, [row])
            self.assertRaises(Malformed, read, request({"From": row}))
            self.assertRaises(Malformed, StreamFraming().receive, request({"From": row}))
            self.assertLess(process_time() - start, 0.5)

    def test_heads_of_many_lines(self) -> None:
        """Folds without end, thousands of short lines, one field over and over."""
        huge = Limits(head=1 << 22, fields=1 << 20)
        for lines in (
            " \r\n" * 300_000,
            "X: y\r\n" * 150_000,
            "Via: SIP/2.0/UDP h\r\n" * 30_000,
            "X:\r\n y\r\n" * 100_000,
            "\t\r\n" * 300_000,
        ):
            octets = request({"Subject": "x\r\n" + lines + "Z: z"})
            start = process_time()
            with contextlib.suppress(Malformed):
                check(read(octets, huge))
            self.assertLess(process_time() - start, 3)
            self.assertRaises(Malformed, read, octets)

    def test_addresses_over_and_over(self) -> None:
        """Twice the values cost about twice the work."""
        rows = {"Contact": ", ".join([REQUEST["Contact"]] * 1000), "Via": ", ".join(["SIP/2.0/UDP h;branch=1"] * 1000)}
        start = process_time()
        check(read(request(rows)))
        self.assertLess(process_time() - start, 1)
