"""One node in virtual time: it is told what arrives and what time it is, and says what it sends (``node.*`` of the adapter)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple, assert_never

from disco_ref.clock import Instant
from disco_ref.peer.effects import Deliver, Effect, Handle, Locate, Note, Shut, Transmit
from disco_ref.peer.element import Core, Element
from disco_ref.shell.formats.format import Json
from disco_ref.shell.nodes.arrival import Arrival
from disco_ref.shell.nodes.media import Packet, VirtualMedia
from disco_ref.shell.nodes.names import NO_NAMES, Names
from disco_ref.shell.nodes.settings import transport
from disco_ref.sip.actions import Action
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.transport.listening import Listening

MOST_DEADLINES = 100_000
"""Deadlines that pass within one command; more would be a node that never comes to rest."""
GROUPS = tuple(f"{first}." for first in range(224, 240))
"""How multicast addresses begin: who has sent there hears what comes there."""
FIRST_PORT = 30_000
"""The port of the first connection that the node opens."""


class Role(NamedTuple):
    """What plays a role: the core of an element, and its user."""

    core: Core
    act: Callable[[str, Mapping[str, Json], Instant], list[Action]]
    """What the user does: ``node.trigger``; raises Unsupported for what cannot be triggered."""
    told: Callable[[object], None] = lambda event: None
    """The user is told an event of the core."""
    delivers: Callable[[object, Instant], list[Action]] | None = None
    """What the user does at once about an event of the core, such as keeping what is to be kept."""
    media: VirtualMedia | None = None
    """Its RTP, where that is wanted."""


class VirtualNode:
    """One element with its connections; numbers of connections that it opens itself count down from -1."""

    def __init__(
        self, name: str, role: Role, listening: Sequence[Listening], entropy: Random, names: Names = NO_NAMES
    ) -> None:
        self._role = role
        self._names = names
        self._element = Element((), role.core, entropy.randbytes)
        self._flows: dict[int, Flow] = {}
        self._opened = 0
        self._unheard: dict[int, Handle] = {}
        """What was first sent on each connection of its own that nothing has come on yet."""
        self._sent: list[Json] = []
        self._refused = False
        """Whether the last datagram went to a port where nothing listens."""
        self._now = Instant(0.0)
        self._element.listen(listening)
        self.name = name

    # --- what it is told -----------------------------------------------------------------------------------------------

    def arrived(self, arrival: Arrival) -> None:
        """A datagram, a piece of a stream, or its end."""
        if arrival.closed:
            self.closed(arrival.number)
        else:
            way = transport(arrival.transport)
            self.receive(arrival.octets, way, arrival.source, arrival.destination, arrival.number)

    def receive(self, octets: bytes, transport: Transport, source: Address, destination: Address, number: int) -> None:
        """A datagram (number 0), or a piece of a stream; a connection that is not known is a new one."""
        media = self._role.media
        if media is not None and transport is Transport.UDP and not self._signals(destination):
            self._refused = not media.takes(destination)
            if not self._refused:
                self._stream(media.receive(octets, source, destination, self._now))
            return
        if transport is Transport.UDP:
            flow = Flow(transport, destination, source)
        elif number in self._flows:
            flow = self._flows[number]
        else:
            flow = self._flows[number] = Flow(transport, destination, source, number)
            self._carry_out(self._element.opened((), flow, self._now))
        self._unheard.pop(number, None)
        if octets:
            self._carry_out(self._element.receive(octets, flow, self._now))

    def closed(self, number: int) -> None:
        """The other side has closed a connection."""
        flow, handle = self._flows.pop(number, None), self._unheard.pop(number, None)
        if flow is not None:
            if handle:
                # A connection that nobody accepts is closed at once.
                self._carry_out(self._element.undelivered(handle, "nobody accepts the connection", self._now))
            self._carry_out(self._element.closed(flow, "the other side has closed it", self._now))

    def act(self, what: str, params: Mapping[str, Json]) -> None:
        """The node's user does something."""
        self._carry_out(self._element.perform(self._role.act(what, params, self._now), self._now))

    def advance(self, now: Instant) -> None:
        """Everything that falls due until ``now`` happens, each thing at its time."""
        media = self._role.media
        for _ in range(MOST_DEADLINES):
            deadline = self._deadline
            if deadline is None or deadline > now:
                self._now = now
                return
            self._now = max(self._now, deadline)
            self._carry_out(self._element.expire(self._now))
            if media is not None:
                self._stream(media.expire(self._now))
        raise RuntimeError(f"more than {MOST_DEADLINES} deadlines passed")

    def reply(self) -> dict[str, Json]:
        """What it has sent since it was asked last, and when it wants to be told the time."""
        sent, self._sent = self._sent, []
        refused, self._refused = self._refused, False
        said: dict[str, Json] = {"sent": sent, "wake": self._deadline}
        return {**said, "refused": True} if refused else said

    @property
    def _deadline(self) -> Instant | None:
        deadlines = (self._element.deadline, self._role.media.deadline if self._role.media else None)
        return min((one for one in deadlines if one is not None), default=None)

    @property
    def media(self) -> bool:
        """Whether its RTP is told too."""
        return self._role.media is not None

    def _signals(self, place: Address) -> bool:
        """Whether messages are taken there."""
        group = place.host.startswith(GROUPS)
        return any(
            one.address == place or (group and one.address.port == place.port) for one in self._element.listening
        )

    def _stream(self, packets: Sequence[Packet]) -> None:
        for one in packets:
            self._write(Flow(Transport.UDP, one.source, one.destination), one.octets)

    # --- what it does --------------------------------------------------------------------------------------------------

    def _carry_out(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Transmit):
                self._transmit(effect)
            elif isinstance(effect, Deliver):
                self._deliver(effect.event)
            elif isinstance(effect, Locate):
                answers = self._names.answer(effect.question)
                self._carry_out(self._element.located(effect.question, answers, self._now))
            elif isinstance(effect, Shut):
                self._shut(effect.flow)
            elif not isinstance(effect, Note):
                assert_never(effect)

    def _deliver(self, event: object) -> None:
        self._role.told(event)
        if self._role.media is not None:
            self._role.media.told(event, self._now)
        if self._role.delivers is not None:
            actions = self._role.delivers(event, self._now)
            if actions:
                self._carry_out(self._element.perform(actions, self._now))

    def _transmit(self, effect: Transmit) -> None:
        octets, flow, hop, handle = effect
        if flow is not None and flow.transport is Transport.UDP:
            self._write(flow, octets)
            return
        if flow is not None and flow.number in self._flows:
            self._write(flow, octets)
            return
        if hop is None:
            if handle:
                self._carry_out(self._element.undelivered(handle, "the connection is gone", self._now))
            return
        known = next((one for one in self._flows.values() if (one.transport, one.remote) == hop[:2]), None)
        if known is None:
            self._opened += 1
            own = next((one.address for one in self._element.listening if one.transport is hop.transport), hop.address)
            near = Address(own.host, FIRST_PORT + self._opened)
            names = (hop.name.lower(),) if hop.transport is Transport.TLS and hop.name else ()
            known = Flow(hop.transport, near, hop.address, -self._opened, names)
            self._flows[known.number] = known
            self._unheard[known.number] = handle
            self._carry_out(self._element.opened(handle, known, self._now))
        self._write(known, octets)

    def _shut(self, flow: Flow) -> None:
        self._unheard.pop(flow.number, None)
        if self._flows.pop(flow.number, None) is not None:
            self._write(flow, b"", closed=True)
            self._carry_out(self._element.closed(flow, "closed", self._now))

    def _write(self, flow: Flow, octets: bytes, *, closed: bool = False) -> None:
        piece: dict[str, Json] = {
            "transport": flow.transport.value.lower(),
            "source": str(flow.local),
            "destination": str(flow.remote),
            "octets": octets.hex(),
            "connection": flow.number or None,
        }
        self._sent.append({**piece, "closed": True} if closed else piece)
