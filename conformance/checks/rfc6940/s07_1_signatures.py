"""Signatures of stored values, as they are stored and as they are fetched (RFC 6940, section 7.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conformance.checks.rfc6940.exchanges import Asked, asked, body_of, code_of, destinations, judged
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.context import Context, codes
from conformance.lab.presentation.refusal import LabRefusal
from conformance.lab.reload import Message
from conformance.lab.signatures import verify_stored

PEER = "peer"
STORE, FETCH_ANSWER = 7, 10


def context_of(evidence: Evidence) -> Context:
    """The context of the evidence with every certificate that some message of it carries."""
    found = dict.fromkeys(evidence.context.certificates)
    for event in evidence.events:
        if event.reload is not None:
            for one in destinations(event.reload.security["certificates"]):
                if rules.member(one, "type") == "X.509":
                    found[bytes.fromhex(str(rules.member(one, "certificate")))] = None
    return replace(evidence.context, certificates=tuple(found))


def values_of(message: Message, name: str) -> Iterator[tuple[int, bytes, str]]:
    """Kind, octets and place of every StoredData in a member of the body."""
    for number, kind in enumerate(destinations(body_of(message).get(name))):
        for index in range(len(destinations(rules.member(kind, "values")))):
            place = f"message_contents.message_body.{name}[{number}].values[{index}]"
            yield rules.number(rules.member(kind, "kind")), message.bytes_of(place), place


def verified(event: Seen, message: Message, name: str, resource: str, context: Context) -> Iterator[Ruling]:
    """A ruling for every stored value of a message."""
    for kind, octets, place in values_of(message, name):
        if context.model_of(kind) is None:
            yield unclear(event, why=f"the data model of Kind {kind} is not known")
            continue
        own = None if kind in context.kinds or kind in codes().kinds else context.data_model
        try:
            verify_stored(octets, replace(context, resource=bytes.fromhex(resource), kind=kind, data_model=own))
        except LabRefusal as refusal:
            if "no certificate at hand" in refusal.why:
                yield unclear(event, why="the certificate of the value is not at hand")
            else:
                wanted = "a signature that holds"
                yield wrong(event, why=f"Kind {kind}: {refusal.where}", expected=wanted, seen=refusal.why, place=place)
        else:
            yield right(event)


@check("rfc6940/s07_1/stored-signature", "Every value in a StoreReq is signed over Resource-ID, Kind, time, value and signer.",
       "rfc6940:7.1/0", "rfc6940:7.4.1.1/16", needs="a StoreReq with a value whose certificate is at hand", role=PEER,
       protocol="reload")  # fmt: skip
def stored_signature(evidence: Evidence) -> Iterator[Ruling]:
    """Verified by the lab, with the certificates that the capture shows."""
    context = context_of(evidence)
    for event, message in judged(evidence):
        if code_of(message) == STORE:
            yield from verified(event, message, "kind_data", str(body_of(message).get("resource")), context)


@check("rfc6940/s07_1/fetched-signature", "Every value in a FetchAns has the signature it was stored with.", "rfc6940:7.1/0",
       "rfc6940:7.4.2.2/0", needs="a FetchReq with its FetchAns and a value whose certificate is at hand", role=PEER,
       protocol="reload")  # fmt: skip
def fetched_signature(evidence: Evidence) -> Iterator[Ruling]:
    """As for a StoreReq; values that do not exist are made up by the peer and have no signer."""
    context = context_of(evidence)
    for one, event, message in _fetched(evidence):
        resource = str(body_of(one.request).get("resource"))
        yield from verified(event, message, "kind_responses", resource, context)


def _fetched(evidence: Evidence) -> Iterator[tuple[Asked, Seen, Message]]:
    for one in asked(evidence):
        for event, message in one.answers:
            if event.direction != "received" and code_of(message) == FETCH_ANSWER and one.code == FETCH_ANSWER - 1:
                yield one, event, message
