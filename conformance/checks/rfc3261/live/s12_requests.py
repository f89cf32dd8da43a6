"""Requests inside dialogs, and those that only look so (RFC 3261, sections 9.2, 12.2.2 and 15.1.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import SERVER, accepted, answered_by, asked, known_dialog, status_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import request_key

STRAY = ("user-agent/stray-requests",)
NUMBERS = ("user-agent/sequence-numbers",)


@check(
    "rfc3261/s09_2/stray-cancel-481", "A CANCEL for nothing that the server knows gets 481.", "rfc3261:9.2/1",
    needs="a CANCEL whose INVITE was never sent", level="SHOULD", role=SERVER, scenarios=STRAY,
)  # fmt: skip
def stray_cancel(evidence: Evidence) -> Iterator[Ruling]:
    """CANCELs without the request they would cancel."""
    known = {request_key(one.request, "") for one in asked(evidence, "INVITE")}
    for one in asked(evidence, "CANCEL"):
        if request_key(one.request, "") not in known:
            yield answered_by(evidence, one, 481, why="nothing to cancel")


@check(
    "rfc3261/s12_2_2/unknown-dialog-481", "A request inside a dialog that the server does not know gets 481.", "rfc3261:12.2.2/2",
    "rfc3261:12.2.2/0", needs="a request with a To tag that the subject never gave", role=SERVER, scenarios=STRAY,
)  # fmt: skip
def unknown_dialog(evidence: Evidence) -> Iterator[Ruling]:
    """INVITE, OPTIONS and INFO with a foreign tag; a server may also bring the dialog back to life."""
    for one in asked(evidence, "INVITE", "INFO"):
        if not one.initial and not known_dialog(evidence, one.request):
            if one.method == "INVITE" and accepted(one) and one.final is not None:
                yield right(one.event, one.final[0], why="the dialog was recreated")
            elif one.method == "INFO" and status_of(one) in (405, 501):
                yield unclear(one.event, why="INFO itself is refused, which is looked at first")
            else:
                yield answered_by(evidence, one, 481, why="a dialog that is not known")


@check(
    "rfc3261/s15_1_2/stray-bye-481", "A BYE without a matching dialog gets 481.", "rfc3261:15.1.2/1",
    needs="a BYE of no dialog", level="SHOULD", role=SERVER, scenarios=STRAY,
)  # fmt: skip
def stray_bye(evidence: Evidence) -> Iterator[Ruling]:
    """BYEs with a foreign To tag."""
    for one in asked(evidence, "BYE"):
        if not known_dialog(evidence, one.request):
            yield answered_by(evidence, one, 481, why="a dialog that is not known")


@check(
    "rfc3261/s17/stray-ack-ignored", "Nobody answers an ACK.", "rfc3261:17.1.1.3/0", "rfc3261:13.3.1.4/0",
    needs="an ACK of no INVITE", role=SERVER, scenarios=STRAY,
)  # fmt: skip
def stray_ack(evidence: Evidence) -> Iterator[Ruling]:
    """No response to ACK, and the subject alive behind it."""
    for event, message in evidence.sip:
        if event.direction != "received" or message.method != "ACK":
            continue
        for other, response in evidence.responses():
            if response.cseq is not None and response.cseq[1] == "ACK" and response.branch == message.branch:
                yield wrong(event, other, why="an ACK is answered", expected="nothing", seen=response.title)
                break
        else:
            if evidence.alive_after(event):
                yield right(event)


@check(
    "rfc3261/s12_2_2/gap-accepted", "A gap in the numbers of a peer's requests is no error.", "rfc3261:12.2.2/5",
    needs="a request in a dialog whose number is several above the last", level="SHOULD", role=SERVER, scenarios=NUMBERS,
)  # fmt: skip
def gap_accepted(evidence: Evidence) -> Iterator[Ruling]:
    """The request labelled so is served as another is."""
    for one in evidence.asked("gap"):
        if one.final is not None:
            why, expected = "refused because of a gap in CSeq", "no 500"
            yield rule(
                status_of(one) != 500, one.event, one.final[0], why=why, expected=expected, seen=one.final[1].title
            )


@check(
    "rfc3261/s12_2_2/number-kept", "After a request in order its number is the one that later requests have to exceed.",
    "rfc3261:12.2.2/6", "rfc3261:12.2.2/4", "rfc3261:12.1.1/10", needs="a number below that of a request before, but above that of the first",
    role=SERVER, scenarios=NUMBERS,
)  # fmt: skip
def number_kept(evidence: Evidence) -> Iterator[Ruling]:
    """The request labelled as late gets 500, whether it is below the first number or below a later one."""
    for one in evidence.asked("late", "below-first"):
        yield answered_by(evidence, one, 500, why="a request out of order")


@check(
    "rfc3261/s12_2_2/order-goes-on", "A request that was out of order changes nothing: the next one in order is served.",
    "rfc3261:12.2.2/6", "rfc3261:8.2/2", needs="a request in order behind one out of order", role=SERVER, scenarios=NUMBERS,
)  # fmt: skip
def order_goes_on(evidence: Evidence) -> Iterator[Ruling]:
    """The request labelled as next."""
    for one in evidence.asked("next"):
        if one.final is None:
            yield answered_by(evidence, one, 200, why="a request in order")
        else:
            good = status_of(one) not in (500, 481)
            why = "a request in order is refused"
            yield rule(good, one.event, one.final[0], why=why, expected="no 500, no 481", seen=one.final[1].title)


@check(
    "rfc3261/s12_1_1/old-from", "A request without tag in From, as RFC 2543 had it, is served.", "rfc3261:12.1.1/14",
    needs="an INVITE without a From tag", role=SERVER, scenarios=("user-agent/no-from-tag",),
)  # fmt: skip
def old_from(evidence: Evidence) -> Iterator[Ruling]:
    """INVITEs without the tag: the status is that of a call."""
    for one in asked(evidence, "INVITE"):
        if one.request.from_tag is None:
            if one.final is None:
                yield answered_by(evidence, one, 200, why="no tag in From")
            else:
                why = "refused for want of a tag"
                good = status_of(one) != 400
                yield rule(good, one.event, one.final[0], why=why, expected="not 400", seen=one.final[1].title)
