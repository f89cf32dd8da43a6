"""Which checks bind a subject of a role, and in which order roles are told."""

from __future__ import annotations

from collections.abc import Iterable

BOUND = {
    "user-agent": ("user-agent", "user-agent-client", "user-agent-server"),
    "registrar": ("registrar", "user-agent-server"),
    "proxy": ("proxy",),
    "notifier": ("notifier", "user-agent", "user-agent-client", "user-agent-server"),
    "focus": ("focus", "notifier", "user-agent", "user-agent-client", "user-agent-server"),
}
"""The role of a subject to the roles of the checks that bind it."""


def bound(roles: Iterable[str]) -> frozenset[str]:
    """The roles of checks that bind a subject of these roles."""
    return frozenset(one for role in roles for one in BOUND[role])
