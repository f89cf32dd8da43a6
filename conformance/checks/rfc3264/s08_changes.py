"""What later offers may change (RFC 3264, sections 8.1 and 8.3.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3264.descriptions import Description, exchanges
from conformance.checks.rfc3264.s05_lines import is_rtp
from conformance.checks.rfc3264.s06_formats import codecs
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab.sip.value import pick, text_at


@check("rfc3264/s08_1/added-below", "New streams stand below those that were there before.", "rfc3264:8.1/1",
       needs="a second offer in a dialog")  # fmt: skip
def added_below(evidence: Evidence) -> Iterator[Ruling]:
    """The medium at each place of the description before; a disabled place may be taken by another medium."""
    last: dict[int, Description] = {}
    for one in exchanges(evidence):
        before, after = last.get(id(one.dialog)), one.offer
        last[id(one.dialog)] = one.answer if one.answer is not None else one.offer
        if before is None or after.event.direction == "received":
            continue
        places = range(min(len(before.media), len(after.media)))
        live = [number for number in places if pick(before.media[number], "port") != 0]
        wanted = [text_at(before.media[number], "media") for number in live]
        got = [text_at(after.media[number], "media") for number in live]
        good, why, expected = wanted == got, "a stream has moved", str(wanted)
        yield rule(good, before.event, after.event, why=why, expected=expected, seen=got, place="m=")


@check("rfc3264/s08_3_2/mapping-stays", "A dynamic payload type means one codec for as long as its stream lasts.", "rfc3264:8.3.2/3",
       "rfc3264:8.3.2/4", needs="two descriptions of one stream with the same dynamic payload type")  # fmt: skip
def mapping_stays(evidence: Evidence) -> Iterator[Ruling]:
    """The rtpmap of payload types from 96 on, in all offers and answers of a dialog; a reused place is a new stream."""
    known: dict[tuple[int, int, str], tuple[Description, str]] = {}
    media: dict[tuple[int, int], str] = {}
    for one in exchanges(evidence):
        for description in (one.offer, one.answer):
            for number in range(len(description.media) if description is not None else 0):
                assert description is not None
                medium = text_at(description.media[number], "media") or ""
                place = (id(one.dialog), number)
                if media.setdefault(place, medium) != medium or not is_rtp(description.media[number]):
                    media[place] = medium
                    known = {key: value for key, value in known.items() if key[:2] != place}
                yield from _same_mapping(known, place, description)


def _same_mapping(
    known: dict[tuple[int, int, str], tuple[Description, str]], place: tuple[int, int], description: Description
) -> Iterator[Ruling]:
    number = place[1]
    for kind, encoding in codecs(description, number).items():
        if not kind.isdigit() or not 96 <= int(kind) <= 127 or not is_rtp(description.media[number]):
            continue
        first, before = known.setdefault((*place, kind), (description, encoding))
        if first is description or description.event.direction == "received":
            continue
        if before == encoding:
            yield right(first.event, description.event)
        else:
            where = f"m= {number + 1} type {kind}"
            yield wrong(
                first.event, description.event, why="another codec", expected=before, seen=encoding, place=where
            )
