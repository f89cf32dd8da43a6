"""What notifier and subscriber tell whoever stands above, in ``Tell`` (RFC 6665, section 4): two closed alphabets."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.events.event import Event, SubscriptionState
from disco_ref.sip.message import Request

SubscriptionId = str
"""Names one subscription of this element, on either side; never reused."""


# --- notifier ----------------------------------------------------------------------------------------------------------


class SubscriptionRequested(NamedTuple):
    """A SUBSCRIBE that would make a subscription: ``Notifier.accept``, ``.pending`` or ``.reject`` is owed at once."""

    id: SubscriptionId
    package: str
    """Lower case."""
    event: Event
    expires: int
    """As long as it would last, seconds; 0 for a fetch."""
    request: Request
    """Its Request-URI says which resource, its From who asks."""
    flow: Flow


class SubscriptionRefreshed(NamedTuple):
    """A SUBSCRIBE has been answered and notified: the subscription lasts longer, or with 0 has ended."""

    id: SubscriptionId
    expires: int
    """Seconds."""


class SubscriberGone(NamedTuple):
    """A subscription of somebody else's at this notifier is no more; nothing needs to be done."""

    id: SubscriptionId
    reason: str
    """``timeout`` where it ran out or was given up, another reason where it was terminated here; empty: NOTIFY failed."""
    why: str
    """In words."""


# --- subscriber --------------------------------------------------------------------------------------------------------


class SubscriptionAnswered(NamedTuple):
    """A 2xx to a SUBSCRIBE of ours; the subscription counts only when the first NOTIFY has come."""

    id: SubscriptionId
    expires: int
    """Seconds that were granted."""


class NotificationReceived(NamedTuple):
    """A NOTIFY that belongs to a subscription of ours; it has been answered."""

    id: SubscriptionId
    state: SubscriptionState
    request: Request
    """With its body, which may be empty."""
    dialog: DialogId
    forked_from: SubscriptionId | None = None
    """For the first NOTIFY of a further branch of a forked SUBSCRIBE: the subscription that was asked for."""


class SubscriptionEnded(NamedTuple):
    """A subscription of ours is no more, or never came to be."""

    id: SubscriptionId
    status: int
    """Of the response that ended it; 0 where a NOTIFY or a timer did."""
    reason: str
    """That of Subscription-State, or empty."""
    again: Instant | None
    """When it is asked for anew, under the same id; None: not any more."""
    why: str
    """In words."""
