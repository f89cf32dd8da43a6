"""An overlay in memory: nodes in virtual time, over links that take time and may lose, all from one seed.

The same seed and the same orders give the same run, to the octet.  Links stand where (D)TLS would: what goes over one arrives
whole or not at all, and its two ends know each other's certificates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple, assert_never

from disco_ref.clock import Instant
from disco_ref.peer.overlay.effects import Close, Deliver, Effect, Note, Send, Write
from disco_ref.peer.overlay.node import Node, Up
from disco_ref.reload.actions import Action, Change, Link
from disco_ref.reload.address import AddressType, IpAddressPort, IPv4AddrPort
from disco_ref.reload.forwarding.ice import CandType, IceCandidate, OverlayLinkType
from disco_ref.reload.link.establishing import Abandon, Attempt, Establish, Gather, LinkParameters, Reach
from disco_ref.reload.link.framed_stream import FramedStream

BEGIN = Instant(1_800_000_000.0)
PORT = 6084
UNREACHED = 3.0
"""Seconds until a node that is not there counts as unreachable."""


class Weather(NamedTuple):
    """What the way does to what is on it."""

    latency: float = 0.02
    """Seconds."""
    jitter: float = 0.0
    """Seconds more, at most; streams keep their order."""


class _End(NamedTuple):
    place: Place
    link: Link


class Place:
    """A node, its address, its links, and what it has written."""

    __slots__ = ("address", "alive", "due", "ends", "events", "last", "links", "node", "notes", "waiting", "written")

    def __init__(self, node: Node, address: int) -> None:
        self.node = node
        self.address = address
        """An IPv4 address as a number."""
        self.alive = True
        self.ends: dict[Link, _End] = {}
        """The other end of each link."""
        self.last: dict[Link, Instant] = {}
        """When the last octets of each link arrive, so that the next do not overtake them."""
        self.waiting: dict[bytes, Attempt] = {}
        """Attempts that wait for a node to come."""
        self.links = 0
        self.due: Instant | None = None
        self.written: dict[tuple[bytes, int], bytes] = {}
        self.events: list[object] = []
        self.notes: list[Note] = []


_Event = Callable[[], None]


class MemoryOverlay:
    """The network, its clock, and whoever is on it."""

    def __init__(self, seed: int = 0, weather: Weather | None = None) -> None:
        self.random = Random(seed)
        self.weather = weather or Weather()
        self.now = BEGIN
        self.places: dict[int, Place] = {}
        self._queue: list[tuple[Instant, int, _Event]] = []
        self._serial = 0
        self.messages = 0
        """How often octets have been sent."""

    def entropy(self, count: int) -> bytes:
        """Octets out of the seed."""
        return self.random.randbytes(count)

    def add(self, node: Node, address: int) -> Place:
        """A node comes up at an address."""
        place = self.places[address] = Place(node, address)
        return place

    def order(self, place: Place, actions: Iterable[Action]) -> None:
        """Somebody wants something of a node."""
        self._do(place, place.node.perform(actions, self.now))

    def crash(self, place: Place) -> None:
        """A node goes down without a word; the other ends of its links notice, as with a TCP reset."""
        place.alive = False
        del self.places[place.address]
        for end in tuple(place.ends.values()):
            self._later(self.weather.latency, partial(self._down, end.place, end.link, "reset"))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until = Instant(self.now + seconds)
        while self._queue and self._queue[0][0] <= until:
            self.now, _, event = heappop(self._queue)
            event()
        self.now = until

    # --- effects

    def _do(self, place: Place, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._one(place, effect)
        self._watch(place)

    def _one(self, place: Place, effect: Effect) -> None:
        match effect:
            case Send(link, octets):
                self._send(place, link, octets)
            case Close(link, _):
                end = place.ends.pop(link, None)
                if end is not None:
                    self._later(self.weather.latency, lambda: self._down(end.place, end.link, "closed"))
            case Gather(attempt):
                own = self._candidate(place.address)
                self._later(0.0, lambda: self._call(place, place.node.gathered(attempt, own, self.now)))
            case Establish(attempt, active, node_id, remote):
                if active:
                    self._open(place, attempt, _address(remote), node_id)
                else:
                    place.waiting[node_id] = attempt
            case Reach(attempt, address, _):
                octets = bytes(map(int, address.split(".")))
                self._open(place, attempt, int.from_bytes(octets, "big"), None)
            case Abandon(attempt):
                place.waiting = {each: number for each, number in place.waiting.items() if number != attempt}
            case Write(token, changes):
                self._write(place, changes)
                self._later(0.0, lambda: self._call(place, place.node.written(token, self.now)))
            case Deliver(event):
                place.events.append(event)
            case Note():
                place.notes.append(effect)
            case _ as never:
                assert_never(never)

    def _call(self, place: Place, effects: Iterable[Effect]) -> None:
        if place.alive:
            self._do(place, effects)

    def _send(self, place: Place, link: Link, octets: bytes) -> None:
        end = place.ends.get(link)
        if end is None:
            return
        self.messages += 1
        at = Instant(self.now + self.weather.latency + self.random.random() * self.weather.jitter)
        at = place.last[link] = max(at, place.last.get(link, at))

        def arrive() -> None:
            if end.place.alive and end.link in end.place.ends:
                self._do(end.place, end.place.node.received(end.link, octets, self.now))

        self._at(at, arrive)

    def _open(self, place: Place, attempt: Attempt, address: int, node_id: bytes | None) -> None:
        def handshake() -> None:
            other = self.places.get(address)
            if not place.alive:
                return
            wrong = other is None or other is place or (node_id is not None and other.node.member.node_id != node_id)
            if other is None or wrong:
                self._later(
                    UNREACHED, lambda: self._call(place, place.node.unreachable(attempt, "nobody there", self.now))
                )
                return
            place.links += 1
            other.links += 1
            here, there = _End(place, place.links), _End(other, other.links)
            place.ends[here.link], other.ends[there.link] = there, here
            waiting = other.waiting.pop(place.node.member.node_id, None)
            self._up(other, there.link, waiting, place)
            self._up(place, here.link, attempt, other)

        self._later(2 * self.weather.latency, handshake)

    def _up(self, place: Place, link: Link, attempt: Attempt | None, other: Place) -> None:
        context = place.node.member.overlay.context
        up = Up(link, attempt, other.node.member.identity.certificates, FramedStream(context))
        self._do(place, place.node.up(up, self.now))

    def _down(self, place: Place, link: Link, why: str) -> None:
        if place.alive and place.ends.pop(link, None) is not None:
            self._do(place, place.node.down(link, why, self.now))

    def _write(self, place: Place, changes: tuple[Change, ...]) -> None:
        for each in changes:
            if each.held is None:
                place.written.pop((each.resource, each.kind), None)
            else:
                place.written[each.resource, each.kind] = each.held

    # --- time

    def _watch(self, place: Place) -> None:
        at = place.node.deadline
        if at is None or (place.due is not None and place.due <= at and place.due >= self.now):
            return
        place.due = at

        def expire() -> None:
            if place.alive and place.due == at:
                place.due = None
                self._do(place, place.node.expire(self.now))

        self._at(max(at, self.now), expire)

    def _later(self, seconds: float, event: _Event) -> None:
        self._at(Instant(self.now + seconds), event)

    def _at(self, at: Instant, event: _Event) -> None:
        self._serial += 1
        heappush(self._queue, (at, self._serial, event))

    def _candidate(self, address: int) -> LinkParameters:
        at = IpAddressPort(AddressType.ipv4_address, IPv4AddrPort(address, PORT))
        host = IceCandidate(at, OverlayLinkType.TLS_TCP_FH_NO_ICE, b"1", 1, CandType.host, None, ())
        return LinkParameters(b"", b"", (host,))


def _address(remote: LinkParameters) -> int:
    """The first IPv4 address that is offered, 0 where there is none."""
    offered = (each.addr_port.address for each in remote.candidates)
    return next((each.addr for each in offered if isinstance(each, IPv4AddrPort)), 0)
