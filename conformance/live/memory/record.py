"""What happened in a scenario, as it happens: messages of both sides, notes, probes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.live.memory.wiretap import Wiretap
from conformance.live.subject import End
from conformance.run.model import Json


@dataclass(slots=True, kw_only=True)
class Entry:
    """One datagram, or one piece of a stream as it was sent or received."""

    time: float
    party: str
    sent: bool
    """By the subject."""
    transport: str
    """``udp``, ``tcp`` or ``tls``."""
    source: End
    destination: End
    octets: bytes
    malformed: bool = False
    """The harness sent it deliberately wrong."""
    label: str = ""
    """The name that the scenario gives it for its checks."""


@dataclass(slots=True, kw_only=True)
class Note:
    """Something that is no message."""

    time: float
    after: int
    """How many entries were there."""
    text: str
    alive: bool | None = None
    """For a probe: whether the subject answered it."""
    facts: Mapping[str, Json] | None = None
    """The same for checks: members are named by who writes them."""


@dataclass(slots=True)
class Record:
    """Everything of one scenario, in order."""

    entries: list[Entry] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    wire: Wiretap | None = None
    """What was on the wire before it was decrypted, of links over sockets."""

    def note(self, time: float, text: str, alive: bool | None = None, facts: Mapping[str, Json] | None = None) -> None:
        """Keep a note."""
        self.notes.append(Note(time=time, after=len(self.entries), text=text, alive=alive, facts=facts))
