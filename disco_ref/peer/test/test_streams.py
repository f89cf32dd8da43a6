"""Tests of who is reached by which open connection."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.ways.streams import Streams
from disco_ref.sip.flow import Address, Flow, Hop, Transport
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.message import LIMITS

HERE, CALLER = Address("192.0.2.1", 5061), Address("192.0.2.9", 40000)
NOW = Instant(0.0)


class Aliases(SynchronousTestCase):
    """Who has called over TLS and does not listen (RFC 5923)."""

    def setUp(self) -> None:
        """No connection is open."""
        self.streams = Streams(LIMITS, 10, 1 << 20)

    def called(self, sent_by: str, transport: Transport = Transport.TLS, number: int = 1, name: str = "") -> Flow:
        """Somebody has called, and his Via says so."""
        flow = Flow(transport, HERE, CALLER, number, (name,) if name else ())
        self.streams.open(flow, NOW)
        self.streams.alias(VIA.read(f"SIP/2.0/{transport} {sent_by};branch=z9hG4bK1")[0], flow)
        return flow

    def toward(self, host: str, port: int, name: str = "") -> Flow | None:
        """The connection by which somebody is reached."""
        return self.streams.toward(Hop(Transport.TLS, Address(host, port), name))

    def test_address(self) -> None:
        """The address that he calls from is his, at the port that he says."""
        # = rfc5923:7/0 test
        flow = self.called("192.0.2.9:7000")
        self.assertEqual(self.toward("192.0.2.9", 7000), flow)
        self.assertEqual(self.toward("192.0.2.9", 7000, "192.0.2.9"), flow)
        for host, port, name in (("192.0.2.9", 40000, ""), ("192.0.2.9", 7000, "a.example"), ("192.0.2.8", 7000, "")):
            self.assertIsNone(self.toward(host, port, name))

    def test_name(self) -> None:
        """A name counts as far as his certificate proves it; a port that is not named is the default one."""
        flow = self.called("A.example", name="a.example")
        self.assertEqual(self.toward("192.0.2.9", 5061, "a.example"), flow)
        self.assertIsNone(self.toward("192.0.2.9", 5061))

    def test_not_his(self) -> None:
        """Other addresses and names that he says are not his, nor is anything over TCP."""
        self.called("192.0.2.8:7000")
        self.called("b.example", number=2, name="a.example")
        self.called("192.0.2.9:7000", Transport.TCP, number=3)
        for host, name in (("192.0.2.8", ""), ("192.0.2.9", "b.example"), ("192.0.2.9", "")):
            self.assertIsNone(self.toward(host, 7000, name))

    def test_closed(self) -> None:
        """A connection that is gone leads nowhere; one that took its place does, and the first word on one counts."""
        first = self.called("192.0.2.9:7000")
        second = self.called("192.0.2.9:7000", number=2)
        self.called("192.0.2.9:7001", number=2)
        self.streams.close(first)
        self.assertEqual(self.toward("192.0.2.9", 7000), second)
        self.assertIsNone(self.toward("192.0.2.9", 7001))
        self.streams.close(second)
        self.assertIsNone(self.toward("192.0.2.9", 7000))
