"""Questions asked of a name server of the test's own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import cast

from twisted.internet import reactor as installed
from twisted.names import dns, server
from twisted.names.authority import FileAuthority
from twisted.names.common import ResolverBase
from twisted.trial.unittest import TestCase

from disco_ref.shell.sip.resolver import Resolver, known, system_servers
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address
from disco_ref.sip.location.questions import (
    Host,
    HostRecord,
    Naptr,
    NaptrRecord,
    Srv,
    SrvRecord,
)

reactor = cast(Reactor, installed)


class _Zone(FileAuthority):
    """A domain in memory."""

    def __init__(self, records: dict[str, list[object]]) -> None:
        cast(Callable[[object], None], ResolverBase.__init__)(self)
        soa = dns.Record_SOA(mname=b"b.example")
        zone: dict[bytes, list[object]] = {b"b.example": [soa]}
        zone |= {name.encode(): rows for name, rows in records.items()}
        self.__dict__.update(soa=(b"b.example", soa), records=zone, _cache={})


RECORDS: dict[str, list[object]] = {
    "sip.b.example": [dns.Record_NAPTR(10, 20, b"s", b"SIP+D2T", b"", b"_sip._tcp.b.example")],
    "_sip._tcp.b.example": [dns.Record_SRV(1, 2, 5070, b"one.b.example")],
    "one.b.example": [dns.Record_A("192.0.2.1"), dns.Record_AAAA("2001:db8::1")],
    "other.b.example": [dns.Record_CNAME(b"one.b.example")],
    "many.b.example": [dns.Record_A(f"192.0.2.{n}") for n in range(20)],
}


class ResolverTest(TestCase):
    """``twisted.names``."""

    timeout = 20

    def setUp(self) -> None:
        """A name server on the loopback."""
        factory = cast(Callable[..., object], server.DNSServerFactory)([_Zone(RECORDS)])
        protocol = cast(Callable[..., object], dns.DNSDatagramProtocol)(factory)
        port = reactor.listenUDP(0, protocol, "127.0.0.1")
        self.addCleanup(port.stopListening)
        self.address = Address("127.0.0.1", port.getHost().port)

    async def test_records(self) -> None:
        """NAPTR, SRV, A and AAAA records come back as values; those of an alias too, the alias itself not."""
        # = rfc3263:4.1/0 test
        # = rfc3263:4.2/0 test
        resolver = Resolver(reactor, [self.address])
        naptr = NaptrRecord(10, 20, "s", "SIP+D2T", "_sip._tcp.b.example")
        self.assertEqual(await resolver.ask(Naptr("sip.b.example")), (naptr,))
        self.assertEqual(await resolver.ask(Srv("_sip._tcp.b.example")), (SrvRecord(1, 2, 5070, "one.b.example"),))
        hosts = (HostRecord("2001:db8::1"), HostRecord("192.0.2.1"))
        self.assertEqual(await resolver.ask(Host("one.b.example")), hosts)
        self.assertEqual(sorted(await resolver.ask(Host("other.b.example"))), sorted(hosts))
        self.assertEqual(len(await resolver.ask(Host("many.b.example"))), 20)

    async def test_hosts(self) -> None:
        """Who stands in the hosts file is not asked of a server, nor is localhost, and their services neither."""
        # = rfc3263:4/0 test
        file = Path(self.mktemp())
        file.write_text("# names\n::1 one one.b.example # two\n192.0.2.9 one\n192.0.2.8\nnonsense two\n")
        resolver = Resolver(reactor, [Address("127.0.0.1", 9)], hosts=file)
        both = (HostRecord("192.0.2.9"), HostRecord("::1"))
        for question, answer in (
            (Host("ONE."), both),
            (Host("one.b.example"), both[1:]),
            (Srv("_sip._udp.one"), ()),
            (Naptr("one"), ()),
            (Host("localhost"), (HostRecord("127.0.0.1"),)),
            (Srv("_sips._tcp.x.localhost"), ()),
        ):
            self.assertEqual(await resolver.ask(question), answer)
        self.assertEqual(known("two", file), [])
        self.assertEqual(known("localhost", file / "none"), ["127.0.0.1"])

    async def test_nothing(self) -> None:
        """What there is not, what cannot be asked, and who does not answer: an empty answer, never a failure."""
        resolver = Resolver(reactor, [self.address])
        for question in (Host("nobody.b.example"), Srv("_sip._udp.b.example"), Naptr("b.example"), Host("x" * 300)):
            self.assertEqual(await resolver.ask(question), (), question)
        self.assertEqual(await resolver.ask(Host("x" * 70 + ".b.example")), ())

    async def test_nobody_answers(self) -> None:
        """A name server that is silent is given up."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            resolver = Resolver(reactor, [Address(*silent.getsockname())], (0.05, 0.05))
            self.assertEqual(await resolver.ask(Srv("_sip._tcp.b.example")), ())

    def test_system_servers(self) -> None:
        """The servers of the system are those of its settings; without any, the one of this machine."""
        path = Path(self.mktemp())
        self.assertEqual(system_servers(path), [Address("127.0.0.1", 53)])
        path.write_text("# none\nsearch b.example\nnameserver 192.0.2.53\nnameserver 2001:db8::53\nnameserver\n")
        self.assertEqual(system_servers(path), [Address("192.0.2.53", 53), Address("2001:db8::53", 53)])
