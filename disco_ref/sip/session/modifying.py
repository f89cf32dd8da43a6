"""Changes to a session: re-INVITE and UPDATE, their answers and what becomes of two at once (RFC 3261, section 14; RFC 3311)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.sip.actions import (
    Action,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendAck,
    SendRequest,
    SendResponse,
    Tell,
)
from disco_ref.sip.dialog.dialog import Dialog, DialogId, NoDialog
from disco_ref.sip.message import Response
from disco_ref.sip.respond import respond
from disco_ref.sip.session.call import Book, Call, Change, Incoming, NotNow, Outgoing, with_session
from disco_ref.sip.session.callee import direct, send_success, success
from disco_ref.sip.session.caller import authorized, prack
from disco_ref.sip.session.description import session_of
from disco_ref.sip.session.ending import acknowledge, acknowledge_open, close_invite, release, step
from disco_ref.sip.session.events import (
    CallConfirmed,
    OfferAnswered,
    OfferDue,
    OfferReceived,
    OfferRefused,
    OfferWithdrawn,
    Why,
)
from disco_ref.sip.session.table import Event, State

_GONE = (408, 481)


def _ours_open(call: Call) -> bool:
    """Whether an offer of ours has no answer yet, wherever it was made."""
    change, outgoing, accepted, incoming = call.change, call.outgoing, call.accepted, call.incoming
    return (
        (change is not None and change.owner is not None)
        or (accepted is not None and accepted.offered)
        or (incoming is not None and not incoming.offered and incoming.unacked is not None and incoming.unacked.body)
        or (outgoing is not None and outgoing.offered and not any(early.answered for early in outgoing.early.values()))
    )


def _theirs_open(call: Call) -> bool:
    """Whether an offer of the other side has no answer of ours yet."""
    change, incoming = call.change, call.incoming
    return (
        (change is not None and change.transaction is not None)
        or (incoming is not None and incoming.offered and not incoming.described)
        or bool(call.offer)
        or (call.outgoing is not None and any(early.owed for early in call.outgoing.early.values()))
    )


def _busy(call: Call, method: str) -> bool:
    """Whether an INVITE or UPDATE of ours has to wait."""
    # = rfc3261:13.2.1/14
    if _ours_open(call) or _theirs_open(call):
        return True
    # = rfc3261:14.1/4
    # = rfc3261:14.1/5
    # = rfc3261:14.1/6
    under_way = call.outgoing is not None or call.incoming is not None or call.accepted is not None
    return method == "INVITE" and (under_way or None in call.acks.values())


def reinvite(book: Book, call: Call, body: bytes, lines: Sequence[str]) -> list[Action]:
    """A re-INVITE (section 14.1), if no other one is under way."""
    dialog = call.dialog
    if dialog is None or call.state not in (State.CONFIRMED, State.ACCEPTED):
        raise NotNow(f"no re-INVITE in a call that is {call.state}")
    if _busy(call, "INVITE"):
        call.waiting = "INVITE"
        return []
    # = rfc3261:12.2.1.1/17a
    # = rfc3261:12.2.1.1/17b
    request = dialog.request("INVITE", [*call.contact_lines(), *with_session(body, lines)], body)
    call.outgoing = Outgoing((*call.usage, "INVITE", str(dialog.local_number)), request, None)
    return [SendRequest(call.outgoing.owner, request, call.flow)]


def _dialog_to_update(call: Call) -> Dialog:
    """Where an UPDATE goes: into the dialog of the call, or the first early one that has its answer (RFC 3311, section 5.1)."""
    if call.dialog is not None and call.state in (State.CONFIRMED, State.ACCEPTED, State.INVITED):
        return call.dialog
    early = call.outgoing.early.values() if call.outgoing is not None and call.state is State.EARLY else ()
    for each in early:
        # = rfc3311:5.1/1a
        if each.answered:
            return each.dialog
    raise NotNow(f"no UPDATE in a call that is {call.state}")


def update(call: Call, body: bytes, lines: Sequence[str]) -> list[Action]:
    """An UPDATE (RFC 3311, section 5.1); with an offer only if no other is open."""
    dialog = _dialog_to_update(call)
    if body and _busy(call, "UPDATE"):
        call.waiting = "UPDATE"
        return []
    # = rfc3311:5.1/1b
    request = dialog.request("UPDATE", [*call.contact_lines(), *with_session(body, lines)], body)
    owner = (*call.usage, "UPDATE", dialog.id.remote_tag, str(dialog.local_number))
    if body:
        call.change = Change(request, None, owner)
    return [SendRequest(owner, request, call.flow)]


def due(call: Call) -> list[Action]:
    """Tells that an offer which had to wait can be made, once nothing stands in its way."""
    method = call.waiting
    if not method or call.state not in (State.CONFIRMED, State.EARLY, State.INVITED) or _busy(call, method):
        return []
    call.waiting = ""
    return [Tell(OfferDue(call.id, method))]


def reinvited(book: Book, event: RequestReceived, now: Instant) -> list[Action]:
    """A re-INVITE of the other side (section 14.2); a Refusal where it belongs to no call, or is out of order."""
    request, transaction = event.request, event.transaction
    dialog = book.dialogs.receive(request)
    call = book.of_dialog(dialog)
    if call is None or call.state in (State.LEAVING, State.ENDING, State.TERMINATED):
        raise NoDialog("no session is in this dialog", where="To")
    if call.incoming is not None or call.change is not None and call.change.transaction is not None:
        # = rfc3261:14.2/1a
        return [SendResponse(transaction, respond(request, 500, lines=[book.retry_after()]))]
    if call.outgoing is not None or None in call.acks.values() or _ours_open(call):
        # = rfc3261:14.2/2
        return [SendResponse(transaction, respond(request, 491))]
    actions: list[Action] = []
    if call.accepted is not None:
        # = rfc3261:14.2/1a silent: who sends a re-INVITE has got the 2xx, and its ACK was lost or is late
        call.accepted = None
        actions += (book.timer(call, "2xx", None), *step(book, call, Event.ACK, now))
        actions.append(Tell(CallConfirmed(call.id, dialog.id, b"")))
    body = session_of(request)
    call.incoming = Incoming(transaction, request, event.flow, bool(body))
    book.invited[transaction] = call
    return [*actions, Tell(OfferReceived(call.id, "INVITE", body, request))]


def updated(book: Book, event: RequestReceived) -> list[Action]:
    """An UPDATE of the other side (RFC 3311, section 5.2); a Refusal where it belongs to no call, or is out of order."""
    request, transaction = event.request, event.transaction
    dialog = book.dialogs.receive(request)
    call = book.of_dialog(dialog)
    if call is None or call.state in (State.ENDING, State.LEAVING, State.TERMINATED):
        raise NoDialog("no session is in this dialog", where="To")
    body = session_of(request)
    if call.change is not None and call.change.transaction is not None:
        # = rfc3311:5.2/1a
        return [SendResponse(transaction, respond(request, 500, lines=[book.retry_after()]))]
    if not body:
        dialog.refresh(request)
        return [SendResponse(transaction, respond(request, 200, lines=[*call.contact_lines(), *book.owed(request)]))]
    if _ours_open(call):
        # = rfc3311:5.2/2
        return [SendResponse(transaction, respond(request, 491))]
    if _theirs_open(call):
        # = rfc3311:5.2/3a
        return [SendResponse(transaction, respond(request, 500, lines=[book.retry_after()]))]
    call.change = Change(request, transaction, None)
    return [Tell(OfferReceived(call.id, "UPDATE", body, request))]


def answer(book: Book, call: Call, body: bytes, now: Instant, lines: Sequence[str]) -> list[Action]:
    """Answers the offer that is open, in the message that it is owed in."""
    if call.state is State.ANSWERING:
        return [*step(book, call, Event.ANSWER, now, body=body), *due(call)]
    change, incoming = call.change, call.incoming
    if change is not None and change.transaction is not None:
        return [*_answer_change(book, call, change, body, lines), *due(call)]
    if incoming is not None and call.state in (State.CONFIRMED, State.ACCEPTED):
        if call.dialog is not None:
            call.dialog.refresh(incoming.request)
            call.flow = direct(incoming.flow, incoming.request)
        # = rfc3261:14.2/4
        return send_success(book, call, incoming, success(book, call, incoming, body, lines), now)
    if call.offer:
        # = rfc3261:13.2.2/8
        return [*acknowledge_open(call, body), *due(call)]
    for early in call.outgoing.early.values() if call.outgoing is not None else ():
        if early.owed is not None:
            # = rfc3262:5/3
            rack, early.owed, early.answered = early.owed, None, True
            return [prack(call, early, rack, body)]
    raise NotNow("no offer is open")


def _answer_change(book: Book, call: Call, change: Change, body: bytes, lines: Sequence[str]) -> list[Action]:
    """The 200 to an UPDATE or PRACK with an offer."""
    call.change = None
    request = change.request
    every = [*book.owed(request), *with_session(body, lines)]
    if request.method == "UPDATE":
        # = rfc3311:5.2/5
        dialog = book.dialogs.find(request)
        if dialog is not None:
            dialog.refresh(request)
        every = [*call.contact_lines(), *every]
    # = rfc3262:5/5
    transaction = change.transaction or ()
    return [SendResponse(transaction, respond(request, 200, lines=every, body=body))]


def refuse(book: Book, call: Call, status: int, lines: Sequence[str]) -> list[Action]:
    """Refuses an offer: the session stays as it was (section 14.2)."""
    change = call.change
    if change is not None and change.transaction is not None:
        call.change = None
        return [SendResponse(change.transaction, respond(change.request, status, lines=lines)), *due(call)]
    if call.incoming is None or call.state not in (State.CONFIRMED, State.ACCEPTED):
        raise NotNow("no offer is open")
    return [*close_invite(book, call, status, lines=lines), *due(call)]


def withdrawn(book: Book, call: Call) -> list[Action]:
    """A re-INVITE has been cancelled (section 9.2)."""
    # = rfc3261:9.2/2
    return [*close_invite(book, call, 487), Tell(OfferWithdrawn(call.id)), *due(call)]


def reinvite_answered(book: Book, call: Call, event: ResponseReceived, now: Instant) -> list[Action]:
    """A 2xx to a re-INVITE: acknowledged, or its offer passed on; a copy is acknowledged as before (section 14.1)."""
    response, dialog = event.response, call.dialog
    key = response.headers.to.tag or "", event.request.headers.cseq.number
    if key in call.acks:
        ack = call.acks[key]
        # = rfc3261:13.2.2/10
        return [SendAck(ack, call.flow)] if ack is not None else []
    outgoing = call.outgoing
    if outgoing is None or dialog is None or event.owner != outgoing.owner:
        return []
    call.outgoing = None
    dialog.refresh(response)
    body = session_of(response)
    offer = bool(body) and not outgoing.offered and call.state is State.CONFIRMED
    actions: list[Action] = [book.timer(call, "copies", Instant(now + book.span()))]
    if offer:
        call.acks[key], call.offer = None, body
    else:
        actions.insert(0, acknowledge(call, dialog, key[1], b""))
    if call.state is State.CONFIRMED:
        actions.append(Tell(OfferAnswered(call.id, "INVITE", body, offer, response)))
    elif call.state is State.TERMINATED:
        release(book, call)
    return [*actions, *due(call)]


def reinvite_failed(book: Book, call: Call, event: ResponseReceived | RequestFailed, now: Instant) -> list[Action]:
    """A re-INVITE has failed: the session stays, unless the dialog is gone (sections 14.1 and 12.2.1.2)."""
    outgoing, dialog = call.outgoing, call.dialog
    if outgoing is None or dialog is None or event.owner != outgoing.owner:
        return []
    response = event.response if isinstance(event, ResponseReceived) else None
    if response is not None and call.state is State.CONFIRMED:
        request = authorized(book, call, response, outgoing, dialog)
        if request is not None:
            return [SendRequest(outgoing.owner, request, call.flow)]
    call.outgoing = None
    if call.state is State.TERMINATED:
        release(book, call)
        return []
    # = rfc3261:14.1/9
    return _failed(book, call, "INVITE", event, response, now)


def update_answered(book: Book, call: Call, event: ResponseReceived | RequestFailed, now: Instant) -> list[Action]:
    """The final response to an UPDATE, or none (RFC 3311, section 5.3)."""
    response = event.response if isinstance(event, ResponseReceived) else None
    ours = call.change is not None and call.change.owner == event.owner
    if ours:
        call.change = None
    if response is None or response.status_code >= 300:
        # = rfc3311:5.3/1
        return _failed(book, call, "UPDATE", event, response, now)
    headers = event.request.headers
    dialog = book.dialogs.get(DialogId(headers.call_id, headers.from_.tag or "", headers.to.tag or ""))
    if dialog is not None:
        dialog.refresh(response)
    told = [Tell(OfferAnswered(call.id, "UPDATE", session_of(response), False, response))] if ours else []
    return [*told, *due(call)]


def _failed(
    book: Book,
    call: Call,
    method: str,
    event: ResponseReceived | RequestFailed,
    response: Response | None,
    now: Instant,
) -> list[Action]:
    """A change has failed: told, tried again after a while where it met another, or the end where the dialog is gone."""
    status = event.status if isinstance(event, RequestFailed) else event.response.status_code
    if call.state in (State.ENDING, State.LEAVING, State.TERMINATED):
        return []
    actions: list[Action] = [Tell(OfferRefused(call.id, method, status, response))]
    if status == 491:
        # = rfc3261:14.1/10
        # = rfc3311:5.3/2
        call.waiting = method
        return [*actions, book.timer(call, "glare", Instant(now + _glare(book, call)))]
    if status in _GONE or response is None:
        # = rfc3261:12.2.1.2/2
        # = rfc3261:12.2.1.2/3
        return [*actions, *step(book, call, Event.LOST, now, Why.LOST)]
    return [*actions, *due(call)]


def _glare(book: Book, call: Call) -> float:
    """Seconds to wait after 491, in units of 10 ms (section 14.1): longer for the owner of the Call-ID."""
    draw = int.from_bytes(book.entropy(2))
    # = rfc3261:14.1/0
    return (210 + draw % 191) / 100 if call.caller else draw % 201 / 100
