"""What becomes of subscriptions whose NOTIFYs fail (RFC 6665, section 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by
from conformance.checks.rfc6665.live.watched import NOTIFIER, ended, made_by, told, unheard
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong

REFUSED, UNANSWERED = ("notifier/notify-481", "notifier/notify-refused"), ("notifier/notify-unanswered",)
ENDING = frozenset({404, 405, 410, 416, *range(480, 486), 489, 501, 604})
TIMER_F = 32.0
"""Seconds after which a request without an answer has failed."""


@check(
    "rfc6665/s04_2_2/refused-gone", "A NOTIFY that is refused with 481 or the like ends its subscription.", "rfc6665:4.2.2/4",
    needs="a NOTIFY refused with one of those, and a refresh behind it", role=NOTIFIER, scenarios=REFUSED,
)  # fmt: skip
def refused_gone(evidence: Evidence) -> Iterator[Ruling]:
    """The refresh gets 481."""
    for one in evidence.asked("after-refusal"):
        yield answered_by(evidence, one, 481, why="the subscription is still there")


@check(
    "rfc6665/s04_2_2/refused-quiet", "After a NOTIFY was refused with 481 or the like there is no other for that subscription.",
    "rfc6665:4.2.2/4", needs="a NOTIFY refused with one of those, then a change of the state", role=NOTIFIER, scenarios=REFUSED,
)  # fmt: skip
def refused_quiet(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing behind the refusal but what crossed it."""
    for one in made_by(evidence, "refused-subscribe"):
        found = told(one)
        first = next((each for each in found if each.final and (each.final[1].status or 0) in ENDING), None)
        if first is None or first.final is None:
            yield unclear(one.made_by.event, why="no NOTIFY was refused")
            continue
        later = [each for each in found if each.event.number > first.final[0].number and not ended(each.request)]
        if later:
            yield wrong(
                first.event,
                first.final[0],
                later[0].event,
                why="told on",
                expected="nothing",
                seen=later[0].request.title,
            )
        elif evidence.alive_after(first.event):
            yield right(first.event, first.final[0])


@check(
    "rfc6665/s04_2_2/refusal-of-another", "A refused NOTIFY of one subscription leaves the others as they are.", "rfc6665:4.2.2/2",
    "rfc6665:4.2.2/4", needs="a change of the state behind a refusal, and another watcher", level="SHOULD", role=NOTIFIER,
    scenarios=("notifier/notify-481", *UNANSWERED),
)  # fmt: skip
def refusal_of_another(evidence: Evidence) -> Iterator[Ruling]:
    """The other watcher is told of the change."""
    for one in made_by(evidence, "subscribe"):
        found = [each for each in told(one)[1:] if not ended(each.request)]
        if found:
            yield right(one.made_by.event, found[0].event)
        elif unheard(evidence):
            yield wrong(one.made_by.event, why="not told of a change", expected="NOTIFY", seen=unheard(evidence))


@check(
    "rfc6665/s04_2_2/unanswered-gone", "A NOTIFY that nobody answers until Timer F ends its subscription.", "rfc6665:4.2.2/3",
    needs="a NOTIFY without answer for 32 seconds", level="SHOULD", role=NOTIFIER, scenarios=UNANSWERED,
)  # fmt: skip
def unanswered_gone(evidence: Evidence) -> Iterator[Ruling]:
    """No NOTIFY of another transaction behind it, and 481 to a refresh."""
    for one in made_by(evidence, "refused-subscribe"):
        found = told(one)
        if not found:
            continue
        later = [each for each in found[1:] if each.event.time > found[0].event.time + TIMER_F]
        seen = f"{len(later)} NOTIFYs later"
        yield rule(
            not later, found[0].event, *(each.event for each in later[:1]), why="told on", expected="none", seen=seen
        )
    for asked in evidence.asked("after-refusal"):
        yield answered_by(evidence, asked, 481, why="the subscription is still there")


@check(
    "rfc6665/s04_2_2/passing-refusal", "A NOTIFY that is refused for the moment does not end its subscription.", "rfc6665:4.2.2/4",
    "rfc6665:4.4.1/0", needs="a NOTIFY refused with 500 and Retry-After, and a refresh behind it", level="SHOULD", role=NOTIFIER,
    scenarios=("notifier/notify-500",),
)  # fmt: skip
def passing_refusal(evidence: Evidence) -> Iterator[Ruling]:
    """The refresh is granted."""
    for one in evidence.asked("after-500"):
        yield answered_by(evidence, one, 200, why="the subscription is gone")
