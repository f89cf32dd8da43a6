"""Offers and answers (RFC 3264; RFC 4566 for the descriptions themselves)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3264.descriptions import Description, address_of, by_party, exchanges, is_group, sdp_bodies
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab.sip import LabRefusal
from conformance.lab.sip.sdp import decode_sdp
from conformance.lab.sip.value import pick, text_at

NEEDS = "an offer with its answer"
MIRROR = {
    "sendonly": ("recvonly", "inactive"),
    "recvonly": ("sendonly", "inactive"),
    "inactive": ("inactive",),
    "sendrecv": ("sendrecv", "sendonly", "recvonly", "inactive"),
}


@check("rfc3264/s05/valid-description", "A session description follows its grammar.", "rfc3264:5/1", "rfc3264:6.1/12", "rfc4566:5/0",
       "rfc3261:13.2.1/17b", needs="a message with a session description")  # fmt: skip
def valid_description(evidence: Evidence) -> Iterator[Ruling]:
    """Every body of type application/sdp."""
    for event, message in evidence.judged:
        for octets in sdp_bodies(message):
            try:
                decode_sdp(octets)
            except LabRefusal as refusal:
                yield wrong(
                    event, why=str(refusal), expected="a session description", seen=refusal.why, place=refusal.where
                )
            else:
                yield right(event)


@check("rfc3264/s05/origin-64-bit", "Session id and version fit in 64 bits with sign.", "rfc3264:5/3", needs=NEEDS)
def origin_64_bit(evidence: Evidence) -> Iterator[Ruling]:
    """The origin of every description."""
    for series in by_party(evidence):
        for one in series:
            numbers = [text_at(one.value, "origin", name) or "" for name in ("session_id", "session_version")]
            good = all(number.isdigit() and int(number) < 2**63 for number in numbers)
            if one.event.direction != "received":
                yield rule(good, one.event, why="too large", expected="below 2^63", seen=numbers, place="o=")


def answered(evidence: Evidence) -> Iterator[tuple[Description, Description]]:
    """Offers with their answers, where the answerer is judged."""
    for one in exchanges(evidence):
        if one.answer is not None and one.answer.event.direction != "received":
            yield one.offer, one.answer


@check("rfc3264/s06/answer-present", "An accepted offer is answered in the 2xx, an offer in the 2xx in the ACK.", "rfc3261:13.3.1.4/2",
       "rfc3261:13.2.2/8", "rfc3261:13.2.1/13", "rfc3261:13.2.1/10",
       needs="an offer in a transaction that succeeded")  # fmt: skip
def answer_present(evidence: Evidence) -> Iterator[Ruling]:
    """The answer to every offer."""
    for one in exchanges(evidence):
        yield rule(one.answer is not None, one.offer.event, why="no answer", expected="an answer", seen="none")


@check(
    "rfc3264/s06/same-streams",
    "An answer has as many m= lines as its offer.",
    "rfc3264:6/2",
    "rfc3264:6/3",
    "rfc3264:6/4",
    needs=NEEDS,
)
def same_streams(evidence: Evidence) -> Iterator[Ruling]:
    """Numbers of streams."""
    for offer, answer in answered(evidence):
        wanted, got = len(offer.media), len(answer.media)
        yield rule(wanted == got, offer.event, answer.event, why="streams", expected=str(wanted), seen=got, place="m=")


@check("rfc3264/s06/same-times", "The t= line of an answer is that of its offer.", "rfc3264:6/5", needs=NEEDS)
def same_times(evidence: Evidence) -> Iterator[Ruling]:
    """Times of both."""
    for offer, answer in answered(evidence):
        wanted, got = offer.value["times"], answer.value["times"]
        yield rule(
            wanted == got, offer.event, answer.event, why="another t=", expected=str(wanted), seen=got, place="t="
        )


@check("rfc3264/s06/own-origin", "An answer has an origin of its own.", "rfc3264:6/1", needs=NEEDS)
def own_origin(evidence: Evidence) -> Iterator[Ruling]:
    """Origins of both, where the descriptions differ."""
    for offer, answer in answered(evidence):
        if offer.octets != answer.octets:
            good = offer.value["origin"] != answer.value["origin"]
            seen = answer.value["origin"]
            yield rule(
                good, offer.event, answer.event, why="the offer's origin", expected="another", seen=seen, place="o="
            )


def paired(evidence: Evidence) -> Iterator[tuple[Description, Description, int]]:
    """Every stream of an offer that its answer has too."""
    for offer, answer in answered(evidence):
        for number in range(min(len(offer.media), len(answer.media))):
            yield offer, answer, number


@check("rfc3264/s06_1/same-media", "A stream keeps its media type in the answer.", "rfc3264:6.1/2", needs=NEEDS)
def same_media(evidence: Evidence) -> Iterator[Ruling]:
    """The medium of each stream."""
    for offer, answer, number in paired(evidence):
        wanted, got = text_at(offer.media[number], "media"), text_at(answer.media[number], "media")
        yield rule(
            wanted == got,
            offer.event,
            answer.event,
            why="medium",
            expected=str(wanted),
            seen=got,
            place=f"m= {number + 1}",
        )


@check("rfc3264/s06_1/mirrored", "The direction of a stream in the answer fits the offer: sendonly gets recvonly or inactive, and so on.",
       "rfc3264:6.1/3", "rfc3264:6.1/4", "rfc3264:6.1/6", needs="a stream offered with a direction and accepted")  # fmt: skip
def mirrored(evidence: Evidence) -> Iterator[Ruling]:
    """Directions of accepted streams; one to a group keeps its own (section 6.2)."""
    for offer, answer, number in paired(evidence):
        if is_group(address_of(offer, number)):
            continue
        if pick(answer.media[number], "port") == 0 or pick(offer.media[number], "port") == 0:
            continue
        wanted, got = MIRROR[offer.direction(number)], answer.direction(number)
        why = f"answer to {offer.direction(number)}"
        yield rule(
            got in wanted,
            offer.event,
            answer.event,
            why=why,
            expected=" or ".join(wanted),
            seen=got,
            place=f"m= {number + 1}",
        )


@check("rfc3264/s06_1/common-format", "An accepted stream has at least one format of the offer.", "rfc3264:6.1/7", "rfc3264:6.1/9",
       "rfc3264:6.1/10", "rfc3264:6.1/23", needs="an accepted stream")  # fmt: skip
def common_format(evidence: Evidence) -> Iterator[Ruling]:
    """Formats by payload type number, and dynamic ones by their encoding."""
    for offer, answer, number in paired(evidence):
        if pick(answer.media[number], "port") == 0:
            continue
        wanted, got = formats_of(offer, number), formats_of(answer, number)
        yield rule(
            bool(wanted & got),
            offer.event,
            answer.event,
            why="no common format",
            expected=f"one of {sorted(wanted)}",
            seen=sorted(got),
        )


def formats_of(one: Description, number: int) -> set[str]:
    """The formats of a stream: static types by their number, dynamic ones by their encoding."""
    named: dict[str, str] = {}
    attributes = pick(one.media[number], "attributes")
    for entry in attributes if isinstance(attributes, list) else []:
        if text_at(entry, "name") == "rtpmap":
            kind, _, encoding = (text_at(entry, "value") or "").partition(" ")
            named[kind] = encoding.lower().split("/")[0]
    formats = list(one.streams())[number][3]
    return {named.get(word, word) if word.isdigit() and int(word) >= 96 else word for word in formats}


@check("rfc3264/s06/zero-stays-zero", "A stream offered with port 0 has port 0 in the answer.", "rfc3264:8.2/2", "rfc3264:6/8",
       needs="a stream offered with port 0")  # fmt: skip
def zero_stays_zero(evidence: Evidence) -> Iterator[Ruling]:
    """Ports of disabled streams."""
    for offer, answer, number in paired(evidence):
        if pick(offer.media[number], "port") == 0:
            got = pick(answer.media[number], "port")
            yield rule(
                got == 0, offer.event, answer.event, why="revived", expected="0", seen=got, place=f"m= {number + 1}"
            )


@check("rfc3264/s06_1/dynamic-mapped", "An answer maps the dynamic payload types it lists.", "rfc3264:6.1/14a",
       needs="an answer with dynamic payload types")  # fmt: skip
def dynamic_mapped(evidence: Evidence) -> Iterator[Ruling]:
    """The rtpmap of payload types from 96 to 127 over RTP."""
    for _, answer, number in paired(evidence):
        media = answer.media[number]
        if pick(media, "port") == 0 or not (text_at(media, "protocol") or "").upper().startswith("RTP/"):
            continue
        listed = list(answer.streams())[number][3]
        dynamic = [word for word in listed if word.isdigit() and 96 <= int(word) <= 127]
        attributes = pick(media, "attributes")
        mapped = {(text_at(a, "value") or "").split(" ")[0] for a in (attributes if isinstance(attributes, list) else [])
                  if text_at(a, "name") == "rtpmap"}  # fmt: skip
        if dynamic:
            missing = [word for word in dynamic if word not in mapped]
            yield rule(
                not missing,
                answer.event,
                why="not mapped",
                expected="rtpmap for each",
                seen=f"none for {missing}",
                place="a=rtpmap",
            )


@check("rfc3264/s08/version-by-one", "A later description of a party keeps its origin; the version grows by one where anything changed.",
       "rfc3264:8/4a", "rfc3264:8/4b", "rfc3264:8/5", "rfc3261:14.1/2",
       needs="two descriptions of one party in one dialog")  # fmt: skip
def version_by_one(evidence: Evidence) -> Iterator[Ruling]:
    """Origins of consecutive descriptions."""
    for series in by_party(evidence):
        for before, after in zip(series, series[1:], strict=False):
            if after.event.direction == "received" or before.event is after.event:
                continue
            one, two = dict(_origin(before)), dict(_origin(after))
            old, new = int(one.pop("session_version") or "0"), int(two.pop("session_version") or "0")
            if before.octets == after.octets:
                yield right(before.event, after.event)
                continue
            good = one == two and new == old + 1
            expected, seen = f"{one} version {old + 1}", f"{two} version {new}"
            yield rule(
                good,
                before.event,
                after.event,
                why="origin of a changed description",
                expected=expected,
                seen=seen,
                place="o=",
            )


def _origin(one: Description) -> list[tuple[str, str]]:
    names = ("username", "session_id", "session_version", "network_type", "address_type", "unicast_address")
    return [(name, text_at(one.value, "origin", name) or "") for name in names]


@check("rfc3264/s08/streams-stay", "A later offer has at least as many streams as the description before it.", "rfc3264:8/8",
       "rfc3264:8/9", "rfc3264:8/10", needs="a second offer in a dialog")  # fmt: skip
def streams_stay(evidence: Evidence) -> Iterator[Ruling]:
    """Numbers of streams of consecutive exchanges."""
    last: dict[int, Description] = {}
    for one in exchanges(evidence):
        before = last.get(id(one.dialog))
        last[id(one.dialog)] = one.offer
        if before is not None and one.offer.event.direction != "received":
            wanted, got = len(before.media), len(one.offer.media)
            yield rule(
                got >= wanted,
                before.event,
                one.offer.event,
                why="streams removed",
                expected=f"at least {wanted}",
                seen=got,
                place="m=",
            )


@check("rfc3264/s08_4/hold-keeps-address", "Hold is told by direction; the address 0.0.0.0 is only for old peers.", "rfc3264:8.4/0",
       "rfc3264:8.4/2", needs="a later description of a party with a stream that is not disabled", level="SHOULD")  # fmt: skip
def hold_keeps_address(evidence: Evidence) -> Iterator[Ruling]:
    """Addresses of streams after the first exchange; port 0 disables a stream and is no hold."""
    for series in by_party(evidence):
        for one in series[1:]:
            for number, _, port, _ in one.streams():
                own = pick(one.media[number], "connections", 0) or one.value["connection"]
                address = text_at(own, "address")
                if one.event.direction == "received" or (port == 0 and address != "0.0.0.0"):
                    continue
                good, seen = address != "0.0.0.0", f"{address} port {port}"
                yield rule(good, one.event, why="hold", expected="the address kept", seen=seen, place="c=")
