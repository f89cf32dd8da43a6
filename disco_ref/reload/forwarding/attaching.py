"""Connections to other nodes, wanted and granted (RFC 6940, section 6.5.1)."""

from __future__ import annotations

from ipaddress import ip_address

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Malformed, Refusal, Unroutable
from disco_ref.reload.actions import (
    About,
    Action,
    AnsweredWithError,
    Ask,
    Connect,
    FindBootstrap,
    Forsake,
    Incoming,
    Refuse,
    Reply,
    Room,
    SetTimer,
)
from disco_ref.reload.forwarding.attach import AttachReqAns
from disco_ref.reload.forwarding.attach_table import ATTACH
from disco_ref.reload.forwarding.connections import Connection
from disco_ref.reload.link.establishing import Abandon, Attempt, Establish, Gather, LinkParameters, Reach
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.topology.plugin import TopologyPlugin

PATIENCE = Duration(30.0)
"""Seconds from wanting a connection to giving it up: five transmissions of the Attach, and ICE; our choice."""

GLARE_PATIENCE = Duration(10.0)
"""Seconds in which the request of a node has to come that has said that one is under way; our choice."""

MOST_GRANTED = 256
"""Attempts that others may have under way with a node at once; our choice."""


class InProgress(Refusal):
    """An Attach between the two is under way already (Error_In_Progress)."""

    error_code = 17


class Overloaded(Refusal):
    """Too many Attaches are under way (Error_Forbidden)."""

    error_code = 2


class NotLinked(Unroutable):
    """No link came of an Attach."""


class _Attempt:
    """One Attach, on either side."""

    __slots__ = (
        "granted",
        "node_id",
        "number",
        "owes_update",
        "own",
        "remote",
        "request",
        "send_update",
        "state",
        "to",
        "waiting",
    )

    def __init__(self, number: Attempt, to: tuple[Destination, ...], node_id: bytes | None, send_update: bool) -> None:
        self.number = number
        self.to = to
        self.node_id = node_id
        """The other side; None while only a resource is known."""
        self.send_update = send_update
        """Whether this node wants an Update."""
        self.granted = False
        """Whether the other side has begun it."""
        self.owes_update = False
        """Whether the other one does."""
        self.state = ATTACH.start
        self.own: LinkParameters | None = None
        self.remote: LinkParameters | None = None
        self.request: Incoming | None = None
        self.waiting: list[tuple[Room, About]] = []


class Attaching:
    """All Attaches of a node."""

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._topology = topology
        self._attempts: dict[Attempt, _Attempt] = {}
        self._by_node: dict[bytes, _Attempt] = {}
        self._granted = 0

    def __len__(self) -> int:
        """How many attempts are under way."""
        return len(self._attempts)

    # --- what others want of this room

    def connect(self, wanted: Connect, now: Instant) -> list[Action]:
        """A room wants a connection; where one is up, or on its way, none is made."""
        last = wanted.to[-1]
        node_id = last.destination_data if last.type is DestinationType.node else None
        if isinstance(node_id, bytes):
            if self._member.connections.to(node_id) is not None:
                return wanted.room.connected(wanted.about, node_id, now)
            under_way = self._by_node.get(node_id)
            if under_way is not None:
                under_way.waiting.append((wanted.room, wanted.about))
                return []
        attempt = self._new(wanted.to, node_id if isinstance(node_id, bytes) else None, wanted.send_update)
        attempt.waiting.append((wanted.room, wanted.about))
        return self._entered(attempt, now)

    def find_bootstrap(self, wanted: FindBootstrap, now: Instant) -> list[Action]:
        """A room wants one of the bootstrap nodes other than this one; without any it fails at once."""
        named = self._member.overlay.configuration.bootstrap_node
        nodes = [each for each in named if (_written(each.address), each.port) not in self._member.addresses]
        if not nodes:
            why = "the only bootstrap node is this one" if named else "the configuration names no bootstrap node"
            return wanted.room.failed(wanted.about, NotLinked(why), now)
        chosen = nodes[int.from_bytes(self._member.entropy(4), "big") % len(nodes)]
        attempt = self._new((), None, False)
        attempt.state = "Establishing"
        attempt.waiting.append((wanted.room, wanted.about))
        # = rfc6940:11.4/3
        return [Reach(attempt.number, chosen.address, chosen.port), self._timer(attempt, now)]

    def gathered(self, number: Attempt, parameters: LinkParameters, now: Instant) -> list[Action]:
        """The candidates of this node are known."""
        attempt = self._attempts.get(number)
        if attempt is None:
            return []
        attempt.own = parameters
        return self._on(attempt, "gathered", now)

    def linked(self, number: Attempt | None, connection: Connection, now: Instant) -> list[Action]:
        """A link is up, of this attempt or unasked; the attempt to the same node is done with it."""
        attempt = None if number is None else self._attempts.get(number)
        if attempt is None:
            known = (self._by_node.get(each) for each in connection.node_ids)
            attempt = next((each for each in known if each is not None), None)
        if attempt is None:
            return []
        if attempt.node_id is None:
            attempt.node_id = connection.node_id or connection.node_ids[0]
        self._member.connections.name(connection, attempt.node_id)
        connection.attached = True
        return self._on(attempt, "linked", now)

    def unreachable(self, number: Attempt, why: str, now: Instant) -> list[Action]:
        """No link came of the attempt."""
        attempt = self._attempts.get(number)
        return [] if attempt is None else self._on(attempt, "unreachable", now, NotLinked(why))

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Another node wants a connection (section 6.5.1.2)."""
        # = rfc6940:6.5.1.2/1
        body = _attach(request)
        other = request.node_id
        attempt = self._by_node.get(other)
        if attempt is None:
            if self._granted >= MOST_GRANTED:
                # = rfc6940:6.5.1.2/8
                raise Overloaded("too many Attaches are under way")
            self._granted += 1
            attempt = self._new((), other, False)
            attempt.granted = True
            attempt.state = "Answering"
            self._heard(attempt, body)
            attempt.request = request
            return [Gather(attempt.number), self._timer(attempt, now)]
        # = rfc6940:6.5.1.2/4
        smaller = self._member.node_id < other
        event = "asked, own Node-ID smaller" if smaller else "asked, own Node-ID larger"
        return self._on(attempt, event, now, request=request)

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The other side says how to reach it."""
        attempt = self._of(about)
        if attempt is None:
            return []
        self._heard(attempt, _attach(answer))
        attempt.node_id = answer.node_id
        self._by_node.setdefault(answer.node_id, attempt)
        without_ice = attempt.own is None or not attempt.own.ufrag
        if without_ice and self._member.connections.to(answer.node_id) is not None:
            # the answerer is the client of the handshake, and may be faster than its answer; with ICE nobody can be
            return self._on(attempt, "linked", now)
        return self._on(attempt, "answer", now)

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """The request came to nothing."""
        attempt = self._of(about)
        if attempt is None:
            return []
        if not isinstance(why, AnsweredWithError) or why.error_code != ErrorCode.Error_In_Progress:
            return self._on(attempt, "error", now, why)
        if attempt.node_id is None:
            attempt.node_id = why.by
            self._by_node.setdefault(why.by, attempt)
        return self._on(attempt, "in progress", now, why)

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """It makes connections itself, and asks nobody for them."""
        raise RuntimeError("the room of Attach wants no connection of itself")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """An attempt takes too long."""
        attempt = self._of(about)
        return [] if attempt is None else self._on(attempt, "too late", now, NotLinked("it takes too long"))

    # --- the table, performed

    def _on(
        self, attempt: _Attempt, event: str, now: Instant, why: Refusal | None = None, request: Incoming | None = None
    ) -> list[Action]:
        step = ATTACH.step(attempt.state, event)
        if step is None:
            return []
        attempt.state = step.to
        actions: list[Action] = []
        if step.to in ATTACH.ends:
            self._drop(attempt)
            actions.append(SetTimer(self, ("attach", attempt.number), None))
        for act in step.actions:
            actions += self._act(attempt, act, now, why, request)
        return actions

    def _act(
        self, attempt: _Attempt, act: str, now: Instant, why: Refusal | None, request: Incoming | None
    ) -> list[Action]:
        about: About = ("attach", attempt.number)
        match act:
            case "send request":
                body = self._offer(attempt, b"passive")
                return [Ask(self, about, attempt.to, MessageCode.attach_req, body)]
            case "keep request" if request is not None:
                self._heard(attempt, _attach(request))
                attempt.request = request
                return []
            case "send answer" if attempt.request is not None:
                return [Reply(attempt.request, self._offer(attempt, b"active"))]
            case "establish as server":
                return self._establish(attempt, False)
            case "establish as client":
                return self._establish(attempt, True)
            case "refuse: in progress" if request is not None:
                return [Refuse(request, InProgress("an Attach between the two is under way"))]
            case "shorten timer":
                return [SetTimer(self, about, Instant(now + GLARE_PATIENCE))]
            case "forsake request":
                return [Forsake(self, about)]
            case "abandon":
                return [Abandon(attempt.number)]
            case "tell of connection":
                return self._tell(attempt, now)
            case "tell of failure" if why is not None:
                return [each for room, about in attempt.waiting for each in room.failed(about, why, now)]
            case _:
                raise RuntimeError(f"nothing is known of {act!r} in state {attempt.state}")

    def _tell(self, attempt: _Attempt, now: Instant) -> list[Action]:
        node_id = attempt.node_id
        if node_id is None:
            raise RuntimeError("a connection to nobody")
        told = [each for room, about in attempt.waiting for each in room.connected(about, node_id, now)]
        if attempt.owes_update:
            # = rfc6940:6.4.2.3/1
            told += self._topology.update(node_id, now)
        return told

    def _establish(self, attempt: _Attempt, active: bool) -> list[Action]:
        if attempt.node_id is None or attempt.remote is None:
            raise RuntimeError("a link to nobody")
        return [Establish(attempt.number, active, attempt.node_id, attempt.remote, offered=not active)]

    def _offer(self, attempt: _Attempt, role: bytes) -> AttachReqAns:
        own = attempt.own
        if own is None:
            raise RuntimeError("candidates that nobody gathered")
        # = rfc6940:6.5.1.1/1
        return AttachReqAns(own.ufrag, own.password, role, own.candidates, attempt.send_update)

    def _heard(self, attempt: _Attempt, body: AttachReqAns) -> None:
        attempt.remote = LinkParameters(body.ufrag, body.password, body.candidates)
        attempt.owes_update = body.send_update

    def _entered(self, attempt: _Attempt, now: Instant) -> list[Action]:
        return [Gather(attempt.number), self._timer(attempt, now)]

    def _timer(self, attempt: _Attempt, now: Instant) -> SetTimer:
        return SetTimer(self, ("attach", attempt.number), Instant(now + PATIENCE))

    def _new(self, to: tuple[Destination, ...], node_id: bytes | None, send_update: bool) -> _Attempt:
        attempt = _Attempt(self._member.new_attempt(), to, node_id, send_update)
        self._attempts[attempt.number] = attempt
        if node_id is not None:
            self._by_node[node_id] = attempt
        return attempt

    def _drop(self, attempt: _Attempt) -> None:
        del self._attempts[attempt.number]
        if attempt.node_id is not None and self._by_node.get(attempt.node_id) is attempt:
            del self._by_node[attempt.node_id]
        if attempt.granted:
            self._granted -= 1

    def _of(self, about: About) -> _Attempt | None:
        number = about[1]
        return self._attempts.get(number) if isinstance(number, int) else None


def _written(address: str) -> str:
    """An IP address as it is usually written."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address


def _attach(message: Incoming) -> AttachReqAns:
    body = message.body
    if not isinstance(body, AttachReqAns):
        raise Malformed("this is no Attach")
    return body
