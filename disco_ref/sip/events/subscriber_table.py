"""A subscriber's view of one subscription as a table (RFC 6665, section 4.1.2).

::

                          +-------------+
                          |    init     |<-----------------------+
                          +-------------+                        |
                                 |                           Retry-after
                           Send SUBSCRIBE                    expires
                                 |                               |
                                 V          Timer N Fires;       |
                          +-------------+   SUBSCRIBE failure    |
             +------------| notify_wait |-- response; --------+  |
             |            +-------------+   or NOTIFY,        |  |
             |                   |          state=terminated  |  |
             |                   |                            V  |
      Receive NOTIFY,     Receive NOTIFY,             +-------------+
      state=active        state=pending               | terminated  |
             |                   |                    +-------------+
             |                   V          Re-subscription     A  A
             |            +-------------+   times out;          |  |
             |            |   pending   |-- Receive NOTIFY, ----+  |
             |            +-------------+   state=terminated;      |
             |                   |          or 481 response        |
             |            Receive NOTIFY,   to SUBSCRIBE refresh   |
             |            state=active                             |
             |                   V          The same               |
             |            +-------------+                          |
             +----------->|   active    |--------------------------+
                          +-------------+

Re-subscription times out where a refreshing SUBSCRIBE has led to no NOTIFY before its Timer N fires.
"""

from __future__ import annotations

from enum import StrEnum

from disco_ref.machine.table import Step, Table, quiet


class State(StrEnum):
    """Where a subscription stands."""

    init = "init"
    notify_wait = "notify_wait"
    pending = "pending"
    active = "active"
    terminated = "terminated"


class Met(StrEnum):
    """What happens to a subscription."""

    subscribe = "Send SUBSCRIBE"
    """The first; one that refreshes changes nothing until it is answered."""
    active = "Receive NOTIFY, state=active"
    pending = "Receive NOTIFY, state=pending"
    terminated = "Receive NOTIFY, state=terminated"
    timer_n = "Timer N fires"
    failure = "SUBSCRIBE failure response"
    """To a refresh: one of those that end the subscription, such as 481."""
    expires = "Subscription expires"
    """By the subscriber's own clock."""
    retry_after = "Retry-after expires"
    """The time has come to ask again, where there is one."""


class Act(StrEnum):
    """What is done about it."""

    begin = "Begin subscription"
    """The NOTIFY makes a usage of a dialog, whose route set it gives."""
    end = "End subscription"


_INIT, _WAIT, _PENDING, _ACTIVE, _END = State
_NOTIFIES = (Met.active, Met.pending, Met.terminated)
_OVER = "rfc6665:4.1.3/6"

SUBSCRIBER: Table[State, Met, Act] = Table(
    "Subscriber",
    State.init,
    {
        (_INIT, Met.subscribe): Step(_WAIT, says="rfc6665:4.1/0"),
        (_WAIT, Met.active): Step(_ACTIVE, (Act.begin,), "rfc6665:4.4.1/0 rfc6665:4.1.2.4/3"),
        (_WAIT, Met.pending): Step(_PENDING, (Act.begin,), "rfc6665:4.4.1/0 rfc6665:4.1.2.4/3"),
        (_WAIT, Met.terminated): Step(_END, (Act.end,), _OVER),
        (_WAIT, Met.timer_n): Step(_END, (Act.end,), "rfc6665:4.1/0"),
        (_WAIT, Met.failure): Step(_END, (Act.end,), "rfc6665:4.1/0"),
        (_PENDING, Met.active): Step(_ACTIVE, says="rfc6665:4.1.3/4"),
        (_PENDING, Met.pending): Step(_PENDING, says="rfc6665:4.1.3/5"),
        (_PENDING, Met.terminated): Step(_END, (Act.end,), _OVER),
        (_PENDING, Met.timer_n): Step(_END, (Act.end,), "rfc6665:4.1/0"),
        (_PENDING, Met.failure): Step(_END, (Act.end,), "rfc6665:4.1.2.2/1"),
        (_PENDING, Met.expires): Step(_END, (Act.end,), "rfc6665:4.1/0"),
        (_ACTIVE, Met.active): Step(_ACTIVE, says="rfc6665:4.1.3/4"),
        (_ACTIVE, Met.pending): Step(_PENDING, says="rfc6665:4.1.3/5"),
        (_ACTIVE, Met.terminated): Step(_END, (Act.end,), _OVER),
        (_ACTIVE, Met.timer_n): Step(_END, (Act.end,), "rfc6665:4.1/0"),
        (_ACTIVE, Met.failure): Step(_END, (Act.end,), "rfc6665:4.1.2.2/1"),
        (_ACTIVE, Met.expires): Step(_END, (Act.end,), "rfc6665:4.1/0"),
        (_END, Met.retry_after): Step(_INIT, says="rfc6665:4.4.2/1 rfc6665:4.1.3/9"),
    },
    {
        **quiet([_INIT, _END], _NOTIFIES, "nothing is subscribed to: the NOTIFY gets 481"),
        **quiet([_INIT, _END], [Met.timer_n, Met.failure, Met.expires], "what it concerned is over"),
        **quiet([_WAIT, _PENDING, _ACTIVE, _END], [Met.subscribe], "a refresh; its NOTIFY tells what becomes of it"),
        **quiet([_INIT, _WAIT, _PENDING, _ACTIVE], [Met.retry_after], "no time was set to ask again"),
        (_WAIT, Met.expires): "Timer N tells how long a NOTIFY is waited for",
    },
)
