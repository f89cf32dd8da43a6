"""SIP transactions as they pass by: a request, its copies, its responses, its ACK (RFC 3261, section 17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.judge.seen import Seen
from conformance.lab.sip import Message
from conformance.lab.sip.value import Json, number_at, text_at

COOKIE = "z9hG4bK"

Key = tuple[str, ...]
Pair = tuple[Seen, Message]


@dataclass(slots=True)
class Transaction:
    """One request on one hop and what answered it."""

    event: Seen
    request: Message
    copies: list[Pair] = field(default_factory=list)
    """The request sent again with the same branch, in order."""
    responses: list[Pair] = field(default_factory=list)
    acks: list[Pair] = field(default_factory=list)
    """For an INVITE: every ACK with its branch."""

    @property
    def method(self) -> str:
        """The request's method."""
        return self.request.method or ""

    @property
    def final(self) -> Pair | None:
        """The first final response."""
        return next((pair for pair in self.responses if (pair[1].status or 0) >= 200), None)

    @property
    def initial(self) -> bool:
        """Whether the request stands outside of dialogs: no tag in To."""
        return self.request.to_tag is None

    @property
    def original(self) -> bool:
        """Whether this is the originator's hop: one Via only."""
        return len(self.request.values("via")) == 1

    @property
    def judged(self) -> bool:
        """Whether the request was not one that the subject received."""
        return self.event.direction != "received"


def request_key(message: Message, method: str) -> Key:
    """What matches a request, a response or an ACK to its transaction (section 17.1.3 and 17.2.3)."""
    via = message.first("via")
    branch = text_at(via, "parameters", "branch") or ""
    sent_by = f"{(text_at(via, 'host') or '').lower()}:{number_at(via, 'port') or ''}"
    if branch.startswith(COOKIE):
        return (branch, sent_by, method)
    number = message.cseq[0] if message.cseq else ""
    return (branch, sent_by, method, message.call_id or "", str(number), message.from_tag or "")


def transactions_of(messages: Iterable[Pair]) -> tuple[Transaction, ...]:
    """All transactions whose request was seen."""
    known: dict[Key, Transaction] = {}
    found: list[Transaction] = []
    for event, message in messages:
        method = message.method or (message.cseq[1] if message.cseq else "")
        known_as = request_key(message, "INVITE" if method == "ACK" else method)
        transaction = known.get(known_as)
        if not message.is_request:
            if transaction is not None and _from_the_other_side(event, transaction.event):
                transaction.responses.append((event, message))
        elif method == "ACK":
            if transaction is not None:
                transaction.acks.append((event, message))
        elif transaction is not None and transaction.event.source == event.source:
            transaction.copies.append((event, message))
        else:
            known[known_as] = transaction = Transaction(event, message)
            found.append(transaction)
    return tuple(found)


def _from_the_other_side(response: Seen, request: Seen) -> bool:
    """Whether a response can answer a request: who sent the one does not answer itself (a subject that echoes lets it)."""
    return response.direction == "seen" or response.direction != request.direction


def acknowledgements(
    messages: Iterable[Pair], call_id: str | None, number: int, from_tag: str | None
) -> Iterator[Pair]:
    """Every ACK of one INVITE, whatever its branch."""
    for event, message in messages:
        if message.method != "ACK" or message.call_id != call_id or message.from_tag != from_tag:
            continue
        if message.cseq is not None and message.cseq[0] == number:
            yield event, message


def uri_text(value: Json) -> str:
    """A URI in a form that can be compared: scheme and host in lower case, the order of parameters left out."""
    if not isinstance(value, dict):
        return ""
    if "opaque" in value or "number" in value:
        return f"{value.get('scheme')}:{value.get('opaque', value.get('number'))}"
    user, port, parameters = value.get("user"), value.get("port"), value.get("parameters")
    before = f"{user}@" if user is not None else ""
    after = f":{port}" if port else ""
    if isinstance(parameters, dict):
        told = ((name, "" if part is None else f"={part}") for name, part in parameters.items())
        after += "".join(sorted(f";{name}{part}".lower() for name, part in told))
    return f"{value.get('scheme')}:{before}{str(value.get('host')).lower()}{after}"
