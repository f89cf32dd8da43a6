"""The format ``sdp``: a session description as JSON (conformance/SUBJECT.md)."""

from __future__ import annotations

from disco_ref.media.sdp import (
    Attribute,
    Bandwidth,
    Connection,
    Key,
    MalformedDescription,
    MediaDescription,
    Origin,
    Repeat,
    SessionDescription,
    Timing,
    ZoneAdjustment,
    read,
    write,
)
from disco_ref.shell.formats.fields import Fields, read_all
from disco_ref.shell.formats.format import Context, Format, Json


def _decode(name: str | None, octets: bytes, context: Context) -> Json:
    one = read(octets)
    origin = one.origin
    return {
        "version": one.version,
        "origin": {
            "username": origin.username,
            "session_id": origin.session_id,
            "session_version": origin.session_version,
            "network_type": origin.network_type,
            "address_type": origin.address_type,
            "unicast_address": origin.unicast_address,
        },
        "session_name": one.session_name,
        "information": one.information,
        "uri": one.uri,
        "emails": list(one.emails),
        "phones": list(one.phones),
        "connection": None if one.connection is None else _connection(one.connection),
        "bandwidths": _bandwidths(one.bandwidths),
        "times": [
            {
                "start": timing.start,
                "stop": timing.stop,
                "repeats": [" ".join((each.interval, each.duration, *each.offsets)) for each in timing.repeats],
            }
            for timing in one.times
        ],
        "zone": " ".join(f"{each.time} {each.offset}" for each in one.zone) or None,
        "key": _key(one.key),
        "attributes": _attributes(one.attributes),
        "media": [_media(media) for media in one.media],
    }


def _media(one: MediaDescription) -> Json:
    return {
        "media": one.media,
        "port": one.port,
        "port_count": one.port_count,
        "protocol": one.protocol,
        "formats": list(one.formats),
        "information": one.information,
        "connections": [_connection(each) for each in one.connections],
        "bandwidths": _bandwidths(one.bandwidths),
        "key": _key(one.key),
        "attributes": _attributes(one.attributes),
    }


def _connection(one: Connection) -> Json:
    return {"network_type": one.network_type, "address_type": one.address_type, "address": one.address}


def _bandwidths(several: tuple[Bandwidth, ...]) -> Json:
    return [{"type": each.type, "value": each.value} for each in several]


def _attributes(several: tuple[Attribute, ...]) -> Json:
    return [{"name": each.name, "value": each.value} for each in several]


def _key(one: Key | None) -> Json:
    if one is None:
        return None
    return one.method if one.value is None else f"{one.method}:{one.value}"


def _encode(name: str | None, value: Json, context: Context) -> bytes:
    return write(read_all(Fields(value, "sdp"), _session))


def _session(fields: Fields) -> SessionDescription:
    return SessionDescription(
        version=fields.number_or_none("version") or 0,
        origin=fields.one("origin", _read_origin),
        session_name=fields.text("session_name"),
        information=fields.text_or_none("information"),
        uri=fields.text_or_none("uri"),
        emails=fields.texts("emails"),
        phones=fields.texts("phones"),
        connection=fields.one_or_none("connection", _read_connection),
        bandwidths=fields.every("bandwidths", _read_bandwidth),
        times=fields.every("times", _read_timing),
        zone=_read_zone(fields.text_or_none("zone")),
        key=_read_key(fields.text_or_none("key")),
        attributes=fields.every("attributes", _read_attribute),
        media=fields.every("media", _read_media),
    )


def _read_origin(fields: Fields) -> Origin:
    return Origin(
        username=fields.text("username"),
        session_id=fields.text("session_id"),
        session_version=fields.text("session_version"),
        network_type=fields.text("network_type"),
        address_type=fields.text("address_type"),
        unicast_address=fields.text("unicast_address"),
    )


def _read_connection(fields: Fields) -> Connection:
    return Connection(
        network_type=fields.text("network_type"),
        address_type=fields.text("address_type"),
        address=fields.text("address"),
    )


def _read_bandwidth(fields: Fields) -> Bandwidth:
    return Bandwidth(type=fields.text("type"), value=fields.number("value"))


def _read_attribute(fields: Fields) -> Attribute:
    return Attribute(name=fields.text("name"), value=fields.text_or_none("value"))


def _read_timing(fields: Fields) -> Timing:
    return Timing(
        start=fields.text("start"),
        stop=fields.text("stop"),
        repeats=tuple(_read_repeat(each) for each in fields.texts("repeats")),
    )


def _read_repeat(text: str) -> Repeat:
    parts = text.split(" ")
    if len(parts) < 3:
        raise MalformedDescription("expected `interval duration offset ...`", where="sdp.times.repeats")
    return Repeat(interval=parts[0], duration=parts[1], offsets=tuple(parts[2:]))


def _read_zone(text: str | None) -> tuple[ZoneAdjustment, ...]:
    if text is None:
        return ()
    parts = text.split(" ")
    if len(parts) % 2:
        raise MalformedDescription("an adjustment time without its offset", where="sdp.zone")
    return tuple(ZoneAdjustment(time=a, offset=b) for a, b in zip(parts[::2], parts[1::2], strict=True))


def _read_key(text: str | None) -> Key | None:
    if text is None:
        return None
    method, colon, value = text.partition(":")
    return Key(method=method, value=value if colon else None)


def _read_media(fields: Fields) -> MediaDescription:
    return MediaDescription(
        media=fields.text("media"),
        port=fields.number("port"),
        port_count=fields.number_or_none("port_count"),
        protocol=fields.text("protocol"),
        formats=fields.texts("formats"),
        information=fields.text_or_none("information"),
        connections=fields.every("connections", _read_connection),
        bandwidths=fields.every("bandwidths", _read_bandwidth),
        key=_read_key(fields.text_or_none("key")),
        attributes=fields.every("attributes", _read_attribute),
    )


FORMATS = {
    "sdp": Format(
        decode=_decode,
        encode=_encode,
        reencode=lambda name, octets, context: write(read(octets)),
    )
}
"""What this module reads and writes."""
