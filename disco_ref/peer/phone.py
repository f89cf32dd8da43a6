"""A telephone: an application of a user agent that places calls, takes calls, and agrees on media (RFC 3261; RFC 3264).

It follows redirections, answers what it is offered, and reports what happens.  Whom it does not want to hear it turns away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.agreement import Agreement
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.media.offer_answer.offer import Wish
from disco_ref.media.offer_answer.refusals import NotAcceptable
from disco_ref.peer.user_agent import Answer
from disco_ref.sip.actions import Action, Report, RequestReceived, SendResponse, SetTimer, Tell, TimerPassed
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.header.plain.warning import Warning as WarningValue
from disco_ref.sip.message import Request
from disco_ref.sip.respond import new_tag, respond
from disco_ref.sip.session.call import NotNow
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallFailed,
    CallId,
    CallOffered,
    CallProgressed,
    OfferAnswered,
    OfferDue,
    OfferReceived,
    OfferRefused,
    Why,
)
from disco_ref.sip.session.identity import Invitation

TARGETS = 8
"""Places that one call is tried at, redirections and all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a telephone behaves."""

    wishes: tuple[Wish, ...] = (Wish("audio"),)
    """The streams that it offers."""
    answers: int = 200
    """The final response to who calls: 200, or a rejection such as 486."""
    rings: bool = True
    """Whether 180 goes before."""
    delay: Duration = Duration(0.0)
    """Seconds of ringing."""
    late_offer: bool = False
    """Whether its own INVITEs leave the offer to the other side."""


class Ringing(NamedTuple):
    """The other side has said how far it is."""

    call: CallId
    status: int
    reason: str


class Called(NamedTuple):
    """Somebody calls."""

    call: CallId
    sender: str
    """The URI in From."""
    host: str = ""
    """Where the call comes from."""


class Talking(NamedTuple):
    """Media can flow, or flow otherwise than before."""

    call: CallId
    agreement: Agreement
    isfocus: bool
    """Whether the other side is a conference."""


class Redirected(NamedTuple):
    """The call goes on at another place."""

    call: CallId
    """The new call."""
    old: CallId
    status: int
    target: str


class Failed(NamedTuple):
    """A call of ours has come to nothing."""

    call: CallId
    status: int
    reason: str
    cancelled: bool


class Ended(NamedTuple):
    """A call is over."""

    call: CallId
    why: Why


class Unusable(NamedTuple):
    """The session description of the other side is of no use: the call ends."""

    call: CallId
    refusal: Refusal


class Changed(NamedTuple):
    """What became of an offer within the call that came to nothing."""

    call: CallId
    method: str
    status: int


class _Line:
    """One call of the telephone."""

    __slots__ = ("early", "focus", "invitation", "left", "lines", "negotiation", "offer", "tried", "updates", "wanted")

    def __init__(self, negotiation: Negotiation, invitation: Invitation | None = None) -> None:
        self.negotiation = negotiation
        self.invitation = invitation
        self.offer = b""
        """What the caller has offered, while it rings."""
        self.tried: tuple[str, ...] = ()
        """Targets that were called already."""
        self.left: tuple[Contact, ...] = ()
        """Targets of redirections that were not."""
        self.focus = False
        self.wanted: tuple[Wish, ...] = ()
        """The change of the session that has been asked for, and is not settled."""
        self.updates = False
        """Whether that goes by UPDATE."""
        self.lines: tuple[str, ...] | None = None
        """The header lines that it says, where they are others than always."""
        self.early: dict[str, bytes] = {}
        """The first answer in provisional responses, by the tag of who gave it."""


class Phone:
    """The application of a user agent that is a telephone."""

    def __init__(self, calls: Calls, able: Capabilities, entropy: Entropy, manners: Manners | None = None) -> None:
        self.calls = calls
        self.able = able
        """May be changed before the first call: the ports are known late."""
        self.says: Callable[[CallId], tuple[str, ...]] = lambda call: ()
        """Further header lines of each INVITE within a call."""
        self.manners = manners or Manners()
        self._entropy = entropy
        self._lines: dict[CallId, _Line] = {}

    def __len__(self) -> int:
        """How many calls it has."""
        return len(self._lines)

    def dial(self, invitation: Invitation, now: Instant) -> tuple[CallId, list[Action]]:
        """Calls somebody; the body of the invitation is the telephone's affair."""
        negotiation = Negotiation(self.able, self._entropy)
        return self._dial(invitation, negotiation, (str(invitation.target),), now)

    def _dial(
        self, invitation: Invitation, negotiation: Negotiation, tried: tuple[str, ...], now: Instant
    ) -> tuple[CallId, list[Action]]:
        body = b"" if self.manners.late_offer else self._offer(negotiation)
        id, actions = self.calls.invite(invitation._replace(body=body), now)
        line = self._lines[id] = _Line(negotiation, invitation)
        line.tried = tried
        return id, actions

    def _offer(self, negotiation: Negotiation) -> bytes:
        """What the telephone would like: at first its wishes, later on the streams that there are (section 14.2)."""
        before = negotiation.local
        if before is None:
            return negotiation.offer(self.manners.wishes, self._family)
        # = rfc3261:14.2/11
        return negotiation.offer(
            tuple([Wish(line.media) if line.port else None for line in before.media]), self._family
        )

    @property
    def _family(self) -> int:
        return min(self.able.hosts)

    def hold(
        self, id: CallId, wishes: Sequence[Wish], now: Instant, lines: tuple[str, ...] | None = None, *,
        update: bool = False,
    ) -> list[Action]:  # fmt: skip
        """Offers the streams anew by re-INVITE, or UPDATE: other directions, more streams; nothing while another offer is open.

        ``lines`` take the place of those that every INVITE within the call has.
        """
        line = self._lines.get(id)
        if line is None:
            raise NotNow(f"there is no call {id}")
        try:
            body = line.negotiation.offer(tuple(wishes), self._family)
        except Refusal as refusal:
            raise NotNow(str(refusal)) from refusal
        line.wanted, line.lines, line.updates = tuple(wishes), lines, update
        ask = self.calls.update if update else self.calls.reinvite
        actions = ask(id, body, now, lines=self.says(id) if lines is None else lines)
        if not actions:
            line.negotiation.withdrawn()
        return actions

    def move(self, able: Capabilities) -> None:
        """From its next descriptions on, in calls that stand as well, it is able to do this: its ports are others, above all."""
        self.able = able
        for line in self._lines.values():
            line.negotiation.able = able

    def leave(self, now: Instant) -> list[Action]:
        """Ends all calls."""
        return [action for id in self.calls.ids() for action in self.calls.hang_up(id, now)]

    def heard(self, event: object, now: Instant) -> list[Action]:
        """What the telephone does about an event."""
        if isinstance(event, RequestReceived):
            return [SendResponse(event.transaction, respond(event.request, 200, to_tag=new_tag(self._entropy)))]
        if isinstance(event, TimerPassed):
            return self.take(CallId(event.owner[1]), now)
        if isinstance(event, CallOffered):
            return self._called(event, now)
        line = self._lines.get(getattr(event, "call", CallId("")))
        if line is None:
            return []
        if isinstance(event, CallFailed | CallEnded):
            return self._over(line, event, now)
        try:
            return self._spoken(line, event, now)
        except Refusal as refusal:
            id = getattr(event, "call", CallId(""))
            told: Action = Tell(Report(Unusable(id, refusal)))
            answered = self._declined(line, id, event, now)
            return [*answered, told, *self.calls.hang_up(id, now, lines=[_warning(refusal)])]

    def _declined(self, line: _Line, id: CallId, event: object, now: Instant) -> list[Action]:
        """The answer to an offer in the 2xx to a re-INVITE of which nothing is of use; the ACK to others answers by itself."""
        body = line.negotiation.declined(event.body) if isinstance(event, OfferAnswered) and event.offer else b""
        return self.calls.answer(id, body, now) if body else []

    def _called(self, event: CallOffered, now: Instant) -> list[Action]:
        """Somebody calls."""
        id = event.call
        told: Action = Tell(Report(Called(id, event.request.headers.from_.uri_text, event.flow.remote.host)))
        manners = self.manners
        if manners.answers >= 300:
            return [told, *self.calls.reject(id, manners.answers, now)]
        line = self._lines[id] = _Line(Negotiation(self.able, self._entropy))
        line.offer = event.offer
        actions = [told, *(self.calls.ring(id, now) if manners.rings else ())]
        if manners.delay > 0:
            return [*actions, SetTimer(("phone", id), "answer", Instant(now + manners.delay))]
        return [*actions, *self.take(id, now)]

    def take(self, id: CallId, now: Instant) -> list[Action]:
        """Answers a call that rings, or rejects what it offers; nothing where there is no such call."""
        line = self._lines.get(id)
        if line is None:
            return []
        negotiation = line.negotiation
        try:
            body = negotiation.answer(line.offer) if line.offer else self._offer(negotiation)
        except Refusal as refusal:
            # = rfc3261:13.3.1.3/3
            # = rfc3261:13.3.1.3/4
            return self.calls.reject(id, 488, now, lines=[_warning(refusal)])
        return self.calls.accept(id, body, now)

    def _over(self, line: _Line, event: CallFailed | CallEnded, now: Instant) -> list[Action]:
        """A call is over, or goes on elsewhere (section 8.1.3.4)."""
        del self._lines[event.call]
        stop: Action = SetTimer(("phone", event.call), "answer", None)
        if isinstance(event, CallEnded):
            return [stop, Tell(Report(Ended(event.call, event.why)))]
        targets = self._elsewhere(line, event)
        if not targets or line.invitation is None:
            return [stop, Tell(Report(Failed(event.call, event.status, event.reason, event.cancelled)))]
        # = rfc3261:8.1.3.4/1
        # = rfc3261:8.1.3.4/7
        # = rfc3261:8.1.3.4/12
        # = rfc3261:8.1.3.4/13
        again = line.invitation._replace(target=targets[0].uri, again=event.request, hops=(), flow=None)
        line.negotiation.withdrawn()
        text = targets[0].uri_text
        new, actions = self._dial(again, line.negotiation, (*line.tried, text), now)
        self._lines[new].left = targets[1:]
        return [stop, Tell(Report(Redirected(new, event.call, event.status, text))), *actions]

    def _elsewhere(self, line: _Line, event: CallFailed) -> tuple[Contact, ...]:
        """The places that are left to try: those of a 3xx, or the others of one before (section 8.1.3.4)."""
        if event.cancelled or len(line.tried) >= TARGETS:
            return ()
        found = list(line.left)
        if event.response is not None and 300 <= event.status < 400:
            secure = event.request.request_uri.scheme == "sips"
            for contact in event.response.headers.all(CONTACT):
                # = rfc3261:8.1.3.4/2
                # = rfc3261:8.1.3.4/3a
                if isinstance(contact, Contact) and contact.uri.scheme in (("sips",) if secure else ("sip", "sips")):
                    found.append(contact)
        elif not line.tried[1:] or event.status >= 600:
            return ()
        new = {contact.uri_text: contact for contact in found if contact.uri_text not in line.tried}
        return tuple(new.values())

    def _spoken(self, line: _Line, event: object, now: Instant) -> list[Action]:
        """What the other side says while a call is set up or stands; a Refusal where its session description is of no use."""
        negotiation = line.negotiation
        if isinstance(event, CallProgressed):
            return self._progressed(line, event, now)
        if isinstance(event, CallAnswered):
            contact = event.response.headers.first(CONTACT)
            line.focus = isinstance(contact, Contact) and contact.isfocus
            # = rfc3261:13.2.1/12a
            # = rfc3261:13.2.1/12b
            body = line.early.get(event.dialog.remote_tag) or event.body
            return self._described(line, event.call, body, event.offer, now)
        if isinstance(event, OfferAnswered):
            line.wanted = ()
            return self._described(line, event.call, event.body, event.offer, now)
        if isinstance(event, CallConfirmed):
            if event.answer:
                negotiation.answered(event.answer)
            return [self._talking(line, event.call)]
        if isinstance(event, OfferReceived):
            return self._offered(line, event, now)
        if isinstance(event, OfferRefused):
            negotiation.withdrawn()
            # = rfc3261:14.1/10
            line.wanted = line.wanted if event.status == 491 else ()
            return [Tell(Report(Changed(event.call, event.method, event.status)))]
        if isinstance(event, OfferDue) and line.wanted and negotiation.local is not None:
            return self.hold(event.call, line.wanted, now, line.lines, update=line.updates)
        return []

    def _progressed(self, line: _Line, event: CallProgressed, now: Instant) -> list[Action]:
        response = event.response
        told: Action = Tell(Report(Ringing(event.call, response.status_code, response.reason_phrase)))
        if event.offer:
            return [told, *self.calls.answer(event.call, line.negotiation.answer(event.body), now)]
        if event.body and not self.manners.late_offer:
            line.early.setdefault(event.dialog.remote_tag, event.body)
        return [told]

    def _described(self, line: _Line, id: CallId, body: bytes, offer: bool, now: Instant) -> list[Action]:
        """The session description of a 2xx: the answer, or an offer that the ACK answers."""
        negotiation = line.negotiation
        if offer:
            # = rfc3261:13.2.2/9
            return [*self.calls.answer(id, negotiation.answer(body), now), self._talking(line, id)]
        if body:
            negotiation.answered(body)
        return [self._talking(line, id)]

    def _offered(self, line: _Line, event: OfferReceived, now: Instant) -> list[Action]:
        """The other side wants to change the session, or to hear what we would like."""
        negotiation = line.negotiation
        try:
            body = negotiation.answer(event.body) if event.body else self._offer(negotiation)
        except Refusal as refusal:
            # = rfc3261:14.2/5
            return self.calls.refuse(event.call, now, 488, lines=[_warning(refusal)])
        answered = self.calls.answer(event.call, body, now)
        return [*answered, self._talking(line, event.call)] if event.method != "INVITE" else answered

    def _talking(self, line: _Line, id: CallId) -> Tell:
        return Tell(Report(Talking(id, line.negotiation.agreement, line.focus)))

    def options(self, request: Request, now: Instant) -> Answer:
        """What OPTIONS is answered (section 11.2): the status that an INVITE would get, and the capabilities."""
        # = rfc3261:11.2/1
        able = Negotiation(self.able, self._entropy).capabilities()
        return Answer(self.manners.answers, ("Content-Type: application/sdp",), able)


def _warning(refusal: Refusal) -> str:
    """The Warning that goes with 488."""
    code = refusal.code if isinstance(refusal, NotAcceptable) else 399
    return f"Warning: {WarningValue.about(code, 'disco-ref', refusal)}"
