"""Simple types: what each reads and refuses (XML Schema part 2)."""

from __future__ import annotations

from enum import StrEnum

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.documents import simple
from disco_ref.notation.documents.simple import Simple


class Colour(StrEnum):
    """An enum to read."""

    red = "red"


class SimpleTest(SynchronousTestCase):
    """Text to values and back."""

    def reads(self, one: Simple, rows: dict[str, object]) -> None:
        """Each text is read as its value, and the value written is read as the same again."""
        for text, value in rows.items():
            self.assertEqual(one.read(text), value, text)
            self.assertEqual(one.read(one.write(value)), value, text)

    def refuses(self, one: Simple, *texts: str) -> None:
        """None of the texts is read."""
        for text in texts:
            self.assertRaises(ValueError, one.read, text)

    def test_numbers(self) -> None:
        """Whole numbers within their bounds, white space around them allowed."""
        self.reads(simple.unsigned_int, {"0": 0, " 33\n": 33, "+7": 7, "-0": 0, "4294967295": 4294967295})
        self.refuses(simple.unsigned_int, "", "-1", "4294967296", "1.0", "0x1", "1 2", "9" * 5000, "\u0661")
        self.reads(simple.unsigned_short, {"65535": 65535})
        self.refuses(simple.unsigned_short, "65536")

    def test_boolean(self) -> None:
        """Two spellings of each truth value."""
        self.reads(simple.boolean, {"true": True, "1": True, " false ": False, "0": False})
        self.refuses(simple.boolean, "", "True", "yes", "2")

    def test_date_time(self) -> None:
        """A date and a time of the calendar."""
        self.reads(
            simple.date_time,
            {one: one for one in ("2005-03-04T20:00:00Z", "2004-02-29T24:00:00", "-0005-02-29T00:00:00.5+14:00")},
        )
        self.refuses(
            simple.date_time,
            "2005-03-04",
            "2005-02-29T00:00:00Z",
            "2005-13-01T00:00:00Z",
            "2005-03-04T24:00:01Z",
            "2005-03-04T20:60:00Z",
            "2005-03-04T20:00:00+14:01",
            "0000-01-01T00:00:00Z",
            "02005-03-04T20:00:00Z",
        )

    def test_octets(self) -> None:
        """Base64 with white space in it, and hexadecimal digits."""
        self.reads(simple.base64_binary, {" QU\n JD": b"ABC", "": b""})
        self.refuses(simple.base64_binary, "QUJ", "QU=JD", "Q-_D", "QUJD\u00a0", "QUI=QUJD", "QUJ=", "QR==")
        self.reads(simple.hexadecimal, {" 47112162 ": bytes.fromhex("47112162"), "": b""})
        self.refuses(simple.hexadecimal, "4", "0x47", "47 11")

    def test_addresses(self) -> None:
        """Addresses of both families, no names."""
        self.reads(simple.ip_address, {" 192.0.2.1 ": "192.0.2.1", "2001:DB8::1": "2001:DB8::1"})
        self.refuses(simple.ip_address, "", "host.example.com", "192.0.2.256", "192.0.2.1:80", "[::1]")

    def test_lists(self) -> None:
        """Words, and language tags."""
        self.reads(simple.words, {" a  b\n": ("a", "b"), "": (), "a\u00a0b\u3000 c": ("a\u00a0b\u3000", "c")})
        self.reads(simple.languages, {"en de-AT": ("en", "de-AT")})
        self.refuses(simple.languages, "en_US", "abcdefghi")

    def test_enumeration(self) -> None:
        """A value of the enum, to the letter."""
        self.reads(simple.enumeration(Colour), {"red": Colour.red})
        self.refuses(simple.enumeration(Colour), "Red", " red", "")
