"""An offer in UPDATE that overtakes the answer to another (RFC 3311, section 5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by, asked, status_of
from conformance.checks.rfc3311.s05_live import known
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import number_at

EARLY = ("user-agent/update-early",)
SERVER = "user-agent-server"
NEEDS = "an UPDATE with an offer while that of the INVITE is not answered"


def _met(evidence: Evidence, update: Transaction) -> bool:
    """Whether a response with a description went out before that to the UPDATE."""
    end = update.final[0].number if update.final else update.event.number
    return any(
        event.number < end and bool(message.body)
        for invite in asked(evidence, "INVITE")
        if invite.request.call_id == update.request.call_id
        for event, message in invite.responses
    )


@check(
    "rfc3311/s05_2/overtaking-500", "An offer in UPDATE gets 500 while another one of the same side waits for its answer.", "rfc3311:5.2/3a",
    needs=NEEDS, role=SERVER, scenarios=EARLY,
)  # fmt: skip
def overtaking_500(evidence: Evidence) -> Iterator[Ruling]:
    """The status, unless the subject had answered the offer of the INVITE by then."""
    for one in known(evidence, "update-early"):
        if status_of(one) != 500 and _met(evidence, one):
            yield unclear(one.event, why="the offer of the INVITE was answered before the UPDATE was looked at")
            continue
        yield answered_by(evidence, one, 500, why="two offers of one side")


@check(
    "rfc3311/s05_2/overtaking-later", "That 500 says by Retry-After when to come back, within ten seconds.", "rfc3311:5.2/3b",
    needs=f"500 to {NEEDS}", role=SERVER, scenarios=EARLY,
)  # fmt: skip
def overtaking_later(evidence: Evidence) -> Iterator[Ruling]:
    """Retry-After from 0 to 10."""
    for one in known(evidence, "update-early"):
        if one.final is not None and status_of(one) == 500:
            event, message = one.final
            told = number_at(message.first("retry-after"), "seconds")
            good, seen = told is not None and 0 <= told <= 10, message.lines("retry-after") or "none"
            yield rule(good, one.event, event, why="no such time", expected="0 to 10", seen=seen, place="Retry-After")
