"""Session descriptions as SIP carries them: offers and answers in the order of their dialogs."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.judge.dialogs import Dialog
from conformance.judge.evidence import Evidence
from conformance.judge.seen import Seen
from conformance.judge.transactions import Pair, Transaction, acknowledgements
from conformance.lab.sip import LabRefusal, Message
from conformance.lab.sip.multipart import read_parts
from conformance.lab.sip.sdp import decode_sdp
from conformance.lab.sip.value import Json, pick, text_at

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")


@dataclass(frozen=True, slots=True)
class Description:
    """One session description and the message it came in."""

    event: Seen
    octets: bytes
    value: dict[str, Json]

    @property
    def media(self) -> list[Json]:
        """The media descriptions."""
        found = self.value["media"]
        return found if isinstance(found, list) else []

    def direction(self, number: int) -> str:
        """The direction of a stream, from its attributes, else the session's, else sendrecv."""
        for attributes in (pick(self.media[number], "attributes"), self.value["attributes"]):
            for one in attributes if isinstance(attributes, list) else []:
                name = text_at(one, "name")
                if name in DIRECTIONS:
                    return name
        return "sendrecv"

    def streams(self) -> Iterator[tuple[int, str, int, list[str]]]:
        """Number, medium, port and formats of each stream."""
        for number, one in enumerate(self.media):
            port, formats = pick(one, "port"), pick(one, "formats")
            listed = [str(word) for word in formats] if isinstance(formats, list) else []
            yield number, text_at(one, "media") or "", port if isinstance(port, int) else 0, listed


@dataclass(frozen=True, slots=True)
class Exchange:
    """An offer, its answer, and who made the offer."""

    dialog: Dialog
    offerer: str
    """The tag of the party that offers."""
    offer: Description
    answer: Description | None


def address_of(one: Description, number: int) -> str:
    """The address of a stream: its own, else that of the session."""
    own = pick(one.media[number], "connections", 0) or one.value["connection"]
    return (text_at(own, "address") or "").partition("/")[0]


def is_group(address: str) -> bool:
    """Whether an address is one of a group; names are not."""
    try:
        return ipaddress.ip_address(address).is_multicast
    except ValueError:
        return False


def sdp_bodies(message: Message) -> list[bytes]:
    """The session descriptions of a message, also inside a multipart body."""
    value = message.first("content-type")
    kind = f"{text_at(value, 'type')}/{text_at(value, 'subtype')}".lower()
    if kind == "application/sdp":
        return [message.body] if message.body else []
    if not kind.startswith("multipart/"):
        return []
    try:
        parts = read_parts(message.lines("content-type")[0], message.body)
    except LabRefusal:
        return []
    return [body for headers, body in parts if headers.get("content-type", "").lower().startswith("application/sdp")]


def description_of(pair: Pair | None) -> Description | None:
    """The first description of a message that can be read."""
    for octets in sdp_bodies(pair[1]) if pair else []:
        try:
            return Description(pair[0], octets, decode_sdp(octets)) if pair else None
        except LabRefusal:
            return None
    return None


def exchanges(evidence: Evidence) -> Iterator[Exchange]:
    """Every offer with its answer, dialog by dialog, in order (RFC 3261, section 13.2.1; RFC 3311; RFC 3262, section 5)."""
    for dialog in evidence.dialogs:
        if dialog.method != "INVITE":
            continue
        for transaction in [dialog.made_by, *dialog.transactions]:
            if transaction.method in ("INVITE", "UPDATE", "PRACK"):
                yield from _of_transaction(evidence, dialog, transaction)


def _of_transaction(evidence: Evidence, dialog: Dialog, transaction: Transaction) -> Iterator[Exchange]:
    own = [pair for pair in transaction.responses if pair[1].to_tag in (dialog.callee, dialog.caller)]
    accepted = next((pair for pair in own if 200 <= (pair[1].status or 0) < 300), None)
    early = next((pair for pair in own if 100 < (pair[1].status or 0) < 200 and sdp_bodies(pair[1])), None)
    asker = transaction.request.from_tag or ""
    answerer = dialog.callee if asker == dialog.caller else dialog.caller
    offer = description_of((transaction.event, transaction.request))
    if offer is not None:
        answer = description_of(early if early and early[1].has("rseq") else accepted) or description_of(accepted)
        if accepted is not None:
            yield Exchange(dialog, asker, offer, answer)
        return
    late = description_of(accepted)
    number = transaction.request.cseq[0] if transaction.request.cseq else 0
    if late is None or transaction.method != "INVITE" or (early and early[1].has("rseq")):
        return
    acks = acknowledgements(evidence.acks.get(dialog.call_id, []), dialog.call_id, number, transaction.request.from_tag)
    yield Exchange(dialog, answerer, late, description_of(next(iter(acks), None)))


def by_party(evidence: Evidence) -> Iterator[list[Description]]:
    """All descriptions of one party in one dialog, in order, copies left out."""
    series: dict[tuple[int, str], list[Description]] = {}
    for one in exchanges(evidence):
        other = one.dialog.callee if one.offerer == one.dialog.caller else one.dialog.caller
        for tag, description in ((one.offerer, one.offer), (other, one.answer)):
            if description is not None:
                series.setdefault((id(one.dialog), tag), []).append(description)
    return (sorted(found, key=lambda d: d.event.number) for found in series.values())
