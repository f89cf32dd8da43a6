"""Live sockets: every party has its own, one selector waits for all."""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conformance.live.network.authority import Authority
from conformance.live.network.speech import Speech, Voice, closed
from conformance.live.network.streams import Connection, Dress, Streams, end_of, offers
from conformance.live.network.wire import Arrival, Sent, WireFault
from conformance.live.subject import Certificates, End, shown
from conformance.live.wants import NotClaimed
from conformance.run.model import Json

LONGEST = 65536
"""Octets taken from a socket at once."""
STAMPS = 35
"""SO_TIMESTAMPNS of Linux, which Python does not name."""
STAMP = struct.Struct("@ll")
OLDEST = 60.0
"""Seconds that a datagram can have waited to be looked for; the wall clock was set where it is more."""
TRIES = 20
"""Ports that are tried until one is free for datagrams and connections."""


@dataclass(slots=True, eq=False)
class _End:
    """What a party owns: a socket for datagrams, and one that accepts connections."""

    party: str
    transport: str
    listening: socket.socket
    datagrams: socket.socket | None


@dataclass(slots=True, eq=False)
class _Datagrams:
    end: _End


@dataclass(slots=True, eq=False)
class _Accepting:
    end: _End


class Sockets:
    """The network of the machine."""

    virtual = False

    def __init__(self, subject: End, certificates: Certificates | None = None) -> None:
        certificates = certificates or Certificates()
        self._selector = selectors.DefaultSelector()
        local = _local_host(subject)
        self._family = socket.AF_INET6 if ":" in local else socket.AF_INET
        self._local = local
        self._streams = Streams(local, self._family, certificates)
        self._authority = Authority(certificates.folder) if certificates.folder is not None else None
        self._dressed: dict[str, Dress] = {}
        self._told: list[Arrival] = []
        """What is to be remarked, and comes with what arrives next."""
        self._ends: dict[str, _End] = {}
        self._connections: dict[int, Connection] = {}
        self._zero = time.time() - time.monotonic()

    @property
    def now(self) -> float:
        """Wall time that never steps back."""
        return self._zero + time.monotonic()

    def open(self, party: str, transport: str, beside: str = "") -> End:
        """Sockets of the party's own; who takes datagrams takes connections on the same port (RFC 3261, section 18.2.1)."""
        for _ in range(TRIES):
            listening = self._streams.listen()
            place = end_of(listening.getsockname())
            datagrams = None
            if transport == "udp":
                datagrams = socket.socket(self._family, socket.SOCK_DGRAM)
                try:
                    datagrams.bind(place)
                except OSError:
                    datagrams.close()
                    listening.close()
                    continue
                datagrams.setblocking(False)
                stamp_arrivals(datagrams)
            self._keep(_End(party, transport, listening, datagrams))
            return place
        raise WireFault(f"no port of {self._local} is free for datagrams and connections")

    def _keep(self, end: _End) -> None:
        self._ends[end.party] = end
        self._selector.register(end.listening, selectors.EVENT_READ, _Accepting(end))
        if end.datagrams is not None:
            self._selector.register(end.datagrams, selectors.EVENT_READ, _Datagrams(end))

    def send(self, party: str, octets: bytes, destination: End, transport: str, connection: int = 0) -> Sent:
        """Send; a connection that is open to there is used again."""
        end = self._ends[party]
        now = self.now
        if transport == "udp":
            if end.datagrams is None:
                raise WireFault(f"{party} has no socket for datagrams")
            try:
                end.datagrams.sendto(octets, destination)
            except OSError as fault:
                raise WireFault(f"cannot send to {shown(destination)}: {fault.strerror}") from None
            return Sent(now, end_of(end.datagrams.getsockname()), destination)
        one = self._connections.get(connection) or self._connected(party, transport, destination)
        one.send(octets)
        return Sent(self.now, one.local, one.remote, one.number)

    def _connected(self, party: str, transport: str, to: End) -> Connection:
        for one in self._connections.values():
            if (one.party, one.transport, one.remote) == (party, transport, to):
                return one
        one = self._enter(self._streams.connect(party, transport, to, self._dressed.get(party)))
        if one.remark:
            self._told.append(self._remarked(party, one.remark, to, one.local))
        return one

    def _remarked(self, party: str, remark: str, source: End, destination: End) -> Arrival:
        return Arrival(self.now, party, "tls", source, destination, b"", remark=remark)

    def _enter(self, one: Connection) -> Connection:
        self._connections[one.number] = one
        self._selector.register(one.socket, selectors.EVENT_READ, one)
        return one

    def wait(self, until: float) -> list[Arrival]:
        """Whatever is readable."""
        found, self._told = self._told, []
        if found:
            until = self.now
        for key, _ in self._selector.select(max(0.0, until - self.now)):
            if isinstance(key.data, _Datagrams):
                found += self._datagram(key.data.end)
            elif isinstance(key.data, _Accepting):
                found += self._accepted(key.data.end)
            else:
                found += self._piece(key.data)
        return found

    def _accepted(self, end: _End) -> list[Arrival]:
        """A connection of the subject; of its handshake there is a remark."""
        dress = self._dressed.get(end.party)
        one = self._streams.accept(end.party, _stream(end), end.listening, dress)
        if isinstance(one, Connection):
            self._enter(one)
        if dress is None or _stream(end) == "tcp":
            return []
        remark = "the handshake is done" if isinstance(one, Connection) else f"the handshake fails: {one}"
        place = end_of(end.listening.getsockname())
        return [self._remarked(end.party, remark, one.remote if isinstance(one, Connection) else place, place)]

    def dress(self, party: str, certificate: str, suite: str) -> End | None:
        """By the authority of the run."""
        end = self._ends[party]
        if self._authority is None or end.transport != "tls":
            return None
        if suite and not offers(suite):
            raise NotClaimed(f"the TLS of the harness itself does not have {suite}")
        place = end_of(end.listening.getsockname())
        shown = self._authority.shown(certificate, place[0]) if certificate else None
        self._dressed[party] = Dress(shown, suite)
        return place

    def arrived(self) -> list[Arrival]:
        """What lies in the sockets."""
        return self.wait(self.now)

    def _datagram(self, end: _End) -> list[Arrival]:
        assert end.datagrams is not None
        try:
            octets, notes, _, source = end.datagrams.recvmsg(LONGEST, 64)
        except OSError:  # a port unreachable that an earlier datagram caused
            return []
        place = end_of(end.datagrams.getsockname())
        return [Arrival(arrived_at(notes, self.now), end.party, "udp", end_of(source), place, octets)]

    def _piece(self, one: Connection) -> list[Arrival]:
        octets = one.read()
        if octets == b"":
            return []
        if octets is None:
            self.drop(one.number)
        arrival = Arrival(self.now, one.party, one.transport, one.remote, one.local, octets or b"", one.number)
        return [arrival]

    def drop(self, connection: int) -> None:
        """Close a connection."""
        one = self._connections.pop(connection, None)
        if one is not None:
            self._selector.unregister(one.socket)
            one.socket.close()

    def join(self, party: str, group: End) -> bool:
        """Groups are played in virtual time only."""
        return False

    def configure(self, settings: Mapping[str, Json]) -> bool:
        """Who is on the network has its own settings."""
        return False

    def voice(self, party: str) -> Voice | None:
        """A socket of its own, which speaks and listens by itself."""
        return Speech(self._local)

    def refuses(self, party: str, place: End) -> bool:
        """Whether a datagram there comes back as unreachable."""
        return closed(self._local, place)

    def trigger(self, do: str, arguments: dict[str, str]) -> bool:
        """Sockets make nobody do anything."""
        return False

    def close(self) -> None:
        """Close all sockets."""
        for number in list(self._connections):
            self.drop(number)
        self._selector.close()
        for end in self._ends.values():
            end.listening.close()
            if end.datagrams is not None:
                end.datagrams.close()


def stamp_arrivals(one: socket.socket) -> None:
    """Let the system note when a datagram comes, where it can: the harness may look for it only later."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, STAMPS, 1)


def arrived_at(notes: Sequence[tuple[int, int, bytes]], now: float) -> float:
    """When a datagram came by the system's note; ``now`` where there is none, or one that cannot be."""
    for level, kind, octets in notes:
        if (level, kind) == (socket.SOL_SOCKET, STAMPS) and len(octets) == STAMP.size:
            seconds, nanoseconds = STAMP.unpack(octets)
            stamp = float(seconds + nanoseconds / 1e9)
            if now - OLDEST <= stamp <= now:
                return stamp
    return now


def _stream(end: _End) -> str:
    return "tls" if end.transport == "tls" else "tcp"


def _local_host(subject: End) -> str:
    """The address of this machine from which the subject is reached."""
    try:
        found = socket.getaddrinfo(subject[0], subject[1], type=socket.SOCK_DGRAM)[0]
        with socket.socket(found[0], socket.SOCK_DGRAM) as probe:
            probe.connect(found[4])
            return end_of(probe.getsockname())[0]
    except OSError as fault:
        raise WireFault(f"{subject[0]} cannot be reached: {fault.strerror}") from None
