"""Links that fall silent or fail leave the Routing Table (RFC 6940, sections 6.6, 6.6.3.1 and 6.6.5)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.live.labelled import Put, fails, party_of, put
from conformance.checks.rfc6940.s06_6_links import frames
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear
from conformance.judge.seen import Seen

PEER = "peer"
SILENT = "finn"


def went(evidence: Evidence, one: Put) -> list[str]:
    """The parties that a message was passed on to first, and again."""
    return [party_of(evidence, event) for event, _ in one.elsewhere]


def avoided(evidence: Evidence, label: str) -> Iterator[Ruling]:
    """Whether a message goes by another peer than the one that it went by before."""
    before = next(iter(put(evidence, "before")), None)
    for one in put(evidence, label):
        if before is None or went(evidence, before)[:1] != [SILENT]:
            yield unclear(one.event, why="the message did not go by that peer before")
            continue
        parties = went(evidence, one)
        if not parties:
            yield fails(one, "the message at another peer", "not passed on")
        else:
            yield rule(
                parties[0] != SILENT,
                one.event,
                one.elsewhere[0][0],
                why="the same way",
                expected="another peer",
                seen=parties[0],
            )


@check(
    "rfc6940/s06_6/failed-link-avoided", "A link that has failed leaves the Routing Table quickly.", "rfc6940:6.6/3b", level="SHOULD",
    needs="a message that went over a link which is closed since", role=PEER, protocol="reload", scenarios=("peer/lost-link",),
)  # fmt: skip
def failed_link_avoided(evidence: Evidence) -> Iterator[Ruling]:
    """The same place, asked for again."""
    yield from avoided(evidence, "at-once")


@check(
    "rfc6940/s06_6_3_1/silent-link-avoided", "A DTLS link without any acknowledgement leaves the Routing Table.", "rfc6940:6.6.3.1/9",
    level="SHOULD", needs="a message that went over a link which is silent since", role=PEER, protocol="reload",
    scenarios=("peer/silent-datagrams",),
)  # fmt: skip
def silent_datagrams_avoided(evidence: Evidence) -> Iterator[Ruling]:
    """The same place, asked for when the waits of several repetitions are over."""
    yield from avoided(evidence, "later")


@check(
    "rfc6940/s06_6_5/silent-link-avoided", "A TLS link without acknowledgements leaves the Routing Table.", "rfc6940:6.6.5/2", level="SHOULD",
    needs="a message that went over a link which is silent since", role=PEER, protocol="reload", scenarios=("peer/silent-stream",),
)  # fmt: skip
def silent_stream_avoided(evidence: Evidence) -> Iterator[Ruling]:
    """The same place, asked for ten seconds later."""
    yield from avoided(evidence, "later")


@check(
    "rfc6940/s06_6_5/nothing-repeated", "Over TLS nothing is sent again because it is not acknowledged.", "rfc6940:6.6.5/2",
    needs="messages over a TLS link that is silent", role=PEER, protocol="reload", scenarios=("peer/silent-stream",),
)  # fmt: skip
def nothing_repeated(evidence: Evidence) -> Iterator[Ruling]:
    """Frames with the message that went into silence."""
    sent: dict[str, list[Seen]] = {}
    for _, event, _, _ in frames(evidence, "data"):
        if event.direction == "sent" and event.link is not None and party_of(evidence, event) == SILENT:
            sent.setdefault(str(event.link["message"]), []).append(event)
    for one in put(evidence, "into-silence"):
        for series in sent.values():
            if series[0].number > one.event.number:
                yield rule(
                    len(series) == 1,
                    one.event,
                    series[-1],
                    why="again",
                    expected="one frame",
                    seen=f"{len(series)} frames",
                )


@check(
    "rfc6940/s06_6_5/retained", "A TLS link without acknowledgements is kept for 30 seconds before it counts as failed.", "rfc6940:6.6.5/3",
    level="SHOULD", needs="a TLS link that is silent for half a minute", role=PEER, protocol="reload", scenarios=("peer/silent-stream",),
)  # fmt: skip
def retained(evidence: Evidence) -> Iterator[Ruling]:
    """When the subject closes it, if it does."""
    silent = next(iter(put(evidence, "into-silence")), None)
    for one in put(evidence, "retained"):
        if evidence.play is None or silent is None or not silent.elsewhere:
            continue
        ends = [
            number for number, fact in evidence.play.facts
            if number >= silent.event.number and fact.get("what") == "closed" and fact.get("by") == "subject" and fact.get("party") == SILENT
        ]  # fmt: skip
        early = bool(ends) and ends[0] < one.event.number
        if not one.answers:
            yield unclear(one.event, why="nothing shows that it lives")
            continue
        event = one.answers[0][0]
        yield rule(not early, silent.event, event, why="closed early", expected="30 seconds", seen="an earlier end")
