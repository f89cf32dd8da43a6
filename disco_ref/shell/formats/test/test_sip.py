"""Tests of the formats of SIP (conformance/SUBJECT.md)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.sip import FORMATS
from disco_ref.shell.formats.unsupported import Unsupported

PLAIN: dict[str, tuple[str, Json]] = {
    "To": (
        '"A \\"B\\"" <sips:a:b@[::1]:5061;lr;x=y?s=%20>;tag=1',
        {
            "display_name": 'A "B"',
            "uri": {
                "scheme": "sips",
                "user": "a",
                "password": "b",
                "host": "[::1]",
                "port": 5061,
                "parameters": {"lr": None, "x": "y"},
                "headers": {"s": "%20"},
            },
            "parameters": {"tag": "1"},
        },
    ),
    "t": (
        "<tel:+1;ext=5>",
        {"display_name": None, "uri": {"scheme": "tel", "number": "+1", "parameters": {"ext": "5"}}, "parameters": {}},
    ),
    "Refer-To": (
        "<http://h/x>",
        {"display_name": None, "uri": {"scheme": "http", "opaque": "//h/x"}, "parameters": {}},
    ),
    "Contact": ("*", "*"),
    "Via": (
        "SIP/2.0/UDP h:5060;rport;received=::1",
        {
            "protocol": "SIP/2.0",
            "transport": "UDP",
            "host": "h",
            "port": 5060,
            "parameters": {"rport": None, "received": "::1"},
        },
    ),
    "CSeq": ("1 INVITE", {"number": 1, "method": "INVITE"}),
    "RAck": ("1 2 INVITE", {"response_number": 1, "cseq_number": 2, "method": "INVITE"}),
    "Max-Forwards": ("70", 70),
    "RSeq": ("7", 7),
    "Call-ID": ("a@b", "a@b"),
    "Subject": ("x \u00e4", "x \u00e4"),
    "Allow-Events": ("presence.winfo", "presence.winfo"),
    "Recv-Info": ("a", "a"),
    "Recv-info": ("a;b=c", {"value": "a", "parameters": {"b": "c"}}),
    "Info-Package": ("a", {"value": "a", "parameters": {}}),
    "Content-Type": (
        "application/sdp;charset=utf-8",
        {"type": "application", "subtype": "sdp", "parameters": {"charset": "utf-8"}},
    ),
    "Accept-Encoding": ("gzip;q=0.5", {"value": "gzip", "parameters": {"q": "0.5"}}),
    "Event": ("conference;id=1", {"package": "conference", "parameters": {"id": "1"}}),
    "Subscription-State": ("active;expires=9", {"state": "active", "parameters": {"expires": "9"}}),
    "Replaces": ("a;to-tag=1;from-tag=2", {"call_id": "a", "parameters": {"to-tag": "1", "from-tag": "2"}}),
    "Alert-Info": ("<http://h>;a", {"uri": "http://h", "parameters": {"a": None}}),
    "Authorization": (
        'Digest realm="a\\"b", nc=00000001',
        {"scheme": "Digest", "parameters": {"realm": 'a"b', "nc": "00000001"}},
    ),
    "WWW-Authenticate": (
        'Digest qop="auth,auth-int", stale=true',
        {"scheme": "Digest", "parameters": {"qop": "auth,auth-int", "stale": "true"}},
    ),
    "Authentication-Info": ('nextnonce="x"', {"parameters": {"nextnonce": "x"}}),
    "Retry-After": ("60 (x);duration=5", {"seconds": 60, "comment": "x", "parameters": {"duration": "5"}}),
    "Timestamp": ("54.0", {"timestamp": "54.0", "delay": None}),
    "Warning": ('307 h "x\\"y"', {"code": 307, "agent": "h", "text": 'x"y'}),
}

MESSAGE = (
    b"OPTIONS sip:b@h SIP/2.0\r\nv: SIP/2.0/UDP h;branch=1\r\nVia: SIP/2.0/TCP i\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@h>\r\n"
    b"Call-ID: x\r\nCSeq: 1 OPTIONS\r\nAllow:\r\nX-Odd: \xffy\r\nDate: never\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n\x00\xff"
)


class HeaderTests(SynchronousTestCase):
    """The format ``sip.header``."""

    def test_each_value(self) -> None:
        """Every form of value is read, written from JSON, and written as it was."""
        decode, encode, reencode = FORMATS["sip.header"]
        assert encode is not None
        for name, (text, value) in PLAIN.items():
            octets = text.encode()
            self.assertEqual(decode(name, octets, {}), [value], name)
            self.assertEqual(encode(name, [value], {}), octets, name)
            self.assertEqual(reencode(name, octets, {}), octets, name)

    def test_several_values_and_none(self) -> None:
        """A list is taken apart; an empty one is empty."""
        decode, encode, _ = FORMATS["sip.header"]
        assert encode is not None
        self.assertEqual(decode("Supported", b"a ,\r\n b", {}), ["a", "b"])
        self.assertEqual((decode("Allow", b"", {}), decode("Subject", b"", {})), ([], [""]))
        self.assertEqual((encode("k", ["a", "b"], {}), encode("Allow", [], {})), (b"a, b", b""))

    def test_refusals(self) -> None:
        """Malformed octets, values that cannot be written, names nobody knows."""
        decode, encode, reencode = FORMATS["sip.header"]
        assert encode is not None
        for name, octets in (
            ("CSeq", b"x"),
            ("Via", b"SIP/2.0/UDP h;a;A"),
            ("Require", b""),
            ("Subject", b"\xff"),
            ("To", b"<sip:h:99999>"),
        ):
            self.assertRaises(Malformed, decode, name, octets, {})
            self.assertRaises(Malformed, reencode, name, octets, {})
        bad: list[tuple[str, Json]] = [
            ("CSeq", {"number": 1}),
            ("CSeq", [{"number": 1, "method": "a b"}]),
            ("CSeq", [{"number": 1, "method": "A", "odd": 1}]),
            ("CSeq", [1.5]),
            ("To", [{"uri": {"scheme": "sip", "host": "a b"}, "parameters": {}}]),
            ("To", [{"display_name": "a\r\nb", "uri": {"scheme": "sip", "host": "b"}, "parameters": {}}]),
            ("To", [{"uri": {"scheme": "sip", "host": "b"}, "parameters": {"a b": None}}]),
            ("Via", [{"protocol": "SIP/2.0", "transport": "UDP", "host": "h", "port": 70000, "parameters": {}}]),
            ("Subject", ["a\r\nb"]),
            ("Require", []),
            ("Require", [True]),
            ("Subject", []),
            ("Require", ["a, b"]),
            ("Recv-Info", ["", "a"]),
            ("Contact", ["*", "*"]),
            ("WWW-Authenticate", [{"scheme": "a", "parameters": {"b": "c"}}] * 2),
        ]
        for name, value in bad:
            self.assertRaises(Malformed, encode, name, value, {})
        for unknown in ("X-Odd", None):
            self.assertRaises(Unsupported, decode, unknown, b"x", {})


class MessageTests(SynchronousTestCase):
    """The formats ``sip.message`` and ``sip.stream``."""

    def test_a_request(self) -> None:
        """All values by long name; what is malformed and not needed, or not known, as text."""
        decode, encode, reencode = FORMATS["sip.message"]
        value = decode(None, MESSAGE, {})
        assert encode is not None
        assert isinstance(value, dict)
        assert isinstance(value["headers"], dict)
        self.assertEqual(
            (value["method"], value["request_uri"], value["sip_version"], value["body"]),
            ("OPTIONS", "sip:b@h", "SIP/2.0", "00ff"),
        )
        headers = value["headers"]
        assert isinstance(headers["via"], list)
        self.assertEqual(len(headers["via"]), 2)
        self.assertEqual((headers["allow"], headers["x-odd"], headers["date"]), ([], ["\udcffy"], ["never"]))
        self.assertEqual(reencode(None, MESSAGE + b"more", {}), MESSAGE)
        self.assertEqual(decode(None, encode(None, value, {}), {}), value)

    def test_a_response(self) -> None:
        """Status and reason stand where method and Request-URI would."""
        decode, encode, _ = FORMATS["sip.message"]
        value = decode(None, MESSAGE.replace(b"OPTIONS sip:b@h SIP/2.0", b"sip/2.0 200 Fein"), {})
        assert encode is not None
        assert isinstance(value, dict)
        self.assertEqual((value["status_code"], value["reason_phrase"], value["sip_version"]), (200, "Fein", "SIP/2.0"))
        self.assertEqual(decode(None, encode(None, value, {}), {}), value)

    def test_what_cannot_be_written(self) -> None:
        """A line end in a value does not become a field of its own; missing members are named."""
        decode, encode, _ = FORMATS["sip.message"]
        value = decode(None, MESSAGE, {})
        assert encode is not None
        assert isinstance(value, dict)
        assert isinstance(value["headers"], dict)
        wrong: list[dict[str, Json]] = [
            {"x-odd": ["a\r\nb: c"]},
            {"subject": ["a\r\nb: c"]},
            {"via": []},
            {"a b": ["c"]},
            {"cseq": [{"number": 2, "method": "BYE"}]},
        ]
        for headers in wrong:
            bad: Json = {**value, "headers": {**value["headers"], **headers}}
            self.assertRaises(Malformed, encode, None, bad, {})
        for value_of_date in ("\ud800", "a\nb"):
            bad = {**value, "headers": {**value["headers"], "date": [value_of_date]}}
            self.assertRaises(Malformed, encode, None, bad, {})
        self.assertRaises(Malformed, encode, None, {**value, "body": "0"}, {})
        self.assertRaises(Malformed, encode, None, [], {})

    def test_malformed_fields_that_nobody_needs(self) -> None:
        """What was read as text is written as text, controls and all."""
        decode, encode, reencode = FORMATS["sip.message"]
        assert encode is not None
        octets = MESSAGE.replace(b"X-Odd: ", b"X-Odd: \x00\x0b").replace(b"never", b"\x01never")
        value = decode(None, octets, {})
        self.assertEqual(decode(None, encode(None, value, {}), {}), value)
        self.assertEqual(reencode(None, octets, {}), octets)

    def test_streams(self) -> None:
        """Whole messages, and what has come of the next one."""
        decode, encode, reencode = FORMATS["sip.stream"]
        assert encode is not None
        value = decode(None, b"\r\n" + MESSAGE + MESSAGE + b"BY", {})
        self.assertEqual(value, {"messages": [MESSAGE.hex()] * 2, "rest": b"BY".hex()})
        self.assertEqual(
            (encode(None, value, {}), reencode(None, b"\r\n" + MESSAGE, {})), (MESSAGE * 2 + b"BY", MESSAGE)
        )
        self.assertRaises(Malformed, decode, None, MESSAGE.replace(b"Content-Length", b"X"), {})
        self.assertRaises(Malformed, encode, None, {"messages": ["x"], "rest": ""}, {})
        self.assertRaises(Malformed, encode, None, {"messages": [MESSAGE.hex() * 2], "rest": ""}, {})
        self.assertRaises(Malformed, encode, None, {"messages": [], "rest": MESSAGE.hex()}, {})


class OtherTests(SynchronousTestCase):
    """The formats ``sip.uri`` and ``sip.multipart``."""

    def test_uris(self) -> None:
        """Each kind of URI both ways."""
        decode, encode, reencode = FORMATS["sip.uri"]
        assert encode is not None
        for text in ("sip:a:b@h:5;lr;x=y?c=d&e=", "sips:h", "tel:+1;x", "urn:service:sos"):
            self.assertEqual(encode(None, decode(None, text.encode(), {}), {}), text.encode())
            self.assertEqual(reencode(None, text.encode(), {}), text.encode())
        for text in ("", "sip:", "sip:h;a;A", "tel:1", "sips:h;transport=udp"):
            self.assertRaises(Malformed, decode, None, text.encode(), {})
        self.assertRaises(Malformed, encode, None, {"scheme": "sip", "host": "h", "odd": 1}, {})

    def test_parts(self) -> None:
        """Header fields by name in lower case, bodies in hexadecimal digits."""
        decode, encode, reencode = FORMATS["sip.multipart"]
        assert encode is not None
        body = b"--x\r\ncontent-type: a/b\r\n\r\n\xff\r\n--x--"
        value: Json = {"parts": [{"headers": {"content-type": "a/b"}, "body": "ff"}]}
        name = "multipart/mixed;boundary=x"
        self.assertEqual(
            (decode(name, body, {}), encode(name, value, {}), reencode(name, body, {})), (value, body, body)
        )
        self.assertRaises(Malformed, encode, name, {"parts": [{"headers": {}, "body": b"\r\n--x--".hex()}]}, {})
        wrong: list[Json] = [
            [],
            [{"headers": {"x": "\n"}, "body": ""}],
            [{"headers": {"x": "a\r\nb: c"}, "body": ""}],
            [{"headers": {"a b": "c"}, "body": ""}],
            [{"headers": {"x": "\ud800"}, "body": ""}],
        ]
        for parts in wrong:
            self.assertRaises(Malformed, encode, name, {"parts": parts}, {})
        self.assertRaises(Malformed, decode, "a/b", body, {})
        self.assertRaises(Unsupported, decode, None, body, {})
