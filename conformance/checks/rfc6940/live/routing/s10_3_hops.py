"""By whom a peer of a ring sends what is for others (RFC 6940, sections 6.1.2, 6.2.1, 10.2 and 10.3)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import code_of
from conformance.checks.rfc6940.live.labelled import Put, fails, granted, listed, party_of, put, refused
from conformance.checks.rfc6940.live.placed import FETCH, PING, RING, Placed, place
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear, wrong
from conformance.judge.seen import Seen

PEER = "peer"
FORBIDDEN = 2
"""Error_Forbidden (section 14.9)."""
FINGERS = 16
"""Entries of a Finger Table (section 10.7.4.3)."""


def table(placed: Placed, number: int) -> list[str]:
    """The connected peers that are in the Routing Table in any case: neighbours, and the first peer of each finger's range."""
    ring, _ = placed.ring(number)
    found = set(placed.neighbors(number))
    for finger in range(1, FINGERS + 1):
        width = RING >> finger
        found |= set([one for one in ring if width <= placed.distance(one) < 2 * width][:1])
    connected = placed.connected(number)
    return [one for one in ring if one in found and one in connected]


def hops(placed: Placed, number: int, target: str) -> list[str]:
    """The nodes that a message for a place may go to next; a peer that is connected may be in the Routing Table, or not."""
    connected = placed.connected(number)
    if target in connected:
        return [target]
    ring, _ = placed.ring(number)
    certain = table(placed, number)
    far = placed.distance(target)
    before = [one for one in ring if one in connected and placed.distance(one) < far]
    sure = [one for one in certain if placed.distance(one) < far]
    if sure:
        return [one for one in before if placed.distance(one) >= placed.distance(sure[-1])]
    behind = [one for one in ring if one in connected and placed.distance(one) >= far]
    nearest = next((one for one in certain if placed.distance(one) >= far), "")
    return before + [one for one in behind if not nearest or placed.distance(one) <= placed.distance(nearest)]


def goes(placed: Placed, asked: Seen, event: Seen, target: str) -> Ruling:
    """Whether a message went where it may go."""
    wanted = hops(placed, asked.number, target)
    got = placed.nodes.get(placed.party(event), "")
    name = {node: party for party, node in placed.nodes.items()}
    expected = " or ".join(name.get(one, one) for one in wanted)
    return rule(
        got in wanted, asked, event, why=f"for {target}", expected=expected, seen=name.get(got, got), place="next hop"
    )


def target_of(evidence: Evidence, one: Put) -> str:
    """The place that a message of the harness is for."""
    sent = (event.reload for event in evidence.events if event.direction == "received" and event.reload is not None)
    message = next((each for each in sent if str(each.header["transaction_id"]) == one.transaction), None)
    way = listed(message, "destination_list") if message is not None else []
    return place(way[-1]) if way else ""


@check(
    "rfc6940/s10_3/next-hop", "A message goes to the known peer farthest along the ring that is not behind its place, else to the first one behind it.",
    "rfc6940:10.3/1", "rfc6940:10.3/2", "rfc6940:10.3/3", "rfc6940:6.1.2/1", "rfc6940:6.1.2/2", "rfc6940:6.1.2/3",
    needs="messages for places all around a ring that the subject is a part of", role=PEER, protocol="reload", scenarios=("peer/next-hops",),
)  # fmt: skip
def next_hop(evidence: Evidence) -> Iterator[Ruling]:
    """The link over which each message leaves."""
    placed = Placed(evidence)
    for one in put(evidence, "to-place"):
        if not one.elsewhere:
            yield fails(one, "the message at another peer", "not passed on")
            continue
        yield goes(placed, one.event, one.elsewhere[0][0], target_of(evidence, one))


@check(
    "rfc6940/s10_3/client-first", "A message for a Node-ID with a link goes over it, whoever is responsible for its place.", "rfc6940:10.3/1",
    "rfc6940:6.1.2/3", needs="a message for a client elsewhere on the ring", role=PEER, protocol="reload", scenarios=("peer/next-hops",),
)  # fmt: skip
def client_first(evidence: Evidence) -> Iterator[Ruling]:
    """The same message on the link of the client, and on no other."""
    for one in put(evidence, "to-client"):
        parties = [party_of(evidence, event) for event, _ in one.elsewhere]
        yield rule(parties == ["yan"], one.event, why="elsewhere", expected="yan", seen=", ".join(parties) or "nowhere")


@check(
    "rfc6940/s06_1/own-place", "A request for a place of the peer's own is answered and not passed on.", "rfc6940:6.1/0", "rfc6940:6.1.1/0",
    needs="a request for such a place, in a ring", role=PEER, protocol="reload", scenarios=("peer/next-hops",),
)  # fmt: skip
def own_place(evidence: Evidence) -> Iterator[Ruling]:
    """The answer, and nothing on other links."""
    for one in put(evidence, "own-place"):
        if one.elsewhere:
            yield wrong(
                one.event,
                one.elsewhere[0][0],
                why="passed on",
                expected="an answer",
                seen="the message at another peer",
            )
        else:
            yield granted(one)


@check(
    "rfc6940/s06_1_2/joining-answered", "Answers to a Ping and an Attach of a node that joins come back to it.", "rfc6940:6.1.2/10",
    needs="an Attach of a node that joins, by way of the subject", role=PEER, protocol="reload", scenarios=("peer/joining-behind",),
)  # fmt: skip
def joining_answered(evidence: Evidence) -> Iterator[Ruling]:
    """Both answers on its link; that of the Attach has been elsewhere."""
    for one in put(evidence, "ping"):
        yield granted(one)
    for one in put(evidence, "attach"):
        yield granted(one) if one.elsewhere else fails(one, "the Attach at the peer that is to admit", "not passed on")


@check(
    "rfc6940/s06_2_1/first-hop", "What the subject asks has destinations that lead to the node or resource, and leaves as everything else.",
    "rfc6940:6.2.1/1", "rfc6940:6.2.1/2", "rfc6940:6.2.1/4", needs="requests of the subject, in a ring", role=PEER, protocol="reload",
    scenarios=("peer/asks-in-ring",),
)  # fmt: skip
def first_hop(evidence: Evidence) -> Iterator[Ruling]:
    """The Destination List, and the link over which it leaves."""
    placed = Placed(evidence)
    settled = next((one.event for one in put(evidence, "settled")), None)
    if settled is None:
        return
    for said in placed.said(FETCH, PING, after=settled.number):
        if not said.place:
            yield unclear(said.event, why="only others can read where it goes")
            continue
        resource = str(said.body.get("resource", "")) if code_of(said.message) == FETCH else said.place
        if resource != said.place or said.is_resource != (code_of(said.message) == FETCH):
            yield wrong(said.event, why="destinations", expected=resource, seen=said.way, place="destination_list")
        else:
            yield goes(placed, said.event, said.event, said.place)


@check(
    "rfc6940/s10_2/resource-ids", "The Resource-ID of a name is the first 128 bits of its SHA-1.", "rfc6940:10.2/1a", "rfc6940:10.2/1b",
    needs="Stores where the name of the writer belongs by this digest and by others", role=PEER, protocol="reload",
    scenarios=("peer/where-values-belong",),
)  # fmt: skip
def resource_ids(evidence: Evidence) -> Iterator[Ruling]:
    """The first are taken, the others forbidden."""
    for one in put(evidence, "by-sha-1"):
        yield granted(one)
    for one in put(evidence, "by-another-digest"):
        yield refused(one, FORBIDDEN) if one.answers else fails(one, f"error {FORBIDDEN}")
