"""The order of reliable provisional responses, PRACKs and final responses (RFC 3262, sections 3 to 5)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3262.s03_reliable import reliable
from conformance.checks.rfc3264.descriptions import sdp_bodies
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.seen import Seen
from conformance.judge.transactions import Pair, Transaction
from conformance.lab.sip import Message
from conformance.lab.sip.value import number_at, text_at

CLIENT, SERVER = "user-agent-client", "user-agent-server"

Series = dict[int, tuple[Seen, Message]]


def series(evidence: Evidence) -> Iterator[tuple[Transaction, Series]]:
    """Every INVITE with the reliable responses of one tag, each number once."""
    found: dict[tuple[int, str | None], tuple[Transaction, Series]] = {}
    for transaction, event, message in reliable(evidence):
        number = number_at(message.first("rseq"))
        if number is not None:
            _, responses = found.setdefault((id(transaction), message.to_tag), (transaction, {}))
            responses.setdefault(number, (event, message))
    yield from found.values()


def pracks(evidence: Evidence, transaction: Transaction, number: int) -> list[Transaction]:
    """The PRACKs that name a response of an INVITE, on their originator's hop."""
    cseq = transaction.request.cseq
    found = []
    for one in evidence.calls.get(transaction.request.call_id, []):
        rack = one.request.first("rack")
        named = (number_at(rack, "response_number"), number_at(rack, "cseq_number"), text_at(rack, "method"))
        if one.method == "PRACK" and cseq is not None and named == (number, *cseq):
            found.append(one)
    return found


@check("rfc3262/s03/required-reliable", "Where the INVITE requires 100rel, provisional responses other than 100 are reliable.",
       "rfc3262:3/2", needs="a provisional response other than 100 to an INVITE that requires 100rel", role=SERVER)  # fmt: skip
def required_reliable(evidence: Evidence) -> Iterator[Ruling]:
    """RSeq of such responses."""
    for transaction in evidence.transactions:
        if transaction.method != "INVITE" or "100rel" not in transaction.request.values("require"):
            continue
        for event, message in transaction.responses:
            if 100 < (message.status or 0) < 200 and event.direction != "received":
                good, expected = message.has("rseq"), "RSeq and Require: 100rel"
                seen = f"{message.title} without"
                yield rule(
                    good, transaction.event, event, why="not reliable", expected=expected, seen=seen, place="RSeq"
                )


def _one_by_one(evidence: Evidence, *, first: bool) -> Iterator[Ruling]:
    for transaction, responses in series(evidence):
        ordered = sorted(responses.items(), key=lambda one: one[1][0].number)
        for place, ((number, (before, _)), (_, (event, _))) in enumerate(zip(ordered, ordered[1:], strict=False)):
            if (place == 0) is first and event.direction != "received":
                good = any(one.event.number < event.number for one in pracks(evidence, transaction, number))
                why, expected = "one is not acknowledged yet", f"a PRACK of {number} first"
                yield rule(good, before, event, why=why, expected=expected, seen="none")


@check("rfc3262/s03/first-acknowledged", "The second reliable response waits for the PRACK of the first.", "rfc3262:3/20",
       needs="two reliable responses to one INVITE", role=SERVER)  # fmt: skip
def first_acknowledged(evidence: Evidence) -> Iterator[Ruling]:
    """A PRACK lies between the first two."""
    return _one_by_one(evidence, first=True)


@check("rfc3262/s03/each-acknowledged", "Each further reliable response waits for the PRACK of the one before.", "rfc3262:3/21",
       needs="three reliable responses to one INVITE", level="SHOULD", role=SERVER)  # fmt: skip
def each_acknowledged(evidence: Evidence) -> Iterator[Ruling]:
    """A PRACK lies between any two behind the first."""
    return _one_by_one(evidence, first=False)


@check("rfc3262/s03/description-acknowledged", "A 2xx waits for the PRACKs of reliable responses with a description.", "rfc3262:3/25",
       "rfc3262:5/7", needs="a 2xx after a reliable response with a session description", role=SERVER)  # fmt: skip
def description_acknowledged(evidence: Evidence) -> Iterator[Ruling]:
    """PRACKs between such responses and the 2xx."""
    for transaction, responses in series(evidence):
        for number, (before, message) in responses.items():
            taken = _accepted(transaction, message.to_tag)
            if taken is not None and sdp_bodies(message) and taken[0].direction != "received":
                good = any(one.event.number < taken[0].number for one in pracks(evidence, transaction, number))
                why, expected = "a description is not acknowledged yet", f"a PRACK of {number} first"
                yield rule(good, before, taken[0], why=why, expected=expected, seen="none")


def _accepted(transaction: Transaction, tag: str | None) -> Pair | None:
    good = (pair for pair in transaction.responses if 200 <= (pair[1].status or 0) < 300 and pair[1].to_tag == tag)
    return next(good, None)


@check("rfc3262/s04/prack-in-dialog", "A PRACK belongs to the dialog of the response it names.", "rfc3262:4/5",
       needs="a PRACK whose response was seen", role=CLIENT)  # fmt: skip
def prack_in_dialog(evidence: Evidence) -> Iterator[Ruling]:
    """The tag of To in both; a response without tag makes no dialog."""
    for transaction, responses in series(evidence):
        for number, (before, message) in responses.items():
            for one in pracks(evidence, transaction, number):
                if one.judged:
                    wanted, got = message.to_tag, one.request.to_tag
                    good = wanted is not None and wanted == got
                    expected = wanted or "a response that makes a dialog"
                    yield rule(good, before, one.event, why="another dialog", expected=expected, seen=got, place="To")


@check("rfc3262/s04/prack-once", "A response that comes again is not acknowledged by another PRACK.", "rfc3262:4/8", needs="a PRACK",
       level="SHOULD", role=CLIENT)  # fmt: skip
def prack_once(evidence: Evidence) -> Iterator[Ruling]:
    """PRACKs with the same RAck; one sent again with new credentials is another matter."""
    for transaction, responses in series(evidence):
        for number in responses:
            sent = [one for one in pracks(evidence, transaction, number) if one.judged and one.original]
            if sent:
                challenged = any(one.final and one.final[1].status in (401, 407) for one in sent)
                good, seen = len(sent) == 1 or challenged, f"{len(sent)} PRACKs"
                yield rule(
                    good,
                    sent[0].event,
                    sent[-1].event,
                    why="acknowledged twice",
                    expected="one PRACK",
                    seen=seen,
                    place="RAck",
                )


@check("rfc3262/s05/answer-in-prack", "An offer in a reliable response is answered in its PRACK.", "rfc3262:5/3", "rfc3262:5/8",
       needs="a PRACK of a reliable response with an offer", role=CLIENT)  # fmt: skip
def answer_in_prack(evidence: Evidence) -> Iterator[Ruling]:
    """Bodies of PRACKs, where the INVITE had no offer."""
    for transaction, responses in series(evidence):
        if transaction.request.body:
            continue
        offers = [(number, event) for number, (event, message) in responses.items() if sdp_bodies(message)]
        for number, before in offers[:1]:
            for one in pracks(evidence, transaction, number):
                if one.judged:
                    good, place = bool(sdp_bodies(one.request)), "body"
                    yield rule(
                        good, before, one.event, why="no answer", expected="a description", seen="none", place=place
                    )


@check("rfc3262/s05/prack-offer-answered", "An offer in a PRACK is answered in its 2xx.", "rfc3262:5/5", "rfc3262:5/8",
       needs="a PRACK with an offer and a 2xx", role=SERVER)  # fmt: skip
def prack_offer_answered(evidence: Evidence) -> Iterator[Ruling]:
    """Bodies of the 2xx, where INVITE and response had their exchange before."""
    for transaction, responses in series(evidence):
        for number in responses if sdp_bodies(transaction.request) else ():
            for one in pracks(evidence, transaction, number):
                done = one.final
                if (
                    sdp_bodies(one.request)
                    and done
                    and 200 <= (done[1].status or 0) < 300
                    and done[0].direction != "received"
                ):
                    good, place = bool(sdp_bodies(done[1])), "body"
                    yield rule(
                        good, one.event, done[0], why="no answer", expected="a description", seen="none", place=place
                    )
