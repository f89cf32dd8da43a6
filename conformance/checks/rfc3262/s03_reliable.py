"""Reliable provisional responses (RFC 3262)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction
from conformance.lab.sip import Message
from conformance.lab.sip.value import number_at, pick, text_at

CLIENT, SERVER = "user-agent-client", "user-agent-server"


def reliable(evidence: Evidence) -> Iterator[tuple[Transaction, Seen, Message]]:
    """Every provisional response with RSeq or Require: 100rel, and its transaction."""
    for transaction in evidence.transactions:
        for event, message in transaction.responses:
            marked = message.has("rseq") or "100rel" in message.values("require")
            if marked and 100 <= (message.status or 0) < 200:
                yield transaction, event, message


@check("rfc3262/s03/require-and-rseq", "A reliable provisional response has both Require: 100rel and RSeq.", "rfc3262:3/10a", "rfc3261:8.2.4/6",
       "rfc3262:3/10b", needs="a provisional response with one of the two", role=SERVER)  # fmt: skip
def require_and_rseq(evidence: Evidence) -> Iterator[Ruling]:
    """Both headers."""
    for _, event, message in reliable(evidence):
        if event.direction != "received":
            good = message.has("rseq") and "100rel" in message.values("require")
            seen = f"RSeq {message.lines('rseq')}, Require {message.lines('require')}"
            yield rule(good, event, why="one is missing", expected="both", seen=seen, place="RSeq")


@check("rfc3262/s03/offered", "A provisional response is sent reliably only where the request supports it.", "rfc3262:3/5",
       needs="a reliable provisional response", role=SERVER)  # fmt: skip
def offered(evidence: Evidence) -> Iterator[Ruling]:
    """Supported and Require of the request."""
    for transaction, event, _ in reliable(evidence):
        if event.direction != "received":
            known = [*transaction.request.values("supported"), *transaction.request.values("require")]
            yield rule(
                "100rel" in known,
                transaction.event,
                event,
                why="not offered",
                expected="100rel in the request",
                seen=known,
            )


@check(
    "rfc3262/s03/not-100", "A 100 is never sent reliably.", "rfc3262:3/4", needs="a provisional response", role=SERVER
)
def not_100(evidence: Evidence) -> Iterator[Ruling]:
    """RSeq of 100."""
    for event, message in evidence.responses(100):
        good = not message.has("rseq") and "100rel" not in message.values("require")
        yield rule(good, event, why="a reliable 100", expected="no RSeq", seen=message.lines("rseq"), place="RSeq")


@check("rfc3262/s03/rseq-by-one", "RSeq begins below 2^31 and grows by one.", "rfc3262:3/11", "rfc3262:3/22",
       needs="a reliable provisional response", role=SERVER)  # fmt: skip
def rseq_by_one(evidence: Evidence) -> Iterator[Ruling]:
    """Numbers of one transaction and tag; copies have the same."""
    last: dict[tuple[int, str | None], tuple[Seen, int]] = {}
    for transaction, event, message in reliable(evidence):
        number = number_at(message.first("rseq"))
        if number is None or event.direction == "received":
            continue
        key = (id(transaction), message.to_tag)
        before = last.get(key)
        last[key] = (event, number)
        if before is None:
            yield rule(
                1 <= number < 2**31, event, why="first number", expected="1 to 2^31 - 1", seen=number, place="RSeq"
            )
        elif number != before[1]:
            expected = str(before[1] + 1)
            yield rule(
                number == before[1] + 1, before[0], event, why="RSeq", expected=expected, seen=number, place="RSeq"
            )


@check("rfc3262/s04/prack-matches", "A PRACK names a reliable provisional response by RSeq, CSeq and method.", "rfc3262:4/6",
       "rfc3262:7.2/0", needs="a PRACK in a call whose reliable response was seen", role=CLIENT)  # fmt: skip
def prack_matches(evidence: Evidence) -> Iterator[Ruling]:
    """RAck against RSeq and CSeq of what came before."""
    known: dict[str | None, list[str]] = {}
    for transaction, _, message in reliable(evidence):
        cseq = transaction.request.cseq
        if cseq is not None:
            known.setdefault(message.call_id, []).append(f"{message.first('rseq')} {cseq[0]} {cseq[1]}")
    for event, message in evidence.requests("PRACK"):
        if message.call_id in known:
            rack = message.first("rack")
            got = f"{pick(rack, 'response_number')} {pick(rack, 'cseq_number')} {text_at(rack, 'method')}"
            good = got in known[message.call_id]
            yield rule(
                good,
                event,
                why="names no response",
                expected=" or ".join(known[message.call_id]),
                seen=got,
                place="RAck",
            )


@check("rfc3262/s04/prack-sent", "A reliable provisional response is acknowledged by PRACK.", "rfc3262:4/6",
       needs="a reliable provisional response", role=CLIENT)  # fmt: skip
def prack_sent(evidence: Evidence) -> Iterator[Ruling]:
    """Some PRACK of the call names it; not one behind a gap in the numbers, which must not be acknowledged."""
    last: dict[tuple[str | None, str | None], int] = {}
    pracks = {
        (m.call_id, number_at(m.first("rack"), "response_number")) for _, m in evidence.sip if m.method == "PRACK"
    }
    for transaction, event, message in reliable(evidence):
        number = number_at(message.first("rseq"))
        dialog = message.call_id, message.to_tag
        in_order = number is not None and (dialog not in last or number <= last[dialog] + 1)
        if number is not None and in_order:
            last[dialog] = max(number, last.get(dialog, 0))
        if number is not None and in_order and transaction.judged and transaction.original:
            good = (message.call_id, number) in pracks
            yield rule(
                good,
                transaction.event,
                event,
                why="never acknowledged",
                expected=f"PRACK with RAck {number}",
                seen="none",
            )


@check(
    "rfc3262/s03/prack-answered",
    "A PRACK that matches gets a 2xx.",
    "rfc3262:3/16",
    needs="a PRACK with a final response",
    role=SERVER,
)
def prack_answered(evidence: Evidence) -> Iterator[Ruling]:
    """The final response to the first PRACK that names a response; a challenge only delays it."""
    known: dict[tuple[str | None, str | None, str], bool] = {}
    for transaction, _, message in reliable(evidence):
        cseq = transaction.request.cseq
        if cseq is not None:
            known[message.call_id, message.to_tag, f"{message.first('rseq')} {cseq[0]} {cseq[1]}"] = True
    for transaction in evidence.transactions:
        if transaction.method != "PRACK" or transaction.final is None:
            continue
        event, message = transaction.final
        rack = transaction.request.first("rack")
        named = f"{pick(rack, 'response_number')} {pick(rack, 'cseq_number')} {text_at(rack, 'method')}"
        key = (transaction.request.call_id, transaction.request.to_tag, named)
        if message.status in (401, 407) or not known.get(key) or event.direction == "received":
            continue
        known[key] = False
        good = 200 <= (message.status or 0) < 300
        yield rule(good, transaction.event, event, why="refused", expected="a 2xx", seen=message.title)


@check(
    "rfc3262/s04/require-invite-only",
    "Only INVITE requires 100rel.",
    "rfc3262:4/1",
    needs="a request that requires 100rel",
    role=CLIENT,
)
def require_invite_only(evidence: Evidence) -> Iterator[Ruling]:
    """Methods of requests with Require: 100rel."""
    for event, message in evidence.requests():
        if "100rel" in message.values("require"):
            good = message.method == "INVITE"
            yield rule(good, event, why="another method", expected="INVITE", seen=message.method, place="Require")
