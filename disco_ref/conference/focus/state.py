"""The state of one conference, and the document that shows it (RFC 4353, section 4; RFC 4575, section 5; from memory)."""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.clock import Instant
from disco_ref.conference.document import (
    AvailableMedia,
    ConferenceDescription,
    ConferenceInfo,
    ConferenceMedium,
    ConferenceState,
    DisconnectionMethod,
    Uri,
    Uris,
    User,
    Users,
)
from disco_ref.conference.focus.leg import LABELS, Leg
from disco_ref.conference.focus.policy import Reserved
from disco_ref.conference.package import Publication
from disco_ref.sip.session.events import CallId
from disco_ref.sip.uri import SipUri


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
        "capacity", "departing", "legs", "locked", "media", "name", "publication", "reserved", "serial", "stale", "subject",
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
        media = tuple(ConferenceMedium(label=LABELS[one], type=one) for one in self.media)
        return ConferenceDescription(
            display_text=self.name,
            subject=self.subject,
            conf_uris=Uris(entry=(Uri(uri=str(self.uri), purpose="participation"),)),
            maximum_user_count=self.capacity,
            available_media=AvailableMedia(entry=media) if media else None,
        )
