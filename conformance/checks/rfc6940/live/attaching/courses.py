"""What became of the links of a scenario, out of the facts that it has left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.rfc6940.exchanges import Asked, asked
from conformance.checks.rfc6940.live.labelled import Put, put
from conformance.judge.evidence import Evidence
from conformance.lab import rules

ATTACH, ATTACH_ANS, APP_ATTACH, APP_ATTACH_ANS, PING_ANS = 3, 4, 29, 30, 24


@dataclass(slots=True)
class Course:
    """One link from its opening to its end; numbers are those of the last events before."""

    party: str
    by_subject: bool
    """Who has begun it."""
    opened: int
    closed: int | None = None
    closed_by_subject: bool = False


def links(evidence: Evidence) -> list[Course]:
    """All links that were open, in order."""
    found: dict[object, Course] = {}
    courses: list[Course] = []
    for number, fact in evidence.play.facts if evidence.play else ():
        if fact.get("what") == "open":
            course = Course(str(fact["party"]), fact.get("by") == "subject", number)
            found[fact["link"]] = course
            courses.append(course)
        elif fact.get("what") == "closed" and fact.get("link") in found:
            ended = found[fact["link"]]
            if ended.closed is None:
                ended.closed, ended.closed_by_subject = number, fact.get("by") == "subject"
    return courses


def with_party(evidence: Evidence, party: str, after: int, before: int | None = None) -> list[Course]:
    """The links with a party that opened behind an event."""
    return [
        one for one in links(evidence)
        if one.party == party and one.opened >= after and (before is None or one.opened < before)
    ]  # fmt: skip


def own_attach(evidence: Evidence, before: Put, code: int = ATTACH) -> Asked | None:
    """The last request of the subject to attach, before something that a party sent."""
    found = [
        one for one in asked(evidence)
        if one.code == code and one.event.direction == "sent" and one.event.number < before.event.number
    ]  # fmt: skip
    return found[-1] if found else None


def pinged(evidence: Evidence, label: str) -> Iterator[tuple[Put, bool]]:
    """The Pings under a label, and whether each was answered."""
    for one in put(evidence, label):
        codes = [rules.number(answer.contents["message_code"]) for _, answer in one.answers]
        yield one, PING_ANS in codes
