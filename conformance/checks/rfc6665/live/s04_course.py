"""Subscriptions that are granted, refreshed, ended and left to expire (RFC 6665, sections 4.2.1 and 4.2.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, status_of
from conformance.checks.rfc6665.live.watched import (
    AT_ONCE,
    INTERVAL,
    NOTIFIER,
    behind,
    ended,
    granted,
    made_by,
    reason_of,
    remaining,
    told,
    unheard,
)
from conformance.checks.rfc6665.subscriptions import subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong
from conformance.lab.sip.value import number_at

COURSE = ("notifier/subscribe", "notifier/plain", "notifier/changes", "notifier/fetch", "notifier/pending")
EXPIRY = ("notifier/expiry",)
DURATIONS = ("notifier/durations",)


@check(
    "rfc6665/s04_2_1_2/notify-at-once", "A NOTIFY follows at once on every SUBSCRIBE that is granted.", "rfc6665:4.2.1.2/1",
    "rfc6665:4.2.2/1", needs="a granted SUBSCRIBE, first or refresh", role=NOTIFIER, scenarios=COURSE,
)  # fmt: skip
def notify_at_once(evidence: Evidence) -> Iterator[Ruling]:
    """The time from the 2xx to the next NOTIFY."""
    slack = evidence.play.slack if evidence.play else 0.0
    for one in subscriptions(evidence):
        for asked in [one.made_by, *one.refreshes]:
            if one.by_refer or not asked.final or not accepted(asked):
                continue
            found = behind(one, asked.event.number)
            if not found:
                if evidence.alive_after(asked.event) is not None:
                    yield wrong(asked.event, asked.final[0], why="nothing follows", expected="NOTIFY", seen="nothing")
                continue
            late = found[0].event.time - asked.final[0].time
            good, expected = late <= AT_ONCE + slack, f"NOTIFY within {AT_ONCE:g} s"
            yield rule(good, asked.event, found[0].event, why="late", expected=expected, seen=f"{late:.2f} s later")


@check(
    "rfc6665/s04_2_1/granted", "A SUBSCRIBE to a package that is served is granted, and so are its refreshes.", "rfc6665:4.2.1.1/0",
    "rfc6665:4.2.1.4/1a", "rfc4579:4.3/102", needs="a sound SUBSCRIBE", level="SHOULD", role=NOTIFIER,
    scenarios=(*COURSE, "notifier/stray", "notifier/notify-500"),
)  # fmt: skip
def granted_(evidence: Evidence) -> Iterator[Ruling]:
    """The status of those that are sound; of one that is in a dialog the subscription still stands."""
    for one in evidence.asked("subscribe", "plain", "refresh", "refresh-after-old", "after-500"):
        if status_of(one) != 489 or one.event.label != "subscribe":
            yield answered_by(evidence, one, 200, why="refused")


@check(
    "rfc6665/s04_2_2/time-left", "Subscription-State tells the time that is left, no more.", "rfc6665:4.2.2/7b", "rfc6665:4.2.2/6",
    needs="a NOTIFY with expires some time after the SUBSCRIBE", role=NOTIFIER, scenarios=("notifier/subscribe", "notifier/changes"),
)  # fmt: skip
def time_left(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter against the last 2xx and the time since, with a second for rounding."""
    slack = (evidence.play.slack if evidence.play else 0.0) + 1.0
    for one in subscriptions(evidence):
        for each in told(one):
            limits = [(asked.final[0], granted(asked)) for asked in [one.made_by, *one.refreshes]
                      if asked.final and asked.event.number < each.event.number]  # fmt: skip
            left = remaining(each.request)
            if left is None or not limits or limits[-1][1] is None or ended(each.request):
                continue
            answered, most = limits[-1]
            until = max(0.0, answered.time + most - each.event.time) if most is not None else 0.0
            good, expected = left <= until + slack, f"at most {until:.1f}"
            yield rule(
                good,
                answered,
                each.event,
                why="more than is left",
                expected=expected,
                seen=left,
                place="Subscription-State",
            )


@check(
    "rfc6665/s04_4_3/fetched", "A SUBSCRIBE with Expires: 0 outside of dialogs is answered with the state, once.", "rfc6665:4.2.1.2/1",
    "rfc6665:4.2/0", "rfc6665:4.4.1/0", needs="a SUBSCRIBE with Expires: 0", role=NOTIFIER, scenarios=("notifier/fetch",),
)  # fmt: skip
def fetched(evidence: Evidence) -> Iterator[Ruling]:
    """Expires: 0 in the 2xx, and exactly one NOTIFY, which says terminated."""
    for one in made_by(evidence, "fetch"):
        found, final = told(one), one.accepted[0]
        good = len(found) == 1 and ended(found[0].request) and number_at(one.accepted[1].first("expires")) == 0
        seen = [f"{len(found)} NOTIFY", *(str(each.request.lines("subscription-state")) for each in found)]
        at = found[-1].event if found else final
        yield rule(good, one.made_by.event, at, why="another course", expected="one NOTIFY, terminated", seen=seen)


@check(
    "rfc6665/s04_2_1_4/too-late-481", "A SUBSCRIBE inside a subscription that is over gets 481.", "rfc6665:4.4.1/0", "rfc3261:12.2.2/2",
    needs="a SUBSCRIBE in the dialog of a subscription that has ended", level="SHOULD",
    role=NOTIFIER, scenarios=("notifier/fetch", *EXPIRY),
)  # fmt: skip
def too_late(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in evidence.asked("too-late"):
        yield answered_by(evidence, one, 481, why="the subscription is over")


@check(
    "rfc6665/s04_2_1_4/expires-timeout", "A subscription that is not refreshed ends when its time is up, with reason timeout.",
    "rfc6665:4.2.1.4/4", "rfc6665:4.2.1.4/3", needs="a subscription left to expire", level="SHOULD", role=NOTIFIER, scenarios=EXPIRY,
)  # fmt: skip
def expires_timeout(evidence: Evidence) -> Iterator[Ruling]:
    """Terminated, reason timeout, not before the time is up and not much later."""
    for one in made_by(evidence, "subscribe"):
        last, most = [each for each in told(one) if ended(each.request)], granted(one.made_by)
        if most is None:
            continue
        if not last:
            yield wrong(
                one.made_by.event,
                one.accepted[0],
                why="no end is told",
                expected="terminated;reason=timeout",
                seen="nothing",
            )
            continue
        passed = last[0].event.time - one.accepted[0].time
        good = reason_of(last[0].request) == "timeout" and most - 0.1 <= passed <= most + 1 + (
            evidence.play.slack if evidence.play else 0
        )
        seen = f"{last[0].request.lines('subscription-state')} after {passed:.2f} s"
        expected = f"terminated;reason=timeout after {most} s"
        yield rule(good, one.made_by.event, last[0].event, why="another end", expected=expected, seen=seen)


@check(
    "rfc6665/s04_2_1/min-expires", "A 423 to SUBSCRIBE tells the shortest time by Min-Expires, and that is granted.", "rfc6665:4.2.1.1/6",
    "rfc6665:4.2.1.4/2", needs="a SUBSCRIBE for one second that is refused", role=NOTIFIER, scenarios=DURATIONS,
)  # fmt: skip
def min_expires(evidence: Evidence) -> Iterator[Ruling]:
    """Min-Expires, from two seconds to an hour; and the answer to a SUBSCRIBE for that time."""
    for one in evidence.asked("brief", "brief-refresh"):
        if status_of(one) == 423 and one.final is not None:
            least = number_at(one.final[1].first("min-expires"))
            good, seen = least is not None and 1 < least <= 3600, one.final[1].lines("min-expires")
            yield rule(
                good, one.event, one.final[0], why="no such time", expected="2 to 3600", seen=seen, place="Min-Expires"
            )
    for one in evidence.asked("least"):
        yield answered_by(evidence, one, 200, why="the shortest time is refused")


@check(
    "rfc6665/s04_2_1_4/refused-refresh", "A refresh for too short a time is refused with 423, and the subscription stands.",
    "rfc6665:4.2.1.4/2", needs="a refresh for one second, of a notifier that refuses so short a time", level="SHOULD", role=NOTIFIER,
    scenarios=DURATIONS,
)  # fmt: skip
def refused_refresh(evidence: Evidence) -> Iterator[Ruling]:
    """Where the first SUBSCRIBE got 423 the refresh does too; the next one is granted."""
    if any(status_of(one) == 423 for one in evidence.asked("brief")):
        for one in evidence.asked("brief-refresh"):
            yield answered_by(evidence, one, 423, why="a refresh for one second")
    for one in evidence.asked("refresh-after-423"):
        yield answered_by(evidence, one, 200, why="a refused refresh has ended the subscription")


@check(
    "rfc6665/s04_2_2/change-told", "A change of the state is told to everybody whose subscription stands, and to nobody else.",
    "rfc6665:4.2.2/2", needs="a change of the state while two watch", level="SHOULD", role=NOTIFIER, scenarios=("notifier/changes",),
)  # fmt: skip
def change_told(evidence: Evidence) -> Iterator[Ruling]:
    """A NOTIFY for each of what the scenario changed, as long as a subscription stands; the generic checks see what comes later."""
    wanted = {"watcher": 6, "other": 4}
    for one in made_by(evidence, "subscribe"):
        name = "other" if "other@" in one.made_by.request.lines("from")[0] else "watcher"
        count, at = len(told(one)), told(one)[-1].event if told(one) else one.accepted[0]
        if evidence.play is not None and evidence.play.complete:
            good, expected = count >= wanted[name], f"{wanted[name]} NOTIFYs"
            yield rule(
                good, one.made_by.event, at, why="not as many as there is to tell", expected=expected, seen=count
            )
        elif unheard(evidence) and count < wanted[name]:
            yield wrong(one.made_by.event, at, why="a change is not told", expected="NOTIFY", seen=unheard(evidence))


@check(
    "rfc6665/s04_2_2/change-soon", "A change is told as soon as the package allows.", "rfc6665:4.2.2/2", needs="NOTIFYs behind triggered changes",
    level="SHOULD", role=NOTIFIER, scenarios=("notifier/burst",),
)  # fmt: skip
def change_soon(evidence: Evidence) -> Iterator[Ruling]:
    """At least two NOTIFYs within the interval and a second: the first change, and what came of the others."""
    for one in made_by(evidence, "subscribe"):
        found = [each for each in told(one) if not ended(each.request)][1:]
        if not (evidence.play and evidence.play.complete):
            continue
        if not found:
            yield wrong(one.made_by.event, one.accepted[0], why="no change is told", expected="NOTIFY", seen="none")
            continue
        count = sum(1 for each in found if each.event.time - found[0].event.time <= INTERVAL + 2.0)
        yield rule(
            count >= 2,
            one.made_by.event,
            found[-1].event,
            why="later changes are kept back",
            expected="2 or more",
            seen=count,
        )


@check(
    "rfc6665/s04_2_2/refresh-moves", "NOTIFYs go to the Contact of the latest SUBSCRIBE.", "rfc6665:4.4.1/0", "rfc3261:12.2.2/6",
    needs="a refresh with another Contact", role=NOTIFIER, scenarios=("notifier/moved",),
)  # fmt: skip
def refresh_moves(evidence: Evidence) -> Iterator[Ruling]:
    """Request-URI of the NOTIFYs behind it."""
    for one in subscriptions(evidence):
        for asked in [each for each in one.refreshes if each.event.label == "moved" and accepted(each)]:
            wanted = asked.request.lines("contact")[0].strip("<>")
            for each in behind(one, asked.event.number):
                uri = each.request.request_uri
                yield rule(
                    uri == wanted,
                    asked.event,
                    each.event,
                    why="the old place",
                    expected=wanted,
                    seen=uri,
                    place="Request-URI",
                )


@check(
    "rfc6665/s04_4_1/routed", "NOTIFYs take the way that the SUBSCRIBE came by.", "rfc6665:4.4.1/0", "rfc3261:12.1.1/7",
    needs="a SUBSCRIBE with Record-Route", role=NOTIFIER, scenarios=("notifier/routed",),
)  # fmt: skip
def routed(evidence: Evidence) -> Iterator[Ruling]:
    """Record-Route in the 2xx, Route of each NOTIFY."""
    for one in evidence.asked("routed"):
        if one.final is None or not accepted(one):
            continue
        wanted, copied = one.request.lines("record-route"), one.final[1].lines("record-route")
        why, expected, place = "not copied", str(wanted), "Record-Route"
        yield rule(copied == wanted, one.event, one.final[0], why=why, expected=expected, seen=copied, place=place)
        for each in evidence.calls.get(one.request.call_id, []):
            if each.method == "NOTIFY" and each.event.direction == "sent":
                route = each.request.lines("route")
                good, why = route == wanted, "another way"
                yield rule(good, one.event, each.event, why=why, expected=expected, seen=route, place="Route")
