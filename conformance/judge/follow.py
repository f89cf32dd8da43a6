"""A capture file to evidence: which traffic is SIP or RELOAD, in one stream of events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from conformance.judge.evidence import Evidence
from conformance.judge.links import ACK, DATA, Overlay, frame_length, looks_framed, looks_raw
from conformance.judge.seen import Direction, Seen
from conformance.lab.capture.layers import Layers, Payload
from conformance.lab.capture.packet import CaptureFault, Packet
from conformance.lab.capture.reading import packets
from conformance.lab.capture.stream import Piece, Streams
from conformance.lab.context import Context
from conformance.lab.hypertext import take
from conformance.lab.presentation.refusal import LabRefusal as Refused
from conformance.lab.sip import LabRefusal, Message, Stream, looks_like_sip, read_message

PORTS: Mapping[int, str] = {5060: "sip", 6084: "reload"}
"""Where traffic that cannot be recognised still counts, as broken."""
LONGEST_LINK = 17 * 1024 * 1024
"""Octets of an incomplete frame on a stream."""


UNDECIDED = "?"
ENOUGH = 12
"""Octets after which a stream can be told by its first frame or message."""
LONGEST_LINE = 2048
"""Octets that are awaited for a first line of text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a capture is read."""

    ports: Mapping[int, str] = field(default_factory=lambda: dict(PORTS))
    """Port to ``sip``, ``reload`` or ``http``, which no other port is looked at for."""
    subject: str = ""
    """The address (or address:port) of the party that is judged; empty for everybody."""
    context: Context = field(default_factory=Context)
    """What RELOAD bytes do not say."""


def evidence_of(path: Path, reading: Reading | None = None) -> Evidence:
    """Everything of a capture file; raises CaptureFault where not a single packet can be read, OSError where no file."""
    reader = _Follower(reading or Reading())
    faults: list[str] = []
    broken = False
    with path.open("rb") as file:
        try:
            for packet in packets(file):
                reader.packet(packet)
        except CaptureFault as fault:
            if not reader.packets:
                raise
            faults.append(f"{fault}; the {reader.packets} packets before it are judged")
            broken = True
    return reader.finish(faults, broken)


def evidence_of_packets(some: Iterable[Packet], reading: Reading | None = None) -> Evidence:
    """The same from packets at hand."""
    reader = _Follower(reading or Reading())
    for packet in some:
        reader.packet(packet)
    return reader.finish([], False)


class _Connection:
    """One direction of a TCP connection, from the first octets on."""

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol
        self.sip = Stream()
        self.held = bytearray()
        self.wanted = 1
        self.frames: list[int] = []


class _Follower:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.layers = Layers()
        self.streams = Streams()
        self.overlay = Overlay(reading.context)
        self.connections: dict[tuple[str, str], _Connection] = {}
        self.links: set[frozenset[str]] = set()
        self.events: list[Seen] = []
        self.faults: list[str] = []
        self.packets = 0
        self.ignored = 0

    def packet(self, packet: Packet) -> None:
        self.packets = packet.number
        payload = self.layers.take(packet)
        if payload is None:
            return
        if payload.transport == "tcp":
            for piece in self.streams.take(payload):
                self._piece(piece)
        elif payload.cut:
            self.faults.append(f"frame {packet.number}: the capture cut the packet; it is not judged")
        else:
            self._keep(self._datagram(payload))

    def finish(self, faults: list[str], broken: bool) -> Evidence:
        for piece in self.streams.end():
            self._piece(piece)
        for (source, destination), connection in self.connections.items():
            held = connection.sip.held if connection.protocol == "sip" else len(connection.held)
            if connection.protocol not in ("", UNDECIDED) and held and not connection.sip.refusal:
                self.faults.append(f"{source} to {destination}: {held} bytes of an incomplete message at the end")
        events = tuple(replace(event, number=number) for number, event in enumerate(self.events, 1))
        ignored = self.ignored + self.layers.unread
        return Evidence(events, tuple(faults + self.faults), broken, self.reading.context, ignored)

    def _keep(self, found: Iterable[Seen]) -> None:
        self.events.extend(found)

    def _seen(self, payload: Payload, protocol: str, octets: bytes, frames: tuple[int, ...] = ()) -> Seen:
        return Seen(
            number=0, time=payload.time, source=payload.source, destination=payload.destination,
            transport=payload.transport, protocol=protocol, frames=frames or payload.frames, octets=octets,
            direction=self._direction(payload),
        )  # fmt: skip

    def _direction(self, payload: Payload) -> Direction:
        subject = self.reading.subject
        if not subject:
            return "seen"
        # What others exchange among themselves is no more the subject's doing than what it receives.
        return "sent" if _is_at(payload.source, subject) else "received"

    def _port(self, payload: Payload) -> str:
        for end in (payload.destination, payload.source):
            port = end.rpartition(":")[2]
            if port.isdigit() and int(port) in self.reading.ports:
                return self.reading.ports[int(port)]
        return ""

    def _datagram(self, payload: Payload) -> Iterator[Seen]:
        octets = payload.octets
        port = self._port(payload)
        pair = frozenset((payload.source, payload.destination))
        if looks_raw(octets):
            yield from self.overlay.raw(self._seen(payload, "reload", octets))
        elif looks_framed(octets, known=port == "reload" or pair in self.links):
            self.links.add(pair)
            yield from self._frames(payload, octets)
        elif looks_like_sip(octets) or (port == "sip" and not _is_keepalive(octets)):
            yield self._sip(self._seen(payload, "sip", octets))
        elif port == "reload" and not _is_other(octets):
            fault = "neither a message nor a frame of a link"
            yield replace(self._seen(payload, "reload", octets), fault=fault, clause="rfc6940:6.3.2/1")
        else:
            self.ignored += 1

    def _frames(self, payload: Payload, octets: bytes) -> Iterator[Seen]:
        found, used = self.overlay.framed(self._seen(payload, "reload-link", octets))
        yield from found
        if used < len(octets):
            fault = f"{len(octets) - used} bytes that are no whole frame"
            yield replace(self._seen(payload, "reload-link", octets[used:]), fault=fault, clause="rfc6940:6.6.2/0")

    def _sip(self, seen: Seen) -> Seen:
        try:
            message = read_message(seen.octets)
        except LabRefusal as refusal:
            return replace(seen, fault=str(refusal), clause="rfc3261:7/0")
        return replace(seen, sip=message)

    def _piece(self, piece: Piece) -> None:
        payload = piece.payload
        key = (payload.source, payload.destination)
        connection = self.connections.get(key)
        if piece.gap:
            self.faults.append(f"frame {payload.frames[0]}: bytes of {key[0]} to {key[1]} are missing before it")
        if connection is None or piece.fresh or piece.gap:
            connection = self.connections[key] = _Connection(UNDECIDED)
        connection.frames.extend(payload.frames)
        if connection.protocol == UNDECIDED:
            piece = piece._replace(octets=bytes(connection.held) + piece.octets)
            connection.held[:] = piece.octets
            connection.protocol = self._stream_protocol(piece)
            if connection.protocol == UNDECIDED:
                return
            connection.held.clear()
        if not connection.protocol:
            connection.frames.clear()
            self.ignored += 1
            return
        if connection.protocol == "sip":
            self._keep(self._sip_stream(connection, piece))
        elif connection.protocol == "http":
            self._keep(self._hypertext(connection, piece))
        else:
            self._keep(self._link_stream(connection, piece))

    def _stream_protocol(self, piece: Piece) -> str:
        port, octets = self._port(piece.payload), piece.octets
        if port == "http":
            return port
        if looks_raw(octets):
            return "raw"
        if looks_framed(octets, known=port == "reload"):
            return "reload"
        if looks_like_sip(octets) or (port == "sip" and len(octets) >= ENOUGH and not _is_other(octets)):
            return "sip"
        # A start line may come in several segments; what is no text is not waited for long.
        text = all(octet in b"\r\n" or 32 <= octet < 127 for octet in octets[:ENOUGH])
        return UNDECIDED if len(octets) < (LONGEST_LINE if text and b"\n" not in octets.strip() else ENOUGH) else ""

    def _sip_stream(self, connection: _Connection, piece: Piece) -> Iterator[Seen]:
        refused = connection.sip.refusal
        for message in connection.sip.feed(piece.octets):
            yield self._message(connection, piece.payload, message)
        refusal = connection.sip.refusal
        if refusal is not None and refused is None:
            clause = "rfc3261:18.3/4" if refusal.where == "Content-Length" else "rfc3261:7/0"
            frames = tuple(dict.fromkeys(connection.frames))
            seen = self._seen(piece.payload, "sip", piece.octets, frames)
            yield replace(seen, fault=f"{refusal}; the rest of the connection cannot be judged", clause=clause)

    def _hypertext(self, connection: _Connection, piece: Piece) -> Iterator[Seen]:
        """Whole messages; a response that the end of its connection ends was written with its length."""
        connection.held += piece.octets
        while connection.held:
            frames = tuple(dict.fromkeys(connection.frames))
            seen = self._seen(piece.payload, "http", bytes(connection.held), frames)
            try:
                found = take(bytes(connection.held))
            except Refused as refusal:
                connection.protocol = ""
                yield replace(seen, fault=str(refusal))
                return
            if found is None:
                return
            del connection.held[: len(found.received)]
            connection.frames = [piece.payload.frames[-1]]
            yield replace(seen, octets=found.received, http=found)

    def _message(self, connection: _Connection, payload: Payload, message: Message) -> Seen:
        frames = tuple(dict.fromkeys(connection.frames))
        connection.frames = [payload.frames[-1]]
        return replace(self._seen(payload, "sip", message.received, frames), sip=message)

    def _link_stream(self, connection: _Connection, piece: Piece) -> Iterator[Seen]:
        connection.held += piece.octets
        if len(connection.held) < connection.wanted:
            return
        frames = tuple(dict.fromkeys(connection.frames))
        template = self._seen(piece.payload, "reload-link", bytes(connection.held), frames)
        found, taken = (self.overlay.stacked if connection.protocol == "raw" else self.overlay.framed)(template)
        yield from found
        del connection.held[:taken]
        if not connection.held:
            connection.frames.clear()
        connection.wanted = _wanted(connection)
        if connection.wanted == 0 or connection.wanted > LONGEST_LINK:
            fault = "no message or frame begins here; the rest of the connection cannot be judged"
            clause = "rfc6940:6.3.2/1" if connection.protocol == "raw" else "rfc6940:6.6.2/0"
            connection.protocol = ""
            yield replace(template, octets=bytes(connection.held[:64]), fault=fault, clause=clause)


def _wanted(connection: _Connection) -> int:
    """Octets a stream must hold before something can be taken from it; 0 where nothing can ever be."""
    held = connection.held
    if connection.protocol == "raw":
        if len(held) < 20:
            return 20
        return max(int.from_bytes(held[16:20]), 38) if looks_raw(held) else 0
    if not held:
        return 1
    if held[0] not in (DATA, ACK):
        return 0
    return frame_length(bytes(held[:9]), 0) or 8


def _is_at(end: str, subject: str) -> bool:
    return end == subject or end.rpartition(":")[0] == subject or end.rpartition(":")[0] == f"[{subject}]"


def _is_keepalive(octets: bytes) -> bool:
    return not octets.strip(b"\r\n\0 ") or _is_other(octets)


def _is_other(octets: bytes) -> bool:
    """STUN, or TLS and DTLS records: neighbours on the same port that are judged elsewhere."""
    return octets[4:8] == b"\x21\x12\xa4\x42" or (20 <= octets[0] <= 25 if octets else True)
