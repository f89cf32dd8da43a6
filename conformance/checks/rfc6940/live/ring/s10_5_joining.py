"""A node joins a ring that stands already (RFC 6940, sections 6.4.2.1, 10.5, 10.6, 10.7 and 11.4)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import code_of
from conformance.checks.rfc6940.live.placed import ATTACH, JOIN, UPDATE, Placed, Said
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.run.model import Level

NODE = "node"
JOINS = "peer/joins-ring"
BOTH = (JOINS, "peer/joins-one")
NEEDS = "a subject that joins a ring of parties"
FINGERS = 16


def first_attach(placed: Placed) -> Said | None:
    """The first Attach of the subject."""
    return next(placed.said(ATTACH), None)


@check("rfc6940/s11_4/first-attach", "The first thing that a joining node asks of a bootstrap node is an Attach for the place behind its own.",
       "rfc6940:11.4/3", "rfc6940:11.4/1", "rfc6940:10.5/1", needs=NEEDS, role=NODE, protocol="reload", scenarios=BOTH)  # fmt: skip
def first_is_attach(evidence: Evidence) -> Iterator[Ruling]:
    """The first request over the first link."""
    placed = Placed(evidence)
    for one in list(placed.said())[:1]:
        wanted = placed.behind(1)
        good = one in list(placed.said(ATTACH)) and one.is_resource and one.place == wanted
        seen = f"{one.body or one.message.contents['message_code']} to {one.way}"
        yield rule(good, one.event, why="the first request", expected=f"an Attach to the resource {wanted}", seen=seen)


@check("rfc6940/s10_5/attach-admitting", "A joining node attaches to whoever is responsible for the place behind its own.",
       "rfc6940:10.5/2", needs=NEEDS, level="SHOULD", role=NODE, protocol="reload", scenarios=BOTH)  # fmt: skip
def attach_admitting(evidence: Evidence) -> Iterator[Ruling]:
    """An Attach for that place before the Join."""
    placed = Placed(evidence)
    for join in list(placed.said(JOIN))[:1]:
        before = [one for one in placed.said(ATTACH) if one.event.number < join.event.number]
        asked = [one for one in before if one.is_resource and one.place == placed.behind(1)]
        places = [one.place for one in before]
        yield rule(bool(asked), join.event, why="attached to another place", expected=placed.behind(1), seen=places)


@check("rfc6940/s10_5/send-update", "A joining node wants the tables of the admitting peer when it attaches to it.",
       "rfc6940:10.5/14", needs=NEEDS, level="SHOULD", role=NODE, protocol="reload", scenarios=BOTH)  # fmt: skip
def send_update(evidence: Evidence) -> Iterator[Ruling]:
    """The flag in the Attach for the place behind its own."""
    placed = Placed(evidence)
    for one in placed.said(ATTACH):
        if one.place == placed.behind(1):
            wants = one.body.get("send_update") is True
            yield rule(wants, one.event, why="send_update", expected="true", seen=wants, place="send_update")


@check("rfc6940/s10_5/join", "A joining node sends a Join, in its own name, to the peer that has answered its first Attach, over the link with it.",
       "rfc6940:10.5/5", "rfc6940:11.4/4", needs=NEEDS, role=NODE, protocol="reload", scenarios=BOTH)  # fmt: skip
def joins(evidence: Evidence) -> Iterator[Ruling]:
    """Destination, link and Node-ID of the Join."""
    placed = Placed(evidence)
    first = first_attach(placed)
    found = list(placed.said(JOIN))
    for one in found:
        admitting = placed.tables(one.event.number)[1][0]
        named = one.body.get("joining_peer_id")
        good = one.place == admitting == placed.nodes.get(one.party) and named == placed.own
        seen = f"for {named}, to {one.way}, over the link with {one.party}"
        yield rule(good, one.event, why="another Join", expected=f"for {placed.own}, to {admitting}", seen=seen)
    if not found and first is not None and evidence.alive_after(first.event):
        yield wrong(first.event, why="the first Attach is answered", expected="a Join", seen="none")


@check("rfc6940/s10_5/neighbours-attached", "A joining node attaches to all who are to be its neighbours.",
       "rfc6940:10.5/3", needs=NEEDS, level="SHOULD", role=NODE, protocol="reload", scenarios=(JOINS,))  # fmt: skip
def neighbours_attached(evidence: Evidence) -> Iterator[Ruling]:
    """An Attach to each, or a link with it, before the Join."""
    placed = Placed(evidence)
    for join in list(placed.said(JOIN))[:1]:
        asked = {one.place for one in placed.said(ATTACH) if one.event.number < join.event.number}
        linked = set(placed.connected(join.event.number))
        for node in placed.neighbors(join.event.number):
            yield rule(node in asked | linked, join.event, why="not attached to", expected=node, seen=sorted(asked))


@check("rfc6940/s10_6/through-who-named", "The Attach to a neighbour just learned of goes through the peer that named it.",
       "rfc6940:10.6/1", needs="a subject that learns of neighbours", role="peer", protocol="reload",
       scenarios=(JOINS, "peer/better-neighbour"))  # fmt: skip
def through_who_named(evidence: Evidence) -> Iterator[Ruling]:
    """Destination Lists of Attaches to Node-IDs that an Update has named."""
    placed = Placed(evidence)
    for one in placed.said(ATTACH):
        if one.is_resource:
            continue
        told = [
            (event, party) for event, message, party in placed.told(UPDATE)
            if event.number < one.event.number and one.place in str(message.contents["message_body"])
            and placed.nodes[party] != one.place
        ]  # fmt: skip
        if not told or one.place not in placed.neighbors(one.event.number):
            continue
        through = [str(first) for first in map(_node, one.way[:-1])]
        who = {placed.nodes[party] for _, party in told}
        good = bool(who & set(through)) or placed.nodes.get(one.party) in who
        yield rule(good, told[-1][0], one.event, why="another way", expected=f"through {sorted(who)}", seen=one.way)


def _node(destination: object) -> str:
    data = destination.get("destination_data") if isinstance(destination, dict) else None
    return str(data.get("node_id", "")) if isinstance(data, dict) else ""


@check("rfc6940/s10_5/updates-to-neighbours", "Who has been admitted sends Updates to all its neighbours.",
       "rfc6940:10.5/12", needs=NEEDS, role=NODE, protocol="reload", scenarios=BOTH)  # fmt: skip
def updates_to_neighbours(evidence: Evidence) -> Iterator[Ruling]:
    """An Update with tables to each, once the admitting peer has said so."""
    placed = Placed(evidence)
    admitted = placed.admitted()
    if admitted is None:
        return
    told = {one.place: one for one in placed.said(UPDATE, after=admitted) if one.body.get("type") != "peer_ready"}
    last = max(evidence.events, key=lambda event: event.number)
    for node in placed.neighbors(admitted):
        if node in told:
            yield right(told[node].event)
        elif evidence.alive_after(placed.event(admitted)):
            yield wrong(last, why="no Update to a neighbour", expected=f"one to {node}", seen=sorted(told))


@check("rfc6940/s10_5/fingers", "For each finger, a joining node attaches to the place that is a half, a quarter, an eighth ... of the ring behind its own.",
       "rfc6940:10.5/19", "rfc6940:10.5/3", needs=NEEDS, role=NODE, protocol="reload", scenarios=(JOINS,))  # fmt: skip
def fingers(evidence: Evidence) -> Iterator[Ruling]:
    """The places of Attaches to resources; every finger that no neighbour is should be attached to."""
    placed = Placed(evidence)
    admitted = placed.admitted()
    wanted = {placed.behind(1 << 128 - number): number for number in range(1, 129)}
    asked = [one for one in placed.said(ATTACH) if one.place in wanted or one.is_resource]
    if admitted is None:
        return
    for one in asked:
        if one.place != placed.behind(1) and one.event.number > admitted:
            yield rule(
                one.place in wanted, one.event, why="no finger begins there", expected="n+2^(128-i)", seen=one.place
            )
    ring = placed.ring(admitted)[0]
    neighbors, places = placed.neighbors(admitted), {one.place: one for one in asked}
    for place, number in wanted.items():
        who = next((one for one in ring if placed.distance(one) >= placed.distance(place)), None)
        if number > FINGERS or who is None or who in neighbors:
            continue
        if place in places:
            yield right(places[place].event)
        elif placed.lives(placed.event(admitted)):
            why = f"finger {number} is not attached to"
            yield wrong(placed.event(admitted), why=why, expected=place, seen=sorted(places), level=Level.SHOULD)


@check("rfc6940/s10_5/no-update-before", "Before it is attached to all its neighbours, a joining node sends no Update that places it in the ring.",
       "rfc6940:10.5/20", needs="a neighbour whose link comes late", role=NODE, protocol="reload",
       scenarios=("peer/joins-slowly",))  # fmt: skip
def no_update_before(evidence: Evidence) -> Iterator[Ruling]:
    """Updates of the subject while a neighbour is not linked, and after that."""
    placed = Placed(evidence)
    slack = evidence.play.slack if evidence.play else 0.0
    for one in placed.said(UPDATE):
        lacking = [
            node for node in placed.neighbors(one.event.number)
            if not any(placed.event(at).time <= one.event.time + slack for at, _ in placed.opened(node) if at)
        ]  # fmt: skip
        yield rule(
            not lacking, one.event, why="an Update too early", expected="links with all neighbours", seen=lacking
        )


@check("rfc6940/s10_7/three-neighbours", "A peer has three predecessors and three successors, where there are so many, and links with all.",
       "rfc6940:10.7/2", "rfc6940:10.7/1", needs="a subject in a ring of nine others", role="peer", protocol="reload",
       scenarios=(JOINS,))  # fmt: skip
def three_neighbours(evidence: Evidence) -> Iterator[Ruling]:
    """The last Update with tables, and the links at that time."""
    placed = Placed(evidence)
    told = [one for one in placed.said(UPDATE) if one.body.get("type") != "peer_ready"]
    for one in told[-1:]:
        down, up = placed.tables(one.event.number)
        before, behind = one.table("predecessors"), one.table("successors")
        good = set(down) <= set(before) and set(up) <= set(behind)
        yield rule(good, one.event, why="tables", expected=f"{down} and {up}", seen=f"{before} and {behind}")
        linked = placed.connected(evidence.events[-1].number - 1)
        for node in dict.fromkeys([*before, *behind]):
            had = node in linked or any(at >= one.event.number for at in placed.closed(node, "harness"))
            yield rule(had, one.event, why="a neighbour without a link", expected=node, seen=linked)


@check("rfc6940/s10_7_3/never-itself", "A peer is never its own predecessor or successor.", "rfc6940:10.7.3/4",
       needs="an Update with tables", role="peer", protocol="reload",
       scenarios=(*BOTH, "peer/admits-first", "peer/better-neighbour", "peer/told-of-ghosts"))  # fmt: skip
def never_itself(evidence: Evidence) -> Iterator[Ruling]:
    """The tables in all its Updates."""
    placed = Placed(evidence)
    for one in placed.said(UPDATE):
        named = [*one.table("predecessors"), *one.table("successors")]
        if named:
            yield rule(placed.own not in named, one.event, why="itself in its tables", expected="others", seen=named)


@check("rfc6940/s06_4_2/join-answer-signer", "An answer to its Join that is signed by somebody else counts for nothing to the joining node.",
       "rfc6940:6.4.2.1/7", "rfc6940:6.4.2.1/8", needs="a Join that is answered by a node that was not asked", role=NODE,
       protocol="reload", scenarios=("peer/join-answered-by-another",))  # fmt: skip
def join_answer_signer(evidence: Evidence) -> Iterator[Ruling]:
    """The Join is repeated, as one that is not answered."""
    placed = Placed(evidence)
    for forged in placed.labelled("forged"):
        after = [
            event for event in evidence.events
            if event.number > forged.number and event.direction == "sent" and event.reload is not None
            and code_of(event.reload) == JOIN
        ]  # fmt: skip
        early = [
            one.event
            for one in placed.said(UPDATE, after=forged.number)
            if not after or one.event.number < after[0].number
        ]
        good = bool(after) and not early
        seen = f"{len(after)} Joins and {len(early)} Updates before"
        yield rule(good, forged, *after[:1], why="the forged answer", expected="the Join once more", seen=seen)


@check("rfc6940/s11_4/another-way", "A node that cannot join by one bootstrap node or at one peer finds another way.", "rfc6940:11.4/1",
       needs="a bootstrap node or an admitting peer that fails", level="SHOULD", role=NODE, protocol="reload",
       scenarios=("peer/joins-by-second", "peer/admitting-fails"))  # fmt: skip
def another_way(evidence: Evidence) -> Iterator[Ruling]:
    """A Join to whoever is there, and the Updates of who has been admitted."""
    placed = Placed(evidence)
    joins = [one for one in placed.said(JOIN) if one.place == placed.tables(one.event.number)[1][0]]
    told = [one for one in placed.said(UPDATE) if one.table("successors")]
    good = bool(joins) and bool(told)
    start = next((one.event for one in placed.said()), None) or next(iter(evidence.events), None)
    if start is not None and (good or evidence.play is not None and any(alive for _, alive in evidence.play.probes)):
        seen = f"{len(joins)} Joins where they belong, {len(told)} Updates"
        yield rule(
            good, *[one.event for one in joins[:1]] or [start], why="five minutes", expected="it joins", seen=seen
        )
