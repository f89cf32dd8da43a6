"""Peers leave (RFC 6940, sections 6.4.2.2 and 10.9)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, body_of, code_of
from conformance.checks.rfc6940.live.placed import LEAST, LEAVE, UPDATE, Placed
from conformance.checks.rfc6940.live.ring.s10_7_1_failures import known, told_at_once
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab import rules

PEER = "peer"
LEAVE_ANS, FORBIDDEN = 18, 2
FROM_SUCCESSOR, FROM_PREDECESSOR = 1, 2
"""ChordLeaveType (section 10.9)."""
STRAYED = "peer/leaves-strayed"


@check("rfc6940/s10_9/leave-is-failure", "A neighbour that leaves is treated like one that has failed: all others are told at once.",
       "rfc6940:10.9/3", "rfc6940:6.4.2.2/5", needs="a neighbour that leaves, and chord-reactive", role=PEER, protocol="reload",
       scenarios=("peer/neighbour-leaves",))  # fmt: skip
def leave_is_failure(evidence: Evidence) -> Iterator[Ruling]:
    """The answer; Updates without the one that leaves; a Store for a replica is the matter of another check."""
    placed = Placed(evidence)
    for gone in placed.gone():
        ring = known(placed, gone.number + 1)
        wanted = [one for one in dict.fromkeys([*ring[:LEAST], *ring[::-1][:LEAST]]) if one != gone.node]
        yield from told_at_once(placed, gone, wanted, evidence.play.slack if evidence.play else 0.0)
        for one in placed.said(UPDATE, after=gone.number):
            named = [*one.table("predecessors"), *one.table("successors")]
            if named:
                yield rule(gone.node not in named, gone.event, one.event, why="tables", expected="others", seen=named)
    for request in asked(evidence):
        if request.event.label == "leave":
            codes = [code_of(message) for _, message in request.answers]
            yield rule(
                codes[:1] == [LEAVE_ANS],
                request.event,
                why="the answer",
                expected="a LeaveAns",
                seen=codes or "nothing",
            )


@check("rfc6940/s06_4_2/leave-over-own-link", "A Leave over a link that is bound to another Node-ID changes nothing.", "rfc6940:6.4.2.2/4",
       needs="a Leave over somebody else's link, and one that counts", role=PEER, protocol="reload", scenarios=(STRAYED,))  # fmt: skip
def leave_over_own_link(evidence: Evidence) -> Iterator[Ruling]:
    """Updates with tables before the Leave that counts, and after it."""
    placed = Placed(evidence)
    last = next(placed.labelled("leave"), None)
    for event in placed.labelled("strayed"):
        ada = placed.nodes["ada"]
        told = [one for one in placed.said(UPDATE, after=event.number) if one.table("successors")]
        after = [one for one in told if last is not None and one.event.number > last.number]
        if not after or any(ada in one.table("successors") for one in after):
            yield unclear(event, why="a right Leave has no effect either")
            continue
        for one in told:
            if one not in after:
                names = one.table("successors")
                yield rule(ada in names, event, one.event, why="successors", expected=f"{ada} among them", seen=names)


@check("rfc6940/s06_4_2/leave-own-name", "A Leave for another Node-ID than its signer's gets Error_Forbidden.", "rfc6940:6.4.2.2/3a",
       "rfc6940:6.4.2.2/3b", needs="a Leave in somebody else's name", role=PEER, protocol="reload", scenarios=(STRAYED,))  # fmt: skip
def leave_own_name(evidence: Evidence) -> Iterator[Ruling]:
    """The error."""
    for one in asked(evidence):
        if one.event.label == "in another name":
            codes = [rules.number(body_of(message).get("error_code", 0)) for _, message in one.answers]
            yield rule(
                codes[:1] == [FORBIDDEN], one.event, why="the answer", expected="error 2", seen=codes or "nothing"
            )


@check("rfc6940/s10_9/leaves", "Before a peer goes, it sends a Leave to its neighbours, and to all other peers with whom it has a link.",
       "rfc6940:10.9/1", "rfc6940:6.4.2.2/1", needs="a subject that leaves", level="SHOULD", role=PEER, protocol="reload",
       scenarios=("peer/leaves",))  # fmt: skip
def leaves(evidence: Evidence) -> Iterator[Ruling]:
    """A Leave to each peer that has said so to the subject, while it had a link."""
    if not evidence.events:
        return
    placed = Placed(evidence)
    told = {one.place: one for one in placed.said(LEAVE)}
    start = min((one.event.number for one in told.values()), default=evidence.events[-1].number)
    peers = {placed.nodes[party] for _, _, party in placed.told(UPDATE)} | set(placed.neighbors(start))
    for node in placed.connected(start - 1):
        if node not in peers:
            continue
        if node in told:
            yield right(told[node].event)
        elif any(placed.said()):
            yield wrong(evidence.events[-1], why="a peer with a link", expected=f"a Leave to {node}", seen=sorted(told))


@check("rfc6940/s10_9/leave-data", "A Leave tells successors the sender's predecessors, and predecessors its successors.", "rfc6940:10.9/2",
       "rfc6940:10.9/0", needs="a subject that leaves a ring", role=PEER, protocol="reload", scenarios=("peer/leaves",))  # fmt: skip
def leave_data(evidence: Evidence) -> Iterator[Ruling]:
    """Type, length and Node-IDs in the overlay_specific_data of Leaves to neighbours that are on one side only."""
    placed = Placed(evidence)
    for one in placed.said(LEAVE):
        down, up = placed.tables(one.event.number)
        if (one.place in down) == (one.place in up):
            continue
        kind, nodes = (FROM_SUCCESSOR, up) if one.place in down else (FROM_PREDECESSOR, down)
        got = str(one.body.get("overlay_specific_data"))
        named = {got[at : at + 32] for at in range(6, len(got), 32)}
        good = got[:2] == f"{kind:02x}" and int(got[2:6] or "0", 16) * 2 == len(got) - 6 and set(nodes) <= named
        yield rule(good, one.event, why="what is left behind", expected=f"type {kind}, {nodes}", seen=got)
