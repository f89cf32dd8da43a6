"""How a subscriber takes the end of its subscription, and an answer of old (RFC 6665, sections 4.1.3 and 8.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction

SUBSCRIBER = "subscriber"
TIMED = ("user-agent/subscription-ended-timed",)
WAIT = 20.0
"""Seconds of retry-after in these ladders."""


def _anew(evidence: Evidence, one: Transaction) -> Seen | None:
    """The first SUBSCRIBE outside of dialogs behind a NOTIFY."""
    return next(
        (each.event for each in told(evidence, "SUBSCRIBE") if each.event.number > one.event.number and each.initial),
        None,
    )


@check(
    "rfc6665/s04_1_3/time-beside-end", "A remaining time in a NOTIFY that says terminated means nothing: the subscription is over.",
    "rfc6665:4.1.3/7b", needs="a NOTIFY with terminated and expires, and another one behind it", role=SUBSCRIBER, scenarios=TIMED,
)  # fmt: skip
def time_beside_end(evidence: Evidence) -> Iterator[Ruling]:
    """200 to the first, 481 to the second."""
    for one in evidence.asked("ended"):
        yield answered_by(evidence, one, 200, why="the last NOTIFY")
    for one in evidence.asked("behind-end"):
        yield answered_by(evidence, one, 481, why="the subscription goes on")


@check(
    "rfc6665/s04_1_3/not-after-invariant", "After reason=invariant nobody subscribes again, whatever retry-after says.", "rfc6665:4.1.3/16",
    needs="a NOTIFY with that reason", level="SHOULD", role=SUBSCRIBER, scenarios=("user-agent/subscription-invariant",),
)  # fmt: skip
def not_after_invariant(evidence: Evidence) -> Iterator[Ruling]:
    """No SUBSCRIBE behind it."""
    for one in evidence.asked("ended"):
        later = _anew(evidence, one)
        if later is not None:
            yield wrong(one.event, later, why="tried again", expected="nothing", seen="SUBSCRIBE")
        elif evidence.alive_after(one.event):
            yield right(one.event)


@check(
    "rfc6665/s04_1_3/waits", "After reason=giveup, and where no reason is told, a new subscription waits as long as retry-after says.",
    "rfc6665:4.1.3/14a", "rfc6665:4.1.3/8b", needs="a NOTIFY that ends a subscription with retry-after=20", level="SHOULD", role=SUBSCRIBER,
    scenarios=("user-agent/subscription-given-up", "user-agent/subscription-unexplained"),
)  # fmt: skip
def waits(evidence: Evidence) -> Iterator[Ruling]:
    """No SUBSCRIBE within 20 seconds."""
    for one in evidence.asked("ended"):
        later = _anew(evidence, one)
        gap = later.time - one.event.time if later is not None else WAIT
        if later is not None or evidence.alive_after(one.event):
            yield rule(gap >= WAIT - 0.1, one.event, why="tried too early", expected="20 s later", seen=f"{gap:.1f} s")


@check(
    "rfc6665/s08_3/old-202", "A 202 to SUBSCRIBE is taken as a 200.", "rfc6665:8.3/1a", needs="a 202 to the subject's SUBSCRIBE, and NOTIFYs",
    role=SUBSCRIBER, scenarios=("user-agent/subscribes-old-notifier",),
)  # fmt: skip
def old_202(evidence: Evidence) -> Iterator[Ruling]:
    """200 to the NOTIFYs behind it."""
    for one in evidence.asked("notice"):
        yield answered_by(evidence, one, 200, why="the subscription does not stand")
