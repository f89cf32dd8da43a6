"""Tests of digest authentication, from the worked examples of the specifications to a client that meets a server."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.sip.digest.accounts import Account, Accounts
from disco_ref.sip.digest.authenticator import Authenticator, ProxyUnauthenticated, Unauthenticated
from disco_ref.sip.digest.keyring import MOST_ROUNDS, Keyring
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.digest.scheme import Algorithm, Exchange, response, secret
from disco_ref.sip.header.security.authorization import AUTHORIZATION, PROXY_AUTHORIZATION
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.test.entropy import entropy

NOW = Instant(1_700_000_000.0)
REALM = "example.com"
REGISTER = (
    "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
    "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\nCall-ID: c1\r\nCSeq: 7 REGISTER\r\n"
)


def request(*lines: str, body: bytes = b"") -> Request:
    """A REGISTER with more header lines."""
    text = REGISTER + "".join(f"{line}\r\n" for line in lines) + f"Content-Length: {len(body)}\r\n\r\n"
    message = read(text.encode() + body)
    assert isinstance(message, Request)
    return message


def refusal(status: int, *lines: str) -> Response:
    """A response with header lines."""
    text = (
        f"SIP/2.0 {status} No\r\nVia: SIP/2.0/UDP a.example.com;branch=z9hG4bK1\r\nFrom: <sip:alice@example.com>;tag=1\r\n"
        "To: <sip:alice@example.com>;tag=2\r\nCall-ID: c1\r\nCSeq: 7 REGISTER\r\n"
    )
    message = read((text + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode())
    assert isinstance(message, Response)
    return message


class Scheme(SynchronousTestCase):
    """What is computed."""

    def test_example_of_rfc2617(self) -> None:
        """The worked example of RFC 2617, section 3.5."""
        a1 = secret(Algorithm.MD5, "Mufasa", "testrealm@host.com", "Circle Of Life")
        nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
        exchange = Exchange("GET", "/dir/index.html", nonce, "auth", "00000001", "0a4f113b")
        # = rfc2617:3.5/0 test
        self.assertEqual(response(Algorithm.MD5, a1, exchange), "6629fae49393a05397450978507c4ef1")

    def test_example_of_rfc7616(self) -> None:
        """The worked example of RFC 7616, section 3.9.1, with both algorithms."""
        nonce, cnonce = (
            "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        )
        exchange = Exchange("GET", "/dir/index.html", nonce, "auth", "00000001", cnonce)
        expected = {
            Algorithm.MD5: "8ca523f5e9506fed4657c9700eebdbec",
            Algorithm.SHA_256: "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        }
        for algorithm, digest in expected.items():
            a1 = secret(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life")
            # = rfc7616:3.9.1/0 test
            self.assertEqual(response(algorithm, a1, exchange), digest)

    def test_empty_body(self) -> None:
        """Without a body, auth-int counts the hash of nothing."""
        md5 = Algorithm.MD5
        expected = md5.hash("s:n:1:c:auth-int:" + md5.hash("INVITE:sip:b:d41d8cd98f00b204e9800998ecf8427e"))
        # = rfc3261:22.4/0 test
        self.assertEqual(response(md5, "s", Exchange("INVITE", "sip:b", "n", "auth-int", "1", "c")), expected)

    def test_names(self) -> None:
        """No algorithm means MD5, case does not count, others are unknown."""
        self.assertEqual(
            [Algorithm.named(name) for name in (None, "md5", "sha-256", "MD5-sess")],
            [Algorithm.MD5, Algorithm.MD5, Algorithm.SHA_256, None],
        )

    def test_secrets_do_not_print(self) -> None:
        """Neither a client's account nor a server's accounts show a password."""
        accounts = Accounts({"alice": "wonderland"})
        accounts.secret(Algorithm.MD5, "alice", REALM)
        shown = repr(accounts) + str(Account("alice", "wonderland")) + repr([Account("alice", "wonderland")])
        self.assertNotIn("wonderland", shown)


class Server(SynchronousTestCase):
    """Challenges, and what proves a user."""

    def setUp(self) -> None:
        """A server that knows one user."""
        source = entropy()
        self.nonces = Nonces(source, remembered=4)
        self.accounts = Accounts({"alice": "wonderland"})
        self.server = Authenticator(REALM, self.accounts, self.nonces, integrity=True)
        self.client = Keyring([Account("alice", "wonderland")], source)

    def challenged(self, asked: Request, now: Instant = NOW, server: Authenticator | None = None) -> Response:
        """The response that a request without good credentials gets."""
        caught = self.assertRaises(Unauthenticated, (server or self.server).authenticate, asked, now)
        return refusal(caught.status or 0, *(f"{name}: {text}" for name, text in caught.headers))

    def test_both_sides(self) -> None:
        """A request without credentials is challenged; with the right password it is accepted, by the strongest algorithm."""
        # = rfc3261:22.2/2 test
        # = rfc3261:22.4/6 test
        challenge = self.challenged(request())
        self.assertIn('qop="auth,auth-int"', str(challenge.headers.texts("www-authenticate")))
        again = self.client.answer(request(), challenge)
        assert again is not None
        # = rfc3261:22.2/8 test
        self.assertEqual(again.headers.cseq.number, 8)
        (credentials,) = again.headers.all(AUTHORIZATION)
        self.assertEqual(credentials.parameters["algorithm"], "SHA-256")
        # = rfc3261:22.4/3 test
        self.assertIn('uri="sip:example.com"', credentials.parameter_text)
        self.assertEqual(self.server.authenticate(again, NOW), "alice")

    def test_quality(self) -> None:
        """Without integrity of bodies only ``auth`` is offered, and nothing else taken."""
        server = Authenticator(REALM, self.accounts, self.nonces)
        challenge = self.challenged(request(), server=server)
        (offered, _) = (
            each.partition("qop=")[2].partition(",")[0] for each in challenge.headers.texts("www-authenticate")
        )
        self.assertEqual(offered, '"auth"')
        again = self.client.answer(request(), self.challenged(request()))
        assert again is not None
        (credentials,) = again.headers.all(AUTHORIZATION)
        self.assertEqual(credentials.parameters["qop"], "auth")

    def test_wrong_password(self) -> None:
        """A wrong password, or an unknown user, is challenged again, and is not called stale."""
        for account in (Account("alice", "nope"), Account("mallory", "wonderland")):
            again = Keyring([account], entropy()).answer(request(), self.challenged(request()))
            assert again is not None
            self.assertNotIn("stale", str(self.challenged(again).headers.texts("www-authenticate")))

    def test_stale(self) -> None:
        """An old nonce with the right password is stale, and the client then tries once more."""
        again = self.client.answer(request(), self.challenged(request()))
        assert again is not None
        later = Instant(NOW + 301)
        stale = self.challenged(again, later)
        self.assertIn("stale=true", str(stale.headers.texts("www-authenticate")))
        third = self.client.answer(again, stale)
        assert third is not None
        # = rfc3261:22.1/13 test
        self.assertEqual(self.server.authenticate(third, later), "alice")

    def test_replay(self) -> None:
        """The same count again is stale for another request; for the same one, on another way, it is not."""
        again = self.client.answer(request(), self.challenged(request()))
        assert again is not None
        for _ in range(2):
            self.assertEqual(self.server.authenticate(again, NOW), "alice")
        replayed = request(f"Authorization: {again.headers.one(AUTHORIZATION)}")
        self.assertIn("stale=true", str(self.challenged(replayed).headers.texts("www-authenticate")))

    def test_next_request(self) -> None:
        """The next request of the client brings its credentials at once, with the next count."""
        again = self.client.answer(request(), self.challenged(request()))
        assert again is not None
        self.server.authenticate(again, NOW)
        prepared = self.client.prepare(request())
        # = rfc3261:22.2/7 test
        self.assertEqual(prepared.headers.one(AUTHORIZATION).parameters["nc"], "00000002")
        self.assertEqual(self.server.authenticate(prepared, NOW), "alice")

    def test_without_qop(self) -> None:
        """A client of RFC 2069 is accepted once for each nonce."""
        challenge = self.challenged(request())
        nonce = str(challenge.headers.texts("www-authenticate")).partition('nonce="')[2].partition('"')[0]
        a1 = secret(Algorithm.MD5, "alice", REALM, "wonderland")
        digest = response(Algorithm.MD5, a1, Exchange("REGISTER", "sip:example.com", nonce))
        line = f'Authorization: Digest username="alice",realm="{REALM}",nonce="{nonce}",uri="sip:example.com",response="{digest}"'
        # = rfc3261:22.4/1 test
        self.assertEqual(self.server.authenticate(request(line), NOW), "alice")
        other = read(bytes(request(line)).replace(b"CSeq: 7", b"CSeq: 8"))
        assert isinstance(other, Request)
        self.assertIn("stale=true", str(self.challenged(other).headers.texts("www-authenticate")))

    def test_integrity(self) -> None:
        """Under auth-int a changed body proves nothing."""
        lines = [f"WWW-Authenticate: {text}" for text in self.challenged(request()).headers.texts("www-authenticate")]
        only = [line.replace("auth,auth-int", "auth-int") for line in lines]
        again = self.client.answer(request(body=b"one"), refusal(401, *only))
        assert again is not None
        self.challenged(again._replace(body=b"two"))
        self.assertEqual(self.server.authenticate(again, NOW), "alice")

    def test_forged_nonce(self) -> None:
        """A nonce of another server, of another realm or of the future is not taken."""
        other = Nonces(lambda count: bytes(count))
        for nonce in (
            other.make(REALM, NOW),
            self.nonces.make("other", NOW),
            self.nonces.make(REALM, Instant(NOW + 9)),
        ):
            self.assertFalse(self.nonces.fresh(nonce, REALM, NOW))
        for nonce in ("", "ü" * 60, "0" * 60):
            self.assertFalse(self.nonces.fresh(nonce, REALM, NOW))

    def test_bounded_memory(self) -> None:
        """What had to be forgotten is stale; counts far behind are refused, a few behind are taken once."""
        nonces = [self.nonces.make(REALM, Instant(NOW + n)) for n in range(6)]
        for nonce in nonces:
            self.assertTrue(self.nonces.spend(nonce, 1, "a"))
        now = Instant(NOW + 6)
        self.assertEqual([self.nonces.fresh(nonce, REALM, now) for nonce in nonces], [False] * 2 + [True] * 4)
        self.assertTrue(self.nonces.spend(nonces[-1], 100, "b"))
        self.assertTrue(self.nonces.spend(nonces[-1], 99, "c"))
        self.assertFalse(self.nonces.spend(nonces[-1], 99, "d"))
        self.assertFalse(self.nonces.spend(nonces[-1], 60, "e"))

    def test_lifetime(self) -> None:
        """How long a nonce is good can be set."""
        nonces = Nonces(lambda count: bytes(count), lifetime=Duration(10))
        nonce = nonces.make(REALM, NOW)
        self.assertEqual([nonces.fresh(nonce, REALM, Instant(NOW + age)) for age in (9, 11)], [True, False])

    def test_other_schemes(self) -> None:
        """Basic is not accepted, nor are credentials of another realm; Digest without a parameter is malformed."""
        # = rfc3261:22.4/2 test
        # = rfc3261:22.3/11 test
        for text in ("Basic dXNlcjpwYXNz=x", 'Digest username="alice", realm="other", nonce="n"'):
            self.challenged(request(f"Authorization: {text}"))
        with self.assertRaises(BadRequest):
            self.server.authenticate(request(f'Authorization: Digest realm="{REALM}"'), NOW)

    def test_odd_credentials(self) -> None:
        """An algorithm or a qop that was not offered proves nothing; a qop without a count is malformed."""
        head = f'Authorization: Digest username="alice", realm="{REALM}", nonce="n", uri="x", response="y"'
        for more in (", algorithm=MD5-sess", ', qop="other"'):
            self.challenged(request(head + more))
        with self.assertRaises(BadRequest):
            # = rfc3261:22.4/8 test
            self.server.authenticate(request(head + ", qop=auth"), NOW)
        self.assertEqual((len(self.accounts), "alice" in self.accounts), (1, True))

    def test_proxy(self) -> None:
        """A proxy says 407; credentials for others do not matter to it, and stay."""
        proxy = Authenticator(REALM, self.accounts, self.nonces, proxy=True)
        challenge = self.challenged(request(), server=proxy)
        # = rfc3261:22.1/1b test
        # = rfc3261:22.3/2 test
        self.assertEqual(challenge.status_code, ProxyUnauthenticated.status)
        asked = request('Proxy-Authorization: Digest realm="other", nonce="n"')
        again = self.client.answer(asked, challenge)
        assert again is not None
        self.assertEqual(proxy.authenticate(again, NOW), "alice")
        # = rfc3261:22.3/11 test
        realms = [each.parameters["realm"] for each in again.headers.all(PROXY_AUTHORIZATION)]
        self.assertEqual(realms, ["other", REALM])


class Client(SynchronousTestCase):
    """What a client does about challenges."""

    def keyring(self, *accounts: Account) -> Keyring:
        """A client with accounts, by default one for any realm."""
        return Keyring(accounts or [Account("alice", "wonderland")], entropy())

    def test_rejected(self) -> None:
        """The same password is not sent again for the same realm."""
        keyring = self.keyring()
        challenge = refusal(401, f'WWW-Authenticate: Digest realm="{REALM}", nonce="n1", qop="auth"')
        again = keyring.answer(request(), challenge)
        assert again is not None
        # = rfc3261:22.1/13 test
        self.assertIsNone(keyring.answer(again, challenge))
        self.assertNotIn("authorization", keyring.prepare(request()).headers)

    def test_bounded(self) -> None:
        """A client remembers so many calls and realms and no more."""
        keyring = Keyring([Account("alice", "wonderland")], entropy(), remembered=2)
        line = f'Proxy-Authenticate: Digest realm="{REALM}", nonce="n"'
        for number in range(4):
            asked = read(bytes(request()).replace(b"Call-ID: c1", f"Call-ID: c{number}".encode()))
            assert isinstance(asked, Request)
            self.assertIsNotNone(keyring.answer(asked, refusal(407, line)))
        asked = read(bytes(request()).replace(b"Call-ID: c1", b"Call-ID: c0"))
        assert isinstance(asked, Request)
        self.assertNotIn("proxy-authorization", keyring.prepare(asked).headers)

    def test_endless_stale(self) -> None:
        """A server for which every nonce is stale is given up."""
        keyring, asked, rounds = self.keyring(), request(), 0
        while asked is not None and rounds < 50:
            challenge = f'WWW-Authenticate: Digest realm="{REALM}", nonce="n{rounds}", stale=true, qop="auth"'
            again = keyring.answer(asked, refusal(401, challenge))
            if again is None:
                break
            asked, rounds = again, rounds + 1
        self.assertEqual(rounds, MOST_ROUNDS)

    def test_choice(self) -> None:
        """Of several challenges for a realm the first that is understood is answered, once for each realm."""
        again = self.keyring(Account("a", "1", "one"), Account("b", "2", "two")).answer(
            request(),
            refusal(
                407,
                'Proxy-Authenticate: Digest realm="one", nonce="n", algorithm=SHA-512-256, qop="auth"',
                'Proxy-Authenticate: Digest realm="one", nonce="m", algorithm=MD5, qop="auth"',
                'Proxy-Authenticate: Digest realm="one", nonce="o", algorithm=SHA-256, qop="auth"',
                'Proxy-Authenticate: Digest realm="two", nonce="p"',
                'Proxy-Authenticate: Digest realm="three", nonce="q"',
                'WWW-Authenticate: Digest realm="two", nonce="r", opaque="s", qop="other,auth-int"',
            ),
        )
        assert again is not None
        # = rfc3261:22.3/15 test
        proved = [each.parameters for each in again.headers.all(PROXY_AUTHORIZATION)]
        self.assertEqual([(each["username"], each["nonce"]) for each in proved], [("a", "m"), ("b", "p")])
        # = rfc3261:22.4/5 test
        self.assertNotIn("cnonce", proved[1])
        (www,) = again.headers.all(AUTHORIZATION)
        # = rfc3261:22.4/7 test
        self.assertEqual((www.parameters["qop"], www.parameters["opaque"]), ("auth-int", "s"))

    def test_nothing_to_answer(self) -> None:
        """No account, no known scheme, malformed challenges, or another status: the response stands."""
        for status, line in (
            (401, 'WWW-Authenticate: Digest realm="other", nonce="n"'),
            (401, 'WWW-Authenticate: Basic realm="example.com"'),
            (401, 'WWW-Authenticate: Digest realm="example.com", nonce="n", qop="x"'),
            (401, 'WWW-Authenticate: Digest realm="example.com", nonce=n'),
            (401, "WWW-Authenticate: ;"),
            (403, 'WWW-Authenticate: Digest realm="example.com", nonce="n"'),
        ):
            self.assertIsNone(self.keyring(Account("a", "b", REALM)).answer(request(), refusal(status, line)), line)

    def test_proxy_credentials_stay_in_the_call(self) -> None:
        """What a proxy asked in one call is not offered in the next; what a server asked for a To is."""
        keyring = self.keyring()
        lines = 'Proxy-Authenticate: Digest realm="p", nonce="n"', 'WWW-Authenticate: Digest realm="w", nonce="n"'
        keyring.answer(request(), refusal(401, *lines))
        other = read(bytes(request()).replace(b"Call-ID: c1", b"Call-ID: c2"))
        assert isinstance(other, Request)
        # = rfc3261:22.3/9a test
        self.assertNotIn("proxy-authorization", keyring.prepare(other).headers)
        self.assertIn("authorization", keyring.prepare(other).headers)
        self.assertIn("proxy-authorization", keyring.prepare(request()).headers)
