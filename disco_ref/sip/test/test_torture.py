"""Tests of the judgements that RFC 4475 asks for, on messages with the same peculiarities as its own."""

from __future__ import annotations

from disco_ref.sip.acceptance import Understood, refuse
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.header.content.content_type import CONTENT_TYPE
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.text import SUBJECT
from disco_ref.sip.message import Message, Request, check, read
from disco_ref.sip.multipart import read_multipart
from disco_ref.sip.refusals import BadExtension, BadRequest, TooManyHops, UnsupportedMediaType, UnsupportedURIScheme
from disco_ref.sip.test.messages import request, response
from disco_ref.sip.test.test_message import Refusing
from disco_ref.sip.uri import SipUri

SHORT_TORTUOUS = """\
INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\\\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : 5
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33

v=0
"""


class ValidTests(Refusing):
    """Section 3.1.1: odd, but right."""

    def accepted(self, octets: bytes) -> Message:
        """The message, which must be read whole and written as it was."""
        message = read(octets)
        check(message)
        self.assertEqual(bytes(message), octets)
        return message

    def test_short_tortuous_invite(self) -> None:
        """White space, folds, compact and odd names, empty values, escapes (wsinv)."""
        # = rfc3261:7.3.1/5 test
        # = rfc3261:25.1/1 test
        # = rfc3261:7.3.3/3 test
        headers = self.accepted(SHORT_TORTUOUS.replace("\n", "\r\n").encode()).headers
        self.assertEqual(
            [(hop.transport, hop.host, hop.branch) for hop in headers.all(VIA)],
            [
                ("UDP", "192.0.2.2", "390skdjuw"),
                ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
                ("UDP", "192.168.255.111", "z9hG4bK30239"),
            ],
        )
        self.assertEqual(
            (headers.to.tag, headers.from_.tag, headers.from_.display_name),
            ("1918181833n", "98asjd8", 'J Rosenberg \\"'),
        )
        self.assertEqual(headers.cseq, (9, "INVITE"))
        self.assertEqual(headers.first(SUBJECT), "")
        contact = headers.one(CONTACT)
        assert isinstance(contact, Contact)
        self.assertEqual(contact.parameters, {"newparam": "newvalue", "secondparam": None, "q": "0.33"})
        self.assertEqual(contact.display_name, 'Quoted string ""')
        self.assertTrue(headers.one(ROUTE).loose)
        self.assertEqual(headers.texts("newfangledheader"), ["newfangled value continued newfangled value"])

    def test_every_character_that_is_allowed(self) -> None:
        """Methods, users, tags, call identifiers, display names and new fields at their limits (intmeth)."""
        # = rfc3261:25.1/0 test
        # = rfc3261:8.1.1.4/5 test
        method = "!interesting-Method0123456789_*+`.%indeed'~"
        user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
        message = self.accepted(
            request(
                {
                    "Via": "SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
                    "To": f'"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f" <sip:{user}@example.com>',
                    "From": "token1~` token2'+_ token3*%!.- <sip:mundane@example.com>"
                    ";fromParam''~+*_!.-%=\"\u0440\u0430\u0431\u043e\u0442\";tag=_token~1'+`*%!-.",
                    "Call-ID": "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
                    "extensionHeader-!.%*+_`'~": "\ufeff\u5927\u505c\u96fb",
                    "Max-Forwards": "255",
                },
                method=method,
                uri=f"sip:{user}:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
            )
        )
        assert isinstance(message, Request)
        assert isinstance(message.request_uri, SipUri)
        self.assertEqual((message.method, message.request_uri.user), (method, user))
        self.assertEqual(message.headers.to.display_name, "BEL:\x07 NUL:\x00 DEL:\x7f")
        self.assertEqual(message.headers.from_.tag, "_token~1'+`*%!-.")

    def test_escapes(self) -> None:
        """Escapes stay as they are: in users, parameter names, methods, and NUL among them (esc01, escnull, esc02)."""
        # = rfc3261:19.1.2/0 test
        # = rfc3261:19.1.2/3 test
        message = self.accepted(
            request(
                {"Contact": "<sip:cal%6Cer@h.example;%6C%72;n%61me=v%61lue%25%34%31>"},
                uri="sip:sips%3Auser%40e.com@e.net",
            )
        )
        contact = message.headers.one(CONTACT)
        assert isinstance(contact, Contact)
        assert isinstance(contact.uri, SipUri)
        self.assertEqual(contact.uri.parameters, {"%6c%72": None, "n%61me": "v%61lue%25%34%31"})
        self.accepted(
            request(
                {"To": "sip:null-%00-null@example.com", "Contact": "<sip:%00@h.example>,\r\n <sip:%00%00@h.example>"}
            )
        )
        self.accepted(request({"To": '"%Z%45" <sip:resource@example.com>'}, method="RE%47IST%45R"))

    def test_smaller_oddities(self) -> None:
        """No space before the bracket, a semicolon in the user, transports nobody knows, long values (lwsdisp, semiuri, transports, longreq)."""
        # = rfc3261:18.1.1/3 test
        message = self.accepted(
            request({"From": "caller<sip:caller@example.com>;tag=323"}, uri="sip:user;par=u%40example.net@example.com")
        )
        self.assertEqual(message.headers.from_.display_name, "caller")
        vias = [
            f"SIP/2.0/{transport} t{n}.example.com;branch=z9hG4bK{n}"
            for n, transport in enumerate(("UDP", "SCTP", "TLS", "UNKNOWN", "TCP"))
        ]
        message = self.accepted(request({"Via": ", ".join(vias)}))
        self.assertEqual([hop.transport for hop in message.headers.all(VIA)][3], "UNKNOWN")
        long = "extremely" + "-long" * 50
        vias = [f"SIP/2.0/TCP sip{n}.example.com;branch=z9hG4bK{long}{n}" for n in range(34)]
        message = self.accepted(
            request(
                {
                    "Via": ",\r\n ".join(vias[:10]),
                    "v": ", ".join(vias[10:]),
                    "To": f'"{long}" <sip:{long}@h>;x="{long}"',
                }
            )
        )
        self.assertEqual(len(message.headers.all(VIA)), 34)

    def test_bodies(self) -> None:
        """A second request behind the first is dropped; octets stay octets in several parts (dblreq, mpart01)."""
        # = rfc3261:18.3/1 test
        # = rfc3261:7.4.1/5 test
        # = rfc3261:7.4.1/3 test
        first = request(method="REGISTER")
        self.assertEqual(bytes(read(first + request(method="INVITE"))), first)
        body = b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x80\r\xff\n\r\n--b--"
        message = self.accepted(request({"Content-Type": 'multipart/mixed;boundary="b"'}, method="MESSAGE", body=body))
        found = read_multipart(message.headers.one(CONTENT_TYPE), message.body)
        self.assertEqual([part.body for part in found.parts], [b"Hello", b"\x00\x80\r\xff\n"])

    def test_reasons(self) -> None:
        """A reason phrase in another script, and none at all (unreason, noreason)."""
        # = rfc3261:7.2/1 test
        self.accepted(response(start="SIP/2.0 200 = 2**3 * 5**2 \u043d\u043e \u0441\u0442\u043e"))
        self.accepted(response(start="SIP/2.0 100 "))

    def test_older_elements_and_empty_branches(self) -> None:
        """No tag, no branch, no Max-Forwards, a cookie with nothing behind it (inv2543, badbranch)."""
        # = rfc3261:12.1.1/14 test
        older = {
            "Via": "SIP/2.0/UDP iftgw.example.com",
            "From": "<sip:+13035551111@ift.example.net;user=phone>",
            "Max-Forwards": None,
            "Contact": None,
        }
        message = self.accepted(
            request({**older, "To": "sip:+16505552222@ss1.example.net;user=phone"}, method="INVITE")
        )
        self.assertIsNone(message.headers.from_.tag)
        self.assertEqual(self.accepted(request({"Via": "SIP/2.0/UDP h;branch=z9hG4bK"})).headers.via.branch, "z9hG4bK")

    def test_contacts_of_registrations(self) -> None:
        """A parameter belongs to the field without brackets and to the URI within; escaped header fields stand within (cparam01, cparam02, regescrt)."""
        # = rfc3261:20.10/0 test
        outside = self.accepted(
            request({"Contact": "sip:+19725552222@gw1.example.net;unknownparam"}, method="REGISTER")
        ).headers.one(CONTACT)
        within = self.accepted(
            request({"Contact": "<sip:+19725552222@gw1.example.net;unknownparam>"}, method="REGISTER")
        ).headers.one(CONTACT)
        assert isinstance(outside, Contact)
        assert isinstance(within, Contact)
        self.assertEqual((outside.parameters, within.parameters), ({"unknownparam": None}, {}))
        self.accepted(request({"Contact": "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"}, method="REGISTER"))


class InvalidTests(Refusing):
    """Section 3.1.2: wrong, and what the sender is owed."""

    def test_framing(self) -> None:
        """A body shorter than announced, a negative length (clerr, ncl)."""
        # = rfc3261:18.3/3 test
        self.refused(request({"Content-Length": "9999"}, body=b"v=0"), 400, "Content-Length")
        self.refused(request({"Content-Length": "-999"}, body=b"v=0"), 400, "Content-Length")

    def test_scalars(self) -> None:
        """Numbers that do not fit, in requests and in responses (scalar02, scalarlg, bigcode)."""
        # = rfc3261:8.1.1.5/2a test
        # = rfc3261:20.16/1 test
        # = rfc3261:20.22/0 test
        self.refused(request({"CSeq": "36893488147419103232 REGISTER"}, method="REGISTER"), 400, "CSeq")
        self.refused(request({"Max-Forwards": "300"}), 400, "Max-Forwards")
        self.refused(response({"CSeq": "9223372036854775808 OPTIONS"}), None, "CSeq")
        self.refused(response(start="SIP/2.0 4294967301 better not break the receiver"), None)

    def test_separators_and_quotes(self) -> None:
        """Separators with nothing between, a quote that does not end (badinv01, quotbal)."""
        # = rfc3261:25.1/0 test
        self.refused(request({"Via": "SIP/2.0/UDP 192.0.2.15;;,;,,"}, method="INVITE"), 400, "Via")
        self.refused(request({"Contact": '"Joe" <sip:joe@example.org>;;;;'}, method="INVITE"), 400, "Contact")
        self.refused(request({"To": '"Mr. J. User <sip:j.user@example.com>'}), 400, "To")

    def test_request_lines(self) -> None:
        """Brackets, a space within, two spaces, spaces at the end (ltgtruri, lwsruri, lwsstart, trws)."""
        # = rfc3261:7.1/1a test
        # = rfc3261:7.1/1b test
        for line in (
            "INVITE <sip:user@example.com> SIP/2.0",
            "INVITE sip:user@example.com; lr SIP/2.0",
            "INVITE  sip:user@example.com  SIP/2.0",
            "OPTIONS sip:remote-target@example.com SIP/2.0  ",
        ):
            self.refused(request(start=line, method=line.split()[0]), 400)

    def test_addresses(self) -> None:
        """A question mark without brackets, spaces within them, a comma in a display name (regbadct, badaspec, baddn)."""
        # = rfc3261:20/11 test
        # = rfc3261:20.10/1 test
        self.refused(
            request({"Contact": "sip:user@example.com?Route=%3Csip:sip.example.com%3E"}, method="REGISTER"),
            400,
            "Contact",
        )
        self.refused(request({"To": '"Watson, Thomas" < sip:t.watson@example.org >'}), 400, "To")
        self.refused(request({"From": "Bell, Alexander <sip:a.g.bell@example.com>;tag=43"}), 400, "From")

    def test_versions_and_methods(self) -> None:
        """A version to come, methods that differ (badvers, mismatch01, mismatch02)."""
        # = rfc3261:7.1/4 test
        # = rfc3261:8.1.1.5/1 test
        self.refused(
            request({"Via": "SIP/7.0/UDP h;branch=z9hG4bK1"}, start="OPTIONS sip:t.watson@example.org SIP/7.0"), 505
        )
        self.refused(request({"CSeq": "8 INVITE"}), 400, "CSeq")
        self.refused(request({"CSeq": "8 INVITE"}, method="NEWMETHOD"), 400, "CSeq")

    def test_what_may_be_ignored(self) -> None:
        """Header fields in the Request-URI, a date in another zone: not needed, not refused (escruri, baddate)."""
        # = rfc3261:8.2.2/2 test
        # = rfc3261:19.1.1/13 test
        check(read(request(uri="sip:user@example.com?Route=%3Csip:example.com%3E", method="INVITE")))
        check(read(request({"Date": "Fri, 01 Jan 2010 16:00:00 EST"}, method="INVITE")))

    def test_fields_that_are_missing_or_too_many(self) -> None:
        """Without the mandatory ones, with two where one may stand (insuf, multi01, mcl01)."""
        # = rfc3261:8.1.1/1 test
        # = rfc3261:20/5a test
        # = rfc3261:7.3.1/2 test
        self.refused(request({"Call-ID": None, "From": None, "To": None}, method="INVITE"), 400)
        for name, text in (
            ("cseq", "5 OPTIONS"),
            ("i", "x@y"),
            ("t", "sip:a@b"),
            ("f", "sip:a@b;tag=1"),
            ("max-forwards", "5"),
            ("l", "0"),
        ):
            self.refused(request({name: text}), 400)


class ApplicationTests(Refusing):
    """Section 3.3: well-formed, and refused by who understands less."""

    def test_what_a_recipient_owes(self) -> None:
        """Schemes, extensions, bodies and hops (unkscm, novelsc, bext01, invut, zeromf)."""
        # = rfc3261:8.2.2.1/4 test
        # = rfc3261:8.2.2.3/1 test
        # = rfc3261:16.3/15 test
        # = rfc3261:16.3/11 test
        # = rfc3261:8.2.3/1 test
        phone, proxy = Understood(), Understood(forwards=True)
        for uri in ("nobodyKnowsThisScheme:totallyopaquecontent", "soap.beep://192.0.2.103:3002"):
            self.assertRaises(UnsupportedURIScheme, self.judge, request(uri=uri), phone)
        tags = {
            "Require": "nothingSupportsThis, nothingSupportsThisEither",
            "Proxy-Require": "noProxiesSupportThis, norDoAnyProxiesSupportThis",
        }
        refusal = self.assertRaises(BadExtension, self.judge, request(tags), phone)
        self.assertEqual(refusal.headers, (("Unsupported", "nothingSupportsThis, nothingSupportsThisEither"),))
        refusal = self.assertRaises(BadExtension, self.judge, request(tags), proxy)
        self.assertEqual(refusal.headers, (("Unsupported", "noProxiesSupportThis, norDoAnyProxiesSupportThis"),))
        octets = request({"Content-Type": "application/unknownformat"}, method="INVITE", body=b"<audio/>")
        self.assertRaises(UnsupportedMediaType, self.judge, octets, phone)
        self.assertRaises(TooManyHops, self.judge, request({"Max-Forwards": "0"}), proxy)
        self.judge(request({"Max-Forwards": "0"}), phone)

    def judge(self, octets: bytes, understood: Understood) -> None:
        """Hold a request against what is understood."""
        message = read(octets)
        check(message)
        assert isinstance(message, Request)
        refuse(message, understood)

    def test_what_is_well_formed_all_the_same(self) -> None:
        """Schemes of all kinds in addresses, an unknown authentication scheme, broadcast addresses in Via (unksm2, regaut01, bcast)."""
        # = rfc3261:8.1.1.2/1 test
        # = rfc3261:10.2.1/1 test
        check(
            read(
                request(
                    {"To": "isbn:2983792873", "From": "<http://www.example.com>;tag=1", "Contact": "<name:John_Smith>"},
                    method="REGISTER",
                )
            )
        )
        check(read(request({"Authorization": "NoOneKnowsThisScheme opaque-data=here"}, method="REGISTER")))
        check(
            read(
                response(
                    {
                        "v": "SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1",
                        "VIA": "SIP/2.0/UDP 192.168.1.66;branch=z9hG4bK2",
                    }
                )
            )
        )
        self.assertRaises(BadRequest, read, request({"To": "isbn2983792873"}))
