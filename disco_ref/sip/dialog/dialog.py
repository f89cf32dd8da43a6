"""A dialog: its state and the requests within it (RFC 3261, section 12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.errors import Unexpected
from disco_ref.sip.dialog.willing import Exchange, Willing
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.header.addressing.parties import From, To
from disco_ref.sip.header.addressing.route import RECORD_ROUTE, Route
from disco_ref.sip.header.block import Headers
from disco_ref.sip.message import Message, Request, Response
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.uri import SipUri, Uri

Usage = tuple[str, ...]
"""What lives in a dialog, such as ``("call", "7")`` or ``("notify", "3")`` (RFC 5057); the first word names the room."""

# = rfc3261:8.1.1.6/1a
# = rfc3261:8.1.1.6/1b
HOPS = "Max-Forwards: 70"

_NUMBERS = 0x7FFFFFFF

LONGEST = 8192
"""Characters of what is kept of a message as long as its dialog lasts."""

_KEPT = ("call-id", "from", "to", "contact", "record-route", "event", "refer-to", "referred-by")
_EACH = 64
"""What a value of its own counts besides its characters."""


# = rfc3261:12/0
class DialogId(NamedTuple):
    """What tells dialogs apart (section 12)."""

    call_id: str
    local_tag: str
    remote_tag: str
    """Empty for a peer that sets none, as before RFC 3261."""


class OutOfOrder(Unexpected):
    """The CSeq number is lower than that of an earlier request of the dialog (section 12.2.2)."""

    status = 500


class NoDialog(Unexpected):
    """No dialog is known that the request belongs to (section 12.2.2)."""

    status = 481


class TooMuchToKeep(BadRequest):
    """More is said than can be kept as long as the dialog lasts (section 21.5.7)."""

    status = 513


def modest(message: Message) -> None:
    """Raises TooMuchToKeep where a dialog with what a message says would cost more memory than one may."""
    headers = message.headers
    # where all header lines together cost no more, those that are kept do not either
    if _cost(headers.lines) <= LONGEST:
        return
    # = rfc3261:12.1.1/0 silent: how long a route set, a target or a name may be
    if _cost([text for key in _KEPT for text in headers.texts(key)]) > LONGEST:
        raise TooMuchToKeep(f"more than {LONGEST} characters that a dialog keeps", where="message")


def _cost(texts: Sequence[str]) -> int:
    """Characters, and what each value costs besides."""
    return sum(map(len, texts)) + _EACH * (len(texts) + sum(text.count(",") for text in texts))


class Dialog:
    """The state of one dialog (section 12.1); changed by what is sent and received in it."""

    __slots__ = (
        "early",
        "id",
        "local",
        "local_number",
        "remote",
        "remote_number",
        "route_set",
        "secure",
        "target",
        "usages",
        "willing",
    )

    def __init__(
        self,
        id: DialogId,
        local: From,
        remote: To,
        target: Uri,
        route_set: tuple[Route, ...] = (),
        *,
        local_number: int | None = None,
        remote_number: int | None = None,
        secure: bool = False,
        early: bool = False,
    ) -> None:
        self.id = id
        self.local = local
        """This side's address with its tag: From of what it sends."""
        self.remote = remote
        """The other side's address with its tag."""
        self.target = target
        """Where the other side is reached: its Contact."""
        self.route_set = route_set
        """The proxies on the way, the nearest first."""
        self.local_number = local_number
        """CSeq of the last request sent, None before the first."""
        self.remote_number = remote_number
        """CSeq of the last request received, None before the first."""
        self.secure = secure
        """Whether the dialog stands on sips, TLS all the way."""
        self.early = early
        """Whether no 2xx has confirmed it."""
        self.usages: tuple[Usage, ...] = ()
        """Who uses it; kept by :class:`disco_ref.sip.dialog.store.Dialogs`."""
        self.willing: Willing | None = None
        """Which INFO packages each side takes (RFC 6086); None: neither side has said so far."""

    def invites(self, message: Message, exchange: Exchange, *, by_us: bool) -> None:
        """A message of either side may say which INFO packages that side takes (RFC 6086, section 5.2.2)."""
        if "recv-info" in message.headers:
            self.willing = self.willing or Willing()
            self.willing.said(message, exchange, by_us=by_us)

    def request(
        self, method: str, lines: Sequence[str] = (), body: bytes = b"", *, number: int | None = None
    ) -> Request:
        """A request within the dialog (section 12.2.1.1), complete but for Via.

        ACK takes the ``number`` of its INVITE; all others count on.  ``lines`` hold what the method needs, such as Contact and
        Content-Type; Content-Length is added.
        """
        target, route, strict = self._way()
        headers = [*route, HOPS]
        # = rfc3261:8.1.1.4/1
        # = rfc3261:12.2.1.1/1
        # = rfc3261:12.2.1.1/2
        # = rfc3261:12.2.1.1/3
        # = rfc3261:12.2.1.1/4
        # = rfc3261:12.2.1.1/5
        # = rfc3261:12.2.1.1/6
        # = rfc3261:12.2.1.1/10
        headers += (
            f"From: {self.local}",
            f"To: {self.remote}",
            f"Call-ID: {self.id.call_id}",
            f"CSeq: {self.next_number() if number is None else number} {method}",
        )
        return Request(method, target, Headers([*headers, *lines, f"Content-Length: {len(body)}"]), body, strict=strict)

    def next_number(self) -> int:
        """The number of the next request, which it takes (section 12.2.1.1)."""
        # = rfc3261:12.2.1.1/7
        # = rfc3261:12.2.1.1/8a
        # = rfc3261:12.2.1.1/8b
        # = rfc3261:12.2.1.1/9
        # = rfc3261:8.1.1.5/2b
        self.local_number = number = 1 if self.local_number is None else (self.local_number + 1) & _NUMBERS
        return number

    def _way(self) -> tuple[Uri, Sequence[str], bool]:
        """The Request-URI, the Route field, and whether the former is a strict router's."""
        hops = self.route_set
        if not hops:
            # = rfc3261:12.2.1.1/11
            # = rfc3261:12.2.1.1/12
            return self.target, (), False
        if _is_loose(hops[0]):
            # = rfc3261:12.2.1.1/13a
            # = rfc3261:12.2.1.1/13b
            return self.target, (f"Route: {', '.join(map(str, hops))}",), False
        # = rfc3261:12.2.1.1/14
        # = rfc3261:12.2.1.1/15
        # = rfc3261:12.2.1.1/16
        route = f"Route: {', '.join([*map(str, hops[1:]), f'<{self.target}>'])}"
        return in_request_line(hops[0].uri), (route,), True

    def receive(self, request: Request) -> None:
        """Takes the number of a request in (section 12.2.2); OutOfOrder where a higher one has come before.

        ACK and CANCEL, which carry their INVITE's number, and copies of a request are not for here.
        """
        number = request.headers.cseq.number
        # = rfc3261:12.2.2/4
        if self.remote_number is not None and number < self.remote_number:
            raise OutOfOrder(f"CSeq {number} after {self.remote_number}", where="CSeq")
        # = rfc3261:12.2.2/3
        # = rfc3261:12.2.2/5
        # = rfc3261:12.2.2/6
        self.remote_number = number

    def refresh(self, message: Message) -> None:
        """Takes the remote target from a target refresh request or the 2xx to one (sections 12.2.1.2 and 12.2.2)."""
        # = rfc3261:12.2.1.2/1
        # = rfc3261:12.2.2/7
        modest(message)
        target = contact_of(message)
        if target is not None:
            self.target = target

    def confirm(self, response: Response) -> None:
        """A 2xx has come to the request that set up the early dialog: the route set is that of the 2xx (section 13.2.2.4)."""
        # = rfc3261:13.2.2/3a
        # = rfc3261:13.2.2/3b
        modest(response)
        self.early = False
        self.route_set = _reversed_route(response)
        self.refresh(response)

    @property
    def strict(self) -> bool:
        """Whether the next hop is a strict router: requests then go where their Request-URI says (section 8.1.2)."""
        return bool(self.route_set) and not _is_loose(self.route_set[0])


def _is_loose(hop: Route) -> bool:
    """Whether a proxy is a loose router; one whose parameters cannot be read is taken for one."""
    try:
        return hop.loose
    except BadRequest:
        return True


def contact_of(message: Message) -> Uri | None:
    """The URI of the Contact, None where there is none or it is the asterisk; BadRequest where it is malformed."""
    contact = message.headers.first(CONTACT)
    return contact.uri if isinstance(contact, Contact) else None


def in_request_line(uri: Uri) -> Uri:
    """A URI without what a Request-URI may not have: the method parameter and header fields (section 19.1.1)."""
    # = rfc3261:19.1.1/13
    if not isinstance(uri, SipUri):
        return uri
    if "method" not in uri.parameters:
        return uri._replace(header_text="") if uri.header_text else uri
    kept = [piece for piece in uri.parameter_text.split(";")[1:] if piece.partition("=")[0].lower() != "method"]
    return uri._replace(parameter_text="".join(f";{piece}" for piece in kept), header_text="")


def _reversed_route(response: Response) -> tuple[Route, ...]:
    """Record-Route of a response, the nearest first (section 12.1.2)."""
    # = rfc3261:12.1.2/4
    # = rfc3261:12.1.2/5
    return tuple([Route(*hop) for hop in reversed(response.headers.all(RECORD_ROUTE))])


def from_response(request: Request, response: Response) -> Dialog:
    """The dialog that a response establishes at the sender of the request (section 12.1.2).

    Where the response says no Contact, the target of the request takes its place; TooMuchToKeep where it says too much.
    """
    modest(response)
    headers = response.headers
    local, remote = request.headers.from_, headers.to
    target = contact_of(response)
    if target is None:
        # = rfc3261:12.1.2/6 exception: a 2xx without Contact must be acknowledged and ended all the same
        target = request.request_uri
    # = rfc3261:12.1.2/9
    # = rfc3261:12.1.2/10a
    # = rfc3261:12.1.2/10b
    # = rfc3261:12.1.2/11
    id = DialogId(headers.call_id, local.tag or "", remote.tag or "")
    # = rfc3261:12.1.2/7
    # = rfc3261:12.1.2/8
    # = rfc3261:12.1.2/12a
    # = rfc3261:12.1.2/12b
    # = rfc3261:12.1.2/3
    dialog = Dialog(
        id,
        local,
        remote,
        target,
        _reversed_route(response),
        local_number=request.headers.cseq.number,
        secure=request.request_uri.scheme == "sips",
        early=response.status_code < 200,
    )
    # = rfc6086:4.2.1/7
    exchange = Exchange(True, request.headers.cseq.number)
    dialog.invites(request, exchange, by_us=True)
    dialog.invites(response, exchange, by_us=False)
    return dialog


def from_request(request: Request, local_tag: str, *, early: bool = False) -> Dialog:
    """The dialog that a request establishes at its recipient (section 12.1.1), whose tag in To will be ``local_tag``.

    BadRequest where the request says no Contact.
    """
    headers = request.headers
    target = contact_of(request)
    if target is None:
        # = rfc3261:12.1.1/9
        # = rfc3261:8.1.1.8/1
        raise BadRequest("missing", where="Contact")
    remote, local = headers.from_, headers.to
    if local.tag is None:
        local = local._replace(parameter_text=f"{local.parameter_text};tag={local_tag}")
    # = rfc3261:12.1.1/7
    # = rfc3261:12.1.1/8
    route_set = tuple([Route(*hop) for hop in headers.all(RECORD_ROUTE)])
    # = rfc3261:12.1.1/6
    # = rfc3261:12.1.1/10
    # = rfc3261:12.1.1/11
    # = rfc3261:12.1.1/12
    # = rfc3261:12.1.1/13a
    # = rfc3261:12.1.1/13b
    # = rfc3261:12.1.1/14
    # = rfc3261:12.1.1/15a
    # = rfc3261:12.1.1/15b
    dialog = Dialog(
        DialogId(headers.call_id, local_tag, remote.tag or ""),
        From(*local),
        To(*remote),
        target,
        route_set,
        remote_number=headers.cseq.number,
        secure=request.request_uri.scheme == "sips",
        early=early,
    )
    dialog.invites(request, Exchange(False, headers.cseq.number), by_us=False)
    return dialog
