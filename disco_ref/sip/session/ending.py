"""How calls move through their table, and how they end: CANCEL, BYE and what is left (RFC 3261, sections 9, 12.3 and 15)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, CancelRequest, RequestReceived, SendAck, SendRequest, SendResponse, Tell
from disco_ref.sip.dialog.dialog import Dialog, NoDialog
from disco_ref.sip.message import Request
from disco_ref.sip.respond import respond
from disco_ref.sip.session.call import Book, Call, with_session
from disco_ref.sip.session.description import declined
from disco_ref.sip.session.events import CallEnded, CallId, Why
from disco_ref.sip.session.table import CALL, Act, Event, State


def step(
    book: Book,
    call: Call,
    event: Event,
    now: Instant,
    why: Why = Why.HUNG_UP,
    request: Request | None = None,
    body: bytes = b"",
) -> list[Action]:
    """Takes a call along the arrow of an event and does what stands on it; nothing where the table is silent.

    ``why`` and ``request`` are for the telling of the end, ``body`` is for the ACK.
    """
    # A call that is over stays in the book for a while, for copies of its responses.
    arrow = CALL.step(call.state, event) if call.state is not State.TERMINATED else None
    if arrow is None:
        return []
    call.state = arrow.to
    actions: list[Action] = []
    for act in arrow.actions:
        if act is Act.STOP:
            actions += _stop(book, call, why, request)
        elif act is Act.SEND_BYE:
            actions.append(_bye(call))
        elif act is Act.SEND_ACK:
            actions += acknowledge_open(call, body)
        elif act is Act.DECLINE:
            actions += acknowledge_open(call, declined(call.offer))
        elif act is Act.SEND_CANCEL:
            actions += give_up(book, call, now)
        else:
            actions += close_invite(book, call, 487 if act is Act.REFUSE else 480)
    if call.state is State.TERMINATED:
        release(book, call)
    return actions


def give_up(book: Book, call: Call, now: Instant) -> list[Action]:
    """CANCEL for the INVITE under way (section 9.1), and the time after which it counts as cancelled."""
    if call.outgoing is None:
        return []
    # = rfc3261:9.1/11a
    return [CancelRequest(call.outgoing.owner, call.lines), book.timer(call, "cancel", Instant(now + book.span()))]


def _stop(book: Book, call: Call, why: Why, request: Request | None) -> list[Action]:
    """The session is over: pending requests of the other side are answered, timers taken away, the end is told."""
    # = rfc3261:15.1.2/5
    # = rfc3261:15.1.2/6
    actions = close_invite(book, call, 487) if call.incoming else []
    if call.offer:
        # = rfc3261:14.2/12
        actions += acknowledge_open(call, declined(call.offer))
    change, call.change, call.waiting = call.change, None, ""
    if change is not None and change.transaction is not None:
        actions.append(SendResponse(change.transaction, respond(change.request, 487)))
    if call.accepted is not None and call.state is not State.LEAVING:
        call.accepted = None
        actions.append(book.timer(call, "2xx", None))
    return [*actions, *tell_end(call, why, request)]


def tell_end(call: Call, why: Why, request: Request | None = None) -> list[Action]:
    """Tells the end of a call, once."""
    if call.told:
        return []
    call.told = True
    return [Tell(CallEnded(call.id, call.dialog.id if call.dialog else None, why, request))]


def close_invite(
    book: Book, call: Call, status: int, reason: str | None = None, lines: Sequence[str] = ()
) -> list[Action]:
    """The final response, no 2xx, to an INVITE of the other side; stops what goes with it."""
    incoming, call.incoming = call.incoming, None
    if incoming is None:
        return []
    book.answered(incoming.transaction)
    response = respond(incoming.request, status, reason, lines, to_tag=call.tag)
    # = rfc3262:3/26a
    return [SendResponse(incoming.transaction, response), *book.quiet(call, incoming)]


def release(book: Book, call: Call) -> None:
    """Leaves the dialogs of a call that is over, and the book unless copies of its responses may come yet."""
    if call.dialog is not None:
        book.dialogs.leave(call.dialog, call.usage)
    if call.outgoing is None and not call.acks:
        book.calls.pop(call.id, None)


def leave_early(book: Book, call: Call, keep: Dialog | None = None) -> None:
    """Ends the early dialogs of an INVITE that is answered (section 12.3)."""
    # = rfc3261:12.3/0
    if call.outgoing is None:
        return
    for early in call.outgoing.early.values():
        if early.dialog is not keep:
            book.dialogs.leave(early.dialog, call.usage)
    call.outgoing.early.clear()


def acknowledge(call: Call, dialog: Dialog, number: int, body: bytes) -> SendAck:
    """The ACK to a 2xx (section 13.2.2.4), kept for its copies."""
    # = rfc3261:13.2.2/6a
    # = rfc3261:13.2.2/6b
    # = rfc3261:13.2.2/7
    # = rfc3261:17.1.1.3/1
    lines = with_session(body, call.credentials)
    ack = dialog.request("ACK", lines, body, number=number)
    call.acks[dialog.id.remote_tag, number] = ack
    return SendAck(ack, call.flow)


def acknowledge_open(call: Call, body: bytes) -> list[Action]:
    """The ACK that is owed in the dialog of the call."""
    open_ones = [key for key, ack in call.acks.items() if ack is None]
    call.offer = b""
    if call.dialog is None:
        return []
    return [acknowledge(call, call.dialog, number, body) for _, number in open_ones]


def _bye(call: Call) -> SendRequest:
    """BYE in the dialog of the call (section 15.1.1)."""
    if call.dialog is None:
        raise RuntimeError("BYE without a dialog")
    # = rfc3261:15/2
    return SendRequest((*call.usage, "BYE"), call.dialog.request("BYE", call.lines), call.flow)


def bye_elsewhere(call: Call, dialog: Dialog) -> SendRequest:
    """BYE in the dialog of another branch that answered too (section 13.2.2.4)."""
    # = rfc3261:13.2.2/11
    # = rfc3261:15/5a
    return SendRequest((*call.usage, "BYE", dialog.id.remote_tag), dialog.request("BYE"), None)


def bye_received(book: Book, event: RequestReceived, now: Instant) -> list[Action]:
    """BYE from the other side (section 15.1.2); a Refusal where it belongs to no call, or is out of order."""
    request = event.request
    # = rfc3261:15.1.2/1
    # = rfc3261:15.1.2/2
    dialog = book.dialogs.receive(request)
    call = book.of_dialog(dialog)
    if call is None:
        raise NoDialog("no session is in this dialog", where="To")
    # = rfc3261:15.1.2/4a
    # = rfc3261:15.1.2/4b
    answer = SendResponse(event.transaction, respond(request, 200))
    if call.dialog is None and call.outgoing is not None:
        # = rfc3261:15/3c silent: a callee must not end an early dialog by BYE; one that does gets its answer, the others go on
        call.outgoing.early.pop(dialog.id.remote_tag, None)
        book.dialogs.leave(dialog, call.usage)
        return [answer]
    why = Why.CANCELLED if call.state is State.INVITED else Why.REMOTE
    return [answer, *step(book, call, Event.BYE, now, why, request)]


def cancel_received(book: Book, event: RequestReceived, now: Instant, tag: str) -> tuple[list[Action], Call | None]:
    """CANCEL (section 9.2): its answer, and the call whose INVITE it cancels, if that waits for an answer still.

    ``tag`` goes into the answer where no call has one.
    """
    request = event.request
    if event.cancels is None:
        # = rfc3261:9.2/1
        return [SendResponse(event.transaction, respond(request, 481, to_tag=tag))], None
    call = book.invited.get(event.cancels)
    # = rfc3261:9.2/3
    answer = respond(request, 200, to_tag=call.tag if call else book.tags.get(event.cancels, tag))
    actions: list[Action] = [SendResponse(event.transaction, answer)]
    if call is not None and call.state is State.INVITED:
        actions += step(book, call, Event.CANCEL, now, Why.CANCELLED, request)
        return actions, None
    return actions, call


def hang_up(book: Book, call: Call, now: Instant, lines: Sequence[str], why: Why) -> list[Action]:
    """Ends a call in whatever state it is (section 15)."""
    call.lines = tuple(lines)
    return step(book, call, Event.HANG_UP, now, why)


def copies_over(book: Book, call: Call) -> None:
    """No copy of a 2xx can come any more: 64*T1 have passed."""
    call.acks.clear()
    if call.state is State.TERMINATED:
        release(book, call)


def replaced(book: Book, id: CallId | None, now: Instant) -> list[Action]:
    """Ends the call whose place another has taken (RFC 3891, section 3, from memory)."""
    call = book.calls.get(id) if id is not None else None
    # = rfc3891:3/0
    return [] if call is None else hang_up(book, call, now, (), Why.REPLACED)
