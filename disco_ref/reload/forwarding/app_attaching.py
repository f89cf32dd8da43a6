"""Connections for applications, wanted and granted (RFC 6940, section 6.5.2).

A node has applications, by Application-ID; each hears of its links, which carry its octets and nothing of RELOAD.  The roles
are those of RFC 4145, section 4 (from memory): who is ``active`` opens the link, and is the client of its handshake.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Malformed, Refusal, Unauthorized, Unroutable
from disco_ref.reload.actions import (
    About,
    Action,
    Ask,
    ConnectApplication,
    Forsake,
    HangUp,
    Incoming,
    Link,
    Reply,
    SetTimer,
)
from disco_ref.reload.forwarding.app_attach import AppAttachAns, AppAttachReq
from disco_ref.reload.forwarding.app_attach_table import APP_ATTACH
from disco_ref.reload.link.establishing import Abandon, Attempt, Establish, Gather, LinkParameters
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.registries import MessageCode

PATIENCE = Duration(30.0)
"""Seconds from wanting a connection to giving it up; our choice, as for Attach."""

MOST_GRANTED = 256
"""Attempts that others may have under way with a node at once; our choice."""

ACTIVE, PASSIVE, ACTPASS = b"active", b"passive", b"actpass"
ANSWERS = {ACTIVE: PASSIVE, PASSIVE: ACTIVE, ACTPASS: ACTIVE}
"""The role that an answer takes; who may choose opens the link, because it has all it needs before the other side has."""


class UnknownApplication(Unroutable):
    """No such application is here (Error_Not_Found)."""

    error_code = 3


class BadRole(Malformed):
    """A request with a role that is none of the three (Error_Invalid_Message)."""

    error_code = 20


class NotAdmitted(Unauthorized):
    """The application wants no connection with this node, or too many are under way (Error_Forbidden)."""

    error_code = 2


class NotLinked(Unroutable):
    """No link came of an AppAttach."""


class RawLink(NamedTuple):
    """A link that has come up, for an application."""

    link: Link
    near: tuple[str, int]
    """The address and the port of this end."""
    far: tuple[str, int]
    """Those of the other end."""
    datagrams: bool = False
    """Whether octets arrive as they were sent, each piece whole or not at all; else they are a stream."""


class ApplicationLink(NamedTuple):
    """A link of an application, and with whom."""

    raw: RawLink
    application: int
    """The Application-ID it was made for."""
    node_id: bytes
    """Who is at the other end; its certificate holds this Node-ID."""
    about: About | None
    """What the ConnectApplication was about; None where the other side wanted the link."""


class Application(Protocol):
    """What runs over links of its own; each method returns what shall be done."""

    def admits(self, application: int, node_id: bytes) -> bool:
        """Whether a node may have a link; asked before anything is held of its request."""

    def opened(self, link: ApplicationLink, now: Instant) -> list[Action]:
        """A link is up."""

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Action]:
        """A link has brought octets, cut anywhere."""

    def closed(self, link: Link, why: str, now: Instant) -> list[Action]:
        """A link is gone."""

    def unreached(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """No link came of a ConnectApplication."""


class _Attempt:
    """One AppAttach, on either side."""

    __slots__ = (
        "about",
        "active",
        "application",
        "node_id",
        "number",
        "own",
        "remote",
        "request",
        "role",
        "state",
        "to",
    )

    def __init__(self, number: Attempt, application: int, node_id: bytes) -> None:
        self.number = number
        self.application = application
        self.node_id = node_id
        self.state = APP_ATTACH.start
        self.role = PASSIVE
        """What this node says."""
        self.active = False
        """Whether this node opens the link."""
        self.about: About | None = None
        """None where the other side has begun."""
        self.to: tuple[Destination, ...] = ()
        self.own: LinkParameters | None = None
        self.remote: LinkParameters | None = None
        self.request: Incoming | None = None


class AppAttaching:
    """All AppAttaches of a node, its applications, and their links."""

    __slots__ = ("_applications", "_attempts", "_granted", "_member", "links")

    def __init__(self, member: Member) -> None:
        self._member = member
        self._applications: dict[int, Application] = {}
        self._attempts: dict[Attempt, _Attempt] = {}
        self._granted = 0
        self.links: dict[Link, Application] = {}
        """Whose link each one is."""

    def register(self, application: int, runs: Application) -> None:
        """Take AppAttaches for an Application-ID from now on."""
        self._applications[application] = runs

    def __contains__(self, number: Attempt) -> bool:
        """Whether an attempt is one of this room."""
        return number in self._attempts

    # --- what others want of this room

    def connect(self, wanted: ConnectApplication, now: Instant) -> list[Action]:
        """An application wants a link; ValueError where it is not registered, or where this is no way to a node."""
        node_id = wanted.to[-1].destination_data if wanted.to else None
        if wanted.application not in self._applications or wanted.role not in ANSWERS:
            raise ValueError(f"no application {wanted.application}, or no role {wanted.role!r}")
        if not isinstance(node_id, bytes) or wanted.to[-1].type is not DestinationType.node:
            raise ValueError("an AppAttach goes to a node")
        attempt = self._new(wanted.application, node_id)
        attempt.about, attempt.to, attempt.role = wanted.about, wanted.to, wanted.role
        return self._on(attempt, "wanted", now)

    def gathered(self, number: Attempt, parameters: LinkParameters, now: Instant) -> list[Action]:
        """The candidates of this node are known."""
        attempt = self._attempts[number]
        attempt.own = parameters
        return self._on(attempt, "gathered", now)

    def linked(self, number: Attempt | None, raw: RawLink, node_ids: tuple[bytes, ...], now: Instant) -> list[Action]:
        """A link is up; one that nobody waits for, or of another node, is closed."""
        attempt = None if number is None else self._attempts.get(number)
        if attempt is None or attempt.node_id not in node_ids or attempt.state not in ("Asking", "Establishing"):
            return [HangUp(raw.link, "nobody waits for this link")]
        application = self.links[raw.link] = self._applications[attempt.application]
        actions = self._on(attempt, "linked", now)
        return [
            *actions,
            *application.opened(ApplicationLink(raw, attempt.application, attempt.node_id, attempt.about), now),
        ]

    def unreachable(self, number: Attempt, why: str, now: Instant) -> list[Action]:
        """No link came of the attempt."""
        return self._on(self._attempts[number], "unreachable", now, NotLinked(why))

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Action]:
        """Octets of an application."""
        application = self.links.get(link)
        return [] if application is None else application.received(link, octets, now)

    def closed(self, link: Link, why: str, now: Instant) -> list[Action]:
        """A link of an application is gone, or is being closed from here."""
        application = self.links.pop(link, None)
        return [] if application is None else application.closed(link, why, now)

    # --- as a room

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Another node wants a link for an application (section 6.5.2.2)."""
        body = request.body
        if not isinstance(body, AppAttachReq):
            raise Malformed("this is no AppAttach")
        application = self._applications.get(body.application)
        if application is None:
            # = rfc6940:6.5.2.2/3
            raise UnknownApplication(f"application {body.application} is not here", where="AppAttachReq.application")
        if body.role not in ANSWERS:
            # = rfc6940:6.5.2.1/0 silent: what a role that is none of those of RFC 4145 means
            raise BadRole(f"no role {body.role!r}", where="AppAttachReq.role")
        if self._granted >= MOST_GRANTED or not application.admits(body.application, request.node_id):
            raise NotAdmitted("no link is wanted, or too many are under way")
        self._granted += 1
        attempt = self._new(body.application, request.node_id)
        attempt.request = request
        attempt.role = ANSWERS[body.role]
        attempt.active = attempt.role == ACTIVE
        attempt.remote = LinkParameters(body.ufrag, body.password, body.candidates)
        return self._on(attempt, "asked", now)

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The other side says how to reach it (section 6.5.2.2)."""
        attempt = self._of(about)
        if attempt is None:
            return []
        body = answer.body
        if not isinstance(body, AppAttachAns) or body.application != attempt.application:
            return self._on(attempt, "error", now, Malformed("this is no answer to what was asked"))
        if body.role not in (ACTIVE, PASSIVE) or body.role == attempt.role:
            return self._on(attempt, "error", now, Malformed(f"{body.role!r} is no answer to {attempt.role!r}"))
        attempt.active = body.role == PASSIVE
        attempt.remote = LinkParameters(body.ufrag, body.password, body.candidates)
        return self._on(attempt, "answer", now)

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """The request came to nothing."""
        attempt = self._of(about)
        return [] if attempt is None else self._on(attempt, "error", now, why)

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """It makes links itself, and asks nobody for them."""
        raise RuntimeError("the room of AppAttach wants no connection of itself")

    def passed(self, about: About, now: Instant) -> list[Action]:
        """An attempt takes too long."""
        attempt = self._of(about)
        return [] if attempt is None else self._on(attempt, "too late", now, NotLinked("it takes too long"))

    # --- the table, performed

    def _on(self, attempt: _Attempt, event: str, now: Instant, why: Refusal | None = None) -> list[Action]:
        step = APP_ATTACH.step(attempt.state, event)
        if step is None:
            return []
        attempt.state = step.to
        actions: list[Action] = []
        if step.to in APP_ATTACH.ends:
            del self._attempts[attempt.number]
            self._granted -= attempt.about is None
            actions.append(SetTimer(self, ("app attach", attempt.number), None))
        for act in step.actions:
            actions += self._act(attempt, act, now, why)
        return actions

    def _act(self, attempt: _Attempt, act: str, now: Instant, why: Refusal | None) -> list[Action]:
        about: About = ("app attach", attempt.number)
        own, remote = attempt.own, attempt.remote
        match act:
            case "gather":
                return [Gather(attempt.number, attempt.application)]
            case "set timer":
                return [SetTimer(self, about, Instant(now + PATIENCE))]
            case "send request" if own is not None:
                offer = AppAttachReq(own.ufrag, own.password, attempt.application, attempt.role, own.candidates)
                return [Ask(self, about, attempt.to, MessageCode.app_attach_req, offer)]
            case "send answer" if own is not None and attempt.request is not None:
                answer = AppAttachAns(own.ufrag, own.password, attempt.application, attempt.role, own.candidates)
                return [Reply(attempt.request, answer)]
            case "establish" if remote is not None:
                who, offered = attempt.node_id, attempt.about is not None
                return [Establish(attempt.number, attempt.active, who, remote, attempt.application, offered)]
            case "forsake request":
                return [Forsake(self, about)]
            case "abandon":
                return [Abandon(attempt.number)]
            case "tell of failure" if why is not None:
                if attempt.about is None:
                    return []
                return self._applications[attempt.application].unreached(attempt.about, why, now)
            case _:
                raise RuntimeError(f"nothing is known of {act!r} in state {attempt.state}")

    def _new(self, application: int, node_id: bytes) -> _Attempt:
        attempt = _Attempt(self._member.new_attempt(), application, node_id)
        self._attempts[attempt.number] = attempt
        return attempt

    def _of(self, about: About) -> _Attempt | None:
        number = about[1]
        return self._attempts.get(number) if isinstance(number, int) else None
