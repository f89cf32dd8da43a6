"""The core of a user agent: what is asked of it is checked, and goes to the room that looks after it (RFC 3261, section 8.2).

*Rooms* are calls, subscriptions and their like: each answers some methods, and hears what comes of its own requests and timers.
What rooms tell goes to the application, whose actions are carried out in turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal, Unroutable
from disco_ref.sip.acceptance import Understood, refuse
from disco_ref.sip.actions import (
    AckReceived,
    Action,
    Heard,
    Report,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendResponse,
    Tell,
    TimerPassed,
)
from disco_ref.sip.dialog.dialog import modest
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Request
from disco_ref.sip.respond import new_tag, refused, respond
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.identity import Identity, way_of
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import Uri

KEEPING = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
"""The methods by which dialogs come about, or get another target."""
CALLING = ("INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE")
"""The methods that calls look after."""

BODIES = frozenset({"application/sdp", "multipart/mixed", "multipart/alternative", "multipart/related"})
"""What calls read: session descriptions, alone or among other parts."""


class Room(Protocol):
    """Who looks after some methods, or after what comes of its own requests and timers."""

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What is to be done about an event."""


class Application(Protocol):
    """Who decides: it hears what the rooms tell, and answers by what their operations return.

    An event of its own for whoever runs the node is ``Tell(Report(event))``.  Requests of methods without a room, and events
    of owners without one, are heard as they are.
    """

    def heard(self, event: object, now: Instant) -> list[Action]:
        """What is to be done about an event of a room."""


class Merged(Unroutable):
    """The request has come before on another way (section 8.2.2.2)."""

    status = 482


class NotHere(Unroutable):
    """The Request-URI names somebody else (section 8.2.2.1)."""

    status = 404


class Answer(NamedTuple):
    """What OPTIONS is answered: what an INVITE to the same place would be (section 11.2)."""

    status: int = 200
    lines: tuple[str, ...] = ()
    """Content-Type of the body, and whatever else."""
    body: bytes = b""
    """What the user agent can do, as a session description."""
    identity: Identity | None = None
    """Who answers, with its Contact; None: that of calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What a user agent has besides calls."""

    methods: Mapping[str, Room] = field(default_factory=dict)
    """By the method they answer: SUBSCRIBE, NOTIFY, REFER, INFO ..."""
    rooms: Mapping[str, Room] = field(default_factory=dict)
    """By the first word of their owners: subscribe, notify, refer ..."""
    bodies: frozenset[str] = frozenset()
    """Media types that the rooms read, in lower case."""
    extensions: frozenset[str] = frozenset()
    """Option-tags that the rooms and the application understand."""
    own_methods: frozenset[str] = frozenset()
    """Methods that the application answers itself."""
    takes: Callable[[Uri], bool] | None = None
    """Whether somebody is here by the Request-URI of a request outside of dialogs; None: whoever is asked for."""
    options: Callable[[Request, Instant], Answer] | None = None
    """The answer to OPTIONS; None: always 200."""
    sheds: Callable[[Request, Flow, Instant], int | None] | None = None
    """Whether a request is turned away by 503: see :class:`disco_ref.peer.element.Core`."""
    listens: Callable[[Sequence[Listening]], None] | None = None
    """Told where the element can be reached: what Contact is made of."""
    overhears: Callable[[Heard | Action], None] | None = None
    """Told of everything that is heard once its room has heard it, and of everything that is done."""


class UserAgent:
    """A user agent above its transactions; a core of :class:`disco_ref.peer.element.Element`."""

    def __init__(
        self,
        dialogs: Dialogs,
        calls: Calls,
        application: Application,
        entropy: Entropy,
        equipment: Equipment | None = None,
    ) -> None:
        self._dialogs = dialogs
        self._calls = calls
        self._application = application
        self._entropy = entropy
        self._equipment = equipment = equipment or Equipment()
        self._methods: dict[str, Room] = {**equipment.methods, **dict.fromkeys(CALLING, calls)}
        self._rooms: dict[str, Room] = {**equipment.rooms, "call": calls}
        # = rfc3261:11/1
        # = rfc3261:13.1/1
        # = rfc3262:8.1/0
        self.understood = Understood(
            methods=frozenset({*self._methods, *equipment.own_methods, "OPTIONS"}),
            extensions=frozenset({"100rel", "replaces"}) | equipment.extensions,
            media_types=BODIES | equipment.bodies,
        )
        """What requests are held against."""

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached."""
        if self._equipment.listens is not None:
            self._equipment.listens(listening)

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether a request is turned away: seconds until it may come again."""
        return self._equipment.sheds(request, flow, now) if self._equipment.sheds is not None else None

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Octets held no message; the answer that is owed has gone out already."""
        return []

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What is to be done about an event of the transactions or a timer."""
        actions = self._heard(event, now)
        if self._equipment.overhears is not None:
            self._equipment.overhears(event)
        return self.settle(actions, now)

    def _heard(self, event: Heard, now: Instant) -> list[Action]:
        if isinstance(event, RequestReceived):
            return self._request(event, now)
        if isinstance(event, AckReceived):
            return self._calls.heard(event, now)
        if isinstance(event, ResponseReceived | RequestFailed | TimerPassed):
            return self._rooms.get(event.owner[0], self._application).heard(event, now)
        # = rfc3261:8.1.3.3/1
        return []

    def settle(self, actions: Iterable[Action], now: Instant) -> list[Action]:
        """The actions without what rooms tell in them: that goes to the application, and what it does about it takes its place.

        Also for what an operation of a room returns that nobody told to the application, such as a command of the user.
        """
        settled: list[Action] = []
        overhears = self._equipment.overhears
        ahead = deque(actions)
        while ahead:
            action = ahead.popleft()
            if not isinstance(action, Tell):
                settled.append(action)
                if overhears is not None:
                    overhears(action)
            elif isinstance(action.event, Report):
                settled.append(Tell(action.event.event))
            else:
                ahead.extendleft(reversed(self._application.heard(action.event, now)))
        return settled

    def _request(self, event: RequestReceived, now: Instant) -> list[Action]:
        request = event.request
        try:
            # = rfc3261:8.2/1
            # = rfc3261:8.2/2
            refuse(request, self.understood)
            self._called_for(request)
            if request.method in KEEPING:
                modest(request)
            if event.merged:
                # = rfc3261:8.2.2.2/2
                raise Merged("it came on another way before", where="Via")
            if request.method == "OPTIONS":
                return self._options(event, now)
        except Refusal as refusal:
            # = rfc3261:8.2.6.1/1
            # = rfc3261:8.2.6.1/2
            response = refused(request, refusal, new_tag(self._entropy))
            return [SendResponse(event.transaction, response)] if response is not None else []
        return self._methods.get(request.method, self._application).heard(event, now)

    def _called_for(self, request: Request) -> None:
        takes = self._equipment.takes
        if takes is not None and request.headers.to.tag is None and not takes(request.request_uri):
            # = rfc3261:8.2.2.1/5
            raise NotHere("nobody of that name is here", where="Request-URI")

    def _options(self, event: RequestReceived, now: Instant) -> list[Action]:
        """OPTIONS (section 11.2), in a dialog or outside."""
        request = event.request
        if request.headers.to.tag is not None:
            # = rfc3261:11/3
            self._dialogs.receive(request)
        # = rfc3261:11.2/1
        wanted = self._equipment.options
        answer = wanted(request, now) if wanted is not None else Answer()
        lines = answer.lines
        if answer.status < 300:
            # = rfc3261:11.2/2
            # = rfc3261:11.2/4
            secure = request.request_uri.scheme == "sips"
            accepted = ", ".join(sorted(self.understood.media_types))
            known = (f"Accept: {accepted}", "Accept-Encoding: identity", "Accept-Language: en")
            identity = answer.identity or self._calls.identity
            lines = (*identity.contact_lines(secure, way_of(event.flow)), *known, *lines)
        # = rfc3261:11.2/6
        # = rfc3261:11.2/7
        tag = new_tag(self._entropy)
        return [SendResponse(event.transaction, respond(request, answer.status, None, lines, answer.body, tag))]
