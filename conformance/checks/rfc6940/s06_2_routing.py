"""Requests and their answers, and messages on two hops (RFC 6940, sections 6.1, 6.2 and 6.3.3.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import ERROR, Asked, asked, code_of, destinations, hops, messages
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.reload import Message

PEER = "peer"
NEEDS = "a request with its answer"
MOST_SENT = 5
"""Times a request is sent at most (section 6.2.1)."""


def answers(evidence: Evidence) -> Iterator[tuple[Asked, Seen, Message]]:
    """Every judged answer with its request."""
    for one in asked(evidence):
        for event, message in one.answers:
            if event.direction != "received":
                yield one, event, message


@check("rfc6940/s06_3_3_1/answer-code", "An answer has the code of its request plus one, or 0xffff.", "rfc6940:6.3.3.1/2",
       "rfc6940:6.3.3.1/3a", "rfc6940:6.3.3.1/1", needs=NEEDS, role=PEER, protocol="reload")  # fmt: skip
def answer_code(evidence: Evidence) -> Iterator[Ruling]:
    """Codes of both; Attach is asked and answered with the same struct under two codes."""
    for one, event, message in answers(evidence):
        wanted, got = one.code + 1, code_of(message)
        expected = f"{wanted} or 65535"
        yield rule(
            got in (wanted, ERROR),
            one.event,
            event,
            why="another code",
            expected=expected,
            seen=got,
            place="message_code",
        )


@check("rfc6940/s06_2_2/destination-reversed", "An answer goes back along the reversed Via List of its request.", "rfc6940:6.2.2/1",
       "rfc6940:6.1.2/7", needs=NEEDS, role=PEER, protocol="reload")  # fmt: skip
def destination_reversed(evidence: Evidence) -> Iterator[Ruling]:
    """Destination List of the answer; the node it is sent to may stand before the rest."""
    for one, event, message in answers(evidence):
        wanted = list(reversed(destinations(one.request.header["via_list"])))
        got = destinations(message.header["destination_list"])
        if any(rules.member(entry, "type") == "opaque_id_type" for entry in got):
            yield unclear(event, why="an opaque ID stands for a part of the list")
            continue
        rest = got[1:] if len(got) == len(wanted) + 1 else got
        good = rest == wanted and bool(got or not wanted)
        yield rule(
            good, one.event, event, why="another way back", expected=str(wanted), seen=got, place="destination_list"
        )


@check("rfc6940/s06_2_1/transaction-unique", "Two different requests of a node have different transaction IDs.", "rfc6940:6.3.2/11",
       needs="two requests of one node", role=PEER, protocol="reload")  # fmt: skip
def transaction_unique(evidence: Evidence) -> Iterator[Ruling]:
    """Contents of requests with the same ID on the same hop."""
    known: dict[tuple[str, str, str], tuple[Seen, Message]] = {}
    for event, message in messages(evidence):
        if event.direction == "received" or code_of(message) % 2 == 0 or code_of(message) == ERROR:
            continue
        key = (event.source, event.destination, str(message.header["transaction_id"]))
        first, other = known.setdefault(key, (event, message))
        if first is event:
            yield right(event)
        elif message.bytes_of("message_contents") != other.bytes_of("message_contents"):
            yield wrong(
                first, event, why="one ID for two requests", expected="another ID", seen=key[2], place="transaction_id"
            )


@check("rfc6940/s06_2_1/five-times", "A request is sent five times at most.", "rfc6940:6.2.1/10", needs="a request that was sent again",
       role=PEER, protocol="reload")  # fmt: skip
def five_times(evidence: Evidence) -> Iterator[Ruling]:
    """Copies of a request on its first hop."""
    for one in asked(evidence):
        if one.copies and one.event.direction != "received" and not destinations(one.request.header["via_list"]):
            count = 1 + len(one.copies)
            last = one.copies[-1][0]
            yield rule(
                count <= MOST_SENT, one.event, last, why="too often", expected=f"at most {MOST_SENT}", seen=count
            )


@check("rfc6940/s06_1_2/ttl-decremented", "A peer that forwards takes one off the TTL.", "rfc6940:6.3.2/5",
       needs="a message on two hops", role=PEER, protocol="reload")  # fmt: skip
def ttl_decremented(evidence: Evidence) -> Iterator[Ruling]:
    """TTL on both hops."""
    for before, one, after, two in hops(evidence):
        if after.direction != "received":
            wanted, got = rules.number(one.header["ttl"]) - 1, two.header["ttl"]
            yield rule(got == wanted, before, after, why="TTL", expected=str(wanted), seen=got, place="ttl")


@check("rfc6940/s06_1_2/contents-unchanged", "A peer that forwards leaves contents and signature as they are.", "rfc6940:6.1.2/0",
       "rfc6940:6.3.4/0", needs="a message on two hops", role=PEER, protocol="reload")  # fmt: skip
def contents_unchanged(evidence: Evidence) -> Iterator[Ruling]:
    """Message contents and security block on both hops, byte for byte."""
    for before, one, after, two in hops(evidence):
        if after.direction != "received":
            good = all(one.bytes_of(part) == two.bytes_of(part) for part in ("message_contents", "security_block"))
            yield rule(
                good, before, after, why="changed", expected="the same bytes", seen="others", place="message_contents"
            )


@check("rfc6940/s06_1_2/via-appended", "A peer that forwards a request adds the node it came from to the Via List, or keeps that in mind.",
       "rfc6940:6.1.2/4", "rfc6940:6.1.2/6a", needs="a request on two hops", role=PEER, protocol="reload")  # fmt: skip
def via_appended(evidence: Evidence) -> Iterator[Ruling]:
    """The Via List grows by at most one entry, or is replaced by an opaque one."""
    for before, one, after, two in hops(evidence):
        if after.direction == "received" or code_of(one) % 2 == 0 or code_of(one) == ERROR:
            continue
        old, new = destinations(one.header["via_list"]), destinations(two.header["via_list"])
        opaque = bool(new) and rules.member(new[-1], "type") == "opaque_id_type"
        good = opaque or new == old or (len(new) == len(old) + 1 and new[: len(old)] == old)
        yield rule(good, before, after, why="Via List", expected=f"{old} and one more", seen=new, place="via_list")
