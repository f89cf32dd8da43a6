"""Once round the ring of an overlay, peer after peer, then resource after resource (RFC 6940, sections 6.4.2.5 and 7.4.4)."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.peer.overlay.client import Answered, Client, NotVisiting, Unanswered, Visiting
from disco_ref.reload.forwarding.passing import resource_place
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.find import FindAns, FindReq
from disco_ref.reload.topology.chord.arithmetic import Circle
from disco_ref.reload.topology.probe import ProbeAns, ProbeInformationType, ProbeReq
from disco_ref.shell.commands.overlay_picture import Peer, Stored
from disco_ref.shell.commands.overlay_view import Lines
from disco_ref.shell.overlay.driving import OverlayDriving
from disco_ref.shell.overlay.node_file import NodeFile
from disco_ref.shell.running import Running

PATIENCE = 60.0
"""Seconds for all of it."""
MOST_PEERS = 10_000
MOST_RESOURCES = 10_000
BILLION = 1_000_000_000
RESOURCE_ID = 16
"""Octets of a Resource-ID (section 10.2)."""
MOST_KINDS = 63
"""Kinds that one question names."""
REPLICAS = 2
"""Successors that hold a copy (section 10.4)."""


class Search:
    """Everything that is stored on a ring, found by asking for the nearest resource again and again (section 7.4.4)."""

    def __init__(self, circle: Circle, node_ids: Sequence[bytes]) -> None:
        """The peers in the order in which they follow each other, all of them."""
        self._circle = circle
        self._node_ids = node_ids
        self._at = 0
        """The peer in whose arc resources are looked for."""
        self._before = node_ids[-1] if node_ids else b""
        """The place behind which they are looked for."""
        self.stored: list[Stored] = []
        """What has been found."""

    @property
    def resource(self) -> bytes | None:
        """The next one to ask about; None where all has been asked."""
        if self._at >= len(self._node_ids) or len(self.stored) >= MOST_RESOURCES:
            return None
        number = int.from_bytes(self._before[:RESOURCE_ID], "big") + 1
        return (number % (1 << 8 * RESOURCE_ID)).to_bytes(RESOURCE_ID, "big")

    def take(self, answer: FindAns) -> None:
        """The first resource of each Kind from there on; round the ring, where the peer has none before the end of its arc."""
        before, end = self._circle.place(self._before), self._circle.place(self._node_ids[self._at])
        near: dict[bytes, list[int]] = {}
        for each in answer.results:
            if any(each.closest) and self._circle.within(self._circle.place(each.closest), before, end):
                near.setdefault(each.closest, []).append(each.kind)
        nearest = min(near, key=lambda one: self._circle.distance(before, self._circle.place(one)), default=None)
        if nearest is not None:
            following = [*self._node_ids[self._at :], *self._node_ids[: self._at]]
            self.stored.append(Stored(nearest, tuple(near[nearest]), following[0], tuple(following[1 : 1 + REPLICAS])))
            self._before = nearest
        if nearest is None or self._circle.place(nearest) == end:
            self._before = self._node_ids[self._at]
            self._at += 1


class Tour:
    """Once round the ring, and once more for what is stored: each peer is asked for the first resource in its arc, and the next."""

    def __init__(self, reactor: Running, file: NodeFile) -> None:
        self._reactor = reactor
        self._client = Client(file.overlay, file.identity, os.urandom, Instant(reactor.seconds()))
        self._kinds = tuple(sorted(file.overlay.kinds))[:MOST_KINDS]
        self._circle = Circle(len(file.identity.node_id))
        listening = [each._replace(address=each.address._replace(port=0)) for each in file.listening]
        note = Lines(sys.stdout).note
        self._driving = OverlayDriving(reactor, self._client, file.key, listening, note, delivered=self._told)
        self.peers: list[Peer] = []
        """In the order in which they follow each other."""
        self.closed = False
        """Whether the last one is followed by the first."""
        self._search = Search(self._circle, ())
        self._ended = False

    @property
    def stored(self) -> list[Stored]:
        """What is there, in the order of places from behind the last peer on."""
        return self._search.stored

    def start(self) -> None:
        """Connects; Trouble where no socket is to be had."""
        self._driving.start()
        self._reactor.callLater(PATIENCE, self._end, "it takes too long")
        self._driving.perform(self._client.chord.visit())

    def stop(self) -> Deferred[None]:
        """Closes everything."""
        return self._driving.stop()

    def _told(self, event: object) -> None:
        match event:
            case Visiting(through):
                self._reactor.callLater(0, self._ask, through)
            case Answered(_, answer) if isinstance(answer.body, ProbeAns):
                self._heard(answer.node_id, answer.body)
            case Answered(_, answer) if isinstance(answer.body, FindAns):
                self._found(answer.body)
            case Answered():
                self._end("an answer to something else")
            case Unanswered(_, why) | NotVisiting(why):
                self._end(str(why))

    # --- who is there

    def _ask(self, behind: bytes) -> None:
        """Asks the peer that is responsible for the place behind another one."""
        wanted = ProbeReq(tuple(ProbeInformationType)[1:])
        to = resource_place(self._behind(behind))
        self._driving.perform(self._client.questions.ask((), to, MessageCode.probe_req, wanted))

    def _behind(self, place: bytes) -> bytes:
        return self._circle.octets(self._circle.place(place) + 1)

    def _heard(self, node_id: bytes, answer: ProbeAns) -> None:
        if any(each.node_id == node_id for each in self.peers):
            self.closed = self.peers[0].node_id == node_id
            if self.closed:
                self._search = Search(self._circle, [each.node_id for each in self.peers])
                self._reactor.callLater(0, self._look)
            else:
                self._end("the ring comes back to its middle")
            return
        said = {each.type: each.value for each in answer.probe_info if isinstance(each.value, int)}
        share = said.get(ProbeInformationType.responsible_set, 0) / BILLION
        resources = said.get(ProbeInformationType.num_resources, 0)
        self.peers.append(Peer(node_id, share, resources, said.get(ProbeInformationType.uptime, 0)))
        if len(self.peers) >= MOST_PEERS:
            self._end("it is too large to be shown")
            return
        self._reactor.callLater(0, self._ask, node_id)

    # --- what is there

    def _look(self) -> None:
        """Asks for the first resource of each Kind from a place on, whoever is responsible there."""
        resource = self._search.resource
        if resource is None:
            self._end("")
            return
        wanted = FindReq(resource, self._kinds)
        self._driving.perform(self._client.questions.ask((), resource_place(resource), MessageCode.find_req, wanted))

    def _found(self, answer: FindAns) -> None:
        self._search.take(answer)
        self._reactor.callLater(0, self._look)

    def _end(self, why: str) -> None:
        if self._ended:
            return
        self._ended = True
        if why:
            print(f"disco-ref: {why}", file=sys.stderr)
        # It may end before the reactor has begun.
        self._reactor.callLater(0, self._reactor.stop)
