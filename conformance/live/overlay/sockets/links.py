"""The network of the machine for an overlay: every party has an end of its own, one selector waits for all of them."""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.live.memory.wiretap import Carried, Wiretap
from conformance.live.network.wire import WireFault
from conformance.live.overlay.identity import Identity
from conformance.live.overlay.sockets.carriers import Carrier, Datagrams, Stream, dialled, taken
from conformance.live.overlay.sockets.ends import End as Ending
from conformance.live.overlay.sockets.ends import greets, local_host, opened
from conformance.live.overlay.sockets.plain import Plain
from conformance.live.overlay.sockets.session import Session
from conformance.live.overlay.sockets.settings import settings
from conformance.live.overlay.sockets.starting import Starting
from conformance.live.overlay.wire import CLOSED, OCTETS, OPEN, Happening, Way
from conformance.live.subject import End
from conformance.run.model import Json

HANDSHAKE = 10.0
"""Seconds that a connection and its handshake may take."""
DOUBT = 1.0
"""Seconds in which who has been shown a bad certificate may still close the link, before it is said to be open: the subject may look
at a certificate only behind its own part of the handshake."""
RETRY = 0.1
"""Seconds until a subject that is being started is tried again."""


@dataclass(slots=True, eq=False)
class _Link:
    """One link, from its beginning."""

    number: int
    party: str
    way: Way
    session: Session | Plain
    carrier: Carrier | None
    limit: float
    doubted: bool
    """Whether the certificate that the harness shows is a bad one."""
    told: bool = False
    """Whether it has been said to be open."""
    doubt: float = field(default=float("inf"))
    again: float = field(default=float("inf"))
    """When it is dialled once more."""


class SocketLinks:
    """Links over the network of the machine."""

    virtual = False

    def __init__(self, subject: End, *, scale: float = 1.0, starting: Starting | None = None) -> None:
        """``subject`` is where it is reached; raises WireFault where no address of this machine goes there."""
        self.wire = Wiretap()
        self._subject = subject
        self._scale = scale
        self._starting = starting
        self._local = local_host(subject)
        self._selector = selectors.DefaultSelector()
        self._ends: dict[str, Ending] = {}
        self._links: dict[int, _Link] = {}
        self._ways: dict[int, Way] = {}
        self._ours = self._theirs = 0
        self._happened: list[Happening] = []
        self._zero = time.time() - time.monotonic()

    @property
    def now(self) -> float:
        """Wall time that never steps back."""
        return self._zero + time.monotonic()

    # --- what a stage asks for

    def begin(self, settings: Mapping[str, Json]) -> bool:
        """Start the subject by its command; False where there is none."""
        if self._starting is None:
            return False
        self._starting.start(settings, self._subject)
        return True

    def open(self, party: str, identity: Identity) -> End:
        """Sockets of the party's own, for both transports on one port."""
        if party in self._ends:
            self._ends[party].identity = identity
            return self._ends[party].place
        self._ends[party] = made = opened(party, identity, self._local)
        self._selector.register(made.listening, selectors.EVENT_READ, (self._accept, made))
        self._selector.register(made.datagrams, selectors.EVENT_READ, (self._datagrams, made))
        return made.place

    def connect(self, party: str, transport: str, to: End, identity: Identity | None = None) -> int:
        """Begin a link; over ``tcp`` and ``udp`` it is one without any protection."""
        self._ours += 1
        shows = identity or self._ends[party].identity
        session: Session | Plain = Plain()
        if transport in ("tls", "dtls"):
            context = settings(transport, shows if shows.certificate else None, self.wire.secrets.append)
            session = Session(context, server=False, datagrams=transport == "dtls")
        way = Way(transport, self._ends[party].place, to)
        link = _Link(self._ours, party, way, session, None, self.now + HANDSHAKE * self._scale, bool(shows.kind))
        self._links[link.number] = link
        self._ways[link.number] = way
        self._dial(link)
        return link.number

    def way(self, link: int) -> Way:
        """Where it goes."""
        return self._ways[link]

    def send(self, link: int, octets: bytes) -> bool:
        """Octets inside the link."""
        known = self._links.get(link)
        if known is None or not known.session.send(octets):
            return False
        self._push(known)
        return link in self._links

    def replay(self, link: int) -> bool:
        """Send the datagram with the last record of a link once more, as it was; False where there is none."""
        known = self._links.get(link)
        if known is None or known.carrier is None or known.way.transport != "dtls" or not known.session.last_record:
            return False
        known.session.outgoing.append(known.session.last_record)
        self._push(known)
        return True

    def drop(self, link: int) -> None:
        """Say that the link is closed, and forget it."""
        known = self._links.get(link)
        if known is None:
            return
        known.session.close()
        self._push(known)
        self._forget(known)

    def wait(self, until: float) -> list[Happening]:
        """Whatever comes first."""
        while not self._happened:
            if self._starting is not None and (ended := self._starting.ended):
                raise WireFault(ended, fatal=True)
            due = min(until, self._due())
            for key, mask in self._selector.select(max(0.0, due - self.now)):
                step, one = key.data
                step(one, mask)
            self._expire()
            if self.now >= until:
                break
        found, self._happened = self._happened, []
        return found

    def arrived(self) -> list[Happening]:
        """What lies in the sockets."""
        return self.wait(self.now)

    def deaf(self, party: str, *, deaf: bool) -> None:
        """Whether connections of the subject are closed at once, and its datagrams passed over."""
        self._ends[party].deaf = deaf

    def trigger(self, do: str, arguments: Mapping[str, Json]) -> bool:
        """Sockets make nobody do anything."""
        return False

    def close(self) -> None:
        """Close all sockets; a subject that was started is ended."""
        for number in list(self._links):
            self.drop(number)
        self._selector.close()
        for end in self._ends.values():
            end.close()
        if self._starting is not None:
            self._starting.stop()

    # --- links that the harness opens

    def _dial(self, link: _Link) -> None:
        link.again = float("inf")
        try:
            link.carrier = carrier = dialled(link.way.transport, self._local, link.way.far)
        except OSError as fault:
            self._lost(link, fault)
            return
        self._ways[link.number] = link.way = Way(link.way.transport, carrier.near, link.way.far)
        self._watch(link)
        if carrier.connected:
            self._begin(link)

    def _begin(self, link: _Link) -> None:
        link.session.begin()
        self._went_on(link, [])

    def _lost(self, link: _Link, fault: OSError) -> None:
        """The connection fails; where the subject is being started it is tried again."""
        coming = self._starting is not None and self._starting.coming
        if coming and isinstance(fault, ConnectionRefusedError) and not link.session.open:
            self._unwatch(link)
            link.again = self.now + RETRY
            return
        self._closed(link, f"{fault.strerror or fault}")

    # --- links that the subject opens

    def _accept(self, end: Ending, _: int) -> None:
        taken = end.accepted()
        if taken is not None:
            self._watch(self._taken(end, "tls", Stream(*taken, connected=True)))

    def _datagrams(self, end: Ending, _: int) -> None:
        try:
            octets, at, far = taken(end.datagrams)
        except OSError:  # a port unreachable that an earlier datagram caused
            return
        known = [one for one in self._links.values() if one.number < 0 and one.way[:] == ("dtls", end.place, far)]
        if known and not (greets(octets) and known[-1].session.open):
            self._came(known[-1], octets, at)
        elif not end.deaf and greets(octets):
            self._came(self._taken(end, "dtls", Datagrams(end.datagrams, far, own=False)), octets, at)

    def _taken(self, end: Ending, transport: str, carrier: Carrier) -> _Link:
        self._theirs -= 1
        context = settings(transport, end.identity, self.wire.secrets.append)
        session = Session(context, server=True, datagrams=transport == "dtls")
        way = self._ways[self._theirs] = Way(transport, end.place, carrier.far)
        limit = self.now + HANDSHAKE * self._scale
        link = _Link(self._theirs, end.party, way, session, carrier, limit, bool(end.identity.kind))
        self._links[link.number] = link
        return link

    # --- what goes on

    def _watch(self, link: _Link) -> None:
        """Wait for what the carrier of a link wants."""
        carrier = link.carrier
        if carrier is None or carrier.socket is None:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if carrier.waits else 0)
        if carrier.socket in self._selector.get_map():
            self._selector.modify(carrier.socket, events, (self._ready, link))
        else:
            self._selector.register(carrier.socket, events, (self._ready, link))

    def _unwatch(self, link: _Link) -> None:
        carrier, link.carrier = link.carrier, None
        if carrier is None:
            return
        if carrier.socket is not None:
            self._selector.unregister(carrier.socket)
        with contextlib.suppress(OSError):
            carrier.close()

    def _ready(self, link: _Link, mask: int) -> None:
        carrier = link.carrier
        if carrier is None:
            return
        try:
            if mask & selectors.EVENT_WRITE:
                fresh = not carrier.connected
                carrier.proceed()
                self._watch(link)
                if fresh:
                    self._begin(link)
            if mask & selectors.EVENT_READ and link.carrier is carrier and carrier.connected:
                octets = carrier.read()
                if octets:
                    self._came(link, octets, carrier.stamp)
                elif octets is None:
                    self._closed(link, link.session.why or "the connection is closed without close_notify")
        except OSError as fault:
            self._lost(link, fault)

    def _came(self, link: _Link, octets: bytes, at: float | None) -> None:
        self._tap(link, octets, sent=True)
        self._went_on(link, link.session.arrived(octets), at)

    def _went_on(self, link: _Link, pieces: list[bytes], at: float | None = None) -> None:
        """What a session has made of octets that came at a time."""
        self._push(link)
        if link.number not in self._links:
            return
        if link.session.open and not link.told and link.doubt == float("inf"):
            link.doubt = self.now + (DOUBT * self._scale if link.doubted else 0.0)
        if pieces or link.doubt <= self.now:
            self._opened(link)
        for piece in pieces:
            self._happens(link, OCTETS, octets=piece, at=at)
        if link.session.over:
            self._closed(link, link.session.why)

    def _opened(self, link: _Link) -> None:
        if not link.told and link.session.open:
            link.told = True
            session = link.session
            self._happens(link, OPEN, certificates=session.certificates, remark=session.remark)

    def _push(self, link: _Link) -> None:
        """Let what a session wants to say leave."""
        carrier = link.carrier
        if carrier is None:
            return
        try:
            while link.session.outgoing:
                octets = link.session.outgoing.popleft()
                self._tap(link, octets, sent=False)
                carrier.send(octets)
            self._watch(link)
        except OSError as fault:
            self._lost(link, fault)

    def _tap(self, link: _Link, octets: bytes, *, sent: bool) -> None:
        near, far = link.way.near, link.way.far
        ends = (far, near) if sent else (near, far)
        transport = "tcp" if link.way.transport in ("tls", "tcp") else "udp"
        self.wire.keep(Carried(self.now, transport, *ends, octets, sent))

    def _happens(
        self, link: _Link, what: str, *, octets: bytes = b"", certificates: tuple[bytes, ...] = (), why: str = "",
        remark: str = "", at: float | None = None,
    ) -> None:  # fmt: skip
        now = self.now
        self._happened.append(
            Happening(
                min(at, now) if at is not None else now,
                link.party,
                link.number,
                what,
                octets,
                certificates,
                why=why,
                remark=remark,
            )
        )

    def _closed(self, link: _Link, why: str) -> None:
        if link.number in self._links:
            self._forget(link)
            self._happens(link, CLOSED, why=why)

    def _forget(self, link: _Link) -> None:
        self._links.pop(link.number, None)
        self._unwatch(link)

    def _due(self) -> float:
        """When something is to be done without anybody's asking."""
        times = [float("inf")]
        for one in self._links.values():
            patience = one.session.patience
            times += [one.again, one.limit if not one.session.open else float("inf")]
            times += [one.doubt] if not one.told else []
            times += [self.now + max(0.0, patience)] if patience is not None else []
        return min(times) if self._starting is None else min(*times, self.now + RETRY)

    def _expire(self) -> None:
        for link in list(self._links.values()):
            if link.again <= self.now:
                self._dial(link)
            if link.session.patience is not None and link.session.patience <= 0:
                link.session.expire()
                self._went_on(link, [])
            if link.doubt <= self.now:
                self._opened(link)
            if not link.session.open and self.now >= link.limit:
                self._closed(link, f"no handshake within {HANDSHAKE * self._scale:g} s")
