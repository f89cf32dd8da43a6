"""What a notifier was asked and what it told, by the labels that scenarios give."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted
from conformance.checks.rfc6665.subscriptions import Subscription, state_of, subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.transactions import Transaction
from conformance.lab.sip import Message
from conformance.lab.sip.value import number_at, text_at

NOTIFIER = "notifier"
AT_ONCE = 1.0
"""Seconds within which something that happens at once has happened."""
INTERVAL = 5.0
"""Seconds that a package may let pass between two NOTIFYs (RFC 4575, section 3.9)."""


def told(one: Subscription) -> list[Transaction]:
    """The NOTIFYs of a subscription that the subject sent."""
    return [each for each in one.notifications if each.judged]


def made_by(evidence: Evidence, *labels: str) -> Iterator[Subscription]:
    """The subscriptions that requests of these labels made."""
    return (one for one in subscriptions(evidence) if one.made_by.event.label in labels)


def of(evidence: Evidence, refresh: Transaction) -> Subscription | None:
    """The subscription that a request inside belongs to, whether it was granted or not."""
    for one in subscriptions(evidence):
        made = one.made_by.request
        if made.call_id == refresh.request.call_id and made.from_tag == refresh.request.from_tag:
            return one
    return None


def behind(one: Subscription, event_number: int) -> list[Transaction]:
    """The NOTIFYs behind an event."""
    return [each for each in told(one) if each.event.number > event_number]


def granted(one: Transaction) -> int | None:
    """The time that a SUBSCRIBE was granted; None where it was refused, or nothing is said."""
    return number_at(one.final[1].first("expires")) if accepted(one) and one.final else None


def remaining(message: Message) -> int | None:
    """The parameter expires of Subscription-State."""
    told_as = text_at(message.first("subscription-state"), "parameters", "expires")
    return int(told_as) if told_as and told_as.isdigit() else None


def reason_of(message: Message) -> str:
    """The parameter reason of Subscription-State, in lower case."""
    return (text_at(message.first("subscription-state"), "parameters", "reason") or "").lower()


def unheard(evidence: Evidence) -> str:
    """What the scenario waited for in vain; empty where it came to its end, or the subject was not asked."""
    play = evidence.play
    return play.why if play is not None and not play.complete and " waited " in play.why else ""


def ended(message: Message) -> bool:
    """Whether a NOTIFY says terminated."""
    return state_of(message) == "terminated"
