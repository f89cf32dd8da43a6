"""What a peer says when it is asked for its tables and its state (RFC 6940, sections 6.4.2.5 and 10.8)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, body_of
from conformance.checks.rfc6940.live.placed import RING, UPDATE, Placed, place
from conformance.checks.rfc6940.live.ring.s10_7_1_failures import AT_ONCE
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json

PEER = "peer"
KNOWN = ("responsible_set", "num_resources", "uptime")
PARTS = 1_000_000_000
"""Of the whole ring (section 6.4.2.5.2)."""


@check("rfc6940/s06_4_2/probe-complete", "The answer to a Probe has all that was asked for and is known.", "rfc6940:6.4.2.5.2/1",
       needs="a Probe of every type", level="SHOULD", role="node", protocol="reload", scenarios=("peer/probe",))  # fmt: skip
def probe_complete(evidence: Evidence) -> Iterator[Ruling]:
    """Types asked for and answered."""
    for one in asked(evidence):
        if one.event.label != "probe of it":
            continue
        wanted = [piece for piece in _list(body_of(one.request).get("requested_info")) if piece in KNOWN]
        for event, answer in one.answers[:1]:
            got = [piece["type"] for piece in rules.objects(body_of(answer).get("probe_info"))]
            lacking = [piece for piece in wanted if piece not in got]
            yield rule(not lacking, one.event, event, why="pieces", expected=str(wanted), seen=got, place="probe_info")


@check("rfc6940/s06_4_2/probe-values", "The answers to Probes say what is so: the share of the ring, resources that are kept, seconds.",
       "rfc6940:6.4.2.5.1/0", "rfc6940:6.4.2.5.2/0", needs="a Probe of a subject that is alone", role="node", protocol="reload",
       scenarios=("peer/probe",))  # fmt: skip
def probe_values(evidence: Evidence) -> Iterator[Ruling]:
    """A subject alone has the whole ring; a value more is a resource more; seconds pass."""
    told: list[tuple[object, dict[str, int]]] = []
    answers = [(one, *one.answers[0]) for one in asked(evidence) if one.event.label == "probe of it" and one.answers]
    for one, event, answer in answers:
        values: dict[str, int] = {}
        for piece in rules.objects(body_of(answer).get("probe_info")):
            inner = piece["value"]
            values |= {
                str(piece["type"]): rules.number(each) for each in (inner.values() if isinstance(inner, dict) else ())
            }
        if "responsible_set" in values:
            share = values["responsible_set"]
            yield rule(
                share == PARTS, one.event, event, why="share", expected=str(PARTS), seen=share, place="responsible_ppb"
            )
        told.append((event, values))
    full = [(event, values) for event, values in told if set(values) == set(KNOWN)]
    if len(full) > 1:
        first, last = full[0][1], full[-1][1]
        event = answers[-1][1]
        more, passed = last["num_resources"] - first["num_resources"], last["uptime"] - first["uptime"]
        yield rule(more >= 1, event, why="resources", expected="one more at least", seen=more, place="num_resources")
        slack = 2 + (evidence.play.slack if evidence.play else 0.0) * 10
        yield rule(abs(passed - 30) <= slack, event, why="seconds up", expected="30 more", seen=passed, place="uptime")


def _list(found: Json) -> list[Json]:
    return found if isinstance(found, list) else []


@check("rfc6940/s10_8/update-follows", "A RouteQuery that wants an Update is followed by one, at once.", "rfc6940:10.8/1",
       needs="a RouteQuery with send_update", level="SHOULD", role=PEER, protocol="reload", scenarios=("peer/route-query",))  # fmt: skip
def update_follows(evidence: Evidence) -> Iterator[Ruling]:
    """An Update to the client within a moment of the question; tables and fingers in it."""
    placed = Placed(evidence)
    slack = evidence.play.slack if evidence.play else 0.0
    for event in placed.labelled("query with Update"):
        node = placed.nodes[placed.party(event)]
        told = [
            one for one in placed.said(UPDATE, after=event.number)
            if one.place == node and one.event.time - event.time <= AT_ONCE + slack
        ]  # fmt: skip
        if told:
            yield right(event, told[0].event)
        elif placed.lives(event):
            yield wrong(event, why="an Update was wanted", expected="an Update at once", seen="none")


@check("rfc6940/s10_8/full-update", "The Update that a RouteQuery has asked for has predecessors, successors and fingers.", "rfc6940:10.7/0",
       needs="a RouteQuery with send_update", role=PEER, protocol="reload", scenarios=("peer/route-query",))  # fmt: skip
def full_update(evidence: Evidence) -> Iterator[Ruling]:
    """Its type, and fingers in ascending order."""
    placed = Placed(evidence)
    for event in placed.labelled("query with Update"):
        node = placed.nodes[placed.party(event)]
        for one in [one for one in placed.said(UPDATE, after=event.number) if one.place == node][:1]:
            kind, fingers = one.body.get("type"), one.table("fingers")
            good = kind == "full" and fingers == sorted(fingers)
            yield rule(
                good, event, one.event, why="the Update", expected="full, fingers upwards", seen=f"{kind} {fingers}"
            )


@check("rfc6940/s10_8/next-peer", "The answer to a RouteQuery names the peer to which a message would go.", "rfc6940:10.8/0", "rfc6940:10.5/4",
       needs="a RouteQuery in a ring", role=PEER, protocol="reload", scenarios=("peer/route-query",))  # fmt: skip
def next_peer(evidence: Evidence) -> Iterator[Ruling]:
    """The farthest that is not beyond the place, else the next behind it."""
    placed = Placed(evidence)
    for one in asked(evidence):
        if one.event.label != "query":
            continue
        wanted = place(body_of(one.request).get("destination"))
        ring = [node for node in placed.ring(one.event.number)[0] if node in placed.connected(one.event.number)]
        if not ring:
            continue
        way = placed.distance(wanted)
        before = [node for node in ring if placed.distance(node) <= way]
        expected = before[-1] if before else ring[0]
        if before and before[-1] == ring[-1] and wanted != before[-1] and way < RING:
            continue  # the subject itself is responsible, and routes nowhere
        for event, answer in one.answers[:1]:
            got = body_of(answer).get("next_peer")
            yield rule(
                got == expected, one.event, event, why="next hop", expected=expected, seen=got, place="next_peer"
            )
