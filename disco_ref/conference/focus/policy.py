"""What the operator of a focus decides (RFC 4353, section 3: the conference policy; from memory)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class FactoryAnswer(StrEnum):
    """How an INVITE to the factory URI is answered (RFC 4579, section 5.4)."""

    direct = "direct"
    """By 200, whose Contact is the URI of the new conference."""
    redirect = "redirect"
    """By 302 with that URI in Contact; the caller calls there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """A conference that is there before anybody calls, and stays when the last one leaves."""

    name: str
    """The user part of its URI."""
    subject: str | None = None
    capacity: int | None = None
    """Calls; None: that of the policy."""
    locked: bool = False
    """Whether nobody may join but by invitation of the focus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one focus."""

    domain: str = ""
    """Host, and port if need be, of conference URIs; empty: the address at which the focus listens."""
    factory: str = "conference"
    """The user part of the factory URI; empty: there is none."""
    factory_answer: FactoryAnswer = FactoryAnswer.direct
    ad_hoc: bool = True
    """Whether a call to an unknown user part begins a conference of that name; otherwise it gets 404."""
    reserved: tuple[Reserved, ...] = field(default=())
    asks: bool = False
    """Whether who wants to watch a conference waits until that is granted."""
    capacity: int = 200
    """Calls in one conference."""
    calls: int = 20_000
    """Calls in all conferences."""
    conferences: int = 20_000
    setting_up: int = 300
    """Calls of the last second that may lack their ACK: more mean that the focus is behind, and new ones are shed."""
    retry_after: int = 5
    """Seconds, in what is said to those who are shed."""
    waiting: int = 3600
    """Seconds for which a conference whose URI was given out by 302 waits for its first participant."""
    probing: int = 120
    """Seconds after which one from whom no media has come is asked by OPTIONS whether it is still there."""
    lingering: float = 1.0
    """Seconds for which who has left is still shown as disconnected, where somebody watches."""
