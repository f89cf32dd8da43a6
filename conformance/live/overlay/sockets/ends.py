"""What a party owns on the machine: one port, at which it takes connections and datagrams."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from conformance.live.network.sockets import TRIES, stamp_arrivals
from conformance.live.network.streams import end_of
from conformance.live.network.wire import WireFault
from conformance.live.overlay.identity import Identity
from conformance.live.subject import End as Place
from conformance.live.subject import shown

CLIENT_HELLO = 22
"""The type of the record that a handshake begins with."""


@dataclass(slots=True, eq=False)
class End:
    """A socket that accepts connections, and one for datagrams on the same port."""

    party: str
    identity: Identity
    listening: socket.socket
    datagrams: socket.socket
    deaf: bool = False
    """Whether it takes no links."""

    @property
    def place(self) -> Place:
        """Where it is reached."""
        return end_of(self.listening.getsockname())

    def accepted(self) -> tuple[socket.socket, Place] | None:
        """The next connection, None where there is none, or it is not taken."""
        try:
            made, peer = self.listening.accept()
        except OSError:
            return None
        if self.deaf:
            made.close()
            return None
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made, end_of(peer)

    def close(self) -> None:
        """Close both."""
        self.listening.close()
        self.datagrams.close()


def opened(party: str, identity: Identity, local: str) -> End:
    """Sockets on one port that is free for both transports; raises WireFault."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    for _ in range(TRIES):
        listening, datagrams = socket.socket(family), socket.socket(family, socket.SOCK_DGRAM)
        try:
            listening.bind((local, 0))
            listening.listen(16)
            datagrams.bind(end_of(listening.getsockname()))
        except OSError:
            listening.close()
            datagrams.close()
            continue
        listening.setblocking(False)
        datagrams.setblocking(False)
        stamp_arrivals(datagrams)
        return End(party, identity, listening, datagrams)
    raise WireFault(f"no port of {local} is free for datagrams and connections")


def greets(octets: bytes) -> bool:
    """Whether a datagram begins a handshake: a ClientHello that nothing protects yet (RFC 6347, section 4.1)."""
    return len(octets) > 13 and octets[0] == CLIENT_HELLO and octets[3:5] == b"\0\0" and octets[13] == 1


def local_host(subject: Place) -> str:
    """The address of this machine from which the subject is reached; raises WireFault."""
    family = socket.AF_INET6 if ":" in subject[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(subject)
            return end_of(probe.getsockname())[0]
    except OSError as fault:
        raise WireFault(f"{shown(subject)} cannot be reached: {fault.strerror}") from None
