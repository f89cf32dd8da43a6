"""Cores that tests put above elements, and addresses to put them at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.sip.actions import (
    Action,
    Heard,
    RequestReceived,
    SendRequest,
    SendResponse,
    Tell,
)
from disco_ref.sip.flow import Address, Flow, Hop
from disco_ref.sip.header.block import Headers
from disco_ref.sip.message import Request
from disco_ref.sip.respond import respond
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import Uri, read_uri

ALICE, BOB, CAROL = (Address(f"192.0.2.{n}", 5060) for n in (1, 2, 3))


class Answering:
    """Answers every request with one status, and tells all that it hears."""

    def __init__(self, status: int = 200, lines: Sequence[str] = ()) -> None:
        self.status = status
        self.lines = lines
        self.events: list[Heard] = []
        self.refusals: list[Refusal] = []
        self.listening: Sequence[Listening] = ()
        self.shedding: int | None = None
        self.asked = 0
        self.raises: Callable[[Heard], None] | None = None

    def listens(self, listening: Sequence[Listening]) -> None:
        """Keeps it."""
        self.listening = listening

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """What the test has set."""
        self.asked += 1
        return self.shedding

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Keeps it."""
        self.refusals.append(refusal)
        return []

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """Answers requests."""
        self.events.append(event)
        if self.raises is not None:
            self.raises(event)
        if isinstance(event, RequestReceived):
            return [
                SendResponse(event.transaction, respond(event.request, self.status, lines=self.lines, to_tag="tag-b"))
            ]
        return [Tell(event)]


def ask(
    method: str = "OPTIONS",
    uri: str | Uri = "sip:bob@192.0.2.2",
    *,
    number: int = 1,
    lines: Sequence[str] = (),
    body: bytes = b"",
    tag: str = "a",
) -> Request:
    """A request as a transaction user makes it: without Via."""
    head = [
        f"From: <sip:alice@192.0.2.1>;tag={tag}",
        "To: <sip:bob@192.0.2.2>",
        f"Call-ID: call-{tag}",
        f"CSeq: {number} {method}",
        "Max-Forwards: 70",
        "Contact: <sip:alice@192.0.2.1>",
        *(["Content-Type: text/plain"] if body else []),
        *lines,
        f"Content-Length: {len(body)}",
    ]
    return Request(method, read_uri(uri) if isinstance(uri, str) else uri, Headers(head), body)


def send(request: Request, owner: str = "1", hops: tuple[Hop, ...] = ()) -> SendRequest:
    """The action that sends it."""
    return SendRequest(("app", owner), request, hops=hops)
