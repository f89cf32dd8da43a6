"""The event package ``conference`` at both ends: what a focus publishes, what a watcher follows (RFC 4575, sections 3 and 4; from memory)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.conference.document import MEDIA_TYPE, ConferenceInfo, State, read
from disco_ref.conference.partial_state import Splice, encode, encode_partial, merged, whole
from disco_ref.sip.events.package import Body, Package

# = rfc4575:3/0
CONFERENCE = Package(
    # = rfc4575:3.1/101
    name="conference",
    # = rfc4575:3.4/101
    # = rfc4575:3.4/102
    media_type=MEDIA_TYPE,
    # = rfc4575:3.3/101
    default_expires=3600,
    # = rfc4575:3.8/101
    forks=False,
    # = rfc4575:3.9/101
    interval=Duration(5.0),
)
"""The package; who wants NOTIFYs at another pace replaces ``interval``."""

HISTORY = 16
"""Earlier states that are kept: who was last told of an older one is told the full state."""


MOST_PARTIAL = 4 << 20
"""Octets of partial documents that a copy is put together from before the full state is asked for again."""


class Publication:
    """The state of one conference, for all its subscriptions: each document is encoded once, whoever gets it.

    States are whole documents; numbers of states are of no meaning outside, least of all as versions.
    """

    def __init__(self, document: ConferenceInfo) -> None:
        self._states: dict[int, ConferenceInfo] = {1: whole(document)}
        self._number = 1
        self._encoded: dict[int, Splice] = {}
        self.encodings = 0
        """Documents that were written so far."""

    @property
    def document(self) -> ConferenceInfo:
        """The state now."""
        return self._states[self._number]

    @property
    def number(self) -> int:
        """Counts the states."""
        return self._number

    def publish(self, document: ConferenceInfo) -> bool:
        """Takes the next state; whether anything has changed, so that subscriptions are to be notified."""
        document = whole(document)
        if document == self.document:
            return False
        self._number += 1
        self._states[self._number] = document
        self._states.pop(self._number - HISTORY, None)
        self._encoded.clear()
        return True

    def since(self, number: int) -> Splice:
        """What has changed since an earlier state: partial where it can be, and in full for 0 or what is too long ago."""
        held = self._states.get(number)
        place = number if held is not None else 0
        found = self._encoded.get(place)
        if found is None:
            self.encodings += 1
            document = self.document
            found = self._encoded[place] = encode(document) if held is None else encode_partial(held, document)
        return found

    def view(self) -> View:
        """What one subscription sees, for :meth:`disco_ref.sip.events.notifier.Notifier.accept`."""
        return View(self)


class View:
    """One subscription's documents: a full one, then partial ones, their versions going up by one (section 4.4)."""

    __slots__ = ("_number", "_publication", "version")

    def __init__(self, publication: Publication) -> None:
        self._publication = publication
        self._number = 0
        self.version = 0
        """Of the last document."""

    def body(self, whole: bool, now: Instant) -> Body | None:
        """The next document: in full after a SUBSCRIBE, else what has changed; None where nothing has."""
        publication = self._publication
        if not whole and self._number == publication.number:
            return None
        # = rfc4575:3.6/102
        splice = publication.since(0 if whole else self._number)
        # = rfc4575:4.4/101
        self.version = self.version % 0xFFFFFFFF + 1
        self._number = publication.number
        return Body(MEDIA_TYPE, splice.with_version(self.version))


class Followed(NamedTuple):
    """What became of a document."""

    document: ConferenceInfo | None
    """The whole state that is held now; None where none is, or the conference is deleted."""
    changed: bool
    """Whether it is another than before."""
    gap: bool
    """Whether a version was missed: the full state is to be asked for by a refresh."""


class Follower:
    """A subscriber's copy of the state, put together from the documents of one subscription (section 4.6)."""

    def __init__(self) -> None:
        self.document: ConferenceInfo | None = None
        self.version: int | None = None
        """Of the last document that was not put aside; None before the first."""
        self.complete = False
        """Whether the copy stands on a full document, with no version missed since."""
        self._partials = 0
        """Octets of the partial documents since then."""

    def restart(self) -> None:
        """A new subscription begins: versions count anew, what is held stays until a full document comes."""
        self.version = None
        self.complete = False

    def receive(self, octets: bytes) -> Followed:
        """Takes the body of a NOTIFY in; MalformedMarkup where it is no such document, and nothing changes."""
        received = read(octets)
        self._partials = 0 if received.state is State.full else self._partials + len(octets)
        if self.complete and self._partials > MOST_PARTIAL:
            # = rfc4575:4.6/0 silent: a state that grows by small documents has no end; a full one says how much of it is true
            self.complete = False
            self.version = received.version or self.version
            return Followed(self.document, False, True)
        return self.take(received)

    def take(self, received: ConferenceInfo) -> Followed:
        """Takes a document in."""
        known, version = self.version, received.version
        if known is not None and version is not None and version <= known:
            # = rfc4575:4.6/101
            return Followed(self.document, False, False)
        before = self.document
        # A document without version cannot be told from the next one; it is taken as that.
        self.version = known if version is None else version
        if received.state is State.full:
            self.document, self.complete = whole(received), True
            return Followed(self.document, self.document != before, False)
        if received.state is State.deleted:
            self.document = None
            return Followed(None, before is not None, False)
        missed = known is None or (version is not None and version > known + 1)
        if missed or not self.complete or before is None:
            # = rfc4575:4.6/102
            asked = not self.complete and not missed
            self.complete = False
            return Followed(before, False, not asked)
        self.document = merged(before, received)
        return Followed(self.document, self.document != before, False)
