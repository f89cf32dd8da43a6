"""A dialog from a party's side: it writes the requests inside (RFC 3261, section 12)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at
from conformance.live.writing import Row

if TYPE_CHECKING:
    from conformance.live.party import Party


@dataclass(slots=True, kw_only=True)
class Dialog:
    """One dialog; made by ``Party.dialog``."""

    party: Party
    call_id: str
    local: str
    """From of what the party sends, tag included."""
    remote: str
    """To of what the party sends, tag included."""
    target: str
    """The subject's Contact."""
    routes: list[str] = field(default_factory=list)
    number: int = 1
    """The last CSeq that the party used."""
    ended: bool = False

    def request(
        self, method: str, *, headers: Sequence[Row] = (), without: Collection[str] = (), body: bytes = b"",
        number: int | None = None,
    ) -> Message:  # fmt: skip
        """A request inside; ``number`` is its CSeq where it is not the next one."""
        if number is None and method not in ("ACK", "CANCEL"):
            self.number += 1
        if method == "BYE":
            self.ended = True
        rows = [("Route", route) for route in self.routes]
        return self.party.request(
            method, self.target, headers=[*rows, *headers], without=without, body=body, from_=self.local,
            to=self.remote, call_id=self.call_id, number=self.number if number is None else number,
        )  # fmt: skip

    def refresh(self, message: Message) -> None:
        """Take over the target of a message of the subject."""
        self.target = text_of_contact(message) or self.target


def text_of_contact(message: Message) -> str:
    """The URI of the first Contact, as it is written."""
    return bare_uri((message.lines("contact") or [""])[0])


def bare_uri(address: str) -> str:
    """The URI of an address header's text."""
    if "<" in address:
        return address.partition("<")[2].partition(">")[0]
    return address.partition(";")[0].strip()


def tag_of(message: Message, side: str) -> str:
    """The tag of From or To."""
    return text_at(message.first(side), "parameters", "tag") or ""


def route_lines(message: Message) -> list[str]:
    """The values of Record-Route in order, each as it is written."""
    found: list[str] = []
    for line in message.lines("record-route"):
        depth, start = 0, 0
        for at, character in enumerate(line):
            depth += (character == "<") - (character == ">")
            if character == "," and not depth:
                found.append(line[start:at].strip())
                start = at + 1
        found.append(line[start:].strip())
    return found


def dialog_of(party: Party, request: Message, response: Message) -> Dialog:
    """The dialog that a request and its response make, from the side of the party."""
    contact = bare_uri((request.lines("contact") or [""])[0])
    ours = f"{party.contact_uri};", f"sips:{party.uri.partition(':')[2]};"
    own = f"{contact};".startswith(ours)
    routes = route_lines(response if own else request)
    front, back = ("from", "to") if own else ("to", "from")
    number = request.cseq[0] if own and request.cseq else 0
    return Dialog(
        party=party, call_id=request.call_id or "", local=response.lines(front)[0], remote=response.lines(back)[0],
        target=text_of_contact(response if own else request) or party.stage.subject.uri,
        routes=list(reversed(routes)) if own else routes, number=number,
    )  # fmt: skip
