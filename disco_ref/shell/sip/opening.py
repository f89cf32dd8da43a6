"""From the options of a command to an element on the wire: what all commands that stand on the network share."""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from disco_ref.peer.element import Bounds, Core, Element
from disco_ref.shell.notes import Log
from disco_ref.shell.sip.driving import Driving
from disco_ref.shell.sip.resolver import Resolver
from disco_ref.shell.sip.sockets import allow_many
from disco_ref.shell.sip.tls import Credentials
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address, Transport, numeric
from disco_ref.sip.location.table import Table
from disco_ref.sip.transaction.timers import Timers
from disco_ref.sip.transport.listening import Listening, listening

EPILOG = """where it listens:
  --udp 127.0.0.1:5060          datagrams, and connections on the same port (RFC 3261, section 18.2.1)
  --udp [::1]:5060              the same over IPv6
  --tls 0.0.0.0:5061 --certificate mine.pem --key mine.key
  --udp 127.0.0.1:0             any free port
"""


def add_listening_arguments(parser: argparse.ArgumentParser, unnamed: str = "127.0.0.1:5060") -> None:
    """The options that say where to listen and how to find others; ``unnamed``: where, if they say nothing."""
    group = parser.add_argument_group("where it listens")
    for transport, explained in _EXPLAINED.items():
        group.add_argument(
            f"--{transport.value.lower()}",
            metavar="HOST:PORT",
            type=partial(place, default=transport.default_port),
            action="append",
            default=[],
            help=explained.format(unnamed=unnamed),
        )
    group.add_argument("--name", metavar="HOST", default="", help="the host name that leads here, for Via and Contact")
    group = parser.add_argument_group("TLS")
    group.add_argument("--certificate", metavar="FILE", type=Path, help="our certificate with its chain, in PEM")
    group.add_argument("--key", metavar="FILE", type=Path, help="its private key; default: in the same file")
    group.add_argument("--ca", metavar="FILE", type=Path, help="whom we trust, in PEM; default: whom the system trusts")
    group.add_argument("--mutual", action="store_true", help="who calls us over TLS must show a certificate")
    group = parser.add_argument_group("how others are found (RFC 3263)")
    group.add_argument(
        "--static",
        metavar="HOST=ADDR:PORT",
        type=_static,
        action="append",
        default=[],
        help="a host that is not looked up; may be repeated, also for one host",
    )
    group.add_argument(
        "--dns",
        metavar="ADDR:PORT",
        type=partial(place, default=53),
        action="append",
        default=[],
        help="a name server to ask instead",
    )


_EXPLAINED = {
    Transport.UDP: "datagrams, and TCP on the same port; default {unnamed}",
    Transport.TCP: "connections",
    Transport.TLS: "connections with TLS; needs --certificate",
}


class Opened(NamedTuple):
    """An element that is driven; to be started."""

    element: Element
    driving: Driving


def open_element(
    reactor: Reactor,
    parsed: argparse.Namespace,
    core: Core,
    *,
    log: Log,
    delivered: Callable[[object], None] | None = None,
    timers: Timers | None = None,
    bounds: Bounds | None = None,
    dials: bool = False,
) -> Opened:
    """What the options ask for, with a core on top; ``driving.start()`` opens the sockets and tells the core where they are.

    ``dials``: requests can go out over TLS even where nothing listens for it.
    """
    allow_many()
    element = Element(
        (), core, os.urandom, timers=timers or Timers(), bounds=bounds or Bounds(), known=_table(parsed.static)
    )
    secure = parsed.certificate or parsed.ca or parsed.tls
    places = wanted(parsed)
    credentials = Credentials(
        certificate=parsed.certificate, key=parsed.key, authorities=parsed.ca, mutual=parsed.mutual
    )
    driving = Driving(
        reactor,
        element,
        [*places, *(dialling(places) if dials else ())],
        Resolver(reactor, parsed.dns),
        log,
        credentials=credentials if secure else None,
        delivered=delivered,
    )
    return Opened(element, driving)


def wanted(parsed: argparse.Namespace) -> list[Listening]:
    """Where the options ask to listen; UDP and TCP on 127.0.0.1, port 5060, where they say nothing."""
    places: list[tuple[Transport, Address]] = []
    nothing = not (parsed.udp or parsed.tcp or parsed.tls)
    for address in [Address("127.0.0.1", 5060)] if nothing else parsed.udp:
        # = rfc3261:18.2.1/3
        places += [(Transport.UDP, address), (Transport.TCP, address)]
    places += [(Transport.TCP, each) for each in parsed.tcp if (Transport.TCP, each) not in places or not each.port]
    places += [(Transport.TLS, each) for each in parsed.tls]
    return [listening(transport, address, parsed.name or _shown(address)) for transport, address in places]


def dialling(places: Sequence[Listening]) -> list[Listening]:
    """From where requests go out over TLS, one for each kind of address for which nothing listens there."""
    there = {each.ipv6 for each in places if each.transport is Transport.TLS}
    first = {each.ipv6: each for each in reversed(places) if each.ipv6 not in there}
    return [
        listening(Transport.TLS, Address(each.address.host, 0), each.sent_by.rpartition(":")[0], dials=True)
        for each in first.values()
    ]


def _shown(address: Address) -> str:
    """What leads to an address that stands for all of the machine: the one by which it reaches others."""
    if address.host not in ("0.0.0.0", "::"):
        return address.host
    family, far, near = (
        (socket.AF_INET6, "2001:db8::1", "::1") if ":" in address.host else (socket.AF_INET, "192.0.2.1", "127.0.0.1")
    )
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            # Nothing is sent: the operating system only chooses the way.
            probe.connect((far, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return near


def _table(static: Sequence[tuple[str, Address]]) -> Table:
    table: dict[str, tuple[Address, ...]] = {}
    for host, address in static:
        table[host] = (*table.get(host, ()), address)
    return table


def place(text: str, default: int = 5060) -> Address:
    """``127.0.0.1:5060`` or ``[::1]:5060``; the port may be missing."""
    host, port = _split(text)
    address = numeric(host or "")
    if address is None:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an address such as 127.0.0.1:5060 or [::1]:5060")
    return Address(address, default if port is None else port)


def _static(text: str) -> tuple[str, Address]:
    """``proxy.example.org=127.0.0.1:5060``; without a port, the default one of the transport."""
    name, equals, place = text.partition("=")
    host, port = _split(place)
    address = numeric(host or "")
    if not name or not equals or address is None:
        raise argparse.ArgumentTypeError(f"{text!r}: expected HOST=ADDR:PORT, such as example.org=127.0.0.1:5060")
    return name.lower().rstrip("."), Address(address, port or 0)


def _split(text: str) -> tuple[str | None, int | None]:
    host, colon, digits = text.rpartition(":")
    if not colon or text.endswith("]") or (":" in host and not host.startswith("[")):
        return text, None
    if not digits.isdecimal() or int(digits) > 0xFFFF:
        return None, None
    return host, int(digits)
