"""A message for another node goes to it, or nowhere (RFC 6940, sections 6.1.1, 6.1.2, 6.3.2 and 10.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import is_answer
from conformance.checks.rfc6940.live.labelled import Put, granted, listed, party_of, put, refused, vanished
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab import rules

PEER = "peer"
TTL_EXCEEDED = 10
"""Error_TTL_Exceeded (section 14.9)."""


def reached(evidence: Evidence, one: Put, party: str) -> bool:
    """Whether a message was passed on to a party."""
    return any(party_of(evidence, event) == party for event, _ in one.elsewhere)


def served(evidence: Evidence, label: str = "to-client") -> bool:
    """Whether the subject passes on what it should."""
    return any(one.elsewhere for one in put(evidence, label))


@check(
    "rfc6940/s06_1_1/client-reached", "A message for a client that is directly connected is passed on to it.",
    "rfc6940:6.1.1/5", "rfc6940:6.1.2/3", "rfc6940:10.3/1", needs="a message for a client of the subject", role=PEER, protocol="reload",
    scenarios=("peer/to-client", "peer/to-nobody", "peer/hops-left"),
)  # fmt: skip
def client_reached(evidence: Evidence) -> Iterator[Ruling]:
    """The same transaction on the link of the client."""
    for one in put(evidence, "to-client", "by-the-subject", "from-afar", "last-hop"):
        good = reached(evidence, one, "ben")
        yield rule(good, one.event, why="not passed on", expected="the message at the client", seen=one.outcome)


@check(
    "rfc6940/s06_1_1/nobody-told", "A message for a Node-ID that nobody has is dropped, and nobody is told.", "rfc6940:6.1.1/4",
    needs="a message for a Node-ID without a node, and one that is passed on", role=PEER, protocol="reload", scenarios=("peer/to-nobody",),
)  # fmt: skip
def nobody_told(evidence: Evidence) -> Iterator[Ruling]:
    """No answer to it, and nobody gets it."""
    for one in put(evidence, "to-nobody"):
        yield vanished(evidence, one, served(evidence))


@check(
    "rfc6940/s06_1_2/answer-returns", "An answer to a message that was passed on comes back to who asked.", "rfc6940:6.1.2/4", "rfc6940:6.1.2/5",
    "rfc6940:6.1.2/7", needs="a request that was passed on and answered", role=PEER, protocol="reload",
    scenarios=("peer/to-client", "peer/to-nobody"),
)  # fmt: skip
def answer_returns(evidence: Evidence) -> Iterator[Ruling]:
    """The answer on the link of the asker; its destinations are the asker and the Via List that the request had."""
    for one in put(evidence, "to-client", "by-the-subject", "from-afar"):
        if not one.elsewhere:
            continue
        request = one.event
        if not one.answers:
            yield wrong(request, why="the answer does not come back", expected="the answer", seen="nothing")
            continue
        event, answer = one.answers[0]
        asked = next((each.reload for each in evidence.events if each.number > request.number and each.reload is not None), None)  # fmt: skip
        if asked is None or one.error:
            yield unclear(request, why="what was asked cannot be read")
            continue
        came_by = list(reversed(listed(asked, "via_list")))
        got = listed(answer, "destination_list")
        good = got[1:] == came_by and rules.member(got[0], "type") == "node" if got else False
        yield rule(good, request, event, why="another way back", expected=f"who asked, then {came_by}", seen=got,
                   place="destination_list")  # fmt: skip


@check(
    "rfc6940/s06_3_2/no-hop-left", "A message for somebody else that has no hop left goes no further.", "rfc6940:6.3.2/6",
    needs="a message with a TTL of zero, and one with a TTL of one that is passed on", role=PEER, protocol="reload",
    scenarios=("peer/hops-left",),
)  # fmt: skip
def no_hop_left(evidence: Evidence) -> Iterator[Ruling]:
    """Nobody gets the first; the sender is told, or not."""
    for one in put(evidence, "no-hop-left"):
        if one.elsewhere:
            yield wrong(
                one.event,
                one.elsewhere[0][0],
                why="passed on",
                expected="Error_TTL_Exceeded, or nothing",
                seen="the message",
            )
        elif evidence.alive_after(one.event) is not True or not served(evidence, "last-hop"):
            yield unclear(one.event, why="nothing shows that it passes on anything")
        else:
            good = not one.answers or one.error == TTL_EXCEEDED
            yield rule(good, one.event, why="answered", expected="Error_TTL_Exceeded, or nothing", seen=one.outcome)


@check(
    "rfc6940/s06_3_2/hops-of-here", "A message for the subject is taken with a TTL of zero too.", "rfc6940:6.3.2/6",
    needs="a request to the subject with a TTL of zero", role=PEER, protocol="reload", scenarios=("peer/hops-left",),
)  # fmt: skip
def hops_of_here(evidence: Evidence) -> Iterator[Ruling]:
    """Its answer."""
    for one in put(evidence, "here"):
        yield granted(one)


@check(
    "rfc6940/s06_3_2/too-many-hops", "A TTL above initial-ttl gets Error_TTL_Exceeded.", "rfc6940:6.3.2/8",
    needs="a request with a TTL above 100", role=PEER, protocol="reload", scenarios=("peer/hops-left",),
)  # fmt: skip
def too_many_hops(evidence: Evidence) -> Iterator[Ruling]:
    """The error."""
    for one in put(evidence, "too-many-hops"):
        yield refused(one, TTL_EXCEEDED)


@check(
    "rfc6940/s06_1_2/hop-taken-off", "Who passes a message on takes one off its TTL.", "rfc6940:6.3.2/5", needs="a message that is passed on",
    role=PEER, protocol="reload", scenarios=("peer/to-client", "peer/hops-left"),
)  # fmt: skip
def hop_taken_off(evidence: Evidence) -> Iterator[Ruling]:
    """The byte at offset 11 of both."""
    for one in put(evidence, "to-client", "from-afar", "last-hop"):
        for event, message in one.elsewhere:
            wanted, got = one.octets[11] - 1, rules.number(message.header["ttl"])
            if not is_answer(message):
                yield rule(got == wanted, one.event, event, why="TTL", expected=str(wanted), seen=got, place="ttl")


@check(
    "rfc6940/s06_1_1/wildcard", "A message for the wildcard Node-ID is for whoever gets it, and goes no further.", "rfc6940:6.1.1/0",
    needs="a request to the wildcard, and one with a client behind it", role=PEER, protocol="reload", scenarios=("peer/to-client",),
)  # fmt: skip
def wildcard(evidence: Evidence) -> Iterator[Ruling]:
    """The answer of the first; the second reaches nobody else."""
    for one in put(evidence, "wildcard"):
        yield granted(one)
    for one in put(evidence, "wildcard-first"):
        if one.elsewhere:
            yield wrong(
                one.event, one.elsewhere[0][0], why="passed on", expected="nothing at other nodes", seen="the message"
            )
        elif evidence.alive_after(one.event) is True and served(evidence, "to-client"):
            yield right(one.event)
        else:
            yield unclear(one.event, why="nothing shows that it passes on anything")
