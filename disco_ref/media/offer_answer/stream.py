"""What one side says of its streams: where it wants media, in which formats, which ways (RFC 3264, sections 5.1 and 8.4)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.media.offer_answer.direction import Direction, stated
from disco_ref.media.offer_answer.formats import Format, formats
from disco_ref.media.sdp import Attribute, Connection, MediaDescription, SessionDescription
from disco_ref.media.sdp.grammar import literal
from disco_ref.sip.flow import Address

_HOLDING = ("0.0.0.0", "::", "0::0")


class Stream(NamedTuple):
    """One media description, read."""

    media: str
    """``audio``, ``video`` or another type in lower case."""
    protocol: str
    family: int
    """4 or 6; 0 where the network is not the Internet."""
    host: str
    """The address as written: may be a name, or multicast."""
    port: int
    """0: refused or ended."""
    rtcp: Address | None
    """Where reports go; None where nothing may be sent."""
    direction: Direction
    formats: tuple[Format, ...]
    packet_time: int | None = None
    """Milliseconds of media in a packet, as ``a=ptime`` asks for; None where it does not."""

    @property
    def offered(self) -> bool:
        """Whether the stream is one at all."""
        # = rfc3264:5.1/5
        return self.port != 0

    # = rfc3264:8.4/3
    @property
    def address(self) -> Address | None:
        """Where media goes; None for a stream without a port, or held by an unspecified address."""
        return None if not self.port or self.host in _HOLDING else Address(self.host, self.port)

    @property
    def multicast(self) -> bool:
        """Whether it goes to a group."""
        found = literal(self.host.partition("/")[0])
        return found is not None and found.is_multicast


# = rfc3264:5/8
def streams(description: SessionDescription) -> tuple[Stream, ...]:
    """Each media description in its order; what the session says holds where the stream says nothing else."""
    session = stated(description.attributes, Direction.sendrecv)
    return tuple(_stream(one, description.connection, session) for one in description.media)


def _stream(media: MediaDescription, common: Connection | None, session: Direction) -> Stream:
    connection = media.connections[0] if media.connections else common
    host, family = ("", 0) if connection is None else (connection.address, _family(connection))
    reports = Address(host, media.port + 1) if media.port and host not in _HOLDING else None
    packet_time: int | None = None
    for one in media.attributes:
        if one.name == "rtcp" and one.value is not None and reports is not None:
            reports = _rtcp(one, reports)
        # = rfc3264:5.1/15
        elif one.name == "ptime" and one.value is not None and one.value.isascii() and one.value.isdigit():
            packet_time = int(one.value[:6]) or None
    return Stream(
        media.media.lower(),
        media.protocol.upper(),
        family,
        host,
        media.port,
        reports,
        # = rfc3264:5.1/4b
        stated(media.attributes, session),
        formats(media),
        packet_time,
    )


def _family(connection: Connection) -> int:
    if connection.network_type.upper() != "IN":
        return 0
    return {"IP4": 4, "IP6": 6}.get(connection.address_type.upper(), 0)


# = rfc3264:6.1/12
def _rtcp(attribute: Attribute, usual: Address) -> Address:
    """``a=rtcp:port [IN IP4 address]`` (RFC 3605, from memory); what cannot be read leaves the port one higher."""
    parts = (attribute.value or "").split()
    if not parts or not (parts[0].isascii() and parts[0].isdigit() and 0 < int(parts[0][:6]) < 65536):
        return usual
    host = parts[3] if len(parts) == 4 else usual.host
    return usual if host in _HOLDING else Address(host, int(parts[0]))
