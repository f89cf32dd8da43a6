"""A node of a RELOAD overlay: octets of links and time go in, effects come out (RFC 6940, section 1.2).

Peers and clients are the same node; a client never joins.  The rooms are given to it, so that another overlay algorithm or
another store is another argument.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple, assert_never

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Malformed
from disco_ref.machine.deadlines import Deadlines
from disco_ref.peer.overlay.effects import Close, Deliver, Effect, Note, Send, Write
from disco_ref.peer.overlay.rooms import Rooms
from disco_ref.peer.overlay.walk import Answer, Arrive, Step, Transmit, Walk
from disco_ref.reload.actions import (
    About,
    Action,
    Ask,
    Connect,
    ConnectApplication,
    Discard,
    Disconnect,
    FindBootstrap,
    Forget,
    Forsake,
    HangUp,
    Link,
    Pass,
    Persist,
    Refuse,
    Remark,
    Replicate,
    Reply,
    RequestTimeout,
    Room,
    SetTimer,
    Tell,
)
from disco_ref.reload.forwarding.app_attaching import RawLink
from disco_ref.reload.forwarding.asking import Asking, Launch, launch_of
from disco_ref.reload.forwarding.configuring import CannotFollow, ConfigurationChanged
from disco_ref.reload.forwarding.connections import Connection
from disco_ref.reload.forwarding.surroundings import Neighborhood
from disco_ref.reload.link.carrier import Carrier
from disco_ref.reload.link.establishing import (
    Abandon,
    Attempt,
    Establish,
    Gather,
    LinkParameters,
    Reach,
)
from disco_ref.reload.link.framing import FrameTooLarge
from disco_ref.reload.member import Member
from disco_ref.reload.security.certificates import read_certificate

SURPLUS = Duration(5.0)
"""Seconds that an older link is kept when a younger one to the same node is up; our choice."""

MOST_SURPLUS = 8
"""Links to one node beside the youngest; older ones are closed at once, whoever tidies up else; our choice."""

MOST_STEPS = 100_000
"""Steps that one occurrence may lead to; beyond, something goes in circles."""


class Up(NamedTuple):
    """A link has come up, its handshake done and the certificate of the other side verified (section 6.5.1.13)."""

    link: Link
    """Its number, new."""
    attempt: Attempt | None
    """The attempt it comes of; None where the other side has opened it unasked."""
    certificates: tuple[bytes, ...]
    """What the other side has shown, in DER, its own first."""
    carrier: Carrier | None
    """Frames what goes over it; None where it is the link of an application, whose octets go as they are (section 6.5.2)."""
    near: tuple[str, int] = ("0.0.0.0", 0)
    """The address and the port of this end, where an application asks for them."""
    far: tuple[str, int] = ("0.0.0.0", 0)
    """Those of the other end."""
    datagrams: bool = False
    """Whether octets arrive as they were sent, each piece whole or not at all; else they are a stream."""


class _Timer(NamedTuple):
    room: Room
    about: About
    at: Instant


_Key = tuple[str, object]


class Node:
    """One node; every method returns what the shell is to do, in order."""

    def __init__(self, member: Member, rooms: Rooms) -> None:
        self.member = member
        self.rooms = rooms
        self._around = Neighborhood(member, rooms.topology)
        self._asking = Asking(member, rooms.topology.closer, member.entropy)
        self._walk = Walk(member, self._around, self._asking, rooms.by_code)
        self._deadlines: Deadlines[_Key] = Deadlines()
        self._timers: dict[tuple[int, About], _Timer] = {}
        self._writes: dict[int, tuple[Action, ...]] = {}
        self._written = 0
        self._failing: dict[Link, bool] = {}
        """Links that the topology has been told to route nothing over, and whether it had routed over them."""

    # --- what happens --------------------------------------------------------------------------------------------------

    def perform(self, actions: Iterable[Action], now: Instant) -> list[Effect]:
        """Do what whoever runs the node, or an application on it, wants done."""
        return self._run(actions, now)

    def up(self, up: Up, now: Instant) -> list[Effect]:
        """A link has come up."""
        own = read_certificate(up.certificates[0], self.member.overlay.context)
        if up.carrier is None:
            raw = RawLink(up.link, up.near, up.far, up.datagrams)
            return self._run(self.rooms.app_attaching.linked(up.attempt, raw, own.node_ids, now), now)
        # whoever has made the link may have done so under an older configuration
        up.carrier.follow(self.member.overlay.context)
        connection = Connection(up.link, up.carrier, up.certificates, own.node_ids, now)
        self.member.connections.add(connection)
        steps: list[Action] = self.rooms.attaching.linked(up.attempt, connection, now)
        node_id = connection.node_id
        if node_id is not None:
            steps += self.rooms.topology.linked(node_id, now)
            if self.member.node_id < node_id and self.member.connections.surplus(node_id):
                # only one of the two tidies up: else each might close the link that the other keeps
                self._deadlines.set(("surplus", node_id), Instant(now + SURPLUS))
        effects = self._run(steps, now)
        if node_id is not None:
            for surplus in self.member.connections.surplus(node_id)[:-MOST_SURPLUS]:
                why = "too many links to the same node"
                effects += [Close(surplus.link, why), *self.down(surplus.link, why, now)]
        return effects

    def down(self, link: Link, why: str, now: Instant) -> list[Effect]:
        """A link is down."""
        if link in self.rooms.app_attaching.links:
            return self._run(self.rooms.app_attaching.closed(link, why, now), now)
        connection = self.member.connections.remove(link)
        self._deadlines.cancel(("link", link))
        self._failing.pop(link, None)
        if connection is None or connection.node_id is None:
            return []
        if self.member.connections.to(connection.node_id) is not None:
            return []
        gone = Remark("info", "a connection is lost", (("node", connection.node_id.hex()), ("why", why)))
        return self._run([gone, *self.rooms.topology.lost(connection.node_id, now)], now)

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Effect]:
        """A link has brought octets."""
        connection = self.member.connections.by_link(link)
        if connection is None:
            return self._run(self.rooms.app_attaching.received(link, octets, now), now)
        try:
            carried = connection.carrier.receive(octets, now)
        except Malformed as refusal:
            return [
                *self._refused(connection, refusal, now),
                Close(link, str(refusal)),
                *self.down(link, str(refusal), now),
            ]
        effects: list[Effect] = [Send(link, each) for each in carried.replies]
        neighbor = connection.speaker
        steps: list[Step] = [Arrive(each, neighbor, link) for each in carried.messages]
        if link in self._failing and not connection.carrier.failing and self._failing.pop(link):
            # = rfc6940:6.6.3.1/10
            steps += self.rooms.topology.restored(connection.node_id or neighbor, now)
        if steps:
            effects += self._run(steps, now)
        self._watch(connection)
        return effects

    def gathered(self, attempt: Attempt, parameters: LinkParameters, now: Instant) -> list[Effect]:
        """The candidates of this node are known."""
        room = self.rooms.app_attaching if attempt in self.rooms.app_attaching else self.rooms.attaching
        return self._run(room.gathered(attempt, parameters, now), now)

    def unreachable(self, attempt: Attempt, why: str, now: Instant) -> list[Effect]:
        """An attempt has come to nothing."""
        room = self.rooms.app_attaching if attempt in self.rooms.app_attaching else self.rooms.attaching
        return self._run(room.unreachable(attempt, why, now), now)

    def written(self, token: int, now: Instant) -> list[Effect]:
        """A write is where it outlives the node."""
        return self._run(self._writes.pop(token, ()), now)

    def expire(self, now: Instant) -> list[Effect]:
        """Time has passed."""
        steps: list[Step] = []
        for due in self._asking.due(now):
            pending = due.pending
            if due.failed:
                timeout = RequestTimeout(f"no answer to {pending.ask.code.name} after {pending.sent} transmissions")
                steps += pending.ask.room.failed(pending.ask.about, timeout, now)
            else:
                steps.append(launch_of(pending))
        effects = self._run(steps, now)
        for kind, key in self._deadlines.due(now):
            if kind == "link" and isinstance(key, Link):
                effects += self._carry_on(key, now)
            elif isinstance(key, bytes):
                for surplus in self.member.connections.surplus(key):
                    why = "there is a younger link to the same node"
                    effects += [Close(surplus.link, why), *self.down(surplus.link, why, now)]
            elif isinstance(key, tuple):
                timer = self._timers.pop(key)
                effects += self._run(timer.room.passed(timer.about, now), now)
        self._walk.holding.expire(now)
        return effects

    @property
    def deadline(self) -> Instant | None:
        """When :meth:`expire` is owed; None where nothing is due."""
        first = self._asking.deadline
        for each in (self._deadlines.next, self._walk.holding.deadline):
            if each is not None and (first is None or each < first):
                first = each
        return first

    # --- what is done --------------------------------------------------------------------------------------------------

    def _run(self, steps: Iterable[Step], now: Instant) -> list[Effect]:
        """Takes every step, those it leads to directly behind it; what is for the shell is left."""
        effects: list[Effect] = []
        waiting: deque[Step] = deque(steps)
        taken = 0
        while waiting:
            taken += 1
            if taken > MOST_STEPS:
                raise RuntimeError("the steps of a node go in circles")
            if further := self._step(waiting.popleft(), effects, now):
                waiting.extendleft(reversed(further))
        return effects

    def _step(self, step: Step, effects: list[Effect], now: Instant) -> Sequence[Step]:
        match step:
            case Arrive():
                return self._walk.arrive(step, now)
            case Launch():
                return self._walk.launch(step)
            case Transmit(node_id, octets):
                self._transmit(node_id, octets, effects, now)
            case Answer(response):
                return self.rooms.configuring.heard(response, now)
            case SetTimer():
                self._set(step)
            case Ask():
                return [self._asking.begin(step, now)]
            case Forsake():
                self._asking.forsake(step)
            case Reply():
                return self._walk.reply(step)
            case Persist(changes, then):
                self._written += 1
                self._writes[self._written] = then
                effects.append(Write(self._written, changes))
            case Refuse():
                return [*self._walk.reply(step), *self.rooms.configuring.instruct(step, now)]
            case Connect():
                return self.rooms.attaching.connect(step, now)
            case FindBootstrap():
                return self.rooms.attaching.find_bootstrap(step, now)
            case ConnectApplication():
                return self.rooms.app_attaching.connect(step, now)
            case Pass(link, octets):
                effects.append(Send(link, octets))
            case HangUp(link, why):
                effects.append(Close(link, why))
                return self.rooms.app_attaching.closed(link, why, now)
            case Replicate():
                return self.rooms.storage.replicate(step, now)
            case Forget():
                return self.rooms.storage.forget(step, now)
            case Discard():
                return self.rooms.storage.discard(step)
            case Disconnect(node_id, why):
                self._disconnect(node_id, why, effects, now)
            case Gather() | Establish() | Reach() | Abandon():
                effects.append(step)
            case Tell(event):
                if isinstance(event, ConfigurationChanged):
                    self._follow()
                effects.append(Deliver(event))
                if isinstance(event, CannotFollow):
                    # = rfc6940:11.1/40
                    return self.rooms.topology.leave(now)
                return self._upon(event, now)
            case Remark(level, text, fields):
                effects.append(Note(level, text, fields))
            case _ as never:
                assert_never(never)
        return ()

    def _upon(self, event: object, now: Instant) -> Sequence[Step]:
        """What the node does itself when something is told."""
        return ()

    def _follow(self) -> None:
        """There is a newer configuration: what stands already takes messages as large as that one has it."""
        overlay = self.member.overlay
        self._walk.holding.largest = overlay.configuration.max_message_size
        for each in self.member.connections.all():
            each.carrier.follow(overlay.context)

    def _transmit(self, node_id: bytes, octets: bytes, effects: list[Effect], now: Instant) -> None:
        connection = self.member.connections.to(node_id)
        if connection is None:
            effects.append(Note("debug", "not sent: the connection is gone"))
            return
        link = connection.link
        effects.extend(Send(link, each) for each in connection.carrier.send(octets, now))
        self._watch(connection)

    def _watch(self, connection: Connection) -> None:
        """Look at a link again when its time may have come; one that moves on is looked at then, and moved."""
        at = connection.carrier.deadline
        if at is not None and (connection.watched is None or at < connection.watched):
            connection.watched = at
            self._deadlines.set(("link", connection.link), at)

    def _carry_on(self, link: Link, now: Instant) -> list[Effect]:
        """A carrier's time has come: octets again, or the end of the link."""
        connection = self.member.connections.by_link(link)
        if connection is None:
            return []
        connection.watched = None
        effects: list[Effect] = [Send(link, each) for each in connection.carrier.expire(now)]
        if connection.carrier.failed:
            # = rfc6940:6.6.3.1/8
            return [*effects, Close(link, "nobody acknowledges"), *self.down(link, "nobody acknowledges", now)]
        self._watch(connection)
        if connection.carrier.failing and connection.node_id is not None and link not in self._failing:
            self._failing[link] = connection.node_id in self.rooms.topology.routing_table()
            # = rfc6940:6.6/3b
            # = rfc6940:6.6.3.1/9
            effects += self._run(self.rooms.topology.lost(connection.node_id, now), now)
        return effects

    def _refused(self, connection: Connection, refusal: Malformed, now: Instant) -> list[Effect]:
        """The error for a message that was too large to be taken, if its beginning says whom to send it to (section 6.6)."""
        if not isinstance(refusal, FrameTooLarge) or connection.node_id is None:
            return []
        # = rfc6940:6.6/1
        return self._run(self._asking.refuse_unread(refusal.beginning, connection.node_id, refusal, now), now)

    def _disconnect(self, node_id: bytes, why: str, effects: list[Effect], now: Instant) -> None:
        while (connection := self.member.connections.to(node_id)) is not None:
            self.member.connections.remove(connection.link)
            self._deadlines.cancel(("link", connection.link))
            effects.append(Close(connection.link, why))

    def _set(self, action: SetTimer) -> None:
        room, about, at = action
        key = id(room), about
        before = self._timers.get(key)
        if at is None:
            if before is not None:
                del self._timers[key]
                self._deadlines.cancel(("timer", key))
        elif before is None or before.at != at:
            self._deadlines.set(("timer", key), at)
            self._timers[key] = _Timer(room, about, at)
