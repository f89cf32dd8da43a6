"""What a recipient of INFO does (RFC 6086, sections 4.2.2 and 5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong

SERVER, BOTH = "user-agent-server", "user-agent"
INSIDE = ("user-agent/info",)


@check(
    "rfc6086/s04_2_2/unknown-469", "An INFO of a package that was not invited gets 469.", "rfc6086:4.2.2/1",
    needs="an INFO of an unknown package to a subject that shows by Recv-Info that it knows packages", role=BOTH, scenarios=INSIDE,
)  # fmt: skip
def unknown_469(evidence: Evidence) -> Iterator[Ruling]:
    """The status, where Recv-Info was seen of the subject; who never sends it knows no packages."""
    if any(message.has("recv-info") for _, message in evidence.judged):
        for one in evidence.asked("info-unknown-package"):
            yield answered_by(evidence, one, 469, why="a package that was not invited")


@check(
    "rfc6086/s04_2_1/call-stands", "An INFO that is refused does not end the call.", "rfc6086:4.2.1/5", needs="INFOs in a call",
    role=BOTH, scenarios=INSIDE,
)  # fmt: skip
def call_stands(evidence: Evidence) -> Iterator[Ruling]:
    """No BYE of the subject, and a 2xx to ours."""
    refused = [one for one in evidence.transactions if one.method == "INFO" and one.final and not accepted(one)]
    if not refused:
        return
    for event, message in evidence.requests("BYE"):
        yield wrong(refused[0].event, event, why="the call is ended", expected="no BYE", seen=message.title)
    for one in evidence.transactions:
        if one.method == "BYE" and one.event.direction == "received" and one.final is not None:
            event, message = one.final
            yield rule(
                accepted(one), refused[0].event, event, why="the call is gone", expected="200", seen=message.title
            )
