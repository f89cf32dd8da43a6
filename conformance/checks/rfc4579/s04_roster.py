"""Whoever watches a conference sees who is in (RFC 4579, section 4.3; RFC 4575, sections 3.6 and 5; from memory)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by
from conformance.checks.rfc4575.roster import Roster, conferences, rosters
from conformance.checks.rfc4579.seen import FOCUS, Presence, presences
from conformance.checks.rfc6665.live.watched import ended
from conformance.checks.rfc6665.subscriptions import Subscription
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Transaction

WATCHED = ("focus/roster", "focus/roster-crowd", "focus/same-caller", "focus/dial-out", "focus/remove", "focus/invites")
TOLD = 6.5
"""Seconds within which a change has been told: the interval of the package and some time."""

Seen = list[tuple[Transaction, Roster]]


def _between(told: Seen, since: float, until: float) -> Seen:
    return [(each, held) for each, held in told if since < each.event.time <= until]


def _over(one: Subscription) -> float:
    """When a subscription was over."""
    last = next((each for each in one.notifications if ended(each.request)), None)
    stopped = [each.event.time for each in one.refreshes if each.request.first("expires") == 0]
    return min([*stopped, last.event.time] if last else stopped, default=float("inf"))


@check(
    "rfc4579/s04_3/watched", "A SUBSCRIBE to a conference URI is granted.", "rfc4579:4.3/102", needs="a SUBSCRIBE for conference to a conference",
    level="SHOULD", role=FOCUS, scenarios=WATCHED,
)  # fmt: skip
def watched(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in evidence.asked("subscribe"):
        yield answered_by(evidence, one, 200, why="a conference that is there")


@check(
    "rfc4575/s03_6/joined-shown", "Who joins is shown to everybody who watches, with the device and its streams.", "rfc4575:3.6/101",
    "rfc4575:5/0", needs="a participant that joins while somebody watches", level="SHOULD", role=FOCUS, scenarios=(*WATCHED, "focus/hold"),
)  # fmt: skip
def joined_shown(evidence: Evidence) -> Iterator[Ruling]:
    """Within the interval a document in which the endpoint is connected and has media."""
    last = evidence.events[-1].time if evidence.events else 0.0
    for one in conferences(evidence):
        told, over = list(rosters(one)), _over(one)
        for each in presences(evidence):
            begun = max(each.since.time, one.accepted[0].time)
            until = min(each.until.time if each.until else last, over)
            if until - begun < TOLD - 0.5:
                continue
            found = [
                pair
                for pair in told
                if begun - 0.01 <= pair[0].event.time <= begun + TOLD and pair[1].connected(*each.uris)
            ]
            if not found:
                shown = sorted(_before(told, begun + TOLD).users)
                yield wrong(each.since, why="not shown", expected=f"{each.name} connected", seen=shown)
                continue
            device = found[-1][1].connected(*each.uris)[0]
            good, expected = bool(device.media), "media"
            yield rule(
                good, each.since, found[-1][0].event, why="without streams", expected=expected, seen=device.media
            )


def _before(told: Seen, time: float) -> Roster:
    return next((held for each, held in reversed(told) if each.event.time <= time), Roster())


@check(
    "rfc4575/s03_6/left-shown", "Who leaves is shown as gone to everybody who watches.", "rfc4575:3.6/101", "rfc4575:5/0",
    needs="a participant that leaves while somebody watches", level="SHOULD", role=FOCUS, scenarios=(*WATCHED, "focus/last-leaves"),
)  # fmt: skip
def left_shown(evidence: Evidence) -> Iterator[Ruling]:
    """Within the interval a document in which the endpoint is not connected, or the end of the subscription."""
    last = evidence.events[-1].time if evidence.events else 0.0
    known = list(presences(evidence))
    for one in conferences(evidence):
        told, over = list(rosters(one)), _over(one)
        for each in known:
            if each.until is None or each.until.time < one.accepted[0].time or each.until.time >= over:
                continue
            until = min(each.until.time + TOLD, over)
            found = [pair for pair in _between(told, each.until.time - 0.01, until) if not _still(pair[1], each, known)]
            if found:
                yield right(each.until, found[0][0].event)
            elif over <= each.until.time + TOLD and any(ended(n.request) for n in one.notifications):
                yield right(each.until, why="the conference is over")
            elif last - each.until.time < TOLD - 1.0:
                yield unclear(each.until, why="the evidence ends before it could be told")
            else:
                yield wrong(
                    each.until, why="still shown", expected=f"{each.name} gone", seen=sorted(_before(told, until).users)
                )


def _still(held: Roster, gone: Presence, known: list[Presence]) -> bool:
    """Whether somebody is shown who has left; another device of the same user does not count."""
    others = [each for each in known if each is not gone and each.name == gone.name]
    return bool(held.connected(gone.place) if others else held.connected(*gone.uris))


@check(
    "rfc4575/s03_6/refused-not-shown", "Who was refused is not shown as a participant.", "rfc4575:3.6/101", "rfc4575:5/0",
    needs="an INVITE that was refused while somebody watched", role=FOCUS,
    scenarios=("focus/no-common-codec", "focus/lock", "focus/dial-out-refused"),
)  # fmt: skip
def refused_not_shown(evidence: Evidence) -> Iterator[Ruling]:
    """In no document is an endpoint connected that never was."""
    names = [uri for each in presences(evidence) for uri in each.uris]
    for one in conferences(evidence):
        for each, held in rosters(one):
            strangers = [user for user, devices in held.users.items() if held.connected(user)
                         and user not in names and not any(name in names for name in devices)]  # fmt: skip
            yield rule(
                not strangers,
                each.event,
                why="never in",
                expected="nobody who was refused",
                seen=strangers,
                place="body",
            )


@check(
    "rfc4575/s05_6/lock-shown", "That a conference is locked stands in its state, and no longer when it is opened.", "rfc4575:5/0",
    needs="a conference that is locked and opened while somebody watches", level="SHOULD", role=FOCUS, scenarios=("focus/lock",),
)  # fmt: skip
def lock_shown(evidence: Evidence) -> Iterator[Ruling]:
    """A document says so; the last one does not."""
    for one in conferences(evidence):
        told = list(rosters(one))
        if told and evidence.play is not None and evidence.play.complete:
            good = any(held.locked for _, held in told) and not told[-1][1].locked
            seen = [held.locked for _, held in told]
            yield rule(
                good,
                one.made_by.event,
                told[-1][0].event,
                why="not told",
                expected="locked, then not",
                seen=seen,
                place="body",
            )


@check(
    "rfc4575/s05_8/hold-shown", "That a participant holds its call shows in the status of its streams.", "rfc4575:5/0",
    needs="a participant that holds while somebody watches", level="SHOULD", role=FOCUS, scenarios=("focus/hold",),
)  # fmt: skip
def hold_shown(evidence: Evidence) -> Iterator[Ruling]:
    """The streams behind the re-INVITE are other ones than before it, and those behind the next are as before."""
    moments = [one.final[0].time for label in ("hold", "resume") for one in evidence.asked(label) if one.final]
    if len(moments) < 2:
        return
    second = [each for each in presences(evidence) if "second@" in each.name]
    for one in conferences(evidence):
        told = list(rosters(one))
        states = [_before(told, moment + shift).connected(*second[0].uris) for moment, shift in
                  ((moments[0], -0.01), (moments[0], TOLD), (moments[1], TOLD))] if second else []  # fmt: skip
        if all(states) and states:
            shown = [str((each[0].status, sorted(each[0].media.values()))) for each in states]
            good = shown[0] != shown[1] and shown[0] == shown[2]
            yield rule(
                good,
                one.made_by.event,
                told[-1][0].event,
                why="not told",
                expected="changed, then as before",
                seen=shown,
                place="body",
            )
