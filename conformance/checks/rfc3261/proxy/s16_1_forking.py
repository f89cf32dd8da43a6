"""That a proxy which forks keeps state (RFC 3261, section 16.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.ways import PROXY, went
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear


@check(
    "rfc3261/s16_1/fork-stateful", "A proxy that sends a request to several places keeps state: a copy of it goes no further.", "rfc3261:16.1/4",
    needs="an INVITE for two phones, sent again while they ring", role=PROXY, scenarios=("proxy/fork-copies",),
)  # fmt: skip
def fork_stateful(evidence: Evidence) -> Iterator[Ruling]:
    """Two branches, and no INVITE behind the copy, from a proxy that goes on to send."""
    for one, branches in went(evidence, "call"):
        if len(branches) < 2 or not one.copies:
            continue
        copy = one.copies[-1][0]
        events = [event for branch in branches for event, _ in [(branch.event, branch.request), *branch.copies]]
        late = [event for event in events if event.number > copy.number]
        if not late and not any(event.number > copy.number for event, _ in evidence.judged):
            yield unclear(copy, why="nothing came from the proxy behind the copy")
            continue
        seen = f"{len(late)} INVITEs"
        yield rule(not late, copy, *late, why="the copy was forwarded", expected="no further INVITE", seen=seen)
