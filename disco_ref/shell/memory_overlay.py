"""An overlay in memory: nodes in virtual time, over links that take time and may lose, all from one seed.

The same seed and the same orders give the same run, to the octet.  Links stand where (D)TLS would: what goes over one arrives
whole or not at all, and its two ends know each other's certificates.  In fair weather they are streams, which only wait while a
wall stands in their way; where the weather is lossy they are datagrams with Simple Reliability.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple, assert_never
from zlib import crc32

from disco_ref.clock import Instant
from disco_ref.peer.overlay.effects import Close, Deliver, Effect, Note, Send, Write
from disco_ref.peer.overlay.node import Node, Up
from disco_ref.reload.actions import Action, Change, Link
from disco_ref.reload.address import AddressType, IpAddressPort, IPv4AddrPort
from disco_ref.reload.forwarding.ice import CandType, IceCandidate, OverlayLinkType
from disco_ref.reload.link.establishing import Abandon, Attempt, Establish, Gather, LinkParameters, Reach
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.link.simple_reliability import SimpleReliability
from disco_ref.shell.memory_weather import Ways, Weather

BEGIN = Instant(1_800_000_000.0)
PORT = 6084
FIRST_PORT, PORTS = 49152, 16384
"""The ports that links of applications have, one for each attempt."""

UNREACHED = 3.0
"""Seconds until a node that is not there counts as unreachable."""

MTU = 1200
"""Octets of a record."""

MOST_NOTES = 64
"""Lines of its log that are kept of a node."""


class _End(NamedTuple):
    place: Place
    link: Link
    lossy: bool


class Place:
    """A node, its address, its links, and what it has written."""

    __slots__ = (
        "address",
        "alive",
        "due",
        "ends",
        "events",
        "last",
        "links",
        "node",
        "notes",
        "ports",
        "received",
        "sent",
        "skew",
        "waiting",
        "written",
    )

    def __init__(self, node: Node, address: int, skew: float = 0.0) -> None:
        self.node = node
        self.address = address
        """An IPv4 address as a number."""
        self.alive = True
        self.skew = skew
        """Seconds that its clock is fast."""
        self.sent = 0
        """Records, or pieces of a stream, that it has sent."""
        self.received = 0
        self.ends: dict[Link, _End] = {}
        """The other end of each link."""
        self.last: dict[Link, Instant] = {}
        """When the last octets of each link arrive, so that the next do not overtake them."""
        self.waiting: dict[bytes, Attempt] = {}
        """Attempts that wait for a node to come."""
        self.ports: dict[int, Attempt] = {}
        """Attempts of applications, by the port that is theirs alone."""
        self.links = 0
        self.due: Instant | None = None
        self.written: dict[tuple[bytes, int], bytes] = {}
        self.events: list[object] = []
        self.notes: deque[Note] = deque(maxlen=MOST_NOTES)


_Event = Callable[[], None]


class MemoryOverlay:
    """The network, its clock, and whoever is on it."""

    def __init__(self, seed: int = 0, weather: Weather | None = None) -> None:
        self.random = Random(seed)
        self.ways = Ways(seed, weather or Weather())
        self.now = BEGIN
        self.places: dict[int, Place] = {}
        self._queue: list[tuple[Instant, int, _Event]] = []
        self._serial = 0
        self._held: list[tuple[Place, Link, bytes]] = []
        """What waits in streams for a wall to fall."""
        self.messages = 0
        """How often octets have been sent."""
        self.trace = 0
        """A checksum over all that was sent, when and by whom."""

    def entropy(self, count: int) -> bytes:
        """Octets out of the seed."""
        return self.random.randbytes(count)

    def add(self, node: Node, address: int) -> Place:
        """A node comes up at an address."""
        place = self.places[address] = Place(node, address, self.ways.skew())
        return place

    def clock(self, place: Place) -> Instant:
        """What the clock of a node says."""
        return Instant(self.now + place.skew)

    def order(self, place: Place, actions: Iterable[Action]) -> None:
        """Somebody wants something of a node."""
        self._do(place, place.node.perform(actions, self.clock(place)))

    def connect(self, one: Place, other: Place) -> None:
        """A link between two nodes is up at once, as if a handshake had been done before."""
        here, there = self._ended(one, other, self.ways.weather.lossy)
        self._up(there, None, one)
        self._up(here, None, other)

    def crash(self, place: Place, silent: bool = False) -> None:
        """A node goes down without a word; the other ends notice a reset, or where it is ``silent`` that nobody answers."""
        place.alive = False
        del self.places[place.address]
        for end in () if silent else tuple(place.ends.values()):
            self._later(self.ways.latency(place.address, end.place.address), partial(self._down, end, "reset"))

    def divide(self, places: Iterable[Place]) -> None:
        """Put a wall between these nodes and all others: nothing gets through."""
        self.ways.divide(frozenset(each.address for each in places))

    def unite(self) -> None:
        """Take the wall away; what is still in the streams goes on its way."""
        self.ways.unite()
        held, self._held = self._held, []
        for place, link, octets in held:
            if place.alive and link in place.ends:
                self._carry(place, place.ends[link], link, octets)

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
                    self._hang_up(place, end)
            case Gather(attempt, application):
                port = PORT if application is None else FIRST_PORT + attempt % PORTS
                own = self._candidate(place.address, port)
                if application is not None:
                    place.ports[port] = attempt
                self._later(0.0, lambda: self._call(place, place.node.gathered(attempt, own, self.clock(place))))
            case Establish(attempt, active, node_id, remote, application, _):
                if application is not None:
                    self._establish_raw(place, effect)
                elif active:
                    self._open(place, attempt, _address(remote), node_id)
                else:
                    place.waiting[node_id] = attempt
            case Reach(attempt, address, _):
                octets = bytes(map(int, address.split(".")))
                self._open(place, attempt, int.from_bytes(octets, "big"), None)
            case Abandon(attempt):
                place.waiting = {each: number for each, number in place.waiting.items() if number != attempt}
                place.ports = {each: number for each, number in place.ports.items() if number != attempt}
            case Write(token, changes):
                self._write(place, changes)
                self._later(0.0, lambda: self._call(place, place.node.written(token, self.clock(place))))
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
        place.sent += 1
        self.trace = crc32(b"%r %d %d " % (self.now, place.address, link) + octets, self.trace)
        self._carry(place, end, link, octets)

    def _carry(self, place: Place, end: _End, link: Link, octets: bytes) -> None:
        """Put octets on their way, or to those that wait for a wall to fall."""
        here, there = place.address, end.place.address
        if self.ways.cut(here, there):
            if not end.lossy:
                self._held.append((place, link, octets))
        elif end.lossy:
            for seconds in self.ways.times(here, there):
                self._later(seconds, partial(self._arrive, place, link, end, octets))
        else:
            at = Instant(self.now + self.ways.time(here, there))
            at = place.last[link] = max(at, place.last.get(link, at))
            self._at(at, partial(self._arrive, place, link, end, octets))

    def _arrive(self, sender: Place, link: Link, end: _End, octets: bytes) -> None:
        place = end.place
        if not place.alive:
            return
        if end.link in place.ends:
            place.received += 1
            self._do(place, place.node.received(end.link, octets, self.clock(place)))
        elif not end.lossy:
            # the stream was closed while a wall stood in its way
            seconds = self.ways.latency(sender.address, place.address)
            self._later(seconds, partial(self._down, _End(sender, link, False), "reset"))

    def _hang_up(self, place: Place, end: _End) -> None:
        """The other end hears of the end of a link, unless a wall or the weather is between; then it finds out itself."""
        if not self.ways.cut(place.address, end.place.address):
            seconds = self.ways.latency(place.address, end.place.address)
            self._later(seconds, partial(self._down, end, "closed"))

    def _open(self, place: Place, attempt: Attempt, address: int, node_id: bytes | None) -> None:
        self._later(self.ways.handshake(place.address, address), partial(self._meet, place, attempt, address, node_id))

    def _meet(self, place: Place, attempt: Attempt, address: int, node_id: bytes | None) -> None:
        """A handshake is done, if the right node is there."""
        other = self.places.get(address)
        if not place.alive:
            return
        wrong = other is None or other is place or (node_id is not None and other.node.member.node_id != node_id)
        if other is None or wrong or self.ways.cut(place.address, address):
            why = "nobody there"
            self._later(UNREACHED, lambda: self._call(place, place.node.unreachable(attempt, why, self.clock(place))))
            return
        here, there = self._ended(place, other, self.ways.weather.lossy)
        waiting = other.waiting.pop(place.node.member.node_id, None)
        self._up(there, waiting, place)
        self._up(here, attempt, other)

    def _up(self, end: _End, attempt: Attempt | None, other: Place) -> None:
        place = end.place
        context = place.node.member.overlay.context
        carrier = SimpleReliability(context, MTU) if end.lossy else FramedStream(context)
        up = Up(end.link, attempt, other.node.member.identity.certificates, carrier)
        self._do(place, place.node.up(up, self.clock(place)))

    def _establish_raw(self, place: Place, wanted: Establish) -> None:
        """The link of an application: who is active connects to the port of the other one, who listens there already."""
        if not wanted.active:
            return
        place.ports = {each: number for each, number in place.ports.items() if number != wanted.attempt}
        there = _ends(wanted.remote)
        seconds = self.ways.handshake(place.address, there[0])
        self._later(seconds, lambda: self._meet_raw(place, wanted, *there))

    def _meet_raw(self, place: Place, wanted: Establish, address: int, port: int) -> None:
        other = self.places.get(address)
        if not place.alive:
            return
        waiting = None if other is None or other.node.member.node_id != wanted.node_id else other.ports.get(port)
        if other is None or waiting is None or self.ways.cut(place.address, address):
            why = "nobody there"
            failed = partial(place.node.unreachable, wanted.attempt, why)
            self._later(UNREACHED, lambda: self._call(place, failed(self.clock(place))))
            return
        del other.ports[port]
        here, there = self._ended(place, other, False)
        near, far = (_dotted(place.address), FIRST_PORT + wanted.attempt % PORTS), (_dotted(address), port)
        for end, attempt, back, ends in (
            (there, waiting, place, (far, near)),
            (here, wanted.attempt, other, (near, far)),
        ):
            datagrams = not end.place.node.member.overlay.configuration.no_ice
            up = Up(end.link, attempt, back.node.member.identity.certificates, None, *ends, datagrams)
            self._do(end.place, end.place.node.up(up, self.clock(end.place)))

    def _ended(self, place: Place, other: Place, lossy: bool) -> tuple[_End, _End]:
        """The two ends of a new link."""
        place.links += 1
        other.links += 1
        here, there = _End(place, place.links, lossy), _End(other, other.links, lossy)
        place.ends[here.link], other.ends[there.link] = there, here
        return here, there

    def _down(self, end: _End, why: str) -> None:
        place = end.place
        if place.alive and place.ends.pop(end.link, None) is not None:
            place.last.pop(end.link, None)
            self._do(place, place.node.down(end.link, why, self.clock(place)))

    def _write(self, place: Place, changes: tuple[Change, ...]) -> None:
        for each in changes:
            if each.held is None:
                place.written.pop((each.resource, each.kind), None)
            else:
                place.written[each.resource, each.kind] = each.held

    # --- time

    def _watch(self, place: Place) -> None:
        owed = place.node.deadline
        if owed is None:
            return
        at = max(Instant(owed - place.skew), self.now)
        if place.due is None or at < place.due:
            place.due = at
            self._at(at, partial(self._expire, place, at))

    def _expire(self, place: Place, at: Instant) -> None:
        if place.alive and place.due == at:
            place.due = None
            self._do(place, place.node.expire(self.clock(place)))

    def _later(self, seconds: float, event: _Event) -> None:
        self._at(Instant(self.now + seconds), event)

    def _at(self, at: Instant, event: _Event) -> None:
        self._serial += 1
        heappush(self._queue, (at, self._serial, event))

    def _candidate(self, address: int, port: int) -> LinkParameters:
        at = IpAddressPort(AddressType.ipv4_address, IPv4AddrPort(address, port))
        streams, datagrams = OverlayLinkType.TLS_TCP_FH_NO_ICE, OverlayLinkType.DTLS_UDP_SR_NO_ICE
        host = IceCandidate(at, datagrams if self.ways.weather.lossy else streams, b"1", 1, CandType.host, None, ())
        return LinkParameters(b"", b"", (host,))


def _address(remote: LinkParameters) -> int:
    """The first IPv4 address that is offered, 0 where there is none."""
    return _ends(remote)[0]


def _ends(remote: LinkParameters) -> tuple[int, int]:
    """The first IPv4 address that is offered, with its port; 0 where there is none."""
    offered = (each.addr_port.address for each in remote.candidates)
    return next(((each.addr, each.port) for each in offered if isinstance(each, IPv4AddrPort)), (0, 0))


def _dotted(address: int) -> str:
    """An address as people write it."""
    return ".".join(str(each) for each in address.to_bytes(4, "big"))
