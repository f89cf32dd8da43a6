"""One message on the wire, as every predicate reads it: live, from a capture, or from a canned trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from conformance.lab import reload
from conformance.lab.context import codes
from conformance.lab.hypertext import Hypertext
from conformance.lab.presentation.refusal import Json
from conformance.lab.sip import Message
from conformance.run.model import Event

Direction = Literal["sent", "received", "seen"]
"""By the subject, to the subject, or between parties of which none is named the subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message on the wire, or octets that should have been one."""

    number: int
    """Counted from 1 over the evidence."""
    time: float
    """Seconds since 1970."""
    source: str
    """``192.0.2.1:5060``; empty where the capture has no addresses."""
    destination: str
    transport: str
    """``udp``, ``tcp`` or ``none``."""
    protocol: str
    """``sip``, ``reload`` (a message), ``reload-link`` (a frame of a link) or ``http``."""
    frames: tuple[int, ...] = ()
    """Numbers of the capture's frames it was put together from."""
    octets: bytes = b""
    direction: Direction = "seen"
    sip: Message | None = None
    """The message, for SIP that can be read."""
    reload: reload.Message | None = None
    """The message, for RELOAD that can be read and is whole."""
    header: dict[str, Json] | None = None
    """The forwarding header, for RELOAD messages and fragments."""
    http: Hypertext | None = None
    """The message, for HTTP that can be read."""
    link: dict[str, Json] | None = None
    """The frame of a link."""
    assembled: bool = False
    """Put together by the reader from fragments seen before."""
    fault: str = ""
    """Why it cannot be read, with the place; empty where it can."""
    clause: str = ""
    """The clause that the fault rests on, where the decoder names one."""
    malformed: bool = False
    """The harness sent it deliberately wrong."""
    secure: bool = False
    """It was inside TLS; the transport is then told as ``tcp``."""
    label: str = ""
    """The name that a scenario gave to what it sent; empty for all else."""

    @property
    def summary(self) -> str:
        """What a ladder writes on the arrow."""
        if self.sip is not None:
            return self.sip.title
        if self.fault:
            return f"unreadable {self.protocol}: {self.fault}"
        if self.link is not None:
            return f"{self.link['type']} {self.link.get('sequence', self.link.get('ack_sequence'))}"
        if self.http is not None:
            return self.http.start
        if self.reload is not None:
            return f"RELOAD {message_name(self.reload)}"
        return "RELOAD fragment"

    def event(self) -> Event:
        """The same in the model of results."""
        return Event(
            number=self.number, time=self.time, source=self.source or "unknown",
            destination=self.destination or "unknown", kind="garbage" if self.fault else "message",
            protocol=self.protocol, summary=self.summary, octets=self.octets, malformed=self.malformed,
            frame=self.frames[-1] if self.frames else None,
        )  # fmt: skip


def message_name(message: reload.Message) -> str:
    """The name of the struct that a message's code stands for, or the code."""
    code = message.contents["message_code"]
    return codes().messages.get(code, f"code {code}") if isinstance(code, int) else str(code)


def numbered(events: Iterable[Seen]) -> tuple[int, ...]:
    """The numbers of some events."""
    return tuple(event.number for event in events)
