"""What location asks of the domain name system, and what it gets back (RFC 3263, section 4)."""

from __future__ import annotations

from typing import NamedTuple


class Naptr(NamedTuple):
    """Which services a domain offers (section 4.1)."""

    name: str


class Srv(NamedTuple):
    """Which servers stand for a service, such as ``_sip._udp.example.org`` (section 4.2)."""

    name: str


class Host(NamedTuple):
    """The addresses of a host: AAAA and A (section 4.2)."""

    name: str


Question = Naptr | Srv | Host


class NaptrRecord(NamedTuple):
    """One service of a domain (RFC 2915, section 2)."""

    order: int
    """Lower comes first."""
    preference: int
    """Within one order, lower comes first."""
    flags: str
    """``s``: an SRV record is next."""
    service: str
    """``SIP+D2U``, ``SIP+D2T``, ``SIPS+D2T``."""
    replacement: str
    """The name to ask SRV records of."""


class SrvRecord(NamedTuple):
    """One server of a service (RFC 2782)."""

    priority: int
    """Lower comes first."""
    weight: int
    """Within one priority, the share of requests."""
    port: int
    target: str
    """The host; ``.`` says that the service is not offered."""


class HostRecord(NamedTuple):
    """One address of a host."""

    address: str
    """IPv4 in dots or IPv6 without brackets."""


Answers = tuple[NaptrRecord, ...] | tuple[SrvRecord, ...] | tuple[HostRecord, ...]
"""The records that answer a question; none where the name has none, and where nobody could be asked."""
