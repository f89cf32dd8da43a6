"""Who is who on the ring in a scenario, and what the subject says to whom (RFC 6940, section 10)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conformance.checks.rfc6940.exchanges import body_of, code_of, is_answer
from conformance.judge.evidence import Evidence
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

PROBE, ATTACH, STORE, FETCH, JOIN, LEAVE, UPDATE, ROUTE_QUERY, PING = 1, 3, 7, 9, 15, 17, 19, 21, 23
RING = 1 << 128
LEAST = 3
"""Predecessors, and as many successors, that a peer tries to have (section 10.7)."""


@dataclass(frozen=True, slots=True)
class Said:
    """A request of the subject, the first time that it is sent."""

    event: Seen
    message: Message
    party: str
    """The party that it comes to first."""

    @property
    def code(self) -> int:
        """Its message code."""
        return code_of(self.message)

    @property
    def body(self) -> dict[str, Json]:
        """Its body."""
        return body_of(self.message)

    @property
    def way(self) -> list[Json]:
        """Its Destination List."""
        found = self.message.header["destination_list"]
        return list(found) if isinstance(found, list) else []

    @property
    def place(self) -> str:
        """The Node-ID or Resource-ID that it is for, in hexadecimal; empty for what only others can read."""
        return place(self.way[-1]) if self.way else ""

    @property
    def is_resource(self) -> bool:
        """Whether it is for whoever is responsible for a place."""
        return bool(self.way) and rules.member(self.way[-1], "type") == "resource"

    def table(self, name: str) -> list[str]:
        """A table of an Update."""
        found = self.body.get(name)
        return [str(one) for one in found] if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that the harness does, other than to send."""

    event: Seen
    """The last one before it."""
    time: float
    node: str
    """The Node-ID of the party that it is about."""

    @property
    def number(self) -> int:
        """That of the last event before it."""
        return self.event.number


def number(value: object) -> int:
    """A whole number out of a fact."""
    return value if isinstance(value, int) else 0


def place(destination: Json) -> str:
    """The Node-ID or Resource-ID of a Destination."""
    inner = rules.member(destination, "destination_data")
    return str(rules.member(inner, "node_id") or rules.member(inner, "resource_id") or "")


class Names(dict[str, str]):
    """Node-IDs by party; empty for one that nobody knows."""

    def __missing__(self, name: str) -> str:
        return ""


class Placed:
    """The evidence of a scenario, read with the ring in mind."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.facts = evidence.play.facts if evidence.play else ()
        self.nodes = Names()
        """Node-IDs by party."""
        self.own = ""
        self.intervals: dict[str, int] = {}
        """``update`` and ``ping`` of the configuration, in seconds."""
        self._near: dict[str, str] = {}
        self._since: dict[tuple[str, str], int] = {}
        for at, fact in self.facts:
            if fact["what"] == "party":
                nodes = fact["nodes"]
                self.nodes[str(fact["party"])] = str(nodes[0]) if isinstance(nodes, list) else ""
            elif fact["what"] == "subject":
                self.own = str(fact["node"])
                self.intervals = {name: number(fact[name]) for name in ("update", "ping")}
            elif "near" in fact:
                self._near[str(fact["near"])] = str(fact["party"])
                if fact["what"] == "open":
                    self._since[str(fact["near"]), str(fact["far"])] = at

    def event(self, number: int) -> Seen:
        """The last event up to a number; the first one where there is none."""
        events = self.evidence.events
        return events[max(0, bisect_right(events, number, key=lambda one: one.number) - 1)]

    def party(self, event: Seen) -> str:
        """Whose link a message comes or goes over."""
        return self._near.get(event.destination if event.direction == "sent" else event.source, "")

    def since(self, event: Seen) -> int:
        """After which event the link was there that a message comes or goes over."""
        ends = (event.destination, event.source) if event.direction == "sent" else (event.source, event.destination)
        return self._since.get(ends, 0)

    def said(self, *codes: int, after: int = 0) -> Iterator[Said]:
        """The requests of the subject of these codes (or all), without their copies, behind an event."""
        known: set[str] = set()
        for event in self.evidence.events:
            if event.direction != "sent" or event.reload is None or is_answer(event.reload):
                continue
            transaction = str(event.reload.header["transaction_id"])
            if transaction in known:
                continue
            known.add(transaction)
            if event.number > after and (not codes or code_of(event.reload) in codes):
                yield Said(event, event.reload, self.party(event))

    def told(self, *codes: int, label: str = "") -> Iterator[tuple[Seen, Message, str]]:
        """The requests of parties, or those under a label."""
        for event in self.evidence.events:
            if event.direction != "received" or event.reload is None or is_answer(event.reload):
                continue
            if (not label or event.label == label) and (not codes or code_of(event.reload) in codes):
                yield event, event.reload, self.party(event)

    def labelled(self, *labels: str) -> Iterator[Seen]:
        """The messages that a scenario sent under one of these names."""
        return (event for event in self.evidence.labelled(*labels) if event.reload is not None)

    def answered(self, code: int) -> Iterator[tuple[Seen, Message, str]]:
        """What parties have answered, by the code of the answer."""
        for event in self.evidence.events:
            if event.direction == "received" and event.reload is not None and code_of(event.reload) == code:
                yield event, event.reload, self.party(event)

    def lives(self, event: Seen) -> bool:
        """Whether the subject has said anything after an event, so that what it has not said counts."""
        after = (one for one in self.evidence.events if one.number > event.number and one.direction == "sent")
        return any(one.reload is not None for one in after)

    # --- the ring

    def ring(self, number: int) -> tuple[list[str], bool]:
        """The Node-IDs of the other peers after an event, upwards from the subject, and whether it is one itself."""
        found: list[str] = []
        admitted = False
        for at, fact in self.facts:
            members = fact.get("members")
            if fact["what"] == "ring" and at <= number and isinstance(members, dict):
                found, admitted = [str(one) for one in members.values()], fact["admitted"] is True
        return sorted(found, key=self.distance), admitted

    def distance(self, node: str) -> int:
        """How far a place is behind the subject."""
        return (int(node, 16) - int(self.own, 16)) % RING

    def behind(self, distance: int) -> str:
        """The place so far behind the subject."""
        return f"{(int(self.own, 16) + distance) % RING:032x}"

    def tables(self, number: int) -> tuple[list[str], list[str]]:
        """The predecessors and successors that the subject has to have after an event, the nearest first."""
        ring, _ = self.ring(number)
        return ring[::-1][:LEAST], ring[:LEAST]

    def neighbors(self, number: int) -> list[str]:
        """Both, each once."""
        return list(dict.fromkeys([*self.tables(number)[1], *self.tables(number)[0]]))

    def admitted(self) -> int | None:
        """The event after which the subject is a part of the ring; None where it never is."""
        return next((at for at, fact in self.facts if fact["what"] == "ring" and fact["admitted"] is True), None)

    # --- links

    def opened(self, node: str) -> list[tuple[int, bool]]:
        """The links with a node: after which event each was there, and whether the subject has opened it."""
        return [(at, fact["by"] == "subject") for at, fact in self._links(node, "open")]

    def closed(self, node: str, by: str = "") -> list[int]:
        """After which events links with a node were closed, by whoever is meant."""
        return [at for at, fact in self._links(node, "closed") if by in ("", fact["by"])]

    def _links(self, node: str, what: str) -> Iterator[tuple[int, Mapping[str, object]]]:
        for at, fact in self.facts:
            if fact["what"] == what and self.nodes.get(str(fact["party"])) == node:
                yield at, fact

    def gone(self) -> list[Moment]:
        """The peers that have failed."""
        return [self._moment(at, fact) for at, fact in self.facts if fact["what"] == "gone" and at]

    def cut(self) -> Moment | None:
        """When the subject was cut off; None where it was not."""
        return self.moment("cut")

    def moment(self, what: str) -> Moment | None:
        """When something was done that is told as a fact; None where it was not."""
        found = [(at, fact) for at, fact in self.facts if fact["what"] == what and at]
        return self._moment(*found[0]) if found and self.evidence.events else None

    def _moment(self, at: int, fact: Mapping[str, object]) -> Moment:
        time = fact["time"]
        assert isinstance(time, int | float)
        return Moment(self.event(at), float(time), self.nodes.get(str(fact["party"]), ""))

    def connected(self, number: int) -> list[str]:
        """The Node-IDs of those with whom there is a link after an event."""
        open_: dict[object, str] = {}
        for at, fact in self.facts:
            if at > number:
                continue
            if fact["what"] == "open":
                open_[fact["link"]] = self.nodes.get(str(fact["party"]), "")
            elif fact["what"] == "closed":
                open_.pop(fact["link"], None)
        return [one for one in dict.fromkeys(open_.values()) if one]
