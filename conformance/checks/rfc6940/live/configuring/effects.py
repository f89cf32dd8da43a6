"""How it shows what configuration a subject works by: by the Kinds that it knows."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import code_of
from conformance.checks.rfc6940.live.labelled import Put, error_of, put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, right, unclear, wrong

FETCH_ANS = 10


def granted(one: Put, answer: int = FETCH_ANS) -> bool:
    """Whether a request was answered with this code."""
    return bool(one.answers) and code_of(one.answers[0][1]) == answer


def any_granted(evidence: Evidence, *labels: str) -> bool:
    """Whether one of the requests under these labels was answered by a FetchAns."""
    return any(granted(one) for one in put(evidence, *labels))


def refused(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """Each of these requests is answered with an error."""
    for one in put(evidence, *labels):
        if not one.answers:
            yield wrong(one.event, why=f"no answer to what is {one.event.label}", expected="an error", seen="nothing")
            continue
        event, answer = one.answers[0]
        if error_of(answer):
            yield right(one.event, event)
        else:
            yield wrong(
                one.event, event, why=f"what is {one.event.label} is taken", expected="an error", seen=one.outcome
            )


def unknown(evidence: Evidence, *labels: str, control: str) -> Iterator[Ruling]:
    """A Kind that is asked for is not known; unclear where the control, a Kind that is known in the end, is not served either."""
    served = any_granted(evidence, control)
    for one in put(evidence, *labels):
        if granted(one):
            yield wrong(one.event, one.answers[0][0], why="the Kind is known", expected="an error", seen=one.outcome)
        elif not served or not one.error:
            yield unclear(one.event, why="Kinds that are known are not served either, or no answer came")
        else:
            yield right(one.event, one.answers[0][0])


def known(evidence: Evidence, *labels: str) -> Iterator[Ruling]:
    """A Kind that is asked for is known."""
    for one in put(evidence, *labels):
        events = [one.event, *(event for event, _ in one.answers[:1])]
        if granted(one):
            yield right(*events)
        else:
            yield wrong(*events, why="the Kind is not served", expected="a FetchAns", seen=one.outcome)
