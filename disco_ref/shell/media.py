"""The ports of a relay: for each medium and address family one for RTP and the next one for RTCP (RFC 3550, section 11)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol, cast

from twisted.internet.base import ReactorBase
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import LoopingCall

from disco_ref.clock import Instant
from disco_ref.media.latching import Port
from disco_ref.media.relay import Departure, Relay
from disco_ref.sip.flow import Address

TICK = 0.01
"""Seconds between looks at what is due: a packet of silence may be so late."""

TRIES = 64
"""Pairs of ports that are tried where none is named."""


class Clock(Protocol):
    """What says the time."""

    def __call__(self) -> Instant:
        """Now."""


class _Host(Protocol):
    """What a socket is bound to."""

    port: int


class _Socket(Protocol):
    """What the reactor gives for a port, in types."""

    def write(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Sends."""

    def getHost(self) -> _Host:
        """What it is bound to."""
        raise NotImplementedError

    def stopListening(self) -> object:
        """Closes."""


class _Reactor(Protocol):
    """What is asked of a reactor, in types."""

    def listenUDP(self, port: int, protocol: DatagramProtocol, interface: str, maxPacketSize: int) -> _Socket:
        """Opens a port."""
        raise NotImplementedError


class _Datagrams(DatagramProtocol):
    """One of the ports."""

    def __init__(self, reactor: ReactorBase, ports: MediaPorts, port: Port, host: str, number: int) -> None:
        """Listens on a host and a port number, 0 for any; CannotListenError where that is in use."""
        self._ports = ports
        self._port = port
        self._socket = cast("_Reactor", reactor).listenUDP(number, self, host, 4096)

    @property
    def number(self) -> int:
        """The number of the port."""
        return self._socket.getHost().port

    def stop(self) -> None:
        """Stops listening."""
        self._socket.stopListening()

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """A packet."""
        self._ports.received(datagram, Address(addr[0], addr[1]), self._port)

    def send(self, octets: bytes, destination: Address) -> None:
        """What cannot be sent is lost, as on the way."""
        with suppress(OSError, ValueError):
            self._socket.write(octets, destination)


class MediaPorts:
    """A relay on the network: feeds it, and sends what it hands out."""

    def __init__(self, reactor: ReactorBase, relay: Relay, clock: Clock) -> None:
        self._reactor = reactor
        self._relay = relay
        self._clock = clock
        self._protocols: dict[Port, _Datagrams] = {}
        self._own: set[Address] = set()
        self._tick = LoopingCall(self._pass)
        self._tick.clock = IReactorTime(reactor)

    def open(self, hosts: Mapping[int, str], media: tuple[str, ...], first: int = 0) -> dict[str, dict[int, int]]:
        """Listens on the hosts, by address family, for these media; the ports of RTP by medium and family.

        ``first`` is the port of the first medium, even; the next medium takes the next pair.  With 0 free ones are looked for.
        CannotListenError where they are in use, OSError where no pair is free.
        """
        found: dict[str, dict[int, int]] = {}
        for place, medium in enumerate(media):
            for family, host in hosts.items():
                wanted = first + 2 * place if first else 0
                found.setdefault(medium, {})[family] = self._pair(medium, family, host, wanted)
        self._tick.start(TICK, now=False)
        return found

    def close(self) -> None:
        """Stops listening."""
        if self._tick.running:
            self._tick.stop()
        for protocol in self._protocols.values():
            protocol.stop()
        self._protocols.clear()

    def received(self, octets: bytes, source: Address, port: Port) -> None:
        """A packet for the relay; one of our own, which came around, is dropped."""
        if source not in self._own:
            self._send(self._relay.receive(octets, source, port, self._clock()))

    def _pass(self) -> None:
        self._send(self._relay.expire(self._clock()))

    def _send(self, departures: list[Departure]) -> None:
        for one in departures:
            protocol = self._protocols.get(one.port)
            if protocol is not None:
                protocol.send(one.octets, one.destination)

    # = rfc3264:6.1/12
    def _pair(self, medium: str, family: int, host: str, wanted: int) -> int:
        for left in reversed(range(1 if wanted else TRIES)):
            media = self._listens(Port(medium, family), host, wanted)
            number = media.number
            try:
                if number % 2 and not wanted:
                    continue
                reports = self._listens(Port(medium, family, reports=True), host, number + 1)
            except CannotListenError:
                if not left:
                    raise
                continue
            finally:
                if Port(medium, family, reports=True) not in self._protocols:
                    self._protocols.pop(Port(medium, family)).stop()
            self._own |= {Address(host, number), Address(host, reports.number)}
            return number
        raise OSError(f"no free pair of ports on {host}")

    def _listens(self, port: Port, host: str, number: int) -> _Datagrams:
        found = self._protocols[port] = _Datagrams(self._reactor, self, port, host, number)
        return found
