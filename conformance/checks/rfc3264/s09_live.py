"""Capabilities in answers to OPTIONS, and being put on hold (RFC 3264, sections 8.4 and 9)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3264.descriptions import Description, description_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.lab.sip.value import pick, text_at

ANSWERER = "answerer"
TOLD = ("user-agent/capabilities",)
NEEDS = "a session description in a 200 to OPTIONS"


def capabilities(evidence: Evidence) -> Iterator[Description]:
    """The descriptions in answers to OPTIONS."""
    for pair in evidence.responses(200, method="OPTIONS"):
        found = description_of(pair)
        if found is not None:
            yield found


@check(
    "rfc3264/s09/readable", "A description of capabilities follows the grammar of SDP.", "rfc3264:9/1a", needs=NEEDS, scenarios=TOLD,
)  # fmt: skip
def readable(evidence: Evidence) -> Iterator[Ruling]:
    """Each body of that type can be read."""
    for event, message in evidence.responses(200, method="OPTIONS"):
        kind = message.first("content-type")
        if message.body and text_at(kind, "subtype") == "sdp":
            good = description_of((event, message)) is not None
            yield rule(good, event, why="cannot be read", expected="SDP", seen=message.body[:80])


@check(
    "rfc3264/s09/unbounded", "The time of a description of capabilities is 0 0.", "rfc3264:9/2", needs=NEEDS, scenarios=TOLD,
)  # fmt: skip
def unbounded(evidence: Evidence) -> Iterator[Ruling]:
    """t=."""
    for one in capabilities(evidence):
        times = one.value["times"]
        first = times[0] if isinstance(times, list) and times else None
        seen = f"{text_at(first, 'start')} {text_at(first, 'stop')}"
        yield rule(seen == "0 0", one.event, why="another time", expected="0 0", seen=seen, place="t=")


@check(
    "rfc3264/s09/port-zero", "Streams in a description of capabilities have port 0.", "rfc3264:9/5", needs=NEEDS, scenarios=TOLD,
)  # fmt: skip
def port_zero(evidence: Evidence) -> Iterator[Ruling]:
    """The port of each m= line."""
    for one in capabilities(evidence):
        for number, medium, port, _ in one.streams():
            place = f"stream {number + 1}"
            yield rule(port == 0, one.event, why=f"{medium} has a port", expected="0", seen=port, place=place)


@check(
    "rfc3264/s09/own-session", "Every description of capabilities has a session id of its own.", "rfc3264:9/4",
    needs="several answers to OPTIONS with descriptions", scenarios=TOLD,
)  # fmt: skip
def own_session(evidence: Evidence) -> Iterator[Ruling]:
    """o= of all."""
    found = list(capabilities(evidence))
    ids = [str(pick(one.value["origin"], "session_id")) for one in found]
    for number, one in enumerate(found[1:], 1):
        why = "the session id of an earlier one"
        good = ids[number] not in ids[:number]
        yield rule(good, found[0].event, one.event, why=why, expected="a new session id", seen=ids[number], place="o=")


@check(
    "rfc3264/s09/dynamic-mapped", "Dynamic payload numbers in a description of capabilities have their rtpmap.", "rfc3264:9/7", needs=NEEDS,
    scenarios=TOLD,
)  # fmt: skip
def dynamic_mapped(evidence: Evidence) -> Iterator[Ruling]:
    """Every format from 96 on of RTP streams."""
    for one in capabilities(evidence):
        text = one.octets.decode("utf-8", "replace")
        for number, _, _, formats in one.streams():
            if "RTP" not in (text_at(one.media[number], "protocol") or ""):
                continue
            for word in formats:
                if word.isdigit() and int(word) >= 96:
                    good = f"a=rtpmap:{word} " in text
                    yield rule(good, one.event, why="not mapped", expected=f"rtpmap of {word}", seen="none")


@check(
    "rfc3264/s08_4/hold-not-returned", "Being put on hold is no reason to put the other side on hold in return.", "rfc3264:8.4/1",
    needs="a re-INVITE with sendonly that is accepted", level="SHOULD", role=ANSWERER, scenarios=("user-agent/hold",),
)  # fmt: skip
def hold_not_returned(evidence: Evidence) -> Iterator[Ruling]:
    """recvonly, and not inactive."""
    for one in evidence.asked("hold"):
        found = description_of(one.final)
        if found is not None and one.final is not None:
            seen = found.direction(0)
            why = "held in return"
            yield rule(seen != "inactive", one.event, one.final[0], why=why, expected="recvonly", seen=seen)


@check(
    "rfc3264/s06_2/same-group", "An accepted stream to a group has its address, port, direction and formats in the answer.", "rfc3264:6.2/1",
    "rfc3264:6.2/2", "rfc3264:6.2/3", "rfc3264:6.2/4", needs="an offer of a stream to a group that is accepted", role=ANSWERER,
    scenarios=("user-agent/multicast-offer",),
)  # fmt: skip
def same_group(evidence: Evidence) -> Iterator[Ruling]:
    """The answer against the offer; a stream that is refused has port 0, and is right."""
    for one in evidence.asked("to-group"):
        offer, answer = description_of((one.event, one.request)), description_of(one.final)
        if offer is None or answer is None or one.final is None or not answer.media:
            continue
        wanted, got = next(offer.streams()), next(answer.streams())
        text = answer.octets.decode("utf-8", "replace").upper()
        same = got[2] == wanted[2] and set(got[3]) <= set(wanted[3]) and answer.direction(0) == offer.direction(0)
        group = "233.252.0.101" in text or "FF15::101" in text
        seen = f"port {got[2]}, {answer.direction(0)}, {'the group' if group else 'another address'}"
        good = got[2] == 0 or (same and group and "A=PTIME:20" in text)
        yield rule(
            good, one.event, one.final[0], why="not the group", expected="the stream as offered, or port 0", seen=seen
        )
