"""DTLS over UDP with Simple Reliability, with ICE: a link has sockets of its own (RFC 6940, sections 6.5.1.3 and 6.6.4).

Who has no Attach to send yet, because nobody would carry it, comes to a socket that listens as without ICE (section 11.4);
that one answers questions of STUN too, for those that take this node for a STUN server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import cast

import aioice
from OpenSSL import SSL
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.reload.forwarding.ice import CandType, IceCandidate, OverlayLinkType
from disco_ref.reload.link.establishing import Attempt, Establish, LinkParameters
from disco_ref.reload.link.stun_servers import StunServers
from disco_ref.reload.member import Member
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.overlay.wire.agent import MOST_EARLY, Agent, answered
from disco_ref.shell.overlay.wire.association import Association
from disco_ref.shell.overlay.wire.candidates import MOST_TRIED, address_of, place_of
from disco_ref.shell.overlay.wire.datagrams import DatagramLinks
from disco_ref.shell.overlay.wire.links import NOWHERE, Links
from disco_ref.shell.overlay.wire.records import well_formed
from disco_ref.shell.overlay.wire.security import KeyLog, dtls_settings
from disco_ref.shell.sip.trouble import Trouble, said
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address

MEETING = 15.0
"""Seconds for ICE and the handshake together."""
_TYPES = {"host": CandType.host, "srflx": CandType.srflx, "relay": CandType.relay}
_NAMES = {number: name for name, number in _TYPES.items()}


class Meeting:
    """One attempt: ICE, and the link that comes of it; :class:`disco_ref.shell.overlay.wire.links.End`."""

    def __init__(self, owner: IceLinks, attempt: Attempt, application: int | None, addresses: Iterable[str]) -> None:
        self._owner = owner
        self.attempt = attempt
        self.application = application
        self.agent = Agent(owner.reactor, self, owner.entropy, list(addresses))
        self.link: int | None = None
        self.association: Association | None = None
        self._early: list[bytes] = []
        self.over = False
        """Whether nothing is to come of it any more."""

    def associate(self, association: Association) -> None:
        """ICE is done: what has come meanwhile is taken, and the handshake begins."""
        self.association = association
        association.begin()
        early, self._early = self._early, []
        for each in early:
            association.arrived(each)

    # --- told by the agent

    def arrived(self, datagram: bytes) -> None:
        """A datagram that is no STUN."""
        if not well_formed(datagram):
            return
        if self.association is not None:
            self.association.arrived(datagram)
        elif len(self._early) < MOST_EARLY:
            self._early.append(datagram)

    def ended(self) -> None:
        """The agent is closed."""
        if not self.over:
            self.fail("the other side answers no STUN any more")

    # --- as an end of a link

    def send(self, octets: bytes) -> None:
        """Sends octets as one record."""
        if self.association is not None:
            self.association.send(octets)

    def close(self) -> None:
        """Says that the link is closed, and closes it."""
        if self.association is not None:
            self.association.close()
        self.fail("closed")

    def abort(self) -> None:
        """Closes it at once."""
        self.close()

    def fail(self, why: str) -> None:
        """Nothing has come of it, or it is over."""
        if self.over:
            return
        self.over = True
        if self.association is not None:
            self.association.fail(why)
        elif self.link is not None:
            self._owner.links.lost(self.link, why)
        self._owner.ended(self)


class IceLinks(DatagramLinks):
    """Makes and accepts links over DTLS with ICE; :class:`disco_ref.shell.overlay.wire.sockets.Rendezvous`."""

    # = rfc6940:6.5.1.3/1
    protocol = OverlayLinkType.DTLS_UDP_SR

    def __init__(
        self,
        reactor: Reactor,
        links: Links,
        member: Member,
        key: PrivateKey,
        stun: tuple[Address, ...] = (),
        keys: KeyLog | None = None,
    ) -> None:
        """``stun`` are configured STUN servers.  Trouble where the reactor is none that aioice can use."""
        if not isinstance(cast(object, reactor), AsyncioSelectorReactor):
            raise Trouble("ICE needs the asyncio reactor")
        context = member.overlay.context
        super().__init__(reactor, links, dtls_settings(member.identity, key, keys), context, member.entropy)
        self.reactor: Reactor = reactor
        self.links = links
        self.entropy = member.entropy
        self.stray = answered
        self._member = member
        # The checks of ICE prove the address of the other side, which is all that cookies are for.
        self._proved = dtls_settings(member.identity, key, keys, cookies=False)
        # = rfc6940:6.5.1.4/0
        nodes = member.overlay.configuration.bootstrap_node
        self._servers = StunServers([*((each.host, each.port) for each in stun), *((n.address, n.port) for n in nodes)])
        self._addresses: list[str] = []
        self._meetings: dict[Attempt, Meeting] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._working = 0
        """Things that wait, or wait to be begun."""
        self._quiet: Deferred[None] = Deferred()
        """Fires when nothing does any more, once it is asked for."""
        self._stopped = False

    def listen(self, address: Address, advertised: str = "") -> Address:
        """Opens a socket for those that come without Attach; candidates are gathered at the same IP address."""
        at = super().listen(address, advertised)
        if address.host not in self._addresses:
            self._addresses.append(address.host)
        return at

    # --- as a rendezvous

    def gather(self, attempt: Attempt, application: int | None, then: Callable[[LinkParameters], None]) -> None:
        """Find out by which candidates this node can be reached; ``then`` is told, later."""
        meeting = self._meetings[attempt] = Meeting(self, attempt, application, self._addresses)
        self._run(self._gather(meeting, then), meeting)

    async def _gather(self, meeting: Meeting, then: Callable[[LinkParameters], None]) -> None:
        found = await meeting.agent.gather(self._known_servers())
        if meeting.over:
            await meeting.agent.close()
            return
        now = Instant(self.reactor.seconds())
        for server, seen in meeting.agent.observed:
            if seen is None:
                self._servers.unanswered(server, now)
            else:
                self._servers.observed(server, seen)
        agent = meeting.agent
        name, password = agent.local_username.encode(), agent.local_password.encode()
        then(LinkParameters(name, password, tuple(map(_candidate, found))))

    def meet(self, wanted: Establish) -> None:
        """Make the link: ICE, then DTLS."""
        meeting = self._meetings.get(wanted.attempt)
        if meeting is None or meeting.over:
            return
        remote = [each for each in map(_remote, wanted.remote.candidates) if each is not None]
        far = Address(remote[0].host, remote[0].port) if remote else NOWHERE
        meeting.link = self.links.begin(wanted.attempt, wanted.node_id, meeting, far, MEETING)
        self._run(self._meet(meeting, wanted, remote[:MOST_TRIED]), meeting)

    async def _meet(self, meeting: Meeting, wanted: Establish, remote: list[aioice.Candidate]) -> None:
        agent = meeting.agent
        name, password = wanted.remote.ufrag.decode("ascii"), wanted.remote.password.decode("ascii")
        await agent.meet(wanted.offered, name, password, remote)
        ends = agent.ends
        if meeting.over or meeting.link is None or ends is None:
            return
        # = rfc6940:6.5.1.13/1
        # = rfc6940:6.5.1.13/2
        connection = SSL.Connection(self._proved, None)
        if wanted.active:
            connection.set_connect_state()
        else:
            connection.set_accept_state()
        context = self._member.overlay.context if wanted.application is None else None
        association = Association(
            self.links, meeting.link, connection, context, agent.transmit, lambda: meeting.fail("closed")
        )
        association.round_trip, association.ends = agent.round_trip, ends
        meeting.associate(association)

    def forget(self, attempt: Attempt) -> None:
        """Nothing need come of an attempt any more."""
        meeting = self._meetings.get(attempt)
        if meeting is not None:
            meeting.close()

    def ended(self, meeting: Meeting) -> None:
        """A meeting is over; its sockets are closed."""
        self._meetings.pop(meeting.attempt, None)
        if meeting.link is not None:
            self._servers.lost(meeting.link)
        self._run(meeting.agent.close(), None)

    def stop(self) -> list[object]:
        """Closes the sockets."""
        for each in tuple(self._meetings.values()):
            each.close()
        self._stopped = True
        self._settled()
        return [*super().stop(), self._quiet]

    # --- inside

    def _known_servers(self) -> list[tuple[str, int]]:
        """The STUN servers to ask now: neighbors are known once their links are up."""
        for each in self._meetings.values():
            ends = each.agent.ends
            if each.link is not None and ends is not None and self.links.proved(each.link):
                self._servers.connected(each.link, (ends[1].host, ends[1].port))
        own = {(each.address.host, each.address.port) for each in self.ways}
        return list(self._servers.chosen(Instant(self.reactor.seconds()), own))

    def _run(self, work: Coroutine[object, object, None], meeting: Meeting | None) -> None:
        """Begins something that waits, on the loop of the reactor; what goes wrong with it is the end of its meeting."""
        self._working += 1
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            # The reactor has not begun to run.
            self.reactor.callLater(0, self._begin, work, meeting)
        else:
            self._begin(work, meeting)

    def _begin(self, work: Coroutine[object, object, None], meeting: Meeting | None) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._done(done, meeting))

    def _done(self, task: asyncio.Future[None], meeting: Meeting | None) -> None:
        self._tasks.discard(task)
        self._working -= 1
        failure = None if task.cancelled() else task.exception()
        if failure is not None and meeting is not None:
            meeting.fail(said(failure))
        self._settled()

    def _settled(self) -> None:
        if self._stopped and not self._working and not self._quiet.called:
            self._quiet.callback(None)


def _candidate(found: aioice.Candidate) -> IceCandidate:
    """A candidate of this node, as an Attach has it."""
    kind = _TYPES[found.type]
    base = None
    if kind is not CandType.host and found.related_address is not None:
        base = place_of(Address(found.related_address, found.related_port or 0))
    place = place_of(Address(found.host, found.port))
    foundation = found.foundation.encode("latin-1")
    # = rfc6940:6.5.1.1/0
    return IceCandidate(place, OverlayLinkType.DTLS_UDP_SR, foundation, found.priority, kind, base, ())


def _remote(candidate: IceCandidate) -> aioice.Candidate | None:
    """A candidate of the other side, as the library wants it; None where it is none that can be tried."""
    address = address_of(candidate)
    kind = _NAMES.get(candidate.type)
    if address is None or kind is None or candidate.overlay_link != OverlayLinkType.DTLS_UDP_SR:
        return None
    foundation = candidate.foundation.decode("latin-1")
    return aioice.Candidate(foundation, 1, "udp", candidate.priority, address.host, address.port, kind)
