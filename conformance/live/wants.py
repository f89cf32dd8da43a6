"""What a party waits for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from conformance.lab.sip import Message


class NotSeen(Exception):
    """What a scenario waited for did not come; the scenario ends, what was seen so far is judged."""


class NotClaimed(Exception):
    """The target cannot do what the scenario asks for: no trigger, no credentials."""


class HarnessFault(Exception):
    """The scenario itself is wrong: it sent something that the harness' own reader refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One thing to wait for."""

    says: str
    """``a final response 200 to OPTIONS``."""
    matches: Callable[[Message], bool]
    spoils: Callable[[Message], bool] = lambda message: False
    """What shows that it will not come any more."""
    to: Message | None = None
    """The request that must be answered; None: the last one that the party sent."""
    answer: bool = False
    """Whether a response is wanted."""


def answers(response: Message, request: Message) -> bool:
    """Whether a response belongs to a request (RFC 3261, section 17.1.3)."""
    if response.is_request or response.cseq is None or request.cseq is None:
        return False
    return response.branch == request.branch and response.cseq[1] == request.cseq[1]


def final(*statuses: int, to: Message | None = None) -> Want:
    """A final response of one of these statuses, or of any; another final one ends the waiting at once."""
    told = f" {' or '.join(map(str, statuses))}" if statuses else ""
    return Want(
        says=f"a final response{told}", to=to, answer=True,
        matches=lambda one: (one.status or 0) >= 200 and (not statuses or one.status in statuses),
        spoils=lambda one: (one.status or 0) >= 200,
    )  # fmt: skip


def provisional(*statuses: int, to: Message | None = None) -> Want:
    """A provisional response of one of these statuses, or of any; a final one ends the waiting."""
    told = f" {' or '.join(map(str, statuses))}" if statuses else ""
    return Want(
        says=f"a provisional response{told}", to=to, answer=True,
        matches=lambda one: (one.status or 0) < 200 and (not statuses or one.status in statuses),
        spoils=lambda one: (one.status or 0) >= 200,
    )  # fmt: skip


def response(*statuses: int, to: Message | None = None) -> Want:
    """Any response, or one of these statuses."""
    told = f" {' or '.join(map(str, statuses))}" if statuses else ""
    return Want(
        says=f"a response{told}", to=to, answer=True,
        matches=lambda one: one.status is not None and (not statuses or one.status in statuses),
        spoils=lambda one: (one.status or 0) >= 200,
    )  # fmt: skip


def request(*methods: str) -> Want:
    """A request of one of these methods, or of any but ACK."""
    told = " or ".join(methods) if methods else "a request"
    return Want(says=told, matches=lambda one: one.is_request and (one.method in methods if methods else one.method != "ACK"))  # fmt: skip
