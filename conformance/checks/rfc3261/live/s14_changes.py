"""Changes of a session that stands, and its end (RFC 3261, sections 9.2, 14.2 and 15)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import BOTH, SERVER, accepted, answered_by, asked, status_of, told
from conformance.checks.rfc3261.s13_session import raced
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import request_key


@check(
    "rfc3261/s14_2/reinvite-served", "A re-INVITE that changes nothing is accepted.", "rfc3261:14.2/3", "rfc3264:8/6", "rfc3264:8/7a",
    needs="a re-INVITE with the description of before", role=SERVER, scenarios=("user-agent/reinvite-same",),
)  # fmt: skip
def reinvite_served(evidence: Evidence) -> Iterator[Ruling]:
    """The status, and an answer in it."""
    for one in evidence.asked("unchanged"):
        if not accepted(one) or one.final is None:
            yield answered_by(evidence, one, 200, why="an unchanged re-INVITE")
        else:
            event, message = one.final
            why = "no answer in the 2xx"
            yield rule(bool(message.body), one.event, event, why=why, expected="a description", seen="no body")


@check(
    "rfc3261/s14_2/refused-keeps", "A re-INVITE that is refused leaves dialog and session as they were.", "rfc3261:14.1/9", "rfc3261:8.2/2",
    needs="a re-INVITE that the subject refuses, and requests behind it", role=BOTH, scenarios=("user-agent/reinvite-unusable",),
)  # fmt: skip
def refused_keeps(evidence: Evidence) -> Iterator[Ruling]:
    """The subject does not hang up, and the re-INVITE and BYE behind are accepted."""
    unusable = next((one for one in evidence.asked("unusable") if status_of(one) >= 300), None)
    if unusable is None or unusable.final is None:
        return
    for event, message in evidence.requests("BYE"):
        if event.number > unusable.event.number:
            yield wrong(
                unusable.final[0], event, why="the call was ended", expected="the old session", seen=message.title
            )
    for one in asked(evidence, "INVITE", "BYE"):
        if one.event.number > unusable.final[0].number and one.request.call_id == unusable.request.call_id:
            yield answered_by(evidence, one, 200, why="the dialog is not what it was")


@check(
    "rfc3261/s14_2/own-pending-491", "A re-INVITE that comes while an own one is under way gets 491.", "rfc3261:14.2/2",
    needs="a re-INVITE of the subject that is not answered yet", role=SERVER, scenarios=("user-agent/glare",),
)  # fmt: skip
def own_pending_491(evidence: Evidence) -> Iterator[Ruling]:
    """Received INVITEs between an own INVITE and its final response."""
    for own in told(evidence, "INVITE"):
        if own.initial:
            continue
        for one in asked(evidence, "INVITE"):
            end = own.final[0].number if own.final else len(evidence.events) + 1
            if one.request.call_id == own.request.call_id and own.event.number < one.event.number < end:
                yield answered_by(evidence, one, 491, why="two re-INVITEs cross")


@check(
    "rfc3261/s14_2/second-500", "A second INVITE before the first has its final response gets 500 with Retry-After from 0 to 10.",
    "rfc3261:14.2/1a", "rfc3261:14.2/1b", needs="an INVITE under way and another of the same dialog behind it", role=SERVER,
    scenarios=("user-agent/second-reinvite", "user-agent/reinvite-ringing"),
)  # fmt: skip
def second_500(evidence: Evidence) -> Iterator[Ruling]:
    """INVITEs of one dialog that overlap."""
    invites = list(asked(evidence, "INVITE"))
    for first, second in zip(invites, invites[1:], strict=False):
        if first.request.call_id != second.request.call_id or second.initial:
            continue
        if first.final is not None and first.final[0].number < second.event.number:
            continue
        if status_of(second) != 500 and raced(evidence, first, second):
            yield unclear(
                first.event, second.event, why="the first was answered before the second can have been looked at"
            )
            continue
        yield answered_by(evidence, second, 500, why="an INVITE on top of another")
        if status_of(second) == 500 and second.final is not None:
            event, message = second.final
            value = message.first("retry-after")
            seconds = value.get("seconds") if isinstance(value, dict) else None
            good = isinstance(seconds, int) and 0 <= seconds <= 10
            seen = message.lines("retry-after") or "none"
            yield rule(
                good, second.event, event, why="Retry-After", expected="from 0 to 10", seen=seen, place="Retry-After"
            )


@check(
    "rfc3261/s09_2/cancel-200", "A CANCEL of an INVITE that is going on gets 200.", "rfc3261:9.2/0",
    needs="a CANCEL for an INVITE without final response", role=SERVER,
    scenarios=("user-agent/cancel-ringing", "user-agent/cancel-with-require"),
)  # fmt: skip
def cancel_200(evidence: Evidence) -> Iterator[Ruling]:
    """The status of the CANCEL."""
    for one in asked(evidence, "CANCEL"):
        invite = next(
            (o for o in asked(evidence, "INVITE") if request_key(o.request, "") == request_key(one.request, "")), None
        )
        if invite is not None and (invite.final is None or invite.final[0].number > one.event.number):
            yield answered_by(evidence, one, 200, why="a CANCEL in time")


@check(
    "rfc3261/s09_2/cancelled-487", "An INVITE that is cancelled while it rings gets its final response, 487.", "rfc3261:9.2/2",
    needs="a CANCEL of a ringing INVITE", level="SHOULD", role=SERVER,
    scenarios=("user-agent/cancel-ringing", "user-agent/cancel-with-require"),
)  # fmt: skip
def cancelled_487(evidence: Evidence) -> Iterator[Ruling]:
    """The final response to the INVITE."""
    cancelled = {request_key(one.request, "") for one in asked(evidence, "CANCEL") if accepted(one)}
    for one in asked(evidence, "INVITE"):
        if request_key(one.request, "") in cancelled:
            yield answered_by(evidence, one, 487, why="cancelled while it rang")


@check(
    "rfc3261/s09_2/late-cancel", "A CANCEL behind the final response changes nothing.", "rfc3261:9.2/0",
    needs="a CANCEL for an INVITE that was accepted", role=SERVER, scenarios=("user-agent/cancel-late",),
)  # fmt: skip
def late_cancel(evidence: Evidence) -> Iterator[Ruling]:
    """The call stands: no BYE of the subject, and ours is accepted."""
    cancel = next(asked(evidence, "CANCEL"), None)
    if cancel is None:
        return
    for event, message in evidence.requests("BYE"):
        yield wrong(cancel.event, event, why="an accepted call is cancelled", expected="no effect", seen=message.title)
    for one in asked(evidence, "BYE"):
        if one.event.number > cancel.event.number:
            yield answered_by(evidence, one, 200, why="the call does not stand any more")


@check(
    "rfc3261/s15_1_2/pending-answered", "Requests that are open when BYE comes get their answers, and it is 487.", "rfc3261:15.1.2/5",
    "rfc3261:15.1.2/6", needs="a BYE in the early dialog of a ringing INVITE", role=SERVER, scenarios=("user-agent/bye-early",),
)  # fmt: skip
def pending_answered(evidence: Evidence) -> Iterator[Ruling]:
    """The final response to the INVITE; another refusal than 487 is no more than unfriendly."""
    for one in asked(evidence, "INVITE"):
        byes = [bye for bye in asked(evidence, "BYE") if bye.request.call_id == one.request.call_id and accepted(bye)]
        if not byes:
            continue
        cancels = [other for other in asked(evidence, "CANCEL") if other.event.number > byes[0].event.number]
        late = one.final is not None and bool(cancels) and one.final[0].number > cancels[0].event.number
        if one.final is None or late or one.final[0].time - byes[0].event.time > 8:
            yield wrong(one.event, byes[0].event, why="the INVITE stays open", expected="487", seen="no final response")
        elif one.final[0].number < byes[0].event.number:
            yield unclear(one.event, one.final[0], why="the INVITE was decided before the BYE")
        else:
            yield right(one.event, byes[0].event, one.final[0])


@check(
    "rfc3261/s15/media-stops", "Behind a BYE its receiver is silent in the dialog.", "rfc3261:15/1", "rfc3261:15.1.2/3",
    needs="a BYE that the subject accepted", level="SHOULD", role=SERVER, scenarios=("user-agent/call",),
)  # fmt: skip
def media_stops(evidence: Evidence) -> Iterator[Ruling]:
    """No request of the subject in the dialog behind its 200 to BYE."""
    for one in asked(evidence, "BYE"):
        if not accepted(one) or one.final is None:
            continue
        late = [
            (event, message) for event, message in evidence.requests()
            if message.call_id == one.request.call_id and event.number > one.final[0].number
        ]  # fmt: skip
        if late:
            yield wrong(one.final[0], late[0][0], why="the dialog goes on", expected="nothing", seen=late[0][1].title)
        else:
            yield right(one.event, one.final[0])
