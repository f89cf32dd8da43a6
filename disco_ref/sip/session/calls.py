"""The calls of a user agent, of both sides (RFC 3261, sections 13 to 15; RFC 3262; RFC 3311; RFC 3891)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.sip.actions import (
    AckReceived,
    Action,
    Heard,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendRequest,
    SendResponse,
    TimerPassed,
)
from disco_ref.sip.dialog.dialog import Dialog, DialogId
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.respond import new_tag, refused
from disco_ref.sip.session import callee, caller, ending, modifying, progress
from disco_ref.sip.session.call import Authorize, Book, Call, NotNow, Owed
from disco_ref.sip.session.events import CallId, Why
from disco_ref.sip.session.identity import Identity, Invitation
from disco_ref.sip.session.table import Event, State

T1 = Duration(0.5)
T2 = Duration(4.0)

_ANEW = "with credentials"
"""How the owner of a request ends that is sent for the second time."""

_OnTimer = Callable[[Book, Call, Instant], list[Action]]


class Calls:
    """Calls by their handles; every operation returns actions, and what happens is told by :class:`Tell`.

    Owners are ``("call", handle, ...)``.  An operation on a call that is not there, or whose state does not allow it, raises
    :class:`disco_ref.sip.session.call.NotNow` and changes nothing.
    """

    __slots__ = ("_book",)

    def __init__(
        self,
        dialogs: Dialogs,
        identity: Identity,
        entropy: Entropy,
        authorize: Authorize | None = None,
        *,
        t1: Duration = T1,
        t2: Duration = T2,
    ) -> None:
        self._book = Book(dialogs, identity, entropy, authorize, t1, t2)

    def __len__(self) -> int:
        """How many calls are kept, those too that only wait for copies of what ended them."""
        return len(self._book.calls)

    def __contains__(self, call: CallId) -> bool:
        """Whether a call is kept."""
        return call in self._book.calls

    def state(self, call: CallId) -> State:
        """Where a call stands; TERMINATED where there is none."""
        known = self._book.calls.get(call)
        return known.state if known is not None else State.TERMINATED

    def ids(self) -> tuple[CallId, ...]:
        """All calls that are not over, in the order of their beginning."""
        return tuple([call.id for call in self._book.calls.values() if call.state is not State.TERMINATED])

    @property
    def identity(self) -> Identity:
        """Who calls where nothing else is said."""
        return self._book.identity

    @identity.setter
    def identity(self, identity: Identity) -> None:
        self._book.identity = identity

    def owe(self, owed: Owed) -> None:
        """Further header lines that reliable responses need because of what their requests have."""
        self._book.owed = owed

    def dialog(self, call: CallId) -> Dialog | None:
        """The dialog of a call, early ones of the caller apart; None before it is made."""
        known = self._book.calls.get(call)
        return known.dialog if known is not None else None

    def of_dialog(self, dialog: Dialog) -> CallId | None:
        """The call that lives in a dialog."""
        call = self._book.of_dialog(dialog)
        return call.id if call is not None else None

    def invite(self, invitation: Invitation, now: Instant) -> tuple[CallId, list[Action]]:
        """Calls somebody (section 13.2)."""
        return caller.invite(self._book, invitation, now)

    def ring(
        self,
        call: CallId,
        now: Instant,
        status: int = 180,
        body: bytes = b"",
        *,
        reliable: bool | None = None,
        identity: Identity | None = None,
        lines: Sequence[str] = (),
    ) -> list[Action]:
        """Answers an INVITE provisionally (section 13.3.1.1).

        Reliably (RFC 3262) where the caller requires it; where it supports it also if ``reliable`` is true, or is None and a
        body is sent.  Nothing is sent while a reliable one waits for its PRACK, nor where a reliable one would have to make the
        offer (RFC 3262, section 5) and no body is given.
        """
        return progress.ring(self._book, self._book.call(call), now, status, body, reliable, identity, lines)

    def accept(
        self,
        call: CallId,
        body: bytes,
        now: Instant,
        *,
        identity: Identity | None = None,
        lines: Sequence[str] = (),
    ) -> list[Action]:
        """Answers an INVITE with 200 (section 13.3.1.4), again and again until the ACK comes; BYE if it does not in 64*T1.

        The body answers the offer, or is the offer where the INVITE had none.
        """
        return callee.accept(self._book, self._book.call(call), body, now, identity, lines)

    def reject(
        self, call: CallId, status: int, now: Instant, *, reason: str | None = None, lines: Sequence[str] = ()
    ) -> list[Action]:
        """Answers an INVITE with 3xx to 6xx (sections 13.3.1.2 and 13.3.1.3); CallEnded(REJECTED) follows."""
        if not 300 <= status <= 699:
            raise ValueError(f"{status} rejects nothing")
        return callee.reject(self._book, self._book.call(call), status, now, reason, lines)

    def cancel(self, call: CallId, now: Instant, *, lines: Sequence[str] = ()) -> list[Action]:
        """Gives up an INVITE of ours (section 9.1); CallFailed follows, by 487, or CallEnded where a 2xx crosses."""
        known = self._book.call(call)
        if known.state not in (State.CALLING, State.EARLY, State.CANCELLING):
            raise NotNow(f"nothing to cancel in a call that is {known.state}")
        return ending.hang_up(self._book, known, now, lines, Why.CANCELLED)

    def hang_up(self, call: CallId, now: Instant, *, lines: Sequence[str] = (), why: Why = Why.HUNG_UP) -> list[Action]:
        """Ends a call in any state (section 15): CANCEL, 480, BYE, or BYE as soon as the ACK has come."""
        return ending.hang_up(self._book, self._book.call(call), now, lines, why)

    def reinvite(self, call: CallId, body: bytes, now: Instant, *, lines: Sequence[str] = ()) -> list[Action]:
        """Offers to change the session (section 14.1); an empty body asks the other side for an offer.

        Where an INVITE or another offer is under way nothing is sent, and OfferDue tells when it can be.
        """
        return modifying.reinvite(self._book, self._book.call(call), body, lines)

    def update(self, call: CallId, body: bytes, now: Instant, *, lines: Sequence[str] = ()) -> list[Action]:
        """Offers to change the session before or after it is answered (RFC 3311); an empty body refreshes the target only."""
        return modifying.update(self._book.call(call), body, lines)

    def answer(self, call: CallId, body: bytes, now: Instant, *, lines: Sequence[str] = ()) -> list[Action]:
        """Answers the offer that is open: in the ACK, PRACK, or the 200 to re-INVITE, UPDATE or PRACK."""
        return modifying.answer(self._book, self._book.call(call), body, now, lines)

    def refuse(self, call: CallId, now: Instant, status: int = 488, *, lines: Sequence[str] = ()) -> list[Action]:
        """Refuses the offer in a re-INVITE, UPDATE or PRACK: the session stays as it was (section 14.2)."""
        if not 300 <= status <= 699:
            raise ValueError(f"{status} refuses nothing")
        return modifying.refuse(self._book, self._book.call(call), status, lines)

    def request(
        self,
        call: CallId,
        owner: tuple[str, ...],
        method: str,
        lines: Sequence[str] = (),
        body: bytes = b"",
    ) -> list[Action]:
        """Sends a request of another room, such as INFO, within the dialog of a call; what comes of it goes to ``owner``."""
        known = self._book.call(call)
        if known.dialog is None or known.state not in (State.CONFIRMED, State.ACCEPTED):
            raise NotNow(f"no {method} in a call that is {known.state}")
        return [SendRequest(owner, known.dialog.request(method, lines, body), known.flow)]

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """Takes in what happened to a request, response or timer of calls: INVITE, CANCEL, BYE, PRACK, UPDATE, ACK.

        What a request is refused for is answered; anything else that is not of calls is dropped.
        """
        if isinstance(event, RequestReceived):
            try:
                return self._request(event, now)
            except Refusal as refusal:
                response = refused(event.request, refusal, new_tag(self._book.entropy))
                return [SendResponse(event.transaction, response)] if response is not None else []
        if isinstance(event, AckReceived):
            call, actions = callee.acknowledged(self._book, event, now)
            return [*actions, *modifying.due(call)] if call is not None else actions
        if isinstance(event, TimerPassed):
            call = self._book.calls.get(CallId(event.owner[1]))
            return _TIMERS[event.name](self._book, call, now) if call is not None else []
        if isinstance(event, ResponseReceived):
            try:
                return self._response(event, now)
            except BadRequest:
                # = rfc3261:18.3/2 silent: a field that only the response's meaning needs is malformed; it is dropped, too
                return []
        if isinstance(event, RequestFailed):
            return self._failed(event, now)
        return []

    def _request(self, event: RequestReceived, now: Instant) -> list[Action]:
        book, method = self._book, event.request.method
        if method == "INVITE":
            if event.request.headers.to.tag is None:
                return callee.invited(book, event, now)
            return modifying.reinvited(book, event, now)
        if method == "BYE":
            return ending.bye_received(book, event, now)
        if method == "CANCEL":
            actions, call = ending.cancel_received(book, event, now, new_tag(book.entropy))
            return [*actions, *modifying.withdrawn(book, call)] if call is not None else actions
        if method == "PRACK":
            return progress.prack_received(book, event, now)
        return modifying.updated(book, event) if method == "UPDATE" else []

    def _response(self, event: ResponseReceived, now: Instant) -> list[Action]:
        book, status, method = self._book, event.response.status_code, event.owner[2]
        call = book.calls.get(CallId(event.owner[1]))
        if call is None:
            if status >= 200:
                book.strays.discard(event.owner)
            return caller.stray_success(book, event) if method == "INVITE" and 200 <= status < 300 else []
        first = event.request.headers.to.tag is None
        # = rfc3261:8.1.3.2/1a
        # = rfc3261:8.1.3.2/1b
        # = rfc3261:8.1.3.2/2
        # = rfc3261:8.1.3.2/3
        if method != "INVITE":
            return self._other_answered(call, event, now) if status >= 200 else []
        if status < 200:
            return caller.provisional(book, call, event, now) if first else []
        if status < 300:
            return (
                caller.success(book, call, event, now) if first else modifying.reinvite_answered(book, call, event, now)
            )
        return caller.failure(book, call, event, now) if first else modifying.reinvite_failed(book, call, event, now)

    def _failed(self, event: RequestFailed, now: Instant) -> list[Action]:
        call = self._book.calls.get(CallId(event.owner[1]))
        if call is None:
            self._book.strays.discard(event.owner)
            return []
        if event.owner[2] != "INVITE":
            return self._other_answered(call, event, now)
        if event.request.headers.to.tag is None:
            return caller.failure(self._book, call, event, now)
        return modifying.reinvite_failed(self._book, call, event, now)

    def _other_answered(self, call: Call, event: ResponseReceived | RequestFailed, now: Instant) -> list[Action]:
        """The end of a BYE, UPDATE or PRACK of ours."""
        book, method = self._book, event.owner[2]
        if isinstance(event, ResponseReceived) and event.response.status_code in (401, 407):
            again = self._with_credentials(call, event)
            if again:
                return again
        if method == "UPDATE":
            return modifying.update_answered(book, call, event, now)
        if method == "PRACK" or event.owner[3:] not in ((), (_ANEW,)):
            # = rfc3262:4/8 silent: a PRACK that fails says nothing about the INVITE, which goes on
            # The BYE of another branch (section 13.2.2.4) has nothing to do with this call either.
            return []
        return ending.step(book, call, Event.BYE_ANSWERED, now)

    def _with_credentials(self, call: Call, event: ResponseReceived) -> list[Action]:
        """The same request once more with credentials, if it had none yet and there are any."""
        headers = event.request.headers
        id = DialogId(headers.call_id, headers.from_.tag or "", headers.to.tag or "")
        dialog = self._book.dialogs.get(id)
        if dialog is None or event.owner[-1] == _ANEW:
            return []
        again = caller.with_credentials(self._book, event.response, event.request, dialog)
        if again is None:
            return []
        owner = (*event.owner, _ANEW)
        if call.change is not None and call.change.owner == event.owner:
            call.change.owner = owner
        return [SendRequest(owner, again, call.flow)]


def _expired(book: Book, call: Call, now: Instant) -> list[Action]:
    """An invitation is no longer good (sections 13.2.1 and 13.3.1)."""
    if call.caller:
        # = rfc3261:13.2.1/6
        return ending.step(book, call, Event.HANG_UP, now)
    # = rfc3261:13.3.1/1
    return callee.reject(book, call, 487, now, None, (), Why.EXPIRED) if call.state is State.INVITED else []


def _never_cancelled(book: Book, call: Call, now: Instant) -> list[Action]:
    """No final response came in 64*T1 after the CANCEL (section 9.1)."""
    # = rfc3261:9.1/11a
    return caller.failed(book, call, 408, "", None, now) if call.state is State.CANCELLING else []


def _copies_over(book: Book, call: Call, now: Instant) -> list[Action]:
    ending.copies_over(book, call)
    return []


def _glare_over(book: Book, call: Call, now: Instant) -> list[Action]:
    # = rfc3261:14.1/11
    # = rfc3311:5.3/3
    return modifying.due(call)


_TIMERS: Mapping[str, _OnTimer] = {
    "2xx": callee.repeat,
    "1xx": progress.repeat_provisional,
    "minute": progress.ring_again,
    "expires": _expired,
    "cancel": _never_cancelled,
    "copies": _copies_over,
    "glare": _glare_over,
}
"""What is done when a timer of a call is due."""
