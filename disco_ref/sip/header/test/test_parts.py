"""Values taken apart, from matches and one by one."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.header.addressing.parties import FROM
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.content.content_type import MediaType
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.parts import taken_apart
from disco_ref.sip.header.table import BY_KEY
from disco_ref.sip.message import check, read
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.test.messages import request
from disco_ref.sip.uri import SipUri, read_uri, sip_uri

USUAL = {
    "Via": "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport=5062;Received=192.0.2.7;ttl=1",
    "Record-Route": "<sip:proxy.example.org;lr>, <sip:p2.example.org:5062;lr>;x=y",
    "Route": "<sip:proxy.example.org;lr>, <sip:p%32@example.org;lr>",
    "From": '"Alice C" <sips:alice@example.org:5061;transport=tcp>;tag=x;Other="a b"',
    "Contact": "<sip:a@b;LR>;q=0.5;isfocus",
    "Content-Type": "text/plain;charset=utf-8",
}
UNUSUAL = {
    "Via": "SIP / 2.0 / UDP [2001:db8::1]:5060 ;branch=z9hG4bKx, SIP/2.0/UDP h;received=2001:db8::2",
    "Record-Route": "<sip:a%41@b;lr>,<sip:c:pass@d?x=y>;z=1, <sip:e;lr>;f",
    "From": "<tel:+1-201;phone-context=+1>;tag=x",
    "To": "sip:bob@example.net;tag=y",
    "Contact": "*",
    "Allow": "",
}


class PartsTests(SynchronousTestCase):
    """What the parts of each kind of value are."""

    def test_an_address(self) -> None:
        """Display name, URI, its port, its parameters, and those behind it."""
        parts = read(request(USUAL)).headers.parts()
        uri = SipUri("sips", "alice", None, "example.org", "5061", ";transport=tcp")
        self.assertEqual(parts["from"], [("Alice C", uri, 5061, {"transport": "tcp"}, {"tag": "x", "other": "a b"})])
        self.assertEqual(
            parts["contact"],
            [
                (
                    None,
                    sip_uri("b", user="a", parameters={"LR": None}),
                    None,
                    {"lr": None},
                    {"q": "0.5", "isfocus": None},
                )
            ],
        )

    def test_other_uris(self) -> None:
        """A telephone number has parameters and no port, a URI of another scheme neither."""
        number = read_uri("tel:+1-201;phone-context=+1")
        parts = read(request(UNUSUAL)).headers.parts()
        self.assertEqual(parts["from"], [(None, number, None, {"phone-context": "+1"}, {"tag": "x"})])
        self.assertEqual(Contact(None, "mailto:a@b").parts()[2:], (None, {}, {}))

    def test_other_values(self) -> None:
        """A hop with port and parameters; a media type with parameters; tokens, numbers and the asterisk as they are."""
        headers = read(request(USUAL)).headers
        parts = headers.parts()
        branch = {"branch": "z9hG4bKx", "rport": "5062", "received": "192.0.2.7", "ttl": "1"}
        self.assertEqual(parts["via"], [(headers.via, 5060, branch)])
        self.assertEqual(parts["content-type"], [(MediaType("text", "plain", ";charset=utf-8"), {"charset": "utf-8"})])
        self.assertEqual(parts["max-forwards"], [70])
        unusual = read(request(UNUSUAL)).headers.parts()
        self.assertEqual((unusual["contact"], unusual["allow"]), (["*"], []))

    def test_as_value_by_value(self) -> None:
        """What is taken apart from matches is what the values are taken apart into, whether they were asked for before or not."""
        for fields in (USUAL, UNUSUAL, {**USUAL, "From": "\r\n " + USUAL["From"]}):
            octets = request({**fields, "v": "SIP/2.0/TCP h:1", "X-Unknown": "x"})
            values = read(octets).headers
            expected = {key: taken_apart(values.any(BY_KEY[key])) for key in values if key in BY_KEY}
            self.assertEqual(read(octets).headers.parts(), expected)
            self.assertEqual(values.parts(), expected)
            self.assertEqual(Headers(values.lines).parts(), expected)

    def test_after_a_change(self) -> None:
        """Headers that were changed have the parts of their new values."""
        headers = read(request(USUAL)).headers
        changed = headers.with_values(FROM, [headers.from_.with_parameter("tag", "new")]).with_first(VIA, headers.via)
        self.assertEqual(changed.parts()["from"][0], changed.from_.parts())
        self.assertEqual(changed.parts()["via"], [*headers.parts()["via"], *headers.parts()["via"]])
        self.assertNotIn("contact", headers.with_values(CONTACT, []).parts())

    def test_refused(self) -> None:
        """A parameter that comes twice, and one that is known and malformed, in whichever spelling; a port that is none."""
        for name, text in (
            ("From", "<sip:a@b>;tag=x;TAG=y"),
            ("From", '<sip:a@b> ;tag="x"'),
            ("To", "<sip:a@b;lr;lr>"),
            ("Contact", "<sip:a@b:65536>"),
            ("Contact", "<sip:a@b:65536>, <sip:c>"),
            ("Record-Route", "<sips:a;transport=udp>"),
            ("Via", "SIP/2.0/UDP h:70000;branch=x"),
            ("Via", "SIP/2.0/UDP h;received=h"),
            ("Via", "SIP/2.0/UDP h;branch=x , SIP/2.0/UDP h;a=1;a=2"),
        ):
            message = read(request({name: text}))
            with self.assertRaises(BadRequest, msg=text):
                message.headers.parts()
            with self.assertRaises(BadRequest, msg=text):
                check(message)
