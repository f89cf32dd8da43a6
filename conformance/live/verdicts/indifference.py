"""Whether a subject looks at what it is asked: who says one thing whatever comes meets many requirements by chance, and that is no pass.

Two grounds: within a scenario, a subject that refuses everything alike has not refused the one thing that was to be refused; and over
all scenarios, one that has a single word for whatever is asked, malformed messages among it, or never comes to a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conformance.judge.evidence import Evidence
from conformance.judge.transactions import Transaction

ENOUGH, FEW = 10, 5
"""Requests that must be answered before a subject as a whole is called indifferent: with success, with a refusal."""
ALIKE = 2
"""Requests of a scenario that must be refused alike before the scenario shows nothing."""


def asked_of(evidence: Evidence) -> list[Transaction]:
    """What the subject was asked, but ACK, and what only cleans up."""
    return [one for one in evidence.transactions if one.event.direction == "received" and one.event.label != "tidy"]


def statuses(asked: Iterable[Transaction]) -> set[int]:
    """The final statuses."""
    return {one.final[1].status or 0 for one in asked if one.final is not None}


def refuses_alike(evidence: Evidence) -> str:
    """Why the refusals of a scenario show nothing: a sane exchange, or whatever else was asked, is refused by the same status; or empty."""
    asked = asked_of(evidence)
    said = statuses(asked)
    answered = [one for one in asked if one.final is not None]
    different = {one.method for one in answered}
    if (
        len(said) != 1
        or min(said) < 300
        or len(answered) < ALIKE
        or (len(different) < 2 and "OPTIONS" not in different)
    ):
        return ""
    return f"the subject says {min(said)} to everything in this scenario, so a refusal shows nothing"


def ended_early(evidences: Sequence[Evidence]) -> int:
    """How many scenarios did not come to their end."""
    return sum(one.play is not None and not one.play.complete for one in evidences)


def one_word(evidences: Sequence[Evidence]) -> str:
    """Why nothing that the subject did shows anything: it has one word for everything; or empty."""
    asked = [one for evidence in evidences for one in asked_of(evidence)]
    said = statuses(asked)
    answered = [one for one in asked if one.final is not None]
    if not said and len(asked) >= ENOUGH and any(one.responses for one in asked):
        return "the subject never gives a final response, so nothing that it does shows anything"
    if len(said) != 1:
        return ""
    # Success alone may be all that was asked for, but nobody serves what breaks the grammar as well, or comes to grief every time.
    odd = any(one.event.malformed for one in answered) or 2 * ended_early(evidences) > len(evidences)
    if len(answered) < (ENOUGH if min(said) < 300 else FEW) or (min(said) < 300 and not odd):
        return ""
    return f"the subject says {min(said)} to everything, whatever it is asked, so nothing that it does shows anything"
