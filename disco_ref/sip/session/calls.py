"""The calls of a user agent, of both sides (RFC 3261, sections 13 to 15; RFC 3262; RFC 3311; RFC 3891)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.sip.actions import Action, Heard
from disco_ref.sip.dialog.dialog import Dialog
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.message import Request, Response
from disco_ref.sip.session.events import CallId, Why
from disco_ref.sip.session.identity import Identity, Invitation

Authorize = Callable[[Response, Request], Request | None]
"""Given a 401 or 407 and the request that got it, the request with credentials; None where there are none to give.

The request that is passed has no Via and the next CSeq number already.
"""


class Calls:
    """Calls by their handles; every operation returns actions, and what happens is told by :class:`Tell`.

    Owners are ``("call", handle, ...)``.  An operation on a call that is not there, or whose state does not allow it, raises
    :class:`disco_ref.sip.session.call.NotNow` and changes nothing.
    """

    def __init__(
        self, dialogs: Dialogs, identity: Identity, entropy: Entropy, authorize: Authorize | None = None
    ) -> None:
        raise NotImplementedError

    def __len__(self) -> int:
        """How many calls are kept, those too that only wait for copies of what ended them."""
        raise NotImplementedError

    def dialog(self, call: CallId) -> Dialog | None:
        """The dialog of a call, early ones of the caller apart; None before it is made."""
        raise NotImplementedError

    def invite(self, invitation: Invitation, now: Instant) -> tuple[CallId, list[Action]]:
        """Calls somebody (section 13.2)."""
        raise NotImplementedError

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
        """Answers an INVITE provisionally (section 13.3.1.1); reliably (RFC 3262) where the caller wants it or ``reliable`` says so.

        ``reliable`` None: where it is required, or a body is sent and the caller supports it.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    def reject(
        self, call: CallId, status: int, now: Instant, *, reason: str | None = None, lines: Sequence[str] = ()
    ) -> list[Action]:
        """Answers an INVITE with 3xx to 6xx (sections 13.3.1.2 and 13.3.1.3); CallEnded(REJECTED) follows."""
        raise NotImplementedError

    def cancel(self, call: CallId, now: Instant) -> list[Action]:
        """Gives up an INVITE of ours (section 9.1); CallFailed follows, by 487, or CallEnded where a 2xx crosses."""
        raise NotImplementedError

    def hang_up(self, call: CallId, now: Instant, *, lines: Sequence[str] = (), why: Why = Why.HUNG_UP) -> list[Action]:
        """Ends a call in any state (section 15): CANCEL, 480, BYE, or BYE as soon as the ACK has come."""
        raise NotImplementedError

    def reinvite(self, call: CallId, body: bytes, now: Instant, *, lines: Sequence[str] = ()) -> list[Action]:
        """Offers to change the session (section 14.1); an empty body asks the other side for an offer.

        Where an INVITE or another offer is under way nothing is sent, and OfferDue tells when it can be.
        """
        raise NotImplementedError

    def update(self, call: CallId, body: bytes, now: Instant, *, lines: Sequence[str] = ()) -> list[Action]:
        """Offers to change the session before or after it is answered (RFC 3311); an empty body refreshes the target only."""
        raise NotImplementedError

    def answer(self, call: CallId, body: bytes, now: Instant, *, lines: Sequence[str] = ()) -> list[Action]:
        """Answers the offer that is open: in the ACK, PRACK, or the 200 to re-INVITE, UPDATE or PRACK."""
        raise NotImplementedError

    def refuse(self, call: CallId, now: Instant, status: int = 488, *, lines: Sequence[str] = ()) -> list[Action]:
        """Refuses the offer in a re-INVITE, UPDATE or PRACK: the session stays as it was (section 14.2)."""
        raise NotImplementedError

    def request(self, call: CallId, request: Request, usage: Sequence[str], now: Instant) -> list[Action]:
        """Sends a request of another usage, such as INFO, within the dialog; answers come to the owner ``usage``."""
        raise NotImplementedError

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """Takes in what happened to a request, response or timer of calls (owner ``call``, and requests that are theirs)."""
        raise NotImplementedError
