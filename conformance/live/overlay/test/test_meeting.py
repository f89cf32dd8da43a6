"""Tests of ICE: two parties of the harness meet."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import cast

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab import stun
from conformance.live.memory.record import Record
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.sockets.meeting import Meeting
from conformance.live.subject import End


@dataclass
class Stage:
    """As much of a stage as a meeting needs."""

    record: Record = field(default_factory=Record)

    @property
    def now(self) -> float:
        """The time."""
        return time.time()


@dataclass
class Party:
    """As much of a party."""

    name: str
    identity: Identity
    stage: Stage = field(default_factory=Stage)
    end: End = ("127.0.0.1", 0)


class MeetingTests(SynchronousTestCase):
    """One asks, the other one answers."""

    def meeting(self, overlay: Overlay, name: str, *, asks: bool) -> Meeting:
        """One side."""
        made = Meeting(cast("Peer", Party(name, overlay.certify(name))), asks=asks)
        self.addCleanup(made.close)
        return made

    def test_meet(self) -> None:
        """Checks, a nomination, a handshake; the evidence has every message of STUN with who has which role."""
        overlay = Overlay(time.time())
        asks, answers = (self.meeting(overlay, name, asks=name == "ann") for name in ("ann", "bob"))
        answers.heard(asks.body(role="passive"))
        asks.heard(answers.body(role="active"))
        limit = time.monotonic() + 10.0
        while not (asks.open and answers.open) and time.monotonic() < limit:
            asks.step()
            answers.step()
        self.assertTrue(asks.open and answers.open)
        facts = [one.facts or {} for one in asks.peer.stage.record.notes]
        own = [stun.read(bytes.fromhex(str(one["octets"]))) for one in facts if one["by"] == "harness"]
        requests = [one for one in own if one.type == stun.REQUEST]
        self.assertTrue(all(one.sealed(answers.password) and one.first(stun.CONTROLLING) for one in requests))
        self.assertNotEqual(requests, [])
