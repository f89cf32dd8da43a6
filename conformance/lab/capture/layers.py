"""From a captured frame to UDP datagrams and TCP segments: link headers, IPv4, IPv6, fragments."""

from __future__ import annotations

import ipaddress
import struct
from typing import NamedTuple

from conformance.lab.capture import packet as links
from conformance.lab.capture.packet import Packet

MOST_PENDING = 256
"""Fragmented packets waiting for their rest; the oldest is given up beyond that."""
MOST_FRAGMENTS = 8192
"""Fragments held at once over all of them."""


class Payload(NamedTuple):
    """What one or several frames carry above the network layer."""

    time: float
    frames: tuple[int, ...]
    transport: str
    """``udp``, ``tcp``, or ``none`` for octets without addresses (link type USER0)."""
    source: str
    """``192.0.2.1:5060`` or ``[2001:db8::1]:5060``; empty without addresses."""
    destination: str
    octets: bytes
    sequence: int = 0
    """TCP only: number of the first octet."""
    flags: int = 0
    """TCP only: FIN 1, SYN 2, RST 4."""
    cut: bool = False
    """The capture holds fewer octets than were on the wire."""


class Layers:
    """Takes frames apart; remembers fragments until they are whole."""

    def __init__(self) -> None:
        self._pending: dict[tuple[bytes, bytes, int, int], _Fragments] = {}
        self._held = 0
        self.unread = 0
        """Frames that carry neither UDP nor TCP over IP, or break off."""

    def take(self, packet: Packet) -> Payload | None:
        """The payload that this frame completes, None where it completes none."""
        if packet.link_type == links.LINK_USER0:
            cut = packet.original > len(packet.octets)
            return Payload(packet.time, (packet.number,), "none", "", "", packet.octets, cut=cut)
        try:
            found = self._network(packet, strip_link(packet.link_type, packet.octets))
        except (IndexError, struct.error):
            found = None
        if found is None:
            self.unread += 1
        return found if found and found.transport else None

    def _network(self, packet: Packet, octets: bytes | None) -> Payload | None:
        if not octets:
            return None
        if octets[0] >> 4 == 4:
            return self._ipv4(packet, octets)
        return self._ipv6(packet, octets) if octets[0] >> 4 == 6 else None

    def _ipv4(self, packet: Packet, octets: bytes) -> Payload | None:
        header = (octets[0] & 15) * 4
        total, identity, offset = struct.unpack("!HHH", octets[2:8])
        protocol, source, destination = octets[9], octets[12:16], octets[16:20]
        if header < 20 or len(destination) < 4:
            return None
        # A total of zero is what offloading network cards leave behind: then the frame says the length.
        rest = octets[header : total or len(octets)]
        cut = bool(total) and len(octets) < total
        if offset & 0x3FFF:
            key = (source, destination, identity, protocol)
            return self._fragment(packet, key, (offset & 0x1FFF) * 8, bool(offset & 0x2000), rest)
        return transport(packet.time, (packet.number,), protocol, source, destination, rest, cut)

    def _ipv6(self, packet: Packet, octets: bytes) -> Payload | None:
        length, following = struct.unpack("!HB", octets[4:7])
        source, destination = octets[8:24], octets[24:40]
        cut = len(octets) < 40 + length
        at, end = 40, 40 + length if length else len(octets)
        while following in (0, 43, 60):
            following, at = octets[at], at + (octets[at + 1] + 1) * 8
        if following == 44:
            following, _, offset, identity = struct.unpack("!BBHI", octets[at : at + 8])
            key = (source, destination, identity, following)
            return self._fragment(packet, key, offset & 0xFFF8, bool(offset & 1), octets[at + 8 : end])
        return transport(packet.time, (packet.number,), following, source, destination, octets[at:end], cut)

    def _fragment(
        self, packet: Packet, key: tuple[bytes, bytes, int, int], offset: int, more: bool, octets: bytes
    ) -> Payload | None:
        pending = self._pending.setdefault(key, _Fragments())
        pending.add(offset, octets, more, packet.number)
        self._held += 1
        whole = pending.whole()
        if whole is not None or pending.broken:
            self._forget(key)
        while len(self._pending) > MOST_PENDING or self._held > MOST_FRAGMENTS:
            self._forget(next(iter(self._pending)))
            self.unread += 1
        if whole is None:
            return Payload(packet.time, (packet.number,), "", "", "", b"")
        return transport(packet.time, tuple(sorted(pending.frames)), key[3], key[0], key[1], whole, False)

    def _forget(self, key: tuple[bytes, bytes, int, int]) -> None:
        self._held -= len(self._pending.pop(key).frames)


class _Fragments:
    """The fragments of one packet."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.frames: list[int] = []
        self.length: int | None = None
        self.broken = False

    def add(self, offset: int, octets: bytes, more: bool, frame: int) -> None:
        self.frames.append(frame)
        self.broken = self.broken or offset + len(octets) > 65535
        if not more:
            self.length = offset + len(octets)
        self.parts.setdefault(offset, octets)

    def whole(self) -> bytes | None:
        if self.length is None or self.broken:
            return None
        out = bytearray()
        for offset in sorted(self.parts):
            if offset > len(out):
                return None
            out[offset:] = self.parts[offset]
        return bytes(out) if len(out) == self.length else None


def strip_link(link_type: int, octets: bytes) -> bytes | None:
    """The IP packet inside a frame, None where there is none or the link type is not known."""
    if link_type in (links.LINK_RAW, links.LINK_IPV4, links.LINK_IPV6, 12, 14):
        return octets
    if link_type in (links.LINK_NULL, links.LINK_LOOP):
        return octets[4:]
    if link_type == links.LINK_LINUX_SLL:
        return octets[16:] if octets[14:16] in (b"\x08\x00", b"\x86\xdd") else None
    if link_type == links.LINK_LINUX_SLL2:
        return octets[20:] if octets[:2] in (b"\x08\x00", b"\x86\xdd") else None
    if link_type != links.LINK_ETHERNET:
        return None
    at = 12
    while octets[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    return octets[at + 2 :] if octets[at : at + 2] in (b"\x08\x00", b"\x86\xdd") else None


def transport(
    time: float, frames: tuple[int, ...], protocol: int, source: bytes, destination: bytes, octets: bytes, cut: bool
) -> Payload | None:
    """A UDP datagram or a TCP segment; None for anything else and for what breaks off."""
    if protocol == 17 and len(octets) >= 8:
        from_port, to_port, length = struct.unpack("!HHH", octets[:6])
        body = octets[8:length] if length >= 8 else octets[8:]
        ends = endpoint(source, from_port), endpoint(destination, to_port)
        return Payload(time, frames, "udp", *ends, body, cut=cut or len(octets) < length)
    if protocol == 6 and len(octets) >= 20:
        from_port, to_port, sequence, _, offset, flags = struct.unpack("!HHIIBB", octets[:14])
        ends = endpoint(source, from_port), endpoint(destination, to_port)
        body = octets[(offset >> 4) * 4 :]
        return Payload(time, frames, "tcp", *ends, body, sequence, flags & 7, cut)
    return None


def endpoint(address: bytes, port: int) -> str:
    """An address and a port as text."""
    written = str(ipaddress.ip_address(address))
    return f"[{written}]:{port}" if ":" in written else f"{written}:{port}"
