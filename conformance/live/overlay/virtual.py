"""An overlay in virtual time: the subject is a node behind an adapter (SUBJECT.md, "Nodes of an overlay")."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.live.network.conversation import Conversation, Declined, Unsupported
from conformance.live.network.virtual import MOST_WAKES
from conformance.live.network.wire import WireFault
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.wire import CLOSED, OCTETS, OPEN, Happening, Way
from conformance.live.subject import End, shown
from conformance.live.wants import NotClaimed, NotSeen
from conformance.run.model import Json

START = 1_800_000_000.0
"""The time at which every scenario begins, in seconds since 1970."""
PORT = 6084
"""The port of RELOAD (section 14.4)."""
SUBJECT: End = ("192.0.2.1", PORT)
FIRST_PORT = 40_000


class _Link:
    __slots__ = ("certificates", "open", "party", "way")

    def __init__(self, party: str, way: Way, certificates: tuple[bytes, ...]) -> None:
        self.party = party
        self.way = way
        self.certificates = certificates
        self.open = False


class VirtualLinks:
    """One node, and the parties around it; every party is a host of its own."""

    virtual = True

    def __init__(self, conversation: Conversation, role: str) -> None:
        self.now = START
        self._ask = conversation.ask
        self._role = role
        self._node = "n1"
        self._started = False
        self._parties: dict[str, tuple[End, Identity]] = {}
        self._deaf: set[str] = set()
        self._links: dict[int, _Link] = {}
        self._ways: dict[int, Way] = {}
        self._last = 0
        self._arrived: list[Happening] = []
        self._wake: float | None = None
        self._replies: list[tuple[int, Way, tuple[bytes, ...]]] = []

    def begin(self, settings: Mapping[str, Json]) -> bool:
        """Start the node, or start it once more; raises NotSeen where it refuses to."""
        if self._started:
            self._ask("node.stop", {"node": self._node, "now": self.now})
            for number, link in self._links.items():
                self._happens(link.party, number, CLOSED)
            self._links.clear()
        self._started, self._wake = False, None
        listening: Json = [{"transport": one, "address": shown(SUBJECT)} for one in ("tls", "dtls")]
        try:
            self._call("node.start", role=self._role, listening=listening, settings=dict(settings))
        except Declined as refusal:
            raise NotSeen(f"the subject does not start: {refusal}") from None
        self._started = True
        return True

    def _call(self, command: str, **params: Json) -> None:
        try:
            result = self._ask(command, {"node": self._node, "now": self.now, **params})
        except Unsupported as fault:
            raise NotClaimed(f"the adapter does not do {command}: {fault}") from None
        wake, sent = result.get("wake"), result.get("sent")
        if not isinstance(sent, list) or isinstance(wake, bool) or not isinstance(wake, int | float | None):
            raise WireFault(f"{command} is not answered with `sent` and `wake`", fatal=True)
        self._wake = None if wake is None else float(wake)
        for one in sent:
            self._take(one, command)
        while self._replies:
            number, way, certificates = self._replies.pop(0)
            self._tell(number, way, certificates=certificates)

    def _tell(self, number: int, way: Way, octets: bytes = b"", certificates: tuple[bytes, ...] | None = None) -> None:
        """What comes over a link to the node: octets, certificates, or where neither is given its end."""
        more: dict[str, Json] = {}
        if certificates:
            more["certificates"] = [one.hex() for one in certificates]
        elif not octets:
            more["closed"] = True
        self._call(
            "node.receive", transport=way.transport, source=shown(way.near), destination=shown(way.far),
            octets=octets.hex(), connection=number, **more,
        )  # fmt: skip

    def _take(self, one: Json, command: str) -> None:
        try:
            assert isinstance(one, Mapping)
            transport, octets, number = (
                str(one["transport"]),
                bytes.fromhex(str(one["octets"])),
                int(str(one["connection"])),
            )
            source, destination = _end(one["source"]), _end(one["destination"])
            shows = one.get("certificates")
            certificates = tuple(bytes.fromhex(str(each)) for each in shows) if isinstance(shows, list) else ()
        except (AssertionError, KeyError, ValueError, TypeError) as fault:
            raise WireFault(f"{command}: what was sent cannot be read: {fault!r}", fatal=True) from None
        link = self._links.get(number)
        if link is None and number < 0 and certificates:
            self._offered(number, Way(transport, destination, source), certificates)
        elif link is None:
            return  # it is closed on our side already
        elif one.get("closed") is True:
            del self._links[number]
            self._happens(link.party, number, CLOSED)
        elif certificates and not link.open:
            link.open = True
            self._happens(link.party, number, OPEN, certificates=certificates)
        if octets and number in self._links:
            self._happens(self._links[number].party, number, OCTETS, octets=octets)

    def _offered(self, number: int, way: Way, certificates: tuple[bytes, ...]) -> None:
        """The node opens a link: the party that is there shows its certificate, where there is none it is closed."""
        self._ways[number] = way
        party = next((name for name, (end, _) in self._parties.items() if end == way.near), None)
        if party is None or party in self._deaf:
            self._replies.append((number, way, ()))
            return
        self._links[number] = link = _Link(party, way, certificates)
        link.open = True
        self._replies.append((number, way, self._parties[party][1].shown))
        self._happens(party, number, OPEN, certificates=certificates)

    def _happens(
        self, party: str, number: int, what: str, octets: bytes = b"", certificates: tuple[bytes, ...] = ()
    ) -> None:
        self._arrived.append(Happening(self.now, party, number, what, octets, certificates))

    def open(self, party: str, identity: Identity) -> End:
        """A host of the party's own."""
        known = self._parties.get(party)
        end = known[0] if known else (f"192.0.2.{11 + len(self._parties)}", PORT)
        self._parties[party] = (end, identity)
        return end

    def connect(self, party: str, transport: str, to: End, identity: Identity | None = None) -> int:
        """Show the party's certificate to the node; elsewhere nobody listens."""
        self._last += 1
        number = self._last
        near, known = self._parties[party]
        way = self._ways[number] = Way(transport, (near[0], FIRST_PORT + number), to)
        if to[0] != SUBJECT[0]:
            self._happens(party, number, CLOSED)
            return number
        self._links[number] = _Link(party, way, ())
        self._tell(number, way, certificates=(identity or known).shown)
        return number

    def way(self, link: int) -> Way:
        """Where it goes."""
        return self._ways[link]

    def send(self, link: int, octets: bytes) -> bool:
        """Hand octets to the node."""
        known = self._links.get(link)
        if known is None:
            return False
        self._tell(link, known.way, octets)
        return True

    def drop(self, link: int) -> None:
        """Close a link."""
        known = self._links.pop(link, None)
        if known is not None:
            self._tell(link, known.way)

    def wait(self, until: float) -> list[Happening]:
        """Let virtual time pass until the node does something."""
        idle = 0
        while not self._arrived:
            due = self._wake
            idle = idle + 1 if due is not None and due <= self.now else 0
            if idle > MOST_WAKES:
                raise WireFault("the node wants to be woken again and again, and does nothing", fatal=True)
            if due is None or due > until:
                self.now = max(self.now, until)
                break
            self.now = max(self.now, due)
            self._call("node.advance")
        return self.arrived()

    def arrived(self) -> list[Happening]:
        """What came since it was asked last."""
        found, self._arrived = self._arrived, []
        return found

    def deaf(self, party: str, *, deaf: bool) -> None:
        """Whether the host of a party refuses links."""
        (self._deaf.add if deaf else self._deaf.discard)(party)

    def trigger(self, do: str, arguments: Mapping[str, Json]) -> bool:
        """The adapter's own trigger."""
        self._call("node.trigger", do=do, **arguments)
        return True

    def close(self) -> None:
        """The node is not needed any more."""
        try:
            self._ask("node.stop", {"node": self._node, "now": self.now})
        except (Unsupported, WireFault):
            return


def _end(text: Json) -> End:
    host, _, port = str(text).rpartition(":")
    return host.strip("[]"), int(port)
