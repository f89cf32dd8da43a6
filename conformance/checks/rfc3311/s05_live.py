"""What a recipient of UPDATE does (RFC 3311, sections 4 and 5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, lists, status_of, told
from conformance.checks.rfc3264.s06_media import FEW, heard, whole
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong
from conformance.judge.transactions import Transaction

SERVER = "user-agent-server"
PLAIN = ("user-agent/update",)
MET = ("user-agent/update-met",)


def known(evidence: Evidence, *labels: str) -> Iterator[Transaction]:
    """The UPDATEs of these names, where the subject lists the method in Allow or served one."""
    listed = any("UPDATE" in lists(message, "allow") for _, message in evidence.judged)
    served = any(one.method == "UPDATE" and accepted(one) for one in evidence.transactions)
    if listed or served:
        yield from evidence.asked(*labels)


@check(
    "rfc3311/s05_2/offer-answered", "An offer in UPDATE is answered in its 2xx.", "rfc3311:5.2/5", needs="an UPDATE with a usable offer",
    role=SERVER, scenarios=PLAIN,
)  # fmt: skip
def offer_answered(evidence: Evidence) -> Iterator[Ruling]:
    """The status, and a body."""
    for one in known(evidence, "update-hold", "update-usable"):
        if one.final is None or not accepted(one):
            yield answered_by(evidence, one, 200, why="an offer that can be met")
            continue
        event, message = one.final
        yield rule(bool(message.body), one.event, event, why="no answer", expected="a description", seen="no body")


@check(
    "rfc3311/s05_2/prompt", "UPDATE is answered at once.", "rfc3311:5.2/6", needs="an UPDATE", role=SERVER, scenarios=PLAIN,
)  # fmt: skip
def prompt(evidence: Evidence) -> Iterator[Ruling]:
    """The time to the final response: before the first copy would be sent."""
    for one in known(evidence, "update-empty", "update-hold", "update-unusable", "update-usable"):
        if one.final is None:
            yield answered_by(evidence, one, 200, why="UPDATE is not answered")
            continue
        late = one.final[0].time - one.event.time
        yield rule(late < 0.5, one.event, one.final[0], why="answered late", expected="at once", seen=f"{late:.1f} s")


@check(
    "rfc3311/s05_2/unusable", "An UPDATE whose offer cannot be met is refused, with 488 and Warning, and changes nothing.", "rfc3311:5.2/8",
    needs="an UPDATE with nothing usable", level="SHOULD", role=SERVER, scenarios=PLAIN,
)  # fmt: skip
def unusable(evidence: Evidence) -> Iterator[Ruling]:
    """The status and the header."""
    for one in known(evidence, "update-unusable"):
        if one.final is None:
            continue
        event, message = one.final
        refused_stream = accepted(one) and b"m=audio 0 " in message.body
        good = refused_stream or (status_of(one) == 488 and message.has("warning"))
        seen = f"{message.title}, Warning {message.lines('warning') or 'none'}"
        yield rule(good, one.event, event, why="an offer that cannot be met", expected="488 with Warning", seen=seen)


@check(
    "rfc3311/s05_2/crossing-491", "An offer in UPDATE that crosses an own open offer gets 491.", "rfc3311:5.2/2",
    needs="an UPDATE while the subject's re-INVITE is open", role=SERVER, scenarios=("user-agent/update-crossing",),
)  # fmt: skip
def crossing_491(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in known(evidence, "update-crossing"):
        yield answered_by(evidence, one, 491, why="two offers cross")


@check(
    "rfc3311/s04/listed", "A callee that takes UPDATE lists it in the Allow of its 2xx.", "rfc3311:4/3b", "rfc3311:4/2",
    needs="a call and an UPDATE that is accepted", level="SHOULD", role=SERVER, scenarios=PLAIN,
)  # fmt: skip
def listed_in_2xx(evidence: Evidence) -> Iterator[Ruling]:
    """Allow of the 2xx to INVITE."""
    if not any(one.method == "UPDATE" and accepted(one) for one in evidence.transactions):
        return
    for event, message in evidence.responses(200, method="INVITE"):
        if not message.has("allow") or "UPDATE" not in lists(message, "allow"):
            yield wrong(
                event, why="UPDATE is not told", expected="UPDATE in Allow", seen=message.lines("allow") or "none"
            )
        else:
            yield rule(True, event, why="", expected="", seen="")


@check(
    "rfc3311/s05_3/session-stays", "A refused UPDATE leaves the session as it was.", "rfc3311:5.3/1",
    needs="RTP of a subject whose UPDATE with recvonly is refused", role="user-agent-client", scenarios=("user-agent/update-refused-talking",),
)  # fmt: skip
def session_stays(evidence: Evidence) -> Iterator[Ruling]:
    """It speaks on."""
    if whole(evidence) and heard(evidence, "callee", "ahead of the refusal"):
        count = sum(heard(evidence, "callee", "behind the refusal").values())
        yield rule(count > FEW, why="the session has changed", expected="RTP as before", seen=f"{count} packets")


def _met(evidence: Evidence) -> Iterator[tuple[Transaction, Transaction | None]]:
    """The UPDATEs with an offer that were answered with 491, and what offered again."""
    every = [one for one in told(evidence, "UPDATE", "INVITE") if not one.initial]
    for number, one in enumerate(every):
        if one.method == "UPDATE" and status_of(one) == 491:
            yield one, next(iter(every[number + 1 :]), None)


@check(
    "rfc3311/s05_3/waits", "After 491 the owner of the Call-ID waits between 2.1 and 4 seconds, others up to 2 seconds.", "rfc3311:5.3/2",
    needs="an offer of the subject behind 491 to its UPDATE", level="SHOULD", role="user-agent-client", scenarios=MET,
)  # fmt: skip
def waits(evidence: Evidence) -> Iterator[Ruling]:
    """The subject has called, so it is the owner."""
    slack = evidence.play.slack if evidence.play else 0.0
    for one, again in _met(evidence):
        if one.final is not None and again is not None:
            gap = again.event.time - one.final[0].time
            good = 2.1 - slack <= gap <= 4.0 + slack
            yield rule(good, one.event, again.event, why="another time", expected="2.1 to 4 s", seen=f"{gap:.2f} s")


@check(
    "rfc3311/s05_3/again", "An UPDATE that met another offer is tried again after that time.", "rfc3311:5.3/3",
    needs="491 to an UPDATE of the subject, and six seconds", level="SHOULD", role="user-agent-client", scenarios=MET,
)  # fmt: skip
def again(evidence: Evidence) -> Iterator[Ruling]:
    """UPDATE with an offer."""
    for one, later in _met(evidence):
        if later is not None or evidence.alive_after(one.event):
            good = later is not None and later.method == "UPDATE" and bool(later.request.body)
            seen = later.request.title if later is not None else "nothing"
            yield rule(good, one.event, why="not tried again", expected="UPDATE with an offer", seen=seen)
