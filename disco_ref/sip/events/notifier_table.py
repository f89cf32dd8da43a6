"""A notifier's view of one subscription as a table (RFC 6665, section 4.2.2).

::

                         +-------------+
                         |    init     |
                         +-------------+
                                |
                          Receive SUBSCRIBE,
                          Send NOTIFY
                                |
                                V          NOTIFY failure,
                         +-------------+   subscription expires,
            +------------|  resp_wait  |-- or terminated ----+
            |            +-------------+   per local policy  |
            |                   |                            |
      Policy grants       Policy needed                      V
      permission                |                    +-------------+
            |                   V                    | terminated  |
            |            +-------------+             +-------------+
            |            |   pending   |-- the same --------A A
            |            +-------------+                     |
            |            Policy changed to                   |
            |            grant permission                    |
            |                   V                            |
            |            +-------------+                     |
            +----------->|   active    |-- the same ---------+
                         +-------------+

The NOTIFY of the first arrow goes out when policy has decided, which is at once; the 200 to the SUBSCRIBE is sent before it.
Drawn without the arrows that lead back to the same state.
"""

from __future__ import annotations

from enum import StrEnum

from disco_ref.machine.table import Step, Table, quiet


class State(StrEnum):
    """Where a subscription stands."""

    init = "init"
    resp_wait = "resp_wait"
    pending = "pending"
    active = "active"
    terminated = "terminated"


class Given(StrEnum):
    """What happens to a subscription."""

    subscribe = "Receive SUBSCRIBE"
    """The first, or one that refreshes."""
    permission = "Policy grants permission"
    policy_needed = "Policy needed"
    failure = "NOTIFY failure"
    expires = "Subscription expires"
    """By time, or by a SUBSCRIBE with an Expires of 0."""
    terminated = "Terminated per local policy"


class Act(StrEnum):
    """What is owed for it."""

    notify = "Send NOTIFY"
    """With the full state if active, without any if pending."""
    say_terminated = "Send NOTIFY, terminated"
    remove = "Remove subscription"


_INIT, _WAIT, _PENDING, _ACTIVE, _END = State
_FAILS = "rfc6665:4.2.2/3 rfc6665:4.2.2/4"
_TIMEOUT = "rfc6665:4.2.1.4/3 rfc6665:4.2.1.4/4"
_SAYS = "rfc6665:4.2.2/8"

NOTIFIER: Table[State, Given, Act] = Table(
    "Notifier",
    State.init,
    {
        (_INIT, Given.subscribe): Step(_WAIT, says="rfc6665:4.2.1/1"),
        (_WAIT, Given.permission): Step(_ACTIVE, (Act.notify,), "rfc6665:4.2.1.2/1 rfc6665:4.2.2/1"),
        (_WAIT, Given.policy_needed): Step(_PENDING, (Act.notify,), "rfc6665:4.2.1.2/1 rfc6665:4.2.1.2/2"),
        (_WAIT, Given.failure): Step(_END, (Act.remove,), _FAILS),
        (_WAIT, Given.expires): Step(_END, (Act.say_terminated,), _TIMEOUT),
        (_WAIT, Given.terminated): Step(_END, (Act.say_terminated,), _SAYS),
        (_PENDING, Given.subscribe): Step(_PENDING, (Act.notify,), "rfc6665:4.2.1.2/1"),
        (_PENDING, Given.permission): Step(_ACTIVE, (Act.notify,), "rfc6665:4.2.2/2"),
        (_PENDING, Given.failure): Step(_END, (Act.remove,), _FAILS),
        (_PENDING, Given.expires): Step(_END, (Act.say_terminated,), _TIMEOUT),
        (_PENDING, Given.terminated): Step(_END, (Act.say_terminated,), _SAYS),
        (_ACTIVE, Given.subscribe): Step(_ACTIVE, (Act.notify,), "rfc6665:4.2.1.2/1"),
        (_ACTIVE, Given.failure): Step(_END, (Act.remove,), _FAILS),
        (_ACTIVE, Given.expires): Step(_END, (Act.say_terminated,), _TIMEOUT),
        (_ACTIVE, Given.terminated): Step(_END, (Act.say_terminated,), _SAYS),
    },
    {
        (_PENDING, Given.policy_needed): "somebody has still to decide",
        (_ACTIVE, Given.permission): "it is granted already",
        (_ACTIVE, Given.policy_needed): "the figure has no way back; who takes permission away terminates",
        (_WAIT, Given.subscribe): "the first SUBSCRIBE is answered first, which is at once",
    },
    refused=quiet([_INIT], [each for each in Given if each is not Given.subscribe], "there is no subscription yet"),
    ends=[_END],
)
