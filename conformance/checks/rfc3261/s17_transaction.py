"""Transactions (RFC 3261, section 17)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.s08_2_6_response import same_address
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction, request_key
from conformance.lab.sip import Message
from conformance.run.model import Level

CLIENT, SERVER = "user-agent-client", "user-agent-server"
NEEDS = "an ACK of a refused INVITE"
T1 = 0.5
"""Seconds (section 17.1.1.1)."""


def refused_acks(evidence: Evidence) -> Iterator[tuple[Transaction, Message, Seen, Message]]:
    """Every judged ACK of a response from 300 to 699, with the INVITE and that response.

    Where the same INVITE went to several servers one after the other, an ACK with the branch of one attempt is not that of another.
    """
    branches = {request_key(one.request, ""): one for one in evidence.transactions if one.method == "INVITE"}
    for transaction in evidence.transactions:
        final = transaction.final
        if transaction.method != "INVITE" or final is None or (final[1].status or 0) < 300:
            continue
        number = transaction.request.cseq[0] if transaction.request.cseq else None
        for event, ack in evidence.acks.get(transaction.request.call_id, []):
            same_hop = event.source == transaction.event.source and event.number > final[0].number
            elsewhere = branches.get(request_key(ack, ""), transaction) is not transaction
            if same_hop and not elsewhere and event.direction != "received" and ack.cseq and ack.cseq[0] == number:
                yield transaction, final[1], event, ack


@check("rfc3261/s17_1_1_3/ack-present", "A client acknowledges every final response from 300 to 699 to its INVITE.",
       "rfc3261:17.1.1.2/19b", needs="a refused INVITE", role=CLIENT)  # fmt: skip
def ack_present(evidence: Evidence) -> Iterator[Ruling]:
    """An ACK follows."""
    last = evidence.events[-1].time if evidence.events else 0.0
    known = {id(transaction) for transaction, *_ in refused_acks(evidence)}
    for transaction in evidence.transactions:
        final = transaction.final
        if transaction.method != "INVITE" or final is None or (final[1].status or 0) < 300 or not transaction.judged:
            continue
        if id(transaction) not in known and last - final[0].time < 0.5:
            yield unclear(final[0], why="the capture ends before an ACK could be seen")
            continue
        yield rule(id(transaction) in known, transaction.event, final[0], why="no ACK", expected="ACK", seen="none")


@check("rfc3261/s17_1_1_3/ack-identical", "The ACK of a refused INVITE has its Call-ID, From, Request-URI and sequence number.",
       "rfc3261:17.1.1.3/2", "rfc3261:17.1.1.3/5a", needs=NEEDS, role=CLIENT)  # fmt: skip
def ack_identical(evidence: Evidence) -> Iterator[Ruling]:
    """The INVITE and its ACK side by side."""
    for transaction, _, event, ack in refused_acks(evidence):
        request = transaction.request
        differing = [name for name, same in (
            ("Request-URI", request.request_uri == ack.request_uri),
            ("From", same_address(request.first("from"), ack.first("from"))),
        ) if not same]  # fmt: skip
        why = f"another {', '.join(differing)}"
        expected, seen = f"{request.request_uri} {request.lines('from')}", f"{ack.request_uri} {ack.lines('from')}"
        yield rule(
            not differing, transaction.event, event, why=why, expected=expected, seen=seen, place=", ".join(differing)
        )


@check(
    "rfc3261/s17_1_1_3/ack-to",
    "The ACK of a refused INVITE has the To of the response.",
    "rfc3261:17.1.1.3/3",
    needs=NEEDS,
    role=CLIENT,
)
def ack_to(evidence: Evidence) -> Iterator[Ruling]:
    """To of response and ACK."""
    for transaction, response, event, ack in refused_acks(evidence):
        good = same_address(response.first("to"), ack.first("to"))
        expected = str(response.lines("to"))
        yield rule(
            good, transaction.event, event, why="another To", expected=expected, seen=ack.lines("to"), place="To"
        )


@check("rfc3261/s17_1_1_3/ack-via", "The ACK of a refused INVITE has one Via, the topmost of the INVITE.", "rfc3261:17.1.1.3/4a",
       "rfc3261:17.1.1.3/4b", "rfc3261:16.6/60",
       needs=NEEDS, role=CLIENT)  # fmt: skip
def ack_via(evidence: Evidence) -> Iterator[Ruling]:
    """Via of INVITE and ACK."""
    for transaction, _, event, ack in refused_acks(evidence):
        same = request_key(transaction.request, "") == request_key(ack, "")
        good = same and len(ack.values("via")) == 1
        expected = str(transaction.request.lines("via")[:1])
        yield rule(
            good, transaction.event, event, why="another Via", expected=expected, seen=ack.lines("via"), place="Via"
        )


@check("rfc3261/s17_1_1_3/ack-route", "The ACK of a refused INVITE has its Route.", "rfc3261:17.1.1.3/6",
       needs=NEEDS + " with Route", role=CLIENT)  # fmt: skip
def ack_route(evidence: Evidence) -> Iterator[Ruling]:
    """Route of INVITE and ACK."""
    for transaction, _, event, ack in refused_acks(evidence):
        wanted = transaction.request.values("route")
        if wanted:
            good = ack.values("route") == wanted
            expected = str(transaction.request.lines("route"))
            yield rule(
                good,
                transaction.event,
                event,
                why="another Route",
                expected=expected,
                seen=ack.lines("route"),
                place="Route",
            )


@check("rfc3261/s17_1/identical-copies", "A request that is sent again is the same request.", "rfc3261:17.1.1.2/6a",
       "rfc3261:17.1.2.2/3", needs="a retransmission", role=CLIENT)  # fmt: skip
def identical_copies(evidence: Evidence) -> Iterator[Ruling]:
    """Octet for octet."""
    for transaction in evidence.transactions:
        for event, message in transaction.copies:
            if event.direction != "received":
                good = message.received == transaction.request.received
                seen = _difference(transaction.request, message)
                yield rule(
                    good,
                    transaction.event,
                    event,
                    why="another request with the same branch",
                    expected="a copy",
                    seen=seen,
                )


def _difference(one: Message, other: Message) -> str:
    if one.title != other.title:
        return other.title
    first, second = one.received.split(b"\r\n"), other.received.split(b"\r\n")
    for line, again in zip(first, second, strict=False):
        if line != again:
            return again.decode("utf-8", "replace")
    return f"{len(other.received)} bytes where there were {len(one.received)}"


@check("rfc3261/s17_1_1_2/backoff", "An INVITE over UDP is repeated at intervals that double from T1.", "rfc3261:17.1.1.2/8",
       "rfc3261:17.1.1.2/12", "rfc3261:17.1.1.2/6b", "rfc3261:17.1.1.2/7",
       needs="an INVITE over UDP that was sent at least twice", role=CLIENT)  # fmt: skip
def backoff(evidence: Evidence) -> Iterator[Ruling]:
    """Intervals, with a tolerance of a fifth for the machine that recorded them; a network of one's own may have a smaller T1."""
    for transaction in evidence.transactions:
        over_udp = transaction.method == "INVITE" and transaction.event.transport == "udp"
        events = [transaction.event, *(event for event, _ in transaction.copies)]
        if not over_udp or not transaction.judged or len(events) < 2:
            continue
        waits = [after.time - before.time for before, after in zip(events, events[1:], strict=False)]
        for number, wait in enumerate(waits):
            wanted = 2 * waits[number - 1] if number else T1
            pair, expected, seen = (
                events[number : number + 2],
                f"{wanted:.3f} seconds later",
                f"{wait:.3f} seconds later",
            )
            if number == 0 and wait < wanted * 0.8:
                yield wrong(*pair, why="a T1 below 500 ms", expected=expected, seen=seen, level=Level.SHOULD)
            else:
                yield rule(wait >= wanted * 0.8, *pair, why="too early", expected=expected, seen=seen)


@check("rfc3261/s17_1_1_2/no-copy-after-provisional", "Once a provisional response came, an INVITE is not repeated.",
       "rfc3261:17.1.1.2/15", "rfc3261:17.1.1.2/9",
       needs="a retransmission of an INVITE", level="SHOULD", role=CLIENT)  # fmt: skip
def no_copy_after_provisional(evidence: Evidence) -> Iterator[Ruling]:
    """Copies behind a response."""
    for transaction in evidence.transactions:
        if transaction.method != "INVITE" or not transaction.judged:
            continue
        for event, _ in transaction.copies:
            before = [other for other, _ in transaction.responses if other.time < event.time - 0.1]
            yield rule(
                not before, transaction.event, event, why="repeated after a response", expected="no copy", seen="a copy"
            )


@check("rfc3261/s17_2/one-final", "A request gets one final response; sent again, it is the same.", "rfc3261:17.2.1/8a",
       "rfc3261:17.2.2/5a", "rfc3261:17.2.2/5b", "rfc3261:17.2.2/8",
       needs="a final response", role=SERVER)  # fmt: skip
def one_final(evidence: Evidence) -> Iterator[Ruling]:
    """Final responses of one server to one request; a forked INVITE may have several 2xx."""
    for transaction in evidence.transactions:
        finals = [(e, m) for e, m in transaction.responses if (m.status or 0) >= 200 and e.direction != "received"]
        for number, (event, message) in enumerate(finals):
            first_event, first = finals[0]
            forked = transaction.method == "INVITE" and (message.status or 0) < 300 and message.to_tag != first.to_tag
            if number == 0 or forked:
                yield right(event)
            elif message.status != first.status:
                yield wrong(first_event, event, why="another final response", expected=first.title, seen=message.title)
            else:
                good = message.received == first.received
                yield rule(
                    good,
                    first_event,
                    event,
                    why="not the same again",
                    expected="a copy",
                    seen=_difference(first, message),
                )


@check("rfc3261/s17_2/no-provisional-after-final", "No provisional response after a final one.", "rfc3261:17.2.1/0", "rfc3261:17.2.2/0",
       "rfc3262:3/27",
       needs="a transaction with a final response", role=SERVER)  # fmt: skip
def no_provisional_after_final(evidence: Evidence) -> Iterator[Ruling]:
    """The order of responses of one tag."""
    for transaction in evidence.transactions:
        final = transaction.final
        if final is None or final[0].direction == "received":
            continue
        late = [(e, m) for e, m in transaction.responses if (m.status or 0) < 200 and e.number > final[0].number
                and m.to_tag in (None, final[1].to_tag)]  # fmt: skip
        if late:
            yield wrong(
                final[0], late[0][0], why="a provisional response too late", expected="none", seen=late[0][1].title
            )
        else:
            yield right(final[0])


@check("rfc3261/s17_2/answered", "A request gets a final response.", "rfc3261:8.2.6.1/2", "rfc3261:17.1/1",
       needs="a request other than INVITE and ACK, seen 32 seconds before the end or answered", level="SHOULD", role=SERVER)  # fmt: skip
def answered(evidence: Evidence) -> Iterator[Ruling]:
    """Requests other than INVITE; the end of the capture excuses."""
    last = evidence.events[-1].time if evidence.events else 0.0
    for transaction in evidence.transactions:
        if transaction.method == "INVITE" or transaction.event.direction == "sent":
            continue
        if transaction.final is not None:
            yield right(transaction.event, transaction.final[0])
        elif last - transaction.event.time >= 32:
            yield wrong(transaction.event, why="never answered", expected="a final response", seen="none")
        else:
            yield unclear(transaction.event, why="the capture ends before the answer")


@check("rfc3261/s17_1_1_2/no-copy-on-stream", "Over a reliable transport an INVITE is not repeated.", "rfc3261:17.1.1.2/4",
       needs="an INVITE over TCP", level="SHOULD", role=CLIENT)  # fmt: skip
def no_copy_on_stream(evidence: Evidence) -> Iterator[Ruling]:
    """Copies on streams."""
    for transaction in evidence.transactions:
        if transaction.method == "INVITE" and transaction.event.transport == "tcp" and transaction.judged:
            copies = [event for event, _ in transaction.copies]
            seen = f"{len(copies)} copies"
            yield rule(not copies, transaction.event, *copies[:1], why="repeated", expected="no copy", seen=seen)


@check("rfc3261/s17_1_1_2/ack-destination", "The ACK of a refused INVITE goes where the INVITE went.", "rfc3261:17.1.1.2/20", needs=NEEDS,
       role=CLIENT)  # fmt: skip
def ack_destination(evidence: Evidence) -> Iterator[Ruling]:
    """Destination and transport of both."""
    for transaction, _, event, _ in refused_acks(evidence):
        if event.destination:
            wanted = f"{transaction.event.destination} over {transaction.event.transport}"
            seen = f"{event.destination} over {event.transport}"
            yield rule(seen == wanted, transaction.event, event, why="sent elsewhere", expected=wanted, seen=seen)


@check("rfc3261/s17_1_1_3/ack-without-body", "The ACK of a refused INVITE has no body.", "rfc3261:17.1.1.3/8", needs=NEEDS, level="SHOULD",
       role=CLIENT)  # fmt: skip
def ack_without_body(evidence: Evidence) -> Iterator[Ruling]:
    """Bodies of such ACKs."""
    for transaction, _, event, ack in refused_acks(evidence):
        seen = f"{len(ack.body)} bytes"
        yield rule(not ack.body, transaction.event, event, why="a body", expected="none", seen=seen, place="body")


@check("rfc3261/s17_2_1/no-tag-in-100", "A 100 to an INVITE without To tag has none either.", "rfc3261:17.2.1/2b",
       needs="a 100 to an INVITE without To tag", level="SHOULD", role=SERVER)  # fmt: skip
def no_tag_in_100(evidence: Evidence) -> Iterator[Ruling]:
    """To of every 100."""
    for transaction in evidence.transactions:
        for event, message in transaction.responses:
            if (
                message.status == 100
                and transaction.initial
                and transaction.method == "INVITE"
                and event.direction != "received"
            ):
                tag = message.to_tag
                yield rule(tag is None, transaction.event, event, why="a tag", expected="none", seen=tag, place="To")
