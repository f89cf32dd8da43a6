"""What a peer does again and again (RFC 6940, section 10.7.4)."""

from __future__ import annotations

from disco_ref.clock import Duration, Instant
from disco_ref.reload.actions import About, Action, Ask, FindBootstrap, Room, SetTimer
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.ids import CHORD_RESOURCE_ID_LENGTH
from disco_ref.reload.member import Member
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.chord.finding import Fingers
from disco_ref.reload.topology.chord.tables import Tables
from disco_ref.reload.topology.chord.updating import Updating

# = rfc6940:10.7.4.1/2
UPDATE_INTERVAL = Duration(600.0)
"""Seconds between Updates to a neighbour, where the configuration does not say (section 10.7.4.1)."""

# = rfc6940:10.7.4.2/6
PING_INTERVAL = Duration(3600.0)
"""Seconds between searches for a finger, where the configuration does not say (section 10.7.4.2)."""

SPREAD = 0.1
"""The part of the interval over which the Updates of one round are spread; our choice."""

_TIMERS: tuple[About, ...] = (("update",), ("fingers",), ("partition",))


class Stabilizing:
    """The intervals of a peer."""

    __slots__ = ("_fingers", "_member", "_room", "_tables", "_updating")

    def __init__(self, member: Member, tables: Tables, updating: Updating, fingers: Fingers, room: Room) -> None:
        self._member = member
        self._tables = tables
        self._updating = updating
        self._fingers = fingers
        self._room = room

    def begin(self, now: Instant) -> list[Action]:
        """Set every interval going."""
        return [self._next(each, now) for each in _TIMERS]

    def stop(self) -> list[Action]:
        """Stop every interval."""
        return [SetTimer(self._room, each, None) for each in _TIMERS]

    def passed(self, about: About, now: Instant) -> list[Action]:
        """An interval is over."""
        match about[0]:
            case "update":
                work: list[Action] = [self._offset(each, now) for each in self._tables.neighbors.members()]
            case "fingers":
                # = rfc6940:10.7.4.2/1
                # = rfc6940:10.7.4.3/1
                work = self._fingers.search()
            case _:
                # = rfc6940:10.7.4.4/1a
                work = [FindBootstrap(self._room, ("partition",))]
        return [*work, self._next(about, now)]

    def tell(self, node_id: bytes, now: Instant) -> list[Action]:
        """A neighbour's turn in this round has come, if it is one still."""
        # = rfc6940:10.7.4.1/1
        return [self._updating.update(node_id, now)] if node_id in self._tables.neighbors else []

    def look(self, bootstrap: bytes) -> list[Action]:
        """Ask, through a bootstrap node, who follows this peer on the ring.

        The text has the Ping go to the peer's own Node-ID and compares who answers with its successor; it is the place right
        behind its own that the successor answers for.
        """
        tables = self._tables
        place = resource_place(tables.successor_of(tables.own)[:CHORD_RESOURCE_ID_LENGTH])
        # = rfc6940:10.7.4.4/1b
        to = (node_place(bootstrap), place)
        return [Ask(self._room, ("partition ping", bootstrap), to, MessageCode.ping_req, PingReq(b""))]

    def _offset(self, node_id: bytes, now: Instant) -> SetTimer:
        """When a neighbour is told in this round: each at another time."""
        # = rfc6940:10.7.4.1/3
        return SetTimer(self._room, ("tell", node_id), Instant(now + self._interval * SPREAD * self._part()))

    @property
    def _interval(self) -> float:
        return self._member.overlay.configuration.chord_update_interval or UPDATE_INTERVAL

    def _part(self) -> float:
        """A number between 0 and 1, at random."""
        return int.from_bytes(self._member.entropy(2), "big") / 0x10000

    def _next(self, about: About, now: Instant) -> SetTimer:
        """The next time of an interval: Updates half to one and a half of it away, searches never sooner than it says."""
        configuration = self._member.overlay.configuration
        # = rfc6940:10.7.4.1/3
        part = self._part()
        if about[0] == "update":
            seconds = self._interval * (0.5 + part)
        else:
            # = rfc6940:10.7.4.2/6
            seconds = (configuration.chord_ping_interval or PING_INTERVAL) * (1.0 + part / 2)
        return SetTimer(self._room, about, Instant(now + seconds))
