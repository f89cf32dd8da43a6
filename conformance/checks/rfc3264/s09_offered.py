"""Own offers against what the subject says of itself: holding, and capabilities (RFC 3264, sections 5.1 and 9)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import told
from conformance.checks.rfc3264.descriptions import Description, description_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

BOTH = ("user-agent/capabilities-and-offer",)
NEEDS = "a description in a 200 to OPTIONS, and an offer in a 200 to an INVITE without one"


@check(
    "rfc3264/s05_1/held-sendonly", "A stream that is to be sent only is offered as sendonly.", "rfc3264:5.1/1",
    needs="a subject that holds a call by a re-INVITE", role="offerer", scenarios=("user-agent/subject-holds",),
)  # fmt: skip
def held_sendonly(evidence: Evidence) -> Iterator[Ruling]:
    """The direction in the first re-INVITE; inactive where it sends nothing either."""
    for one in list(told(evidence, "INVITE"))[:1]:
        found = description_of((one.event, one.request))
        if found is not None and found.media:
            seen = found.direction(0)
            good = seen in ("sendonly", "inactive")
            yield rule(good, one.event, why="not held", expected="sendonly or inactive", seen=seen, place="a=")


def _told(evidence: Evidence) -> tuple[Description | None, Description | None]:
    """The description of capabilities, and the offer."""
    capable = [description_of(pair) for pair in evidence.responses(200, method="OPTIONS")]
    offered = [description_of(pair) for pair in evidence.responses(200, method="INVITE")]
    return next((one for one in capable if one is not None), None), next(
        (one for one in offered if one is not None), None
    )


@check(
    "rfc3264/s09/media-listed", "A description of capabilities has a stream for each medium.", "rfc3264:9/3", needs=NEEDS, scenarios=BOTH,
)  # fmt: skip
def media_listed(evidence: Evidence) -> Iterator[Ruling]:
    """What it offers in a call is among them."""
    capable, offered = _told(evidence)
    if capable is not None and offered is not None:
        known = {medium for _, medium, _, _ in capable.streams()}
        used = {medium for _, medium, port, _ in offered.streams() if port}
        yield rule(
            used <= known,
            capable.event,
            offered.event,
            why="a medium is missing",
            expected=", ".join(sorted(used)),
            seen=sorted(known),
        )


@check(
    "rfc3264/s09/formats-listed", "A description of capabilities lists each format.", "rfc3264:9/6", needs=NEEDS, level="SHOULD", scenarios=BOTH,
)  # fmt: skip
def formats_listed(evidence: Evidence) -> Iterator[Ruling]:
    """The static formats of what it offers in a call are among them."""
    capable, offered = _told(evidence)
    if capable is not None and offered is not None:
        known = {(medium, word) for _, medium, _, words in capable.streams() for word in words}
        used = {(medium, word) for _, medium, port, words in offered.streams() if port for word in words}
        static = {(medium, word) for medium, word in used if not word.isdigit() or int(word) < 96}
        seen = sorted(" ".join(each) for each in static - known)
        yield rule(
            not seen,
            capable.event,
            offered.event,
            why="a format is missing",
            expected="each format",
            seen=f"without {seen}",
        )
