"""Tests of whom a certificate of the handshake proves (RFC 6940, sections 6.5.1.11 and 6.5.1.13)."""

from __future__ import annotations

import dataclasses

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.overlay.node import Up
from disco_ref.peer.overlay.test.lone import Lone
from disco_ref.peer.overlay.test.members import configuration, identity, node_id, overlay, root
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.link.proving import OtherNode, proved
from disco_ref.reload.overlay import overlay_of
from disco_ref.reload.security.certificates import BadCertificate, Untrusted

NOW = Instant(1_800_000_000.0)


class ProvedTests(SynchronousTestCase):
    """Certificates as they are shown."""

    def test_member(self) -> None:
        """A member's certificate proves its Node-ID, whoever is expected or nobody in particular."""
        shown = identity(1).certificates
        self.assertEqual(proved(shown, node_id(1), overlay(), NOW).node_ids, (node_id(1),))
        self.assertEqual(proved(shown, None, overlay(), NOW).node_ids, (node_id(1),))

    def test_other_node(self) -> None:
        """The certificate of another member is not enough."""
        # = rfc6940:6.5.1.11/1a test
        with self.assertRaises(OtherNode):
            proved(identity(1).certificates, node_id(2), overlay(), NOW)

    def test_untrusted(self) -> None:
        """Nothing, another root's, one out of its time, one that names nobody, a bad-node's: none is believed."""
        # = rfc6940:6.5.1.13/3 test
        # = rfc6940:11.1/19 test
        own = identity(1).certificates
        banned = overlay_of(dataclasses.replace(configuration(), bad_node=(node_id(1),)))
        for shown, where, now in (
            ((), overlay(), NOW),
            (identity(1, issuer=9).certificates, overlay(), NOW),
            (own, overlay(), Instant(NOW + 20 * 365 * 86400.0)),
            ((root(),), overlay(), NOW),
            (own, banned, NOW),
        ):
            with self.assertRaises(Untrusted):
                proved(shown, None, where, now)

    def test_no_certificate(self) -> None:
        """Octets that are no certificate are refused as such."""
        with self.assertRaises(BadCertificate):
            proved((b"\x30\x03\x02\x01\x00",), None, overlay(), NOW)

    def test_chain(self) -> None:
        """Of the certificates of a handshake the first is the other node's own, whatever follows it."""
        # = rfc6940:6.6.1/2 test
        chain = (*identity(1).certificates, *identity(2).certificates, root())
        self.assertEqual(proved(chain, node_id(1), overlay(), NOW).node_ids, (node_id(1),))
        lone = Lone()
        lone.do(lone.peer.up(Up(1, None, chain, FramedStream(overlay().context)), lone.now))
        self.assertEqual(lone.peer.member.connections.nodes(), (node_id(1),))
