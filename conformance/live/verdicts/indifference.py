"""Whether a subject looks at what it is asked: who says one thing whatever comes meets many requirements by chance, and that is no pass.

Two grounds: within a scenario, a subject that refuses everything alike has not refused the one thing that was to be refused; and over
all scenarios, one that has a single word for whatever is asked, malformed messages among it, or never comes to a decision.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.judge.evidence import Evidence
from conformance.live.verdicts.words import ASKS, said_in

ENOUGH, FEW = 10, 5
"""Requests that must be answered before a subject as a whole is called indifferent: with success, with a refusal.

As many scenarios must have ended early, where it is called so for that.
"""
ALIKE = 2
"""Requests of a scenario that must be refused alike before the scenario shows nothing."""


def refuses_alike(evidence: Evidence) -> str:
    """Why the refusals of a scenario show nothing: a sane exchange, or whatever else was asked, is refused in the same way; or empty."""
    answered = [one for one in said_in(evidence) if one.word]
    words, methods = {one.alike for one in answered}, {one.method for one in answered}
    if (
        len(words) != 1
        or not any(one.refusal for one in answered)
        or len(answered) < ALIKE
        or (len(methods) < 2 and not methods & set(ASKS))
    ):
        return ""
    return f"the subject says {min(words)} to everything in this scenario, so a refusal shows nothing"


def ended_early(evidences: Sequence[Evidence]) -> int:
    """How many scenarios did not come to their end."""
    return sum(one.play is not None and not one.play.complete for one in evidences)


def one_word(evidences: Sequence[Evidence]) -> str:
    """Why nothing that the subject did shows anything: it has one word for everything; or empty."""
    if len(evidences) >= ENOUGH and ended_early(evidences) == len(evidences):
        return "no scenario comes to its end, so nothing that the subject does shows anything"
    asked = [one for evidence in evidences for one in said_in(evidence)]
    answered = [one for one in asked if one.word]
    words = {one.word for one in answered}
    if not words and len(asked) >= ENOUGH and any(one.stirs for one in asked):
        return "the subject never gives a final response, so nothing that it does shows anything"
    if len({one.alike for one in answered}) == 1:
        words = {answered[0].alike}
    if len(words) != 1:
        return ""
    refuses = any(one.refusal for one in answered)
    # Success alone may be all that was asked for, but nobody serves what breaks the grammar as well, or comes to grief every time.
    odd = any(one.malformed for one in answered) or 2 * ended_early(evidences) > len(evidences)
    if len(answered) < (FEW if refuses else ENOUGH) or (not refuses and not odd):
        return ""
    return f"the subject says {min(words)} to everything, whatever it is asked, so nothing that it does shows anything"
