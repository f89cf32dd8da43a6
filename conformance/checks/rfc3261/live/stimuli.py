"""What was sent to the subject on purpose, and what it made of it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, rule, unclear, wrong
from conformance.judge.transactions import Pair, Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.value import pick

SERVER, CLIENT, BOTH = "user-agent-server", "user-agent-client", "user-agent"
PLAIN = frozenset({"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "REGISTER"})
"""The methods of RFC 3261."""


def asked(evidence: Evidence, *methods: str) -> Iterator[Transaction]:
    """The requests that the subject received, of these methods or of all."""
    for one in evidence.transactions:
        if one.event.direction == "received" and (not methods or one.method in methods):
            yield one


def told(evidence: Evidence, *methods: str) -> Iterator[Transaction]:
    """The requests that the subject sent."""
    for one in evidence.transactions:
        if one.event.direction == "sent" and (not methods or one.method in methods):
            yield one


def status_of(transaction: Transaction) -> int:
    """The status of the final response, 0 where there is none."""
    return (transaction.final[1].status or 0) if transaction.final else 0


def accepted(transaction: Transaction) -> bool:
    """Whether a 2xx came."""
    return 200 <= status_of(transaction) < 300


def silent(evidence: Evidence, transaction: Transaction) -> bool:
    """Whether a request has no answer although the subject answered one that came later."""
    return transaction.final is None and any(
        other.event.number > transaction.event.number and any(event.direction == "sent" for event, _ in other.responses)
        for other in evidence.transactions
    )


def answered_by(evidence: Evidence, transaction: Transaction, *wanted: int, why: str) -> Ruling:
    """Whether the final response has one of these statuses; no response is wrong where the subject is seen alive behind it."""
    expected = " or ".join(map(str, wanted))
    if transaction.final is None:
        if silent(evidence, transaction):
            return wrong(transaction.event, why=f"{why}: no answer", expected=expected, seen="no answer")
        return unclear(transaction.event, why="no final response was seen")
    event, message = transaction.final
    return rule(message.status in wanted, transaction.event, event, why=why, expected=expected, seen=message.title)


def survived(evidence: Evidence, *beginnings: str) -> Iterator[Ruling]:
    """Whether the sane exchange behind each message is answered whose label begins so; what was wrong with it stands behind the hyphen."""
    for event in evidence.events:
        if event.label.startswith(beginnings):
            alive = evidence.alive_after(event)
            if alive is None:
                yield unclear(event, why="no sane request followed")
            else:
                why = f"after {event.label.partition('-')[2]} a good request is not answered"
                yield rule(alive, event, why=why, expected="an answer", seen="no answer")


def known_dialog(evidence: Evidence, message: Message) -> bool:
    """Whether both tags of a request are those of a dialog that was seen to begin."""
    tags = {message.from_tag, message.to_tag}
    return any(tags == {one.caller, one.callee} for one in evidence.dialogs_by_call.get(message.call_id, ()))


def lists(message: Message, name: str) -> set[str]:
    """The tokens of a header, in lower case where they are option tags."""
    return {str(one) for one in message.values(name)}


def target(transaction: Transaction) -> str:
    """The host and port of the Request-URI, without user and parameters."""
    return transaction.request.request_uri.partition("@")[2] or transaction.request.request_uri


def home(evidence: Evidence) -> set[str]:
    """The URIs to which the subject was asked and said yes."""
    return {uri_text(pick(one.request.first("to"), "uri")) for one in asked(evidence) if accepted(one) and one.initial}


def rung(transaction: Transaction) -> Pair | None:
    """The first provisional response above 100."""
    return next((pair for pair in transaction.responses if 100 < (pair[1].status or 0) < 200), None)
