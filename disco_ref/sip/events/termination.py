"""Why subscriptions end, and whether a subscriber asks again (RFC 6665, sections 4.1.3 and 4.1.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from disco_ref.clock import Duration

# = rfc6665:4.1.2.2/1
# = rfc6665:4.2.2/4
ENDING_STATUSES = frozenset({404, 405, 410, 416, *range(480, 486), 489, 501, 604})
"""Responses to a refreshing SUBSCRIBE or a NOTIFY after which the subscription is no more."""


class Reason(StrEnum):
    """The ``reason`` of Subscription-State in a terminated subscription (section 4.1.3)."""

    deactivated = "deactivated"
    probation = "probation"
    rejected = "rejected"
    timeout = "timeout"
    giveup = "giveup"
    noresource = "noresource"
    invariant = "invariant"


class Rule(NamedTuple):
    """What a subscriber makes of one reason."""

    again: bool
    """Whether it subscribes again."""
    heeds_retry_after: bool
    """Whether ``retry-after`` has a meaning beside this reason."""
    otherwise: Duration = Duration(0)
    """How long it waits where no ``retry-after`` tells."""


LATER = Duration(60.0)
"""How long a subscriber waits that shall try at some later time."""

RULES: Mapping[str, Rule] = {
    # = rfc6665:4.1.3/9
    # = rfc6665:4.4.2/1
    Reason.deactivated: Rule(again=True, heeds_retry_after=False),
    # = rfc6665:4.1.3/10
    # = rfc6665:4.1.3/11
    Reason.probation: Rule(again=True, heeds_retry_after=True, otherwise=LATER),
    # = rfc6665:4.1.3/12
    Reason.rejected: Rule(again=False, heeds_retry_after=False),
    # = rfc6665:4.1.3/13
    Reason.timeout: Rule(again=True, heeds_retry_after=False),
    # = rfc6665:4.1.3/14a
    # = rfc6665:4.1.3/14b silent: without retry-after we wait, since asking at once leads back to pending
    Reason.giveup: Rule(again=True, heeds_retry_after=True, otherwise=LATER),
    # = rfc6665:4.1.3/15
    Reason.noresource: Rule(again=False, heeds_retry_after=False),
    # = rfc6665:4.1.3/16
    Reason.invariant: Rule(again=False, heeds_retry_after=False),
}

# = rfc6665:4.1.3/8a
# = rfc6665:4.1.3/8b
UNKNOWN = Rule(again=True, heeds_retry_after=True)
"""For no reason, or one that is not known."""

LONGEST_BACK_OFF = Duration(300.0)


def again_in(reason: str, retry_after: int | None, attempts: int) -> Duration | None:
    """How long to wait before subscribing again, None for not at all.

    ``attempts`` counts subscriptions in a row that ended before they were of use: from the second on each waits at least
    twice as long as the one before, so that two sides never keep each other busy.
    """
    rule = RULES.get(reason.lower(), UNKNOWN)
    if not rule.again:
        return None
    back_off = min(float(1 << min(attempts, 16)) / 2, LONGEST_BACK_OFF) if attempts > 0 else 0.0
    told = float(retry_after) if retry_after is not None and rule.heeds_retry_after else rule.otherwise
    return Duration(max(told, back_off))
