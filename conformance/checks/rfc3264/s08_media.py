"""RTP of the subject when a session changes (RFC 3264, sections 5.1, 6.1, 7 and 8.3; RFC 3311, section 5.3), as notes tell it."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import told
from conformance.checks.rfc3264.descriptions import description_of
from conformance.checks.rfc3264.s06_media import FEW, formats, heard, listens, whole
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

OFFERER, ANSWERER = "offerer", "answerer"
PARAMETERS = ("user-agent/media-parameters",)
PREFERS = ("user-agent/prefers-answered",)
BEHIND = "behind the change"


def _mostly(found: dict[int, int]) -> int:
    """What was heard most often; 0 where nothing was."""
    return max(found, key=lambda one: found[one], default=0)


@check(
    "rfc3264/s05_1/listening-offered", "A stream that is wanted for listening alone is offered as recvonly.", "rfc3264:5.1/2",
    needs="a subject told to listen only", role=OFFERER, scenarios=("user-agent/listens-only",),
)  # fmt: skip
def listening_offered(evidence: Evidence) -> Iterator[Ruling]:
    """The first stream of its offer within the call."""
    for one in told(evidence, "INVITE", "UPDATE"):
        offer = None if one.initial else description_of((one.event, one.request))
        if offer is not None and offer.media:
            seen = offer.direction(0)
            yield rule(seen == "recvonly", one.event, why="another direction", expected="recvonly", seen=seen)


@check(
    "rfc3264/s05_1/ended-silent", "Nothing is sent on a stream that was offered with port 0.", "rfc3264:5.1/5",
    needs="RTP of the subject ahead of an offer with port 0", role="user-agent", scenarios=("user-agent/media-ended",),
)  # fmt: skip
def ended_silent(evidence: Evidence) -> Iterator[Ruling]:
    """The place where the stream went before hears no more."""
    if whole(evidence) and heard(evidence, "caller", "ahead of the end"):
        count = sum(heard(evidence, "caller", "behind the end").values())
        yield rule(count <= FEW, why="the stream goes on", expected="nothing", seen=f"{count} packets")


@check(
    "rfc3264/s08_3_1/offerer-both-ports", "From its offer to move a stream on, the offerer takes media at the old port and the new one.",
    "rfc3264:8.3.1/3", needs="a subject told to move its media", role=OFFERER, scenarios=("user-agent/moves-port",),
)  # fmt: skip
def offerer_both_ports(evidence: Evidence) -> Iterator[Ruling]:
    """Ahead of the answer."""
    yield from listens(evidence, "at the old place of the offerer ahead of the answer")
    yield from listens(evidence, "at the new place of the offerer ahead of the answer")


@check(
    "rfc3264/s08_3_1/offerer-old-port", "Until media has come to its new port the offerer takes it at the old one.", "rfc3264:8.3.1/4",
    "rfc3264:8.3.1/11", needs="a subject that has moved its media by an offer", role=OFFERER, scenarios=("user-agent/moved-port",),
)  # fmt: skip
def offerer_old_port(evidence: Evidence) -> Iterator[Ruling]:
    """Behind the answer, and ahead of any packet to the new port."""
    yield from listens(evidence, "at the old place of the offerer ahead of media at the new one")


@check(
    "rfc3264/s08_3_1/answerer-both-ports", "An answerer that moves its port takes media at the old one, until some has come to the new one, and there.",
    "rfc3264:8.3.1/8", "rfc3264:8.3.1/9", needs="a subject told to answer from another port", role=ANSWERER,
    scenarios=("user-agent/answers-from-elsewhere",),
)  # fmt: skip
def answerer_both_ports(evidence: Evidence) -> Iterator[Ruling]:
    """The old port first."""
    yield from listens(evidence, "at the old place of the answerer ahead of media at the new one")
    yield from listens(evidence, "at the new place of the answerer behind the answer")


@check(
    "rfc3264/s08_3_2/offerer-turns", "Behind the answer to a changed list the offerer sends formats of that answer, and no others.",
    "rfc3264:8.3.2/6a", "rfc3264:8.3.2/6c", needs="RTP of a subject told to change its formats, behind the answer", role=OFFERER,
    scenarios=("user-agent/changes-formats",),
)  # fmt: skip
def offerer_turns(evidence: Evidence) -> Iterator[Ruling]:
    """PCMA, where it was PCMU."""
    if whole(evidence) and heard(evidence, "callee", "ahead of the change"):
        found = heard(evidence, "callee", BEHIND)
        good = found.get(8, 0) > FEW and not any(count > FEW for number, count in found.items() if number != 8)
        seen = ", ".join(map(str, sorted(found))) or "nothing"
        yield rule(good, why="not the formats of the answer", expected="8", seen=seen)


@check(
    "rfc3264/s07/prefers-answered", "The offerer sends the format that the answer puts first.", "rfc3264:7/2b", "rfc3264:6.1/16",
    needs="RTP of the subject behind an answer with PCMA ahead of PCMU", level="SHOULD", role=OFFERER, scenarios=PREFERS,
)  # fmt: skip
def prefers_answered(evidence: Evidence) -> Iterator[Ruling]:
    """PCMA."""
    yield from formats(evidence, "callee", 8, when="behind the answer")


@check(
    "rfc3264/s08_3_2/prefers-answered", "Behind a changed list, too, the offerer sends the format that the answer puts first.",
    "rfc3264:8.3.2/6b", needs="RTP of the subject behind its changed offer and an answer with PCMA ahead of PCMU", level="SHOULD",
    role=OFFERER, scenarios=PREFERS,
)  # fmt: skip
def prefers_answered_again(evidence: Evidence) -> Iterator[Ruling]:
    """PCMA."""
    yield from formats(evidence, "callee", 8, when=BEHIND)


@check(
    "rfc3264/s07/packet-time", "The offerer sends packets of the duration that the answer asks for.", "rfc3264:7/4",
    needs="RTP of the subject behind an answer with ptime", level="SHOULD", role=OFFERER, scenarios=PREFERS,
)  # fmt: skip
def offerer_packet_time(evidence: Evidence) -> Iterator[Ruling]:
    """40 ms are 320 samples."""
    found = heard(evidence, "callee", "behind the answer", samples=True)
    if any(found):
        yield rule(_mostly(found) == 320, why="other packets", expected="320 samples", seen=_mostly(found))


@check(
    "rfc3264/s06_1/packet-time", "The answerer sends packets of the duration that the offer asks for.", "rfc3264:6.1/27",
    needs="RTP of the subject behind an offer with ptime", level="SHOULD", role=ANSWERER, scenarios=PARAMETERS,
)  # fmt: skip
def answerer_packet_time(evidence: Evidence) -> Iterator[Ruling]:
    """40 ms are 320 samples."""
    found = heard(evidence, "caller", "ahead of the change", samples=True)
    if any(found):
        yield rule(_mostly(found) == 320, why="other packets", expected="320 samples", seen=_mostly(found))


@check(
    "rfc3264/s08_3_2/prefers-changed", "Behind a changed list, too, the answerer sends what the offer puts first.", "rfc3264:8.3.2/5b",
    needs="RTP of the subject behind a re-INVITE with PCMA ahead of PCMU", level="SHOULD", role=ANSWERER, scenarios=PARAMETERS,
)  # fmt: skip
def prefers_changed(evidence: Evidence) -> Iterator[Ruling]:
    """PCMA."""
    yield from formats(evidence, "caller", 8, when=BEHIND)


@check(
    "rfc3264/s08_3_4/new-parameters", "What is sent behind a changed description keeps to its parameters.", "rfc3264:8.3.4/2",
    needs="RTP of a subject that has kept to ptime ahead of the change", role="user-agent", scenarios=PARAMETERS,
)  # fmt: skip
def new_parameters(evidence: Evidence) -> Iterator[Ruling]:
    """40 ms and then 60: whoever keeps to neither is judged by the clause about ptime alone."""
    before = heard(evidence, "caller", "ahead of the change", samples=True)
    after = heard(evidence, "caller", BEHIND, samples=True)
    if _mostly(before) == 320 and any(after):
        yield rule(_mostly(after) == 480, why="the parameters of before", expected="480 samples", seen=_mostly(after))


@check(
    "rfc3264/s08_3_3/both-media", "An offerer that makes another medium of a stream takes both until it is answered.", "rfc3264:8.3.3/4",
    needs="a subject told to change the medium of its stream", role=OFFERER, scenarios=("user-agent/changes-medium",),
)  # fmt: skip
def both_media(evidence: Evidence) -> Iterator[Ruling]:
    """The ports of both, ahead of the answer."""
    yield from listens(evidence, "at the old place of the offerer ahead of the answer")
    yield from listens(evidence, "at the new place of the offerer ahead of the answer")
