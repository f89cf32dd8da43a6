"""What calls tell whoever stands above them (RFC 3261, sections 13 to 15; RFC 3262; RFC 3311).

Bodies are session descriptions as octets, whatever they say; an empty one is none.  Who is told an offer owes an answer by
``Calls.answer`` or a refusal by ``Calls.refuse``; who is told :class:`CallOffered` owes ``accept`` or ``reject``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, NewType

from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Request, Response

CallId = NewType("CallId", str)
"""The handle of a call at this user agent; has nothing to do with the field Call-ID, and says nothing on the wire."""


class Why(StrEnum):
    """How a call came to its end."""

    HUNG_UP = "hung up"
    """This side sent BYE."""
    REMOTE = "hung up by the other side"
    """The other side sent BYE."""
    CANCELLED = "cancelled"
    """The caller gave up, by CANCEL or BYE, before the call was answered."""
    EXPIRED = "expired"
    """The time that the invitation or a reliable provisional response was good for has passed."""
    NO_ACK = "no ACK"
    """No ACK to a 2xx came in 64*T1: BYE was sent (section 13.3.1.4)."""
    LOST = "lost"
    """A request in the dialog was answered by 481 or 408, or not at all: BYE was sent (section 12.2.1.2)."""
    REPLACED = "replaced"
    """Another call has taken its place (RFC 3891): BYE or CANCEL was sent."""
    REJECTED = "rejected"
    """This side rejected the invitation."""


class CallOffered(NamedTuple):
    """An INVITE outside of any dialog: somebody calls (section 13.3.1).  Owes ``accept`` or ``reject``, now or later."""

    call: CallId
    request: Request
    flow: Flow
    offer: bytes
    """Empty: the offer is to be made by ``accept``, the answer comes with :class:`CallConfirmed`."""
    replaces: CallId | None = None
    """The call that this one shall take the place of (RFC 3891); accepting this one hangs that one up."""


class CallProgressed(NamedTuple):
    """A provisional response other than 100 to an INVITE of ours (section 13.2.2.1)."""

    call: CallId
    response: Response
    dialog: DialogId
    body: bytes
    """A session description, or empty."""
    offer: bool
    """Whether the body is an offer, which ``answer`` answers in the PRACK (RFC 3262, section 5)."""


class CallAnswered(NamedTuple):
    """The first 2xx to an INVITE of ours: the dialog is confirmed (section 13.2.2.4)."""

    call: CallId
    response: Response
    dialog: DialogId
    body: bytes
    """The answer; or the offer; empty if an earlier response has had it."""
    offer: bool
    """Whether the body is an offer: ``answer`` sends the ACK with the answer, and is owed at once."""


class CallConfirmed(NamedTuple):
    """The ACK to a 2xx of ours has come, of the first INVITE or of a later one (section 13.3.1.4)."""

    call: CallId
    dialog: DialogId
    answer: bytes
    """The answer to an offer that the 2xx made, else empty."""


class OfferReceived(NamedTuple):
    """A session description to answer by ``answer`` or ``refuse`` (section 14.2; RFC 3311, section 5.2; RFC 3262, section 5)."""

    call: CallId
    method: str
    """``INVITE``, ``UPDATE`` or ``PRACK``."""
    body: bytes
    """Empty in a re-INVITE that asks for an offer: ``answer`` then makes one."""
    request: Request


class OfferWithdrawn(NamedTuple):
    """A re-INVITE that is not answered yet has been cancelled: the session stays as it was (section 9.2)."""

    call: CallId


class OfferAnswered(NamedTuple):
    """The answer to an offer in a re-INVITE, UPDATE or PRACK of ours; the session is what both say (section 14.1)."""

    call: CallId
    method: str
    body: bytes
    """The answer; an offer if ours was a re-INVITE without one, which ``answer`` answers in the ACK."""
    offer: bool
    response: Response | None
    """None where the answer came in a PRACK, to the offer of a reliable provisional response."""


class OfferRefused(NamedTuple):
    """A re-INVITE or UPDATE of ours failed: the session stays as it was (sections 14.1 and 12.2.1.2)."""

    call: CallId
    method: str
    status: int
    response: Response | None
    """None where no response came."""


class OfferDue(NamedTuple):
    """What had to wait can be tried again, if it is still wanted: after 491, or after an INVITE under way (section 14.1)."""

    call: CallId
    method: str
    """``INVITE`` or ``UPDATE``: the offer that waited, whose body may be out of date by now."""


class CallFailed(NamedTuple):
    """An INVITE of ours came to nothing: 3xx to 6xx, or no response (sections 13.2.2.2, 13.2.2.3 and 8.1.3.1)."""

    call: CallId
    status: int
    """408 and 503 also where no response came."""
    reason: str
    response: Response | None
    """With the Contact fields of a 3xx, which the application may call; None where none came."""
    request: Request
    """What was sent, to be changed and tried anew: see ``Invitation.again``."""
    cancelled: bool = False
    """Whether ``cancel`` or ``hang_up`` asked for it."""


class CallEnded(NamedTuple):
    """A call that was offered or answered is over (section 15); its media stop at once."""

    call: CallId
    dialog: DialogId | None
    """None where no dialog was made."""
    why: Why
    request: Request | None = None
    """The BYE or CANCEL that was received, with its Reason."""
