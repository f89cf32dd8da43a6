"""The state of one conference, and the document that shows it (RFC 4353, section 4; RFC 4575, section 5; from memory)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from disco_ref.clock import Instant
from disco_ref.conference.document import (
    AvailableMedia,
    CallInfo,
    ConferenceDescription,
    ConferenceInfo,
    ConferenceMedium,
    ConferenceState,
    DisconnectionMethod,
    Endpoint,
    EndpointStatus,
    Execution,
    JoiningMethod,
    Media,
    MediaStatus,
    SipDialogId,
    Uri,
    Uris,
    User,
    Users,
)
from disco_ref.conference.focus.policy import Reserved
from disco_ref.conference.package import Publication
from disco_ref.media.offer_answer.agreement import Agreement
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.session.events import CallId
from disco_ref.sip.uri import SipUri

LABELS = {"audio": "1", "video": "2"}
"""The streams of a conference by medium, as ``available-media`` names them."""

LONGEST = 200
"""Characters of what others say about themselves that are shown."""

_UNSHOWN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not have, and a quoted string of SIP may have."""


def legible(text: str) -> str:
    """Text of somebody else as it is shown: what a document cannot hold is replaced, and what is too long is cut."""
    return _UNSHOWN.sub("\ufffd", text[:LONGEST])


class Leg:
    """A call between the focus and somebody's device."""

    __slots__ = (
        "call", "dialog", "display", "endpoint", "entity", "gone", "gone_at", "gone_why", "joined_at", "method",
        "negotiation", "referred_by", "signalled", "status", "_shown",
    )  # fmt: skip

    def __init__(
        self,
        call: CallId,
        entity: str,
        endpoint: str,
        display: str | None,
        method: JoiningMethod,
        negotiation: Negotiation,
        signalled: str,
        now: Instant,
        referred_by: str | None = None,
    ) -> None:
        self.call = call
        self.entity = entity
        """The URI of the user."""
        self.endpoint = endpoint
        """The URI of the device; unique within the user."""
        self.display = None if display is None else legible(display)
        self.method = method
        self.negotiation = negotiation
        self.signalled = signalled
        """The host that its signalling comes from."""
        self.referred_by = referred_by
        """Who asked the focus to call it."""
        self.status = EndpointStatus.dialing_in if method is JoiningMethod.dialed_in else EndpointStatus.dialing_out
        self.joined_at = now
        self.dialog: DialogId | None = None
        self.gone: DisconnectionMethod | None = None
        self.gone_at: Instant | None = None
        self.gone_why: str | None = None
        self._shown: Endpoint | None = None

    @property
    def connected(self) -> bool:
        """Whether it takes part, on hold or not."""
        return self.status in (EndpointStatus.connected, EndpointStatus.on_hold)

    def settled(self, agreement: Agreement) -> None:
        """Streams are agreed, for the first time or anew; who neither sends nor receives, or only sends, is on hold."""
        held = bool(agreement) and all(one.address is None or not one.direction.sends for one in agreement)
        self.status = EndpointStatus.on_hold if held else EndpointStatus.connected
        self._shown = None

    def stands(self, status: EndpointStatus) -> None:
        """Where its dialog stands now."""
        self.status, self._shown = status, None

    def confirmed(self, dialog: DialogId | None) -> None:
        """Its dialog is known."""
        self.dialog, self._shown = dialog, None

    def departed(self, method: DisconnectionMethod, now: Instant, why: str | None) -> None:
        """It takes part no more."""
        self.status, self.gone, self.gone_at = EndpointStatus.disconnected, method, now
        self.gone_why = None if why is None else legible(why)
        self._shown = None

    # = rfc4575:5.7/101
    def shown(self) -> Endpoint:
        """The element that shows it, made again only after a change."""
        if self._shown is None:
            joining = None if self.status is EndpointStatus.dialing_out else _done(self.joined_at, None, None)
            referred = None if self.referred_by is None else _done(self.joined_at, None, self.referred_by)
            self._shown = Endpoint(
                entity=self.endpoint,
                referred=referred,
                status=self.status,
                joining_method=self.method,
                joining_info=joining,
                disconnection_method=self.gone,
                disconnection_info=None if self.gone_at is None else _done(self.gone_at, self.gone_why, None),
                media=() if self.gone else self._media(),
                call_info=self._call_info(),
            )
        return self._shown

    # = rfc4575:5.8/101
    def _media(self) -> tuple[Media, ...]:
        return tuple(
            Media(
                id=str(one.position + 1),
                type=one.media,
                label=LABELS.get(one.media),
                status=MediaStatus(str(one.direction.reversed)),
            )
            for one in self.negotiation.agreement
        )

    def _call_info(self) -> CallInfo | None:
        # = rfc4575:5.7/101 silent: the tags are shown as the focus's own dialog has them, from its side
        dialog = self.dialog
        if dialog is None:
            return None
        return CallInfo(sip=SipDialogId(call_id=dialog.call_id, from_tag=dialog.remote_tag, to_tag=dialog.local_tag))


def _done(when: Instant, why: str | None, by: str | None) -> Execution:
    return Execution(when=written(when), reason=why, by=by)


def written(when: Instant) -> str:
    """A point in time as documents have it, to the second."""
    return datetime.fromtimestamp(int(when), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Participant:
    """A user, with one endpoint for each call."""

    __slots__ = ("display", "entity", "legs", "_shown")

    def __init__(self, entity: str, display: str | None) -> None:
        self.entity = entity
        self.display = display
        self.legs: dict[str, Leg] = {}
        """By the URI of the endpoint."""
        self._shown: User | None = None

    def touched(self) -> None:
        """Something of it has changed."""
        self._shown = None

    # = rfc4575:5.5/101
    def shown(self) -> User:
        """The element that shows the user, made again only after a change."""
        if self._shown is None:
            endpoints = tuple(leg.shown() for leg in self.legs.values())
            self._shown = User(entity=self.entity, display_text=self.display, endpoint=endpoints)
        return self._shown


class Conference:
    """Who takes part in one conference; joining and leaving take constant time."""

    __slots__ = (
        "awaited", "capacity", "departing", "legs", "locked", "media", "name", "publication", "reserved", "serial", "stale", "subject",
        "uri", "users", "watchers",
    )  # fmt: skip

    def __init__(self, name: str, uri: SipUri, capacity: int, media: Iterable[str], reserved: Reserved | None) -> None:
        self.name = name
        """The user part of its URI."""
        self.uri = uri
        self.capacity = capacity if reserved is None or reserved.capacity is None else reserved.capacity
        """Calls."""
        self.media = tuple(media)
        self.reserved = reserved is not None
        """Whether it stays when the last one leaves."""
        self.subject = None if reserved is None else reserved.subject
        self.awaited = False
        """Whether its URI was given out, so that it waits for its first participant."""
        self.locked = reserved is not None and reserved.locked
        """Whether nobody may join but by invitation of the focus."""
        self.users: dict[str, Participant] = {}
        self.legs: dict[CallId, Leg] = {}
        """Calls under way and standing."""
        self.departing: dict[CallId, Leg] = {}
        """Calls that are over and still shown."""
        self.watchers: dict[str, None] = {}
        """Subscriptions to its state."""
        self.publication: Publication | None = None
        """Its state as it was last told, while somebody watches."""
        self.stale = True
        """Whether that is not the state any more."""
        self.serial = 0
        """Grows with each leg, to name what has no name of its own."""

    @property
    def full(self) -> bool:
        """Whether no further call is taken."""
        return len(self.legs) >= self.capacity

    @property
    def idle(self) -> bool:
        """Whether nobody takes part, is called or is about to join."""
        return not self.legs

    def add(self, leg: Leg) -> None:
        """A call begins."""
        self.awaited = False
        user = self.users.get(leg.entity)
        if user is None:
            user = self.users[leg.entity] = Participant(leg.entity, leg.display)
        elif user.display is None:
            user.display = leg.display
        if leg.endpoint in user.legs:
            # Two calls of one device: an endpoint is told by its entity, so the later one gets a name of its own.
            leg.endpoint = f"{leg.endpoint}#{self.serial}"
        user.legs[leg.endpoint] = leg
        self.legs[leg.call] = leg
        self.serial += 1
        user.touched()
        self.stale = True

    def changed(self, leg: Leg) -> None:
        """Something of a call has changed."""
        self.users[leg.entity].touched()
        self.stale = True

    def depart(self, leg: Leg, method: DisconnectionMethod, now: Instant, why: str | None) -> None:
        """A call is over: shown as disconnected until :meth:`drop`."""
        del self.legs[leg.call]
        leg.departed(method, now, why)
        self.departing[leg.call] = leg
        self.users[leg.entity].touched()
        self.stale = True

    def drop(self, leg: Leg) -> None:
        """A call that is over is shown no more."""
        self.departing.pop(leg.call, None)
        user = self.users[leg.entity]
        del user.legs[leg.endpoint]
        user.touched()
        if not user.legs:
            del self.users[leg.entity]
        self.stale = True

    # = rfc4575:5/0
    # = rfc4575:5.1/101
    def document(self) -> ConferenceInfo:
        """The whole state as a document, without version."""
        users = tuple(user.shown() for user in self.users.values())
        connected = sum(any(leg.connected for leg in user.legs.values()) for user in self.users.values())
        return ConferenceInfo(
            entity=str(self.uri),
            conference_description=self._description(),
            conference_state=ConferenceState(user_count=connected, active=connected > 0, locked=self.locked),
            users=Users(user=users),
        )

    def _description(self) -> ConferenceDescription:
        # The status may be left out; there is a phone that does not survive it (linphone 5.1).
        media = tuple(ConferenceMedium(label=LABELS[one], type=one, status=MediaStatus.sendrecv) for one in self.media)
        return ConferenceDescription(
            display_text=self.name,
            subject=self.subject,
            conf_uris=Uris(entry=(Uri(uri=str(self.uri), purpose="participation"),)),
            maximum_user_count=self.capacity,
            available_media=AvailableMedia(entry=media) if media else None,
        )
