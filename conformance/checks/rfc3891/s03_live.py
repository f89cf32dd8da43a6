"""What a callee does about Replaces (RFC 3891, section 3; from memory)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, lists
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.transactions import Transaction

SERVER = "user-agent-server"


def supported(evidence: Evidence, label: str) -> Iterator[Transaction]:
    """The INVITEs of this name, where the subject lists replaces or accepts one that requires it."""
    tells = any("replaces" in lists(message, "supported") for _, message in evidence.judged)
    for one in evidence.asked(label):
        if tells or accepted(one):
            yield one


@check(
    "rfc3891/s03/old-ended", "A callee that accepts an INVITE with Replaces ends the call that it replaces.", "rfc3891:3/0",
    needs="an INVITE with Replaces for a call that stands", role=SERVER, scenarios=("user-agent/replaces",),
)  # fmt: skip
def old_ended(evidence: Evidence) -> Iterator[Ruling]:
    """A BYE of the subject in the old call."""
    for one in supported(evidence, "replaces"):
        if not accepted(one):
            yield answered_by(evidence, one, 200, why="Replaces of a call that stands")
            continue
        byes = [event for event, message in evidence.requests("BYE") if message.call_id != one.request.call_id]
        yield rule(bool(byes), one.event, *byes, why="both calls stand", expected="BYE in the old call", seen="no BYE")


@check(
    "rfc3891/s03/nothing-481", "Replaces for a call that is not there gets 481.", "rfc3891:3/0", needs="such an INVITE", role=SERVER,
    scenarios=("user-agent/replaces-nothing",),
)  # fmt: skip
def nothing_481(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in supported(evidence, "replaces-nothing"):
        yield answered_by(evidence, one, 481, why="nothing to replace")


@check(
    "rfc3891/s03/twice-400", "An INVITE with two Replaces gets 400.", "rfc3891:3/0", needs="such an INVITE", role=SERVER,
    scenarios=("user-agent/replaces-nothing",),
)  # fmt: skip
def twice_400(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in supported(evidence, "replaces-twice"):
        yield answered_by(evidence, one, 400, why="two Replaces")
