"""A Ping is answered (RFC 6940, section 6.5.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, code_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong

PING_ANS = 24


@check(
    "rfc6940/s06_5_3/ping-answered",
    "A Ping is answered by a PingAns, each with a response_id of its own.",
    "rfc6940:6.5.3/0",
    needs="a PingReq to the subject",
    role="node",
    protocol="reload",
    scenarios=("peer/ping",),
)
def ping_answered(evidence: Evidence) -> Iterator[Ruling]:
    """Each of the Pings of the scenario."""
    for one in asked(evidence):
        if one.event.label != "ping":
            continue
        if not one.answers:
            yield wrong(one.event, why="no answer", expected="a PingAns", seen="nothing")
        for event, answer in one.answers[:1]:
            yield rule(
                code_of(answer) == PING_ANS,
                one.event,
                event,
                why="the answer",
                expected="PingAns",
                seen=code_of(answer),
            )
