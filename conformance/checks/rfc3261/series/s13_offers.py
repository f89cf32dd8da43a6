"""Offers and answers in the order that INVITEs give them (RFC 3261, sections 13.2.1, 13.3.1 and 14.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3264.descriptions import Description, exchanges, sdp_bodies
from conformance.checks.rfc3264.s05_offer import formats_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong
from conformance.judge.transactions import Pair, Transaction
from conformance.lab.sip import Message
from conformance.lab.sip.value import pick

SERVER = "user-agent-server"


def is_reliable(message: Message) -> bool:
    """Whether a response is a provisional one sent reliably, or a 2xx."""
    return 200 <= (message.status or 0) < 300 or (100 < (message.status or 0) < 200 and message.has("rseq"))


def by_tag(transaction: Transaction) -> dict[str, list[Pair]]:
    """The responses to a request by the tag of their To, in order."""
    found: dict[str, list[Pair]] = {}
    for event, message in transaction.responses:
        if message.to_tag:
            found.setdefault(message.to_tag, []).append((event, message))
    return found


def invites(evidence: Evidence) -> Iterator[tuple[Transaction, list[Pair]]]:
    """Every INVITE with the responses of one server, where the server is judged."""
    for one in evidence.transactions:
        if one.method == "INVITE":
            for pairs in by_tag(one).values():
                if pairs[0][0].direction != "received":
                    yield one, pairs


@check("rfc3261/s13_2_1/offer-in-first-reliable", "Where the INVITE has no offer, the first reliable response has one.",
       "rfc3261:13.2.1/9", "rfc3261:13.3.1/4", "rfc3261:13.3.1.4/3", "rfc3262:5/2", "rfc3262:5/8",
       needs="an INVITE without body and a 2xx or reliable provisional response to it", role=SERVER)  # fmt: skip
def offer_in_first_reliable(evidence: Evidence) -> Iterator[Ruling]:
    """Bodies of such responses; other session descriptions than SDP count, too."""
    for one, pairs in invites(evidence):
        reliable = [pair for pair in pairs if is_reliable(pair[1])]
        if reliable and not one.request.body:
            event, message = reliable[0]
            seen, place = message.title, "body"
            yield rule(
                bool(message.body), one.event, event, why="no offer", expected="an offer", seen=seen, place=place
            )


@check("rfc3261/s13_2_1/no-second-offer", "After the answer, no response to the initial INVITE brings another description.",
       "rfc3261:13.2.1/15", needs="a response to an INVITE after the answer to its offer", role=SERVER)  # fmt: skip
def no_second_offer(evidence: Evidence) -> Iterator[Ruling]:
    """Bodies behind the answer; the answer itself may be repeated."""
    for one, pairs in invites(evidence):
        if not one.initial or not sdp_bodies(one.request):
            continue
        answer: Pair | None = None
        for event, message in pairs:
            bodies = sdp_bodies(message)
            if answer is None:
                answer = (event, message) if bodies and is_reliable(message) else None
                continue
            good = not bodies or bodies == sdp_bodies(answer[1])
            seen = f"another description in {message.title}"
            yield rule(good, answer[0], event, why="a second offer", expected="none", seen=seen, place="body")


@check("rfc3261/s13_3_1_3/warning", "A 488 to an INVITE says in Warning what was not acceptable.", "rfc3261:13.3.1.3/4", "rfc3261:14.2/5",
       needs="a 488 to an INVITE", level="SHOULD", role=SERVER)  # fmt: skip
def warning(evidence: Evidence) -> Iterator[Ruling]:
    """Warning of 488."""
    for event, message in evidence.responses(488, method="INVITE"):
        yield rule(message.has("warning"), event, why="no Warning", expected="Warning", seen="none", place="Warning")


@check("rfc3261/s14_2/offer-overlaps", "An offer in the 2xx to a re-INVITE shares formats with the description before it.",
       "rfc3261:14.2/11", needs="a re-INVITE without offer, answered with one", role=SERVER)  # fmt: skip
def offer_overlaps(evidence: Evidence) -> Iterator[Ruling]:
    """Formats and protocols of the streams that both descriptions of the server have."""
    last: dict[tuple[int, str], Description] = {}
    for one in exchanges(evidence):
        other = one.dialog.callee if one.offerer == one.dialog.caller else one.dialog.caller
        before = last.get((id(one.dialog), one.offerer))
        late = one.offer.event.sip is not None and not one.offer.event.sip.is_request
        if before is not None and late and one.offer.event.direction != "received":
            yield from _overlap(before, one.offer)
        for tag, description in ((one.offerer, one.offer), (other, one.answer)):
            if description is not None:
                last[(id(one.dialog), tag)] = description


def _overlap(before: Description, after: Description) -> Iterator[Ruling]:
    for number in range(min(len(before.media), len(after.media))):
        if pick(before.media[number], "port") == 0 or pick(after.media[number], "port") == 0:
            continue
        old, new = formats_of(before, number), formats_of(after, number)
        place, expected = f"m= {number + 1}", f"one of {sorted(old)}"
        if pick(before.media[number], "protocol") != pick(after.media[number], "protocol"):
            seen = pick(after.media[number], "protocol")
            yield wrong(before.event, after.event, why="another transport", expected="the same", seen=seen, place=place)
        else:
            good = bool(old & new)
            yield rule(
                good,
                before.event,
                after.event,
                why="nothing in common",
                expected=expected,
                seen=sorted(new),
                place=place,
            )
