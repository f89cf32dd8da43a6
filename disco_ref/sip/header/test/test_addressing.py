"""Tests of the fields that hold addresses."""

from __future__ import annotations

from disco_ref.sip.header.addressing.contact import CONTACT, Contact, Star
from disco_ref.sip.header.addressing.parties import FROM, TO, From
from disco_ref.sip.header.addressing.refer_to import REFER_TO
from disco_ref.sip.header.addressing.referred_by import REFERRED_BY
from disco_ref.sip.header.addressing.reply_to import REPLY_TO
from disco_ref.sip.header.addressing.route import PATH, RECORD_ROUTE, ROUTE, Route
from disco_ref.sip.header.test.cases import FieldCase
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.uri import SipUri, TelUri, sip_uri

FORMS = {
    "<sip:a@b>": "<sip:a@b>",
    "  <sip:a@b>\t;x": "<sip:a@b>;x",
    '"A. \\"B\\" \\\\" <sip:a@b:5061;lr?x=y>;tag=1': '"A. \\"B\\" \\\\" <sip:a@b:5061;lr?x=y>;tag=1',
    'A  b\tc <sips:b>; TAG = x ;y = [::1]; z="p;q"': 'A  b\tc <sips:b>;TAG=x;y=[::1];z="p;q"',
    "Bob<sip:b>": "Bob <sip:b>",
    '"\u00e4\u4e2d\U0001f600"<sip:b>': '"\u00e4\u4e2d\U0001f600" <sip:b>',
    '""<sip:b>': '"" <sip:b>',
    "<tel:+1-201;ext=5>;a": "<tel:+1-201;ext=5>;a",
    "<http://h/p;q?r,s>": "<http://h/p;q?r,s>",
    "<sip:a,b;c?d@h>": "<sip:a,b;c?d@h>",
}
BARE = {
    "sip:a:b@h:5060;tag=1": "<sip:a:b@h:5060>;tag=1",
    "sips:[::1] ; x": "<sips:[::1]>;x",
    "tel:+1;x=y": "<tel:+1>;x=y",
    "mailto:a@b": "<mailto:a@b>",
}
BROKEN = (
    "",
    " ",
    "<>",
    "<sip:a@b",
    "sip:a@b>",
    "<sip:a@b>x",
    "<sip:a@b>;",
    "<sip:a@b>;=x",
    "<sip:a@b>;x=",
    "<sip:a@b>;x==y",
    "<sip:a@b>;;x",
    "< sip:a@b>",
    "<sip:a@b >",
    '"A <sip:a@b>',
    '"A"B" <sip:a@b>',
    '"A\\" <sip:a@b>',
    "A, b <sip:a@b>",
    "\u00e4 <sip:b>",
    '"\udc80" <sip:b>',
    '"\x01" <sip:b>',
    "<sip:a@b>;x=a b",
    "<sip:a@b>;x=(y)",
    "<sip:@b>",
    "<tel:1>",
    "<sip:a@b>,",
    ",<sip:a@b>",
    "<sip:a@b>;x;X=1",
    "<sip:a@b>\r\n;x",
    "Bob",
    "*x",
)
BARE_ONLY = ("sip:a@b?x=y", "sip:a,b@c", "sip:a;b@c", "sip:a?b@c", "<sip:a@b>,sip:c;d?e=f")


class AddressTests(FieldCase):
    """What From, To, Contact, Route and their like share (RFC 3261, section 20.10)."""

    def test_forms(self) -> None:
        """Display names, angle brackets or none, white space, parameters."""
        # = rfc3261:20.20/0 test
        # = rfc3261:20.39/0 test
        # = rfc3261:20.31/0 test
        # = rfc3261:20.10/0 test
        # = rfc3261:20.34/0 test
        # = rfc3261:20.30/0 test
        # = rfc3515:2.1/0 test
        # = rfc3327:4/0 test
        # = rfc3261:20/11 test
        # = rfc3261:20.10/1 test
        # = rfc3261:20.20/2 test
        # = rfc3261:20.31/3 test
        for field in (FROM, TO, REPLY_TO, REFER_TO, REFERRED_BY, CONTACT):
            self.written(field, {**FORMS, **BARE})
            self.refused(field, [*BROKEN, *BARE_ONLY])
        for hops in (ROUTE, RECORD_ROUTE, PATH):
            self.written(hops, FORMS)
            self.refused(hops, [*BROKEN, *BARE, "<sip:a>,sip:b"])

    def test_one_or_several(self) -> None:
        """Commas part values where the grammar is a list; commas within values part nothing."""
        # = rfc3261:7.3.1/2 test
        # = rfc3261:7.3.1/5 test
        # = rfc3515:2.4.2/4 test
        several = '"a,b" <sip:a,b@c>;x="y,z" ,\t<sip:d>,<sip:e>'
        for field in (CONTACT, ROUTE, RECORD_ROUTE, PATH):
            self.assertEqual(len(field.typed([several, " <sip:f>"])), 4)
        for single in (FROM, TO, REPLY_TO, REFER_TO, REFERRED_BY):
            self.refused(single, [several, "<sip:a>,<sip:b>"])
            self.assertRaises(BadRequest, single.typed, ["<sip:a>", "<sip:b>"])

    def test_parts(self) -> None:
        """The display name without quotes, the URI taken apart, the parameters by name."""
        value = FROM.read('"A \\"B\\"" <sips:a@b:5061>;tag=t;x="y\\"z"')[0]
        self.assertEqual((value.display_name, value.tag), ('A "B"', "t"))
        self.assertEqual(value.uri, SipUri("sips", "a", None, "b", "5061"))
        self.assertEqual(value.parameters, {"tag": "t", "x": 'y"z'})
        self.assertEqual((value.parameter("x"), value.parameter("z")), ('y"z', None))
        self.assertIsNone(FROM.read("<sip:a@b>")[0].display_name)
        self.assertIsInstance(FROM.read("<tel:+1>")[0].uri, TelUri)
        self.assertEqual(FROM.read("<sip:a@b>;TAG=x")[0].tag, "x")

    def test_made_by_hand(self) -> None:
        """Names and values are quoted where they must be; what cannot be quoted is refused."""
        value = From.of(sip_uri("b"), display_name='A "\\', tail={"tag": "1", "x": "a b", "y": None})
        self.assertEqual(str(value), '"A \\"\\\\" <sip:b>;tag=1;x="a b";y')
        self.assertEqual(FROM.read(str(value)), [value])
        self.assertRaises(ValueError, From.of, sip_uri("b"), display_name="a\r\nb")
        self.assertRaises(ValueError, From.of, sip_uri("b"), tail={"a b": None})
        changed = value.with_parameter("X", "z").with_parameter("new", None)
        self.assertEqual(changed.parameter_text, ";tag=1;X=z;y;new")


class ContactTests(FieldCase):
    """Contact (section 20.10; RFC 3840)."""

    def test_star(self) -> None:
        """The asterisk stands alone."""
        # = rfc3261:10.2.2/0 test
        self.assertEqual(CONTACT.typed([" * "]), [Star.ALL])
        self.assertEqual(CONTACT.rewritten(["*"]), ["*"])
        self.refused(CONTACT, ["**", "*;x", "*, <sip:a>", "<sip:a>, *"])

    def test_lifetimes_and_features(self) -> None:
        """Q and expires have grammars of their own; isfocus marks a conference."""
        # = rfc3261:10.2/13 test
        # = rfc3261:10.2/14 test
        # = rfc3840:9/0 test
        value = CONTACT.read('<sip:a>;q=0.125;expires=3600;isfocus;+sip.instance="<urn:uuid:1>"')[0]
        assert isinstance(value, Contact)
        self.assertEqual((value.expires, value.isfocus), (3600, True))
        self.assertEqual(value.parameters["+sip.instance"], "<urn:uuid:1>")
        for text, seconds in (
            (";expires=99999999999999", 0xFFFFFFFF),
            (";expires=100000000000", 0xFFFFFFFF),
            (f";expires={'0' * 9999}60", 60),
            (';expires="\u0663"', None),
            (";expires=x", None),
            ("", None),
            (";expires", None),
        ):
            other = CONTACT.read(f"<sip:a>{text}")[0]
            assert isinstance(other, Contact)
            self.assertEqual((other.expires, other.isfocus), (seconds, False))
        self.refused(CONTACT, ["<sip:a>;q=1.1", "<sip:a>;q=0.1234", "<sip:a>;q", "<sip:a>;q=x"])


class RouteTests(FieldCase):
    """Route (section 20.34)."""

    def test_loose_routers(self) -> None:
        """Lr is a parameter of the URI, with or without a value."""
        # = rfc3261:19.1.1/0 test
        for text, loose in (("<sip:a;lr>", True), ("<sip:a;LR=on>", True), ("<sip:a>;lr", False), ("<tel:+1>", False)):
            value = ROUTE.read(text)[0]
            self.assertIsInstance(value, Route)
            self.assertEqual(value.loose, loose)
