"""A scenario: one ladder that the harness plays with a subject; it yields evidence and no verdict.

Checks judge the evidence (``conformance/judge/predicate.py``); ``conformance/live/README.md`` says how both are written.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import conformance.live.scenarios
from conformance.errors import SuiteFault

SIP_ROLES = ("user-agent", "registrar", "proxy", "notifier", "focus")
OVERLAY_ROLES = ("peer", "storing-peer", "client")
ENROLMENT_ROLES = ("enrollment-server", "enrolling-node")
ROLES = (*SIP_ROLES, *OVERLAY_ROLES, *ENROLMENT_ROLES)
"""The roles that a subject on the network can claim."""
NEEDS = (
    "trigger",
    "credentials",
    "domain",
    "stream",
    "authority",
    "mutual",
    "overlay-authority",
    "start",
    "dtls",
    "accounts",
)
"""What a scenario can ask of the target: a trigger, the subject's user and password, its domain, a stream transport,
an authority whose root it trusts, a place where it asks for certificates; of a node that it is in an overlay of the harness (where
Node-IDs can be chosen, and bad certificates made), that it is started anew for the scenario, and is reached over DTLS; of an enrolment server accounts."""
IDENTITY = re.compile(r"^(" + "|".join(ROLES) + r")/[a-z0-9-]+$")

Play = Callable[..., None]
"""Played on a ``Stage``, an ``OverlayStage``, or one of enrolment, as the role has it."""


def protocol_of(role: str) -> str:
    """What is spoken with a subject of a role."""
    return "reload" if role in OVERLAY_ROLES else "http" if role in ENROLMENT_ROLES else "sip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One ladder with what it asks for."""

    id: str
    """``<role>/<name>``; never reused."""
    what: str
    """What is played, in one sentence."""
    role: str
    play: Play
    virtual: bool = True
    """Whether it can be played in virtual time; what is about sockets cannot."""
    slow: bool = False
    """Whether it waits for long timers: live it is played with ``--slow`` only, in virtual time always."""
    needs: tuple[str, ...] = ()

    @property
    def protocol(self) -> str:
        """``sip``, ``reload`` or ``http``: what is spoken, and which stage it is played on."""
        return protocol_of(self.role)


def scenario(
    identity: str, *, what: str, role: str, virtual: bool = True, slow: bool = False, needs: tuple[str, ...] = ()
) -> Callable[[Play], Scenario]:
    """Makes a scenario of a function; a module of ``conformance.live.scenarios`` holds them as module-level names."""

    def made(play: Play) -> Scenario:
        return Scenario(id=identity, what=what, role=role, play=play, virtual=virtual, slow=slow, needs=needs)

    return made


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Every scenario, by its id; raises SuiteFault where one breaks the rules."""
    found: list[Scenario] = []
    prefix = conformance.live.scenarios.__name__ + "."
    for module in pkgutil.walk_packages(conformance.live.scenarios.__path__, prefix):
        members = vars(importlib.import_module(module.name))
        found.extend(one for one in members.values() if isinstance(one, Scenario) and one not in found)
    problems = [f"{one.id}: not an id" for one in found if not IDENTITY.match(one.id)]
    problems += [f"{one.id}: no such role" for one in found if one.role not in ROLES]
    problems += [f"{one.id}: needs {need}" for one in found for need in one.needs if need not in NEEDS]
    ids = [one.id for one in found]
    problems += [f"{identity} is used twice" for identity in sorted({one for one in ids if ids.count(one) > 1})]
    if problems:
        raise SuiteFault("the scenarios break their own rules", problems)
    return tuple(sorted(found, key=lambda one: one.id))
