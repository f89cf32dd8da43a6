"""Which checks bind a subject of a role, and in which order roles are told."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.judge.predicate import Check

_ANY = ("transaction", "transport", "implementation")
_AGENT = (
    *_ANY, "user-agent", "user-agent-client", "user-agent-server", "subscriber", "notifier", "refer-agent",
    "refer-recipient", "offerer", "answerer",
)  # fmt: skip
_NODE = ("node", "peer", "sender", "receiver", "implementation")
BOUND = {
    "user-agent": _AGENT,
    "registrar": (*_ANY, "registrar", "user-agent-server"),
    "proxy": (*_ANY, "proxy"),
    "notifier": _AGENT,
    "focus": (*_AGENT, "focus"),
    "peer": _NODE,
    "storing-peer": (*_NODE, "storing-peer"),
    "enrollment-server": ("enrollment-server",),
    "enrolling-node": ("node",),
    "client": _NODE,
}
"""The role of a subject to the roles of the checks that bind it, for checks that do not name their scenarios."""


def bound(roles: Iterable[str]) -> frozenset[str]:
    """The roles of checks that bind a subject of these roles."""
    return frozenset(one for role in roles for one in BOUND[role])


def binds(one: Check, roles: Iterable[str]) -> bool:
    """Whether a check is for subjects of these roles: by its scenarios, or by whom it binds where it names none."""
    if one.scenarios:
        return any(name.partition("/")[0] in roles for name in one.scenarios)
    return one.role in bound(roles)
