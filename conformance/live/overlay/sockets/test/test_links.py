"""Links over sockets, between two networks of this one process."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.capture.reading import packets
from conformance.live.memory.wiretap import write_wire
from conformance.live.overlay.authority import EXPIRED, Overlay
from conformance.live.overlay.sockets.links import SocketLinks
from conformance.live.overlay.wire import CLOSED, OCTETS, OPEN, Happening
from conformance.live.subject import End

HOST = "127.0.0.1"
LIMIT = 5.0


class LinksTests(SynchronousTestCase):
    """One end that dials and one that is dialled."""

    def setUp(self) -> None:
        """Two networks, each with a party."""
        self.overlay = Overlay(time.time())
        self.near, self.far = SocketLinks((HOST, 9)), SocketLinks((HOST, 9))
        for one in (self.near, self.far):
            self.addCleanup(one.close)
        self.heard: dict[int, list[Happening]] = {0: [], 1: []}
        self.ann = self.overlay.certify("ann@x")
        self.bob = self.overlay.certify("bob@x")
        self.near.open("ann", self.ann)
        self.place = self.far.open("bob", self.bob)

    def run_until(self, found: Callable[[], object]) -> None:
        """Let both go on until something is found."""
        limit = time.monotonic() + LIMIT
        while not found():
            self.assertLess(time.monotonic(), limit, f"{self.heard}")
            for number, one in enumerate((self.near, self.far)):
                self.heard[number] += one.wait(one.now + 0.01)

    def of(self, number: int, what: str) -> list[Happening]:
        """What one of them has heard."""
        return [one for one in self.heard[number] if one.what == what]

    def dial(self, transport: str, to: End | None = None) -> int:
        """A link that stands on both sides."""
        number = self.near.connect("ann", transport, to or self.place)
        self.run_until(lambda: self.of(0, OPEN) and self.of(1, OPEN))
        return number

    def test_octets_go_both_ways_and_both_show_certificates(self) -> None:
        """Over TLS and over DTLS."""
        for transport in ("tls", "dtls"):
            self.heard = {0: [], 1: []}
            number = self.dial(transport)
            mine, theirs = self.of(0, OPEN)[0], self.of(1, OPEN)[0]
            self.assertEqual((mine.certificates, theirs.certificates), (self.bob.shown, self.ann.shown))
            self.assertTrue(number > 0 > theirs.link)
            self.assertTrue(self.near.send(number, b"there") and self.far.send(theirs.link, b"and back"))
            self.run_until(lambda: self.of(0, OCTETS) and self.of(1, OCTETS))
            self.assertEqual(
                [one.octets for one in self.heard[0] + self.heard[1] if one.octets], [b"and back", b"there"]
            )
            self.near.drop(number)
            self.run_until(lambda: self.of(1, CLOSED))
            self.assertFalse(self.near.send(number, b"late"))

    def test_the_remark_says_who_was_what(self) -> None:
        """The server of TLS, the version, and whether a certificate was asked for."""
        self.dial("tls")
        self.assertRegex(self.of(0, OPEN)[0].remark, r"TLS server: subject; TLSv1\.[23]; \S+; asked for a certificate$")
        self.assertRegex(self.of(1, OPEN)[0].remark, r"TLS server: harness; ")

    def test_where_nobody_listens_a_link_is_closed_with_the_reason(self) -> None:
        """Over both transports."""
        for transport in ("tls", "dtls"):
            self.heard = {0: [], 1: []}
            self.near.connect("ann", transport, (HOST, 9))
            self.run_until(lambda: self.of(0, CLOSED))
            self.assertIn("refused", self.of(0, CLOSED)[0].why)

    def test_the_deaf_take_no_links(self) -> None:
        """And take them again later."""
        self.far.deaf("bob", deaf=True)
        self.near.connect("ann", "tls", self.place)
        self.run_until(lambda: self.of(0, CLOSED))
        self.far.deaf("bob", deaf=False)
        self.dial("tls")

    def test_a_bad_certificate_is_open_only_after_a_while(self) -> None:
        """The other side may still close it."""
        self.near.open("bad", self.overlay.certify("bad@x", kind=EXPIRED))
        self.near.connect("bad", "tls", self.place)
        self.run_until(lambda: self.of(1, OPEN))
        self.far.drop(self.of(1, OPEN)[0].link)
        self.run_until(lambda: self.of(0, CLOSED))
        self.assertEqual(self.of(0, OPEN), [])

    def test_nobody_can_be_shown(self) -> None:
        """A party without a certificate."""
        self.near.open("nobody", replace(self.ann, certificate=b""))
        self.near.connect("nobody", "tls", self.place)
        self.run_until(lambda: self.of(1, OPEN))
        self.assertEqual(self.of(1, OPEN)[0].certificates, ())

    def test_a_record_can_be_sent_again(self) -> None:
        """DTLS on the other side hides it; on the wire it is there twice."""
        number = self.dial("dtls")
        self.near.send(number, b"once")
        self.run_until(lambda: self.of(1, OCTETS))
        self.assertTrue(self.near.replay(number))
        self.near.send(number, b"then")
        self.run_until(lambda: len(self.of(1, OCTETS)) > 1)
        self.assertEqual([one.octets for one in self.of(1, OCTETS)], [b"once", b"then"])
        octets = [one.octets for one in self.near.wire.carried if not one.sent]
        self.assertEqual(octets.count(octets[-3]), 2)

    def test_plain_octets_are_no_handshake(self) -> None:
        """What is not protected does not come through."""
        self.near.connect("ann", "tcp", self.place)
        self.run_until(lambda: self.of(0, OPEN))
        self.near.send(1, b"\x80plain")
        self.run_until(lambda: self.of(1, CLOSED))
        self.assertEqual(self.of(1, OCTETS), [])

    def test_the_wire_is_kept_with_its_keys(self) -> None:
        """What was said inside is not to be read without them."""
        number = self.dial("tls")
        self.near.send(number, b"a secret that nobody reads")
        self.run_until(lambda: self.of(1, OCTETS))
        path = Path(self.mktemp())
        write_wire(path, self.near.wire, "a test")
        octets = path.read_bytes()
        self.assertNotIn(b"a secret that nobody reads", octets)
        self.assertIn(b"TRAFFIC_SECRET", octets)
        self.assertGreater(len(list(packets(io.BytesIO(octets)))), 5)

    def mktemp(self) -> str:
        """A file in a folder that goes with the test."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return f"{folder.name}/wire.pcapng"
