"""Provisional responses of the side that is called, and their PRACK (RFC 3261, section 13.3.1.1; RFC 3262, section 3)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Duration, Instant
from disco_ref.sip.actions import Action, RequestReceived, SendResponse, Tell
from disco_ref.sip.dialog.dialog import NoDialog
from disco_ref.sip.header.identity.rack import RACK
from disco_ref.sip.header.plain.tokens import REQUIRE, SUPPORTED
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.respond import respond
from disco_ref.sip.session.call import Book, Call, Change, Incoming, NotNow, Reliable, with_session
from disco_ref.sip.session.callee import dialog_of, reject, send_success
from disco_ref.sip.session.description import session_of
from disco_ref.sip.session.events import OfferAnswered, OfferReceived, Why
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.session.table import State

MINUTE = 60.0
"""Seconds between provisional responses, so that no proxy gives up (section 13.3.1.1)."""
RELIABLE_MINUTES = 150.0
"""The same where they arrive for certain (RFC 3262, section 3)."""

_100REL = "100rel"


def ring(
    book: Book,
    call: Call,
    now: Instant,
    status: int,
    body: bytes,
    wanted: bool | None,
    identity: Identity | None,
    lines: Sequence[str],
) -> list[Action]:
    """A provisional response (section 13.3.1.1), reliable where RFC 3262 says so."""
    incoming = call.incoming
    if incoming is None or call.state is not State.INVITED or incoming.delayed is not None:
        raise NotNow("no INVITE waits for an answer")
    call.identity = identity or call.identity
    dialog_of(book, call, incoming.request, early=True)
    every = [*call.contact_lines(), *with_session(body, lines)]
    # = rfc3262:3/4
    if not 101 <= status <= 199:
        raise ValueError(f"{status} is no provisional response of a user agent")
    if _reliable(incoming.request, wanted, body):
        # = rfc3262:5/2
        if not (body or incoming.offered or incoming.described):
            return []
        return _send(book, call, incoming, status, every, body, now)
    # = rfc3261:12.1.1/1a
    # = rfc3261:12.1.1/2
    # = rfc3261:13.3.1.1/2
    incoming.ringing = respond(incoming.request, status, None, every, body, call.tag, record_route=True)
    # = rfc3261:13.3.1.1/3
    again = book.timer(call, "minute", Instant(now + MINUTE))
    return [SendResponse(incoming.transaction, incoming.ringing), again]


def ring_again(book: Book, call: Call, now: Instant) -> list[Action]:
    """A minute has passed: the last provisional response once more."""
    incoming = call.incoming
    if incoming is None or incoming.ringing is None or incoming.delayed is not None:
        return []
    if "rseq" in incoming.ringing.headers:
        # = rfc3262:3/8
        # = rfc3262:3/9
        return _send(book, call, incoming, incoming.ringing.status_code, call.contact_lines(), b"", now)
    again = book.timer(call, "minute", Instant(now + MINUTE))
    return [SendResponse(incoming.transaction, incoming.ringing), again]


def _reliable(request: Request, wanted: bool | None, body: bytes) -> bool:
    """Whether a provisional response goes reliably: where the caller insists, or supports it and there is a reason."""
    headers = request.headers
    # = rfc3262:3/6
    # = rfc3262:3/2
    # = rfc3262:8.1/1
    if any(tag.lower() == _100REL for tag in headers.all(REQUIRE)):
        return True
    # = rfc3262:3/1
    # = rfc3262:3/5
    # = rfc3261:8.2.4/1
    if not (wanted or (wanted is None and body)):
        return False
    try:
        return any(tag.lower() == _100REL for tag in headers.all(SUPPORTED))
    except BadRequest:
        # = rfc3261:8.2.2/2
        return False


def _send(
    book: Book, call: Call, incoming: Incoming, status: int, lines: Sequence[str], body: bytes, now: Instant
) -> list[Action]:
    """Sends a provisional response until its PRACK comes; nothing while an earlier one waits for that."""
    # = rfc3262:3/20
    # = rfc3262:3/21
    if incoming.unacked is not None:
        return []
    # = rfc3262:3/11
    # = rfc3262:3/12
    # = rfc3262:3/22
    # = rfc3262:3/23
    incoming.rseq = incoming.rseq + 1 if incoming.rseq else 1 + int.from_bytes(book.entropy(4)) % (1 << 30)
    # = rfc3262:3/10a
    # = rfc3262:3/10b
    # = rfc3261:8.2.4/6
    # = rfc3311:4/2
    every = [f"Require: {_100REL}", f"RSeq: {incoming.rseq}", *book.owed(incoming.request), *lines]
    response = respond(incoming.request, status, None, every, body, call.tag, record_route=True)
    incoming.unacked = Reliable(response, incoming.rseq, bool(body), book.t1, Instant(now + book.span()))
    incoming.described = incoming.described or bool(body)
    incoming.ringing = response
    return [SendResponse(incoming.transaction, response), book.timer(call, "1xx", Instant(now + book.t1))]


def repeat_provisional(book: Book, call: Call, now: Instant) -> list[Action]:
    """No PRACK has come yet: the response once more, or after 64*T1 the end of the INVITE."""
    incoming = call.incoming
    if incoming is None or incoming.unacked is None:
        return []
    unacked = incoming.unacked
    if now >= unacked.give_up:
        # = rfc3262:3/18
        return reject(book, call, 504, now, None, (), Why.EXPIRED)
    unacked.interval = Duration(2 * unacked.interval)
    at = Instant(min(now + unacked.interval, unacked.give_up))
    return [SendResponse(incoming.transaction, unacked.response), book.timer(call, "1xx", at)]


def prack_received(book: Book, event: RequestReceived, now: Instant) -> list[Action]:
    """PRACK (RFC 3262, section 3); a Refusal where it acknowledges nothing that waits for it."""
    request = event.request
    dialog = book.dialogs.receive(request)
    call = book.of_dialog(dialog)
    incoming = call.incoming if call is not None else None
    unacked = incoming.unacked if incoming is not None else None
    rack = request.headers.one(RACK)
    if call is not None and rack == call.late_rack:
        # = rfc3262:3/26b
        call.late_rack = None
        return [SendResponse(event.transaction, respond(request, 200, lines=book.owed(request)))]
    if call is None or incoming is None or unacked is None:
        # = rfc3262:3/15
        raise NoDialog("nothing waits for a PRACK", where="RAck")
    cseq = incoming.request.headers.cseq
    if rack != (unacked.number, cseq.number, cseq.method):
        # = rfc3262:3/15
        raise NoDialog("another response waits for a PRACK", where="RAck")
    # = rfc3262:3/17a
    # = rfc3262:3/17b
    incoming.unacked = None
    again = book.timer(call, "minute", Instant(now + RELIABLE_MINUTES))
    actions: list[Action] = [book.timer(call, "1xx", None), again]
    body = session_of(request)
    offer = bool(body) and (incoming.offered or not unacked.body)
    if offer:
        # = rfc3262:5/5
        call.change = Change(request, event.transaction, None)
        actions.append(Tell(OfferReceived(call.id, "PRACK", body, request)))
    else:
        # = rfc3262:3/16
        actions.append(SendResponse(event.transaction, respond(request, 200, lines=book.owed(request))))
        if body:
            actions.append(Tell(OfferAnswered(call.id, "PRACK", body, False, None)))
    if incoming.delayed is not None:
        # = rfc3262:5/7
        actions += send_success(book, call, incoming, incoming.delayed, now)
    return actions
