"""Addresses and formats of answers (RFC 3264, section 6.1)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3264.descriptions import Description, address_of, is_group
from conformance.checks.rfc3264.s05_lines import attributes, is_rtp
from conformance.checks.rfc3264.s05_offer import paired
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip.value import pick


def codecs(one: Description, number: int) -> dict[str, str]:
    """Payload type to encoding, as rtpmap tells; names in lower case, with their parameters."""
    found = (value.partition(" ") for value in attributes(one, number, "rtpmap"))
    return {kind: encoding.strip().lower() for kind, _, encoding in found}


def accepted(evidence: Evidence) -> Iterator[tuple[Description, Description, int]]:
    """Every stream that was offered and accepted."""
    for offer, answer, number in paired(evidence):
        if pick(offer.media[number], "port") != 0 and pick(answer.media[number], "port") != 0:
            yield offer, answer, number


@check("rfc3264/s06_1/unicast-answered", "A stream offered with a unicast address is answered with one.", "rfc3264:6.1/1",
       needs="an accepted stream offered with a unicast address")  # fmt: skip
def unicast_answered(evidence: Evidence) -> Iterator[Ruling]:
    """Addresses of both."""
    for offer, answer, number in accepted(evidence):
        if not is_group(address_of(offer, number)):
            seen = address_of(answer, number)
            good, why = not is_group(seen), "the address of a group"
            yield rule(
                good, offer.event, answer.event, why=why, expected="unicast", seen=seen, place=f"m= {number + 1}"
            )


@check("rfc3264/s06_1/same-type", "A codec keeps the payload type of the offer in the answer.", "rfc3264:6.1/13",
       needs="an accepted RTP stream with a codec that both map", level="SHOULD")  # fmt: skip
def same_type(evidence: Evidence) -> Iterator[Ruling]:
    """Payload types by encoding."""
    for offer, answer, number in accepted(evidence):
        offered, taken = codecs(offer, number), codecs(answer, number)
        for kind, encoding in taken.items():
            wanted = [other for other, same in offered.items() if same == encoding]
            if wanted and is_rtp(answer.media[number]):
                good, why = kind in wanted, f"another type for {encoding}"
                place = f"m= {number + 1}"
                yield rule(
                    good, offer.event, answer.event, why=why, expected=" or ".join(wanted), seen=kind, place=place
                )


def _shared(one: Description, number: int) -> dict[str, tuple[str, str]]:
    """By payload type of H264 what both sides must share (RFC 6184, section 8.2.2, from memory): packetization-mode and profile."""
    told = {kind: text for kind, _, text in (value.partition(" ") for value in attributes(one, number, "fmtp"))}
    found: dict[str, tuple[str, str]] = {}
    for kind, encoding in codecs(one, number).items():
        if encoding.startswith("h264/"):
            pairs = (part.strip().lower().partition("=") for part in told.get(kind, "").split(";"))
            values = {name.strip(): value.strip() for name, _, value in pairs}
            found[kind] = values.get("packetization-mode", "0"), values.get("profile-level-id", "420010")[:4]
    return found


@check("rfc3264/s06_1/symmetric-parameters", "Format parameters that both sides must share come back unchanged in the answer.", "rfc3264:6.1/19",
       needs="an accepted stream with H264")  # fmt: skip
def symmetric_parameters(evidence: Evidence) -> Iterator[Ruling]:
    """Mode and profile of each H264 in the answer: those of the offer under this number, else of any H264 in it."""
    for offer, answer, number in accepted(evidence):
        offered = _shared(offer, number)
        for kind, seen in _shared(answer, number).items():
            wanted = [offered[kind]] if kind in offered else list(offered.values())
            if wanted:
                expected, place = " or ".join(map(str, wanted)), f"fmtp of {kind}"
                good, why = seen in wanted, "another configuration"
                yield rule(good, offer.event, answer.event, why=why, expected=expected, seen=seen, place=place)


@check("rfc3264/s06_1/static-mapped", "An answer maps the static payload types it lists.", "rfc3264:6.1/14b",
       needs="an answer with static payload types", level="SHOULD")  # fmt: skip
def static_mapped(evidence: Evidence) -> Iterator[Ruling]:
    """The rtpmap of payload types below 96; the dynamic ones have a check of their own."""
    for offer, answer, number in accepted(evidence):
        listed = [kind for kind in list(answer.streams())[number][3] if kind.isdigit() and int(kind) < 96]
        if listed and is_rtp(answer.media[number]):
            missing = [kind for kind in listed if kind not in codecs(answer, number)]
            seen, place = f"none for {', '.join(missing)}", f"m= {number + 1}"
            good, expected = not missing, "a=rtpmap for each"
            yield rule(good, offer.event, answer.event, why="not mapped", expected=expected, seen=seen, place=place)


@check("rfc3264/s06_1/same-order", "An answer lists the formats it takes in the order of the offer.", "rfc3264:6.1/17b", "rfc3264:6.1/18",
       needs="an accepted stream with two formats of the offer", level="SHOULD")  # fmt: skip
def same_order(evidence: Evidence) -> Iterator[Ruling]:
    """The formats that both list."""
    for offer, answer, number in accepted(evidence):
        offered, taken = list(offer.streams())[number][3], list(answer.streams())[number][3]
        wanted, got = [kind for kind in offered if kind in taken], [kind for kind in taken if kind in offered]
        if len(wanted) > 1:
            good, place = wanted == got, f"m= {number + 1}"
            yield rule(
                good,
                offer.event,
                answer.event,
                why="another order",
                expected=" ".join(wanted),
                seen=" ".join(got),
                place=place,
            )
