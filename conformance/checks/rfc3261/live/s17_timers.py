"""What is sent again, how often, and when it ends (RFC 3261, sections 17.1.2.2 and 17.2.1).

The subject's T1 is not known: it is taken from the first interval, and is 500 ms or more.  Intervals are judged with the tolerance
of the play: exactly in virtual time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.checks.rfc3261.live.stimuli import CLIENT, SERVER, status_of, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen

T1, T2 = 0.5, 4.0
"""Seconds (section 17.1.1.1)."""


def slack(evidence: Evidence) -> float:
    """Seconds by which a timer may be off."""
    return evidence.play.slack if evidence.play else 0.4


def doubling(evidence: Evidence, events: Sequence[Seen]) -> Iterator[Ruling]:
    """Intervals from T1 on that double up to T2."""
    waits = [after.time - before.time for before, after in zip(events, events[1:], strict=False)]
    for number, wait in enumerate(waits):
        wanted = min(2 * waits[number - 1], T2) if number else T1
        pair, expected, seen = events[number : number + 2], f"after {wanted:.2f} s", f"after {wait:.2f} s"
        early = wait < wanted - slack(evidence) * (0.5 if number == 0 else 1)
        late = number > 0 and wait > max(wanted, T2 if waits[0] > T1 + slack(evidence) else wanted) + slack(evidence)
        yield rule(not (early or late), *pair, why="too early" if early else "too late", expected=expected, seen=seen)


def ended(evidence: Evidence, events: Sequence[Seen], why: str) -> Ruling:
    """Nothing behind 64*T1, with T1 from the first interval."""
    first = events[1].time - events[0].time
    end = events[0].time + 64 * max(T1, first) + slack(evidence)
    late = [event for event in events if event.time > end]
    if late:
        return wrong(
            events[0], late[0], why=why, expected="silence", seen=f"after {late[0].time - events[0].time:.1f} s"
        )
    if evidence.alive_after(events[-1]) is None:
        return unclear(events[-1], why="nothing shows the subject alive behind it")
    return right(events[0], events[-1])


def refusals(evidence: Evidence) -> Iterator[list[Seen]]:
    """The refusal of an INVITE and its copies, for each that was never acknowledged."""
    for one in evidence.asked("refused"):
        if status_of(one) >= 300 and not one.acks:
            yield [event for event, message in one.responses if (message.status or 0) >= 300]


@check(
    "rfc3261/s17_2_1/timer-g", "A refusal that is not acknowledged is sent again over UDP at intervals that double from T1 to T2.",
    "rfc3261:17.2.1/0", needs="a refused INVITE over UDP without ACK", role=SERVER,
    scenarios=("user-agent/refusal-never-acknowledged",),
)  # fmt: skip
def timer_g(evidence: Evidence) -> Iterator[Ruling]:
    """The intervals between the copies."""
    for events in refusals(evidence):
        if len(events) < 2:
            yield wrong(*events, why="it is not sent again", expected="copies", seen="none")
        else:
            yield from doubling(evidence, events)


@check(
    "rfc3261/s17_2_1/timer-h", "A refusal that is never acknowledged is no longer sent after 64*T1.", "rfc3261:17.2.1/9",
    "rfc3261:17.2.1/12a", needs="a refused INVITE over UDP without ACK that was sent at least twice", role=SERVER,
    scenarios=("user-agent/refusal-never-acknowledged",),
)  # fmt: skip
def timer_h(evidence: Evidence) -> Iterator[Ruling]:
    """The last copy."""
    for events in refusals(evidence):
        if len(events) > 1:
            yield ended(evidence, events, "still sent")


def byes(evidence: Evidence) -> Iterator[list[Seen]]:
    """The subject's BYE and its copies."""
    for one in told(evidence, "BYE"):
        yield [one.event, *(event for event, _ in one.copies)]


@check(
    "rfc3261/s17_1_2_2/timer-e", "A request that is not answered is sent again over UDP at intervals that double from T1 to T2.",
    "rfc3261:17.1.2.2/3", "rfc3261:17.1.2.2/2", needs="a BYE over UDP that nobody answers", role=CLIENT,
    scenarios=("user-agent/bye-unanswered",),
)  # fmt: skip
def timer_e(evidence: Evidence) -> Iterator[Ruling]:
    """The intervals between the copies."""
    for events in byes(evidence):
        if len(events) < 2:
            yield wrong(*events, why="it is not sent again", expected="copies", seen="none")
        else:
            yield from doubling(evidence, events)


@check(
    "rfc3261/s17_1_2_2/timer-f", "A request that is never answered is no longer sent after 64*T1.", "rfc3261:17.1.2.2/1",
    "rfc3261:17.1.2.2/4b", needs="a BYE over UDP that nobody answers, sent at least twice", level="SHOULD", role=CLIENT,
    scenarios=("user-agent/bye-unanswered",),
)  # fmt: skip
def timer_f(evidence: Evidence) -> Iterator[Ruling]:
    """The last copy."""
    for events in byes(evidence):
        if len(events) > 1:
            yield ended(evidence, events, "still sent")


@check(
    "rfc3261/s17_1_2_2/proceeding", "After a provisional response a request is sent again every T2, and no longer after the final one.",
    "rfc3261:17.1.2.2/7a", "rfc3261:17.1.2.2/7b", "rfc3261:17.1.2.2/9b", needs="a BYE over UDP with a provisional response",
    role=CLIENT, scenarios=("user-agent/bye-proceeding",),
)  # fmt: skip
def proceeding(evidence: Evidence) -> Iterator[Ruling]:
    """Copies behind the first one that follows the provisional response: timer E may have been running when it came."""
    for one in told(evidence, "BYE"):
        if not one.responses or one.final is None:
            continue
        provisional, final = one.responses[0][0], one.final[0]
        events = [event for event, _ in one.copies if event.number > provisional.number]
        before = [event for event in events if event.number < final.number]
        if not before:
            yield wrong(one.event, provisional, why="it is not sent again", expected="copies", seen="none")
        for first, second in zip(before, before[1:], strict=False):
            wait = second.time - first.time
            good = abs(wait - T2) <= slack(evidence)
            yield rule(
                good, first, second, why="another interval", expected=f"after {T2} s", seen=f"after {wait:.2f} s"
            )
        late = [event for event in events if event.time > final.time + slack(evidence)]
        if late:
            yield wrong(final, late[0], why="sent again after the final response", expected="silence", seen="a copy")
        elif evidence.alive_after(final):
            yield right(one.event, final)


@check(
    "rfc3261/s17_2_1/no-copy-on-stream", "Over TCP a refusal is not sent again by itself.", "rfc3261:17.2.1/0",
    needs="a refused INVITE over TCP", role=SERVER,
)  # fmt: skip
def no_copy_on_stream(evidence: Evidence) -> Iterator[Ruling]:
    """Refusals on streams that come twice although the INVITE came once."""
    for one in evidence.transactions:
        if one.method != "INVITE" or one.event.transport != "tcp" or one.copies:
            continue
        finals = [
            event for event, message in one.responses if (message.status or 0) >= 300 and event.direction != "received"
        ]
        if finals:
            seen = f"{len(finals)} times"
            yield rule(len(finals) == 1, one.event, *finals[:2], why="sent again", expected="once", seen=seen)
