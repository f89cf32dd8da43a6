"""The harness' own authority, and what it says of certificates."""

from __future__ import annotations

import datetime
import socket
import ssl
from datetime import datetime as Time
from datetime import tzinfo as Zone
from pathlib import Path
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import Misuse
from conformance.live.network import authority
from conformance.live.network.authority import (
    ELSEWHERE,
    EXPIRED,
    FOREIGN,
    GOOD,
    OTHER_SITE,
    Authority,
    key_of,
    names_of,
)
from conformance.live.network.sockets import Sockets
from conformance.live.network.wire import Arrival
from conformance.live.subject import Certificates
from conformance.live.trigger import Trigger
from conformance.live.wants import NotClaimed

HOST = "127.0.0.1"


class _Clock:
    """The module ``datetime`` at another time."""

    UTC, timedelta = datetime.UTC, datetime.timedelta

    def __init__(self, now: Time) -> None:
        self._now = now

    @property
    def datetime(self) -> _Clock:
        """Itself: only ``now`` is asked for."""
        return self

    def now(self, _zone: Zone) -> Time:
        """Always the same."""
        return self._now


def verdict(root: Path, place: tuple[str, int]) -> str:
    """What a client that checks everything says of who shows a certificate at a place; empty: nothing."""
    context = ssl.create_default_context(cafile=root)
    try:
        with socket.create_connection(place, 4.0) as plain, context.wrap_socket(plain, server_hostname=HOST):
            return ""
    except ssl.SSLCertVerificationError as fault:
        return str(fault.verify_message)


class AuthorityTests(SynchronousTestCase):
    """In a folder of the test's own."""

    def setUp(self) -> None:
        """A root."""
        self.folder = Path(self.mktemp())
        self.authority = Authority(self.folder)

    def network(self) -> Sockets:
        """Sockets with this authority, to a subject that nobody needs."""
        made = Sockets((HOST, 9), Certificates(folder=self.folder))
        self.addCleanup(made.close)
        return made

    def met(self, kind: str) -> tuple[str, list[Arrival]]:
        """What a strict client says of a party in this dress, and what the network remarks."""
        network = self.network()
        network.open(kind, "tls")
        place = network.dress(kind, kind, "")
        assert place is not None
        said: list[str] = []
        client = Thread(target=lambda: said.append(verdict(self.authority.root, place)), daemon=True)
        client.start()
        remarks = network.wait(network.now + 4.0)
        client.join(4.0)
        return said[0], remarks

    def test_kinds(self) -> None:
        """A strict client takes the good one, and none of the others, each for its own reason."""
        for kind, reason in (
            (GOOD, ""),
            (EXPIRED, "certificate has expired"),
            (FOREIGN, "unable to get local issuer certificate"),
            (ELSEWHERE, "IP address mismatch, certificate is not valid for '127.0.0.1'."),
        ):
            said, remarks = self.met(kind)
            self.assertEqual((said, remarks[0].octets), (reason, b""))
            wanted = "the handshake is done" if kind == GOOD else "the handshake fails: "
            self.assertTrue(remarks[0].remark.startswith(wanted), remarks[0].remark)

    def test_kept(self) -> None:
        """The root stays, and signs again; its key is nobody else's to read."""
        before = self.authority.root.read_bytes()
        again = Authority(self.folder)
        again.certify(["example.com", HOST, "sip:example.com"])
        self.assertEqual(again.root.read_bytes(), before)
        shown = ssl.PEM_cert_to_DER_cert(again.subject.read_text().partition("-----BEGIN PRIVATE")[0])
        self.assertEqual((names_of(shown), key_of(shown)), (("example.com", "example.com", HOST), "RSA"))
        other = ssl.PEM_cert_to_DER_cert(again.shown(ELSEWHERE, HOST).read_text().partition("-----BEGIN PRIVATE")[0])
        self.assertEqual((names_of(other), key_of(other)), ((OTHER_SITE,), "EC"))
        for file in self.folder.glob("*.pem"):
            if b"PRIVATE KEY" in file.read_bytes():
                self.assertEqual(file.stat().st_mode & 0o077, 0, file.name)

    def test_old(self) -> None:
        """A root that ends is told, so that good certificates stay good."""
        later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=365)
        self.patch(authority, "datetime", _Clock(later))
        self.assertRaises(Misuse, self.authority.shown, GOOD, HOST)

    def test_garbage(self) -> None:
        """What is no root is told, and what is no certificate has no names."""
        (self.folder / "root.key.pem").write_text("no key")
        self.assertRaises(Misuse, self.authority.certify, ["example.com"])
        self.assertRaises(Misuse, Authority, self.folder / "root.pem")
        self.assertEqual((names_of(b"no certificate"), key_of(b"")), ((), "unknown"))

    def test_undressed(self) -> None:
        """Without TLS nobody is dressed, and a suite that does not exist is not claimed."""
        network = self.network()
        network.open("plain", "tcp")
        network.open("party", "tls")
        self.assertIsNone(network.dress("plain", GOOD, ""))
        self.assertRaises(NotClaimed, network.dress, "party", "", "NO-SUCH-SUITE")

    def test_trust(self) -> None:
        """A trigger is told whom to trust, and nothing where there is nobody."""
        for root in (str(self.authority.root), ""):
            Trigger(f"""sh -c 'test "$0" = "{root}"' {{trust}}""", root).pull("invite", {"uri": "sip:a@b"})
