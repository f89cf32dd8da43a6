"""A flow written as text: who sends what to whom and when (``flow.toml``); becomes packets with true checksums.

::

    title = "..."
    start = 1000000000.0                 # seconds since 1970 of at = 0.0
    [parties]
    alice = "192.0.2.1:5060"
    [[message]]
    id = "F1"
    from = "alice"
    to = "proxy"
    at = 0.0                             # seconds
    transport = "udp"                    # or "tcp", or "none" (link type USER0: octets without addresses)
    comment = "..."
    text = '''head, an empty line, body'''   # line ends become CR LF; or: hex = "..."
    cut = [10, 200]                      # tcp: a segment ends after so many octets of the message
    join = true                          # tcp: the next message goes into the same segment
"""

from __future__ import annotations

import ipaddress
import struct
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.lab.capture.packet import LINK_ETHERNET, LINK_USER0, Packet

ACK, SYN, PUSH = 0x10, 0x02, 0x08


class FlowFault(Exception):
    """A flow that cannot be written, with the message at fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One message of a flow."""

    id: str
    source: str
    destination: str
    at: float
    octets: bytes
    transport: str = "udp"
    comment: str = ""
    cut: tuple[int, ...] = ()
    join: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A whole flow."""

    title: str
    start: float
    steps: tuple[Step, ...]
    comment: str = ""

    @property
    def link_type(self) -> int:
        """The LINKTYPE that its capture has."""
        bare = {step.transport == "none" for step in self.steps}
        if len(bare) > 1:
            raise FlowFault("messages with and without addresses in one flow")
        return LINK_USER0 if bare == {True} else LINK_ETHERNET


def read_flow(path: Path) -> Flow:
    """The flow of a file; raises FlowFault with the place."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise FlowFault(f"{path.name}: {fault}") from None
    parties = {str(name): str(end) for name, end in dict(table.get("parties", {})).items()}
    steps: list[Step] = []
    for entry in table.get("message", []):
        steps.append(_step(entry, parties, len(steps)))
    if len({step.id for step in steps}) < len(steps) or not steps:
        raise FlowFault(f"{path.name}: message ids are missing or not unique")
    start = float(table.get("start", 0.0))
    return Flow(
        title=str(table.get("title", "")), start=start, steps=tuple(steps), comment=str(table.get("comment", ""))
    )


def _step(entry: dict[str, object], parties: dict[str, str], number: int) -> Step:
    name = str(entry.get("id") or f"F{number + 1}")
    unknown = set(entry) - {"id", "from", "to", "at", "transport", "comment", "text", "hex", "cut", "join"}
    if unknown or ("text" in entry) == ("hex" in entry):
        raise FlowFault(f"{name}: needs either text or hex, and nothing unknown: {sorted(unknown)}")
    transport = str(entry.get("transport", "udp"))
    ends = [parties.get(str(entry.get(side))) for side in ("from", "to")]
    if None in ends and transport != "none":
        raise FlowFault(f"{name}: from and to must be among the parties")
    octets = bytes.fromhex(str(entry["hex"])) if "hex" in entry else text_octets(str(entry["text"]))
    cut = entry.get("cut", [])
    at = entry.get("at", number * 0.1)
    return Step(
        id=name, source=ends[0] or "", destination=ends[1] or "", octets=octets, transport=transport,
        at=float(at) if isinstance(at, (int, float)) else 0.0, comment=str(entry.get("comment", "")),
        cut=tuple(int(place) for place in cut) if isinstance(cut, list) else (), join=bool(entry.get("join", False)),
    )  # fmt: skip


def text_octets(text: str) -> bytes:
    """Text of a flow as octets: every line ends in CR LF."""
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def packets_of(flow: Flow) -> Iterator[Packet]:
    """The packets of a flow, numbered from 1."""
    wire = _Wire()
    waiting: list[Step] = []
    number = 0
    for step in flow.steps:
        waiting.append(step)
        if step.join and step.transport == "tcp":
            continue
        for octets, comment in wire.frames(waiting):
            number += 1
            yield Packet(number, flow.start + step.at, flow.link_type, octets, len(octets), comment)
        waiting = []


class _Wire:
    """What TCP remembers between packets."""

    def __init__(self) -> None:
        self.sent: dict[tuple[str, str], int] = {}
        self.identity = 0

    def frames(self, steps: list[Step]) -> Iterator[tuple[bytes, str]]:
        first = steps[0]
        octets = b"".join(step.octets for step in steps)
        comment = "; ".join(f"{step.id} {step.comment}".strip() for step in steps)
        if first.transport == "none":
            yield octets, comment
        elif first.transport == "udp":
            yield self._ip(first.source, first.destination, 17, udp(first.source, first.destination, octets)), comment
        else:
            yield from self._connect(first.source, first.destination)
            places = [0, *first.cut, len(octets)]
            for start, end in zip(places, places[1:], strict=False):
                yield (
                    self._segment(first.source, first.destination, PUSH | ACK, octets[start:end]),
                    comment if not start else "",
                )

    def _connect(self, source: str, destination: str) -> Iterator[tuple[bytes, str]]:
        if (source, destination) in self.sent:
            return
        self.sent[source, destination], self.sent[destination, source] = 1000, 5000
        yield self._segment(source, destination, SYN, b""), ""
        yield self._segment(destination, source, SYN | ACK, b""), ""
        yield self._segment(source, destination, ACK, b""), ""

    def _segment(self, source: str, destination: str, flags: int, octets: bytes) -> bytes:
        sequence, acknowledged = self.sent[source, destination], self.sent[destination, source]
        if flags == SYN:
            acknowledged = 0
        self.sent[source, destination] += len(octets) + bool(flags & SYN)
        return self._ip(source, destination, 6, tcp(source, destination, sequence, acknowledged, flags, octets))

    def _ip(self, source: str, destination: str, protocol: int, octets: bytes) -> bytes:
        self.identity = (self.identity + 1) & 0xFFFF
        return ethernet(source, destination, protocol, octets, self.identity)


def address(end: str) -> tuple[bytes, int]:
    """Packed address and port of ``192.0.2.1:5060`` or ``[2001:db8::1]:5060``."""
    host, _, port = end.rpartition(":")
    return ipaddress.ip_address(host.strip("[]")).packed, int(port)


def checksum(octets: bytes) -> int:
    """The Internet checksum."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _pseudo(source: bytes, destination: bytes, protocol: int, length: int) -> bytes:
    if len(source) == 4:
        return source + destination + struct.pack("!BBH", 0, protocol, length)
    return source + destination + struct.pack("!IHBB", length, 0, 0, protocol)


def udp(source: str, destination: str, octets: bytes) -> bytes:
    """A UDP datagram with its checksum."""
    (origin, from_port), (target, to_port) = address(source), address(destination)
    length = 8 + len(octets)
    header = struct.pack("!HHH", from_port, to_port, length)
    total = checksum(_pseudo(origin, target, 17, length) + header + b"\0\0" + octets)
    return header + struct.pack("!H", total or 0xFFFF) + octets


def tcp(source: str, destination: str, sequence: int, acknowledged: int, flags: int, octets: bytes) -> bytes:
    """A TCP segment with its checksum."""
    (origin, from_port), (target, to_port) = address(source), address(destination)
    front = struct.pack("!HHIIBBH", from_port, to_port, sequence, acknowledged, 0x50, flags, 65535)
    total = checksum(_pseudo(origin, target, 6, 20 + len(octets)) + front + b"\0\0\0\0" + octets)
    return front + struct.pack("!HH", total, 0) + octets


def ethernet(source: str, destination: str, protocol: int, octets: bytes, identity: int) -> bytes:
    """An Ethernet frame with an IPv4 or IPv6 packet."""
    origin, target = address(source)[0], address(destination)[0]
    ends = b"\x02\0" + target[-4:] + b"\x02\0" + origin[-4:]
    if len(origin) == 16:
        return ends + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(octets), protocol, 64) + origin + target + octets
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(octets), identity, 0, 64, protocol, 0) + origin + target
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return ends + b"\x08\0" + header + octets


def edited(flow: Flow, changes: Iterable[Step]) -> Flow:
    """The same flow with other messages in the place of those with the same ids."""
    named = {step.id: step for step in changes}
    steps = tuple(named.get(step.id, step) for step in flow.steps)
    return Flow(title=flow.title, start=flow.start, steps=steps, comment=flow.comment)
