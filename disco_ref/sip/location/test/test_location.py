"""From a URI to next hops (RFC 3263)."""

from __future__ import annotations

from collections import Counter
from random import Random

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Unroutable
from disco_ref.sip.flow import Address, Hop, Transport
from disco_ref.sip.header.block import Headers
from disco_ref.sip.location.ordering import in_turn
from disco_ref.sip.location.questions import (
    Answers,
    Host,
    HostRecord,
    Naptr,
    NaptrRecord,
    Question,
    Srv,
    SrvRecord,
)
from disco_ref.sip.location.search import MOST, search
from disco_ref.sip.location.table import Table
from disco_ref.sip.location.target import Target, next_uri, target_of
from disco_ref.sip.message import Request
from disco_ref.sip.uri import read_uri

UDP, TCP, TLS = Transport
EVERY = frozenset(Transport)
ONE, TWO = HostRecord("192.0.2.1"), HostRecord("2001:db8::2")


def found(
    uri: str,
    names: dict[Question, Answers] | None = None,
    supported: frozenset[Transport] = EVERY,
    known: Table | None = None,
) -> tuple[list[Hop], list[Question]]:
    """The hops of a URI, and the questions that were asked for them."""
    way = search(target_of(read_uri(uri)), supported, Random(1).randbytes, known or {})
    asked: list[Question] = []
    answers: dict[Question, Answers] = {}
    try:
        questions = next(way)
        while True:
            asked += questions
            answers = {each: (names or {}).get(each, ()) for each in questions}
            questions = way.send(answers)
    except StopIteration as end:
        return end.value, asked


def hop(transport: Transport, host: str, port: int, name: str) -> Hop:
    """A next hop."""
    return Hop(transport, Address(host, port), name)


class TargetTest(SynchronousTestCase):
    """What a URI says."""

    def test_targets(self) -> None:
        """Host, port, transport and security are taken from the URI; maddr goes before the host."""
        # = rfc3263:4/0 test
        for uri, target in (
            ("sip:b@B.example.", Target("b.example", None, None, False)),
            ("sip:b@b.example:5070;transport=TCP", Target("b.example", 5070, TCP, False)),
            ("sips:b@b.example;transport=tcp", Target("b.example", None, TLS, True)),
            ("sip:b.example;transport=tls", Target("b.example", None, TLS, False)),
            ("sip:b.example;maddr=192.0.2.9", Target("192.0.2.9", None, None, False)),
            ("sip:[2001:DB8::0:1]", Target("2001:db8::1", None, None, False)),
        ):
            self.assertEqual(target_of(read_uri(uri)), target, uri)
        for uri in ("tel:+1201", "mailto:b@b.example", "sip:b.example;transport=sctp"):
            self.assertRaises(Unroutable, target_of, read_uri(uri))

    def test_next_uri(self) -> None:
        """The first Route decides, unless it is a strict router's; else the Request-URI does."""
        # = rfc3261:8.1.2/0 test
        for line, uri in (
            ("Route: <sip:one.example;lr>, <sip:two.example;lr>", "sip:one.example;lr"),
            ("Route: <sip:one.example>", "sip:b.example"),
            ("Subject: none", "sip:b.example"),
        ):
            request = Request("OPTIONS", read_uri("sip:b.example"), Headers([line]))
            self.assertEqual(str(next_uri(request)), uri)


class SearchTest(SynchronousTestCase):
    """Sections 4.1 and 4.2."""

    def test_address(self) -> None:
        """An address is asked nothing: UDP, for sips TLS, else the transport that is named; the port or the default one."""
        # = rfc3263:4.1/0 test
        # = rfc3263:4.2/0 test
        for uri, expected in (
            ("sip:192.0.2.1", hop(UDP, "192.0.2.1", 5060, "192.0.2.1")),
            ("sips:192.0.2.1", hop(TLS, "192.0.2.1", 5061, "192.0.2.1")),
            ("sip:192.0.2.1:5070;transport=tcp", hop(TCP, "192.0.2.1", 5070, "192.0.2.1")),
            ("sip:[2001:db8::1]", hop(UDP, "2001:db8::1", 5060, "2001:db8::1")),
        ):
            self.assertEqual(found(uri), ([expected], []), uri)

    def test_port(self) -> None:
        """A port leads straight to the addresses, all of them, in their order."""
        hops, asked = found("sip:b.example:5070", {Host("b.example"): (TWO, ONE)})
        self.assertEqual(hops, [hop(UDP, each.address, 5070, "b.example") for each in (TWO, ONE)])
        self.assertEqual(asked, [Host("b.example")])

    def test_transport(self) -> None:
        """A transport leads to the SRV records of its service."""
        for uri, service, transport in (
            ("sip:b.example;transport=tcp", "_sip._tcp.b.example", TCP),
            ("sip:b.example;transport=udp", "_sip._udp.b.example", UDP),
            ("sips:b.example", "_sips._tcp.b.example", TLS),
            ("sip:b.example;transport=tls", "_sips._tcp.b.example", TLS),
        ):
            names: dict[Question, Answers] = {
                Srv(service): (SrvRecord(0, 0, 5080, "one.b.example."),),
                Host("one.b.example"): (ONE,),
            }
            hops, asked = found(uri, names)
            self.assertEqual(hops, [hop(transport, "192.0.2.1", 5080, "b.example")])
            self.assertEqual(asked, [Srv(service), Host("one.b.example")])

    def test_naptr(self) -> None:
        """NAPTR records say which transport is best; those that we have not, or sips forbids, are passed over."""
        # = rfc3263:4.1/0 test
        records = (
            NaptrRecord(50, 50, "s", "SIPS+D2T", "_sips._tcp.b.example."),
            NaptrRecord(90, 50, "s", "SIP+D2T", "_sip._tcp.b.example"),
            NaptrRecord(90, 60, "s", "SIP+D2U", "_sip._udp.b.example"),
            NaptrRecord(10, 10, "s", "SIP+D2S", "_sip._sctp.b.example"),
            NaptrRecord(10, 10, "u", "SIP+D2T", "not.this.one"),
        )
        names: dict[Question, Answers] = {Naptr("b.example"): records, Host("one.example"): (ONE,)}
        names |= {
            Srv(f"{each}.b.example"): (SrvRecord(0, 0, 5, "one.example"),) for each in ("_sips._tcp", "_sip._tcp")
        }
        self.assertEqual(found("sip:b.example", names)[0][0].transport, TLS)
        self.assertEqual(found("sip:b.example", names, frozenset({UDP, TCP}))[0][0].transport, TCP)
        self.assertEqual(found("sips:b.example", names, frozenset({UDP, TCP}))[0], [])

    def test_without_naptr(self) -> None:
        """Without NAPTR records each transport's SRV records are asked; without those the address, over UDP."""
        names: dict[Question, Answers] = {
            Srv("_sip._tcp.b.example"): (SrvRecord(0, 0, 5080, "one.example"),),
            Host("one.example"): (ONE,),
            Host("b.example"): (TWO,),
        }
        hops, asked = found("sip:b.example", names)
        self.assertEqual(hops, [hop(TCP, "192.0.2.1", 5080, "b.example")])
        services = [Srv(f"{each}.b.example") for each in ("_sip._udp", "_sip._tcp", "_sips._tcp")]
        self.assertEqual(asked, [Naptr("b.example"), *services, Host("one.example")])
        del names[Srv("_sip._tcp.b.example")]
        self.assertEqual(found("sip:b.example", names)[0], [hop(UDP, "2001:db8::2", 5060, "b.example")])
        self.assertEqual(found("sips:b.example", names)[0], [hop(TLS, "2001:db8::2", 5061, "b.example")])

    def test_not_offered(self) -> None:
        """A target of a lone dot says that the service is not there: the addresses of the domain are not tried instead."""
        names: dict[Question, Answers] = {
            Srv("_sip._udp.b.example"): (SrvRecord(0, 0, 0, "."),),
            Host("b.example"): (ONE,),
        }
        self.assertEqual(found("sip:b.example;transport=udp", names)[0], [])

    def test_nothing(self) -> None:
        """There is no way without addresses, and none over a transport that we have not."""
        self.assertEqual(found("sip:b.example")[0], [])
        self.assertEqual(found("sip:b.example;transport=tcp", supported=frozenset({UDP})), ([], []))

    def test_bounds(self) -> None:
        """However many records there are, few are looked at."""
        records = tuple(SrvRecord(n, 0, 5060, f"h{n}.example") for n in range(100))
        names: dict[Question, Answers] = {Srv("_sip._udp.b.example"): records}
        names |= {Host(f"h{n}.example"): (ONE,) * 50 for n in range(100)}
        hops, asked = found("sip:b.example;transport=udp", names)
        self.assertEqual((len(hops), len(asked)), (MOST, 1 + MOST))

    def test_table(self) -> None:
        """Hosts that are known beforehand are asked nothing; a port in the URI goes before theirs."""
        known: Table = {"b.example": (Address("192.0.2.1", 5070), Address("192.0.2.2", 0))}
        hops = [hop(UDP, "192.0.2.1", 5070, "b.example"), hop(UDP, "192.0.2.2", 5060, "b.example")]
        self.assertEqual(found("sip:B.example", known=known), (hops, []))
        self.assertEqual(found("sip:b.example:5080", known=known)[0][0].address.port, 5080)


class OrderTest(SynchronousTestCase):
    """RFC 2782."""

    def test_priority_and_weight(self) -> None:
        """Priorities are kept; within one, each server comes first as often as its weight says."""
        records = [SrvRecord(1, 0, 1, "z"), SrvRecord(0, 30, 1, "x"), SrvRecord(0, 10, 1, "y"), SrvRecord(2, 0, 1, "w")]
        entropy = Random(7).randbytes
        first = Counter[str]()
        for _ in range(400):
            order = [each.target for each in in_turn(records, entropy)]
            self.assertEqual((sorted(order[:2]), order[2:]), (["x", "y"], ["z", "w"]))
            first[order[0]] += 1
        self.assertTrue(250 < first["x"] < 350, first)
