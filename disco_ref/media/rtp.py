"""Packets of media and of reports about them (RFC 3550, sections 5.1 and 6.4): their headers only."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from disco_ref.errors import Malformed

_HEADER = Struct("!BBHII")
VERSION = 2


class MalformedPacket(Malformed):
    """Octets that are no RTP packet."""


class Header(NamedTuple):
    """The header of an RTP packet (section 5.1)."""

    payload_type: int
    """0 to 127."""
    sequence: int
    """16 bits, grows by one a packet."""
    timestamp: int
    """32 bits, in units of the codec's clock."""
    ssrc: int
    """32 bits, names the source."""
    marker: bool = False
    """What the profile makes of it: the first packet after a silence, or the last one of a video frame."""
    sources: tuple[int, ...] = ()
    """The contributing sources, at most 15."""
    extension: bytes | None = None
    """The header extension with its four octets of profile and length; None where there is none."""

    def octets(self, payload: bytes) -> bytes:
        """The packet with a payload and without padding."""
        first = VERSION << 6 | (self.extension is not None) << 4 | len(self.sources)
        head = _HEADER.pack(
            first, self.marker << 7 | self.payload_type, self.sequence & 0xFFFF, self.timestamp & 0xFFFFFFFF, self.ssrc
        )
        sources = b"".join(one.to_bytes(4, "big") for one in self.sources)
        return head + sources + (self.extension or b"") + payload


def read(octets: bytes) -> tuple[Header, bytes]:
    """A packet to its header and its payload without padding; raises :class:`MalformedPacket`."""
    if len(octets) < 12:
        raise MalformedPacket(f"{len(octets)} octets, a header has 12", where="RTP")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(octets)
    if first >> 6 != VERSION:
        raise MalformedPacket(f"version {first >> 6}", where="RTP", offset=0)
    end = 12 + 4 * (first & 15)
    sources = tuple(int.from_bytes(octets[at : at + 4], "big") for at in range(12, end, 4))
    extension: bytes | None = None
    if first & 0x10:
        start, end = end, end + 4 + 4 * int.from_bytes(octets[end + 2 : end + 4], "big")
        extension = octets[start:end]
    padding = octets[-1] if first & 0x20 else 0
    if end + padding > len(octets) or (first & 0x20 and not padding):
        raise MalformedPacket("shorter than its header says", where="RTP", offset=12)
    header = Header(second & 127, sequence, timestamp, ssrc, bool(second >> 7), sources, extension)
    return header, octets[end : len(octets) - padding]


def is_media(octets: bytes) -> bool:
    """Whether this may be an RTP packet: enough for one who passes it on without looking inside."""
    return len(octets) >= 12 and octets[0] >> 6 == VERSION and not 72 <= octets[1] & 127 <= 76


def is_report(octets: bytes) -> bool:
    """Whether this may be a compound RTCP packet: it begins with a report and its parts fill it (appendix A.2)."""
    if len(octets) < 8 or octets[0] >> 6 != VERSION or octets[0] & 0x20 or octets[1] not in (200, 201):
        return False
    at = 0
    while at + 4 <= len(octets):
        if octets[at] >> 6 != VERSION:
            return False
        at += 4 + 4 * int.from_bytes(octets[at + 2 : at + 4], "big")
    return at == len(octets)
