"""Replaces (RFC 3891); the text is not at hand, the section numbers are."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule


@check("rfc3891/s03/invite-only", "Replaces stands in INVITE only, and once.", "rfc3891:3/0", "rfc3891:6.1/0",
       needs="a request with Replaces", role="user-agent-client")  # fmt: skip
def invite_only(evidence: Evidence) -> Iterator[Ruling]:
    """Methods of requests with Replaces."""
    for event, message in evidence.requests():
        if message.has("replaces"):
            good = message.method == "INVITE" and len(message.lines("replaces")) == 1
            yield rule(good, event, why="elsewhere", expected="one in an INVITE", seen=message.title, place="Replaces")
