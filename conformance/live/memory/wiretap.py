"""What was on the wire before anybody decrypted it, and the keys with which whoever reads the evidence can do so."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from conformance.lab.capture.flow import Flow, Step, packets_of
from conformance.lab.capture.writing import write_pcapng
from conformance.live.subject import End, shown

PIECE = 60_000
"""Octets of a segment that is written."""
MOST = 64 << 20
"""Octets that are kept; what comes later is left out, and that is said."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A datagram, or a piece of a stream."""

    time: float
    """Seconds since 1970."""
    transport: str
    """``tcp`` or ``udp``."""
    source: End
    destination: End
    octets: bytes
    sent: bool
    """By the subject."""


@dataclass(slots=True)
class Wiretap:
    """Octets of the wire in their order, and the secrets of its sessions as key logs have them."""

    carried: list[Carried] = field(default_factory=list)
    secrets: list[bytes] = field(default_factory=list, repr=False)
    """Lines of NSS key log format, of sessions of this one scenario."""
    size: int = 0
    left_out: int = 0
    """Octets beyond what is kept."""

    def keep(self, one: Carried) -> None:
        """Keep octets, as long as there is room."""
        if self.size + len(one.octets) > MOST:
            self.left_out += len(one.octets)
            return
        self.size += len(one.octets)
        self.carried.append(one)


def write_wire(path: Path, wire: Wiretap, comment: str) -> None:
    """A capture with the octets as they were, and a block of the keys with which they can be read."""
    steps = tuple(
        Step(
            id=f"W{number}", source=shown(one.source), destination=shown(one.destination), at=one.time,
            octets=one.octets, transport=one.transport,
            cut=tuple(range(PIECE, len(one.octets), PIECE)) if one.transport == "tcp" else (),
            comment="sent by the subject" if one.sent else "sent by the harness",
        )
        for number, one in enumerate(wire.carried, 1)
    )  # fmt: skip
    left_out = f" {wire.left_out} octets are left out." if wire.left_out else ""
    packets = packets_of(Flow(title=comment, start=0.0, steps=steps)) if steps else ()
    secrets = b"".join(line + b"\n" for line in dict.fromkeys(wire.secrets))
    with path.open("wb") as file:
        write_pcapng(file, packets, comment=comment + left_out, secrets=secrets)
