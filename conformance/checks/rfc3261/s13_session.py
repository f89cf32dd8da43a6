"""Sessions and capabilities (RFC 3261, sections 11, 13, 14 and 15)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.dialogs import Dialog
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Pair, Transaction, acknowledgements

GIVEN_UP = 31.5
"""Seconds without an ACK behind which a callee may end a call: 64*T1, less what lies between its clock and ours."""
QUEUED = 0.1
"""Seconds within which a request that follows another may still lie unread."""
CLIENT, SERVER, BOTH = "user-agent-client", "user-agent-server", "user-agent"


@check("rfc3261/s11_2/options-capabilities", "A 200 to OPTIONS tells Allow, Accept, Accept-Encoding, Accept-Language and Supported.",
       "rfc3261:11.2/2", needs="a 200 to OPTIONS", level="SHOULD", role=SERVER)  # fmt: skip
def options_capabilities(evidence: Evidence) -> Iterator[Ruling]:
    """The five headers."""
    for event, message in evidence.responses(200, method="OPTIONS"):
        missing = [
            name
            for name in ("allow", "accept", "accept-encoding", "accept-language", "supported")
            if not message.has(name)
        ]
        why = f"{', '.join(missing)} not told"
        yield rule(
            not missing, event, why=why, expected="all five", seen=f"no {', '.join(missing)}", place=", ".join(missing)
        )


@check(
    "rfc3261/s13_2_1/allow", "An INVITE has Allow.", "rfc3261:13.2.1/1", needs="an INVITE", level="SHOULD", role=CLIENT
)
def allow(evidence: Evidence) -> Iterator[Ruling]:
    """Allow of every INVITE outside of dialogs."""
    for event, message in evidence.requests("INVITE"):
        if not message.to_tag:
            yield rule(message.has("allow"), event, why="no Allow", expected="Allow", seen="none", place="Allow")


@check(
    "rfc3261/s13_2_1/supported",
    "An INVITE has Supported.",
    "rfc3261:13.2.1/3",
    needs="an INVITE",
    level="SHOULD",
    role=CLIENT,
)
def supported(evidence: Evidence) -> Iterator[Ruling]:
    """Supported of every INVITE outside of dialogs."""
    for event, message in evidence.requests("INVITE"):
        if not message.to_tag:
            yield rule(
                message.has("supported"),
                event,
                why="no Supported",
                expected="Supported",
                seen="none",
                place="Supported",
            )


@check("rfc3261/s13_3_1_4/allow-supported", "A 2xx to INVITE has Allow and Supported.", "rfc3261:13.3.1.4/1a", needs="a 2xx to INVITE",
       level="SHOULD", role=SERVER)  # fmt: skip
def allow_supported(evidence: Evidence) -> Iterator[Ruling]:
    """The two headers; the section is about INVITEs outside of dialogs (13.3.1), what re-INVITEs want is in Table 2."""
    initial = {id(message) for one in evidence.transactions if one.initial for _, message in one.responses}
    for event, message in evidence.responses(200, method="INVITE"):
        if id(message) not in initial:
            continue
        missing = [name for name in ("allow", "supported") if not message.has(name)]
        yield rule(not missing, event, why=f"no {', '.join(missing)}", expected="both", seen=f"no {', '.join(missing)}")


@check("rfc3261/s13_3_1_2/redirect-contact", "A 300, 301 or 302 names new addresses.", "rfc3261:13.3.1.2/1",
       "rfc3261:21.3/2",
       needs="a 300, 301 or 302", level="SHOULD", role=SERVER)  # fmt: skip
def redirect_contact(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of redirections."""
    for event, message in evidence.responses(300, 301, 302):
        yield rule(message.has("contact"), event, why="no Contact", expected="Contact", seen="none", place="Contact")


def accepted(evidence: Evidence) -> Iterator[tuple[Transaction, Pair, list[Pair]]]:
    """Every 2xx to an INVITE on the caller's hop, with the ACKs for it."""
    for transaction in evidence.transactions:
        if transaction.method != "INVITE" or not transaction.original or transaction.request.cseq is None:
            continue
        request = transaction.request
        for event, message in transaction.responses:
            if 200 <= (message.status or 0) < 300:
                acks = evidence.acks.get(request.call_id, [])
                every = acknowledgements(acks, request.call_id, transaction.request.cseq[0], request.from_tag)
                own = [pair for pair in every if pair[1].to_tag == message.to_tag and pair[0].number > event.number]
                yield transaction, (event, message), own


@check(
    "rfc3261/s13_2_2_4/ack-for-2xx",
    "Each 2xx to an INVITE is acknowledged.",
    "rfc3261:13.2.2/5",
    needs="a 2xx to INVITE",
    role=CLIENT,
)
def ack_for_2xx(evidence: Evidence) -> Iterator[Ruling]:
    """Some ACK with the same Call-ID, number and tags follows."""
    last = evidence.events[-1].time if evidence.events else 0.0
    for transaction, (event, _), own in accepted(evidence):
        if not transaction.judged:
            continue
        if not own and last - event.time < 0.5:
            yield unclear(event, why="the capture ends before an ACK could be seen")
            continue
        yield rule(bool(own), transaction.event, event, why="no ACK follows", expected="ACK", seen="none")


@check("rfc3261/s13_2_2_4/ack-branch", "The ACK of a 2xx is a transaction of its own: its branch is new.", "rfc3261:17.1.1.3/1",
       "rfc3261:8.1.1.7/4", needs="an ACK of a 2xx", role=CLIENT)  # fmt: skip
def ack_branch(evidence: Evidence) -> Iterator[Ruling]:
    """The branch of the ACK is not that of the INVITE."""
    for transaction, _, own in accepted(evidence):
        for event, ack in own:
            if event.direction != "received" and len(ack.values("via")) == 1:
                good = ack.branch != transaction.request.branch
                yield rule(
                    good,
                    transaction.event,
                    event,
                    why="the INVITE's branch",
                    expected="a new branch",
                    seen=ack.branch,
                    place="Via",
                )


@check("rfc3261/s13_2_2_4/ack-credentials", "The ACK of a 2xx has the credentials of its INVITE.", "rfc3261:13.2.2/7",
       needs="an ACK of a 2xx to an INVITE with credentials", role=CLIENT)  # fmt: skip
def ack_credentials(evidence: Evidence) -> Iterator[Ruling]:
    """Authorization and Proxy-Authorization on both."""
    for transaction, _, own in accepted(evidence):
        for name in ("authorization", "proxy-authorization"):
            wanted = transaction.request.values(name)
            for event, ack in own:
                if wanted and event.direction != "received" and len(ack.values("via")) == 1:
                    good = ack.values(name) == wanted
                    expected, seen = str(transaction.request.lines(name)), ack.lines(name)
                    yield rule(
                        good,
                        transaction.event,
                        event,
                        why="other credentials",
                        expected=expected,
                        seen=seen,
                        place=name,
                    )


@check("rfc3261/s14_1/one-invite", "No new INVITE in a dialog while another is in progress.", "rfc3261:14.1/4", "rfc3261:14.1/5",
       "rfc3261:14.1/6", needs="two INVITEs in one dialog", role=CLIENT)  # fmt: skip
def one_invite(evidence: Evidence) -> Iterator[Ruling]:
    """Between two INVITEs of one party lies the final response of the first."""
    for dialog in evidence.dialogs:
        invites = [one for one in [dialog.made_by, *dialog.transactions] if one.method == "INVITE"]
        for before, after in zip(invites, invites[1:], strict=False):
            if not after.judged:
                continue
            same = before.request.from_tag == after.request.from_tag
            done = before.final is not None and before.final[0].number < after.event.number
            # INVITEs of both sides may cross on the wire; that is answered with 491 and no fault of the sender.
            if not done and not same:
                yield unclear(before.event, after.event, why="INVITEs of both sides cross")
            else:
                yield rule(
                    done,
                    before.event,
                    after.event,
                    why="another is in progress",
                    expected="its final response",
                    seen="none",
                )


def raced(evidence: Evidence, before: Transaction, after: Transaction) -> bool:
    """Whether two requests were answered one after the other at once: then the second may have lain in a queue."""
    if evidence.play is None or evidence.play.virtual:
        return False
    if before.final is None or after.final is None or before.final[0].number > after.final[0].number:
        return False
    return before.final[0].time - after.event.time < QUEUED


@check("rfc3261/s14_2/glare", "A re-INVITE that crosses one's own gets 491, one that overtakes another 500 with Retry-After.",
       "rfc3261:14.2/1a", "rfc3261:14.2/1b", "rfc3261:14.2/2", needs="two INVITEs in progress in one dialog", role=SERVER)  # fmt: skip
def glare(evidence: Evidence) -> Iterator[Ruling]:
    """The final response to the later of the two."""
    for dialog in evidence.dialogs:
        invites = [one for one in [dialog.made_by, *dialog.transactions] if one.method == "INVITE"]
        for before, after in zip(invites, invites[1:], strict=False):
            pending = before.final is None or before.final[0].number > after.event.number
            if not pending or after.final is None or after.final[0].direction == "received":
                continue
            event, message = after.final
            wanted = 500 if before.request.from_tag == after.request.from_tag else 491
            good = message.status == wanted and (wanted == 491 or message.has("retry-after"))
            if not good and raced(evidence, before, after):
                yield unclear(
                    before.event, after.event, why="the first was answered before the second can have been looked at"
                )
                continue
            expected = "491" if wanted == 491 else "500 with Retry-After"
            yield rule(
                good, before.event, after.event, event, why="another answer", expected=expected, seen=message.title
            )


@check("rfc3261/s15/bye-in-dialog", "A BYE is sent inside a dialog only.", "rfc3261:15/2", needs="a BYE", role=BOTH)
def bye_in_dialog(evidence: Evidence) -> Iterator[Ruling]:
    """Both tags, and a dialog where its Call-ID was seen to make one."""
    for event, message in evidence.requests("BYE"):
        known = evidence.dialogs_by_call.get(message.call_id, [])
        ends = {frozenset((one.caller, one.callee)) for one in known}
        inside = bool(message.to_tag) and (
            not known or frozenset((message.from_tag or "", message.to_tag or "")) in ends
        )
        seen = f"{message.from_tag}/{message.to_tag}"
        yield rule(inside, event, why="no such dialog", expected="the tags of a dialog", seen=seen, place="To")


@check("rfc3261/s15/callee-bye", "The callee sends BYE neither in an early dialog nor before the ACK of its 2xx.", "rfc3261:15/3c",
       "rfc3261:15/4", needs="a BYE of a callee", role=SERVER)  # fmt: skip
def callee_bye(evidence: Evidence) -> Iterator[Ruling]:
    """What lies before a callee's BYE."""
    for dialog in evidence.dialogs:
        if dialog.method != "INVITE" or dialog.made_by.request.cseq is None:
            continue
        number = dialog.made_by.request.cseq[0]
        acks = [event.number for event, _ in _acks(evidence, dialog, number)]
        for one in dialog.requests(dialog.callee):
            if one.method != "BYE" or not one.judged:
                continue
            accepted_before = dialog.confirmed is not None and dialog.confirmed[0].number < one.event.number
            late = dialog.confirmed is not None and one.event.time - dialog.confirmed[0].time >= GIVEN_UP
            good = accepted_before and (late or any(ack < one.event.number for ack in acks))
            yield rule(
                good,
                dialog.response[0],
                one.event,
                why="too early",
                expected="2xx and ACK first",
                seen="neither or one of them",
            )


def _acks(evidence: Evidence, dialog: Dialog, number: int) -> Iterator[Pair]:
    every = evidence.acks.get(dialog.call_id, [])
    return acknowledgements(every, dialog.call_id, number, dialog.caller)


@check("rfc3261/s15_1_2/bye-answered", "A BYE that matches a dialog gets a 2xx.", "rfc3261:15.1.2/4a",
       "rfc3261:15.1.2/4b",
       needs="a BYE in a dialog that has not ended, with a final response", role=SERVER)  # fmt: skip
def bye_answered(evidence: Evidence) -> Iterator[Ruling]:
    """The final response to the first BYE of a dialog."""
    for dialog in evidence.dialogs:
        byes = [one for one in dialog.transactions if one.method == "BYE"]
        if not byes or byes[0].final is None or byes[0].final[0].direction == "received":
            continue
        event, message = byes[0].final
        challenge = message.status in (401, 407)
        if not challenge:
            good = 200 <= (message.status or 0) < 300
            yield rule(good, byes[0].event, event, why="another answer", expected="a 2xx", seen=message.title)


@check("rfc3261/s15/nothing-after-bye", "After its own BYE was accepted a party starts nothing new in the dialog.", "rfc3261:15.1.1/1",
       needs="a BYE with a 2xx, in a dialog made by INVITE", role=BOTH)  # fmt: skip
def nothing_after_bye(evidence: Evidence) -> Iterator[Ruling]:
    """Requests after it; other usages of the dialog (subscriptions) may go on."""
    for dialog in evidence.dialogs:
        if dialog.method != "INVITE":
            continue
        for bye in dialog.transactions:
            if (
                bye.method != "BYE"
                or bye.final is None
                or not 200 <= (bye.final[1].status or 0) < 300
                or not bye.judged
            ):
                continue
            later = [one for one in dialog.requests(bye.request.from_tag or "")
                     if one.event.number > bye.final[0].number and one.method in ("INVITE", "UPDATE", "INFO", "PRACK")]  # fmt: skip
            if later:
                yield wrong(
                    bye.event,
                    later[0].event,
                    why="a session that ended goes on",
                    expected="nothing",
                    seen=later[0].method,
                )
            else:
                yield right(bye.event)
