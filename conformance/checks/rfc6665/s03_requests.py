"""SUBSCRIBE and NOTIFY as messages (RFC 6665, sections 3, 4.1.3, 4.2.2 and 8)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6665.subscriptions import state_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip.value import has, number_at, text_at

SUBSCRIBER, NOTIFIER = "subscriber", "notifier"


@check(
    "rfc6665/s03_1_1/expires",
    "A SUBSCRIBE has Expires.",
    "rfc6665:3.1.1/1",
    needs="a SUBSCRIBE",
    level="SHOULD",
    role=SUBSCRIBER,
)
def expires(evidence: Evidence) -> Iterator[Ruling]:
    """Expires of SUBSCRIBE."""
    for event, message in evidence.requests("SUBSCRIBE"):
        yield rule(message.has("expires"), event, why="no Expires", expected="Expires", seen="none", place="Expires")


@check(
    "rfc6665/s03_1_1/expires-in-200",
    "A 2xx to SUBSCRIBE has Expires.",
    "rfc6665:3.1.1/3",
    needs="a 2xx to SUBSCRIBE",
    role=NOTIFIER,
)
def expires_in_200(evidence: Evidence) -> Iterator[Ruling]:
    """Expires of the response."""
    for event, message in evidence.responses(200, 202, method="SUBSCRIBE"):
        yield rule(message.has("expires"), event, why="no Expires", expected="Expires", seen="none", place="Expires")


@check("rfc6665/s03_1_1/no-longer", "The time granted is not longer than the time asked for.", "rfc6665:3.1.1/4b", "rfc6665:4.2.1.1/7b",
       "rfc6665:4.2.1.4/1b",
       needs="a 2xx with Expires to a SUBSCRIBE with Expires", role=NOTIFIER)  # fmt: skip
def no_longer(evidence: Evidence) -> Iterator[Ruling]:
    """Expires of both."""
    for one in evidence.transactions:
        if one.method != "SUBSCRIBE" or one.final is None or one.final[0].direction == "received":
            continue
        asked, granted = number_at(one.request.first("expires")), number_at(one.final[1].first("expires"))
        if asked is not None and granted is not None and 200 <= (one.final[1].status or 0) < 300:
            yield rule(
                granted <= asked,
                one.event,
                one.final[0],
                why="longer",
                expected=f"at most {asked}",
                seen=granted,
                place="Expires",
            )


@check("rfc6665/s03_1_2/event-in-subscribe", "A SUBSCRIBE has exactly one Event.", "rfc6665:3.1.2/1", "rfc6665:8.2.1/2",
       needs="a SUBSCRIBE", role=SUBSCRIBER)  # fmt: skip
def event_in_subscribe(evidence: Evidence) -> Iterator[Ruling]:
    """Event of SUBSCRIBE."""
    for event, message in evidence.requests("SUBSCRIBE"):
        lines = message.lines("event")
        good = len(lines) == 1 and bool(text_at(message.first("event"), "package"))
        yield rule(good, event, why="Event", expected="one Event", seen=lines, place="Event")


@check(
    "rfc6665/s03_2/event-in-notify",
    "A NOTIFY has exactly one Event.",
    "rfc6665:3.2.1/1",
    needs="a NOTIFY",
    role=NOTIFIER,
)
def event_in_notify(evidence: Evidence) -> Iterator[Ruling]:
    """Event of NOTIFY."""
    for event, message in evidence.requests("NOTIFY"):
        lines = message.lines("event")
        good = len(lines) == 1 and bool(text_at(message.first("event"), "package"))
        yield rule(good, event, why="Event", expected="one Event", seen=lines, place="Event")


@check("rfc6665/s08_2_1/event-elsewhere", "Event stands in SUBSCRIBE, NOTIFY and PUBLISH only, never in a response.", "rfc6665:8.2.1/3a",
       "rfc6665:8.2.1/3b", needs="a message with Event")  # fmt: skip
def event_elsewhere(evidence: Evidence) -> Iterator[Ruling]:
    """Messages with Event; PUBLISH was given it by RFC 3903."""
    for event, message in evidence.judged:
        if message.has("event"):
            good = message.method in ("SUBSCRIBE", "NOTIFY", "PUBLISH")
            yield rule(
                good, event, why="Event elsewhere", expected="SUBSCRIBE or NOTIFY", seen=message.title, place="Event"
            )


@check("rfc6665/s08_2_3/state-elsewhere", "Subscription-State stands in NOTIFY only.", "rfc6665:8.2.3/1",
       needs="a message with Subscription-State")  # fmt: skip
def state_elsewhere(evidence: Evidence) -> Iterator[Ruling]:
    """Messages with Subscription-State."""
    for event, message in evidence.judged:
        if message.has("subscription-state"):
            good = message.method == "NOTIFY"
            yield rule(good, event, why="elsewhere", expected="NOTIFY", seen=message.title, place="Subscription-State")


@check("rfc6665/s04_1_3/subscription-state", "A NOTIFY has Subscription-State with active, pending or terminated.", "rfc6665:4.1.3/3",
       "rfc6665:4.2.2/5", needs="a NOTIFY", role=NOTIFIER)  # fmt: skip
def subscription_state(evidence: Evidence) -> Iterator[Ruling]:
    """The state of every NOTIFY."""
    for event, message in evidence.requests("NOTIFY"):
        good = state_of(message) in ("active", "pending", "terminated")
        seen = message.lines("subscription-state")
        yield rule(
            good, event, why="no state", expected="active, pending or terminated", seen=seen, place="Subscription-State"
        )


@check("rfc6665/s04_2_2/expires-in-state", "A NOTIFY that is active or pending says how long.", "rfc6665:4.2.2/6",
       needs="a NOTIFY that is active or pending", role=NOTIFIER)  # fmt: skip
def expires_in_state(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter expires of Subscription-State."""
    for event, message in evidence.requests("NOTIFY"):
        if state_of(message) in ("active", "pending"):
            good = has(message.first("subscription-state"), "parameters", "expires")
            seen = message.lines("subscription-state")
            yield rule(good, event, why="no time", expected="expires", seen=seen, place="Subscription-State")


@check("rfc6665/s04_2_2/reason", "A NOTIFY that ends a subscription says why.", "rfc6665:4.2.2/8", needs="a NOTIFY that is terminated",
       level="SHOULD", role=NOTIFIER)  # fmt: skip
def reason(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter reason of Subscription-State."""
    for event, message in evidence.requests("NOTIFY"):
        if state_of(message) == "terminated":
            good = bool(text_at(message.first("subscription-state"), "parameters", "reason"))
            seen = message.lines("subscription-state")
            yield rule(good, event, why="no reason", expected="reason", seen=seen, place="Subscription-State")


@check("rfc6665/s04_1_3/no-expires-at-end", "A NOTIFY that ends a subscription has no expires.", "rfc6665:4.1.3/7a",
       needs="a NOTIFY that is terminated", level="SHOULD", role=NOTIFIER)  # fmt: skip
def no_expires_at_end(evidence: Evidence) -> Iterator[Ruling]:
    """No parameter expires."""
    for event, message in evidence.requests("NOTIFY"):
        if state_of(message) == "terminated":
            good = not has(message.first("subscription-state"), "parameters", "expires")
            seen = message.lines("subscription-state")
            yield rule(good, event, why="a time", expected="no expires", seen=seen, place="Subscription-State")


@check("rfc6665/s08_3/no-202", "SUBSCRIBE and NOTIFY are not answered with 202.", "rfc6665:8.3/1b", "rfc6665:8.3/2",
       needs="a 2xx to SUBSCRIBE or NOTIFY", role=NOTIFIER)  # fmt: skip
def no_202(evidence: Evidence) -> Iterator[Ruling]:
    """Success responses to both."""
    for method in ("SUBSCRIBE", "NOTIFY"):
        for event, message in evidence.responses(200, 202, method=method):
            yield rule(message.status != 202, event, why=f"202 to {method}", expected="200", seen=message.title)
