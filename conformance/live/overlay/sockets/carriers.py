"""What carries a link: a TCP connection, a UDP socket of its own, or the UDP socket of a party to one address."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import time
from typing import Protocol

from conformance.live.network.sockets import arrived_at, stamp_arrivals
from conformance.live.network.streams import end_of
from conformance.live.subject import End

LARGEST = 1 << 16
MOST_UNSENT = 32 << 20
"""Octets that wait for a subject that does not read; beyond, the link is given up."""
UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)


class Carrier(Protocol):
    """Takes octets to the other side."""

    socket: socket.socket | None
    """What is to be waited for; None where somebody else waits for it."""
    near: End
    far: End
    connected: bool
    stamp: float | None
    """When the system took what was read last, in seconds since 1970; None where it does not say so."""

    def send(self, octets: bytes) -> None:
        """Octets of a stream, or a datagram; OSError where the other side takes no more."""

    def read(self) -> bytes | None:
        """What came; empty where nothing did, None where the other side has closed.  OSError where the connection breaks."""

    def proceed(self) -> None:
        """It can be written to: connected, or room for what waits.  OSError."""

    @property
    def waits(self) -> bool:
        """Whether it is to be told when there is room to write."""

    def close(self) -> None:
        """Close it."""


class Stream:
    """A TCP connection."""

    stamp: float | None = None

    def __init__(self, made: socket.socket, far: End, *, connected: bool) -> None:
        self.socket: socket.socket | None = made
        self._socket = made
        self.near, self.far, self.connected = end_of(made.getsockname()), far, connected
        self._unsent = bytearray()

    def send(self, octets: bytes) -> None:
        """As much as goes at once; the rest waits."""
        self._unsent += octets
        if len(self._unsent) > MOST_UNSENT:
            raise OSError(errno.ENOBUFS, "the subject does not read")
        if self.connected:
            self._push()

    def _push(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]

    def read(self) -> bytes | None:
        """What lies there."""
        try:
            return self._socket.recv(LARGEST) or None
        except BlockingIOError:
            return b""

    def proceed(self) -> None:
        """Connected, or not; then what waits."""
        if not self.connected:
            fault = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if fault:
                raise OSError(fault, os.strerror(fault))
            self.connected = True
        self._push()

    @property
    def waits(self) -> bool:
        """While it connects, and while something is unsent."""
        return not self.connected or bool(self._unsent)

    def close(self) -> None:
        """Let what was written leave, and end."""
        self._socket.close()


class Datagrams:
    """UDP, to and from one address."""

    connected = True
    waits = False

    def __init__(self, made: socket.socket, far: End, *, own: bool) -> None:
        self.stamp: float | None = None
        self.socket: socket.socket | None = made if own else None
        self._socket = made
        self._own = own
        self.near, self.far = end_of(made.getsockname()), far

    def send(self, octets: bytes) -> None:
        """One datagram; what cannot be sent is lost, as it may be anywhere on its way."""
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            if self._own:
                self._socket.send(octets)
            else:
                self._socket.sendto(octets, self.far)

    def read(self) -> bytes | None:
        """One datagram."""
        try:
            octets, self.stamp, _ = taken(self._socket)
        except BlockingIOError:
            return b""
        return octets

    def proceed(self) -> None:
        """It can always be written to."""

    def close(self) -> None:
        """Of a party's socket there may be other links."""
        if self._own:
            self._socket.close()


def taken(made: socket.socket) -> tuple[bytes, float, End]:
    """A datagram, when it came by the system's note (the harness may look only later), and where from; OSError."""
    octets, notes, _, peer = made.recvmsg(LARGEST, 64)
    return octets, arrived_at(notes, time.time()), end_of(peer)


def dialled(transport: str, local: str, far: End) -> Stream | Datagrams:
    """A connection that is begun, or a socket for one address; OSError where that cannot be."""
    family = socket.AF_INET6 if ":" in far[0] else socket.AF_INET
    stream = transport in ("tls", "tcp")
    made = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.bind((local, 0))
        if stream:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            stamp_arrivals(made)
        fault = made.connect_ex(far)
        if fault and fault not in UNDER_WAY:
            raise OSError(fault, os.strerror(fault))
    except OSError:
        made.close()
        raise
    return Stream(made, far, connected=False) if stream else Datagrams(made, far, own=True)
