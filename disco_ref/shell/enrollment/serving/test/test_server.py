"""The server over HTTPS: what it gives, and each way in which it does not."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path

from cryptography import x509
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase
from twisted.web.http_headers import Headers

from disco_ref.clock import Instant
from disco_ref.reload.enrollment.document import read
from disco_ref.reload.enrollment.request import make_request
from disco_ref.reload.enrollment.test.overlays import DAY, context
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.test.keys import ecdsa_key
from disco_ref.shell.enrollment.form import Part, write_form
from disco_ref.shell.enrollment.member.agent import Answer, NotEnrolled, Place, place
from disco_ref.shell.enrollment.member.client import Client
from disco_ref.shell.enrollment.serving.founding import CERTIFICATE
from disco_ref.shell.enrollment.test.servers import NAME, PASSWORD, Server

CSR = make_request(ecdsa_key(1))
PKCS10, TEXT = "application/pkcs10", "text/plain"


class ServerTest(TestCase):
    """Real HTTPS on the loopback."""

    timeout = 20

    def setUp(self) -> None:
        """A server with an account."""
        self.server = Server(Path(self.mktemp()))
        self.addCleanup(self.server.stop)

    async def post(
        self,
        *,
        user: str = "alice",
        password: bytes = PASSWORD,
        kind: str = PKCS10,
        accept: str | None = None,
        **more: bytes,
    ) -> Answer:
        """The answer to a form; ``csr`` and others replace or join what is in it."""
        parts = {"username": user.encode(), "password": password, "csr": CSR, **more}
        form = [(name, Part(kind if name == "csr" else TEXT, octets)) for name, octets in parts.items()]
        headers = Headers(
            {"Content-Type": ["multipart/form-data; boundary=-between"], "Accept": [accept or "application/pkix-cert"]}
        )
        return await self.server.asking().ask(self.server.enrollment, b"POST", headers, write_form(form, "-between"))

    async def test_configuration(self) -> None:
        """The document is given as it stands in the file, with its media type, and anew when it was signed anew."""
        # = rfc6940:11.2/7 test
        where = place(self.server.url)
        first = await self.server.asking().ask(where, b"GET", Headers())
        self.assertEqual((first.status, first.media_type), (200, "application/p2p-overlay+xml"))
        self.assertEqual(first.octets, self.server.foundation.document())
        self.server.change(lambda current: current)
        second = await self.server.asking().ask(where, b"GET", Headers())
        before, after = (read(each.octets)[0].configuration.sequence for each in (first, second))
        self.assertEqual((before, after), (2, 3))

    async def test_issued(self) -> None:
        """A good request gets a certificate of its media type for the account's own name."""
        # = rfc6940:11.3/13 test
        # = rfc6940:11.3/24 test
        answer = await self.post()
        self.assertEqual((answer.status, answer.media_type), (200, "application/pkix-cert"))
        found = read_certificate(answer.octets, context())
        self.assertEqual(found.user_name, f"alice@{NAME}")
        self.assertEqual(found.x509.public_key(), ecdsa_key(1).public_key())
        found.x509.verify_directly_issued_by(self.server.foundation.authority().certificate)

    async def test_returning(self) -> None:
        """The same user gets the same Node-IDs again; more of them where more are asked for; a bad one never again."""
        # = rfc6940:11.3/19 test
        answers = [await self.post(), await self.post(nodeids=b"2"), await self.post(csr=make_request(ecdsa_key(2)))]
        first, two, one = [read_certificate(each.octets, context()).node_ids for each in answers]
        self.assertEqual((len(two), two[0], one), (2, first[0], first))
        self.server.change(lambda current: replace(current, bad_node=first))
        again = read_certificate((await self.post()).octets, context()).node_ids
        self.assertEqual(again, (two[1],))

    async def test_failed_authentication(self) -> None:
        """A wrong password, an unknown account, another case, or nothing at all: one token for all of them."""
        # = rfc6940:11.3/12 test
        # = rfc6940:11.3/25 test
        # = rfc6940:11.3/7 test
        wrong: list[dict[str, object]] = [{"password": b"x"}, {"user": "bob"}, {"user": "Alice"}, {"password": b""}]
        for each in wrong:
            answer = await self.post(**each)  # type: ignore[arg-type]
            found = (answer.status, answer.media_type, answer.octets)
            self.assertEqual(found, (403, "text/plain", b"failed_authentication"))
        self.assertNotIn(PASSWORD.decode(), "".join(self.server.log))

    async def test_tokens(self) -> None:
        """Each fault has its token."""
        # = rfc6940:11.3/25 test
        signed = bytearray(make_request(ecdsa_key(1), f"tea@{NAME}"))
        signed[signed.index(b"tea@")] = ord("s")
        self.server.store.add("bob", "x", f"bob@{NAME}")
        cases = [
            (b"bad_CSR", {"csr": bytes(signed)}),
            (b"bad_CSR", {"csr": b"none"}),
            (b"bad_CSR", {"kind": TEXT}),
            (b"Node-IDs_not_available", {"nodeids": b"4"}),
            (b"Node-IDs_not_available", {"nodeids": b"0"}),
            (b"username_not_available", {"csr": make_request(ecdsa_key(1), f"bob@{NAME}")}),
            (b"username_not_available", {"csr": make_request(ecdsa_key(1), f"ALICE@{NAME}")}),
            (b"username_not_available", {"csr": make_request(ecdsa_key(1), "tea@other.example")}),
            (b"username_not_available", {"csr": make_request(ecdsa_key(1), f"a\0b@{NAME}")}),
        ]
        for token, more in cases:
            answer = await self.post(**more)  # type: ignore[arg-type]
            self.assertEqual((answer.status, answer.octets), (403, token))

    async def test_conference(self) -> None:
        """A free name of the domain is the account's that asks first; another account does not get it."""
        csr = make_request(ecdsa_key(3), f"tea@{NAME}")
        first = read_certificate((await self.post(csr=csr)).octets, context())
        own = read_certificate((await self.post()).octets, context())
        self.assertEqual(first.user_name, f"tea@{NAME}")
        self.assertFalse(set(first.node_ids) & set(own.node_ids))
        self.server.store.add("bob", self.server.passwords.hash(b"b"), f"bob@{NAME}")
        answer = await self.post(user="bob", password=b"b", csr=csr)
        self.assertEqual(answer.octets, b"username_not_available")

    async def test_too_many_failures(self) -> None:
        """After ten wrong passwords even the right one must wait; later it is taken."""
        for _ in range(10):
            await self.post(password=b"x")
        answer = await self.post()
        self.assertEqual((answer.status, answer.octets), (429, b"later"))
        self.server.moment = Instant(self.server.moment + 21)
        self.assertEqual((await self.post()).status, 200)

    async def test_success_in_between(self) -> None:
        """Whoever has an account cannot guess at those of others without end by logging in in between."""
        statuses = [
            (await self.post(user=user, password=password)).status
            for _ in range(11)
            for user, password in (("bob", b"x"), ("alice", PASSWORD))
        ]
        self.assertEqual((statuses[:4], statuses[-2:]), ([403, 200, 403, 200], [429, 429]))

    async def test_malformed(self) -> None:
        """What is no form is answered with 400, what takes no certificate with 406, other ways and methods with their own."""
        # = rfc6940:11.3/11 test
        self.assertEqual((await self.post(accept="text/html")).status, 406)
        asking, where = self.server.asking(), self.server.enrollment
        for content in ("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x"):
            self.assertEqual(
                (await asking.ask(where, b"POST", Headers({"Content-Type": [content]}), b"a=b")).status, 400
            )
        self.assertEqual((await asking.ask(where, b"GET", Headers())).status, 405)
        self.assertEqual((await asking.ask(where._replace(url=where.url + "x"), b"GET", Headers())).status, 404)

    async def test_huge(self) -> None:
        """A body that grows too long is cut off, and the server goes on."""
        try:
            answer = await self.post(csr=bytes(300_000))
            self.assertEqual(answer.status, 413)
        except NotEnrolled as cut:
            self.assertIn(self.server.enrollment.url, str(cut))
        self.assertEqual((await self.post()).status, 200)

    async def test_many_at_once(self) -> None:
        """Requests at the same time get their own certificates."""
        asked = [Deferred.fromCoroutine(self.post()) for _ in range(8)]
        serials = {x509.load_der_x509_certificate(each.octets).serial_number for each in await gatherResults(asked)}
        self.assertEqual(len(serials), 8)

    async def test_name_of_the_server(self) -> None:
        """A certificate for another name is refused before anything is sent, and so is one that nobody vouches for."""
        # = rfc6940:11.2/6a test
        # = rfc6940:11.3/4 test
        where = place(self.server.url, "other.example")
        refused = await self.assertFailure(
            Deferred.fromCoroutine(self.server.client().configuration(where)), NotEnrolled
        )
        self.assertIn("does not match other.example", str(refused))
        stranger = Server(Path(self.mktemp()))
        self.addCleanup(stranger.stop)
        self.assertIn("--ca", await self.refused(stranger.client(), place(self.server.url)))

    async def refused(self, client: Client, where: Place) -> str:
        """Why a client gets no configuration."""
        try:
            await client.configuration(where)
        except NotEnrolled as refused:
            return str(refused)
        raise self.failureException("it was believed")

    async def test_client_that_negotiates(self) -> None:
        """A client that offers HTTP/2 and HTTP/1.1 by ALPN, as browsers and curl do, gets the second."""
        context = ssl.create_default_context(cafile=self.server.folder / CERTIFICATE)
        context.set_alpn_protocols(["h2", "http/1.1"])

        def ask() -> str | None:
            plain = socket.create_connection(("127.0.0.1", self.server.port), timeout=10)
            with context.wrap_socket(plain, server_hostname=NAME) as wire:
                return wire.selected_alpn_protocol()

        self.assertEqual(await deferToThread(ask), "http/1.1")

    async def test_signed_anew_in_time(self) -> None:
        """The configuration is signed anew when half of its time has passed, and not before."""
        self.assertFalse(self.server.foundation.renew())
        self.server.moment = Instant(self.server.moment + 16 * DAY)
        self.assertTrue(self.server.foundation.renew())
        self.assertFalse(self.server.foundation.renew())
