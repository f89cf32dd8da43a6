"""The whole overlay around a subject that joins: parties that know their places on the ring (RFC 6940, sections 10.1 to 10.8).

While a :class:`Surrounding` stands on the stage, requests to a Resource-ID reach the party that is responsible for it, an Attach
with send_update is followed by an Update, a Join at the right party by the Update that makes the subject a peer, and Updates
of the subject by those of its new neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.framing import FramedLink
from conformance.live.overlay.joining import NEIGHBORS, distance
from conformance.live.overlay.peer import Heard, Peer
from conformance.live.overlay.writing import code_of
from conformance.live.wants import NotSeen
from conformance.run.model import Json as Fact

if TYPE_CHECKING:
    from conformance.live.overlay.stage import OverlayStage

FINGERS = 16
"""Entries of a Finger Table (section 10.7.4.3)."""
JOINING = 30.0
"""Seconds until a subject that joins is to be a peer; live ones are scaled."""
SETTLING = 20.0
"""Seconds until everybody has told everybody, and fingers are found."""


class Surrounding:
    """The ring that the parties make, and the subject too as soon as it is admitted."""

    def __init__(self, stage: OverlayStage, places: Mapping[str, float]) -> None:
        """``places`` has the parties by their names, and how far each is behind the subject, in turns of the ring."""
        self.stage = stage
        self.members: list[Peer] = []
        self.admitted = False
        """Whether the subject is a part of the ring."""
        self.admits = True
        """Whether the Update that makes the subject a peer follows the answer to its Join by itself."""
        self.tells = True
        """Whether Updates follow Attaches, and the Updates of the subject, by themselves."""
        self.others: list[Peer] = []
        """The peers of another ring, of which the subject is no part."""
        self._told: set[tuple[str, bool]] = set()
        stage.around = self
        for name, turn in places.items():
            self.members.append(stage.peer(name, turn=turn))
            self.members[-1].joined = True
        self.changed()

    # --- the ring

    @property
    def own(self) -> bytes:
        """The Node-ID of the subject."""
        return self.stage.subject.node_id

    @property
    def ring(self) -> list[bytes]:
        """The Node-IDs of its peers, upwards from the place of the subject."""
        peers = [one.node_id for one in self.members] + ([self.own] if self.admitted else [])
        return sorted(peers, key=lambda one: distance(self.own, one))

    def responsible(self, place: bytes, through: Peer | None = None) -> Peer | None:
        """Who answers for a place (section 10.1); None where it is the subject, or nobody is there.

        ``through`` is who is asked first: one that belongs to another ring finds somebody of that.
        """
        if through in self.others:
            return min(self.others, key=lambda one: distance(place, one.node_id))
        found = min(self.ring, key=lambda one: distance(place, one), default=None)
        return next((one for one in self.members if one.node_id == found), None)

    @property
    def admitting(self) -> Peer:
        """Who admits the subject: the party behind it."""
        return min(self.members, key=lambda one: distance(self.own, one.node_id))

    def around(self, node: bytes) -> tuple[list[bytes], list[bytes]]:
        """Predecessors and successors of a node, the nearest first."""
        others = sorted((one for one in self.ring if one != node), key=lambda one: distance(node, one))
        return others[::-1][:NEIGHBORS], others[:NEIGHBORS]

    def neighbors(self) -> list[Peer]:
        """The parties that are, or will be, neighbours of the subject."""
        down, up = self.around(self.own)
        return [one for one in self.members if one.node_id in (*down, *up)]

    def fingers(self, node: bytes) -> list[bytes]:
        """The Finger Table of a node: the first peer in each range, in numerical order."""
        found = set()
        for number in range(1, FINGERS + 1):
            width = 1 << 8 * len(node) - number
            inside = [one for one in self.ring if width <= distance(node, one) < 2 * width]
            found |= set(sorted(inside, key=lambda one: distance(node, one))[:1])
        return sorted(found)

    def add(self, name: str, turn: float) -> Peer:
        """Another peer of the ring; nobody has told the subject of it yet."""
        peer = self.stage.peer(name, turn=turn)
        peer.joined = True
        self.members.append(peer)
        self.changed()
        return peer

    def remove(self, peer: Peer) -> None:
        """A peer is none any more; its links stay as they are."""
        peer.joined = False
        self.members.remove(peer)
        self.changed()

    def fail(self, *peers: Peer) -> None:
        """Peers are gone: their links are closed, their ends refuse others."""
        for peer in peers:
            self.stage.links.deaf(peer.name, deaf=True)
            self._gone(peer, "closed")
        for peer in peers:
            peer.hang_up()

    def leaves(self, peer: Peer) -> None:
        """A peer is none any more, and says so itself; its links stay until it closes them, its end refuses others."""
        self.stage.links.deaf(peer.name, deaf=True)
        self._gone(peer, "leaves")

    def silence(self, peer: Peer) -> None:
        """A peer is gone, and nobody has closed its links: it answers nothing any more."""
        peer.polite = False
        self._gone(peer, "silent")

    def _gone(self, peer: Peer, how: str) -> None:
        self.remove(peer)
        facts: dict[str, Fact] = {"what": "gone", "link": 0, "party": peer.name, "how": how, "time": self.stage.now}
        self.stage.record.note(self.stage.now, f"{peer.name} is gone ({how})", facts=facts)

    def divide(self, *others: Peer) -> None:
        """These parties are a ring of their own, of which nobody in this one knows."""
        self.others = list(others)
        facts: dict[str, Fact] = {
            "what": "divided", "link": 0, "party": "", "time": self.stage.now,
            "others": {one.name: one.node_id.hex() for one in others},
        }  # fmt: skip
        self.stage.record.note(self.stage.now, f"{', '.join(one.name for one in others)} are another ring", facts=facts)

    def cut(self) -> None:
        """All links with the subject are closed; the others make a ring without it."""
        self.admitted = False
        self.changed()
        facts: dict[str, Fact] = {"what": "cut", "link": 0, "party": "", "time": self.stage.now}
        self.stage.record.note(self.stage.now, "the subject is cut off", facts=facts)
        for peer in self.members:
            peer.hang_up()

    def changed(self) -> None:
        """Write down the ring as it is, for the checks."""
        self._told.clear()
        facts: dict[str, Json] = {
            "what": "ring", "link": 0, "party": "", "admitted": self.admitted,
            "members": {one.name: one.node_id.hex() for one in self.members},
        }  # fmt: skip
        names = ", ".join(sorted(one.name for one in self.members))
        self.stage.record.note(
            self.stage.now, f"the ring is {names}{' and the subject' if self.admitted else ''}", facts=facts
        )

    # --- the subject becomes a part of it

    def begin(self, bootstrap: Sequence[Peer], **how: Json) -> None:
        """Start the subject; it joins by these parties."""
        self.stage.begin(bootstrap=bootstrap, **how)  # type: ignore[arg-type]

    def join(self, bootstrap: Sequence[Peer] = (), **how: Json) -> None:
        """Let the subject join, and find its fingers; raises NotSeen where it does not."""
        self.begin(bootstrap or self.members[:1], **how)
        self.wait_admitted()
        self.stage.wait(SETTLING)

    def wait_admitted(self) -> None:
        """Wait until the subject is a part of the ring; raises NotSeen where it asks for no admission."""
        within = JOINING * max(1.0, self.stage.scale)
        if not self.stage.until(lambda: self.admitted, within):
            raise NotSeen("the subject does not join the ring")

    def admit(self, peer: Peer) -> None:
        """The subject is a part of the ring: the party that admits it says so (section 10.5)."""
        self.admitted = True
        self.changed()
        self.tell(peer)

    # --- what follows by itself

    def obliged(self, peer: Peer, heard: Heard) -> None:
        """A party has answered a request of the subject."""
        if heard.code == courtesy.JOIN and self.admits and peer is self.admitting:
            self.admit(peer)
        tables = heard.code == courtesy.UPDATE and rules.member(heard.body, "type") != "peer_ready"
        if tables and self.admitted and self.tells and peer in self.members:
            self.tell(peer, once=True)

    def linked(self, peer: Peer, link: FramedLink) -> None:
        """A link is up; where an Attach came before it, an Update may be owed (section 6.4.2.3)."""
        if link.attached is None or not self.tells or peer not in self.members:
            return
        self.tell(peer, "full" if link.attached else "peer_ready", link=link)

    def tell(
        self, peer: Peer, kind: str = "neighbors", *, link: FramedLink | None = None, label: str = "", once: bool = False,
        before: Sequence[bytes] | None = None, behind: Sequence[bytes] | None = None, fingers: Sequence[bytes] | None = None,
    ) -> None:  # fmt: skip
        """An Update of a party to the subject, whose answer nobody waits for; its tables are those of the ring unless they are named."""
        if once and (peer.name, self.admitted) in self._told:
            return
        self._told.add((peer.name, self.admitted))
        down, up = self.around(peer.node_id)
        body: dict[str, Json] = {"uptime": max(1, int(self.stage.now - peer.since)), "type": kind}
        if kind != "peer_ready":
            body["predecessors"] = [one.hex() for one in (down if before is None else before)]
            body["successors"] = [one.hex() for one in (up if behind is None else behind)]
        if kind == "full":
            body["fingers"] = [one.hex() for one in (self.fingers(peer.node_id) if fingers is None else fingers)]
        try:
            peer.send(peer.request("UpdateReq", body), link=link, label=label)
        except NotSeen:
            self.stage.note(f"{peer.name} has no link for its Update")

    def answers(self, peer: Peer, heard: Heard) -> tuple[int, dict[str, Json]] | None:
        """What a party that knows the ring says otherwise than one that does not; None where it says the same."""
        if heard.code != courtesy.ROUTE_QUERY:
            return None
        destination = rules.member(heard.body, "destination")
        place = place_of(destination)
        found = self.responsible(place) if place else None
        return code_of("RouteQueryAns"), {"next_peer": (found.node_id if found else self.own).hex()}


def place_of(destination: Json) -> bytes:
    """The Node-ID or Resource-ID of a Destination; empty where it is an opaque one."""
    inner = rules.member(destination, "destination_data")
    found = rules.member(inner, "node_id") or rules.member(inner, "resource_id")
    return bytes.fromhex(found) if isinstance(found, str) else b""
