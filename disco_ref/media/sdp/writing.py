"""Writing a session description in its canonical form (RFC 4566, section 9): CRLF, numbers without leading zeros."""

from __future__ import annotations

from collections.abc import Iterator

from disco_ref.media.sdp.description import Connection, Key, MediaDescription, SessionDescription
from disco_ref.media.sdp.reading import MalformedDescription, read


def write(description: SessionDescription) -> bytes:
    """Octets of the description.

    Refused with :class:`MalformedDescription`: a value that the grammar does not allow, or that would be read
    as another one (a line end inside a text).
    """
    octets = rendered(description)
    # = rfc4566:9/0
    if read(octets) != description:
        raise MalformedDescription("a field holds what would be read as something else")
    return octets


def rendered(description: SessionDescription) -> bytes:
    """The same without the question whether it can be read: for what is put together of parts that were read."""
    try:
        # = rfc4566:5/0
        return "".join([f"{line}\r\n" for line in _session(description)]).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise MalformedDescription("text with a character that no encoding has") from None


def _session(one: SessionDescription) -> Iterator[str]:
    origin = one.origin
    yield f"v={one.version}"
    yield (
        f"o={origin.username} {origin.session_id} {origin.session_version}"
        f" {origin.network_type} {origin.address_type} {origin.unicast_address}"
    )
    yield f"s={one.session_name}"
    if one.information is not None:
        yield f"i={one.information}"
    if one.uri is not None:
        yield f"u={one.uri}"
    yield from (f"e={email}" for email in one.emails)
    yield from (f"p={phone}" for phone in one.phones)
    if one.connection is not None:
        yield _connection(one.connection)
    yield from (f"b={each.type}:{each.value}" for each in one.bandwidths)
    for timing in one.times:
        yield f"t={timing.start} {timing.stop}"
        yield from (f"r={each.interval} {each.duration} {' '.join(each.offsets)}" for each in timing.repeats)
    if one.zone:
        yield "z=" + " ".join(f"{each.time} {each.offset}" for each in one.zone)
    yield from _tail(one.key, one)
    for media in one.media:
        yield from _media(media)


def _media(one: MediaDescription) -> Iterator[str]:
    port = str(one.port) if one.port_count is None else f"{one.port}/{one.port_count}"
    yield f"m={one.media} {port} {one.protocol} {' '.join(one.formats)}"
    if one.information is not None:
        yield f"i={one.information}"
    yield from (_connection(each) for each in one.connections)
    yield from (f"b={each.type}:{each.value}" for each in one.bandwidths)
    yield from _tail(one.key, one)


def _connection(one: Connection) -> str:
    return f"c={one.network_type} {one.address_type} {one.address}"


def _tail(key: Key | None, one: SessionDescription | MediaDescription) -> Iterator[str]:
    if key is not None:
        yield f"k={key.method}" if key.value is None else f"k={key.method}:{key.value}"
    for each in one.attributes:
        yield f"a={each.name}" if each.value is None else f"a={each.name}:{each.value}"
