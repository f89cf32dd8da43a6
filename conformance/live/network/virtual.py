"""Virtual time: a subject behind an adapter, that is told what arrives and what time it is (SUBJECT.md, commands ``node.*``).

Nothing passes but what the harness passes on; a second takes no time.  Every party is a host of its own; who opens a connection
numbers it, the harness upwards from 1, the subject downwards from -1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.live.network.conversation import Conversation, Unsupported
from conformance.live.network.speech import PROBE, Voice, packet
from conformance.live.network.voices import PROBING, Voices
from conformance.live.network.wire import Arrival, Sent, WireFault
from conformance.live.subject import End, LiveSubject, shown
from conformance.live.wants import NotClaimed
from conformance.run.model import Json

START = 1_000_000_000.0
"""The time at which every scenario begins, in seconds since 1970."""
SUBJECT: End = ("192.0.2.1", 5060)
"""Where the subject listens; the addresses are those for documentation (RFC 5737)."""
SECOND_PORT = 5070
"""The port of a party on the host of another one, and of the next ones."""
FIRST_PORT = 40_000
"""The harness' ends of the connections that it opens."""
MOST_WAKES = 1000
"""Wakes in a row at the same instant that do nothing."""


@dataclass(frozen=True, slots=True)
class _Connection:
    party: str
    transport: str
    local: End
    remote: End


class VirtualNetwork:
    """One node of one role."""

    virtual = True

    def __init__(self, conversation: Conversation, subject: LiveSubject, role: str) -> None:
        self.now = START
        self._ask = conversation.ask
        self._parties: dict[str, tuple[str, End]] = {}
        self._connections: dict[int, _Connection] = {}
        self._last = 0
        self._arrived: list[Arrival] = []
        self._wake: float | None = None
        self._refused: list[tuple[int, str, End, End]] = []
        self._voices = Voices()
        self._groups: dict[End, str] = {}
        self._node = "n1"
        self._role, self._settings = role, settings_of(subject)
        self._places = listening(subject.address)
        self._start({})

    def _start(self, settings: Mapping[str, Json]) -> None:
        started = self._call(
            "node.start", role=self._role, listening=self._places, settings={**self._settings, **settings}
        )
        self._media = started.get("media") is True

    def dress(self, party: str, certificate: str, suite: str) -> End | None:
        """Certificates are no part of virtual time."""
        return None

    def join(self, party: str, group: End) -> bool:
        """One party hears a group, and what is sent there comes to the node too."""
        self._groups[group] = party
        return True

    def configure(self, settings: Mapping[str, Json]) -> bool:
        """Start the node once more, with these settings besides."""
        taken = self._ask("hello", {}).get("settings")
        lacking = [name for name in settings if not isinstance(taken, list) or name not in taken]
        if lacking:
            raise NotClaimed(f"the adapter has no setting {lacking[0]}")
        self._ask("node.stop", {"node": self._node, "now": self.now})
        self._start(settings)
        return True

    def _call(self, command: str, **params: Json) -> Mapping[str, Json]:
        """Ask, and take what the node sends; the result."""
        try:
            result = self._ask(command, {"node": self._node, "now": self.now, **params})
        except Unsupported as fault:
            raise NotClaimed(f"the adapter does not do {command}: {fault}") from None
        wake = result.get("wake")
        sent = result.get("sent")
        if not isinstance(sent, list) or isinstance(wake, bool) or not isinstance(wake, int | float | None):
            raise WireFault(f"{command} is not answered with `sent` and `wake`", fatal=True)
        self._wake = None if wake is None else float(wake)
        for one in sent:
            self._take(one, command)
        while self._refused:
            # Nobody accepts the connection that the node has opened.
            number, transport, near, far = self._refused.pop()
            self._call(
                "node.receive", transport=transport, source=shown(far), destination=shown(near), octets="",
                connection=number, closed=True,
            )  # fmt: skip
        return result

    def _take(self, one: Json, command: str) -> None:
        try:
            assert isinstance(one, Mapping)
            transport, octets = str(one["transport"]), bytes.fromhex(str(one["octets"]))
            source, destination = _end(one["source"]), _end(one["destination"])
            number = int(str(one.get("connection") or 0))
        except (AssertionError, KeyError, ValueError, TypeError) as fault:
            raise WireFault(f"{command}: what was sent cannot be read: {fault!r}", fatal=True) from None
        if transport == "udp" and self._voices.hears(octets, source, destination):
            return
        party = self._at(destination, number)
        if party is None:
            if transport != "udp" and number < 0 and octets:
                self._refused.append((number, transport, source, destination))
            return  # nobody is there; datagrams are lost as they are on a network
        if transport != "udp" and number not in self._connections:
            self._connections[number] = _Connection(party, transport, destination, source)
        if isinstance(one, Mapping) and one.get("closed") is True:
            self._connections.pop(number, None)
            octets = b""
        elif not octets:
            return
        self._arrived.append(Arrival(self.now, party, transport, source, destination, octets, number))

    def _at(self, place: End, number: int) -> str | None:
        if number in self._connections:
            return self._connections[number].party
        if place in self._groups:
            return self._groups[place]
        return next((name for name, (_, end) in self._parties.items() if end == place), None)

    def open(self, party: str, transport: str, beside: str = "") -> End:
        """A host of the party's own, or another port of the host of ``beside``."""
        end = (f"192.0.2.{11 + len(self._parties)}", 5061 if transport == "tls" else 5060)
        if beside:
            end = (self._parties[beside][1][0], SECOND_PORT + len(self._parties))
        self._parties[party] = (transport, end)
        return end

    def send(self, party: str, octets: bytes, destination: End, transport: str, connection: int = 0) -> Sent:
        """Hand octets to the node; what goes elsewhere is lost."""
        source = self._parties[party][1]
        if transport != "udp":
            connection = self._connected(party, transport, destination, connection)
            source, destination = self._connections[connection].local, self._connections[connection].remote
        sent = Sent(self.now, source, destination, connection)
        self._receive(transport, source, destination, octets.hex(), connection)
        return sent

    def _receive(
        self, transport: str, source: End, destination: End, octets: str, connection: int = 0
    ) -> Mapping[str, Json]:
        # Parties are told apart by their hosts; what does not go to the subject's host has no one to take it.
        if destination[0] != SUBJECT[0] and destination not in self._groups:
            return {}
        return self._call(
            "node.receive", transport=transport, source=shown(source), destination=shown(destination),
            octets=octets, connection=connection or None,
        )  # fmt: skip

    def _connected(self, party: str, transport: str, to: End, number: int) -> int:
        if number in self._connections:
            return number
        for known, one in self._connections.items():
            if (one.party, one.transport, one.remote) == (party, transport, to):
                return known
        self._last += 1
        local = (self._parties[party][1][0], FIRST_PORT + self._last)
        self._connections[self._last] = _Connection(party, transport, local, to)
        return self._last

    def wait(self, until: float) -> list[Arrival]:
        """Let virtual time pass until the node sends something."""
        idle = 0
        while not self._arrived:
            due = min((one for one in (self._wake, self._voices.next(self.now)) if one is not None), default=None)
            idle = idle + 1 if due is not None and due <= self.now else 0
            if idle > MOST_WAKES:
                raise WireFault("the node wants to be woken again and again, and does nothing", fatal=True)
            if due is None or due > until:
                self.now = max(self.now, until)
                break
            self.now = max(self.now, due)
            for octets, source, destination in self._voices.spoken(self.now):
                self._receive("udp", source, destination, octets.hex())
            if self._wake is not None and self._wake <= self.now:
                self._call("node.advance")
        return self.arrived()

    def voice(self, party: str) -> Voice | None:
        """A port on the party's host, where the node has media too."""
        return self._voices.open(self._parties[party][1][0]) if self._media else None

    def refuses(self, party: str, place: End) -> bool:
        """Whether the node says that nothing listens there."""
        source = (self._parties[party][1][0], PROBING)
        said = self._receive("udp", source, place, packet(0, PROBE).hex())
        return said.get("refused") is True

    def arrived(self) -> list[Arrival]:
        """What the node sent since it was asked last."""
        found, self._arrived = self._arrived, []
        return found

    def drop(self, connection: int) -> None:
        """Close a connection."""
        one = self._connections.pop(connection, None)
        if one is not None:
            self._call(
                "node.receive", transport=one.transport, source=shown(one.local), destination=shown(one.remote),
                octets="", connection=connection, closed=True,
            )  # fmt: skip

    def trigger(self, do: str, arguments: dict[str, str]) -> bool:
        """The adapter's own trigger."""
        self._call("node.trigger", do=do, **arguments)
        return True

    def close(self) -> None:
        """The node is not needed any more."""
        try:
            self._ask("node.stop", {"node": self._node, "now": self.now})
        except (Unsupported, WireFault):
            return


def listening(address: End) -> Json:
    """What a node is told of where it listens."""
    host, port = address
    return [
        {"transport": transport, "address": shown((host, port + (transport == "tls")))}
        for transport in ("udp", "tcp", "tls")
    ]


def settings_of(subject: LiveSubject) -> dict[str, Json]:
    """What a node is told of itself."""
    return {
        "uri": subject.aor, "domain": subject.home, "user": subject.user, "password": subject.password, "media": True,
    }  # fmt: skip


def _end(text: Json) -> End:
    host, _, port = str(text).rpartition(":")
    return host.strip("[]"), int(port)
