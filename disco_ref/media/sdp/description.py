"""What a session description says, as values (RFC 4566, section 5).

Text is held as ``str``; an octet that is not UTF-8 stands as the lone surrogate U+DC80 + (octet - 0x80)
(Python's ``surrogateescape``), so that every octet survives whatever ``a=charset`` says.
"""

from __future__ import annotations

from dataclasses import dataclass


# = rfc4566:5.2/0
@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who made the session and which version this is (RFC 4566, section 5.2)."""

    username: str
    """Without spaces; ``-`` where the host has no user names."""
    session_id: str
    """Digits; with user name, network, address type and address unique in the world."""
    # = rfc3264:8/0
    session_version: str
    """Digits; grows with every change (RFC 3264, section 8)."""
    network_type: str
    address_type: str
    unicast_address: str


# = rfc4566:5.7/0
@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where media goes (RFC 4566, section 5.7)."""

    network_type: str
    address_type: str
    address: str
    """As written, with the multicast suffixes ``/ttl`` and ``/number``."""


# = rfc4566:5.8/0
@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """A proposed bandwidth (RFC 4566, section 5.8)."""

    type: str
    value: int
    """Kilobits per second, unless the type says otherwise."""


# = rfc4566:5.10/0
@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """When a session repeats (RFC 4566, section 5.10); digits with an optional unit d, h, m or s."""

    interval: str
    duration: str
    offsets: tuple[str, ...]


# = rfc4566:5.9/0
@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A span in which the session is active (RFC 4566, section 5.9)."""

    start: str
    """Seconds since 1900 in decimal digits; ``0``: no bound."""
    stop: str
    """Seconds since 1900 in decimal digits; ``0``: no bound."""
    repeats: tuple[Repeat, ...] = ()


# = rfc4566:5.11/0
@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneAdjustment:
    """A shift of the time base of repeats (RFC 4566, section 5.11)."""

    time: str
    """Seconds since 1900 in decimal digits."""
    offset: str
    """A typed time with an optional minus sign."""


# = rfc4566:5.12/0
@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An encryption key or the way to one (RFC 4566, section 5.12)."""

    method: str
    """``prompt``, ``clear``, ``base64`` or ``uri``."""
    value: str | None = None
    """None for ``prompt`` only."""


# = rfc4566:5.13/0
@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """An attribute; those not understood are kept and ignored (RFC 4566, section 5.13)."""

    name: str
    value: str | None = None
    """None for a property attribute."""


# = rfc4566:5.14/0
@dataclass(frozen=True, slots=True, kw_only=True)
class MediaDescription:
    """One stream of media and its own lines (RFC 4566, section 5.14)."""

    media: str
    # = rfc3264:6/0
    port: int
    """0 refuses or ends the stream (RFC 3264, section 6)."""
    port_count: int | None = None
    """The number of ports, None where it is not written."""
    protocol: str
    formats: tuple[str, ...]
    information: str | None = None
    connections: tuple[Connection, ...] = ()
    bandwidths: tuple[Bandwidth, ...] = ()
    key: Key | None = None
    attributes: tuple[Attribute, ...] = ()


# = rfc4566:5/0
@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDescription:
    """A whole session description (RFC 4566, section 5)."""

    version: int = 0
    origin: Origin
    session_name: str
    information: str | None = None
    uri: str | None = None
    # = rfc3264:5/2
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    connection: Connection | None = None
    bandwidths: tuple[Bandwidth, ...] = ()
    times: tuple[Timing, ...]
    zone: tuple[ZoneAdjustment, ...] = ()
    key: Key | None = None
    attributes: tuple[Attribute, ...] = ()
    # = rfc3264:5/0
    media: tuple[MediaDescription, ...] = ()
