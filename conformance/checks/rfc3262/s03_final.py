"""A final answer while a reliable response is not acknowledged yet, and one that never is (RFC 3262, section 3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, status_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.transactions import Transaction

SERVER = "user-agent-server"
DECIDED = ("user-agent/reliable-accepted", "user-agent/reliable-refused")
LIFE = 32.0
"""64*T1 in seconds."""


def _reliable(evidence: Evidence) -> Iterator[Transaction]:
    """The INVITEs that were answered by a reliable response."""
    for one in evidence.asked("reliable"):
        if any(message.has("rseq") for _, message in one.responses):
            yield one


@check(
    "rfc3262/s03/late-prack-answered", "A PRACK for a reliable response is answered also behind the final one.", "rfc3262:3/26b",
    needs="a PRACK behind the 2xx", role=SERVER, scenarios=DECIDED[:1],
)  # fmt: skip
def late_prack_answered(evidence: Evidence) -> Iterator[Ruling]:
    """200, as it fits; behind a refusal the dialog is over, and 481 may be right."""
    for one in _reliable(evidence):
        for prack in evidence.asked("prack"):
            if accepted(one) and one.final is not None and one.final[0].number < prack.event.number:
                yield answered_by(evidence, prack, 200, why="a PRACK that fits")


@check(
    "rfc3262/s03/final-ends-copies", "Behind its final response a callee no longer repeats a reliable one.", "rfc3262:3/26a",
    needs="a final response ahead of any PRACK", level="SHOULD", role=SERVER, scenarios=DECIDED,
)  # fmt: skip
def final_ends_copies(evidence: Evidence) -> Iterator[Ruling]:
    """No copy behind the final response."""
    for one in _reliable(evidence):
        pracks = [prack.event.number for prack in evidence.asked("prack")]
        if one.final is None or any(number < one.final[0].number for number in pracks):
            continue
        final = one.final[0]
        late = [event for event, message in one.responses if message.has("rseq") and event.time > final.time + 0.1]
        if late:
            yield wrong(final, late[0], why="repeated behind the end", expected="no copy", seen="a copy")
        elif accepted(one) or evidence.alive_after(final):
            yield right(final)


@check(
    "rfc3262/s03/unheard-refused", "A call whose reliable response is not acknowledged for 64*T1 is refused with a 5xx.", "rfc3262:3/18",
    needs="a reliable response without PRACK for 36 seconds", level="SHOULD", role=SERVER, scenarios=("user-agent/reliable-unheard",),
)  # fmt: skip
def unheard_refused(evidence: Evidence) -> Iterator[Ruling]:
    """The class of the final response, and its time."""
    for one in _reliable(evidence):
        first = next(event for event, message in one.responses if message.has("rseq"))
        gap = one.final[0].time - first.time if one.final else 0.0
        good = 500 <= status_of(one) < 600 and gap <= LIFE + 2
        seen = f"{one.final[1].title} after {gap:.1f} s" if one.final else "nothing"
        yield rule(good, first, why="goes on unheard", expected="5xx after 32 s", seen=seen)
