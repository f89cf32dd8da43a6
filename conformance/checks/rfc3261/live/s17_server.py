"""Server transactions as a client sees them (RFC 3261, section 17.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, asked, status_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import Transaction

TRYING = 0.2
"""Seconds within which an INVITE gets some response."""


@check(
    "rfc3261/s17_2_1/first-response", "An INVITE gets 100 unless another response comes within 200 ms.", "rfc3261:17.2.1/1a",
    needs="an INVITE", role="transaction", scenarios=("user-agent/call", "user-agent/cancel-ringing", "user-agent/late-offer"),
)  # fmt: skip
def first_response(evidence: Evidence) -> Iterator[Ruling]:
    """The time to the first response."""
    slack = evidence.play.slack if evidence.play else 0.4
    for one in asked(evidence, "INVITE"):
        if one.responses:
            event = one.responses[0][0]
            late = event.time - one.event.time
            why, expected = "the first response is late", "within 0.2 s"
            yield rule(late <= TRYING + slack, one.event, event, why=why, expected=expected, seen=f"{late:.2f} s")


def _again(evidence: Evidence, *labels: str) -> Iterator[tuple[Transaction, list[str]]]:
    """Each transaction whose request was sent again on purpose, with what came behind the first copy of it."""
    for one in evidence.asked(*labels):
        if one.copies:
            behind = [message.title for event, message in one.responses if event.number > one.copies[0][0].number]
            yield one, behind


@check(
    "rfc3261/s17_2_2/final-again", "A copy of a request that is answered gets the same response again.", "rfc3261:17.2.2/7",
    "rfc3261:17.2.2/6", needs="a request that was sent again behind its final response over UDP", role="transaction",
    scenarios=("user-agent/copies", "user-agent/copies-late"),
)  # fmt: skip
def final_again(evidence: Evidence) -> Iterator[Ruling]:
    """The responses behind the copy."""
    for one, behind in _again(evidence, "sent-again"):
        if one.final is None:
            yield unclear(one.event, why="no final response was seen")
            continue
        why, expected = "the copy is not answered alike", one.final[1].title
        good = one.final[1].title in behind
        yield rule(good, one.event, one.copies[0][0], why=why, expected=expected, seen=behind or "no answer")


@check(
    "rfc3261/s17_2_2/served-once", "A copy of a request is no second request: the same To tag comes back.", "rfc3261:17.2.3/0",
    "rfc3261:8.2.7/5", needs="a request that was sent again", role="transaction", scenarios=("user-agent/copies",),
)  # fmt: skip
def served_once(evidence: Evidence) -> Iterator[Ruling]:
    """To tags of all final responses."""
    for one in evidence.asked("sent-again"):
        finals = [(event, message) for event, message in one.responses if (message.status or 0) >= 200]
        tags = {message.to_tag for _, message in finals}
        if len(finals) > 1:
            seen = ", ".join(sorted(map(str, tags)))
            yield rule(
                len(tags) == 1, *(e for e, _ in finals), why="the copy was a new request", expected="one tag", seen=seen
            )


@check(
    "rfc3261/s17_2_1/provisional-again", "A copy of an INVITE that is undecided gets the latest provisional response again.",
    "rfc3261:17.2.1/5", needs="a copy of a ringing INVITE over UDP", role="transaction", scenarios=("user-agent/copies-ringing",),
)  # fmt: skip
def provisional_again(evidence: Evidence) -> Iterator[Ruling]:
    """The first response behind the copy, against the last one before it."""
    for one in evidence.asked("ringing"):
        if not one.copies:
            continue
        copy = one.copies[0][0]
        before = [message.title for event, message in one.responses if event.number < copy.number]
        behind = [message.title for event, message in one.responses if event.number > copy.number]
        if before:
            good = bool(behind) and behind[0] == before[-1]
            why = "the copy is not answered by the latest provisional response"
            yield rule(good, one.event, copy, why=why, expected=before[-1], seen=behind[:1] or "no answer")


@check(
    "rfc3261/s17_2_1/refusal-again", "A refusal is sent again until its ACK comes, and a copy of the INVITE gets it too.",
    "rfc3261:17.2.1/10", "rfc3261:17.2.1/9", needs="a refused INVITE without ACK over UDP", level="SHOULD", role="transaction",
    scenarios=("user-agent/refusal-unacknowledged",),
)  # fmt: skip
def refusal_again(evidence: Evidence) -> Iterator[Ruling]:
    """Copies of the refusal before the ACK."""
    for one in asked(evidence, "INVITE"):
        if status_of(one) < 300 or one.event.transport != "udp":
            continue
        acks = [event.number for event, _ in evidence.acks.get(one.request.call_id, ())]
        end = min(acks, default=len(evidence.events) + 1)
        finals = [event for event, message in one.responses if (message.status or 0) >= 300 and event.number < end]
        why, seen = "the refusal is not sent again", f"{len(finals) - 1} copies"
        yield rule(len(finals) > 1, one.event, *finals, why=why, expected="copies", seen=seen)


@check(
    "rfc3261/s17_2_1/ack-ends-refusal", "With the ACK a refusal is no longer sent.", "rfc3261:17.2.1/11",
    needs="a refused INVITE whose ACK came late", role="transaction", scenarios=("user-agent/refusal-unacknowledged",),
)  # fmt: skip
def ack_ends_refusal(evidence: Evidence) -> Iterator[Ruling]:
    """No copy more than a moment behind the ACK."""
    for one in asked(evidence, "INVITE"):
        acks = [event for event, _ in evidence.acks.get(one.request.call_id, ()) if event.direction == "received"]
        if status_of(one) < 300 or not acks:
            continue
        late = [event for event, _ in one.responses if event.time > acks[0].time + 0.25]
        if late:
            yield wrong(acks[0], late[0], why="sent again although acknowledged", expected="no copy", seen="a copy")
        elif sum((message.status or 0) >= 300 for _, message in one.responses) > 1 or one.event.transport != "udp":
            yield right(one.event, acks[0])
        else:
            yield unclear(one.event, why="the refusal was not sent again before the ACK either")


@check(
    "rfc3261/s18/both-transports", "What answers over UDP answers over TCP on the same port.", "rfc3261:18/3", "rfc3261:18.2.1/3",
    needs="the same request over UDP and TCP", role="implementation", scenarios=("user-agent/over-tcp",),
)  # fmt: skip
def both_transports(evidence: Evidence) -> Iterator[Ruling]:
    """A final response on each."""
    by = {one.event.transport: one for one in asked(evidence, "OPTIONS")}
    udp = by.get("udp")
    if udp is None or not accepted(udp):
        return
    tcp = by.get("tcp")
    if tcp is None or tcp.final is None:
        yield wrong(udp.event, why="TCP is not served", expected="an answer over TCP", seen="no answer")
    else:
        yield right(udp.event, tcp.final[0])
