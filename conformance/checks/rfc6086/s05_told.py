"""Recv-Info of a caller that knows packages, and of a refusal (RFC 6086, sections 4.2.2 and 5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by, status_of, told
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule

BOTH = "user-agent"
UNKNOWN = "info-unknown-package"


@check(
    "rfc6086/s05_2_3/invite-tells", "A caller that knows packages has Recv-Info in its first INVITE, if an empty one.", "rfc6086:5.2.3/1",
    "rfc6086:5.2.2/1", "rfc6086:5.2.2/5", needs="a call of the subject, and its 469 to an INFO in it", role="user-agent-client",
    scenarios=("user-agent/called-info",),
)  # fmt: skip
def invite_tells(evidence: Evidence) -> Iterator[Ruling]:
    """Who answers 469 knows packages: its INVITE has the header."""
    for one in evidence.asked(UNKNOWN):
        if status_of(one) != 469:
            continue
        for call in [each for each in told(evidence, "INVITE") if each.initial]:
            good = call.request.has("recv-info")
            yield rule(good, call.event, one.event, why="packages are not told", expected="Recv-Info", seen="none")


@check(
    "rfc6086/s04_2_2/refusal-changes-nothing", "The Recv-Info of a 469 is the one that was told before.", "rfc6086:4.2.2/2",
    needs="Recv-Info in a call, and a 469 to an INFO in it", role=BOTH, scenarios=("user-agent/info", "user-agent/called-info"),
)  # fmt: skip
def refusal_changes_nothing(evidence: Evidence) -> Iterator[Ruling]:
    """The packages of both, whatever their order."""
    for one in evidence.asked(UNKNOWN):
        if one.final is None or status_of(one) != 469:
            continue
        event, message = one.final
        before = [other for other, each in evidence.judged if other.number < event.number and each.has("recv-info")]
        if before and before[-1].sip is not None and message.has("recv-info"):
            known, now = before[-1].sip.lines("recv-info"), message.lines("recv-info")
            good = sorted(_packages(known)) == sorted(_packages(now))
            yield rule(
                good, before[-1], event, why="another set", expected=", ".join(known), seen=now, place="Recv-Info"
            )


def _packages(lines: object) -> set[str]:
    words = ",".join(lines) if isinstance(lines, (list, tuple)) else str(lines)
    return {word.strip() for word in words.split(",") if word.strip()}


@check(
    "rfc6086/s04_2_2/sound-200", "An INFO in which nothing is wrong gets 200.", "rfc6086:4.2.2/5", needs="an INFO without package and body, to a subject that knows INFO",
    role=BOTH, scenarios=("user-agent/info",),
)  # fmt: skip
def sound_200(evidence: Evidence) -> Iterator[Ruling]:
    """The status, where Recv-Info or Allow tells that INFO is known."""
    if any(each.has("recv-info") or "INFO" in each.values("allow") for _, each in evidence.judged):
        for one in evidence.asked("info-plain"):
            yield answered_by(evidence, one, 200, why="nothing is wrong with it")


@check(
    "rfc6086/s04_3_1/parts-understood", "Who knows packages understands bodies of several parts in INFO.", "rfc6086:4.3.1/1",
    needs="an INFO whose body has several parts, to a subject that shows by Recv-Info that it knows packages", role=BOTH,
    scenarios=("user-agent/info-multipart",),
)  # fmt: skip
def parts_understood(evidence: Evidence) -> Iterator[Ruling]:
    """200: no part has to be understood."""
    if any(each.has("recv-info") for _, each in evidence.judged):
        for one in evidence.asked("info-parts"):
            yield answered_by(evidence, one, 200, why="a body of several parts")


@check(
    "rfc6086/s04_2_1/forks-heard", "A caller takes INFO from each fork of the call that it sets up.", "rfc6086:4.2.1/6",
    needs="INFO in two early dialogs of a call of the subject", role="user-agent-client", scenarios=("user-agent/called-forks-inform",),
)  # fmt: skip
def forks_heard(evidence: Evidence) -> Iterator[Ruling]:
    """200 to each, where Recv-Info tells that INFO is known."""
    if any(each.has("recv-info") for _, each in evidence.judged):
        for one in evidence.asked("info-early"):
            yield answered_by(evidence, one, 200, why="INFO of a fork")
