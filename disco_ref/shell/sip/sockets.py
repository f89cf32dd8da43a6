"""Sockets as an element needs them, which the reactor then adopts."""

from __future__ import annotations

import resource
import socket

from disco_ref.sip.flow import Address

WAITING = 1024
"""Connections that wait to be accepted."""
RECEIVE_BUFFER = 4 << 20
"""Octets that the operating system is asked to hold of datagrams that are not read yet; it may grant less."""
DESCRIPTORS = 65536
"""Sockets that a process may want at once."""


def bound(address: Address, *, stream: bool, listens: bool = True) -> socket.socket:
    """A socket that listens at an address, or only keeps it from others; OSError where that cannot be.

    One of IPv6 leaves IPv4 to others, so that both wildcard addresses can be had on one port.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if stream and listens:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        elif not stream:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        made.bind(address)
        if stream and listens:
            made.listen(WAITING)
    except OSError:
        made.close()
        raise
    return made


def allow_many() -> None:
    """Lets the process open as many sockets as the system lets it, up to :data:`DESCRIPTORS`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
