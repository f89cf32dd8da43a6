"""RTP of a node in virtual time: its ports, and the relay behind them (conformance/SUBJECT.md, setting ``media``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.media.latching import Port
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.media.relay import Departure, Relay
from disco_ref.peer.phone import Called, Ended, Talking
from disco_ref.sip.flow import Address

AUDIO, VIDEO = 40_000, 40_002
"""The ports of RTP at first, by medium; RTCP has the next ones."""
_FIRST = {"audio": AUDIO, "video": VIDEO}
STEP = 10
"""How far apart the ports are that a node moves to."""


class Packet(NamedTuple):
    """One datagram that leaves."""

    octets: bytes
    source: Address
    destination: Address


class VirtualMedia:
    """The ports of a node: feeds its relay, and says what leaves from where."""

    def __init__(self, relay: Relay, hosts: Mapping[int, str], media: Sequence[str]) -> None:
        """``hosts`` by address family, 4 or 6; ``media`` are those that it has ports for."""
        self._relay = relay
        self._ports: dict[Address, Port] = {}
        self._places: dict[Port, Address] = {}
        self._callers: dict[str, str] = {}
        """The hosts that calls have come from."""
        self._hosts = hosts
        for medium in media:
            self._open(medium, _FIRST[medium])

    @property
    def deadline(self) -> Instant | None:
        """When silence is due next."""
        return self._relay.deadline

    def takes(self, place: Address) -> bool:
        """Whether it listens there."""
        return place in self._ports

    # = rfc3264:8.3.1/3
    # = rfc3264:8.3.1/8
    # = rfc3264:8.3.1/9
    # = rfc3264:8.3.1/11
    # = rfc3264:8.3.3/4
    def move(self, able: Capabilities, media: str) -> Capabilities:
        """A medium comes in at another port from now on, and at the one before as well: what descriptions say with it."""
        number = max(one.port for one in self._ports) // STEP * STEP + STEP
        self._open(media, number)
        ports = dict.fromkeys(self._hosts, number)
        moved = tuple(replace(one, ports=ports) if one.media == media else one for one in able.abilities)
        return replace(able, abilities=moved)

    def told(self, event: object, now: Instant) -> None:
        """A telephone tells what becomes of its calls; a focus keeps its relay itself."""
        if isinstance(event, Called):
            self._callers[event.call] = event.host
        elif isinstance(event, Talking):
            self._relay.join(event.call, ("call", event.call), event.agreement, self._callers.get(event.call, ""), now)
        elif isinstance(event, Ended):
            self._callers.pop(event.call, None)
            self._relay.leave(event.call, ("call", event.call))

    def receive(self, octets: bytes, source: Address, destination: Address, now: Instant) -> list[Packet]:
        """A datagram at one of its ports: what leaves for it."""
        return self._packets(self._relay.receive(octets, source, self._ports[destination], now))

    def expire(self, now: Instant) -> list[Packet]:
        """The silence that is due by now."""
        return self._packets(self._relay.expire(now))

    def _open(self, medium: str, number: int) -> None:
        for family, host in self._hosts.items():
            for reports in (False, True):
                port, place = Port(medium, family, reports), Address(host, number + reports)
                self._ports[place] = port
                self._places[port] = place

    def _packets(self, departures: Sequence[Departure]) -> list[Packet]:
        return [Packet(one.octets, self._places[one.port], one.destination) for one in departures]
