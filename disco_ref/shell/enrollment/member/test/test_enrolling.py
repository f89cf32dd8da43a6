"""A member comes to its credentials, over real HTTPS, and finds its servers by the DNS."""

from __future__ import annotations

import stat
from collections.abc import Awaitable
from dataclasses import replace
from pathlib import Path

from twisted.internet.defer import Deferred, fail, succeed
from twisted.names import dns
from twisted.names.error import DNSNameError
from twisted.trial.unittest import TestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.reload.enrollment.configuration import SelfSignedPermitted
from disco_ref.reload.enrollment.credentials import NotThisOverlay
from disco_ref.reload.enrollment.test.overlays import DAY, entropy
from disco_ref.shell.enrollment.files import FilesLost
from disco_ref.shell.enrollment.member.agent import NotEnrolled, place
from disco_ref.shell.enrollment.member.discovery import Answers, discover
from disco_ref.shell.enrollment.member.enrolling import Enrolling
from disco_ref.shell.enrollment.member.wallet import OWN, Wallet
from disco_ref.shell.enrollment.test.servers import NAME, Server


def answered(name: str, port: int, target: bytes) -> Deferred[Answers]:
    """The DNS names one server."""
    payload = dns.Record_SRV(0, 1, port, target)
    return succeed(([dns.RRHeader(name, dns.SRV, payload=payload)], [], []))  # type: ignore[arg-type]


class EnrollingTest(TestCase):
    """Server and member."""

    timeout = 20

    def setUp(self) -> None:
        """A server, and an empty directory."""
        self.server = Server(Path(self.mktemp()))
        self.addCleanup(self.server.stop)
        self.wallet = Wallet(Path(self.mktemp()))

    async def refused(self, doing: Awaitable[object]) -> Exception:
        """Why something is not to be had."""
        try:
            await doing
        except (NotEnrolled, Refusal, FilesLost) as refusal:
            return refusal
        raise self.failureException("it was to be had")

    async def test_enrolled(self) -> None:
        """Configuration, key and certificate are kept, the key for its owner alone, and make a member that can sign."""
        # = rfc6940:11.2/9 test
        # = rfc6940:11.3/2 test
        _, stored = await self.server.enrolling(self.wallet).enrol()
        overlay, identity = self.wallet.member(NAME)
        self.assertEqual((overlay.name, identity.user_name), (NAME, f"alice@{NAME}"))
        self.assertEqual(identity.node_id, stored.certificate.node_ids[0])
        self.assertEqual(overlay.document, self.server.foundation.document())
        self.assertEqual(stat.S_IMODE(self.wallet.path().stat().st_mode), 0o600)

    async def test_a_good_one_is_kept(self) -> None:
        """Whoever enrols twice asks for no new certificate, before half of its time has passed; then the Node-ID stays."""
        # = rfc6940:11.3/19 test
        _, first = await self.server.enrolling(self.wallet).enrol()
        _, second = await self.server.enrolling(self.wallet).enrol()
        self.assertEqual(first.certificate.der, second.certificate.der)
        self.server.moment = Instant(self.server.moment + 50 * DAY)
        self.server.foundation.renew()
        _, third = await self.server.enrolling(self.wallet).enrol()
        self.assertNotEqual(first.certificate.der, third.certificate.der)
        self.assertEqual(first.certificate.node_ids, third.certificate.node_ids)

    async def test_several_node_ids(self) -> None:
        """As many Node-IDs as are asked for; too many are refused with the token."""
        # = rfc6940:11.3/9 test
        wish = self.server.wish()
        _, stored = await self.server.enrolling(self.wallet, wish._replace(node_ids=2)).enrol()
        second = stored.certificate.node_ids[1]
        self.assertEqual(self.wallet.member(NAME, node_id=second)[1].node_id, second)
        why = await self.refused(self.server.enrolling(self.wallet, wish._replace(node_ids=9)).enrol())
        self.assertEqual(getattr(why, "token", ""), "Node-IDs_not_available")

    async def test_conference(self) -> None:
        """A certificate for a conference stands beside that of the account."""
        wish = self.server.wish()
        await self.server.enrolling(self.wallet, wish).enrol()
        await self.server.enrolling(self.wallet, wish._replace(user_name=f"tea@{NAME}")).enrol()
        names = {self.wallet.member(NAME, each)[1].user_name for each in (OWN, f"tea@{NAME}")}
        self.assertEqual(names, {f"alice@{NAME}", f"tea@{NAME}"})
        why = await self.refused(self.server.enrolling(self.wallet, wish._replace(user_name="tea")).enrol())
        self.assertIn("no legal user name", str(why))

    async def test_wrong_password(self) -> None:
        """A wrong password is said in words, with the token, and nothing is kept."""
        wish = self.server.wish()._replace(password=b"x")
        why = await self.refused(self.server.enrolling(self.wallet, wish).enrol())
        self.assertEqual(getattr(why, "token", ""), "failed_authentication")
        self.assertFalse(self.wallet.path().exists())
        why = await self.refused(self.server.enrolling(self.wallet, wish._replace(account=None)).enrol())
        self.assertIn("--user", str(why))

    async def test_another_overlay(self) -> None:
        """A configuration of another overlay is discarded; a directory holds one overlay."""
        # = rfc6940:11.2/8 test
        other = self.server.wish()._replace(overlay="other.example")
        self.assertIsInstance(await self.refused(self.server.enrolling(self.wallet, other).enrol()), NotThisOverlay)
        await self.server.enrolling(self.wallet).enrol()
        self.assertIsInstance(await self.refused(self.server.enrolling(self.wallet, other).enrol()), FilesLost)

    async def test_revoked(self) -> None:
        """Whose Node-ID has become a bad one gets another."""
        # = rfc6940:11.1/19 test
        _, first = await self.server.enrolling(self.wallet).enrol()
        self.server.change(lambda current: replace(current, bad_node=first.certificate.node_ids))
        _, second = await self.server.enrolling(self.wallet).enrol()
        self.assertNotEqual(first.certificate.node_ids, second.certificate.node_ids)

    async def test_self_signed(self) -> None:
        """Where it is permitted a member issues its certificate itself, without any account, and keeps its Node-ID."""
        # = rfc6940:11.3.1/1 test
        # = rfc6940:11.3.1/5 test
        permitted = SelfSignedPermitted(digest="sha256", permitted=True)
        self.server.change(lambda current: replace(current, self_signed_permitted=permitted, enrollment_server=()))
        wish = self.server.wish()._replace(account=None, user_name=f"carol@{NAME}")
        configuration, stored = await self.server.enrolling(self.wallet, wish).enrol()
        self.assertTrue(stored.certificate.self_signed)
        again = await self.server.enrolling(self.wallet, wish).certificate(configuration)
        self.assertEqual(again.certificate.node_ids, stored.certificate.node_ids)
        self.assertEqual(self.wallet.member(NAME)[1].user_name, f"carol@{NAME}")

    async def test_by_the_dns(self) -> None:
        """The DNS says where to connect to; the certificate must match the overlay name all the same."""
        # = rfc6940:11.2/4 test
        # = rfc6940:11.2/6b test
        asked: list[str] = []

        def lookup(name: str) -> Deferred[Answers]:
            asked.append(name)
            return answered(name, self.server.port, b"127.0.0.1")

        client, wish = self.server.client(), self.server.wish()._replace(url=None)
        enrolling = Enrolling(client, self.wallet, wish, self.server.now, entropy(), lookup)
        await enrolling.enrol()
        self.assertEqual(asked, [f"_reload-config._tcp.{NAME}"])
        other = Enrolling(
            client, self.wallet, wish._replace(overlay="other.example"), self.server.now, entropy(), lookup
        )
        self.assertIn("does not match other.example", str(await self.refused(other.configuration())))

    async def test_not_found(self) -> None:
        """Where the DNS knows nothing, or says that there is nothing, the way out is said; other URLs are refused."""

        def nothing(name: str) -> Deferred[Answers]:
            return fail(DNSNameError())

        def nowhere(name: str) -> Deferred[Answers]:
            return answered(name, 0, b"")

        why = await self.refused(discover(NAME, None, nothing, entropy()))
        self.assertIn("--url", str(why))
        self.assertEqual(await discover(NAME, None, nowhere, entropy()), [])
        for url in ("http://x/", "https:///x", "https://a:b@x/", "https://x:99999/"):
            self.assertRaises(NotEnrolled, place, url)

    def test_empty_directory(self) -> None:
        """Who has not enrolled yet is told how."""
        self.assertIn("disco-ref enroll", str(self.assertRaises(FilesLost, self.wallet.member, NAME)))
        self.assertIsNone(self.wallet.document())
