"""Single lines of offers and answers (RFC 3264, section 5)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3264.descriptions import Description, by_party, exchanges
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip.value import Json, pick, text_at


def attributes(one: Description, number: int, name: str) -> list[str]:
    """The values of an attribute of a stream."""
    found = pick(one.media[number], "attributes")
    return [text_at(a, "value") or "" for a in (found if isinstance(found, list) else []) if text_at(a, "name") == name]


def descriptions(evidence: Evidence) -> Iterator[Description]:
    """Every judged description that is an offer or an answer."""
    for series in by_party(evidence):
        yield from (one for one in series if one.event.direction != "received")


def offers(evidence: Evidence) -> Iterator[Description]:
    """Every judged offer."""
    return (one.offer for one in exchanges(evidence) if one.offer.event.direction != "received")


def is_rtp(media: Json) -> bool:
    """Whether a stream goes over RTP and is not disabled."""
    return (text_at(media, "protocol") or "").upper().startswith("RTP/") and pick(media, "port") != 0


@check("rfc3264/s05/first-version", "The first version of a description is below 2^62 - 1.", "rfc3264:5/4",
       needs="the first description of a party in a dialog")  # fmt: skip
def first_version(evidence: Evidence) -> Iterator[Ruling]:
    """The version in the first o= of each party."""
    for series in by_party(evidence):
        first = series[0]
        version = text_at(first.value, "origin", "session_version") or ""
        if first.event.direction != "received":
            good = version.isdigit() and int(version) < 2**62 - 1
            yield rule(good, first.event, why="too large", expected="below 2^62 - 1", seen=version, place="o=")


@check(
    "rfc3264/s05/session-name",
    "The name of a session is '-' or one space.",
    "rfc3264:5/6",
    needs="an offer or answer",
    level="SHOULD",
)
def session_name(evidence: Evidence) -> Iterator[Ruling]:
    """The line s= of descriptions."""
    for one in descriptions(evidence):
        name = text_at(one.value, "session_name")
        yield rule(name in ("-", " "), one.event, why="another name", expected="- or a space", seen=name, place="s=")


@check("rfc3264/s05/unbounded-time", "The time of an offer is 0 0.", "rfc3264:5/7", needs="an offer", level="SHOULD")
def unbounded_time(evidence: Evidence) -> Iterator[Ruling]:
    """The line t= of offers; SIP ends sessions by itself."""
    for one in offers(evidence):
        times = one.value["times"]
        seen = [
            f"{text_at(time, 'start')} {text_at(time, 'stop')}" for time in (times if isinstance(times, list) else [])
        ]
        yield rule(seen == ["0 0"], one.event, why="a bounded session", expected="0 0", seen=seen, place="t=")


@check(
    "rfc3264/s05_1/mapped",
    "An offer maps every payload type that it lists.",
    "rfc3264:5.1/12",
    needs="an offered RTP stream",
    level="SHOULD",
)
def mapped(evidence: Evidence) -> Iterator[Ruling]:
    """The rtpmap of each payload type, also of the static ones."""
    for one in offers(evidence):
        for number, _, _, formats in one.streams():
            if is_rtp(one.media[number]):
                known = {value.partition(" ")[0] for value in attributes(one, number, "rtpmap")}
                missing = [kind for kind in formats if kind not in known]
                why, seen = "not mapped", f"none for {', '.join(missing)}"
                yield rule(
                    not missing, one.event, why=why, expected="a=rtpmap for each", seen=seen, place=f"m= {number + 1}"
                )


@check(
    "rfc3264/s05_1/positive-ptime",
    "The packet time is greater than zero.",
    "rfc3264:5.1/15",
    needs="a description with ptime",
)
def positive_ptime(evidence: Evidence) -> Iterator[Ruling]:
    """Every a=ptime; fractions of a millisecond are some time, too."""
    for one in descriptions(evidence):
        for number in range(len(one.media)):
            for value in attributes(one, number, "ptime"):
                good = value.replace(".", "", 1).isdigit() and float(value) > 0
                yield rule(good, one.event, why="no time", expected="more than 0", seen=value, place=f"m= {number + 1}")
