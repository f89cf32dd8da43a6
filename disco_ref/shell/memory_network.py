"""A network in memory: elements in virtual time, over a way that loses, delays, doubles and reorders, all from one seed.

The same seed and the same commands give the same run, to the octet.  Datagrams suffer the whole weather; connections keep their
order and lose nothing, but may be cut.  Nothing here waits: :meth:`MemoryNetwork.run` goes from one occurrence to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple, assert_never

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.peer.effects import Deliver, Effect, Locate, Note, Shut, Transmit
from disco_ref.peer.element import BOUNDS, TIMERS, Bounds, Core, Element
from disco_ref.sip.actions import Action
from disco_ref.sip.flow import Address, Flow, Hop, Transport
from disco_ref.sip.location.questions import Answers, Question
from disco_ref.sip.location.table import NOTHING, Table
from disco_ref.sip.transaction.timers import Timers
from disco_ref.sip.transport.listening import listening

MOST = 1_000_000
"""Occurrences in one run; beyond, something goes in circles."""
BEGIN = Instant(1_700_000_000.0)


class Weather(NamedTuple):
    """What the way does to what is on it; probabilities from 0 to 1."""

    latency: float = 0.01
    """Seconds."""
    jitter: float = 0.0
    """Seconds more, at most: datagrams overtake each other, streams do not."""
    loss: float = 0.0
    """Of datagrams."""
    duplication: float = 0.0
    """Of datagrams."""
    cut: float = 0.0
    """Of connections, at each message on them."""


CLEAR = Weather()


class Sent(NamedTuple):
    """One message that left, whether it arrived or not."""

    at: Instant
    transport: Transport
    source: Address
    destination: Address
    octets: bytes


class Raw:
    """A place at which datagrams are kept, for parties that tests play by hand."""

    def __init__(self, network: MemoryNetwork, address: Address) -> None:
        self._network = network
        self.address = address
        self.received: list[tuple[Instant, bytes, Address]] = []
        """When, what, from where."""

    def send(self, octets: bytes, to: Address) -> None:
        """Sends a datagram."""
        self._network.datagram(octets, self.address, to)


class _Node:
    """An element on the network."""

    def __init__(self, element: Element, names: tuple[str, ...]) -> None:
        self.element = element
        self.names = names
        self.events: list[tuple[Instant, object]] = []
        self.awake = 0.0
        self.gone = False


class _End:
    """One end of a connection."""

    def __init__(self, node: _Node, flow: Flow, other: int) -> None:
        self.node = node
        self.flow = flow
        self.other = other
        """The number of the other end."""
        self.busy = 0.0
        """When what was sent to it last arrives."""


class MemoryNetwork:
    """The network, the clock and the elements."""

    def __init__(self, seed: int, weather: Weather = CLEAR, *, names: dict[Question, Answers] | None = None) -> None:
        """``names`` are the answers of the domain name system."""
        self._random = Random(seed)
        self.weather = weather
        """May be changed between two runs."""
        self.names = names or {}
        self.now = BEGIN
        self.sent: list[Sent] = []
        """Every message that left, in order."""
        self.notes: list[Note] = []
        self._nodes: dict[int, _Node] = {}
        self._at: dict[tuple[Transport, Address], _Node | Raw] = {}
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = 0
        self._ends: dict[int, _End] = {}
        self.entropy: Entropy = self._random.randbytes
        """A reproducible stream: all that is random comes from the one seed."""

    # --- who is there --------------------------------------------------------------------------------------------------

    def element(
        self,
        core: Core,
        *addresses: tuple[Transport, Address],
        names: tuple[str, ...] = (),
        timers: Timers = TIMERS,
        bounds: Bounds = BOUNDS,
        known: Table = NOTHING,
    ) -> Element:
        """A new element that listens at these addresses; ``names`` are those that its certificate proves."""
        places = [listening(transport, address) for transport, address in addresses]
        element = Element((), core, self.entropy, timers=timers, bounds=bounds, known=known)
        node = _Node(element, names)
        self._nodes[id(element)] = node
        self._at.update(dict.fromkeys(addresses, node))
        element.listen(places)
        return element

    def raw(self, address: Address) -> Raw:
        """A place for a party that a test plays by hand, over UDP."""
        party = Raw(self, address)
        self._at[Transport.UDP, address] = party
        return party

    def remove(self, element: Element) -> None:
        """An element is gone without a word, and its connections with it."""
        node = self._nodes.pop(id(element))
        node.gone = True
        self._at = {place: there for place, there in self._at.items() if there is not node}
        for number, end in list(self._ends.items()):
            if end.node is node:
                self._cut(number, "the other side is gone")

    def heard(self, element: Element) -> list[tuple[Instant, object]]:
        """What the core of an element has told, and when."""
        return list(self._nodes[id(element)].events)

    def told(self, element: Element) -> list[object]:
        """What the core of an element has told, in order."""
        return [event for _, event in self._nodes[id(element)].events]

    # --- the run -------------------------------------------------------------------------------------------------------

    def perform(self, element: Element, actions: Sequence[Action]) -> None:
        """Has an element carry out actions now."""
        self._carry_out(self._nodes[id(element)], element.perform(actions, self.now))

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> bool:
        """Lets time pass, until something is true where that is given; whether it is (else True)."""
        end = self.now + seconds
        for _ in range(MOST):
            if until is not None and until():
                return True
            if not self._heap or self._heap[0][0] > end:
                self.now = Instant(end)
                return until is None or until()
            at, _, occur = heappop(self._heap)
            self.now = Instant(max(self.now, at))
            occur()
        raise RuntimeError(f"{MOST} occurrences in {seconds} seconds")

    def _later(self, at: float, occur: Callable[[], None]) -> None:
        self._serial += 1
        heappush(self._heap, (at, self._serial, occur))

    def _wake(self, node: _Node) -> None:
        node.awake = 0.0
        deadline = node.element.deadline
        if deadline is not None and deadline <= self.now and not node.gone:
            self._carry_out(node, node.element.expire(self.now))
        else:
            self._arm(node)

    def _arm(self, node: _Node) -> None:
        deadline = node.element.deadline
        if id(node.element) not in self._nodes:
            return
        if deadline is not None and (not node.awake or deadline < node.awake):
            node.awake = deadline
            self._later(deadline, lambda: self._wake(node))

    def _carry_out(self, node: _Node, effects: Sequence[Effect]) -> None:
        for effect in () if node.gone else effects:
            match effect:
                case Transmit():
                    self._transmit(node, effect)
                case Locate(question):
                    answers = self.names.get(question, ())
                    self._later(self._arrival(), lambda q=question, a=answers: self._located(node, q, a))  # type: ignore[misc]
                case Shut(flow):
                    self._later(self._arrival(), lambda number=flow.number: self._cut(number, "closed"))  # type: ignore[misc]
                case Deliver(event):
                    node.events.append((self.now, event))
                case Note():
                    self.notes.append(effect)
                case _:
                    assert_never(effect)
        self._arm(node)

    def _located(self, node: _Node, question: Question, answers: Answers) -> None:
        self._carry_out(node, node.element.located(question, answers, self.now))

    # --- datagrams -----------------------------------------------------------------------------------------------------

    def _arrival(self) -> float:
        return self.now + self.weather.latency + self._random.random() * self.weather.jitter

    def datagram(self, octets: bytes, source: Address, destination: Address) -> None:
        """Puts a datagram on its way."""
        self.sent.append(Sent(self.now, Transport.UDP, source, destination, octets))
        copies = 1 + (self._random.random() < self.weather.duplication)
        for _ in range(copies):
            if self._random.random() >= self.weather.loss:
                self._later(self._arrival(), lambda: self._arrive(octets, source, destination))

    def _arrive(self, octets: bytes, source: Address, destination: Address) -> None:
        there = self._at.get((Transport.UDP, destination))
        if isinstance(there, Raw):
            there.received.append((self.now, octets, source))
        elif there is not None:
            flow = Flow(Transport.UDP, destination, source)
            self._carry_out(there, there.element.receive(octets, flow, self.now))

    # --- connections ---------------------------------------------------------------------------------------------------

    def _transmit(self, node: _Node, effect: Transmit) -> None:
        octets, flow, hop, handle = effect
        if flow is not None and flow.transport is Transport.UDP:
            self.datagram(octets, flow.local, flow.remote)
            return
        number = flow.number if flow is not None and flow.number in self._ends else self._reusable(node, hop)
        if number is None and hop is not None:
            number = self._connect(node, hop, effect)
        if number is not None:
            self._piece(number, octets)
        elif handle:
            self._later(self._arrival(), lambda: self._undelivered(node, effect))

    def _undelivered(self, node: _Node, effect: Transmit) -> None:
        self._carry_out(node, node.element.undelivered(effect.handle, "no connection", self.now, effect.octets))

    def _reusable(self, node: _Node, hop: Hop | None) -> int | None:
        for number, end in self._ends.items():
            if (
                hop is not None
                and end.node is node
                and (end.flow.transport, end.flow.remote) == (hop.transport, hop.address)
            ):
                return number if hop.transport is Transport.TCP or hop.name in end.flow.identities else None
        return None

    def _connect(self, node: _Node, hop: Hop, effect: Transmit) -> int | None:
        there = self._at.get((hop.transport, hop.address))
        if not isinstance(there, _Node) or (hop.transport is Transport.TLS and hop.name not in there.names):
            return None
        self._serial += 2
        number, other = self._serial - 1, self._serial
        own = next((each.address for each in node.element.listening if each.transport is hop.transport), hop.address)
        near = Address(own.host, 30_000 + number % 30_000)
        out = Flow(hop.transport, near, hop.address, number, there.names)
        back = Flow(hop.transport, hop.address, near, other, node.names)
        self._ends[number], self._ends[other] = _End(node, out, other), _End(there, back, number)
        self._carry_out(there, there.element.opened((), back, self.now))
        self._carry_out(node, node.element.opened(effect.handle, out, self.now))
        return number

    def _piece(self, number: int, octets: bytes) -> None:
        end = self._ends[number]
        to = self._ends[end.other]
        self.sent.append(Sent(self.now, end.flow.transport, end.flow.local, end.flow.remote, octets))
        if self._random.random() < self.weather.cut:
            self._cut(number, "cut")
            return
        to.busy = max(to.busy, self._arrival())
        self._later(to.busy, lambda: self._stream(to, octets))

    def _stream(self, end: _End, octets: bytes) -> None:
        if end.flow.number in self._ends:
            self._carry_out(end.node, end.node.element.receive(octets, end.flow, self.now))

    def _cut(self, number: int, why: str) -> None:
        end = self._ends.pop(number, None)
        if end is not None:
            other = self._ends.pop(end.other, None)
            for each in (end, other):
                if each is not None:
                    self._carry_out(each.node, each.node.element.closed(each.flow, why, self.now))
