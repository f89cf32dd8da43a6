"""What an Update leads to: Attaches, Updates, data that moves (RFC 6940, sections 6.4.2.3, 10.7.1 and 10.7.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, body_of
from conformance.checks.rfc6940.live.placed import ATTACH, STORE, UPDATE, Placed, Said
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab import rules

PEER, STORING = "peer", "storing-peer"
BETTER = ("peer/better-neighbour", "peer/better-predecessor")
NEEDS = "an Update that names a nearer peer"
HOLD_DOWN = 30.0
"""Seconds before a successor that takes a lost one's place gets replicas (section 10.7.1)."""


def nearer(placed: Placed, number: int) -> list[str]:
    """The peers that have come to the ring of late and are neighbours now."""
    names = ("wim", "xena", "yves", "zoe")
    return [placed.nodes[one] for one in names if one in placed.nodes and placed.nodes[one] in placed.neighbors(number)]


@check("rfc6940/s10_7_3/better-attached", "An Update that names nearer peers is followed by an Attach to them.", "rfc6940:10.7.3/1a",
       needs=NEEDS, role=PEER, protocol="reload", scenarios=BETTER)  # fmt: skip
def better_attached(evidence: Evidence) -> Iterator[Ruling]:
    """An Attach to each behind the Update."""
    placed = Placed(evidence)
    for event in placed.labelled("named"):
        asked_for = {one.place: one for one in placed.said(ATTACH, after=event.number)}
        for node in nearer(placed, event.number):
            if node in asked_for:
                yield right(event, asked_for[node].event)
            elif placed.lives(event):
                yield wrong(event, why="a nearer peer", expected=f"an Attach to {node}", seen=sorted(asked_for))


@check("rfc6940/s10_7_3/better-named", "A nearer peer that could be attached to has its place among the neighbours, before those that are farther.",
       "rfc6940:10.7.3/1b", "rfc6940:10.7.3/2", needs=NEEDS, role=PEER, protocol="reload", scenarios=BETTER)  # fmt: skip
def better_named(evidence: Evidence) -> Iterator[Ruling]:
    """The nearest ones in the last Update with tables."""
    placed = Placed(evidence)
    for event in placed.labelled("named"):
        told = [one for one in placed.said(UPDATE, after=event.number) if one.table("successors")]
        if not told and placed.lives(event):
            yield wrong(event, why="a nearer peer", expected="an Update that has it", seen="no Update with tables")
        for one in told[-1:]:
            down, up = placed.tables(one.event.number)
            before, behind = one.table("predecessors"), one.table("successors")
            good = set(down[:1]) <= set(before) and set(up[:1]) <= set(behind)
            seen = f"{before} and {behind}"
            yield rule(good, event, one.event, why="nearest", expected=f"{down[:1]} and {up[:1]} among them", seen=seen)


@check("rfc6940/s10_7_3/ghosts", "A peer that is named and cannot be attached to is no neighbour.", "rfc6940:10.7.3/1b",
       needs="an Update that names peers that are not there", role=PEER, protocol="reload", scenarios=("peer/told-of-ghosts",))  # fmt: skip
def ghosts(evidence: Evidence) -> Iterator[Ruling]:
    """The tables in all Updates behind that one: real peers only, and never the subject itself."""
    placed = Placed(evidence)
    for event in placed.labelled("named"):
        for one in placed.said(UPDATE, after=event.number):
            named = [*one.table("predecessors"), *one.table("successors"), *one.table("fingers")]
            strange = [node for node in named if node not in placed.nodes.values()]
            if named:
                yield rule(not strange, event, one.event, why="tables", expected="peers that are there", seen=strange)


@check("rfc6940/s10_7_3/change-told", "With reactive recovery, all connections are told when the Neighbor Table has changed.",
       "rfc6940:10.7.3/3", needs=NEEDS, role=PEER, protocol="reload", scenarios=BETTER)  # fmt: skip
def change_told(evidence: Evidence) -> Iterator[Ruling]:
    """An Update to each who is linked, once there is a link with the nearer peer."""
    placed = Placed(evidence)
    for event in placed.labelled("named"):
        for node in nearer(placed, event.number):
            opened = [at for at, _ in placed.opened(node) if at >= event.number]
            if not opened:
                continue
            told = {one.place: one for one in placed.said(UPDATE, after=opened[0])}
            for other in placed.connected(opened[0]):
                if other in told:
                    yield right(event, told[other].event)
                elif placed.lives(event):
                    yield wrong(event, why="a changed table", expected=f"an Update to {other}", seen=sorted(told))


def stores(placed: Placed, node: str, resource: str, after: int) -> list[Said]:
    """The Stores of a resource to a node."""
    return [
        one for one in placed.said(STORE, after=after) if one.place == node and one.body.get("resource") == resource
    ]


def kept(placed: Placed) -> Iterator[tuple[str, int]]:
    """The resources that the subject has been given to keep."""
    for event in placed.labelled("kept"):
        if event.reload is not None:
            yield str(body_of(event.reload)["resource"]), event.number


@check("rfc6940/s06_4_2/data-moved", "Data for which an Update has shown another peer to be responsible is stored there.",
       "rfc6940:6.4.2.3/2", needs="a predecessor that comes between", role=PEER, protocol="reload",
       scenarios=("peer/better-predecessor",))  # fmt: skip
def data_moved(evidence: Evidence) -> Iterator[Ruling]:
    """A Store at the new predecessor."""
    placed = Placed(evidence)
    for event in placed.labelled("named"):
        for resource, _ in kept(placed):
            found = stores(placed, placed.nodes["yves"], resource, event.number)
            if found:
                yield right(event, found[0].event)
            elif placed.lives(event):
                yield wrong(event, why="data of another peer", expected=f"a Store of {resource} there", seen="none")


@check("rfc6940/s10_7_3/new-replicas", "Who newly belongs to the replicas gets all that it is to hold.", "rfc6940:10.7.3/5",
       needs="a replica set that changes", role=STORING, protocol="reload",
       scenarios=("peer/better-neighbour", "peer/successor-fails-with-data", "peer/neighbour-leaves"))  # fmt: skip
def new_replicas(evidence: Evidence) -> Iterator[Ruling]:
    """A Store to each of the two next that has not been one before."""
    if not evidence.events:
        return
    placed = Placed(evidence)
    last = evidence.events[-1].number
    for resource, number in kept(placed):
        before, after = placed.ring(number)[0][:2], placed.ring(last)[0][:2]
        for node in after:
            if node in before:
                continue
            found = stores(placed, node, resource, number)
            if found:
                yield right(found[0].event)
            elif any(number < one.event.number for one in placed.said()):
                yield wrong(
                    evidence.events[-1], why="a new replica", expected=f"a Store of {resource} to {node}", seen="none"
                )


@check("rfc6940/s10_7_3/nothing-deleted", "Who belongs to the replicas no more is not told to delete.", "rfc6940:10.7.3/6",
       needs="a replica set that changes", level="SHOULD", role=STORING, protocol="reload", scenarios=("peer/better-neighbour",))  # fmt: skip
def nothing_deleted(evidence: Evidence) -> Iterator[Ruling]:
    """Stores to who is in the replica set no more: none takes anything away; there are Stores at all."""
    placed = Placed(evidence)
    for event in placed.labelled("named"):
        stays = placed.ring(evidence.events[-1].number)[0][:2]
        for one in placed.said(STORE, after=event.number):
            gone = one.place not in stays and any(
                word in str(one.body) for word in ("'exists': False", "'lifetime': 0")
            )
            yield rule(not gone, event, one.event, why="a removal", expected="values that exist", seen=one.body)


@check("rfc6940/s10_7_1/held-down", "After the loss of a successor, new replicas are made after 30 seconds only.", "rfc6940:10.7.1/3",
       needs="a successor that fails, and data", level="SHOULD", role=STORING, protocol="reload",
       scenarios=("peer/successor-fails-with-data",))  # fmt: skip
def held_down(evidence: Evidence) -> Iterator[Ruling]:
    """The time of the first Store to who is in the replica set instead."""
    placed = Placed(evidence)
    slack = evidence.play.slack if evidence.play else 0.0
    for gone in placed.gone():
        for resource, _ in kept(placed):
            for one in stores(placed, placed.ring(evidence.events[-1].number)[0][1], resource, gone.number)[:1]:
                waited = one.event.time - gone.time
                good = waited >= HOLD_DOWN - slack
                yield rule(
                    good, gone.event, one.event, why="too early", expected="30 s or more", seen=f"{waited:.1f} s"
                )


@check("rfc6940/s10_7_3/forgotten", "What three peers stand before is not kept any more.", "rfc6940:10.7.3/7",
       needs="three peers that come between", level="SHOULD", role=STORING, protocol="reload", scenarios=("peer/three-before",))  # fmt: skip
def forgotten(evidence: Evidence) -> Iterator[Ruling]:
    """How many resources the answers to Probes tell."""
    found: dict[str, int] = {}
    for one in asked(evidence):
        if one.event.label in ("before", "afterwards"):
            for event, answer in one.answers[:1]:
                for piece in rules.objects(body_of(answer).get("probe_info")):
                    if piece["type"] == "num_resources":
                        found[one.event.label] = rules.number(rules.member(piece["value"], "num_resources"))
                if set(found) == {"before", "afterwards"}:
                    good = found["afterwards"] < found["before"]
                    yield rule(
                        good,
                        one.event,
                        event,
                        why="resources",
                        expected=f"fewer than {found['before']}",
                        seen=found["afterwards"],
                    )
