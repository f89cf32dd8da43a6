"""The event package conference and the order of its documents (RFC 4575, sections 3 and 4; from memory)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted
from conformance.checks.rfc4575.roster import conferences, documents, is_document, state_of, version_of
from conformance.checks.rfc6665.subscriptions import event_of, subscriptions
from conformance.checks.rfc6665.subscriptions import state_of as standing
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip.value import number_at, text_at

NOTIFIER = "notifier"
HOUR = 3600
INTERVAL = 5.0
TYPE = "application/conference-info+xml"


@check(
    "rfc4575/s03_1/event-token", "The state of a conference is notified with the event conference.", "rfc4575:3.1/101",
    needs="a NOTIFY with a conference document", role=NOTIFIER,
)  # fmt: skip
def event_token(evidence: Evidence) -> Iterator[Ruling]:
    """Event of NOTIFYs with such a body."""
    for event, message in evidence.requests("NOTIFY"):
        if is_document(message):
            name = event_of(message)[0]
            yield rule(
                name == "conference", event, why="another event", expected="conference", seen=name, place="Event"
            )


@check(
    "rfc4575/s03_3/default-hour", "A SUBSCRIBE to the conference package that names no duration is granted an hour.", "rfc4575:3.3/101",
    needs="a SUBSCRIBE for conference without Expires, and its 2xx", level="SHOULD", role=NOTIFIER,
)  # fmt: skip
def default_hour(evidence: Evidence) -> Iterator[Ruling]:
    """Expires of the 2xx: an hour, or less by the notifier's own limit."""
    for one in evidence.transactions:
        if one.method != "SUBSCRIBE" or one.request.has("expires") or event_of(one.request)[0] != "conference":
            continue
        if accepted(one) and one.final is not None and one.final[0].direction != "received":
            told = number_at(one.final[1].first("expires"))
            good = told is not None and 0 < told <= HOUR
            yield rule(
                good, one.event, one.final[0], why="another default", expected=f"{HOUR}", seen=told, place="Expires"
            )


@check(
    "rfc4575/s03_4/default-type", "Without Accept, and with one that lists it, the state comes as application/conference-info+xml.",
    "rfc4575:3.4/102", needs="a NOTIFY with a body for a SUBSCRIBE whose Accept is absent or lists that type", role=NOTIFIER,
)  # fmt: skip
def default_type(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Type of those bodies; who lists another type besides may be sent that one."""
    for one in conferences(evidence):
        listed = [text_at(value, "subtype") for value in one.made_by.request.values("accept")]
        if listed and listed != ["conference-info+xml"]:
            continue
        for each in one.notifications:
            if each.judged and each.request.body:
                value = each.request.first("content-type")
                kind = f"{text_at(value, 'type')}/{text_at(value, 'subtype')}".lower()
                good, expected = is_document(each.request), "application/conference-info+xml"
                yield rule(
                    good,
                    one.made_by.event,
                    each.event,
                    why="another type",
                    expected=expected,
                    seen=kind,
                    place="Content-Type",
                )


@check(
    "rfc4575/s03_6/first-full", "The first document after every SUBSCRIBE is a full one.", "rfc4575:3.6/102",
    needs="a NOTIFY with a document behind the 2xx to a SUBSCRIBE", role=NOTIFIER,
)  # fmt: skip
def first_full(evidence: Evidence) -> Iterator[Ruling]:
    """The state of the first document behind each granted SUBSCRIBE; of one that ends the subscription, where it has one."""
    for one in conferences(evidence):
        told = list(documents(one))
        for asked in [one.made_by, *one.refreshes]:
            later = [(each, root) for each, root in told if each.event.number > asked.event.number]
            crossing = asked.final is None or (
                later and later[0][0].event.number < asked.final[0].number and asked is not one.made_by
            )
            if not accepted(asked) or not later or crossing:
                continue
            each, root = later[0]
            state = state_of(root)
            yield rule(
                state == "full",
                asked.event,
                each.event,
                why="not the whole state",
                expected="full",
                seen=state,
                place="body",
            )


@check(
    "rfc4575/s04_4/version-by-one", "The version goes up by one from each document of a subscription to the next.", "rfc4575:4.4/101",
    needs="two documents of one subscription", role=NOTIFIER,
)  # fmt: skip
def version_by_one(evidence: Evidence) -> Iterator[Ruling]:
    """Versions of neighbours; a document without one is wrong where there is more than one."""
    for one in conferences(evidence):
        told = list(documents(one))
        for (before, first), (after, second) in zip(told, told[1:], strict=False):
            known, new = version_of(first), version_of(second)
            good = known is not None and new == known + 1
            expected = "a version" if known is None else str(known + 1)
            yield rule(good, before.event, after.event, why="another step", expected=expected, seen=new, place="body")


@check(
    "rfc4575/s03_9/five-seconds", "One subscriber is notified at most every five seconds, but for what a SUBSCRIBE asks for.",
    "rfc4575:3.9/101", needs="two NOTIFYs of one subscription, the second of which no SUBSCRIBE asked for", level="SHOULD", role=NOTIFIER,
)  # fmt: skip
def five_seconds(evidence: Evidence) -> Iterator[Ruling]:
    """Times between neighbours; the end of a subscription may come sooner."""
    for one in conferences(evidence):
        told = [each for each in one.notifications if each.judged]
        for before, after in zip(told, told[1:], strict=False):
            asked = any(before.event.number < each.event.number < after.event.number for each in one.refreshes)
            if asked or standing(after.request) == "terminated":
                continue
            wait = after.event.time - before.event.time
            yield rule(
                wait >= INTERVAL - 0.1,
                before.event,
                after.event,
                why="too soon",
                expected="5 s later",
                seen=f"{wait:.2f} s later",
            )


@check(
    "rfc4575/s03_4/accept-lists-type",
    "An Accept in a SUBSCRIBE to the conference package lists application/conference-info+xml.",
    "rfc4575:3.4/103",
    needs="a SUBSCRIBE for conference with Accept",
    role="subscriber",
)
def accept_lists_type(evidence: Evidence) -> Iterator[Ruling]:
    """Letter for letter: a wildcard lists nothing."""
    for event, message in evidence.requests("SUBSCRIBE"):
        if event_of(message)[0] == "conference" and message.has("accept"):
            kinds = [
                f"{text_at(value, 'type')}/{text_at(value, 'subtype')}".lower() for value in message.values("accept")
            ]
            good, expected = TYPE in kinds, TYPE
            yield rule(
                good, event, why="the package's own type is missing", expected=expected, seen=kinds, place="Accept"
            )


@check(
    "rfc4575/s03_4/type-understood",
    "Who subscribes to a conference takes documents of type application/conference-info+xml.",
    "rfc4575:3.4/101",
    needs="a NOTIFY with a valid document for a subscription to conference, with a final response",
    role="subscriber",
)
def type_understood(evidence: Evidence) -> Iterator[Ruling]:
    """No 415 and no 406."""
    for one in subscriptions(evidence):
        if one.package != "conference" or one.made_by.event.direction == "received":
            continue
        for each in one.notifications:
            if each.final is not None and is_document(each.request):
                good = each.final[1].status not in (406, 415)
                why, seen = "not understood", each.final[1].title
                yield rule(good, each.event, each.final[0], why=why, expected="200", seen=seen)
