"""Two sets of calls and a wire between them that loses nothing, without transactions: what is sent is heard at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from hashlib import sha256

from disco_ref.clock import Instant
from disco_ref.sip.actions import (
    AckReceived,
    Action,
    CancelRequest,
    Heard,
    Owner,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendAck,
    SendRequest,
    SendResponse,
    SendStateless,
    ServerTransaction,
    SetTimer,
    Tell,
    TimerPassed,
)
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.block import Headers
from disco_ref.sip.header.identity.replaces import Replaces
from disco_ref.sip.message import Message, Request, Response, read
from disco_ref.sip.session.call import Authorize
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallId
from disco_ref.sip.session.identity import Identity, Invitation
from disco_ref.sip.uri import read_uri

OFFER = b"v=0\r\no=a 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
ANSWER = b"v=0\r\no=b 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n"
FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.2", 5060))


def stream(seed: str) -> Callable[[int], bytes]:
    """Octets that are the same in every run."""
    count = 0

    def draw(wanted: int) -> bytes:
        nonlocal count
        count += 1
        return sha256(f"{seed} {count}".encode()).digest()[:wanted]

    return draw


def reread(message: Message) -> Message:
    """The message as the other side reads it."""
    return read(bytes(message))


def with_via(request: Request, branch: str) -> Request:
    """A request with the Via of the wire."""
    lines = [f"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch}", *request.headers.lines]
    return request._replace(headers=Headers(lines))


def request_of(message: Message) -> Request:
    """The message, which is a request."""
    assert isinstance(message, Request)
    return message


def response_of(message: Message) -> Response:
    """The message, which is a response."""
    assert isinstance(message, Response)
    return message


def replacing(id: DialogId, *, early_only: bool = False) -> Replaces:
    """The Replaces that asks the other side of a dialog of ours to replace it (RFC 3891, section 6.1)."""
    flag = ";early-only" if early_only else ""
    return Replaces(id.call_id, f";to-tag={id.remote_tag or '0'};from-tag={id.local_tag or '0'}{flag}")


class Side:
    """One user agent's calls, with all that they told and sent."""

    def __init__(self, name: str, authorize: Authorize | None = None) -> None:
        address = f"sip:{name}@192.0.2.{1 if name == 'alice' else 2}"
        self.name = name
        self.dialogs = Dialogs()
        identity = Identity.of(address)
        self.calls = Calls(self.dialogs, identity, stream(name), authorize)
        self.told: list[object] = []
        self.sent: list[str] = []
        """Methods and statuses in their order, ``again 200`` for a copy."""
        self.messages: list[Message] = []
        self.timers: dict[tuple[Owner, str], Instant] = {}


class Pair:
    """Alice and Bob; ``lost`` says which of their messages do not arrive."""

    def __init__(self, authorize: Authorize | None = None) -> None:
        self.alice, self.bob = Side("alice", authorize), Side("bob")
        self.now = Instant(1000.0)
        self.lost: Callable[[Side, Message], bool] = lambda side, message: False
        self._wire: deque[tuple[Side, Heard]] = deque()
        self._clients: dict[ServerTransaction, tuple[Side, Owner, Request]] = {}
        self._invites: dict[tuple[str, Owner], ServerTransaction] = {}
        self._answered: set[ServerTransaction] = set()
        self._serial = 0

    def other(self, side: Side) -> Side:
        """The side that hears what this one sends."""
        return self.bob if side is self.alice else self.alice

    def do(self, side: Side, actions: list[Action], *, deliver: bool = True) -> None:
        """Carries out what a side wants, and all that follows."""
        for action in actions:
            self._one(side, action)
        if deliver:
            self.deliver()

    def deliver(self) -> None:
        """Brings what is on the wire to the ears of the other side, and so on."""
        while self._wire:
            side, event = self._wire.popleft()
            self.do(side, side.calls.heard(event, self.now), deliver=False)

    def call(self, body: bytes = OFFER, lines: tuple[str, ...] = (), expires: int | None = None) -> CallId:
        """Alice calls Bob."""
        invitation = Invitation(read_uri("sip:bob@192.0.2.2"), body, lines=lines, expires=expires)
        id, actions = self.alice.calls.invite(invitation, self.now)
        self.do(self.alice, actions)
        return id

    def passes(self, seconds: float) -> None:
        """Time passes, timers and all."""
        end = Instant(self.now + seconds)
        while True:
            due = [
                (at, place, *key)
                for place, side in enumerate((self.alice, self.bob))
                for key, at in side.timers.items()
            ]
            at, place, owner, name = min(due, default=(Instant(end + 1), 0, (), ""))
            if at > end:
                break
            self.now = at
            side = (self.alice, self.bob)[place]
            del side.timers[owner, name]
            self.do(side, side.calls.heard(TimerPassed(owner, name), self.now))
        self.now = end

    def _one(self, side: Side, action: Action) -> None:
        if isinstance(action, Tell):
            side.told.append(action.event)
        elif isinstance(action, SetTimer):
            side.timers.pop((action.owner, action.name), None)
            if action.at is not None:
                side.timers[action.owner, action.name] = action.at
        elif isinstance(action, SendRequest):
            self._request(side, action.owner, action.request)
        elif isinstance(action, SendAck):
            self._serial += 1
            ack = request_of(reread(with_via(action.request, str(self._serial))))
            self._note(side, ack, AckReceived(ack, FLOW), "ACK")
        elif isinstance(action, CancelRequest):
            self._cancel(side, action.owner)
        elif isinstance(action, SendResponse):
            self._answered.add(action.transaction) if action.response.status_code >= 200 else None
            self._response(side, self._clients[action.transaction], action.response, "")
        elif isinstance(action, SendStateless):
            branch = action.response.headers.via.parameters["branch"] or ""
            self._response(side, self._clients[branch.removeprefix("z9hG4bK"),], action.response, "again ")

    def _request(self, side: Side, owner: Owner, request: Request) -> None:
        self._serial += 1
        key = (str(self._serial),)
        sent = with_via(request, key[0])
        self._clients[key] = side, owner, sent
        self._invites[side.name, owner] = key
        got = request_of(reread(sent))
        self._note(side, got, RequestReceived(key, got, FLOW), request.method)

    def _cancel(self, side: Side, owner: Owner) -> None:
        invite = self._invites[side.name, owner]
        _, _, request = self._clients[invite]
        self._serial += 1
        key = (str(self._serial),)
        cancel = reread(
            Request(
                "CANCEL",
                request.request_uri,
                Headers(
                    [line.replace(" INVITE", " CANCEL") for line in request.headers.lines if "Content" not in line]
                ),
            )
        )
        got = request_of(cancel)
        self._clients[key] = side, ("none",), got
        cancels = None if invite in self._answered else invite
        self._note(side, got, RequestReceived(key, got, FLOW, cancels), "CANCEL")

    def _response(self, side: Side, client: tuple[Side, Owner, Request], response: Response, again: str) -> None:
        other, owner, request = client
        got = response_of(reread(response))
        what = f"{again}{got.status_code} {got.headers.cseq.method}"
        if owner == ("none",):
            side.sent.append(what)
            return
        self._note(side, got, ResponseReceived(owner, got, request, FLOW), what, other)

    def _note(self, side: Side, message: Message, event: Heard, what: str, to: Side | None = None) -> None:
        side.sent.append(what)
        side.messages.append(message)
        if not self.lost(side, message):
            self._wire.append((to or self.other(side), event))

    def times_out(self, side: Side, method: str) -> None:
        """The last request of a method that a side sent gets no response."""
        found = [item for item in self._clients.values() if item[0] is side and item[2].method == method]
        _, owner, request = found[-1]
        self.do(side, side.calls.heard(RequestFailed(owner, 408, "no response", request), self.now))
