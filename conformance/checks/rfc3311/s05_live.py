"""What a recipient of UPDATE does (RFC 3311, sections 4 and 5.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, lists, status_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong
from conformance.judge.transactions import Transaction

SERVER = "user-agent-server"
PLAIN = ("user-agent/update",)


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
