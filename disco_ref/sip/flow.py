"""Where octets come from and go to: addresses, flows and next hops (RFC 3261, section 18; RFC 3263, section 4)."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import ip_address
from typing import NamedTuple


def numeric(host: str) -> str | None:
    """The address that the host of a URI or a Via is, in canonical form without brackets; None where it is a name."""
    inner = host[1:-1] if host[:1] == "[" and host[-1:] == "]" else host
    if inner[-1:].isalpha() and ":" not in inner:
        return None
    try:
        return str(ip_address(inner))
    except ValueError:
        return None


class Transport(StrEnum):
    """A transport protocol, spelled as in Via (RFC 3261, section 20.42)."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"

    @property
    def reliable(self) -> bool:
        """Whether what is sent arrives, once and in order."""
        return self is not Transport.UDP

    @property
    def default_port(self) -> int:
        """The port that is meant where none is named (RFC 3261, section 18.2.1)."""
        return 5061 if self is Transport.TLS else 5060


class Address(NamedTuple):
    """A numeric address and a port."""

    host: str
    """IPv4 in dots or IPv6 without brackets."""
    port: int

    def __str__(self) -> str:
        """As it stands in a URI: IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Flow(NamedTuple):
    """A way on which a message came, and on which answers go back."""

    transport: Transport
    local: Address
    remote: Address
    number: int = 0
    """Tells connections apart, counted by the shell; 0 for datagrams, unless they have a link to themselves."""
    identities: tuple[str, ...] = ()
    """Names that the other side's TLS certificate has proved, in lower case; empty where it showed none."""


class Hop(NamedTuple):
    """Where a request goes next, as RFC 3263 gives it."""

    transport: Transport
    address: Address
    name: str = ""
    """The host that was looked up: what a TLS certificate has to say (RFC 5922, section 7)."""
