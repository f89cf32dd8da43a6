"""A peer loses neighbours, fingers, everybody (RFC 6940, sections 10.7.1 and 10.7.2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, body_of
from conformance.checks.rfc6940.live.placed import ATTACH, JOIN, LEAST, PING, RING, UPDATE, Moment, Placed, Said, place
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong

PEER = "peer"
CLOSED = ("peer/successor-fails", "peer/predecessor-fails")
AT_ONCE = 1.0
"""Seconds that what is to be sent at once may take, to gather changes."""
SEARCHED = 10.0
"""Seconds until a search has begun."""
APART = 20.0
"""Seconds between two tries to join that are not one."""


def tables(placed: Placed, after: int) -> list[Said]:
    """The Updates with tables behind an event."""
    return [one for one in placed.said(UPDATE, after=after) if one.body.get("type") != "peer_ready"]


def known(placed: Placed, number: int) -> list[str]:
    """The peers of the ring with whom the subject has a link, upwards from it."""
    return [one for one in placed.ring(number)[0] if one in placed.connected(number)]


@check("rfc6940/s10_7_1/replaced", "A neighbour that is lost is replaced by the nearest of the other peers that are known.",
       "rfc6940:10.7.1/1", needs="a neighbour that fails", role=PEER, protocol="reload",
       scenarios=(*CLOSED, "peer/successor-silent"))  # fmt: skip
def replaced(evidence: Evidence) -> Iterator[Ruling]:
    """The last tables that are told."""
    placed = Placed(evidence)
    for gone in placed.gone():
        told = tables(placed, gone.number)
        if not told and placed.lives(gone.event):
            yield wrong(gone.event, why="a neighbour is lost", expected="an Update without it", seen="no Update")
        for one in told[-1:]:
            ring = known(placed, one.event.number)
            down, up = ring[::-1][:LEAST], ring[:LEAST]
            before, behind = one.table("predecessors"), one.table("successors")
            good = set(down) <= set(before) and set(up) <= set(behind) and gone.node not in (*before, *behind)
            seen = f"{before} and {behind}"
            yield rule(good, gone.event, one.event, why="tables", expected=f"{down} and {up}", seen=seen)


def told_at_once(placed: Placed, gone: Moment, wanted: list[str], slack: float) -> Iterator[Ruling]:
    """An Update to each of them within a moment."""
    first: dict[str, Said] = {}
    for one in tables(placed, gone.number):
        first.setdefault(one.place, one)
    for node in wanted:
        late = first[node].event.time - gone.time if node in first else None
        if late is not None and late <= AT_ONCE + slack:
            yield right(gone.event, first[node].event)
        elif placed.lives(gone.event):
            seen = "no Update" if late is None else f"one after {late:.1f} s"
            yield wrong(gone.event, why="a node that is to be told", expected=f"an Update to {node} at once", seen=seen)


@check("rfc6940/s10_7_1/neighbours-told", "With reactive recovery, all neighbours are told at once that one is lost.",
       "rfc6940:10.7.1/2", needs="a neighbour that fails, and chord-reactive", role=PEER, protocol="reload",
       scenarios=("peer/successor-fails",))  # fmt: skip
def neighbours_told(evidence: Evidence) -> Iterator[Ruling]:
    """Updates to those who are neighbours afterwards."""
    placed = Placed(evidence)
    for gone in placed.gone():
        ring = known(placed, gone.number + 1)
        wanted = list(dict.fromkeys([*ring[:LEAST], *ring[::-1][:LEAST]]))
        yield from told_at_once(placed, gone, wanted, evidence.play.slack if evidence.play else 0.0)


@check("rfc6940/s10_7_1/all-told", "Where the loss of a neighbour changes the peer's range, all its connections are told.",
       "rfc6940:10.7.1/4", needs="a predecessor that fails", role=PEER, protocol="reload", scenarios=("peer/predecessor-fails", "peer/predecessor-fails-calmly"))  # fmt: skip
def all_told(evidence: Evidence) -> Iterator[Ruling]:
    """Updates to all who are linked, clients too."""
    placed = Placed(evidence)
    for gone in placed.gone():
        wanted = [one for one in placed.connected(gone.number) if one != gone.node]
        yield from told_at_once(placed, gone, wanted, evidence.play.slack if evidence.play else 0.0)


@check("rfc6940/s10_7_1/joins-again", "A peer that has lost all its neighbours behaves like one that joins.", "rfc6940:10.7.1/7a",
       needs="a subject that has lost all its links", level="SHOULD", role=PEER, protocol="reload", scenarios=("peer/all-lost",))  # fmt: skip
def joins_again(evidence: Evidence) -> Iterator[Ruling]:
    """A Join after that."""
    placed = Placed(evidence)
    cut = placed.cut()
    if cut is None:
        return
    joins = [one.event for one in placed.said(JOIN, after=cut.number)]
    if joins:
        yield right(cut.event, joins[0])
    elif placed.lives(cut.event):
        yield wrong(cut.event, why="all neighbours are lost", expected="a Join", seen="none")


@check("rfc6940/s10_7_1/found-by-ping", "A peer that has lost all its neighbours finds one by Pings, and sends a Join to it.",
       "rfc6940:10.7.1/7b", needs="a subject that has lost all its links", role=PEER, protocol="reload", scenarios=("peer/all-lost",))  # fmt: skip
def found_by_ping(evidence: Evidence) -> Iterator[Ruling]:
    """A Ping over a new link before the Join."""
    placed = Placed(evidence)
    cut = placed.cut()
    if cut is None:
        return
    joins = [one.event for one in placed.said(JOIN, after=cut.number)]
    pings = [one.event for one in placed.said(PING, after=cut.number) if placed.since(one.event) >= cut.number]
    if not joins and not placed.lives(cut.event):
        yield unclear(cut.event, why="the subject is silent")
        return
    good = bool(joins) and bool(pings) and pings[0].number < joins[0].number
    seen = f"{len(pings)} Pings and {len(joins)} Joins"
    yield rule(good, cut.event, *pings[:1], *joins[:1], why="the way back", expected="a Ping, then a Join", seen=seen)


@check("rfc6940/s10_7_1/tries-again", "A peer that has lost everybody tries to join again from time to time.", "rfc6940:10.7.1/8b",
       needs="a subject that nobody answers", level="SHOULD", role=PEER, protocol="reload", scenarios=("peer/cut-off",))  # fmt: skip
def tries_again(evidence: Evidence) -> Iterator[Ruling]:
    """Two Pings, Attaches or Joins, or links of the subject's own, with some time between them."""
    placed = Placed(evidence)
    cut = placed.cut()
    if cut is None or not any(one.event.number > cut.number for one in placed.said()):
        return
    tries = [
        one.event.time
        for one in placed.said(PING, ATTACH, JOIN, after=cut.number)
        if placed.since(one.event) >= cut.number
    ]
    good = len(tries) > 1 and max(tries) - min(tries) >= APART
    yield rule(good, cut.event, why="tries to join", expected="several", seen=[round(one - cut.time) for one in tries])


@check("rfc6940/s10_7_2/searched", "With reactive recovery, a peer that loses a finger searches for another one.", "rfc6940:10.7.2/2",
       needs="a finger that fails, and chord-reactive", role=PEER, protocol="reload", scenarios=("peer/finger-fails",))  # fmt: skip
def searched(evidence: Evidence) -> Iterator[Ruling]:
    """A request into the range of the finger."""
    placed = Placed(evidence)
    for gone in placed.gone():
        width = 1 << placed.distance(gone.node).bit_length() - 1
        for_it = [
            one for one in placed.said(after=gone.number)
            if one.place and width <= placed.distance(one.place) < min(2 * width, RING) and one.place != gone.node
            and one.place not in placed.connected(gone.number) and one.event.time - gone.time <= SEARCHED + AT_ONCE
        ]  # fmt: skip
        if for_it:
            yield right(gone.event, for_it[0].event)
        elif placed.lives(gone.event):
            yield wrong(gone.event, why="a finger is lost", expected="a Ping into its range", seen="none")


@check("rfc6940/s10_7_2/removed", "A finger that has failed is in no table any more; the nearest known peer before it takes its messages.",
       "rfc6940:10.7.2/1", needs="a finger that fails, and a RouteQuery", role=PEER, protocol="reload", scenarios=("peer/finger-fails",))  # fmt: skip
def removed(evidence: Evidence) -> Iterator[Ruling]:
    """The Update that is asked for, and the next hop for the place of the one that has failed."""
    placed = Placed(evidence)
    for gone in placed.gone():
        for asked_for in placed.labelled("tables"):
            for one in placed.said(UPDATE, after=asked_for.number):
                named = [*one.table("predecessors"), *one.table("successors"), *one.table("fingers")]
                if named:
                    yield rule(
                        gone.node not in named, asked_for, one.event, why="tables", expected="others", seen=named
                    )
        for query in asked(evidence):
            if query.event.label != "tables" or not query.answers:
                continue
            event, answer = query.answers[0]
            way = placed.distance(place(body_of(query.request).get("destination")))
            before = [node for node in known(placed, query.event.number) if placed.distance(node) <= way]
            got = body_of(answer).get("next_peer")
            yield rule(got in before[-1:], query.event, event, why="next hop", expected=str(before[-1:]), seen=got)
