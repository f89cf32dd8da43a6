"""What a response copies from its request (RFC 3261, sections 8.2.4 and 8.2.6)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.value import Json, pick, text_at

SERVER = "user-agent-server"
NEEDS = "a response whose request was seen"


def answers(evidence: Evidence) -> Iterator[tuple[Transaction, Seen, Message]]:
    """Every judged response with its transaction."""
    for transaction in evidence.transactions:
        for event, message in transaction.responses:
            if event.direction != "received":
                yield transaction, event, message


def same_address(one: Json, other: Json) -> bool:
    """Whether two From or To values have the same URI and the same tag."""
    tags = text_at(one, "parameters", "tag") == text_at(other, "parameters", "tag")
    return tags and uri_text(pick(one, "uri")) == uri_text(pick(other, "uri"))


@check(
    "rfc3261/s08_2_6_2/from-copied",
    "A response has the From of its request.",
    "rfc3261:8.2.6.2/1",
    needs=NEEDS,
    role=SERVER,
)
def from_copied(evidence: Evidence) -> Iterator[Ruling]:
    """From on both sides."""
    for transaction, event, message in answers(evidence):
        good = same_address(transaction.request.first("from"), message.first("from"))
        expected = str(transaction.request.lines("from"))
        yield rule(
            good,
            transaction.event,
            event,
            why="another From",
            expected=expected,
            seen=message.lines("from"),
            place="From",
        )


@check("rfc3261/s08_2_6_2/call-id-copied", "A response has the Call-ID of its request.", "rfc3261:8.2.6.2/2", needs=NEEDS,
       role=SERVER)  # fmt: skip
def call_id_copied(evidence: Evidence) -> Iterator[Ruling]:
    """Call-ID on both sides."""
    for transaction, event, message in answers(evidence):
        wanted = transaction.request.call_id
        good = wanted == message.call_id
        yield rule(
            good,
            transaction.event,
            event,
            why="another Call-ID",
            expected=str(wanted),
            seen=message.call_id,
            place="Call-ID",
        )


@check(
    "rfc3261/s08_2_6_2/cseq-copied",
    "A response has the CSeq of its request.",
    "rfc3261:8.2.6.2/3",
    needs=NEEDS,
    role=SERVER,
)
def cseq_copied(evidence: Evidence) -> Iterator[Ruling]:
    """CSeq on both sides."""
    for transaction, event, message in answers(evidence):
        wanted = transaction.request.cseq
        yield rule(
            wanted == message.cseq,
            transaction.event,
            event,
            why="another CSeq",
            expected=str(wanted),
            seen=message.cseq,
            place="CSeq",
        )


@check("rfc3261/s08_2_6_2/via-copied", "A response has the Via values of its request, in their order.", "rfc3261:8.2.6.2/4a",
       "rfc3261:8.2.6.2/4b", needs=NEEDS, role=SERVER)  # fmt: skip
def via_copied(evidence: Evidence) -> Iterator[Ruling]:
    """Hosts, ports and branches of all Vias; what transports add (received, rport) is left out."""
    for transaction, event, message in answers(evidence):
        wanted, got = _vias(transaction.request), _vias(message)
        yield rule(
            wanted == got, transaction.event, event, why="other Via values", expected=str(wanted), seen=got, place="Via"
        )


def _vias(message: Message) -> list[str]:
    found = []
    for via in message.values("via"):
        branch = text_at(via, "parameters", "branch")
        found.append(f"{pick(via, 'transport')} {pick(via, 'host')}:{pick(via, 'port')} {branch}")
    return found


@check("rfc3261/s08_2_6_2/to-copied", "A response to a request with a To tag has the same To.", "rfc3261:8.2.6.2/5",
       needs="a response to a request with a To tag", role=SERVER)  # fmt: skip
def to_copied(evidence: Evidence) -> Iterator[Ruling]:
    """To on both sides."""
    for transaction, event, message in answers(evidence):
        if not transaction.initial:
            good = same_address(transaction.request.first("to"), message.first("to"))
            expected = str(transaction.request.lines("to"))
            yield rule(
                good,
                transaction.event,
                event,
                why="another To",
                expected=expected,
                seen=message.lines("to"),
                place="To",
            )


@check("rfc3261/s08_2_6_2/to-uri", "A response to a request without a To tag has the same URI in To.", "rfc3261:8.2.6.2/6a",
       needs="a response to a request without a To tag", role=SERVER)  # fmt: skip
def to_uri(evidence: Evidence) -> Iterator[Ruling]:
    """The URI of To on both sides."""
    for transaction, event, message in answers(evidence):
        if transaction.initial:
            wanted = uri_text(pick(transaction.request.first("to"), "uri"))
            got = uri_text(pick(message.first("to"), "uri"))
            yield rule(
                wanted == got, transaction.event, event, why="another URI", expected=wanted, seen=got, place="To"
            )


@check("rfc3261/s08_2_6_2/to-tag", "Every response other than 100 has a To tag.", "rfc3261:8.2.6.2/6b", needs="a response",
       role=SERVER)  # fmt: skip
def to_tag(evidence: Evidence) -> Iterator[Ruling]:
    """To of every response."""
    for event, message in evidence.responses():
        if message.status != 100:
            yield rule(
                bool(message.to_tag),
                event,
                why=f"{message.title} without To tag",
                expected="a tag",
                seen=message.lines("to"),
                place="To",
            )


@check("rfc3261/s08_2_6_2/same-tag", "One user agent server answers one request with one tag.", "rfc3261:8.2.6.2/7",
       "rfc3261:13.3.1.1/2",
       needs="two responses of one server to one request", role=SERVER)  # fmt: skip
def same_tag(evidence: Evidence) -> Iterator[Ruling]:
    """Responses that bear the same Contact come from the same server; others may come from a forked request."""
    for transaction in evidence.transactions:
        known: dict[str, tuple[Seen, str | None]] = {}
        for event, message in transaction.responses:
            if message.status == 100 or event.direction == "received" or not transaction.initial:
                continue
            server = uri_text(pick(message.first("contact"), "uri"))
            if not server:
                continue
            first, tag = known.setdefault(server, (event, message.to_tag))
            if first is event:
                continue
            good = tag == message.to_tag
            yield rule(good, first, event, why="another tag", expected=str(tag), seen=message.to_tag, place="To")


@check("rfc3261/s08_2_6_1/no-provisional", "No provisional response to a request other than INVITE.", "rfc3261:8.2.6.1/1",
       needs="a response to a request other than INVITE", level="SHOULD", role=SERVER)  # fmt: skip
def no_provisional(evidence: Evidence) -> Iterator[Ruling]:
    """Responses by method."""
    for event, message in evidence.responses():
        if message.cseq is not None and message.cseq[1] != "INVITE":
            good = (message.status or 0) >= 200
            yield rule(
                good, event, why=f"provisional to {message.cseq[1]}", expected="a final response", seen=message.title
            )


@check("rfc3261/s08_2_6_1/timestamp", "A 100 copies the Timestamp of its request.", "rfc3261:8.2.6.1/3",
       needs="a 100 to a request with Timestamp", role=SERVER)  # fmt: skip
def timestamp(evidence: Evidence) -> Iterator[Ruling]:
    """Timestamp on both sides."""
    for transaction, event, message in answers(evidence):
        wanted = text_at(transaction.request.first("timestamp"), "timestamp")
        if message.status == 100 and wanted is not None:
            got = text_at(message.first("timestamp"), "timestamp")
            yield rule(
                wanted == got,
                transaction.event,
                event,
                why="another Timestamp",
                expected=wanted,
                seen=got,
                place="Timestamp",
            )


def _delayed(evidence: Evidence) -> Iterator[tuple[Transaction, Seen, float, float | None]]:
    """Every 100 to a request with Timestamp, the seconds that it took, and those that it tells; copies are left out."""
    for transaction, event, message in answers(evidence):
        if message.status != 100 or not transaction.request.has("timestamp") or not message.has("timestamp"):
            continue
        if any(copy.number < event.number for copy, _ in transaction.copies):
            continue
        told = text_at(message.first("timestamp"), "delay")
        yield transaction, event, event.time - transaction.event.time, None if told is None else float(told or 0)


LATE = ("proxy/provisional-copies",)


@check("rfc3261/s08_2_6_1/delay-told", "A 100 that took time tells the delay behind the Timestamp.", "rfc3261:8.2.6.1/4", level="SHOULD",
       needs="a 100 that does not come at once, to a request with Timestamp", role=SERVER, scenarios=LATE)  # fmt: skip
def delay_told(evidence: Evidence) -> Iterator[Ruling]:
    """Timestamp of what came later than the slack of a timer."""
    slack = evidence.play.slack if evidence.play else 0.0
    for transaction, event, took, told in _delayed(evidence):
        if took > 0.1 + slack:
            why, expected = "no delay", f"{took:.3f}"
            yield rule(
                told is not None, transaction.event, event, why=why, expected=expected, seen=told, place="Timestamp"
            )


@check("rfc3261/s08_2_6_1/delay-true", "The delay behind a Timestamp is the time from the request to its response, in seconds.",
       "rfc3261:8.2.6.1/5", needs="a 100 with a delay behind its Timestamp", role=SERVER, scenarios=LATE)  # fmt: skip
def delay_true(evidence: Evidence) -> Iterator[Ruling]:
    """The delay against the time that passed."""
    slack = evidence.play.slack if evidence.play else 0.0
    for transaction, event, took, told in _delayed(evidence):
        if told is not None:
            good, expected = abs(told - took) <= 0.1 + slack, f"{took:.3f}"
            yield rule(good, transaction.event, event, why="the delay", expected=expected, seen=told, place="Timestamp")


@check("rfc3261/s08_2_4/extension-supported", "A response requires no extension that its request does not support.",
       "rfc3261:8.2.4/1", "rfc3261:8.2.4/7", needs="a response with Require, other than 421", role=SERVER)  # fmt: skip
def extension_supported(evidence: Evidence) -> Iterator[Ruling]:
    """Require of responses against Supported and Require of their requests."""
    for transaction, event, message in answers(evidence):
        required = message.values("require")
        if not required or message.status == 421:
            continue
        offered = [*transaction.request.values("supported"), *transaction.request.values("require")]
        missing = [tag for tag in required if tag not in offered]
        if missing:
            yield wrong(
                transaction.event,
                event,
                why="an extension nobody offered",
                expected=str(offered),
                seen=missing,
                place="Require",
            )
        else:
            yield right(event)


@check("rfc3261/s07_4_1/not-multipart", "A session description goes alone, and not inside a multipart body, to whom has an Accept without multipart.",
       "rfc3261:7.4.1/4", needs="a session description in answer to a request whose Accept lists no multipart type", role=SERVER)  # fmt: skip
def not_multipart(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Type of the response against Accept of its request."""
    for transaction, event, message in answers(evidence):
        accepted = transaction.request.values("accept")
        if not accepted or b"v=0" not in message.body:
            continue
        if any(text_at(one, "type") in ("multipart", "*") for one in accepted):
            continue
        good = text_at(message.first("content-type"), "type") != "multipart"
        seen = ", ".join(message.lines("content-type"))
        why, place = "inside of several parts", "Content-Type"
        yield rule(good, transaction.event, event, why=why, expected="application/sdp", seen=seen, place=place)
