"""The side that calls: INVITE outside of dialogs and what comes back, from one place or several (RFC 3261, section 13.2)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, RequestFailed, ResponseReceived, SendAck, SendRequest, Tell
from disco_ref.sip.dialog.dialog import Dialog, DialogId, from_response, in_request_line
from disco_ref.sip.header.addressing.parties import From, To
from disco_ref.sip.header.identity.cseq import CSEQ, CSeq
from disco_ref.sip.header.identity.rack import RSEQ
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.tokens import REQUIRE
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import REASONS, new_tag
from disco_ref.sip.session.call import Book, Call, Early, Outgoing, with_session
from disco_ref.sip.session.description import declined, session_of
from disco_ref.sip.session.ending import acknowledge, bye_elsewhere, leave_early, step
from disco_ref.sip.session.events import CallAnswered, CallFailed, CallId, CallProgressed
from disco_ref.sip.session.identity import Invitation, Way, way_of, way_to
from disco_ref.sip.session.table import Event, State

_CREDENTIALS = ("authorization", "proxy-authorization")
_TRIES = 2
"""Times that credentials are offered for one INVITE: the second where the first had a nonce that is stale."""


def invite(book: Book, invitation: Invitation, now: Instant) -> tuple[CallId, list[Action]]:
    """Sends an INVITE outside of dialogs (section 13.2.1)."""
    identity = invitation.identity or book.identity
    origin = _origin(book, invitation)
    # = rfc3261:8.1.1.8/3
    # = rfc3261:12.1.2/2
    secure = origin.secure or (bool(origin.route_set) and origin.route_set[0].uri.scheme == "sips")
    call = book.new_call(identity, True, origin.id.local_tag, secure, _way(invitation))
    lines = [*call.contact_lines(), *with_session(invitation.body, invitation.lines)]
    if invitation.expires is not None:
        # = rfc3261:13.2.1/5
        lines.append(f"Expires: {invitation.expires}")
    request = origin.request("INVITE", lines, invitation.body)
    call.outgoing = Outgoing((*call.usage, "INVITE", str(origin.local_number)), request, origin)
    call.flow = invitation.flow
    actions = step(book, call, Event.INVITE_SENT, now)
    actions.append(SendRequest(call.outgoing.owner, request, invitation.flow, invitation.hops))
    if invitation.expires is not None:
        actions.append(book.timer(call, "expires", Instant(now + invitation.expires)))
    return call.id, actions


def _way(invitation: Invitation) -> Way:
    """How the INVITE will go, as far as that is known."""
    if invitation.flow is not None:
        return way_of(invitation.flow)
    if invitation.hops:
        return Way(invitation.hops[0].transport, ":" in invitation.hops[0].address.host)
    return way_to(invitation.route[0].uri if invitation.route else invitation.target)


def _origin(book: Book, invitation: Invitation) -> Dialog:
    """What the request is made of: a dialog without a remote tag, whose route set is the one that is configured."""
    again, identity = invitation.again, invitation.identity or book.identity
    # = rfc3261:8.1.1.1/3
    # = rfc3261:8.1.1.2/4
    # = rfc3261:8.1.1.1/1
    # = rfc3261:8.1.1.1/2
    to = invitation.to or To(None, str(invitation.target))
    if again is not None:
        # = rfc3261:8.1.3.4/11a
        # = rfc3261:8.1.3.5/6
        headers = again.headers
        sender, to, call_id, number = headers.from_, headers.to, headers.call_id, headers.cseq.number
    else:
        # = rfc3261:8.1.1.3/2
        # = rfc3261:8.1.1.4/3
        # = rfc3261:8.1.1.4/4
        address = identity.address
        sender = From(address.display_text, address.uri_text, f"{address.parameter_text};tag={new_tag(book.entropy)}")
        call_id, number = book.entropy(16).hex(), None
    target = in_request_line(invitation.target)
    secure = target.scheme == "sips"
    id = DialogId(call_id, sender.tag or "", "")
    return Dialog(id, sender, to, target, invitation.route, local_number=number, secure=secure)


def provisional(book: Book, call: Call, event: ResponseReceived, now: Instant) -> list[Action]:
    """A provisional response other than 100 (section 13.2.2.1), acknowledged by PRACK if it is reliable (RFC 3262)."""
    outgoing, response = call.outgoing, event.response
    if outgoing is None or event.owner != outgoing.owner or outgoing.origin is None:
        return []
    actions = step(book, call, Event.PROVISIONAL, now)
    if call.state is State.CANCELLING:
        # = rfc3261:9.1/11a
        actions.append(book.timer(call, "cancel", Instant(now + book.span())))
    body, tag = session_of(response), response.headers.to.tag
    if tag is None:
        # = rfc3261:12.1.2/11
        id = DialogId(response.headers.call_id, call.tag, "")
        return [*actions, Tell(CallProgressed(call.id, response, id, body, False))]
    early = outgoing.early.get(tag)
    if early is None:
        # = rfc3262:4/5
        dialog = book.dialogs.join(from_response(outgoing.request, response), call.usage)
        early = outgoing.early[tag] = Early(dialog)
    offer = False
    if _is_reliable(response):
        number = response.headers.one(RSEQ)
        # = rfc3262:4/9
        # = rfc3262:4/10
        # = rfc3262:4/12
        # = rfc3262:4/13a
        # = rfc3262:4/13b
        # = rfc3262:4/14a
        if early.rseq is not None and number != early.rseq + 1:
            return actions
        early.rseq = number
        offer = bool(body) and not outgoing.offered and not early.answered
        rack = f"{number} {response.headers.cseq}"
        if offer:
            # = rfc3262:5/3
            early.owed = rack
        else:
            actions.append(prack(call, early, rack, b""))
        early.answered = early.answered or (bool(body) and not offer)
    return [*actions, Tell(CallProgressed(call.id, response, early.dialog.id, body, offer))]


def _is_reliable(response: Response) -> bool:
    # = rfc3262:4/4a
    # = rfc3262:4/4b
    headers = response.headers
    return "rseq" in headers and any(tag.lower() == "100rel" for tag in headers.all(REQUIRE))


def prack(call: Call, early: Early, rack: str, body: bytes) -> SendRequest:
    """The PRACK to a reliable provisional response (RFC 3262, section 4)."""
    # = rfc3262:4/6
    # = rfc3262:4/8
    request = early.dialog.request("PRACK", with_session(body, [f"RAck: {rack}"]), body)
    return SendRequest((*call.usage, "PRACK", early.dialog.id.remote_tag, rack), request, call.flow)


def success(book: Book, call: Call, event: ResponseReceived, now: Instant) -> list[Action]:
    """A 2xx to the first INVITE: the first of all, a copy, or of another branch (section 13.2.2.4)."""
    response = event.response
    tag, number = response.headers.to.tag or "", event.request.headers.cseq.number
    if (tag, number) in call.acks:
        # = rfc3261:13.2.2/10
        ack = call.acks[tag, number]
        return [SendAck(ack, call.flow)] if ack is not None else []
    outgoing = call.outgoing
    if outgoing is None or event.owner != outgoing.owner:
        return _surplus(book, call, event, number, now)
    early = outgoing.early.get(tag)
    answered = early.answered if early else False
    dialog = _confirmed(book, call, event, early)
    leave_early(book, call, keep=dialog)
    call.outgoing, call.acks[tag, number] = None, None
    body = session_of(response)
    # = rfc3261:13.2.1/12a
    # = rfc3261:13.2.1/12b
    offer = bool(body) and not outgoing.offered and not answered
    call.offer = body if offer else b""
    cancelled = call.state is State.CANCELLING
    actions = step(book, call, Event.SUCCESS_WITH_OFFER if offer else Event.SUCCESS, now)
    # = rfc3261:13.2.2/0
    actions.append(book.timer(call, "copies", Instant(now + book.span())))
    actions += _timers_off(book, call, outgoing)
    if not cancelled:
        actions.append(Tell(CallAnswered(call.id, response, dialog.id, b"" if answered else body, offer)))
    return actions


def _timers_off(book: Book, call: Call, outgoing: Outgoing) -> list[Action]:
    """No time limits an INVITE any more that is answered."""
    limited = "expires" in outgoing.request.headers
    return [book.timer(call, name, None) for name in ("cancel", *(("expires",) if limited else ()))]


def _confirmed(book: Book, call: Call, event: ResponseReceived, early: Early | None) -> Dialog:
    """The dialog of the call, confirmed by its 2xx (section 13.2.2.4)."""
    if early is not None:
        # = rfc3261:13.2.2/3a
        early.dialog.confirm(event.response)
        call.dialog = early.dialog
    else:
        # = rfc3261:13.2.2/4
        call.dialog = book.dialogs.join(from_response(event.request, event.response), call.usage)
    return call.dialog


def _surplus(book: Book, call: Call, event: ResponseReceived, number: int, now: Instant) -> list[Action]:
    """A 2xx of another branch: acknowledged, and its dialog ended at once (section 13.2.2.4)."""
    # = rfc3261:13.2.2/5
    dialog = from_response(event.request, event.response)
    body = session_of(event.response)
    answer = declined(body) if body and not event.request.body else b""
    ack = acknowledge(call, dialog, number, answer)
    return [ack, bye_elsewhere(call, dialog), book.timer(call, "copies", Instant(now + book.span()))]


def stray_success(book: Book, event: ResponseReceived) -> list[Action]:
    """A 2xx to an INVITE of a call that is long over: acknowledged and ended, lest the other side repeat it in vain.

    A copy that comes while the BYE is under way is acknowledged only.
    """
    if event.request.headers.to.tag is not None:
        return []
    dialog = from_response(event.request, event.response)
    body = session_of(event.response)
    answer = declined(body) if body and not event.request.body else b""
    ack = dialog.request("ACK", with_session(answer, ()), answer, number=event.request.headers.cseq.number)
    owner = (*event.owner[:2], "BYE", dialog.id.remote_tag)
    if owner in book.strays:
        return [SendAck(ack)]
    book.strays.add(owner)
    return [SendAck(ack), SendRequest(owner, dialog.request("BYE"))]


def failure(book: Book, call: Call, event: ResponseReceived | RequestFailed, now: Instant) -> list[Action]:
    """A final response other than 2xx to the first INVITE, or none (sections 13.2.2.2 and 13.2.2.3)."""
    outgoing = call.outgoing
    if outgoing is None or event.owner != outgoing.owner:
        # = rfc3261:13.2.2/2
        return []
    response = event.response if isinstance(event, ResponseReceived) else None
    if response is not None and call.state is not State.CANCELLING and outgoing.origin is not None:
        request = authorized(book, call, response, outgoing, outgoing.origin)
        if request is not None:
            return [SendRequest(outgoing.owner, request, call.flow)]
    # = rfc3261:8.1.3.1/1
    # = rfc3261:8.1.3.1/2
    if isinstance(event, RequestFailed):
        return failed(book, call, event.status, event.why, None, now)
    return failed(book, call, event.response.status_code, event.response.reason_phrase, event.response, now)


def failed(book: Book, call: Call, status: int, reason: str, response: Response | None, now: Instant) -> list[Action]:
    """The first INVITE has come to nothing."""
    outgoing = call.outgoing
    if outgoing is None:
        return []
    cancelled = call.state is State.CANCELLING
    leave_early(book, call)
    call.outgoing = None
    call.told = True
    actions = step(book, call, Event.FAILURE, now)
    actions += _timers_off(book, call, outgoing)
    reason = reason or REASONS.get(status, "")
    return [*actions, Tell(CallFailed(call.id, status, reason, response, outgoing.request, cancelled))]


def authorized(book: Book, call: Call, response: Response, outgoing: Outgoing, dialog: Dialog) -> Request | None:
    """An INVITE once more, with credentials (section 8.1.3.5); None where they are not asked for, or there are none."""
    # = rfc3261:8.1.3.5/1
    if outgoing.tries >= _TRIES:
        return None
    request = with_credentials(book, response, outgoing.request, dialog)
    if request is None:
        return None
    outgoing.tries += 1
    outgoing.request = request
    outgoing.owner = (*call.usage, "INVITE", str(dialog.local_number))
    call.credentials = credentials_of(request)
    return request


def with_credentials(book: Book, response: Response, request: Request, dialog: Dialog) -> Request | None:
    """A request with the next number and the credentials that a 401 or 407 asks for; None where there are none."""
    if response.status_code not in (401, 407) or book.authorize is None:
        return None
    again = book.authorize(response, request)
    if again is None:
        return None
    # = rfc3261:8.1.3.5/6
    number = CSeq(dialog.next_number(), request.method)
    return again._replace(headers=again.headers.with_values(VIA, ()).with_values(CSEQ, [number]))


def credentials_of(request: Request) -> tuple[str, ...]:
    """The header lines with credentials."""
    return tuple([line for line in request.headers.lines if line.partition(":")[0].rstrip().lower() in _CREDENTIALS])
