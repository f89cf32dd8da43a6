"""What the receiver of a request writes into its Via, and where the response goes."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.flow import Address, Flow, Hop, Transport, numeric
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.message import Request, read
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.test import messages
from disco_ref.sip.transport.receipt import received, same_host
from disco_ref.sip.transport.routing import by_stream, way_back

LOCAL = Address("192.0.2.2", 5060)
SOURCE = Address("198.51.100.7", 40000)
FLOW = Flow(Transport.UDP, LOCAL, SOURCE)


def arrived(via: str, flow: Flow = FLOW) -> tuple[str, Flow]:
    """What becomes of a topmost Via, and the flow of the response."""
    request = read(messages.request({"Via": via}))
    assert isinstance(request, Request)
    marked, back = received(request, flow)
    again = read(bytes(marked))
    assert again.headers.lines == marked.headers.lines
    return ", ".join(str(each) for each in again.headers.all(VIA)), back


class ReceiptTest(SynchronousTestCase):
    """``received`` and ``rport``."""

    def test_name_or_other_address(self) -> None:
        """A name in sent-by, and an address that is not the source, are joined by the source."""
        # = rfc3261:18.2.1/4 test
        # = rfc3261:18.2.1/5 test
        # = rfc3261:18.2.1/6 test
        for host in ("pc33.example.org", "10.0.0.1"):
            marked, back = arrived(f"SIP/2.0/UDP {host}:5066;branch=z9hG4bK1")
            self.assertEqual(marked, f"SIP/2.0/UDP {host}:5066;branch=z9hG4bK1;received=198.51.100.7")
            self.assertEqual(back, FLOW._replace(remote=Address(SOURCE.host, 5066)))

    def test_same_address(self) -> None:
        """Where sent-by is the source, nothing is written, however the address is spelled."""
        self.assertEqual(
            arrived("SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1")[0], "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1"
        )
        flow = FLOW._replace(remote=Address("2001:db8::7", 5060))
        text = "SIP/2.0/UDP [2001:DB8:0::7];branch=z9hG4bK1"
        self.assertEqual(arrived(text, flow), (text, flow))

    def test_rport(self) -> None:
        """``rport`` is filled in where it stands, ``received`` joins it even if it says nothing new, and the response goes there."""
        # = rfc3581:4/1 test
        # = rfc3581:4/2 test
        # = rfc3581:4/3 test
        # = rfc3581:4/4 test
        self.assertEqual(
            arrived("SIP/2.0/UDP 198.51.100.7;rport;branch=z9hG4bK1"),
            ("SIP/2.0/UDP 198.51.100.7;rport=40000;branch=z9hG4bK1;received=198.51.100.7", FLOW),
        )
        self.assertEqual(
            arrived("SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1;rport")[0],
            "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK1;rport=40000;received=198.51.100.7",
        )

    def test_what_the_sender_wrote_is_not_believed(self) -> None:
        """Parameters that only a receiver can know are replaced."""
        marked, back = arrived("SIP/2.0/UDP 198.51.100.7:5060;received=203.0.113.9;branch=z9hG4bK1;rport=9")
        self.assertEqual(marked, "SIP/2.0/UDP 198.51.100.7:5060;branch=z9hG4bK1;rport=40000;received=198.51.100.7")
        self.assertEqual(back, FLOW)

    def test_ipv6_source(self) -> None:
        """An IPv6 address in ``received`` has no brackets and no quotes."""
        flow = FLOW._replace(remote=Address("2001:db8::7", 5060))
        marked, _ = arrived("SIP/2.0/UDP a.example;branch=z9hG4bK1", flow)
        self.assertEqual(marked, "SIP/2.0/UDP a.example;branch=z9hG4bK1;received=2001:db8::7")

    def test_others_stay(self) -> None:
        """Only the topmost Via changes, also where several stand in one row."""
        marked, _ = arrived("SIP/2.0/UDP a.example;branch=z9hG4bK1, SIP/2.0/TCP b.example;branch=z9hG4bK2;rport")
        self.assertEqual(
            marked,
            "SIP/2.0/UDP a.example;branch=z9hG4bK1;received=198.51.100.7, SIP/2.0/TCP b.example;branch=z9hG4bK2;rport",
        )

    def test_maddr(self) -> None:
        """``maddr`` decides where a response goes over UDP; one that is a name does not."""
        # = rfc3261:18.2.2/5 test
        for maddr, remote in (
            ("224.0.1.75", Address("224.0.1.75", 5060)),
            ("[2001:db8::9]", Address("2001:db8::9", 5060)),
            ("a.example", Address(SOURCE.host, 5060)),
        ):
            self.assertEqual(arrived(f"SIP/2.0/UDP a.example;branch=z9hG4bK1;maddr={maddr}")[1].remote, remote)

    def test_streams(self) -> None:
        """Over streams the response goes back on the connection whatever the Via says."""
        # = rfc3261:18.2.2/2 test
        flow = FLOW._replace(transport=Transport.TCP, number=3)
        self.assertEqual(arrived("SIP/2.0/TCP a.example:5066;branch=z9hG4bK1;maddr=224.0.1.75", flow)[1], flow)

    def test_refused(self) -> None:
        """A port that is none, and a parameter that comes twice, condemn the request."""
        for via in ("SIP/2.0/UDP a.example:70000;branch=z9hG4bK1", "SIP/2.0/UDP a.example;rport;branch=z9hG4bK1;rport"):
            self.assertRaises(BadRequest, arrived, via)


class RoutingTest(SynchronousTestCase):
    """Where things go that cannot go the usual way."""

    def test_way_back(self) -> None:
        """A new connection goes to ``received``, else to the address in sent-by, at its port or the default one."""
        # = rfc3261:18.2.2/3 test
        flow = FLOW._replace(transport=Transport.TLS, number=3)
        for via, address in (
            ("SIP/2.0/TLS a.example;branch=z9hG4bK1;received=203.0.113.9", Address("203.0.113.9", 5061)),
            ("SIP/2.0/TLS 203.0.113.8:5071;branch=z9hG4bK1", Address("203.0.113.8", 5071)),
            ("SIP/2.0/TLS [2001:db8::9];branch=z9hG4bK1", Address("2001:db8::9", 5061)),
            ("SIP/2.0/TLS a.example;branch=z9hG4bK1", Address(SOURCE.host, 5061)),
        ):
            self.assertEqual(way_back(VIA.read(via)[0], flow), Hop(Transport.TLS, address))

    def test_by_stream(self) -> None:
        """Only what is too large for a datagram is to go over TCP, and only where there is TCP."""
        # = rfc3261:18.1.1/1 test
        # = rfc3261:18.1.1/2 test
        hop = Hop(Transport.UDP, LOCAL, "b.example")
        every = frozenset(Transport)
        self.assertEqual(by_stream(hop, 1301, 1300, every), Hop(Transport.TCP, LOCAL, "b.example"))
        self.assertIsNone(by_stream(hop, 1300, 1300, every))
        self.assertIsNone(by_stream(hop, 1301, 1300, frozenset({Transport.UDP})))
        self.assertIsNone(by_stream(hop._replace(transport=Transport.TLS), 1301, 1300, every))

    def test_numeric(self) -> None:
        """Addresses are told from names, and brought into one spelling."""
        for text, address in (
            ("192.0.2.1", "192.0.2.1"),
            ("[2001:DB8:0:0::1]", "2001:db8::1"),
            ("::1", "::1"),
            ("a.example", None),
            ("999.0.0.1", None),
            ("", None),
            ("[a]", None),
        ):
            self.assertEqual(numeric(text), address, text)
        self.assertTrue(same_host("[::1]", "::1"))
        self.assertFalse(same_host("a.example", "192.0.2.1"))
