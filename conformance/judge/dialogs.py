"""SIP dialogs as they pass by (RFC 3261, section 12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.judge.transactions import Pair, Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import Json, has, pick

CREATING = ("INVITE", "SUBSCRIBE", "REFER")
"""Methods whose 2xx makes a dialog (RFC 3261 12.1, RFC 6665 4.4.1, RFC 3515 2.4.4)."""


@dataclass(slots=True)
class Dialog:
    """One dialog; the caller is who sent the request that made it."""

    call_id: str
    caller: str
    """The caller's tag."""
    callee: str
    """The callee's tag."""
    made_by: Transaction
    response: Pair
    """The first response with the callee's tag."""
    confirmed: Pair | None = None
    """The 2xx; None for a dialog that stayed early."""
    arrived: Transaction | None = None
    """The same request on its last hop, where proxies lay between."""
    transactions: list[Transaction] = field(default_factory=list)
    """Every request inside, on its originator's hop, in order; without the one that made it."""

    @property
    def method(self) -> str:
        """The method that made it."""
        return self.made_by.method

    def route_set(self, tag: str) -> list[Json]:
        """The routes that the party with this tag must use, in order."""
        # = rfc3261:12.1.2/4
        if tag == self.caller:
            return list(reversed((self.confirmed or self.response)[1].values("record-route")))
        # = rfc3261:12.1.1/7
        return (self.arrived or self.made_by).request.values("record-route")

    def targets(self, tag: str, before: int) -> list[str]:
        """The remote targets that the party with this tag may know when event ``before`` happens, newest first.

        A request whose 2xx crosses another one leaves two targets that are both right.
        """
        other = self.callee if tag == self.caller else self.caller
        known: list[tuple[int, str]] = []
        for transaction in [self.made_by, *self.transactions]:
            if transaction.method not in (*CREATING, "UPDATE", "NOTIFY"):
                continue
            pairs = [(transaction.event, transaction.request), *transaction.responses]
            for event, message in pairs:
                tags = (message.from_tag, message.to_tag) if message.is_request else (message.to_tag, message.from_tag)
                contact = message.first("contact")
                good = message.is_request or 100 < (message.status or 0) < 300
                if good and tags[0] == other and event.number < before and isinstance(contact, dict):
                    known.append((event.number, uri_text(contact.get("uri"))))
        return list(dict.fromkeys(text for _, text in sorted(known, reverse=True)))

    def requests(self, tag: str) -> list[Transaction]:
        """The requests that the party with this tag sent inside, in order."""
        return [transaction for transaction in self.transactions if transaction.request.from_tag == tag]


def dialogs_of(transactions: Iterable[Transaction]) -> tuple[Dialog, ...]:
    """All dialogs whose making was seen on the originator's hop."""
    found: dict[tuple[str, str, str], Dialog] = {}
    for transaction in transactions:
        request = transaction.request
        if transaction.initial and transaction.original and transaction.method in CREATING:
            for pair in transaction.responses:
                _enter(found, transaction, pair)
        elif transaction.original and request.to_tag and request.from_tag:
            dialog = find_dialog(found, request)
            if dialog is not None:
                dialog.transactions.append(transaction)
        elif transaction.initial and transaction.method in CREATING:
            _arrived(found, transaction)
    return tuple(found.values())


def _enter(found: dict[tuple[str, str, str], Dialog], transaction: Transaction, pair: Pair) -> None:
    message = pair[1]
    status = message.status or 0
    if not 100 < status < 300 or not message.to_tag or not message.from_tag:
        return
    if transaction.method != "INVITE" and status < 200:
        return
    key = (message.call_id or "", message.from_tag, message.to_tag)
    dialog = found.setdefault(key, Dialog(*key, made_by=transaction, response=pair))
    if status >= 200 and dialog.confirmed is None:
        dialog.confirmed = pair


def _arrived(found: dict[tuple[str, str, str], Dialog], transaction: Transaction) -> None:
    """Keep the last hop of the request that made a dialog: there the callee learned its route set."""
    for _, message in transaction.responses:
        dialog = found.get((message.call_id or "", message.from_tag or "", message.to_tag or ""))
        if dialog is not None and dialog.method == transaction.method:
            hops = len(transaction.request.values("via"))
            if hops > len((dialog.arrived or dialog.made_by).request.values("via")):
                dialog.arrived = transaction


def find_dialog(found: dict[tuple[str, str, str], Dialog], message: Message) -> Dialog | None:
    """The dialog that a request names, from either side."""
    ours, theirs = message.from_tag or "", message.to_tag or ""
    call = message.call_id or ""
    return found.get((call, ours, theirs)) or found.get((call, theirs, ours))


def is_loose(route: Json) -> bool:
    """Whether a route has the parameter ``lr``."""
    return has(route, "uri", "parameters", "lr")


def route_text(route: Json) -> str:
    """A route in a form that can be compared."""
    return uri_text(pick(route, "uri"))


def request_uri_text(message: Message) -> str:
    """The Request-URI in a form that can be compared."""
    try:
        return uri_text(read_uri(message.request_uri))
    except Misread:
        return message.request_uri
