"""Addresses as candidates, and candidates as addresses (RFC 6940, sections 6.5.1.1 and 6.5.1.11)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, ip_address
from typing import NamedTuple

from disco_ref.reload.address import AddressType, IpAddressPort, IPv4AddrPort, IPv6AddrPort
from disco_ref.reload.forwarding.ice import CandType, IceCandidate, OverlayLinkType
from disco_ref.reload.link.establishing import LinkParameters
from disco_ref.sip.flow import Address

MOST_TRIED = 8
"""Candidates of one node that are tried; our choice."""

_HOST_PREFERENCE = 126


class Way(NamedTuple):
    """An address, and the link protocol spoken there."""

    protocol: OverlayLinkType
    address: Address


def parameters_of(ways: Iterable[Way]) -> LinkParameters:
    """What a node offers that listens there; without ICE there is nothing but host candidates."""
    # = rfc6940:6.5.1.6/1 silent: no protocol of the two upper classes is defined
    candidates = tuple(_candidate(number, way) for number, way in enumerate(ways))
    return LinkParameters(b"", b"", candidates)


def _candidate(number: int, way: Way) -> IceCandidate:
    # = rfc6940:6.5.1.1/0 silent: without checks the formula of ICE orders candidates as their sender prefers them
    priority = (_HOST_PREFERENCE << 24) + ((65535 - number) << 8) + 255
    foundation = str(number + 1).encode()
    # = rfc6940:6.6.5/4
    return IceCandidate(place_of(way.address), way.protocol, foundation, priority, CandType.host, None, ())


def place_of(address: Address) -> IpAddressPort:
    """An address as it stands in a message."""
    found = ip_address(address.host)
    if isinstance(found, IPv4Address):
        return IpAddressPort(AddressType.ipv4_address, IPv4AddrPort(int(found), address.port))
    return IpAddressPort(AddressType.ipv6_address, IPv6AddrPort(int(found), address.port))


def ways_of(remote: LinkParameters, spoken: Iterable[OverlayLinkType]) -> list[Way]:
    """Where a node can be tried over the link protocols that are spoken here, the best first.

    Candidates that no node can have are left out: port 0, and addresses of nobody or of groups.
    """
    known = tuple(spoken)
    found = []
    for each in sorted(remote.candidates, key=lambda each: -each.priority):
        address = address_of(each)
        if address is not None and each.overlay_link in known:
            found.append(Way(OverlayLinkType(each.overlay_link), address))
    return found[:MOST_TRIED]


def address_of(candidate: IceCandidate) -> Address | None:
    """The address of a candidate, None where no node can have it."""
    place = candidate.addr_port.address
    if not isinstance(place, IPv4AddrPort | IPv6AddrPort) or not place.port:
        return None
    octets = place.addr.to_bytes(4 if isinstance(place, IPv4AddrPort) else 16, "big")
    found = ip_address(octets)
    return None if found.is_unspecified or found.is_multicast else Address(str(found), place.port)
