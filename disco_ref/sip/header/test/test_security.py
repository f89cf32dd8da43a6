"""Tests of the fields of authentication."""

from __future__ import annotations

from disco_ref.sip.header.security.authorization import (
    AUTHENTICATION_INFO,
    AUTHORIZATION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    WWW_AUTHENTICATE,
    Credentials,
    parameter_text,
)
from disco_ref.sip.header.test.cases import FieldCase


class AuthorizationTests(FieldCase):
    """RFC 3261, sections 20.6, 20.7, 20.27, 20.28 and 20.44."""

    def test_credentials(self) -> None:
        """A scheme and parameters with commas between them, one set of credentials in a row."""
        # = rfc3261:20.7/0 test
        # = rfc3261:20.28/0 test
        # = rfc3261:7.3.1/4b test
        # = rfc3261:20.7/1 test
        # = rfc3261:20.28/1 test
        # = rfc3261:22.4/3 test
        text = 'Digest username="a,\\"b\\"", realm="r",nonce="n" , uri="sip:x", response="0", qop=auth, nc=0000000a'
        for field in (AUTHORIZATION, PROXY_AUTHORIZATION):
            value = field.read(f" {text} ")[0]
            self.assertEqual(
                (value.scheme, value.parameters["username"], value.parameters["nc"]), ("Digest", 'a,"b"', "0000000a")
            )
            self.assertEqual(field.rewritten([text, "X a=b"]), [text, "X a=b"])
            self.refused(
                field,
                [
                    "",
                    "Digest",
                    "Digest a",
                    "Digest a=",
                    "Digest a=b,",
                    "Digest ,a=b",
                    "Digest a=b c=d",
                    "a=b",
                    "Digest a=b;c=d",
                ],
            )
            self.refused(
                field, ["Digest nc=1", "Digest realm=x", "Digest uri=x", 'Digest a=b, A="c"', 'Digest username="x']
            )

    def test_challenges(self) -> None:
        """The same with the parameters of a challenge."""
        # = rfc3261:20.44/0 test
        # = rfc3261:20.27/0 test
        text = 'Digest realm="r", domain="sip:a sip:b", nonce="n", opaque="", stale=FALSE, algorithm=MD5, qop="auth,auth-int"'
        for field in (WWW_AUTHENTICATE, PROXY_AUTHENTICATE):
            self.assertEqual(field.read(text)[0].parameters["qop"], "auth,auth-int")
            self.refused(field, ["Digest", "Digest realm=r", "Digest stale=maybe", 'Digest nonce="a", nonce="b"'])

    def test_info(self) -> None:
        """Parameters alone."""
        # = rfc3261:20.6/0 test
        self.assertEqual(
            AUTHENTICATION_INFO.read('nextnonce="x" , nc=00000001')[0].parameters, {"nextnonce": "x", "nc": "00000001"}
        )
        self.refused(AUTHENTICATION_INFO, ["", "x", 'Digest a="b"', "nextnonce=x", "nc=1"])

    def test_made_by_hand(self) -> None:
        """Values are quoted but for those that must not be."""
        value = Credentials("Digest", parameter_text({"username": 'a"b', "nc": "00000001"}))
        self.assertEqual(str(value), 'Digest username="a\\"b", nc=00000001')
        self.assertEqual(AUTHORIZATION.read(str(value)), [value])
