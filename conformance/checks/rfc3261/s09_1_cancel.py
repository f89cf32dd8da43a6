"""CANCEL (RFC 3261, section 9)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.s08_2_6_response import same_address
from conformance.checks.rfc3261.series.s08_1_sending import location_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear, wrong
from conformance.judge.transactions import Transaction, request_key
from conformance.lab.sip.value import pick

CLIENT = "user-agent-client"
NEEDS = "a CANCEL whose request was seen"
CROSSING = 0.5
"""Seconds (T1) that two messages may be under way at the same time."""


def cancelled(evidence: Evidence) -> Iterator[tuple[Transaction, Transaction | None]]:
    """Every judged CANCEL with the transaction it cancels, None where that was not seen."""
    for transaction in evidence.transactions:
        if transaction.method != "CANCEL" or not transaction.judged:
            continue
        same_call = [
            other
            for other in evidence.calls[transaction.request.call_id]
            if other.method != "CANCEL"
            and other.event.number < transaction.event.number
            and other.event.destination == transaction.event.destination
        ]
        by_branch = [other for other in same_call if other.request.branch == transaction.request.branch]
        by_number = [other for other in same_call if other.request.cseq and transaction.request.cseq
                     and other.request.cseq[0] == transaction.request.cseq[0]]  # fmt: skip
        found = by_branch or by_number
        yield transaction, found[-1] if found else None


@check("rfc3261/s09_1/cancel-identical", "A CANCEL has the Request-URI, Call-ID, To, From and sequence number of what it cancels.",
       "rfc3261:9.1/2", needs=NEEDS, role=CLIENT)  # fmt: skip
def cancel_identical(evidence: Evidence) -> Iterator[Ruling]:
    """The five, side by side."""
    for cancel, other in cancelled(evidence):
        if other is None:
            yield unclear(cancel.event, why="the request that it cancels was not seen")
            continue
        one, two = other.request, cancel.request
        differing = [
            name
            for name, same in (
                ("Request-URI", one.request_uri == two.request_uri),
                ("Call-ID", one.call_id == two.call_id),
                ("To", same_address(one.first("to"), two.first("to"))),
                ("From", same_address(one.first("from"), two.first("from"))),
                ("CSeq", one.cseq is not None and two.cseq is not None and one.cseq[0] == two.cseq[0]),
            )
            if not same
        ]
        why = f"another {', '.join(differing)}"
        seen = f"{two.request_uri} {two.lines('to')} {two.lines('from')} {two.lines('cseq')}"
        yield rule(
            not differing,
            other.event,
            cancel.event,
            why=why,
            expected="identical",
            seen=seen,
            place=", ".join(differing),
        )


@check(
    "rfc3261/s09_1/cancel-via",
    "A CANCEL has one Via, the topmost of what it cancels.",
    "rfc3261:9.1/3",
    "rfc3261:16.6/60",
    "rfc3261:16.6/59",
    needs=NEEDS,
    role=CLIENT,
)
def cancel_via(evidence: Evidence) -> Iterator[Ruling]:
    """Number of Vias and branch."""
    for cancel, other in cancelled(evidence):
        if other is None:
            yield unclear(cancel.event, why="the request that it cancels was not seen")
            continue
        same = request_key(cancel.request, "") == request_key(other.request, "")
        good = same and len(cancel.request.values("via")) == 1
        expected = str(other.request.lines("via")[:1])
        yield rule(
            good, other.event, cancel.event, why="Via", expected=expected, seen=cancel.request.lines("via"), place="Via"
        )


@check(
    "rfc3261/s09_1/cancel-route",
    "A CANCEL has the Route values of what it cancels.",
    "rfc3261:9.1/5",
    needs=NEEDS,
    role=CLIENT,
)
def cancel_route(evidence: Evidence) -> Iterator[Ruling]:
    """Route on both."""
    for cancel, other in cancelled(evidence):
        if other is not None:
            wanted, got = other.request.values("route"), cancel.request.values("route")
            expected, seen = str(other.request.lines("route")), cancel.request.lines("route")
            yield rule(
                wanted == got,
                other.event,
                cancel.event,
                why="another Route",
                expected=expected,
                seen=seen,
                place="Route",
            )


@check("rfc3261/s09_1/cancel-no-require", "A CANCEL has neither Require nor Proxy-Require.", "rfc3261:9.1/6", "rfc3261:8.2.2.3/3",
       needs="a CANCEL", role=CLIENT)  # fmt: skip
def cancel_no_require(evidence: Evidence) -> Iterator[Ruling]:
    """Absence of both."""
    for event, message in evidence.requests("CANCEL"):
        good = not message.has("require") and not message.has("proxy-require")
        seen = message.lines("require") + message.lines("proxy-require")
        yield rule(good, event, why="an extension required", expected="neither", seen=seen, place="Require")


@check("rfc3261/s09_1/cancel-after-provisional", "A CANCEL waits for a provisional response.", "rfc3261:9.1/8a", "rfc3261:9.1/8b",
       needs=NEEDS, role=CLIENT)  # fmt: skip
def cancel_after_provisional(evidence: Evidence) -> Iterator[Ruling]:
    """Some response lies between the request and its CANCEL."""
    for cancel, other in cancelled(evidence):
        if other is None:
            continue
        before = [event for event, _ in other.responses if event.number < cancel.event.number]
        yield rule(
            bool(before),
            other.event,
            cancel.event,
            why="cancelled before any response",
            expected="a response first",
            seen="none",
        )


@check("rfc3261/s09_1/cancel-invite-only", "Only INVITE is cancelled.", "rfc3261:9.1/1", "rfc6665:4.6/3", needs=NEEDS, level="SHOULD",
       role=CLIENT)  # fmt: skip
def cancel_invite_only(evidence: Evidence) -> Iterator[Ruling]:
    """The method of what is cancelled."""
    for cancel, other in cancelled(evidence):
        if other is not None:
            good = other.method == "INVITE"
            yield rule(
                good, other.event, cancel.event, why="another method cancelled", expected="INVITE", seen=other.method
            )


@check("rfc3261/s09_2/invite-487", "A cancelled INVITE that was not answered yet gets 487.", "rfc3261:9.2/2",
       needs="a CANCEL answered 200 before the INVITE's final response", level="SHOULD", role="user-agent-server")  # fmt: skip
def invite_487(evidence: Evidence) -> Iterator[Ruling]:
    """The final response after a CANCEL."""
    for transaction, invite in cancelled_all(evidence):
        if not transaction.final or transaction.final[1].status != 200:
            continue
        if invite is None or invite.final is None or invite.final[0].direction == "received":
            continue
        event, message = invite.final
        if event.number < transaction.event.number:
            continue
        good = message.status == 487 or 200 <= (message.status or 0) < 300
        if good or message.status is None:
            yield rule(good, transaction.event, event, why="", expected="487", seen=message.title)
        else:
            yield wrong(transaction.event, event, why="another status after CANCEL", expected="487", seen=message.title)


def cancelled_all(evidence: Evidence) -> Iterator[tuple[Transaction, Transaction | None]]:
    """Every CANCEL, also one that the subject received, with what it cancels."""
    for transaction in evidence.transactions:
        if transaction.method == "CANCEL":
            wanted = request_key(transaction.request, "")
            call = evidence.calls[transaction.request.call_id]
            same = [o for o in call if o.method == "INVITE" and request_key(o.request, "") == wanted]
            yield transaction, same[-1] if same else None


@check("rfc3261/s09_1/cancel-in-time", "An INVITE that has its final response is not cancelled.", "rfc3261:9.1/9", needs=NEEDS, level="SHOULD",
       role=CLIENT)  # fmt: skip
def cancel_in_time(evidence: Evidence) -> Iterator[Ruling]:
    """Times of final response and CANCEL; within half a second both may cross on the way."""
    for cancel, other in cancelled(evidence):
        if other is None:
            continue
        done = other.final[0] if other.final is not None else None
        late = cancel.event.time - done.time if done is not None and done.number < cancel.event.number else 0.0
        if late == 0.0 or late >= CROSSING:
            seen = f"{late:.1f} seconds after it"
            yield rule(not late, other.event, cancel.event, why="nothing left to cancel", expected="none", seen=seen)


@check(
    "rfc3261/s09_1/cancel-destination",
    "A CANCEL goes where the request went that it cancels.",
    "rfc3261:9.1/10",
    needs=NEEDS,
    role=CLIENT,
)
def cancel_destination(evidence: Evidence) -> Iterator[Ruling]:
    """Destination and transport of both."""
    for cancel, other in cancelled_all(evidence):
        if other is not None and cancel.judged and cancel.event.destination:
            wanted = f"{other.event.destination} over {other.event.transport}"
            seen = f"{cancel.event.destination} over {cancel.event.transport}"
            yield rule(seen == wanted, other.event, cancel.event, why="sent elsewhere", expected=wanted, seen=seen)


@check("rfc3261/s09_2/cancel-tag", "A server answers CANCEL and INVITE with the same tag.", "rfc3261:9.2/3",
       needs="a CANCEL and its INVITE, both answered by the callee itself", level="SHOULD", role="user-agent-server")  # fmt: skip
def cancel_tag(evidence: Evidence) -> Iterator[Ruling]:
    """To tags of both final responses; a proxy on the way answers CANCEL by itself, so the Contact must be the sender's."""
    for cancel, invite in cancelled_all(evidence):
        if invite is None or invite.final is None or cancel.final is None or cancel.final[1].status != 200:
            continue
        event, message = cancel.final
        contacts = [location_of(pick(m.first("contact"), "uri")) for e, m in invite.responses if m.has("contact")]
        if event.direction != "received" and event.source in contacts:
            wanted, got = invite.final[1].to_tag, message.to_tag
            good, expected = wanted == got, str(wanted)
            yield rule(good, invite.final[0], event, why="another tag", expected=expected, seen=got, place="To")
