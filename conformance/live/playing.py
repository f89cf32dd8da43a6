"""Plays one scenario and gives what came of it."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from conformance.live.memory.record import Record
from conformance.live.network.wire import Network, WireFault
from conformance.live.scenario import Scenario
from conformance.live.stage import Stage
from conformance.live.subject import LiveSubject
from conformance.live.trigger import Trigger
from conformance.live.wants import HarnessFault, NotClaimed, NotSeen
from conformance.run.model import Json

COMPLETE, NOT_SEEN, NOT_CLAIMED, FAULT = "complete", "not-seen", "not-claimed", "harness-fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One scenario that was played."""

    scenario: str
    what: str
    ended: str
    """``complete``, ``not-seen`` (a precondition or an answer did not come), ``not-claimed`` or ``harness-fault``."""
    why: str
    record: Record
    transport: str
    virtual: bool
    scale: float
    started: float
    seconds: float
    protocol: str = "sip"
    context: Mapping[str, Json] = field(default_factory=dict)
    """What RELOAD bytes do not say, as in ``SUBJECT.md``."""


class Set(Protocol):
    """What every stage has, whatever is played on it."""

    record: Record
    scale: float

    @property
    def now(self) -> float:
        """Seconds since 1970."""

    @property
    def virtual(self) -> bool:
        """Whether time is virtual."""

    @property
    def transport(self) -> str:
        """How the subject is reached."""

    @property
    def protocol(self) -> str:
        """``sip`` or ``reload``."""

    @property
    def given(self) -> Mapping[str, Json]:
        """What the bytes of the protocol do not say."""

    def tidy(self) -> None:
        """End what is open."""

    def close(self) -> None:
        """The network is not needed any more."""


def play(
    one: Scenario, subject: LiveSubject, network: Network, *, scale: float = 1.0, trigger: Trigger | None = None
) -> Played:
    """Play a scenario with a subject that speaks SIP; the network is closed."""
    return perform(one, Stage(subject, network, scale=scale, trigger=trigger))


def perform(one: Scenario, stage: Set) -> Played:
    """Play a scenario to its end, or to where it cannot go on; the network is closed."""
    started = stage.now
    ended, why = COMPLETE, ""
    try:
        one.play(stage)
    except NotSeen as fault:
        ended, why = NOT_SEEN, str(fault)
    except NotClaimed as fault:
        ended, why = NOT_CLAIMED, str(fault)
    except (HarnessFault, WireFault) as fault:
        ended, why = FAULT, str(fault)
    except Exception as fault:  # the scenario's own fault, never the subject's
        place = traceback.extract_tb(fault.__traceback__)[-1]
        ended, why = FAULT, f"the scenario broke: {type(fault).__name__}: {fault} ({place.name}, line {place.lineno})"
    finally:
        # A subject that has ended answers nothing any more: what is open stays so.
        with contextlib.suppress(NotSeen, NotClaimed, WireFault):
            stage.tidy()
        now = stage.now
        stage.close()
    return Played(
        scenario=one.id, what=one.what, ended=ended, why=why, record=stage.record, transport=stage.transport,
        virtual=stage.virtual, scale=stage.scale, started=started, seconds=now - started, protocol=stage.protocol,
        context=stage.given,
    )  # fmt: skip


def unplayed(one: Scenario, subject: LiveSubject, why: str) -> Played:
    """A scenario that was not begun, because the subject behind an adapter did not start."""
    return Played(
        scenario=one.id, what=one.what, ended=FAULT, why=why, record=Record(), transport=subject.transport,
        virtual=True, scale=1.0, started=0.0, seconds=0.0,
    )  # fmt: skip
