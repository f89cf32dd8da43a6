"""Live sockets: every party has its own, one selector waits for all."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass

from conformance.live.network.wire import Arrival, Sent, WireFault
from conformance.live.subject import Certificates, End

LONGEST = 65536
"""Octets taken from a socket at once."""
CONNECTING = 5.0
"""Seconds that a connection may take."""
BACKLOG = 16


@dataclass(slots=True)
class _Datagram:
    party: str
    socket: socket.socket


class Sockets:
    """The network of the machine."""

    virtual = False

    def __init__(self, subject: End, certificates: Certificates | None = None) -> None:
        self._certificates = certificates or Certificates()
        self._selector = selectors.DefaultSelector()
        self._local = _local_host(subject)
        self._family = socket.AF_INET6 if ":" in self._local else socket.AF_INET
        self._datagrams: dict[str, _Datagram] = {}
        self._zero = time.time() - time.monotonic()

    @property
    def now(self) -> float:
        """Wall time that never steps back."""
        return self._zero + time.monotonic()

    def open(self, party: str, transport: str) -> End:
        """A socket of the party's own."""
        if transport != "udp":
            raise WireFault(f"{transport} is not carried yet")
        one = socket.socket(self._family, socket.SOCK_DGRAM)
        one.setblocking(False)
        one.bind((self._local, 0))
        self._datagrams[party] = _Datagram(party, one)
        self._selector.register(one, selectors.EVENT_READ, self._datagrams[party])
        return _end(one.getsockname())

    def send(self, party: str, octets: bytes, destination: End, transport: str, connection: int = 0) -> Sent:
        """Send a datagram."""
        one = self._datagrams[party].socket
        try:
            one.sendto(octets, destination)
        except OSError as fault:
            raise WireFault(f"cannot send to {destination[0]} port {destination[1]}: {fault.strerror}") from None
        return Sent(self.now, _end(one.getsockname()), destination)

    def wait(self, until: float) -> list[Arrival]:
        """Whatever is readable."""
        found: list[Arrival] = []
        for key, _ in self._selector.select(max(0.0, until - self.now)):
            found += self._read(key.data)
        return found

    def _read(self, one: _Datagram) -> list[Arrival]:
        try:
            octets, source = one.socket.recvfrom(LONGEST)
        except OSError:  # a port unreachable that an earlier datagram caused
            return []
        return [Arrival(self.now, one.party, "udp", _end(source), _end(one.socket.getsockname()), octets)]

    def drop(self, connection: int) -> None:
        """Close a connection."""

    def trigger(self, do: str, arguments: dict[str, str]) -> bool:
        """Sockets make nobody do anything."""
        return False

    def close(self) -> None:
        """Close all sockets."""
        self._selector.close()
        for one in self._datagrams.values():
            one.socket.close()


def _end(name: tuple[object, ...]) -> End:
    return str(name[0]).partition("%")[0], int(str(name[1]))


def _local_host(subject: End) -> str:
    """The address of this machine from which the subject is reached."""
    try:
        found = socket.getaddrinfo(subject[0], subject[1], type=socket.SOCK_DGRAM)[0]
        with socket.socket(found[0], socket.SOCK_DGRAM) as probe:
            probe.connect(found[4])
            return _end(probe.getsockname())[0]
    except OSError as fault:
        raise WireFault(f"{subject[0]} cannot be reached: {fault.strerror}") from None
