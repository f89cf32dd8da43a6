"""Plays one scenario and gives what came of it."""

from __future__ import annotations

import contextlib
import traceback
from dataclasses import dataclass

from conformance.live.memory.record import Record
from conformance.live.network.wire import Network, WireFault
from conformance.live.scenario import Scenario
from conformance.live.stage import Stage
from conformance.live.subject import LiveSubject
from conformance.live.trigger import Trigger
from conformance.live.wants import HarnessFault, NotClaimed, NotSeen

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


def play(
    one: Scenario, subject: LiveSubject, network: Network, *, scale: float = 1.0, trigger: Trigger | None = None
) -> Played:
    """Play a scenario to its end, or to where it cannot go on; the network is closed."""
    stage = Stage(subject, network, scale=scale, trigger=trigger)
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
        network.close()
    return Played(
        scenario=one.id, what=one.what, ended=ended, why=why, record=stage.record, transport=subject.transport,
        virtual=stage.virtual, scale=scale, started=started, seconds=now - started,
    )  # fmt: skip


def unplayed(one: Scenario, subject: LiveSubject, why: str) -> Played:
    """A scenario that was not begun, because the subject behind an adapter did not start."""
    return Played(
        scenario=one.id, what=one.what, ended=FAULT, why=why, record=Record(), transport=subject.transport,
        virtual=True, scale=1.0, started=0.0, seconds=0.0,
    )  # fmt: skip
