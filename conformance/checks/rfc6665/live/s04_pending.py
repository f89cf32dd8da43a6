"""Subscriptions that somebody has yet to allow (RFC 6665, sections 4.2.1.3 and 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6665.live.watched import AT_ONCE, NOTIFIER, behind, ended, made_by, reason_of, told
from conformance.checks.rfc6665.subscriptions import Subscription, state_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong
from conformance.judge.seen import Seen

PENDING = ("notifier/pending", "notifier/pending-ended")


def waiting(evidence: Evidence) -> Iterator[tuple[Seen, Subscription]]:
    """What was sent last before the permission, and each subscription."""
    for asked in evidence.asked("before-grant"):
        for one in made_by(evidence, "subscribe"):
            yield asked.event, one


@check(
    "rfc6665/s04_2_1_3/pending-until-allowed", "A subscription that nobody has allowed yet is granted by 200, and pending in its NOTIFYs.",
    "rfc6665:4.2.1.3/0", "rfc6665:4.2.2/5", needs="a subscription that waits for its permission", role=NOTIFIER, scenarios=PENDING,
)  # fmt: skip
def pending_until_allowed(evidence: Evidence) -> Iterator[Ruling]:
    """The state of each NOTIFY before the permission, but of the last one."""
    for allowed, one in waiting(evidence):
        for each in told(one):
            if each.event.number < allowed.number and not ended(each.request):
                seen = state_of(each.request)
                yield rule(seen == "pending", one.made_by.event, each.event, why="not allowed yet", expected="pending",
                           seen=seen, place="Subscription-State")  # fmt: skip


@check(
    "rfc6665/s04_2_2/permission-told", "Who is allowed to watch is told so at once, with the state.", "rfc6665:4.2.2/2", "rfc6665:4.2.2/5",
    level="SHOULD", needs="a pending subscription that is allowed", role=NOTIFIER, scenarios=PENDING,
)  # fmt: skip
def permission_told(evidence: Evidence) -> Iterator[Ruling]:
    """The first NOTIFY behind the permission: when it comes, what it says, whether it has a body."""
    slack = evidence.play.slack if evidence.play else 0.0
    for allowed, one in waiting(evidence):
        before = [each for each in told(one) if each.event.number < allowed.number]
        if not before or ended(before[-1].request):
            continue
        found = behind(one, allowed.number)
        if not found:
            yield wrong(allowed, why="nothing follows", expected="NOTIFY", seen="nothing")
            continue
        first = found[0]
        late = first.event.time - allowed.time
        good = state_of(first.request) == "active" and bool(first.request.body) and late <= AT_ONCE + slack
        seen = f"{state_of(first.request)}, {len(first.request.body)} octets, {late:.2f} s later"
        yield rule(good, allowed, first.event, why="not told", expected="active with the state, at once", seen=seen)


@check(
    "rfc6665/s04_2_1_4/ended-stays-ended", "A subscription that was ended while it waited is not begun by the permission.",
    "rfc6665:4.1.3/6", "rfc6665:4.2.1/1", needs="a pending subscription that is ended, while another one is allowed", role=NOTIFIER,
    scenarios=("notifier/pending-ended",),
)  # fmt: skip
def ended_stays_ended(evidence: Evidence) -> Iterator[Ruling]:
    """NOTIFYs behind the permission, where the other subscription has one."""
    pairs = list(waiting(evidence))
    if not any(behind(one, allowed.number) for allowed, one in pairs):
        return
    for allowed, one in pairs:
        before = [each for each in told(one) if each.event.number < allowed.number]
        if before and ended(before[-1].request):
            more = behind(one, allowed.number)
            last = more[0].event if more else before[-1].event
            seen = state_of(more[0].request) if more else "none"
            yield rule(not more, allowed, last, why="begun anew", expected="no NOTIFY", seen=seen)


@check(
    "rfc6665/s04_2_1_3/denial-told", "Who is told that its subscription is not allowed is told that it was rejected.", "rfc6665:4.2.1.3/0",
    "rfc6665:4.2.2/8", level="SHOULD", needs="a pending subscription that is ended because it is not allowed", role=NOTIFIER,
    scenarios=("notifier/denied",),
)  # fmt: skip
def denial_told(evidence: Evidence) -> Iterator[Ruling]:
    """State and reason of what follows; who says nothing has not told it."""
    for asked in evidence.asked("before-denial"):
        for one in made_by(evidence, "subscribe"):
            for each in behind(one, asked.event.number):
                good = ended(each.request) and reason_of(each.request) == "rejected"
                seen = f"{state_of(each.request)}, {reason_of(each.request) or 'no reason'}"
                yield rule(good, asked.event, each.event, why="another end", expected="terminated, rejected",
                           seen=seen, place="Subscription-State")  # fmt: skip
