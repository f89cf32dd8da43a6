"""One link of a party: frames and their acknowledgements, fragments, repetitions (RFC 6940, sections 6.6.2, 6.6.3 and 6.7)."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.judge.links import ACK, DATA, frame_length
from conformance.lab import rules
from conformance.lab.context import Context
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.reload import encode_framed, read_header, reassemble

RECORD = 1200
"""Octets of a message, or fragment, that a record of DTLS takes."""
AGAIN = 0.5
"""Seconds until the first repetition over DTLS (section 6.6.3.1: before there is an estimate)."""
REPEATS = 4
MOST_PARTS = 4096
"""Fragments that are kept of one message."""


@dataclass(slots=True)
class _Unheard:
    octets: bytes
    due: float
    left: int


@dataclass(slots=True)
class FramedLink:
    """What has come and gone over one link."""

    number: int
    transport: str
    context: Context
    certificates: tuple[bytes, ...] = ()
    """What the subject showed."""
    open: bool = False
    closed: bool = False
    attached: bool | None = None
    """Whether the Attach that it follows asks for an Update; None where it follows none."""
    acknowledges: bool = True
    """Whether data frames are acknowledged as they come."""
    sequence: int = -1
    """Of the last data frame that was sent; the first is 0."""
    got: list[int] = field(default_factory=list)
    """Sequence numbers of data frames that came, in order."""
    acked: dict[int, int] = field(default_factory=dict)
    """Acknowledgements that came: the sequence number to the ``received`` bits."""
    _held: bytearray = field(default_factory=bytearray)
    _parts: dict[str, list[bytes]] = field(default_factory=dict)
    _unheard: dict[int, _Unheard] = field(default_factory=dict)

    def pieces(self, message: bytes) -> list[bytes]:
        """A message as the link carries it: whole, or over DTLS as fragments."""
        if self.transport != "dtls" or len(message) <= RECORD:
            return [message]
        return fragments(message, self.context, RECORD)

    def frame(self, message: bytes, now: float) -> bytes:
        """The next data frame with a message or a fragment; over DTLS it is repeated until it is acknowledged."""
        self.sequence += 1
        octets = DATA.to_bytes(1) + self.sequence.to_bytes(4) + len(message).to_bytes(3) + message
        if self.transport == "dtls":
            self._unheard[self.sequence] = _Unheard(octets, now + AGAIN, REPEATS)
        return octets

    def due(self) -> float:
        """When something is to be repeated; infinite where nothing is."""
        return min((one.due for one in self._unheard.values()), default=float("inf"))

    def repeated(self, now: float) -> list[bytes]:
        """The frames that are due once more."""
        found = []
        for number, one in list(self._unheard.items()):
            if one.due > now:
                continue
            if not one.left:
                del self._unheard[number]
                continue
            one.left -= 1
            one.due = now + AGAIN * 2 ** (REPEATS - one.left)
            found.append(one.octets)
        return found

    def receive(self, octets: bytes) -> tuple[list[bytes], list[bytes]]:
        """Octets of a stream or a record: the whole messages in them, and the acknowledgements that are owed."""
        if self.transport == "dtls":
            self._held.clear()
        self._held += octets
        messages: list[bytes] = []
        owed: list[bytes] = []
        while self._held and self._held[0] in (DATA, ACK):
            head = bytes(self._held[:9])
            length = frame_length(head, 0) if len(head) >= 8 else 0
            if not length or length > len(self._held):
                break
            frame = bytes(self._held[:length])
            del self._held[:length]
            number = int.from_bytes(frame[1:5])
            if frame[0] == ACK:
                self.acked[number] = int.from_bytes(frame[5:9])
                self._unheard.pop(number, None)
                continue
            again = number in self.got[-64:]
            self.got.append(number)
            owed.append(self.acknowledgement(number))
            if not again:
                messages += self._message(frame[8:])
        return messages, owed

    def acknowledgement(self, number: int) -> bytes:
        """The ack of a data frame: which of the 32 that came before it have a number shortly before its own (section 6.6.2)."""
        before = self.got[:-1] if self.got[-1:] == [number] else self.got
        bits = sum(1 << number - one for one in set(before[-32:]) if 0 < number - one < 32)
        frame: Json = {"type": "ack", "ack_sequence": number, "received": bits}
        return encode_framed({"frames": [frame], "rest": ""}, self.context)

    def _message(self, octets: bytes) -> list[bytes]:
        try:
            header, _ = read_header(octets, self.context)
        except LabRefusal:
            return [octets]
        if rules.number(header["fragment"]) & 0x7FFFFFFF == rules.LAST_FRAGMENT:
            return [octets]
        key = str(header["transaction_id"])
        parts = self._parts.setdefault(key, [])
        if octets not in parts and len(parts) < MOST_PARTS:
            parts.append(octets)
        try:
            whole = reassemble(parts, self.context)
        except LabRefusal:
            return []
        del self._parts[key]
        return [whole]


def fragments(message: bytes, context: Context, size: int) -> list[bytes]:
    """A message in fragments of at most ``size`` octets (section 6.7)."""
    header, end = read_header(message, context)
    encoder = Encoder(specified(), context)
    body, room = message[end:], size - end
    found = []
    for offset in range(0, len(body), room):
        piece = body[offset : offset + room]
        last = rules.LAST_FRAGMENT if offset + room >= len(body) else 0
        fragment = {**header, "fragment": rules.FRAGMENTED | last | offset, "length": end + len(piece)}
        found.append(encoder.whole("ForwardingHeader", fragment) + piece)
    return found
