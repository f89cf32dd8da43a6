"""Tests of the fields with little structure: numbers, tokens, texts, dates, warnings, references."""

from __future__ import annotations

from disco_ref.sip.header.plain.date import DATE
from disco_ref.sip.header.plain.numbers import CONTENT_LENGTH, EXPIRES, MAX_FORWARDS, MIN_EXPIRES
from disco_ref.sip.header.plain.reference import ALERT_INFO, CALL_INFO, ERROR_INFO
from disco_ref.sip.header.plain.retry_after import RETRY_AFTER
from disco_ref.sip.header.plain.text import MAX_NESTING, ORGANIZATION, SERVER, SUBJECT, USER_AGENT
from disco_ref.sip.header.plain.timestamp import TIMESTAMP
from disco_ref.sip.header.plain.tokens import (
    ALLOW,
    ALLOW_EVENTS,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    MIME_VERSION,
    PRIORITY,
    PROXY_REQUIRE,
    REQUIRE,
    SIP_ETAG,
    SIP_IF_MATCH,
    SUPPORTED,
    UNSUPPORTED,
)
from disco_ref.sip.header.plain.warning import WARNING, Warning
from disco_ref.sip.header.test.cases import FieldCase


class PlainTests(FieldCase):
    """Texts that are read, and texts that are refused."""

    def test_numbers(self) -> None:
        """Digits only, within the bounds of each field."""
        # = rfc3261:20.14/0 test
        # = rfc3261:20.19/0 test
        # = rfc3261:20.22/0 test
        # = rfc3261:20.23/0 test
        for field, most in (
            (CONTENT_LENGTH, 2**32 - 1),
            (EXPIRES, 2**32 - 1),
            (MIN_EXPIRES, 2**32 - 1),
            (MAX_FORWARDS, 255),
        ):
            self.written(field, {" 0 ": "0", "0068": "68", str(most): str(most), "0" * 5000: "0"})
            self.refused(field, ["", "-1", "+1", "1 2", "1,2", "x", "1.0", str(most + 1), "9" * 5000, "\u0661"])

    def test_lists_of_tokens(self) -> None:
        """Commas with white space around them; some lists may be empty."""
        # = rfc3261:20.5/0 test
        # = rfc3261:20.12/0 test
        # = rfc3261:20.12/2 test
        # = rfc3261:20.13/0 test
        # = rfc3261:20.29/0 test
        # = rfc3261:20.32/0 test
        # = rfc3261:20.37/0 test
        # = rfc3261:20.40/0 test
        # = rfc6665:8.2.2/0 test
        for field in (ALLOW, SUPPORTED, REQUIRE, PROXY_REQUIRE, UNSUPPORTED, CONTENT_ENCODING, ALLOW_EVENTS):
            self.written(field, {"a": "a", "INVITE ,\tx.y!,z": "INVITE, x.y!, z"})
            self.refused(field, ["a,", ",a", "a,,b", "a b", "a;b", '"a"', "\u00e4", "a\r\n,b"])
        for field in (ALLOW, SUPPORTED):
            self.assertEqual((field.typed([""]), field.typed(["  ", "a"])), ([], ["a"]))
        self.refused(REQUIRE, [""])
        self.written(CONTENT_LANGUAGE, {"en-GB , i-x": "en-GB, i-x"})
        self.refused(CONTENT_LANGUAGE, ["", "e1", "abcdefghi", "en-", "*"])

    def test_single_tokens(self) -> None:
        """One token, or a version of two numbers."""
        # = rfc3261:20.24/0 test
        # = rfc3261:20.26/0 test
        # = rfc3903:11.3/0 test
        for field in (PRIORITY, SIP_ETAG, SIP_IF_MATCH):
            self.written(field, {" non-urgent ": "non-urgent"})
            self.refused(field, ["", "a b", "a,b"])
        self.written(MIME_VERSION, {" 1.0 ": "1.0"})
        self.refused(MIME_VERSION, ["1", "1.", "a.b", "1.0.0"])

    def test_texts_for_people(self) -> None:
        """UTF-8 or nothing; products and comments in Server and User-Agent."""
        # = rfc3261:20.25/0 test
        # = rfc3261:20.35/0 test
        # = rfc3261:20.36/0 test
        # = rfc3261:20.41/0 test
        # = rfc3261:25.1/3 test
        for field in (SUBJECT, ORGANIZATION):
            self.written(field, {" a  b\u00e4 ": "a  b\u00e4", "": "", '"x, (': '"x, ('})
            self.refused(field, ["\x00", "a\x7f", "\udc80"])
        for field in (SERVER, USER_AGENT):
            good = ("a", "a/1.0 b", "a (b (c) \\) d) e/2", "(only \u00e4)", "a / 1", "a(b)c")
            self.written(field, {each: each for each in good})
            self.refused(field, ["", "(", "a (b", "a)", "a/", "a, b", "a/1/2", "(a\\)", "\u00e4", "(" * 5000])
            self.refused(field, ["(" * (MAX_NESTING + 1) + ")" * (MAX_NESTING + 1)])

    def test_dates(self) -> None:
        """The one form of date, in Greenwich time."""
        # = rfc3261:20.17/0 test
        text = "Sat, 13 Nov 2010 23:29:00 GMT"
        self.written(DATE, {f" {text} ": text})
        broken = (
            "Fri, 01 Jan 2010 16:00:00 EST",
            "Sat, 13 Nov 2010 24:00:00 GMT",
            "Sat, 32 Nov 2010 23:29:00 GMT",
            "Sat, 13 Nov 10 23:29:00 GMT",
        )
        self.refused(DATE, ["", *broken, text.lower(), text.replace(",", ""), text.replace(" ", "  ", 1)])

    def test_times_to_wait(self) -> None:
        """Seconds, a comment, parameters."""
        # = rfc3261:20.33/0 test
        self.written(
            RETRY_AFTER,
            {"5": "5", "18000 ;duration = 3600": "18000;duration=3600", "120 (I'm (in) \\) a)": "120 (I'm (in) \\) a)"},
        )
        value = RETRY_AFTER.read("9(x) ;a")[0]
        self.assertEqual((value.seconds, value.comment, value.parameters), (9, "x", {"a": None}))
        self.refused(RETRY_AFTER, ["", "x", "5 x", "5 (", "5;", "5;duration=x", "99999999999", "4294967296"])

    def test_timestamps(self) -> None:
        """Digits with a fraction, and a delay."""
        # = rfc3261:20.38/0 test
        self.written(TIMESTAMP, {"54": "54", "54. ": "54.", "54.21 0.5": "54.21 0.5", "1 .5": "1 .5"})
        self.refused(TIMESTAMP, ["", ".5", "x", "1 2 3", "-1"])

    def test_warnings(self) -> None:
        """A code, an agent and a quoted text, one space between them."""
        # = rfc3261:20.43/0 test
        cases = ('307 isi.edu:5060 "a, \\"b\\""', '399 [::1] ""', '301 pseudo!nym "x"')
        self.written(WARNING, {each: each for each in cases} | {'307 a "b" ,370 c "d"': '307 a "b", 370 c "d"'})
        self.refused(
            WARNING, ["", "307 a b", '30 a "b"', '3070 a "b"', '307 "b"', '307 a "b', '307  a "b"', '307 a, "b"']
        )
        self.assertEqual(WARNING.read('307 a "x\\"y"')[0].text, 'x"y')
        self.assertEqual(str(Warning.of(399, "h", 'a"b')), '399 h "a\\"b"')
        self.assertEqual(str(Warning.about(399, "h", 'a"b\\\r\n\x00é.')), '399 h "a?b?????."')
        self.assertEqual(len(Warning.about(399, "h", "x" * 1000).text), 200)

    def test_references(self) -> None:
        """URIs in angle brackets with parameters."""
        # = rfc3261:20.4/0 test
        # = rfc3261:20.9/0 test
        # = rfc3261:20.18/0 test
        for field in (ALERT_INFO, CALL_INFO, ERROR_INFO):
            self.written(
                field,
                {"<http://h/a,b;c> ; purpose = icon , <sip:x@y;lr>": "<http://h/a,b;c>;purpose=icon, <sip:x@y;lr>"},
            )
            self.refused(
                field,
                ["", "http://h", "<>", "<http://h>;", "<http://h>,", "<h>", "<http://h>;a;a", '<x:y>;purpose="z"'],
            )
