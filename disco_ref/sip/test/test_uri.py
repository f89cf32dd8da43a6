"""Tests of URIs."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.uri import LONGEST_URI, AbsoluteUri, SipUri, TelUri, equivalent, read_uri, sip_uri


class SipUriTests(SynchronousTestCase):
    """SIP and SIPS URIs (RFC 3261, section 19.1)."""

    def sip(self, text: str) -> SipUri:
        """The URI, which must be a SIP URI and be written as it was read."""
        uri = read_uri(text)
        assert isinstance(uri, SipUri)
        self.assertEqual(str(uri), text)
        return uri

    def test_every_part(self) -> None:
        """User, password, host, port, parameters and header fields are told apart."""
        # = rfc3261:19.1.1/0 test
        # = rfc3261:8.1.1.2/2 test
        # = rfc3261:8.1.1.2/3 test
        uri = self.sip("sips:alice:s3cret@atlanta.example:5061;transport=tcp;lr?subject=project%20x&priority=urgent")
        self.assertEqual((uri.scheme, uri.user, uri.password), ("sips", "alice", "s3cret"))
        self.assertEqual((uri.host, uri.port), ("atlanta.example", 5061))
        self.assertEqual(uri.parameters, {"transport": "tcp", "lr": None})
        self.assertEqual(uri.headers, {"subject": "project%20x", "priority": "urgent"})

    def test_sizes(self) -> None:
        """Zeros before a port do not count, however many; a URI has a longest length."""
        self.assertEqual(self.sip(f"sip:h:{'0' * 9999}5060").port, 5060)
        self.assertEqual(self.sip("sip:h:000000").port, 0)
        self.sip(f"sip:{'a' * (LONGEST_URI - 6)}@h")
        self.assertRaises(BadRequest, read_uri, f"sip:{'a' * (LONGEST_URI - 5)}@h")

    def test_hosts(self) -> None:
        """Names, IPv4 and IPv6 addresses; a name's last label begins with a letter."""
        # = rfc3261:19.1.1/1 test
        # = rfc3261:19.1.2/6 test
        # = rfc3261:25.1/0 test
        for host in (
            "h",
            "a-b.c9",
            "example.com.",
            "192.0.2.1",
            "[2001:db8::1]",
            "[::]",
            "[::ffff:192.0.2.1]",
            "x1.a-9",
        ):
            self.assertEqual(self.sip(f"sip:{host}").host, host)
        bad = (
            "",
            ".",
            "-a",
            "a-.b",
            "a..b",
            "1.2.3",
            "a.1b",
            "[::1",
            "[1::2::3]",
            "[12345::]",
            "[1:2:3:4:5:6:7:8:9]",
            "a_b",
            "x%41",
        )
        for host in bad:
            self.assertRaises(BadRequest, read_uri, f"sip:{host}")

    def test_users(self) -> None:
        """The user part holds much that is reserved elsewhere, also a semicolon and a question mark."""
        # = rfc3261:19.1.1/2 test
        # = rfc3261:19.1.2/2 test
        # = rfc3261:19.1.2/3 test
        # = rfc3261:19.1.2/5 test
        # = rfc3261:25.1/4 test
        # = rfc3261:19.1.2/1 test
        for user in (
            "alice;day=tuesday",
            "+1-212-555-1212",
            "a/b?c&d=e+f$g,h",
            "null-%00-null",
            "sips%3Auser%40x",
            "1_(x)~!*'",
        ):
            self.assertEqual(self.sip(f"sip:{user}@h.example").user, user)
        for user in ("", "a b", "a%4", "a%zz", "a[b]", "a#b", 'a"b', "ä"):
            self.assertRaises(BadRequest, read_uri, f"sip:{user}@h.example")

    def test_parameters(self) -> None:
        """Names fold to lower case, values stay; escapes stay as received."""
        # = rfc3261:19.1.1/12 test
        # = rfc3261:19.1.2/2 test
        # = rfc3261:19.1.2/1 test
        uri = self.sip("sip:h.example;TransPort=TCP;n%61me=v%61lue%25%34%31;odd=[:/&+$]")
        self.assertEqual(uri.parameters, {"transport": "TCP", "n%61me": "v%61lue%25%34%31", "odd": "[:/&+$]"})
        for text in (";", ";=x", ";a=", ";a;;b", ";a=b=c", ";a b", "; lr", ';a="b"'):
            self.assertRaises(BadRequest, read_uri, f"sip:h.example{text}")

    def test_parameters_that_are_wrong_in_meaning(self) -> None:
        """A name twice, a time to live above 255, UDP under TLS, a port above 65535."""
        # = rfc3261:19.1.1/7 test
        # = rfc3261:19.1.1/8 test
        for text in ("sip:h;a=1;A=2", "sip:h;ttl=256", "sip:h;ttl=x", "sips:h;transport=UDP"):
            uri = read_uri(text)
            assert isinstance(uri, SipUri)
            self.assertRaises(BadRequest, lambda uri=uri: uri.parameters)
        self.assertEqual(self.sip("sip:h:065535").port, 65535)
        uri = self.sip("sip:h:65536")
        self.assertRaises(BadRequest, lambda: uri.port)
        self.assertRaises(BadRequest, read_uri, "sip:h:123456")

    def test_coord_may_end_in_equals_signs(self) -> None:
        """Base64 in ``coord``, escaped or not, as the draft's example has it; no other parameter may."""
        for value in ("YWxpY2U=", "YQ==", "YWxpY2VAZXhhbXBsZS5jb20%3D"):
            self.assertEqual(self.sip(f"sip:a@h;coord={value};lr").parameters["coord"], value)
        self.assertRaises(BadRequest, read_uri, "sip:a@h;cord=YQ==")
        self.assertRaises(BadRequest, read_uri, "sip:a@h;coord==")

    def test_header_fields(self) -> None:
        """Each has a name, an equals sign, and a value that may be empty."""
        # = rfc3261:19.1.2/4 test
        self.assertEqual(self.sip("sip:h?a=&b=x?y").headers, {"a": "", "b": "x?y"})
        for text in ("?", "?a", "?=b", "?a=b&", "?a=b=c", "?a=;"):
            self.assertRaises(BadRequest, read_uri, f"sip:h{text}")

    def test_made_by_hand(self) -> None:
        """Parts make a URI; parts that would make none are refused."""
        uri = sip_uri("192.0.2.1", user="bob", port=5070, parameters={"transport": "tcp", "lr": None})
        self.assertEqual(str(uri), "sip:bob@192.0.2.1:5070;transport=tcp;lr")
        self.assertRaises(BadRequest, sip_uri, "h", user="b b")
        self.assertRaises(BadRequest, sip_uri, "h", parameters={"a": ""})


class OtherUriTests(SynchronousTestCase):
    """Telephone numbers (RFC 3966) and all other schemes."""

    def test_telephone_numbers(self) -> None:
        """Global ones by themselves, local ones with a context."""
        # = rfc3261:8.1.1.2/1 test
        uri = read_uri("tel:+1-201-555-0123;ext=17;isub=a%2Fb")
        assert isinstance(uri, TelUri)
        self.assertEqual((uri.number, uri.parameters), ("+1-201-555-0123", {"ext": "17", "isub": "a%2Fb"}))
        for text in ("tel:7042;phone-context=example.com", "tel:*21#;phone-context=+1-914", "TEL:+(44)20.7946"):
            self.assertEqual(str(read_uri(text)), text)
        for text in (
            "tel:",
            "tel:7042",
            "tel:+",
            "tel:+1a",
            "tel:1;phone-context=",
            "tel:+1;ext=a",
            "tel:+1;a=1;a=2",
            "tel:7;phone-context=a_b",
            "tel:+1;ext",
            "tel:+1;",
        ):
            self.assertRaises(BadRequest, read_uri, text)

    def test_any_scheme(self) -> None:
        """What follows the colon is kept as it is."""
        # = rfc3261:7.1/2 test
        # = rfc3261:25.1/0 test
        for text in (
            "http://a.example/b;c?d=e",
            "urn:service:sos",
            "soap.beep://192.0.2.103:3002",
            "nobody:x%20y",
            "x:/abs",
            "im:a@b",
        ):
            uri = read_uri(text)
            assert isinstance(uri, AbsoluteUri)
            self.assertEqual(str(uri), text)
            self.assertEqual(uri.scheme, text.partition(":")[0])
        for text in ("", "x", "x:", "1x:y", "x:a b", "x:<y>", "x:a%2", "http://a#b", ":x", "x:\n"):
            self.assertRaises(BadRequest, read_uri, text)


class EquivalenceTests(SynchronousTestCase):
    """Comparison of URIs, with the pairs of RFC 3261, section 19.1.4."""

    def test_the_pairs_that_are_equivalent(self) -> None:
        """Escapes, case of the host, order and unknown parameters do not count."""
        # = rfc3261:19.1.2/0 test
        # = rfc3261:19.1.4/0 test
        # = rfc3261:19.1.4/1 test
        for one, other in (
            ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
            ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
            (
                "sip:b.com;transport=tcp;method=REGISTER?to=sip:bob%40b.com",
                "sip:b.com;method=REGISTER;transport=tcp?to=sip:bob%40b.com",
            ),
            ("sip:a@b.com?subject=project%20x&priority=urgent", "sip:a@b.com?priority=urgent&subject=project%20x"),
            ("tel:+1-201-555-0123", "tel:+12015550123"),
        ):
            self.assertTrue(equivalent(read_uri(one), read_uri(other)), (one, other))

    def test_the_pairs_that_are_not(self) -> None:
        """Scheme, user, port, transport and header fields count."""
        # = rfc3261:19.1.4/0 test
        # = rfc3261:19.1.4/1 test
        for one, other in (
            ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
            ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
            ("sip:a@b.com", "sips:a@b.com"),
            ("sip:a:x@b.com", "sip:a:y@b.com"),
            ("sip:a@b.com", "tel:+1"),
            ("sip:a%40b@c.com", "sip:a@c.com"),
        ):
            self.assertFalse(equivalent(read_uri(one), read_uri(other)), (one, other))
