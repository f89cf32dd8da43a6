"""The links of a node: tried, accepted, proved, closed (RFC 6940, sections 6.5.1.11, 6.5.1.13 and 6.6).

Streams and datagrams are the same here.  Who is not proved yet is kept for a few seconds only, and only so many of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from twisted.internet.defer import Deferred

from disco_ref.errors import Refusal
from disco_ref.peer.overlay.effects import Note
from disco_ref.peer.overlay.node import Up
from disco_ref.reload.actions import Link
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.link.carrier import Carrier
from disco_ref.reload.link.establishing import Attempt
from disco_ref.reload.security.certificates import Certificate
from disco_ref.shell.overlay.wire.candidates import Way
from disco_ref.shell.sip.wire import Call, Reactor
from disco_ref.sip.flow import Address

HANDSHAKE = 8.0
"""Seconds from the first octet to a link that is proved; also until one that is closed has sent what waits."""
SILENCE = 60.0
"""Seconds after which a link that others have made unasked is closed if it has brought nothing."""
MOST_LINKS = 4_000
"""Links of one node, proved or not."""
MOST_HALF_OPEN = 512
"""Links that others have begun and not proved."""
MOST_FROM_ONE = 64
"""Those of them that come from one address."""
NOWHERE = Address("0.0.0.0", 0)
QUIET = 10.0
"""Seconds between two lines of the log about one address."""


class End(Protocol):
    """A link as this side has it, of whatever it is made."""

    def send(self, octets: bytes) -> None:
        """Sends octets; one record where records are told apart."""

    def close(self) -> None:
        """Closes it once what was sent has left."""

    def abort(self) -> None:
        """Closes it at once."""


class Opener(Protocol):
    """Makes links over one link protocol."""

    protocol: OverlayLinkType
    ways: list[Way]
    """Where others can reach this node by it."""

    def open(self, link: Link, remote: Address) -> End:
        """Begins a link; what comes of it is told by its number, not before this has returned."""

    def stop(self) -> list[object]:
        """Closes the sockets; the Deferreds, if any, fire when they are closed."""


class Told(Protocol):
    """Who is told what becomes of links."""

    def judge(self, shown: tuple[bytes, ...], expected: bytes | None) -> Certificate:
        """The certificate of the other side; Refusal where it does not hold."""

    def up(self, up: Up) -> None:
        """A link is up."""

    def received(self, link: Link, octets: bytes) -> None:
        """It has brought octets."""

    def down(self, link: Link, why: str) -> None:
        """It is gone."""

    def unreachable(self, attempt: Attempt, why: str) -> None:
        """Nothing has come of an attempt."""

    def note(self, note: Note) -> None:
        """A line for the log."""


class Trying:
    """An attempt that this node makes, one way after the other."""

    __slots__ = ("application", "attempt", "expected", "link", "reasons", "ways")

    def __init__(self, attempt: Attempt, expected: bytes | None, ways: Iterable[Way], application: bool) -> None:
        self.attempt = attempt
        self.application = application
        """Whether an application is to have the link."""
        self.expected = expected
        """The Node-ID that has to be there; None: any."""
        self.ways = list(ways)
        self.link: Link | None = None
        """What is tried at present."""
        self.reasons: list[str] = []


class _Held:
    """What is known of a link."""

    __slots__ = ("closing", "end", "heard", "private", "ready", "remote", "timer", "trying")

    def __init__(self, remote: Address, trying: Trying | None, private: Attempt | None) -> None:
        self.remote = remote
        self.private = private
        """The attempt whose own socket it has come to."""
        self.trying = trying
        """None where others have begun the link."""
        self.end: End | None = None
        self.ready = False
        """Proved, and not closed from here."""
        self.closing = False
        self.heard = False
        self.timer: Call | None = None


class Links:
    """All links of one node."""

    def __init__(self, reactor: Reactor, told: Told) -> None:
        self.reactor = reactor
        self._told = told
        self._openers: dict[OverlayLinkType, Opener] = {}
        self._for_applications: Opener | None = None
        self._held: dict[Link, _Held] = {}
        self._trying: dict[Attempt, Trying] = {}
        self._waiting: dict[bytes, Attempt] = {}
        """Attempts that wait for a node to come."""
        self._last = 0
        self._half_open: Counter[str] = Counter()
        self._half_open_all = 0
        self._noted: dict[str, float] = {}
        self._ended: Deferred[None] | None = None

    def speak(self, opener: Opener) -> None:
        """From now on links may be made in this way too; the first is the one that is preferred."""
        self._openers[opener.protocol] = opener

    def speak_for_applications(self, opener: Opener) -> None:
        """From now on applications may have links of their own, made in this way."""
        self._for_applications = opener

    @property
    def spoken(self) -> tuple[OverlayLinkType, ...]:
        """The link protocols that this node speaks, the preferred one first."""
        return tuple(self._openers)

    @property
    def ways(self) -> list[Way]:
        """Where others can reach this node."""
        return [way for opener in self._openers.values() for way in opener.ways]

    def __len__(self) -> int:
        """How many links there are, proved or not."""
        return len(self._held)

    def proved(self, link: Link) -> bool:
        """Whether a link is up: its handshake done, and the other side believed."""
        held = self._held.get(link)
        return held is not None and held.ready

    # --- what the node wants

    def establish(
        self, attempt: Attempt, expected: bytes | None, ways: Iterable[Way], application: bool = False
    ) -> None:
        """Make a link, as the client of the handshake, in one of these ways."""
        trying = self._trying[attempt] = Trying(attempt, expected, ways, application)
        self._try(trying)

    def begin(self, attempt: Attempt, expected: bytes, end: End, remote: Address, seconds: float) -> Link:
        """The link of an attempt that is made otherwise, and has so many seconds to be proved; its number."""
        trying = self._trying[attempt] = Trying(attempt, expected, (), False)
        trying.link = link = self._new(remote, trying)
        self._held[link].end = end
        # One link too many comes to nothing, but not before this has returned.
        self._limit(link, self._held[link], seconds if len(self._held) <= MOST_LINKS else 0.0)
        return link

    def wait(self, attempt: Attempt, node_id: bytes) -> None:
        """A link to this node is to come, made by the other side."""
        self._waiting[node_id] = attempt

    def abandon(self, attempt: Attempt) -> None:
        """Nothing need come of an attempt any more."""
        self._waiting = {node_id: each for node_id, each in self._waiting.items() if each != attempt}
        trying = self._trying.pop(attempt, None)
        if trying is not None and trying.link is not None:
            self._drop(trying.link)

    def send(self, link: Link, octets: bytes) -> None:
        """Send octets over a link that is up."""
        held = self._held.get(link)
        if held is not None and held.ready and held.end is not None:
            held.end.send(octets)

    def close(self, link: Link) -> None:
        """Close a link, once what was sent on it has left; nothing more is told of it."""
        held = self._held.get(link)
        if held is None or held.end is None or held.closing:
            return
        if not held.ready:
            self._drop(link)
            return
        held.ready, held.closing = False, True
        # A peer that does not read would keep it for ever.
        self._limit(link, held, HANDSHAKE)
        held.end.close()

    def stop(self) -> list[object]:
        """Close everything; the Deferreds among what is returned fire when that is done."""
        self._trying.clear()
        for link in tuple(self._held):
            self.close(link)
        ended: Deferred[None] = Deferred()
        self._ended = ended
        if not self._held:
            ended.callback(None)
        openers = [*self._openers.values(), *([self._for_applications] if self._for_applications else [])]
        return [ended, *(each for opener in openers for each in opener.stop())]

    def quench(self) -> None:
        """End at once what has not ended by itself."""
        for link in tuple(self._held):
            self._drop(link)

    # --- what becomes of it, told by the ends

    def accepted(self, remote: Address, private: Attempt | None = None) -> Link | None:
        """Somebody begins a link, at the socket that an attempt has for itself, if any; None where there are too many."""
        if self._half_open[remote.host] >= MOST_FROM_ONE or self._half_open_all >= MOST_HALF_OPEN:
            self._sparingly(remote, "too many links are begun and not proved")
            return None
        if len(self._held) >= MOST_LINKS:
            self._sparingly(remote, "too many links")
            return None
        self._half_open[remote.host] += 1
        self._half_open_all += 1
        return self._new(remote, None, private)

    def begun(self, link: Link, end: End) -> None:
        """What a link is made of that others have begun."""
        self._held[link].end = end

    def proven(
        self,
        link: Link,
        shown: tuple[bytes, ...],
        carrier: Carrier | None,
        near: Address = NOWHERE,
        far: Address = NOWHERE,
        datagrams: bool = False,
    ) -> None:
        """The handshake is over: the other side has the key of the certificate that it has shown."""
        held = self._held.get(link)
        if held is None or held.ready:
            return
        try:
            certificate = self._told.judge(shown, held.trying.expected if held.trying is not None else None)
        except Refusal as refusal:
            self._sparingly(held.remote, f"refused: {refusal}")
            self._drop(link, str(refusal))
            return
        held.ready = True
        self._settle(held)
        attempt = self._attempt(held, certificate)
        if attempt is None:
            self._limit(link, held, SILENCE)
        self._told.up(Up(link, attempt, shown, carrier, near, far, datagrams))

    def _attempt(self, held: _Held, certificate: Certificate) -> Attempt | None:
        if held.trying is not None:
            self._trying.pop(held.trying.attempt, None)
            return held.trying.attempt
        if held.private is not None:
            return held.private
        found = [self._waiting.pop(each) for each in certificate.node_ids if each in self._waiting]
        return found[0] if found else None

    def arrived(self, link: Link, octets: bytes) -> None:
        """Octets have come over a link."""
        held = self._held.get(link)
        if held is None or not held.ready:
            return
        if not held.heard:
            held.heard = True
            self._cancel(held)
        self._told.received(link, octets)

    def lost(self, link: Link, why: str) -> None:
        """A link is gone, or has never come about."""
        held = self._held.pop(link, None)
        if held is None:
            return
        if self._ended is not None and not self._held and not self._ended.called:
            self._ended.callback(None)
        if held.ready or held.closing:
            self._cancel(held)
            if held.ready:
                self._told.down(link, why)
            return
        self._settle(held)
        trying = held.trying
        if trying is not None and self._trying.get(trying.attempt) is trying:
            trying.reasons.append(f"{held.remote}: {why}")
            self._try(trying)

    # --- inside

    def _try(self, trying: Trying) -> None:
        """The next way of an attempt, or the end of it."""
        while trying.ways:
            way = trying.ways.pop(0)
            opener = self._for_applications if trying.application else self._openers.get(way.protocol)
            if opener is None or len(self._held) >= MOST_LINKS:
                continue
            trying.link = link = self._new(way.address, trying)
            self._held[link].end = opener.open(link, way.address)
            return
        self._trying.pop(trying.attempt, None)
        self._told.unreachable(
            trying.attempt, "; ".join(trying.reasons) or "no way to it is offered that is known here"
        )

    def _new(self, remote: Address, trying: Trying | None, private: Attempt | None = None) -> Link:
        self._last += 1
        held = self._held[self._last] = _Held(remote, trying, private)
        self._limit(self._last, held, HANDSHAKE)
        return self._last

    def _limit(self, link: Link, held: _Held, seconds: float) -> None:
        self._cancel(held)
        held.timer = self.reactor.callLater(seconds, self._late, link)

    def _late(self, link: Link) -> None:
        held = self._held[link]
        held.timer = None
        if not held.ready and not held.closing and held.trying is None:
            self._sparingly(held.remote, "closed: it proves nothing")
        self._drop(link, "it says nothing" if held.ready else "it does not answer")

    def _drop(self, link: Link, why: str = "closed") -> None:
        held = self._held.get(link)
        self.lost(link, why)
        if held is not None and held.end is not None:
            held.end.abort()

    def _settle(self, held: _Held) -> None:
        """Whether proved or gone, it is not half open any more."""
        self._cancel(held)
        if held.trying is None:
            self._half_open_all -= 1
            self._half_open[held.remote.host] -= 1
            if not self._half_open[held.remote.host]:
                del self._half_open[held.remote.host]

    def _cancel(self, held: _Held) -> None:
        if held.timer is not None and held.timer.active():
            held.timer.cancel()
        held.timer = None

    def _sparingly(self, remote: Address, text: str) -> None:
        now = self.reactor.seconds()
        if now - self._noted.get(remote.host, 0.0) < QUIET:
            return
        if len(self._noted) >= MOST_HALF_OPEN:
            self._noted.clear()
        self._noted[remote.host] = now
        self._told.note(Note("warning", text, (("address", str(remote)),)))
