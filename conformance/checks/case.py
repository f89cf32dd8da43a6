"""The shape of a case: what is asked, and what the answers mean.

A case lists its requests, may ask more once the first answers are there, and judges the outcomes.  It never talks to a
subject itself, so the same case judges a live run and a recorded one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from conformance.run.model import Finding, Json, Level, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of the adapter contract, with the step of the case it belongs to."""

    step: str
    command: str
    params: Mapping[str, Json]
    malformed: bool = False
    """The input is deliberately wrong."""
    summary: str = ""
    """What a ladder writes on the arrow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one request."""

    request: Request
    kind: str
    """``reply``, ``silence``, ``ended``, ``garbage`` or ``unasked`` (the subject had been given up)."""
    reply: Mapping[str, Json]
    """The object of the reply; empty where none came."""
    why: str = ""
    """What happened instead of a reply."""
    sent: float = 0.0
    """Seconds since 1970."""
    received: float = 0.0
    """Seconds since 1970."""
    event: int = 0
    """The number of the event in the evidence that shows the outcome."""


class Case(Protocol):
    """One check on one subject."""

    @property
    def id(self) -> str:
        """The id, never reused."""

    @property
    def what(self) -> str:
        """The case in one sentence."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses it decides."""

    @property
    def level(self) -> Level:
        """How strongly it binds."""

    @property
    def role(self) -> str:
        """The role it is about."""

    @property
    def name(self) -> str:
        """The struct, header field or kind of document it is about; empty where the format has no names."""

    @property
    def format(self) -> str:
        """The format it is about."""

    @property
    def kind(self) -> str:
        """``valid``, ``invalid`` or ``canonical``."""

    @property
    def origin(self) -> Origin:
        """Where its expectation comes from."""

    @property
    def errata(self) -> tuple[str, ...]:
        """Errata and interpretations it rests on."""

    @property
    def pair(self) -> str | None:
        """Its counterpart."""

    @property
    def parts(self) -> tuple[tuple[str, bytes], ...]:
        """The input, split per field of the specification; empty where there is no single input."""

    def requests(self) -> Sequence[Request]:
        """What is asked, whatever the answers."""

    def follow_ups(self, outcomes: Mapping[str, Outcome]) -> Sequence[Request]:
        """What is asked once the first answers are there, by step."""

    def doubt(self) -> str:
        """Why the harness does not stand by the case: its own second opinion disagrees; empty where it stands by it."""

    def judge(self, outcomes: Mapping[str, Outcome]) -> list[Finding]:
        """The findings, in order; the verdict is the worst of them."""
