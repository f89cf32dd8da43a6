"""SIP over UDP on Twisted (RFC 3261, section 18)."""

from __future__ import annotations

import socket
from collections.abc import Callable

from twisted.internet.protocol import DatagramProtocol

from disco_ref.shell.sip.sockets import bound
from disco_ref.shell.sip.trouble import said
from disco_ref.shell.sip.wire import BoundPort, Reactor
from disco_ref.sip.flow import Address, Flow, Transport

# = rfc3261:18.1.1/3
LARGEST = 65536
"""Octets of the largest datagram."""

Arrived = Callable[[bytes, Flow], None]


class Datagrams(DatagramProtocol):
    """One UDP socket."""

    def __init__(self, arrived: Arrived) -> None:
        self._arrived = arrived
        self._port: BoundPort | None = None
        self._socket: socket.socket | None = None
        self.address = Address("", 0)
        """Of the socket."""

    def listen(self, reactor: Reactor, address: Address) -> None:
        """Binds the socket; OSError where that cannot be."""
        with bound(address, stream=False) as made:
            self._port = port = reactor.adoptDatagramPort(made.fileno(), made.family, self, LARGEST)
        self._socket = port.socket
        self.address = Address(address.host, port.getHost().port)

    def stopProtocol(self) -> None:
        """The socket is closed."""
        self._socket = None

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """One datagram."""
        self._arrived(datagram, Flow(Transport.UDP, self.address, Address(*addr)))

    def send(self, octets: bytes, to: Address) -> str | None:
        """Sends one datagram; why not, where it cannot be sent.

        Past the checks of Twisted's own ``write``, which cost more than the sending: the address is numeric.
        """
        held = self._socket
        if held is None:
            return "the socket is closed"
        try:
            held.sendto(octets, to)
        except BlockingIOError:
            # = rfc3261:18.4/2 silent: a full queue of the sender loses a datagram as any router may
            return None
        except OSError as failure:
            return said(failure)
        return None

    def close(self) -> object:
        """Closes the socket; the Deferred, if any, fires when it is."""
        return self._port.stopListening() if self._port is not None else None
