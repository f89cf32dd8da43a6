"""The stage of a scenario with a node of an overlay: the subject, the harness' own peers, the clock, the record."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message
from conformance.live.ground import Ground
from conformance.live.memory.record import Entry
from conformance.live.network.wire import WireFault
from conformance.live.overlay import writing
from conformance.live.overlay.authority import KINDS, NODE_ID, Overlay
from conformance.live.overlay.document import Document
from conformance.live.overlay.framing import FramedLink
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.surrounding import Surrounding, place_of
from conformance.live.overlay.wire import CLOSED, OCTETS, OPEN, Happening, Links
from conformance.live.subject import End, shown
from conformance.live.trigger import Trigger
from conformance.live.wants import HarnessFault, NotClaimed, NotSeen

RING = 1 << 8 * NODE_ID


@dataclass(slots=True, kw_only=True)
class OverlaySubject:
    """The subject as a scenario sees it."""

    address: End
    transport: str = "tls"
    roles: tuple[str, ...] = ("peer",)
    identity: Identity | None = None
    """Who it is, where the harness has certified it."""
    known_as: bytes = b""
    """Its Node-ID, where it has been seen."""
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def node_id(self) -> bytes:
        """Its Node-ID; raises NotSeen while nobody knows it."""
        known = self.identity.node_id if self.identity else self.known_as
        if not known:
            raise NotSeen("the Node-ID of the subject is not known before it has shown its certificate")
        return known


class OverlayStage(Ground):
    """What a scenario of an overlay gets."""

    answer = 5.0  # a request may be repeated after 3 seconds (section 6.2.1)
    most_steps = 50_000

    def __init__(
        self, subject: OverlaySubject, links: Links, overlay: Overlay, *, scale: float = 1.0, trigger: Trigger | None = None
    ) -> None:  # fmt: skip
        super().__init__(links, scale=scale, trigger=trigger)
        self.subject = subject
        self.links = links
        self.overlay = overlay
        self.peers: dict[str, Peer] = {}
        self.forwards = True
        """Whether parties pass on to one another what the subject sends through them."""
        self.around: Surrounding | None = None
        """The ring that the parties make, where a scenario has one."""
        self.run = ""
        """Part of the users' names, so that a subject that runs on does not know them from the scenario before."""
        self._begun = False
        self._stood: float | None = None
        """The time of what is stored; None: nothing is yet."""
        self._works_by = overlay.document

    # --- time

    @property
    def transport(self) -> str:
        """How the subject is reached, as the evidence has it."""
        return self.subject.transport

    @property
    def protocol(self) -> str:
        """What is spoken."""
        return "reload"

    @property
    def given(self) -> Mapping[str, Json]:
        """The overlay's name, its Kinds, whom it trusts."""
        context = self.overlay.context
        models: dict[str, Json] = {str(kind): model for kind, model in context.kinds.items()}
        return {"overlay_name": self.overlay.name, "kinds": models, "trust": [one.hex() for one in context.trust]}

    def storage_time(self, later: float = 0.0) -> int:
        """Milliseconds since 1970, now or so many seconds later (section 7).

        Time passes here only while a scenario waits, as in virtual time: what is stored "at the same time" is so on the network too.
        """
        self._stood = self.now if self._stood is None or self.virtual else self._stood
        return int((self._stood + later) * 1000)

    # --- the ring

    def place(self, turn: float) -> bytes:
        """The Node-ID or Resource-ID at a part of the ring behind the subject: 0.25 is a quarter, -0.01 just before it."""
        start = int.from_bytes(self.subject.node_id)
        return ((start + int(turn * RING)) % RING).to_bytes(NODE_ID)

    def peer(
        self, name: str, *, turn: float | None = None, node_ids: Sequence[bytes] = (), user: str = "", kind: str = "",
        count: int = 1, transport: str = "", identity: Identity | None = None,
    ) -> Peer:  # fmt: skip
        """A party with an identity and an end of its own, the same one for the same name.

        ``turn`` places it on the ring (see :meth:`place`), ``kind`` says what is wrong with its certificate (``authority.KINDS``).
        """
        if name not in self.peers:
            if turn is not None:
                node_ids = [self.place(turn)]
            user = user or f"{name}{self.run}@{self.overlay.name}"
            identity = identity or self.overlay.certify(user, node_ids, kind=kind, count=count)
            self.peers[name] = Peer(self, name, identity, transport or self.subject.transport)
            wrong = f", whose certificate is {KINDS[identity.kind]}" if identity.kind else ""
            says = f"{name} is {identity.node_id.hex()} at {shown(self.peers[name].end)}{wrong}"
            nodes: list[Json] = [one.hex() for one in identity.node_ids]
            self.record.note(self.now, says, facts={"what": "party", "link": 0, "party": name, "nodes": nodes})
        return self.peers[name]

    # --- the subject

    def begin(
        self, *, first: bool = False, bootstrap: Sequence[Peer] = (), document: Document | None = None, **settings: Json
    ) -> None:
        """Start the subject: ``first`` of its overlay, or joining by the parties that are its bootstrap nodes.

        Nothing needs to begin where a scenario has a subject that founded the overlay.  Raises NotClaimed where it runs already,
        and does not run so.
        """
        self._begun = True
        document = document or self.overlay.document
        ends = [one.end for one in bootstrap] or [self.subject.address]
        self.overlay.document = replace(document, bootstrap=ends)
        identity = self.subject.identity
        mine: dict[str, Json] = {}
        if identity is not None:
            mine = {"certificates": [one.hex() for one in identity.shown], "key": identity.private.hex()}
        told: dict[str, Json] = {
            **mine,
            "configuration": self.overlay.document.octets().decode(),
            "first": first,
            **settings,
        }
        says = "the subject is the first one" if first else f"the subject joins by {', '.join(map(shown, ends))}"
        node = identity.node_id.hex() if identity else ""
        told_of: dict[str, Json] = {
            "what": "subject", "link": 0, "party": "", "node": node, "first": first, "update": document.update,
            "ping": document.ping,
        }  # fmt: skip
        self.record.note(self.now, says, facts=told_of)
        try:
            begun = self.links.begin(told)
        except WireFault as fault:
            raise self._lost(fault) from None
        if not begun and not (first and document == self._works_by and not settings):
            raise NotClaimed("a subject that runs already cannot be started anew")

    def ready(self) -> None:
        """The subject runs: where no scenario has started it, it has founded the overlay."""
        if not self._begun:
            self.begin(first=True)

    def trigger(self, do: str, **arguments: Json) -> None:
        """Make the subject do something (SUBJECT.md); raises NotClaimed without a trigger."""
        self.ready()
        self.note(f"trigger: {do} {json.dumps(arguments) if arguments else ''}".rstrip())
        words = {name: str(value) for name, value in arguments.items()}
        self._pull(lambda: self.links.trigger(do, arguments), do, words)

    def alive(self, within: float | None = None) -> None:
        """A sane exchange: a Ping over a link of its own; raises NotSeen where it is not answered."""
        probe = self.peer("probe")

        def pinged() -> FramedLink:
            link = probe.connect(within=within)
            ask = probe.request("PingReq", {"padding": ""})
            probe.send(ask, link=link, label="probe")
            probe.reply(ask, within or 2 * self.budget)
            return link

        probe.hang_up(self._lives(pinged))

    # --- what parties do

    def put(self, peer: Peer, link: FramedLink, octets: bytes, *, malformed: bool, label: str) -> None:
        """Send octets of a party and keep them; raises NotSeen where the link is closed."""
        self._keep(self.links.arrived())
        way = self.links.way(link.number)
        self.record.entries.append(
            Entry(
                time=self.now,
                party=peer.name,
                sent=False,
                transport=way.transport,
                source=way.near,
                destination=way.far,
                octets=octets,
                malformed=malformed,
                label=label,
            )  # fmt: skip
        )
        try:
            sent = self.links.send(link.number, octets)
        except WireFault as fault:
            raise self._lost(fault) from None
        if not sent:
            self.record.entries.pop()
            link.closed = True
            raise NotSeen(f"the link of {peer.name} with the subject is closed")

    def closes(self, peer: Peer, link: int) -> None:
        """Close a link of a party."""
        self._told(peer.name, link, "closed", "harness")
        try:
            self.links.drop(link)
        except WireFault as fault:
            raise self._lost(fault) from None

    def says(self, peer: Peer, written: Written, heard: Heard) -> None:
        """An answer, over the link on which the request came, which may be another party's."""
        through = heard.through or peer
        link = through.links[heard.link]
        if link.closed:
            return
        try:
            through.send(written, link=link)
        except NotSeen:
            self.note(f"the answer of {peer.name} finds its link closed")

    def passed_on(self, peer: Peer, heard: Heard) -> bool:
        """Let a party hear what the subject sends it through another one (section 6.1.2)."""
        header = heard.message.header
        to = list(rules.objects(header["destination_list"]))
        if to and _node(to[0]) == peer.node_id and len(to) > 1:
            to = to[1:]
        wanted = _node(to[0]) if to else b""
        other = next((one for one in self.peers.values() if wanted in one.identity.node_ids), None)
        if other is None and self.around is not None and to:
            other = self.around.responsible(place_of(to[0]), peer)
        if not self.forwards or other is None or other is peer:
            return False
        via = [*rules.objects(header["via_list"]), writing.node(self.subject.node_id)]
        changed: dict[str, Json] = {**header, "destination_list": [*to], "via_list": [*via]}
        message = Message(
            heard.message.octets, changed, heard.message.contents, heard.message.security, heard.message.trace
        )
        other.takes(Heard(message, heard.link, heard.time, peer))
        return True

    # --- what happens

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        if self._stood is not None:
            self._stood += seconds
        super().wait(seconds)

    def _due(self) -> float:
        links = (link for peer in self.peers.values() for link in peer.links.values() if not link.closed)
        return min((link.due() for link in links), default=float("inf"))

    def _step(self, until: float) -> None:
        try:
            self._keep(self.links.wait(until))
        except WireFault as fault:
            raise self._lost(fault) from None
        for peer in list(self.peers.values()):
            for link in list(peer.links.values()):
                for octets in link.repeated(self.now) if not link.closed else ():
                    peer.put(octets, link=link)

    def _keep(self, happened: Sequence[Happening]) -> None:
        """Write down what came, and let the parties hear it."""
        for one in happened:
            if one.what == OCTETS:
                way = self.links.way(one.link)
                self.record.entries.append(
                    Entry(
                        time=one.time,
                        party=one.party,
                        sent=True,
                        transport=way.transport,
                        source=way.far,
                        destination=way.near,
                        octets=one.octets,
                    )  # fmt: skip
                )
            elif one.what == OPEN:
                self._told(
                    one.party, one.link, OPEN, "subject" if one.link < 0 else "harness", one.certificates, one.remark
                )
            elif one.what == CLOSED:
                self._told(one.party, one.link, CLOSED, "subject", remark=one.why)
        for one in happened:
            try:
                self.peers[one.party].hear(one)
            except NotSeen:
                self.note(f"what {one.party} owes finds its link closed")

    def _told(
        self, party: str, link: int, what: str, by: str, certificates: Sequence[bytes] = (), remark: str = ""
    ) -> None:
        """A note of what became of a link, that checks can read."""
        way = self.links.way(link)
        facts: dict[str, Json] = {
            "link": link, "party": party, "what": what, "by": by, "near": shown(way.near), "far": shown(way.far),
            "transport": way.transport,
        }  # fmt: skip
        if certificates:
            facts["certificates"] = [one.hex() for one in certificates]
        if remark:
            facts["remark"] = remark
        says = {OPEN: "opens", CLOSED: "closes"}[what]
        who = "the subject" if by == "subject" else party
        self.record.note(
            self.now,
            f"{who} {says} link {link} {'of' if by == 'subject' else 'to'} {party if by == 'subject' else 'the subject'}",
            facts=facts,
        )

    def tidy(self) -> None:
        """Close what is still open, so that the next scenario starts with a subject at rest."""
        for peer in self.peers.values():
            try:
                peer.hang_up()
            except (NotSeen, HarnessFault):
                self.note(f"what {peer.name} had open could not be closed")


def _node(destination: Mapping[str, Json]) -> bytes:
    """The Node-ID that a Destination is; empty where it is another thing."""
    found = rules.member(destination.get("destination_data"), "node_id")
    return bytes.fromhex(found) if isinstance(found, str) else b""
