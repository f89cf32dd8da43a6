"""What a callee does that is asked for reliable provisional responses (RFC 3262, section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by, lists
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong

SERVER = "user-agent-server"
ASKED = ("user-agent/reliable-required",)


@check(
    "rfc3262/s03/required", "An INVITE that requires 100rel gets reliable provisional responses, or 420.", "rfc3262:3/3", "rfc3262:8.1/1",
    "rfc3262:3/2", needs="such an INVITE", role=SERVER, scenarios=ASKED,
)  # fmt: skip
def required(evidence: Evidence) -> Iterator[Ruling]:
    """420 with the option, or RSeq in every provisional response above 100."""
    for one in evidence.asked("reliable"):
        early = [(event, message) for event, message in one.responses if 100 < (message.status or 0) < 200]
        for event, message in early:
            why = "a provisional response that is not reliable"
            yield rule(message.has("rseq"), one.event, event, why=why, expected="RSeq, or 420", seen=message.title)
        if not early and one.final is not None:
            unsupported = "100rel" in lists(one.final[1], "unsupported")
            good = (one.final[1].status == 420 and unsupported) or 200 <= (one.final[1].status or 0) < 300
            yield rule(
                good, one.event, one.final[0], why="neither", expected="420 with 100rel", seen=one.final[1].title
            )


@check(
    "rfc3262/s03/wrong-prack-481", "A PRACK that fits no open reliable response gets 481.", "rfc3262:3/15",
    needs="such a PRACK to a subject that knows PRACK", role=SERVER, scenarios=(*ASKED, "user-agent/stray-prack"),
)  # fmt: skip
def wrong_prack(evidence: Evidence) -> Iterator[Ruling]:
    """The status, where Allow lists PRACK or a response was reliable."""
    knows = any("PRACK" in lists(message, "allow") or message.has("rseq") for _, message in evidence.judged)
    for one in evidence.asked("prack-wrong", "stray-prack"):
        if knows:
            yield answered_by(evidence, one, 481, why="a PRACK for nothing")


@check(
    "rfc3262/s03/prack-ends-copies", "With its PRACK a reliable response is no longer repeated.", "rfc3262:3/17a",
    needs="a PRACK that fits", level="SHOULD", role=SERVER, scenarios=ASKED,
)  # fmt: skip
def prack_ends_copies(evidence: Evidence) -> Iterator[Ruling]:
    """No copy more than a moment behind the PRACK of a response that was reliable, from a subject that still speaks."""
    for prack in evidence.asked("prack"):
        for one in evidence.asked("reliable"):
            reliable = any(message.has("rseq") for _, message in one.responses)
            late = [event for event, message in one.responses
                    if message.has("rseq") and event.time > prack.event.time + 0.25]  # fmt: skip
            if late:
                yield wrong(
                    prack.event, late[0], why="repeated although acknowledged", expected="no copy", seen="a copy"
                )
            elif reliable and (prack.final is not None or evidence.alive_after(prack.event)):
                yield right(one.event, prack.event)
