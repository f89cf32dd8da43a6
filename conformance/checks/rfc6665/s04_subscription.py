"""The course of subscriptions (RFC 6665, section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from conformance.checks.rfc6665.subscriptions import Subscription, event_of, state_of, subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab.sip.value import number_at, text_at

NOTIFIER = "notifier"
ENDING = (404, 405, 410, 416, *range(480, 486), 489, 501, 604)
"""What ends a subscription when its refresh gets it (section 4.1.2.2)."""
TIMER_N = 32.0
"""Seconds within which the first NOTIFY comes."""


@check("rfc6665/s04_2_1_2/notify-follows", "Whoever accepts a SUBSCRIBE sends a NOTIFY at once.", "rfc6665:4.2.1.2/1", "rfc6665:4.2.2/1",
       needs="a SUBSCRIBE with a 2xx", role=NOTIFIER)  # fmt: skip
def notify_follows(evidence: Evidence) -> Iterator[Ruling]:
    """A NOTIFY after the first request and after every refresh, within Timer N."""
    last = evidence.events[-1].time if evidence.events else 0.0
    for one in subscriptions(evidence):
        if one.by_refer:
            continue
        for request in [one.made_by, *one.refreshes]:
            if request.final is None or request.event.direction == "sent":
                continue
            later = [n for n in one.notifications if n.event.number > request.event.number]
            if later:
                yield right(request.event, later[0].event)
            elif last - request.final[0].time < 1.0:
                yield unclear(request.final[0], why="the capture ends before a NOTIFY could be seen")
            else:
                yield wrong(request.event, request.final[0], why="no NOTIFY follows", expected="NOTIFY", seen="none")


@check("rfc6665/s03_2/same-event", "A NOTIFY names the package and id of its SUBSCRIBE.", "rfc6665:3.2.1/2", "rfc6665:4.5.2/7",
       needs="a NOTIFY in a dialog that a SUBSCRIBE made", role=NOTIFIER)  # fmt: skip
def same_event(evidence: Evidence) -> Iterator[Ruling]:
    """Event of NOTIFY in dialogs made by SUBSCRIBE."""
    for dialog in evidence.dialogs:
        if dialog.method != "SUBSCRIBE":
            continue
        made = [dialog.made_by, *(t for t in dialog.transactions if t.method == "SUBSCRIBE")]
        known = {event_of(one.request) for one in made}
        if any(one.method == "REFER" for one in dialog.transactions):
            continue
        for one in dialog.requests(dialog.callee):
            if one.method == "NOTIFY" and one.judged:
                got = event_of(one.request)
                good = got in known
                yield rule(
                    good,
                    dialog.made_by.event,
                    one.event,
                    why="another event",
                    expected=str(sorted(known, key=str)),
                    seen=got,
                    place="Event",
                )


@check("rfc6665/s03_2/accepted-body", "The body of a NOTIFY has a type that the SUBSCRIBE accepts.", "rfc6665:3.2.1/3",
       needs="a NOTIFY with a body, for a SUBSCRIBE with Accept", role=NOTIFIER)  # fmt: skip
def accepted_body(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Type against Accept."""
    for one in subscriptions(evidence):
        accepted = [(text_at(v, "type"), text_at(v, "subtype")) for v in one.made_by.request.values("accept")]
        for notification in one.notifications:
            value = notification.request.first("content-type")
            if not accepted or not notification.request.body or value is None or not notification.judged:
                continue
            kind, subtype = text_at(value, "type"), text_at(value, "subtype")
            good = any(a in ("*", kind) and b in ("*", subtype) for a, b in accepted)
            expected = ", ".join(f"{a}/{b}" for a, b in accepted)
            yield rule(
                good,
                one.made_by.event,
                notification.event,
                why="not accepted",
                expected=expected,
                seen=f"{kind}/{subtype}",
                place="Content-Type",
            )


@check("rfc6665/s04_2_2/not-lengthened", "The time in Subscription-State is not longer than what was granted.", "rfc6665:4.2.2/7b",
       needs="a NOTIFY with expires, for a SUBSCRIBE with a 2xx", role=NOTIFIER)  # fmt: skip
def not_lengthened(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter expires against Expires of the latest 2xx."""
    for one in subscriptions(evidence):
        granted = [(t.final[0].number, t.event.number, number_at(t.final[1].first("expires")))
                   for t in [one.made_by, *one.refreshes] if t.final]  # fmt: skip
        for notification in one.notifications:
            told = text_at(notification.request.first("subscription-state"), "parameters", "expires")
            limits = [n for _, asked, n in granted if asked < notification.event.number and n is not None]
            if told and told.isdigit() and limits and notification.judged and not one.by_refer:
                good = int(told) <= max(limits[-2:])
                expected = f"at most {limits[-1]}"
                yield rule(
                    good,
                    one.made_by.event,
                    notification.event,
                    why="longer",
                    expected=expected,
                    seen=told,
                    place="Subscription-State",
                )


@check("rfc6665/s04_1_3/nothing-after-end", "After a NOTIFY that ends a subscription there is no other for it.", "rfc6665:4.4.1/0",
       "rfc6665:4.1.3/6", needs="a NOTIFY that is terminated", role=NOTIFIER)  # fmt: skip
def nothing_after_end(evidence: Evidence) -> Iterator[Ruling]:
    """Notifications behind the end."""
    for one in subscriptions(evidence):
        ends = [n for n in one.notifications if state_of(n.request) == "terminated"]
        if not ends or not ends[0].judged:
            continue
        later = [
            n for n in one.notifications if n.event.number > ends[0].event.number and n.event.time > ends[0].event.time
        ]
        if later:
            yield wrong(
                ends[0].event,
                later[0].event,
                why="a NOTIFY after the end",
                expected="none",
                seen=later[0].request.title,
            )
        else:
            yield right(ends[0].event)


@check("rfc6665/s04_2_1_4/ended-at-zero", "A SUBSCRIBE with Expires: 0 is followed by a NOTIFY that says terminated.", "rfc6665:4.4.1/0",
       "rfc6665:4.2.1.4/3", needs="an accepted SUBSCRIBE with Expires: 0", level="SHOULD", role=NOTIFIER)  # fmt: skip
def ended_at_zero(evidence: Evidence) -> Iterator[Ruling]:
    """The next NOTIFY after it."""
    for one in subscriptions(evidence):
        for request in [one.made_by, *one.refreshes]:
            if request.request.first("expires") != 0 or request.event.direction == "sent":
                continue
            later = [n for n in one.notifications if n.event.number > request.event.number]
            if not later:
                yield unclear(request.event, why="no NOTIFY after it was seen")
                continue
            good = any(state_of(n.request) == "terminated" for n in later)
            seen = state_of(later[-1].request)
            yield rule(
                good,
                request.event,
                later[-1].event,
                why="goes on",
                expected="terminated",
                seen=seen,
                place="Subscription-State",
            )


@check("rfc6665/s04_1_3/notify-answered", "A NOTIFY for a subscription at hand gets a 2xx.", "rfc6665:4.1.3/17",
       needs="a NOTIFY of a subscription, with a final response", level="SHOULD", role="subscriber")  # fmt: skip
def notify_answered(evidence: Evidence) -> Iterator[Ruling]:
    """Final responses to NOTIFYs of the dialog that the SUBSCRIBE made, while nothing has ended it; within Timer N of it."""
    for one in subscriptions(evidence):
        end = _end_of(one)
        for notification in one.notifications:
            other = notification.request.from_tag != one.accepted[1].to_tag
            if other or notification.event.number > end:
                continue
            if notification.final is not None and notification.final[0].direction != "received":
                event, message = notification.final
                good = 200 <= (message.status or 0) < 300 or message.status in (401, 407)
                yield rule(good, notification.event, event, why="refused", expected="200", seen=message.title)


def _end_of(one: Subscription) -> float:
    """The number of the event that ended a subscription: a NOTIFY that says so, a refused refresh; or no NOTIFY in time."""
    ends = [each.event.number for each in one.notifications if state_of(each.request) == "terminated"]
    ends += [each.final[0].number for each in one.refused if each.final and (each.final[1].status or 0) in ENDING]
    ends += [
        each.event.number - 1 for each in one.notifications[:1] if each.event.time - one.accepted[0].time > TIMER_N
    ]
    return min(ends, default=math.inf)


@check("rfc6665/s04_2_1/unasked-notify", "Nobody is notified who has not asked.", "rfc6665:4.2.1/1",
       needs="a NOTIFY in a call whose first request was seen", role=NOTIFIER)  # fmt: skip
def unasked_notify(evidence: Evidence) -> Iterator[Ruling]:
    """A SUBSCRIBE or REFER of the other party lies before each NOTIFY; implicit ones of old phones show here."""
    for series in evidence.calls.values():
        for one in series:
            if one.method != "NOTIFY" or not one.original or not one.judged:
                continue
            asked = [t for t in series if t.method in ("SUBSCRIBE", "REFER") and t.event.number < one.event.number
                     and t.request.from_tag == one.request.to_tag]  # fmt: skip
            if asked:
                yield right(asked[0].event, one.event)
            elif one is series[0] and one.request.to_tag:
                yield unclear(one.event, why="the subscription was made before the capture began")
            else:
                yield wrong(one.event, why="not asked for", expected="SUBSCRIBE or REFER before it", seen="none")


@check("rfc6665/s04_2_1_1/bad-event", "A SUBSCRIBE to an unknown package gets 489, and 489 tells the known ones.", "rfc6665:4.2.1.1/3",
       "rfc6665:8.3.2/0", needs="a 489", level="SHOULD", role=NOTIFIER)  # fmt: skip
def bad_event(evidence: Evidence) -> Iterator[Ruling]:
    """Allow-Events of 489."""
    for event, message in evidence.responses(489):
        yield rule(
            message.has("allow-events"),
            event,
            why="nothing told",
            expected="Allow-Events",
            seen="none",
            place="Allow-Events",
        )


@check("rfc6665/s04_4_4/events-told", "A user agent that notifies tells its packages in INVITE, OPTIONS and their answers.", "rfc6665:4.4.4/2",
       needs="an INVITE, its 2xx or a 200 to OPTIONS, of who sends NOTIFY elsewhere in the capture", level="SHOULD", role=NOTIFIER)  # fmt: skip
def events_told(evidence: Evidence) -> Iterator[Ruling]:
    """Allow-Events of messages from the address that a NOTIFY came from."""
    notifying = {one.event.source for one in evidence.transactions if one.method == "NOTIFY" and one.original}
    for event, message in evidence.judged:
        method = (message.cseq or (0, ""))[1]
        answer = method in ("INVITE", "OPTIONS") and 200 <= (message.status or 0) < 300
        asked = message.method == "INVITE" and len(message.values("via")) == 1
        if event.source in notifying and (answer or asked):
            good, place = message.has("allow-events"), "Allow-Events"
            yield rule(good, event, why="not told", expected=place, seen="none", place=place)
