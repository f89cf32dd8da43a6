"""What transaction users and the layers below say to each other (RFC 3261, sections 5 and 17): two closed alphabets.

Downward go *actions*: imperatives, returned as values by every transaction user (calls, subscriptions, registrar, proxy)
and carried out by the node that owns it.  Upward go *events*: things that happened.  Whoever starts a transaction or a timer
names an owner; what comes of it carries the same owner.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.sip.flow import Flow, Hop
from disco_ref.sip.message import Request, Response
from disco_ref.sip.uri import Uri

Owner = tuple[str, ...]
"""Who asked; the first word is the room it comes back to, such as ``("call", "7")``."""

ServerTransaction = tuple[str, ...]
"""The key of a server transaction (RFC 3261, section 17.2.3); opaque to its user."""


# --- actions -----------------------------------------------------------------------------------------------------------


class SendRequest(NamedTuple):
    """Start a client transaction (section 17.1); ACK to a 2xx is :class:`SendAck`."""

    owner: Owner
    """Unique among the requests under way."""
    request: Request
    """Complete but for the topmost Via, which the transport puts there."""
    flow: Flow | None = None
    """The connection or the socket to prefer; None: by location (RFC 3263)."""
    hops: tuple[Hop, ...] = ()
    """Where it goes, in the order of trying; empty: by location of the first Route or the Request-URI."""
    mark: str = ""
    """What every branch of it ends in: by that a proxy knows a request that has come back (section 16.6, item 8)."""
    target: Uri | None = None
    """What is located instead of the first Route or the Request-URI: the way to a strict router (section 16.6, item 7)."""


class SendResponse(NamedTuple):
    """Answer a request (section 17.2); Via, From, To, Call-ID and CSeq are in the response already."""

    transaction: ServerTransaction
    response: Response


class SendAck(NamedTuple):
    """Acknowledge a 2xx, outside of any transaction (section 13.2.2.4); said anew for every copy of the 2xx."""

    request: Request
    flow: Flow | None = None
    target: Uri | None = None
    """As in :class:`SendRequest`."""


class SendStateless(NamedTuple):
    """A response outside of any transaction: retransmissions of a 2xx to an INVITE (section 13.3.1.4)."""

    response: Response
    flow: Flow
    """On which the request came; the transport routes the response by its Via (section 18.2.2)."""


class CancelRequest(NamedTuple):
    """Give up an INVITE under way (section 9.1): the CANCEL waits for a provisional response."""

    owner: Owner
    """That of the INVITE."""
    headers: tuple[str, ...] = ()
    """Further header lines of the CANCEL, such as Reason."""


class SetTimer(NamedTuple):
    """Set, move or take away one timer of the user."""

    owner: Owner
    name: str
    at: Instant | None
    """When it is due; None: never."""


class Tell(NamedTuple):
    """Something for whoever stands above: its event, a value of the room's own alphabet."""

    event: object


class Report(NamedTuple):
    """In a :class:`Tell` of an application: for whoever runs the node, past all rooms, that is without coming back to it."""

    event: object


class CloseFlow(NamedTuple):
    """Close a connection that has shown to be of no good."""

    flow: Flow


Action = SendRequest | SendResponse | SendAck | SendStateless | CancelRequest | SetTimer | Tell | CloseFlow


# --- events ------------------------------------------------------------------------------------------------------------


class RequestReceived(NamedTuple):
    """A request that is no retransmission; for ACK to a 2xx see :class:`AckReceived`."""

    transaction: ServerTransaction
    request: Request
    flow: Flow
    cancels: ServerTransaction | None = None
    """For CANCEL: the transaction that it matches, an INVITE's as a rule (section 9.2); None: there is none, 481 is owed."""
    merged: bool = False
    """Whether the same request came on another way before (section 8.2.2.2): a user agent owes 482."""


class AckReceived(NamedTuple):
    """An ACK that belongs to no INVITE server transaction that a non-2xx ended: it confirms a 2xx, or is stray."""

    request: Request
    flow: Flow


class ResponseReceived(NamedTuple):
    """A response to a request of ours: every provisional one but 100, and every final one (each 2xx of a fork, each copy)."""

    owner: Owner
    response: Response
    """As received; who forwards it takes the topmost Via off."""
    request: Request
    """The request as it was sent, with its Via."""
    flow: Flow


class StrayResponse(NamedTuple):
    """A response that matches no client transaction: dropped by a user agent, never forwarded (RFC 6026, section 7)."""

    response: Response
    flow: Flow


class RequestFailed(NamedTuple):
    """No final response: a time-out is treated as 408, a transport failure as 503 (section 8.1.3.1)."""

    owner: Owner
    status: int
    """408 or 503."""
    why: str
    request: Request


class ResponseFailed(NamedTuple):
    """A response could not be delivered, or the ACK to a non-2xx has not come (section 17.2.4)."""

    transaction: ServerTransaction
    why: str


class TimerPassed(NamedTuple):
    """A timer of the user is due."""

    owner: Owner
    name: str


Heard = RequestReceived | AckReceived | ResponseReceived | StrayResponse | RequestFailed | ResponseFailed | TimerPassed
