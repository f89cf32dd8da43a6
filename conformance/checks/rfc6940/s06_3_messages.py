"""RELOAD messages, each alone (RFC 6940, section 6.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import ERROR, code_of, destinations, is_answer, judged, messages
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.context import codes
from conformance.lab.presentation.refusal import LabRefusal
from conformance.lab.signatures import verify_message

PEER = "peer"


def raw(evidence: Evidence) -> Iterator[Seen]:
    """Every message and fragment as bytes, also those that cannot be read, as long as their header is whole."""
    return (event for event in evidence.of("reload") if len(event.octets) >= 38 and not event.assembled)


@check("rfc6940/s06_3/well-formed", "Every message has the layout of its header, its body and its security block.",
       "rfc6940:6.3.2/0", "rfc6940:6.3.3/0", "rfc6940:6.3.4/0", "rfc6940:6.3.3.1/3b", needs="a RELOAD message", role=PEER, protocol="reload")  # fmt: skip
def well_formed(evidence: Evidence) -> Iterator[Ruling]:
    """Whatever the struct text and the rules of the prose refuse."""
    for event in evidence.of("reload"):
        if event.fault:
            yield wrong(
                event, why=f"{event.fault} ({event.clause or 'layout'})", expected="a RELOAD message", seen=event.fault
            )
        else:
            yield right(event)


@check("rfc6940/s06_3_2/token", "A message begins with 0xd2454c4f.", "rfc6940:6.3.2/1", needs="octets on a RELOAD port", role=PEER,
       protocol="reload")  # fmt: skip
def token(evidence: Evidence) -> Iterator[Ruling]:
    """The first four bytes."""
    for event in raw(evidence):
        got = event.octets[:4].hex()
        yield rule(got == "d2454c4f", event, why="another token", expected="d2454c4f", seen=got, place="relo_token")


@check("rfc6940/s06_3_2/version", "The version is 10, for RELOAD 1.0.", "rfc6940:6.3.2/4", needs="a RELOAD message", role=PEER,
       protocol="reload")  # fmt: skip
def version(evidence: Evidence) -> Iterator[Ruling]:
    """The byte at offset 10."""
    for event in raw(evidence):
        yield rule(
            event.octets[10] == 10, event, why="another version", expected="10", seen=event.octets[10], place="version"
        )


@check(
    "rfc6940/s06_3_2/ttl",
    "The TTL does not exceed 100.",
    "rfc6940:6.3.2/7b",
    needs="a RELOAD message",
    role=PEER,
    protocol="reload",
)
def ttl(evidence: Evidence) -> Iterator[Ruling]:
    """The byte at offset 11; an overlay's configuration may say otherwise, which a capture does not show."""
    for event in raw(evidence):
        yield rule(
            event.octets[11] <= 100, event, why="too high", expected="at most 100", seen=event.octets[11], place="ttl"
        )


@check("rfc6940/s06_3_2/ttl-initial", "The originator sets the TTL to 100.", "rfc6940:6.3.2/7a", needs="a message with an empty Via List",
       level="SHOULD", role=PEER, protocol="reload")  # fmt: skip
def ttl_initial(evidence: Evidence) -> Iterator[Ruling]:
    """Requests that no peer has forwarded; one that keeps by itself where they came from need not add to the Via List."""
    passed = {
        str(one.header["transaction_id"])
        for event, one in messages(evidence)
        if event.direction == "received" and not is_answer(one)
    }
    for event, message in judged(evidence):
        own = event.direction != "sent" or str(message.header["transaction_id"]) not in passed
        if own and not is_answer(message) and not destinations(message.header["via_list"]):
            got = message.header["ttl"]
            yield rule(got == 100, event, why="another value", expected="100", seen=got, place="ttl")


@check("rfc6940/s06_3_2/fragment-bit", "The high bit of the fragment field is set.", "rfc6940:6.3.2/9", "rfc6940:6.7/7a",
       needs="a RELOAD message", role=PEER, protocol="reload")  # fmt: skip
def fragment_bit(evidence: Evidence) -> Iterator[Ruling]:
    """The byte at offset 12."""
    for event in raw(evidence):
        yield rule(
            bool(event.octets[12] & 0x80),
            event,
            why="not set",
            expected="set",
            seen=event.octets[12:16].hex(),
            place="fragment",
        )


@check("rfc6940/s06_3_2/fragment-reserved", "The reserved bits of the fragment field are zero.", "rfc6940:6.3.2/10",
       needs="a RELOAD message", level="SHOULD", role=PEER, protocol="reload")  # fmt: skip
def fragment_reserved(evidence: Evidence) -> Iterator[Ruling]:
    """Six bits of the byte at offset 12."""
    for event in raw(evidence):
        yield rule(
            not event.octets[12] & 0x3F,
            event,
            why="set",
            expected="zero",
            seen=event.octets[12:16].hex(),
            place="fragment",
        )


@check("rfc6940/s06_3_2/length", "The length field is the size of the message.", "rfc6940:6.3.2/0", "rfc6940:6.7/2",
       needs="a RELOAD message", role=PEER, protocol="reload")  # fmt: skip
def length(evidence: Evidence) -> Iterator[Ruling]:
    """The four bytes at offset 16."""
    for event in raw(evidence):
        got = int.from_bytes(event.octets[16:20])
        yield rule(
            got == len(event.octets),
            event,
            why="another size",
            expected=str(len(event.octets)),
            seen=got,
            place="length",
        )


@check("rfc6940/s06_3_2/one-overlay", "All messages between two nodes name the same overlay.", "rfc6940:6.3.2/2",
       needs="two messages between two nodes", role=PEER, protocol="reload")  # fmt: skip
def one_overlay(evidence: Evidence) -> Iterator[Ruling]:
    """The overlay field; its value is checked where the overlay's name is given."""
    known: dict[frozenset[str], Seen] = {}
    for event in raw(evidence):
        pair = frozenset((event.source, event.destination))
        first = known.setdefault(pair, event)
        if first is not event:
            wanted, got = first.octets[4:8].hex(), event.octets[4:8].hex()
            yield rule(wanted == got, first, event, why="another overlay", expected=wanted, seen=got, place="overlay")


@check("rfc6940/s06_3_2/max-response-length", "A response has a max_response_length of 0.", "rfc6940:6.3.2/13", needs="a response",
       level="SHOULD", role=PEER, protocol="reload")  # fmt: skip
def max_response_length(evidence: Evidence) -> Iterator[Ruling]:
    """The field of answers."""
    for event, message in judged(evidence):
        if is_answer(message):
            got = message.header["max_response_length"]
            yield rule(got == 0, event, why="not zero", expected="0", seen=got, place="max_response_length")


@check("rfc6940/s06_3_2_3/flags-in-response", "A response sets no flags of forwarding options.", "rfc6940:6.3.2.3/1",
       needs="a response with forwarding options", role=PEER, protocol="reload")  # fmt: skip
def flags_in_response(evidence: Evidence) -> Iterator[Ruling]:
    """Options of answers; the decoder refuses flags there, so its refusal is the deviation."""
    for event in evidence.of("reload"):
        if event.clause == "rfc6940:6.3.2.3/1":
            yield wrong(event, why="flags in a response", expected="none", seen=event.fault, place="options")
        elif event.reload is not None and is_answer(event.reload) and destinations(event.reload.header["options"]):
            yield right(event)


@check("rfc6940/s06_3_2_2/resource-last", "A Resource-ID stands only at the end of a Destination List and never in a Via List.",
       "rfc6940:6.3.2.2/4a", "rfc6940:6.3.2.2/4b", needs="a message with a Resource-ID in its lists", role=PEER, protocol="reload")  # fmt: skip
def resource_last(evidence: Evidence) -> Iterator[Ruling]:
    """Both lists; the decoder refuses a misplaced one, so its refusal is the deviation."""
    for event in evidence.of("reload"):
        if event.clause in ("rfc6940:6.3.2.2/4a", "rfc6940:6.3.2.2/4b"):
            yield wrong(
                event,
                why="misplaced",
                expected="at the end of the Destination List",
                seen=event.fault,
                place="destination_list",
            )
        elif event.reload is not None:
            listed = destinations(event.reload.header["destination_list"])
            if listed and rules.member(listed[-1], "type") == "resource":
                yield right(event)


@check("rfc6940/s06_3_3_1/known-error", "An error response carries a code of the registry.", "rfc6940:6.3.3.1/4", "rfc6940:14.9/0",
       needs="an error response", role=PEER, protocol="reload")  # fmt: skip
def known_error(evidence: Evidence) -> Iterator[Ruling]:
    """The codes 2 to 20 of section 14.9."""
    for event, message in judged(evidence):
        if code_of(message) == ERROR:
            code = rules.member(message.contents["message_body"], "error_code")
            named = isinstance(code, str) or (isinstance(code, int) and 2 <= code <= 20)
            yield rule(named, event, why="not registered", expected="2 to 20", seen=code, place="error_code")


@check(
    "rfc6940/s06_3_3/known-code",
    "A message code is registered.",
    "rfc6940:14.8/0",
    needs="a RELOAD message",
    role=PEER,
    protocol="reload",
)
def known_code(evidence: Evidence) -> Iterator[Ruling]:
    """The codes of section 14.8; 35 to 38 are for experiments."""
    for event, message in judged(evidence):
        code = code_of(message)
        good = code in codes().messages or 35 <= code <= 38
        yield rule(
            good, event, why="not registered", expected="a code of section 14.8", seen=code, place="message_code"
        )


@check("rfc6940/s06_3_4/signed", "Every message is signed.", "rfc6940:6.3/1", "rfc6940:6.3.4/10", needs="a RELOAD message", role=PEER,
       protocol="reload")  # fmt: skip
def signed(evidence: Evidence) -> Iterator[Ruling]:
    """A signer and a value in the security block."""
    for event, message in judged(evidence):
        signature = message.security["signature"]
        kind = rules.member(rules.member(signature, "identity"), "identity_type")
        good = kind != "none" and bool(rules.member(signature, "signature_value"))
        yield rule(good, event, why="not signed", expected="a signature", seen=kind, place="security_block.signature")


@check("rfc6940/s06_3_4/signature-holds", "The signature holds under the certificate that the message names.", "rfc6940:6.3.4/11",
       "rfc6940:6.3.4/7", needs="a signed message whose certificate is at hand", role=PEER, protocol="reload")  # fmt: skip
def signature_holds(evidence: Evidence) -> Iterator[Ruling]:
    """Verified by the lab, with the certificates of the message; no chain is asked for."""
    for event, message in judged(evidence):
        if not rules.member(message.security["signature"], "signature_value"):
            continue
        try:
            verify_message(message.octets, evidence.context)
        except LabRefusal as refusal:
            if "no certificate at hand" in refusal.why:
                yield unclear(event, why="its certificate is not at hand")
            else:
                yield wrong(
                    event, why=str(refusal), expected="a signature that holds", seen=refusal.why, place=refusal.where
                )
        else:
            yield right(event)


@check("rfc6940/s06_3_4/certificate-included", "A message contains the certificate it is signed with.", "rfc6940:6.3.4/3",
       "rfc6940:6.3.4/1", needs="a signed message", level="SHOULD", role=PEER, protocol="reload")  # fmt: skip
def certificate_included(evidence: Evidence) -> Iterator[Ruling]:
    """Whether any certificate is there; other ways of distribution are allowed."""
    for event, message in judged(evidence):
        if rules.member(message.security["signature"], "signature_value"):
            good = bool(destinations(message.security["certificates"]))
            yield rule(
                good,
                event,
                why="no certificate",
                expected="the signer's",
                seen="none",
                place="security_block.certificates",
            )
