"""What of Twisted the wire uses, as types: its own interfaces are none to a type checker."""

from __future__ import annotations

from collections.abc import Callable
from socket import socket
from typing import Protocol

from OpenSSL.crypto import X509


class BoundAddress(Protocol):
    """One end of a socket."""

    host: str
    port: int


class BoundPort(Protocol):
    """A socket that listens."""

    socket: socket

    def getHost(self) -> BoundAddress:
        """Where it listens."""

    def stopListening(self) -> object:
        """Closes it; a Deferred where that takes time."""


class Wire(Protocol):
    """One end of a connection."""

    def write(self, data: bytes, /) -> None:
        """Sends octets, or keeps them until they can be sent."""

    def loseConnection(self) -> None:
        """Closes it when everything has left."""

    def abortConnection(self) -> None:
        """Closes it at once."""

    def getPeer(self) -> BoundAddress:
        """The other end."""

    def setTcpNoDelay(self, enabled: bool, /) -> None:
        """Whether octets leave at once."""

    def setTcpKeepAlive(self, enabled: bool, /) -> None:
        """Whether the operating system asks for signs of life."""

    def registerProducer(self, producer: object, streaming: bool, /) -> None:
        """Who is told when too much waits to be sent."""

    def unregisterProducer(self) -> None:
        """Nobody is told any more."""


class TlsWire(Wire, Protocol):
    """The same with TLS."""

    def getPeerCertificate(self) -> X509 | None:
        """What the other side has shown."""


class Call(Protocol):
    """Something that is due."""

    def active(self) -> bool:
        """Whether it is still to come."""

    def cancel(self) -> None:
        """It shall not come."""


class Reactor(Protocol):
    """The reactor: it is always passed in."""

    def seconds(self) -> float:
        """The time."""

    def callLater(self, delay: float, callable: Callable[..., object], /, *args: object) -> Call:
        """Calls something after some seconds."""

    def listenUDP(self, port: int, protocol: object, interface: str = "", maxPacketSize: int = 8192) -> BoundPort:
        """Opens a socket for datagrams."""

    def adoptDatagramPort(
        self, fileDescriptor: int, addressFamily: int, protocol: object, maxPacketSize: int = 8192
    ) -> BoundPort:
        """Takes a copy of a socket for datagrams."""

    def adoptStreamPort(self, fileDescriptor: int, addressFamily: int, factory: object) -> BoundPort:
        """Takes a copy of a socket for connections."""

    def connectTCP(self, host: str, port: int, factory: object, timeout: float = 30) -> object:
        """Opens a connection."""
