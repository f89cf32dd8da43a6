"""A peer of an overlay whose links of AppAttach carry SIP: what a telephone in an overlay stands on (RFC 7904, from memory)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple

from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.peer.element import Core
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.telephony import OverlayElement
from disco_ref.reload import actions as reload
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.shell.overlay.driving import Log, OverlayDriving
from disco_ref.shell.overlay.node_file import NodeFile
from disco_ref.shell.overlay.wire.security import KeyLog
from disco_ref.shell.overlay.wire.sockets import Sockets
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.actions import Action
from disco_ref.sip.flow import Flow
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri
from disco_ref.usage.address_of_record import address_of_record, gruu
from disco_ref.usage.registering import Registering


class Linked(NamedTuple):
    """A link for SIP is up."""

    flow: Flow
    node_id: bytes
    """Who is at the other end."""


class _Element(OverlayElement):
    """Tells of its links."""

    def opened(self, flow: Flow, now: Instant) -> list[reload.Action]:
        """A link is up."""
        told = reload.Tell(Linked(flow, self.calling.node_at(flow) or b""))
        return [told, *super().opened(flow, now)]


class OverlayGround:
    """The peer, as a telephone sees it: it joins, and what the telephone sends finds its way."""

    def __init__(
        self,
        reactor: Reactor,
        file: NodeFile,
        core: Core,
        *,
        log: Log,
        delivered: Callable[[object], None],
        keys: KeyLog | None = None,
    ) -> None:
        """``core`` is told that it listens while this is made.  Trouble where nobody is named by the certificate."""
        self._file = file
        self.peer = Peer(file.overlay, file.identity, os.urandom, Instant(reactor.seconds()))
        self.host = file.listening[0].address.host
        self._element = _Element(core, self.peer, self.host)
        self._registering = Registering(self.peer.member, self.peer.chord)
        network = Sockets(reactor, file.stun, keys)
        self._driving = OverlayDriving(
            reactor, self.peer, file.key, file.listening, log, delivered=delivered, network=network
        )
        self.aor = own_address(file)

    @property
    def contact(self) -> SipUri:
        """The GRUU of this node: by it, others in the overlay reach this telephone and no other."""
        member = self.peer.member
        return gruu(self.aor, (node_place(member.node_id),), member.overlay.context)

    def start(self) -> Sequence[Listening]:
        """Opens the sockets and begins to join; Trouble where that cannot be.  It listens nowhere but on its links."""
        self._driving.start()
        self._driving.perform(self.peer.chord.begin(self._file.first, self.now()))
        return ()

    def stop(self) -> Deferred[None]:
        """Closes everything at once."""
        return self._driving.stop()

    def leave(self) -> Deferred[None]:
        """Leaves the overlay in good order, and closes everything."""
        return self._driving.leave(self.peer.chord.leave(self.now()))

    def now(self) -> Instant:
        """The time."""
        return self._driving.now()

    def perform(self, actions: Sequence[Action]) -> None:
        """Does what the telephone wants done."""
        self._driving.perform(self._element.perform(actions, self.now()))

    def register(self, lifetime: int) -> None:
        """Say that the address-of-record is reached here, for so many seconds, again and again."""
        self._driving.perform(self._registering.register_route(self.aor, self.now(), lifetime=lifetime))

    def unregister(self) -> None:
        """Say so no more."""
        self._driving.perform(self._registering.remove(self.aor, self.now()))


def own_address(file: NodeFile) -> SipUri:
    """The address-of-record of who runs a node: the user name of the certificate; Trouble where there is none."""
    name = file.identity.user_name
    if not name:
        raise Trouble("the certificate names no user who could be called")
    return address_of_record(f"sip:{name}")
