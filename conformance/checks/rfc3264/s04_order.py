"""One offer at a time (RFC 3264, section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.rfc3264.descriptions import sdp_bodies
from conformance.judge.dialogs import Dialog
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.transactions import Transaction

CROSSING = 0.5
"""Seconds (T1 of RFC 3261) that two offers may be under way at the same time."""


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer in a request, and when it was answered or refused."""

    transaction: Transaction
    party: str
    """The tag of who offers."""
    done: int | None
    """The number of the event that ended it; None where none was seen."""


def offers(dialog: Dialog) -> list[Offered]:
    """The offers in INVITE and UPDATE requests of a dialog, in order."""
    found = []
    for one in [dialog.made_by, *dialog.transactions]:
        if one.method in ("INVITE", "UPDATE") and sdp_bodies(one.request):
            found.append(Offered(one, one.request.from_tag or "", _done(one)))
    return found


def _done(one: Transaction) -> int | None:
    for event, message in one.responses:
        answer = bool(sdp_bodies(message)) and message.has("rseq")
        if answer or (message.status or 0) >= 200:
            return event.number
    return None


def _pairs(evidence: Evidence, *, same: bool) -> Iterator[tuple[Offered, Offered, bool]]:
    for dialog in evidence.dialogs:
        found = offers(dialog) if dialog.method == "INVITE" else []
        for before, after in zip(found, found[1:], strict=False):
            if (before.party == after.party) is same and after.transaction.judged:
                yield before, after, before.done is not None and before.done < after.transaction.event.number


@check("rfc3264/s04/one-offer", "A party makes no second offer before its first is answered or rejected.", "rfc3264:4/4",
       needs="two offers of one party in a dialog")  # fmt: skip
def one_offer(evidence: Evidence) -> Iterator[Ruling]:
    """Between two offers of one party lies the end of the first."""
    for before, after, done in _pairs(evidence, same=True):
        events = (before.transaction.event, after.transaction.event)
        yield rule(done, *events, why="another offer is open", expected="its answer or refusal first", seen="neither")


@check("rfc3264/s04/answer-first", "A party that has an offer answers or rejects it before it makes its own.", "rfc3264:4/3",
       needs="offers of both parties in a dialog")  # fmt: skip
def answer_first(evidence: Evidence) -> Iterator[Ruling]:
    """Between the offer of one party and that of the other lies the end of the first; within half a second both may cross."""
    for before, after, done in _pairs(evidence, same=False):
        first, second = before.transaction.event, after.transaction.event
        if done or second.time - first.time >= CROSSING:
            yield rule(done, first, second, why="an offer is not answered", expected="its answer first", seen="none")
