"""Tests of the fields on bodies, events and INFO packages."""

from __future__ import annotations

from disco_ref.sip.header.content.content_type import ACCEPT, CONTENT_TYPE, media_type
from disco_ref.sip.header.content.qualified import ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_DISPOSITION
from disco_ref.sip.header.events.event import EVENT, SUBSCRIPTION_STATE
from disco_ref.sip.header.events.info_package import INFO_PACKAGE, RECV_INFO
from disco_ref.sip.header.test.cases import FieldCase


class ContentTests(FieldCase):
    """RFC 3261, sections 20.1 to 20.3, 20.11 and 20.15."""

    def test_media_types(self) -> None:
        """Type and subtype with parameters that have values; one in Content-Type, ranges in Accept."""
        # = rfc3261:20.15/0 test
        # = rfc3261:20.1/0 test
        self.written(CONTENT_TYPE, {'text / html ; charset = "a;b"': 'text/html;charset="a;b"', "a/b+c": "a/b+c"})
        self.refused(
            CONTENT_TYPE, ["", "text", "text/", "/html", "a/b;", "a/b;c", "a/b;c=", "a/b, c/d", "a/b;c=d;C=e", "a/b/c"]
        )
        self.written(ACCEPT, {"*/* , text/*;q=0.5;x, a/b": "*/*, text/*;q=0.5;x, a/b"})
        self.assertEqual(ACCEPT.typed([" "]), [])
        self.refused(ACCEPT, ["a", "a/b,", "a/b;q=2", "a/b;;c"])

    def test_what_a_range_admits(self) -> None:
        """Everything, one type, or one subtype, in any case."""
        html = media_type("text/html;charset=utf-8")
        self.assertEqual(
            [media_type(each).admits(html) for each in ("*/*", "TEXT/*", "text/HTML", "text/plain", "a/*")],
            [True] * 3 + [False] * 2,
        )

    def test_tokens_with_parameters(self) -> None:
        """Codings, languages, dispositions."""
        # = rfc3261:20.2/0 test
        # = rfc3261:20.3/0 test
        # = rfc3261:20.11/0 test
        self.written(ACCEPT_ENCODING, {"gzip ; q = 1.0, *;q=0": "gzip;q=1.0, *;q=0"})
        self.refused(ACCEPT_ENCODING, ["a b", "a;q=1.5", "a,,b"])
        self.written(ACCEPT_LANGUAGE, {"da, en-gb;q=0.8, *": "da, en-gb;q=0.8, *"})
        self.refused(ACCEPT_LANGUAGE, ["d_a", "en-", "abcdefghi", "*-a"])
        self.written(CONTENT_DISPOSITION, {"session ; handling = optional": "session;handling=optional"})
        self.refused(CONTENT_DISPOSITION, ["", "a, b", "a;handling", 'a;handling="x"', "a;b;b"])
        for field in (ACCEPT_ENCODING, ACCEPT_LANGUAGE):
            self.assertEqual(field.typed([""]), [])


class EventTests(FieldCase):
    """RFC 6665, section 8.2, and RFC 6086, section 7."""

    def test_packages(self) -> None:
        """A package with templates, one per field; id is a token."""
        # = rfc6665:8.2.1/0 test
        # = rfc6665:8.2.1/2 test
        # = rfc6665:8.4/0 test
        self.written(EVENT, {"presence.winfo ; id = 5 ;x": "presence.winfo;id=5;x"})
        self.refused(EVENT, ["", ".a", "a.", "a..b", "a, b", 'a;id="5"', "a;id", "a;id=1;id=2", "a b"])
        self.assertEqual((EVENT.read("conference;id=9")[0].id, EVENT.read("conference")[0].id), ("9", None))

    def test_states(self) -> None:
        """A state, why and for how long."""
        # = rfc6665:8.2.3/0 test
        # = rfc6665:8.4/0 test
        self.written(
            SUBSCRIPTION_STATE,
            {
                "active ; expires = 3599": "active;expires=3599",
                "terminated;reason=timeout": "terminated;reason=timeout",
            },
        )
        value = SUBSCRIPTION_STATE.read("active;expires=99999999999;reason=x")[0]
        self.assertEqual((value.state, value.expires, value.reason), ("active", 0xFFFFFFFF, "x"))
        self.assertEqual(SUBSCRIPTION_STATE.read("active;expires=100000000000")[0].expires, 0xFFFFFFFF)
        self.assertIsNone(SUBSCRIPTION_STATE.read("pending")[0].expires)
        self.refused(
            SUBSCRIPTION_STATE,
            [
                "",
                "a, b",
                "active;expires=x",
                "active;retry-after=-1",
                'active;reason="x"',
                "active;expires=1;EXPIRES=2",
            ],
        )

    def test_info_packages(self) -> None:
        """One in Info-Package; a list, also an empty one, in Recv-Info."""
        # = rfc6086:9.2/0 test
        # = rfc6086:5.2.2/2 test
        self.written(INFO_PACKAGE, {'foo ; bar = "x"': 'foo;bar="x"'})
        self.refused(INFO_PACKAGE, ["", "a, b", "a;"])
        self.written(RECV_INFO, {"a , b;c": "a, b;c"})
        self.assertEqual(RECV_INFO.typed([""]), [])
        self.refused(RECV_INFO, ["a,", "a b"])
