"""Those who watch a conference: subscriptions to its state (RFC 4575, section 3; RFC 4579, section 4.3; from memory)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.conference.focus.conferences import Conferences
from disco_ref.conference.focus.refusals import NoSuchConference
from disco_ref.conference.focus.state import Conference
from disco_ref.conference.package import Publication, View
from disco_ref.sip.actions import Action
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.package import Body
from disco_ref.sip.events.termination import Reason
from disco_ref.sip.events.told import SubscriberGone, SubscriptionId, SubscriptionRequested


class _Glance:
    """What one subscription sees: the state is written down when it is asked for, not when it changes."""

    __slots__ = ("_conference", "_publication", "_view")

    def __init__(self, conference: Conference, publication: Publication) -> None:
        self._conference = conference
        self._publication = publication
        self._view: View = publication.view()

    def body(self, whole: bool, now: Instant) -> Body | None:
        """The next document; None where nothing has changed."""
        brought_up(self._conference, self._publication)
        return self._view.body(whole, now)


def brought_up(conference: Conference, publication: Publication) -> None:
    """The publication shows the state as it is."""
    if conference.stale:
        publication.publish(conference.document())
        conference.stale = False


class Watching:
    """Tells subscribers what becomes of conferences."""

    def __init__(self, conferences: Conferences, notifier: Notifier) -> None:
        self._conferences = conferences
        self._notifier = notifier
        self._watched: dict[SubscriptionId, Conference] = {}
        self._waiting: dict[SubscriptionId, _Glance] = {}
        """What those will see to whom nothing is granted yet."""

    # = rfc4579:4.3/102
    def requested(self, event: SubscriptionRequested, now: Instant) -> list[Action]:
        """Somebody wants to know who is there; NoSuchConference where there is no such conference.

        Where a call would begin it, the conference begins with who watches it, and ends with the last of them.
        """
        uri = event.request.request_uri
        name = self._conferences.name_in(uri)
        conference = self._conferences.get(name)
        if conference is None:
            # = rfc4575:3.5/101
            if not self._conferences.policy.ad_hoc or name == self._conferences.policy.factory:
                raise NoSuchConference("no such conference", where="Request-URI")
            conference = self._conferences.begin(name)
        publication = conference.publication
        if publication is None:
            publication = conference.publication = Publication(conference.document())
            conference.stale = False
        if event.expires:
            conference.watchers[event.id] = None
            self._watched[event.id] = conference
        self._end_if_unwatched(conference)
        identity = self._conferences.identity(conference, uri, event.flow, of_call=False)
        glance = _Glance(conference, publication)
        if not self._conferences.policy.asks:
            return self._notifier.accept(event.id, now, glance, identity=identity)
        if event.expires:
            self._waiting[event.id] = glance
        return self._notifier.pending(event.id, now, identity=identity)

    def grant(self, conference: Conference, now: Instant) -> list[Action]:
        """All who wait for it may watch a conference from now on: they are told its state."""
        return [part for id, glance in self._asking(conference) for part in self._notifier.grant(id, now, glance)]

    def deny(self, conference: Conference, now: Instant) -> list[Action]:
        """None of those who wait for it may watch a conference: they are told so."""
        # = rfc6665:4.2.1.3/0
        return [
            part for id, _ in self._asking(conference) for part in self._notifier.terminate(id, now, Reason.rejected)
        ]

    def _asking(self, conference: Conference) -> list[tuple[SubscriptionId, _Glance]]:
        """Those who wait, who do so no longer."""
        return [(id, self._waiting.pop(id)) for id in tuple(conference.watchers) if id in self._waiting]

    def gone(self, event: SubscriberGone) -> None:
        """Somebody does not watch any more."""
        self._waiting.pop(event.id, None)
        conference = self._watched.pop(event.id, None)
        if conference is not None:
            conference.watchers.pop(event.id, None)
            self._end_if_unwatched(conference)

    def _end_if_unwatched(self, conference: Conference) -> None:
        if not conference.watchers:
            conference.publication = None
            if conference.idle and not conference.reserved and not conference.awaited:
                self._conferences.end(conference)

    def changed(self, conference: Conference, now: Instant) -> list[Action]:
        """Tells those who watch."""
        return self._notifier.notify_all(tuple(conference.watchers), now)

    def over(self, conference: Conference, now: Instant, why: str = Reason.noresource) -> list[Action]:
        """The conference is no more, or not here any more."""
        found: list[Action] = []
        for id in tuple(conference.watchers):
            self._watched.pop(id, None)
            found += self._notifier.terminate(id, now, why)
        conference.watchers.clear()
        self._end_if_unwatched(conference)
        return found
