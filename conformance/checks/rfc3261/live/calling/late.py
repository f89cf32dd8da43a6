"""Offers that come in the 2xx to an INVITE without one (RFC 3261, sections 13.2.1, 13.2.2.4 and 14.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.calling.answers import acks_of, answers_to
from conformance.checks.rfc3261.live.calling.calls import later
from conformance.checks.rfc3261.live.stimuli import CLIENT
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear, wrong
from conformance.lab.sip import LabRefusal, decode
from conformance.lab.sip.value import Json, number_at, pick

SOON = 2.0
"""Seconds within which a caller answers, and hangs up."""


def _streams(body: bytes) -> list[Json] | None:
    """The media descriptions of a session description, None where it is none."""
    try:
        found = pick(decode("sdp", None, body), "media")
    except LabRefusal:
        return None
    return list(found) if isinstance(found, list) else None


def _answered_and_left(evidence: Evidence) -> Iterator[Ruling]:
    for event, message in list(answers_to(evidence, "unusable"))[:1]:
        acks = [pair for pair in acks_of(evidence, message, event) if pair[0].time - event.time < SOON]
        if not acks:
            yield wrong(event, why="the 2xx is not acknowledged", expected="ACK with an answer", seen="no ACK")
            continue
        at, ack = acks[0]
        offered, streams = _streams(message.body), _streams(ack.body)
        good = streams is not None and offered is not None and len(streams) == len(offered)
        if not good:
            seen = "no answer" if not ack.body else "no such answer"
            expected = f"an answer with {len(offered or ())} stream"
            yield wrong(event, at, why="the offer", expected=expected, seen=seen, place="body")
            continue
        if any(number_at(one, "port") for one in streams or ()):
            seen = ack.body.decode(errors="replace")
            yield wrong(event, at, why="a stream that nobody knows is taken", expected="port 0", seen=seen)
            continue
        byes = [one for one in later(evidence, event.number, "BYE") if one.request.call_id == message.call_id]
        if byes:
            soon = byes[0].event.time - at.time < SOON
            yield rule(soon, event, at, byes[0].event, why="the end", expected="BYE at once", seen="BYE late")
        else:
            why = "all streams are declined, and the call stands: whether that is acceptable only its user knows"
            yield unclear(at, why=why)


@check(
    "rfc3261/s13_2_2_4/late-answer", "A caller without an offer answers that of the 2xx in its ACK.", "rfc3261:13.2.1/0", "rfc3261:13.2.2/0",
    needs="an INVITE of the subject without an offer", role=CLIENT, scenarios=("user-agent/calls-late",),
)  # fmt: skip
def late_answer(evidence: Evidence) -> Iterator[Ruling]:
    """The description in the ACK has as many streams, and takes the one that everybody knows."""
    for event, message in list(answers_to(evidence, "offered"))[:1]:
        acks = acks_of(evidence, message, event)
        streams = _streams(acks[0][1].body) if acks else None
        good = bool(streams) and len(streams or ()) == 1 and bool(number_at((streams or [None])[0], "port"))
        seen = "no ACK" if not acks else "no such answer"
        yield rule(
            good, event, *(at for at, _ in acks[:1]), why="the offer", expected="an answer", seen=seen, place="body"
        )


@check(
    "rfc3261/s13_2_2_4/unusable-offer", "A caller that can use nothing of the offer in the 2xx answers it all the same, and hangs up.",
    "rfc3261:13.2.2/9", needs="an unusable offer in the 2xx to an INVITE of the subject without one", role=CLIENT,
    scenarios=("user-agent/calls-late-unusable",),
)  # fmt: skip
def unusable_offer(evidence: Evidence) -> Iterator[Ruling]:
    """A right answer in the ACK, then BYE."""
    yield from _answered_and_left(evidence)


@check(
    "rfc3261/s14_2/unusable-offer", "Within a call too an offer that cannot be used is answered before the caller hangs up.", "rfc3261:14.2/12",
    level="SHOULD", needs="an unusable offer in the 2xx to a re-INVITE of the subject without one", role=CLIENT,
    scenarios=("user-agent/reinvites-late-unusable",),
)  # fmt: skip
def unusable_offer_within(evidence: Evidence) -> Iterator[Ruling]:
    """A right answer in the ACK, then BYE."""
    yield from _answered_and_left(evidence)
