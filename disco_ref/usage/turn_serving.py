"""Offering and finding TURN servers in the overlay (RFC 6940, section 9)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal, Unroutable
from disco_ref.notation.codec import decode, encode
from disco_ref.reload.actions import About, Action, Tell
from disco_ref.reload.address import AddressType, IpAddressPort, IPv4AddrPort, IPv6AddrPort
from disco_ref.reload.ids import CHORD_RESOURCE_ID_LENGTH
from disco_ref.reload.member import Member
from disco_ref.reload.registries import DataKind
from disco_ref.reload.storage.client import Failed, Fetched, Found
from disco_ref.reload.storage.holdings import value_of
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.usage.keeping import LIFETIME, Dropped, Keeping, KeepingEvent, Kept, NotKept, Wish
from disco_ref.usage.storage_door import StorageDoor, StorageEvent
from disco_ref.usage.turn_server import MAXIMUM_ITERATION, TurnServer

TRIES = 8
"""Random Resource-IDs that are asked for, before no server counts as found; our choice."""

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""The addresses that are private (RFC 1918)."""


class NoTurnServer(Unroutable):
    """No TURN server is found."""


class TurnServerOffered(NamedTuple):
    """The server stands in one of its places."""

    iteration: int


class TurnServerNotOffered(NamedTuple):
    """The server does not stand in one of its places; that is tried again."""

    iteration: int
    why: Refusal


class TurnServerWithdrawn(NamedTuple):
    """The server is taken out of one of its places."""

    iteration: int


class TurnServerFound(NamedTuple):
    """A server."""

    about: About
    address: IpAddressPort


class TurnServerNotFound(NamedTuple):
    """There is none, or it was not found."""

    about: About
    why: Refusal


def may_serve(address: str, reflexive: Iterable[str]) -> bool:
    """Whether a node with this address may offer itself; ``reflexive`` are the addresses that others have seen it at."""
    own = ip_address(address)
    # = rfc6940:9/1
    if any(ip_address(each) != own for each in reflexive):
        return False
    # = rfc6940:9/2
    # = rfc6940:9/3
    return not (isinstance(own, IPv4Address) and any(own in network for network in PRIVATE))


def server_address(host: str, port: int) -> IpAddressPort:
    """An address as it stands in a TurnServer."""
    address = ip_address(host)
    if isinstance(address, IPv6Address):
        return IpAddressPort(AddressType.ipv6_address, IPv6AddrPort(int(address), port))
    return IpAddressPort(AddressType.ipv4_address, IPv4AddrPort(int(address), port))


class _Search:
    __slots__ = ("about", "tries")

    def __init__(self, about: About) -> None:
        self.about = about
        self.tries = 0


class TurnServing:
    """The server that a node offers, and those that it looks for."""

    __slots__ = ("_door", "_keeping", "_last", "_member", "_searches")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._keeping = Keeping(member, topology, _told)
        self._door = StorageDoor(member, topology, self._heard)
        self._searches: dict[int, _Search] = {}
        self._last = 0

    def _iterations(self) -> range:
        """The places of a server: as many as the configuration wants and the Kind admits."""
        overlay = self._member.overlay
        definition = overlay.kinds.get(DataKind.TURN_SERVICE)
        most = 0 if definition is None else min(definition.max_node_multiple, MAXIMUM_ITERATION)
        # = rfc6940:9/4
        return range(1, min(overlay.configuration.turn_density, most) + 1)

    def offer(self, address: IpAddressPort, now: Instant, *, lifetime: int = LIFETIME) -> list[Action]:
        """Offer a server at an address, in all its places; none where the configuration wants none."""
        actions: list[Action] = []
        for iteration in self._iterations():
            octets = encode(TurnServer(iteration, address), self._member.overlay.context)
            name = self._member.node_id + iteration.to_bytes(1, "big")
            wish = Wish(name, DataKind.TURN_SERVICE, octets, lifetime=lifetime)
            actions += self._keeping.keep(str(iteration), wish, now)
        return actions

    def withdraw(self, now: Instant) -> list[Action]:
        """Offer it no more."""
        places = range(1, MAXIMUM_ITERATION + 1)
        return [action for each in places for action in self._keeping.drop(str(each), now)]

    def find(self, about: About) -> list[Action]:
        """Look for a server; TurnServerFound or TurnServerNotFound is told."""
        self._last += 1
        search = self._searches[self._last] = _Search(about)
        return self._try(self._last, search)

    def _try(self, number: int, search: _Search) -> list[Action]:
        search.tries += 1
        # = rfc6940:9/5
        return self._door.find(("find", number), self._member.entropy(CHORD_RESOURCE_ID_LENGTH), DataKind.TURN_SERVICE)

    def _heard(self, event: StorageEvent, now: Instant) -> list[Action]:
        number = event.about[1]
        if not isinstance(number, int):
            raise RuntimeError(f"{event} was not asked for")
        search = self._searches[number]
        if isinstance(event, Found):
            named = [each.closest for each in event.answer.results if each.kind == DataKind.TURN_SERVICE]
            if named and any(named[0]):
                return self._door.fetch_at(event.about, named[0], DataKind.TURN_SERVICE)
        address = self._server(event) if isinstance(event, Fetched) else None
        if address is not None:
            del self._searches[number]
            return [Tell(TurnServerFound(search.about, address))]
        if search.tries < TRIES:
            return self._try(number, search)
        del self._searches[number]
        why = event.why if isinstance(event, Failed) else NoTurnServer(f"none near {TRIES} random places")
        return [Tell(TurnServerNotFound(search.about, why))]

    def _server(self, fetched: Fetched) -> IpAddressPort | None:
        """The address of the server that stands there, None where none can be read."""
        for each in fetched.values:
            value = value_of(each)
            if value.exists:
                try:
                    return decode(TurnServer, value.value, self._member.overlay.context).server_address
                except Malformed:
                    continue
        return None


def _told(event: KeepingEvent) -> list[Action]:
    """What became of one place of the server."""
    match event:
        case Kept(key, _):
            return [Tell(TurnServerOffered(int(key)))]
        case Dropped(key):
            return [Tell(TurnServerWithdrawn(int(key)))]
        case NotKept(key, why):
            return [Tell(TurnServerNotOffered(int(key), why))]
