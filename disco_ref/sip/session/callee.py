"""The side that is called: INVITE outside of dialogs, its responses and their ACK (RFC 3261, section 13.3)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.sip.actions import AckReceived, Action, RequestReceived, SendResponse, SendStateless, Tell
from disco_ref.sip.dialog.dialog import Dialog, NoDialog, contact_of, from_request
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.addressing.route import RECORD_ROUTE
from disco_ref.sip.header.identity.rack import RAck
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.numbers import EXPIRES
from disco_ref.sip.message import Request, Response
from disco_ref.sip.referral.replaces import AlreadyConfirmed, dialog_id, replaces_of
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.respond import new_tag, respond
from disco_ref.sip.session.call import Accepted, Book, Call, Incoming, NotNow, with_session
from disco_ref.sip.session.description import session_of
from disco_ref.sip.session.ending import close_invite, replaced, step
from disco_ref.sip.session.events import CallConfirmed, CallOffered, Why
from disco_ref.sip.session.identity import Identity, way_of
from disco_ref.sip.session.table import Event, State
from disco_ref.sip.uri import SipUri


def invited(book: Book, event: RequestReceived, now: Instant) -> list[Action]:
    """An INVITE outside of dialogs (section 13.3.1): a new call is offered.

    Refused are an INVITE without a Contact that requests can be sent to (400), and what RFC 3891 has refused.
    """
    request = event.request
    if not isinstance(contact_of(request), SipUri):
        # = rfc3261:8.1.1.8/1
        raise BadRequest("no SIP URI", where="Contact")
    other = _replaced_by(book, request)
    offer = session_of(request)
    call = book.new_call(book.identity, False, new_tag(book.entropy), _secure(request), way_of(event.flow))
    call.incoming = Incoming(event.transaction, request, event.flow, bool(offer))
    call.flow = direct(event.flow, request)
    call.replaces = other.id if other else None
    book.invited[event.transaction] = call
    actions = step(book, call, Event.INVITE_RECEIVED, now)
    expires = _expires(request)
    if expires is not None:
        # = rfc3261:13.3.1/1
        call.incoming.expires = True
        actions.append(book.timer(call, "expires", Instant(now + expires)))
    return [*actions, Tell(CallOffered(call.id, request, event.flow, offer, call.replaces))]


def _replaced_by(book: Book, request: Request) -> Call | None:
    """The call that an INVITE wants to take the place of (RFC 3891, section 3, from memory).

    NoDialog (481) where there is none, or it is an early one that this side has not begun; AlreadyConfirmed (486) where only
    an early one was meant.
    """
    value = replaces_of(request)
    if value is None:
        return None
    # = rfc3891:3/0
    dialog = book.dialogs.get(dialog_id(value))
    call = book.of_dialog(dialog) if dialog is not None else None
    if dialog is None or call is None or (dialog.early and not call.caller):
        raise NoDialog("no dialog that can be replaced", where="Replaces")
    if value.early_only and not dialog.early:
        raise AlreadyConfirmed("the dialog is confirmed already", where="Replaces")
    return call


def _expires(request: Request) -> int | None:
    try:
        return request.headers.first(EXPIRES)
    except BadRequest:
        # = rfc3261:8.2.2/2
        return None


def _secure(request: Request) -> bool:
    """Whether the Contact of the answers is to be a SIPS URI (section 12.1.1)."""
    if request.request_uri.scheme == "sips":
        return True
    # = rfc3261:12.1.1/4
    hop = request.headers.first(RECORD_ROUTE)
    uri = hop.uri if hop is not None else contact_of(request)
    return uri is not None and uri.scheme == "sips"


def direct(flow: Flow, request: Request) -> Flow | None:
    """The connection a request came on, if no proxy stands between: later requests prefer it."""
    if not flow.transport.reliable or len(request.headers.all(VIA)) > 1 or "record-route" in request.headers:
        # = rfc3261:12.2.1.1/0 silent: behind a proxy that stays on the way requests go where its Route says
        return None
    return flow


def dialog_of(book: Book, call: Call, request: Request, early: bool) -> Dialog:
    """The dialog of a call that is being answered, made with its first response (section 12.1.1)."""
    if call.dialog is None:
        call.dialog = book.dialogs.join(from_request(request, call.tag, early=early), call.usage)
    elif not early:
        call.dialog.early = False
    return call.dialog


def accept(
    book: Book, call: Call, body: bytes, now: Instant, identity: Identity | None, lines: Sequence[str]
) -> list[Action]:
    """200 to the INVITE (section 13.3.1.4), held back while a PRACK is awaited that it depends on."""
    incoming = call.incoming
    if incoming is None or call.state is not State.INVITED or not incoming.owed:
        raise NotNow("no INVITE waits for an answer")
    incoming.owed = False
    call.identity = identity or call.identity
    dialog_of(book, call, incoming.request, early=False)
    response = success(book, call, incoming, body, lines)
    if incoming.unacked is not None and incoming.unacked.body:
        # = rfc3262:3/25
        # = rfc3262:5/7
        incoming.delayed = response
        return []
    return send_success(book, call, incoming, response, now)


def success(book: Book, call: Call, incoming: Incoming, body: bytes, lines: Sequence[str]) -> Response:
    """A 200 to an INVITE, first or later."""
    # = rfc3261:13.2.1/10
    # = rfc3261:13.2.1/15
    # = rfc3261:8.2.6.2/7
    if incoming.described:
        body = b""
    every = [*call.contact_lines(), *book.owed(incoming.request), *with_session(body, lines)]
    # = rfc3261:12.1.1/1a
    # = rfc3261:12.1.1/1b
    # = rfc3261:12.1.1/2
    # = rfc3261:12.1.1/3
    # = rfc3261:13.3.1.4/1a
    # = rfc3311:4/3b
    return respond(incoming.request, 200, None, every, body, call.tag, record_route=True)


def send_success(book: Book, call: Call, incoming: Incoming, response: Response, now: Instant) -> list[Action]:
    """Sends a 200 to an INVITE, to be repeated until its ACK comes."""
    book.answered(incoming.transaction)
    call.incoming = None
    actions = step(book, call, Event.ACCEPT, now)
    offered = not incoming.offered and not incoming.described
    number = incoming.request.headers.cseq.number
    # = rfc3261:13.3.1.4/0
    # = rfc3261:14.2/6
    give_up = Instant(now + book.span())
    call.accepted = Accepted(response, number, incoming.flow, offered, book.t1, give_up)
    actions += (SendResponse(incoming.transaction, response), book.timer(call, "2xx", Instant(now + book.t1)))
    if incoming.unacked is not None:
        call.late_rack = RAck(incoming.unacked.number, number, "INVITE")
    actions += book.quiet(call, incoming)
    return [*actions, *replaced(book, call.replaces, now)] if call.replaces else actions


def reject(
    book: Book, call: Call, status: int, now: Instant, reason: str | None, lines: Sequence[str], why: Why = Why.REJECTED
) -> list[Action]:
    """3xx to 6xx to the INVITE (sections 13.3.1.2 and 13.3.1.3)."""
    if call.incoming is None or call.state is not State.INVITED:
        raise NotNow("no INVITE waits for an answer")
    answer = close_invite(book, call, status, reason, lines)
    return [*answer, *step(book, call, Event.REJECT, now, why)]


def repeat(book: Book, call: Call, now: Instant) -> list[Action]:
    """No ACK has come yet: the 2xx once more, or after 64*T1 the end (section 13.3.1.4)."""
    accepted = call.accepted
    if accepted is None:
        return []
    if now >= accepted.give_up:
        call.accepted = None
        return step(book, call, Event.NO_ACK, now, Why.NO_ACK)
    accepted.interval = min(type(book.t1)(2 * accepted.interval), book.t2)
    at = Instant(min(now + accepted.interval, accepted.give_up))
    return [SendStateless(accepted.response, accepted.flow), book.timer(call, "2xx", at)]


def acknowledged(book: Book, event: AckReceived, now: Instant) -> tuple[Call | None, list[Action]]:
    """An ACK to a 2xx: the call that it confirms; strays and copies are dropped."""
    request = event.request
    dialog = book.dialogs.find(request)
    call = book.of_dialog(dialog) if dialog is not None else None
    if dialog is None or call is None:
        return None, []
    accepted = call.accepted
    if accepted is None or accepted.number != request.headers.cseq.number:
        return None, []
    call.accepted = None
    actions: list[Action] = [book.timer(call, "2xx", None)]
    leaving = call.state is State.LEAVING
    actions += step(book, call, Event.ACK, now)
    if not leaving:
        answer = session_of(request) if accepted.offered else b""
        actions.append(Tell(CallConfirmed(call.id, dialog.id, answer)))
    return call, actions
