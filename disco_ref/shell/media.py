"""The ports of a relay: for each medium and address family one for RTP and the next one for RTCP (RFC 3550, section 11)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from twisted.internet.error import CannotListenError
from twisted.internet.protocol import DatagramProtocol

from disco_ref.clock import Instant
from disco_ref.media.latching import Port
from disco_ref.media.relay import Departure, Relay
from disco_ref.shell.sip.wire import Call, Reactor
from disco_ref.sip.flow import Address

TICK = 0.01
"""Seconds between looks at what is due: a packet of silence may be so late."""

TRIES = 64
"""Pairs of ports that are tried where none is named."""

LARGEST = 4096
"""Octets of a datagram that are read."""


class _Datagrams(DatagramProtocol):
    """One of the ports."""

    def __init__(self, reactor: Reactor, ports: MediaPorts, port: Port, host: str, number: int) -> None:
        """Listens on a host and a port number, 0 for any; CannotListenError where that is in use."""
        self._ports = ports
        self._port = port
        self._bound = reactor.listenUDP(number, self, host, LARGEST)
        self.number = self._bound.getHost().port
        """The number of the port."""

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """A packet."""
        self._ports.received(datagram, Address(addr[0], addr[1]), self._port)

    def send(self, octets: bytes, destination: Address) -> None:
        """What cannot be sent is lost, as on the way."""
        with suppress(OSError):
            self._bound.socket.sendto(octets, destination)

    def stop(self) -> None:
        """Stops listening."""
        self._bound.stopListening()


class MediaPorts:
    """A relay on the network: feeds it, and sends what it hands out."""

    def __init__(self, reactor: Reactor, relay: Relay) -> None:
        self._reactor = reactor
        self._relay = relay
        self._protocols: dict[Port, _Datagrams] = {}
        self._own: set[Address] = set()
        self._tick: Call | None = None

    def open(self, hosts: Mapping[int, str], media: tuple[str, ...], first: int = 0) -> dict[str, dict[int, int]]:
        """Listens on the hosts, by address family, for these media; the ports of RTP by medium and family.

        ``first`` is the port of the first medium, even; the next medium takes the next pair.  With 0 free ones are looked for.
        CannotListenError where they are in use, OSError where no pair is free; nothing is left open then.
        """
        found: dict[str, dict[int, int]] = {}
        try:
            for place, medium in enumerate(media):
                for family, host in hosts.items():
                    wanted = first + 2 * place if first else 0
                    found.setdefault(medium, {})[family] = self._pair(medium, family, host, wanted)
        except BaseException:
            self.close()
            raise
        self._tick = self._reactor.callLater(TICK, self._pass)
        return found

    def close(self) -> None:
        """Stops listening."""
        if self._tick is not None and self._tick.active():
            self._tick.cancel()
        for protocol in self._protocols.values():
            protocol.stop()
        self._protocols.clear()

    def received(self, octets: bytes, source: Address, port: Port) -> None:
        """A packet for the relay; one of our own, which came around, is dropped."""
        if source not in self._own:
            self._send(self._relay.receive(octets, source, port, self._now()))

    def _pass(self) -> None:
        self._tick = self._reactor.callLater(TICK, self._pass)
        self._send(self._relay.expire(self._now()))

    def _now(self) -> Instant:
        return Instant(self._reactor.seconds())

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
