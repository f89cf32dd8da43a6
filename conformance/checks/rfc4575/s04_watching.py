"""What a subscriber makes of a gap in the state, and of a second notifier (RFC 4575, sections 3.8 and 4.6; from memory)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

SUBSCRIBER = "subscriber"
SOON = 5.0


@check(
    "rfc4575/s03_8/one-subscription", "A SUBSCRIBE to the conference package makes one subscription: another notifier's NOTIFY is refused.",
    "rfc4575:3.8/101", needs="a NOTIFY with another From tag than that of the 2xx", role=SUBSCRIBER, scenarios=("user-agent/subscribes-forked",),
)  # fmt: skip
def one_subscription(evidence: Evidence) -> Iterator[Ruling]:
    """481 to the fork's NOTIFY, 200 to that of the first."""
    for one in evidence.asked("fork"):
        yield answered_by(evidence, one, 481, why="a second subscription")
    for one in evidence.asked("notice"):
        yield answered_by(evidence, one, 200, why="the subscription at hand")


@check(
    "rfc4575/s04_6/gap-refreshed", "Who misses a version asks for the whole state by a refresh.", "rfc4575:4.6/102",
    needs="a partial document whose version is not the next one", level="SHOULD", role=SUBSCRIBER, scenarios=("user-agent/watches-with-gap",),
)  # fmt: skip
def gap_refreshed(evidence: Evidence) -> Iterator[Ruling]:
    """A SUBSCRIBE in the dialog, within five seconds, that does not end it."""
    for one in evidence.asked("version-3"):
        later = [
            each for each in told(evidence, "SUBSCRIBE") if each.event.number > one.event.number and not each.initial
        ]
        good = (
            bool(later)
            and later[0].event.time - one.event.time <= SOON
            and list(later[0].request.lines("expires")) != ["0"]
        )
        seen = later[0].request.title if later else "nothing"
        yield rule(good, one.event, why="the gap is left", expected="SUBSCRIBE within 5 s", seen=seen)
