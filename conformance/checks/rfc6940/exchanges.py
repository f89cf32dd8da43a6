"""RELOAD messages as they pass by: requests on a hop with their answers (RFC 6940, section 6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.judge.evidence import Evidence
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

ERROR = rules.ERROR


@dataclass(slots=True)
class Asked:
    """One request on one hop and what came back on it."""

    event: Seen
    request: Message
    copies: list[tuple[Seen, Message]] = field(default_factory=list)
    answers: list[tuple[Seen, Message]] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The request's message code."""
        return code_of(self.request)


def code_of(message: Message) -> int:
    """The message code."""
    return rules.number(message.contents["message_code"])


def is_answer(message: Message) -> bool:
    """Whether a message answers: an even code, or an error."""
    code = code_of(message)
    return code == ERROR or code % 2 == 0


def messages(evidence: Evidence) -> Iterator[tuple[Seen, Message]]:
    """Every whole message that can be read, in order."""
    return ((event, event.reload) for event in evidence.events if event.reload is not None)


def judged(evidence: Evidence) -> Iterator[tuple[Seen, Message]]:
    """As ``messages``, without those that the subject received."""
    return ((event, message) for event, message in messages(evidence) if event.direction != "received")


def asked(evidence: Evidence) -> list[Asked]:
    """All requests with their answers, hop by hop."""
    known: dict[tuple[str, str, str], Asked] = {}
    found: list[Asked] = []
    for event, message in messages(evidence):
        identity = str(message.header["transaction_id"])
        if not is_answer(message):
            key = (event.source, event.destination, identity)
            one = known.get(key)
            if one is not None and code_of(one.request) == code_of(message):
                one.copies.append((event, message))
                continue
            known[key] = one = Asked(event, message)
            found.append(one)
        else:
            one = known.get((event.destination, event.source, identity))
            if one is not None:
                one.answers.append((event, message))
    return found


def hops(evidence: Evidence) -> Iterator[tuple[Seen, Message, Seen, Message]]:
    """Every message with the same message forwarded on the next hop."""
    latest: dict[tuple[str, int], list[tuple[Seen, Message]]] = {}
    for event, message in messages(evidence):
        key = (str(message.header["transaction_id"]), code_of(message))
        earlier = [(e, m) for e, m in latest.get(key, []) if e.destination == event.source and event.source]
        if earlier:
            yield (*earlier[-1], event, message)
        latest.setdefault(key, [])[-63:] = [*latest.get(key, [])[-63:], (event, message)]


def destinations(value: Json) -> list[Json]:
    """A Via List or Destination List, entry by entry."""
    return list(value) if isinstance(value, list) else []


def body_of(message: Message) -> dict[str, Json]:
    """The message body where it was read as a struct."""
    body = message.contents["message_body"]
    return body if isinstance(body, dict) else {}
