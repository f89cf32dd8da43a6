"""Where an element can be reached, and the sent-by that says so (RFC 3261, sections 18.1.1 and 18.2.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.sip.flow import Address, Transport


class Listening(NamedTuple):
    """One address at which an element takes messages, or would take them if it listened there."""

    transport: Transport
    address: Address
    """Of the socket; a wildcard host takes messages for every address of the machine."""
    sent_by: str
    """``host:port`` as written into Via, and good for a Contact: a name or an address that leads here, IPv6 in brackets."""

    dials: bool = False
    """Whether nothing listens there: requests go out, and all that is for this element comes on the connections that it makes."""

    @property
    def ipv6(self) -> bool:
        """Whether the socket is one of IPv6."""
        return ":" in self.address.host


def listening(transport: Transport, address: Address, host: str = "", *, dials: bool = False) -> Listening:
    """What an element takes at an address; ``host`` is a name that leads there, where there is a better one than the address."""
    shown = host or address.host
    shown = f"[{shown}]" if ":" in shown and not shown.startswith("[") else shown
    return Listening(transport, address, f"{shown}:{address.port}", dials)
