"""Admitting nodes that join, one after the other (RFC 6940, sections 6.4.2.1 and 10.5).

While a node is given its data the arc that it takes over is settled; a second one that joins meanwhile waits, and if its place
has come to lie before the first one it is sent away, to find that one.
"""

from __future__ import annotations

from collections import deque

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Unauthorized
from disco_ref.reload.actions import About, Action, Incoming, Refuse, Replicate, Reply, Room, SetTimer
from disco_ref.reload.member import Member
from disco_ref.reload.topology.chord.tables import Tables
from disco_ref.reload.topology.join import JoinAns

HAND_OVER = Duration(45.0)
"""Seconds that handing over may take until the next node has its turn; our choice, less than a node that joins waits."""

MOST_WAITING = 64
"""Nodes that wait; our choice."""


class NotAdjacent(Unauthorized):
    """A Join or Leave that came by another link than its sender's own (Error_Forbidden)."""

    error_code = 2


class NotAdmitting(Unauthorized):
    """A Join at a node that is not the peer responsible for the place, or has too many to admit (Error_Forbidden)."""

    error_code = 2


class Admitting:
    """Who is being admitted, and who waits for that."""

    __slots__ = ("_member", "_room", "_since", "_tables", "_under_way", "_waiting")

    def __init__(self, member: Member, tables: Tables, room: Room) -> None:
        self._member = member
        self._tables = tables
        self._room = room
        self._under_way: bytes | None = None
        self._since = 0
        self._waiting: deque[Incoming] = deque()

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """A Join; refused where another peer is responsible for the place, or the node is not connected."""
        joining = request.node_id
        if request.neighbor != joining:
            # = rfc6940:6.4.2.1/3
            raise NotAdjacent("a Join has to come by the link of the node that joins")
        # = rfc6940:10.5/5 silent: a peer that joins has lost the ring, so it is none until it is admitted again
        self._tables.remove(joining)
        self._refuse_elsewhere(joining)
        if self._under_way in (None, joining):
            return self._begin(request, now)
        if len(self._waiting) >= MOST_WAITING:
            raise NotAdmitting("too many nodes join here")
        self._waiting.append(request)
        return []

    def handed_over(self, about: About) -> tuple[bytes, Instant] | None:
        """Who has its data now, and since when that has been on its way; None where that is over."""
        match about:
            case ("admit", bytes() as joining, int() as since) if (joining, since) == (self._under_way, self._since):
                return joining, Instant(since / 1000)
            case _:
                return None

    def responsible(self, joining: bytes) -> bool:
        """Whether this peer is still the one to admit a node."""
        return self._tables.responsible(joining)

    def next(self, now: Instant) -> list[Action]:
        """The node under way is admitted or gone: the next one's turn."""
        self._under_way = None
        actions: list[Action] = [SetTimer(self._room, ("hand over",), None)]
        while self._waiting and self._under_way is None:
            request = self._waiting.popleft()
            if self._member.connections.to(request.node_id) is None:
                continue
            try:
                self._refuse_elsewhere(request.node_id)
            except NotAdmitting as refusal:
                actions.append(Refuse(request, refusal))
            else:
                actions += self._begin(request, now)
        return actions

    def lost(self, node_id: bytes, now: Instant) -> list[Action]:
        """A connection is gone."""
        return self.next(now) if node_id == self._under_way else []

    def _begin(self, request: Incoming, now: Instant) -> list[Action]:
        """Answer, and hand over."""
        joining = self._under_way = request.node_id
        self._since = int(now * 1000)
        admit = SetTimer(self._room, ("admit", joining, self._since), now)
        late = SetTimer(self._room, ("hand over",), Instant(now + HAND_OVER))
        # = rfc6940:10.5/6
        # = rfc6940:10.5/7
        return [
            Reply(request, JoinAns(b"")),
            late,
            Replicate(joining, self._tables.predecessor, joining, 1, None, (admit,)),
        ]

    def _refuse_elsewhere(self, joining: bytes) -> None:
        if not self._tables.responsible(joining):
            # = rfc6940:6.4.2.1/0 silent: nothing says how a Join at the wrong peer is refused
            raise NotAdmitting("another peer is responsible for this place")
