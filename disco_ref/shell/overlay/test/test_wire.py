"""Tests of what the sockets stand on: candidates, and records in datagrams."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.overlay.test.peers import DTLS, TLS
from disco_ref.shell.overlay.wire.candidates import MOST_TRIED, Way, parameters_of, ways_of
from disco_ref.shell.overlay.wire.records import MTU, datagrams, is_client_hello, well_formed
from disco_ref.sip.flow import Address


def _record(kind: int, body: bytes, epoch: int = 0) -> bytes:
    return bytes((kind, 0xFE, 0xFD)) + epoch.to_bytes(2, "big") + bytes(6) + len(body).to_bytes(2, "big") + body


class CandidateTests(SynchronousTestCase):
    """Addresses there and back."""

    def test_both_ways(self) -> None:
        """What a node offers is what another one tries, in the order of its preference, IPv4 and IPv6."""
        ways = [Way(TLS, Address("192.0.2.1", 6084)), Way(DTLS, Address("2001:db8::1", 6085))]
        offered = parameters_of(ways)
        self.assertEqual(ways_of(offered, (DTLS, TLS)), ways)
        backwards = offered._replace(candidates=offered.candidates[::-1])
        self.assertEqual(ways_of(backwards, (DTLS, TLS)), ways)

    def test_left_out(self) -> None:
        """Link protocols that are not spoken, port 0 and addresses of nobody or of groups are not tried; nor too many."""
        spoken = Way(TLS, Address("192.0.2.1", 6084))
        silly = [Address("0.0.0.0", 1), Address("224.0.0.1", 1), Address("::", 1), Address("192.0.2.2", 0)]
        ways = [Way(DTLS, Address("192.0.2.1", 1)), *(Way(TLS, each) for each in silly), spoken]
        self.assertEqual(ways_of(parameters_of(ways), (TLS,)), [spoken])
        self.assertEqual(len(ways_of(parameters_of([spoken] * 20), (TLS,))), MOST_TRIED)


class RecordTests(SynchronousTestCase):
    """Datagrams."""

    def test_well_formed(self) -> None:
        """Only whole records of DTLS are taken; one that is cut, longer, or of something else is not."""
        good = _record(22, b"\x01abc") + _record(20, b"\x01")
        self.assertTrue(well_formed(good))
        for bad in (b"", good[:-1], good + b"\0", b"\x16\x03\x03" + good[3:], b"\x01" + good[1:], b"GET / HTTP/1.1"):
            self.assertFalse(well_formed(bad), bad)

    def test_client_hello(self) -> None:
        """A handshake begins with a ClientHello that nothing protects."""
        self.assertTrue(is_client_hello(_record(22, b"\x01")))
        for other in (_record(22, b"\x02"), _record(22, b"\x01", epoch=1), _record(23, b"\x01"), _record(22, b"")):
            self.assertFalse(is_client_hello(other))

    def test_datagrams(self) -> None:
        """Records go together as long as they fit, in their order, and none is cut."""
        pieces = [_record(22, bytes([number]) * 500) for number in range(5)]
        made = list(datagrams(b"".join(pieces)))
        self.assertEqual(b"".join(made), b"".join(pieces))
        self.assertEqual([len(each) for each in made], [1026, 1026, 513])
        self.assertTrue(all(len(each) <= MTU and well_formed(each) for each in made))
