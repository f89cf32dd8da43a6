"""One call, and the book that holds all (RFC 3261, sections 13 to 15)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Unexpected
from disco_ref.sip.actions import Action, Owner, ServerTransaction, SetTimer
from disco_ref.sip.dialog.dialog import Dialog
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.identity.rack import RAck
from disco_ref.sip.message import Request, Response
from disco_ref.sip.session.events import CallId
from disco_ref.sip.session.identity import Identity, Way
from disco_ref.sip.session.table import State

Authorize = Callable[[Response, Request], Request | None]
"""Given a 401 or 407 and the request that got it, the request with credentials; None where there are none to give.

Via and CSeq of what comes back do not matter: the transport and the dialog set them.
"""

Owed = Callable[[Request], tuple[str, ...]]
"""Given an INVITE, UPDATE or PRACK: further header lines of its reliable responses, such as Recv-Info (RFC 6086, section 5.2.3)."""

MOST_TAGS = 256
"""Answered INVITEs that are remembered with their tags."""

ROOM = "call"
"""The first word of owners and usages."""


class NotNow(Unexpected):
    """There is no such call, or its state does not allow this; nothing has been changed."""


class Early:
    """An early dialog at the caller, with its reliable provisional responses (RFC 3262, section 4)."""

    __slots__ = ("answered", "dialog", "owed", "rseq")

    def __init__(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.rseq: int | None = None
        """RSeq of the last one in order, None before the first."""
        self.answered = False
        """Whether offer and answer have been exchanged already, in reliable messages."""
        self.owed: str | None = None
        """RAck of the PRACK that waits for the answer to an offer."""


class Outgoing:
    """An INVITE of ours that is under way."""

    __slots__ = ("early", "offered", "origin", "owner", "request", "tries")

    def __init__(self, owner: Owner, request: Request, origin: Dialog | None) -> None:
        self.owner = owner
        self.request = request
        """Without Via."""
        self.origin = origin
        """What the first INVITE was made of; None for a re-INVITE."""
        self.offered = bool(request.body)
        """Whether it makes the offer."""
        self.early: dict[str, Early] = {}
        """By the tag of the other side."""
        self.tries = 0
        """How often credentials were asked for."""


class Incoming:
    """An INVITE of the other side that has no final response yet."""

    __slots__ = (
        "delayed",
        "described",
        "expires",
        "flow",
        "offered",
        "owed",
        "request",
        "ringing",
        "rseq",
        "transaction",
        "unacked",
    )

    def __init__(self, transaction: ServerTransaction, request: Request, flow: Flow, offered: bool) -> None:
        self.transaction = transaction
        self.request = request
        self.flow = flow
        self.offered = offered
        """Whether it makes the offer."""
        self.expires = False
        """Whether its time is limited."""
        self.owed = True
        """Whether the application has yet to accept or reject it."""
        self.ringing: Response | None = None
        """The last provisional response, for sending anew every minute."""
        self.rseq = 0
        """RSeq of the last reliable provisional response, 0 before the first."""
        self.unacked: Reliable | None = None
        self.described = False
        """Whether a reliable provisional response has held the answer, or the offer."""
        self.delayed: Response | None = None
        """The 2xx that waits for a PRACK (RFC 3262, section 5)."""


class Reliable:
    """A reliable provisional response that no PRACK has acknowledged (RFC 3262, section 3)."""

    __slots__ = ("body", "give_up", "interval", "number", "response")

    def __init__(self, response: Response, number: int, body: bool, interval: Duration, give_up: Instant) -> None:
        self.response = response
        self.number = number
        """Its RSeq."""
        self.body = body
        """Whether it holds a session description."""
        self.interval = interval
        self.give_up = give_up


class Accepted:
    """A 2xx of ours that no ACK has come for (section 13.3.1.4)."""

    __slots__ = ("flow", "give_up", "interval", "number", "offered", "response")

    def __init__(
        self, response: Response, number: int, flow: Flow, offered: bool, interval: Duration, give_up: Instant
    ) -> None:
        self.response = response
        self.number = number
        """CSeq of the INVITE."""
        self.flow = flow
        self.offered = offered
        """Whether it made the offer, so that the ACK brings the answer."""
        self.interval = interval
        self.give_up = give_up


class Change:
    """An UPDATE or PRACK whose offer is open."""

    __slots__ = ("owner", "request", "transaction")

    def __init__(self, request: Request, transaction: ServerTransaction | None, owner: Owner | None) -> None:
        self.request = request
        self.transaction = transaction
        """Of the other side's."""
        self.owner = owner
        """Of ours."""


class Call:
    """One call."""

    __slots__ = (
        "accepted",
        "acks",
        "caller",
        "change",
        "credentials",
        "dialog",
        "flow",
        "id",
        "identity",
        "incoming",
        "late_rack",
        "lines",
        "offer",
        "outgoing",
        "replaces",
        "secure",
        "state",
        "tag",
        "told",
        "waiting",
        "way",
    )

    def __init__(self, id: CallId, identity: Identity, caller: bool, tag: str, secure: bool, way: Way) -> None:
        self.id = id
        self.identity = identity
        self.caller = caller
        """Whether this side sent the first INVITE."""
        self.tag = tag
        """The local tag."""
        self.secure = secure
        self.way = way
        """How its messages go: decides about Contact."""
        self.state = State.IDLE
        self.dialog: Dialog | None = None
        """The dialog of the call: at the callee from its first response on, at the caller from the first 2xx on."""
        self.flow: Flow | None = None
        """The connection that leads straight to the other side."""
        self.outgoing: Outgoing | None = None
        self.incoming: Incoming | None = None
        self.accepted: Accepted | None = None
        self.change: Change | None = None
        self.offer: bytes = b""
        """The offer of a 2xx that the ACK is to answer."""
        self.acks: dict[tuple[str, int], Request | None] = {}
        """What acknowledged each 2xx, by tag and CSeq number, for its copies; None: it waits for the answer."""
        self.credentials: tuple[str, ...] = ()
        """The header lines with credentials of the last INVITE."""
        self.waiting = ""
        """``INVITE`` or ``UPDATE``: an offer that has to wait."""
        self.late_rack: RAck | None = None
        """What the PRACK will say that the final response has not waited for."""
        self.replaces: CallId | None = None
        self.told = False
        """Whether the end has been told."""
        self.lines: tuple[str, ...] = ()
        """Further header lines of the BYE to come."""

    @property
    def usage(self) -> tuple[str, str]:
        """What the call is called in dialogs, and how its owners begin."""
        return ROOM, self.id

    def contact_lines(self) -> tuple[str, ...]:
        """Contact, Allow, Supported and the further lines of the identity."""
        return self.identity.contact_lines(self.secure, self.way)


class Book:
    """All calls of a user agent, and what they share."""

    __slots__ = (
        "authorize",
        "calls",
        "count",
        "dialogs",
        "entropy",
        "identity",
        "invited",
        "owed",
        "strays",
        "t1",
        "t2",
        "tags",
    )

    def __init__(
        self,
        dialogs: Dialogs,
        identity: Identity,
        entropy: Entropy,
        authorize: Authorize | None,
        t1: Duration,
        t2: Duration,
    ) -> None:
        self.dialogs = dialogs
        self.identity = identity
        self.entropy = entropy
        self.authorize = authorize
        self.owed: Owed = lambda request: ()
        """What the reliable responses to a request have besides, because of what the request has."""
        self.t1 = t1
        """Estimate of the round trip, seconds."""
        self.t2 = t2
        """The longest time between copies of a 2xx, seconds."""
        self.calls: dict[CallId, Call] = {}
        self.invited: dict[ServerTransaction, Call] = {}
        """By the INVITE that is not answered yet."""
        self.tags: OrderedDict[ServerTransaction, str] = OrderedDict()
        """The tags of the last INVITEs that were answered, for a CANCEL that comes late."""
        self.strays: set[Owner] = set()
        """The BYEs under way that belong to no call any more."""
        self.count = 0

    def answered(self, transaction: ServerTransaction) -> None:
        """An INVITE of the other side has its final response."""
        call = self.invited.pop(transaction, None)
        if call is not None:
            self.tags[transaction] = call.tag
        if len(self.tags) > MOST_TAGS:
            self.tags.popitem(last=False)

    def new_call(self, identity: Identity, caller: bool, tag: str, secure: bool, way: Way) -> Call:
        """A call with a handle of its own."""
        self.count += 1
        call = Call(CallId(str(self.count)), identity, caller, tag, secure, way)
        self.calls[call.id] = call
        return call

    def call(self, id: CallId) -> Call:
        """The call of a handle; NotNow where there is none."""
        call = self.calls.get(id)
        if call is None:
            raise NotNow(f"there is no call {id}")
        return call

    def of_dialog(self, dialog: Dialog) -> Call | None:
        """The call that lives in a dialog."""
        for usage in dialog.usages:
            if usage[0] == ROOM:
                return self.calls.get(CallId(usage[1]))
        return None

    def timer(self, call: Call, name: str, at: Instant | None) -> SetTimer:
        """Sets a timer of a call, or takes it away."""
        return SetTimer(call.usage, name, at)

    def quiet(self, call: Call, incoming: Incoming) -> list[Action]:
        """Takes away the timers of an INVITE that gets its final response."""
        running = {"1xx": incoming.unacked, "minute": incoming.ringing, "expires": incoming.expires}
        return [SetTimer(call.usage, name, None) for name, runs in running.items() if runs]

    def span(self) -> Duration:
        """64*T1, seconds."""
        return Duration(64 * self.t1)

    def retry_after(self) -> str:
        """Retry-After with 0 to 10 seconds, at random."""
        # = rfc3261:14.2/1b
        # = rfc3311:5.2/1b
        # = rfc3311:5.2/3b
        return f"Retry-After: {int.from_bytes(self.entropy(2)) % 11}"


def with_session(body: bytes, lines: Sequence[str]) -> list[str]:
    """Header lines with the type of a session description in front, if there is one."""
    return ["Content-Type: application/sdp", *lines] if body else list(lines)
