"""Where links are made: by the sockets of the operating system, or by whatever else stands for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.link.establishing import Attempt, Establish, LinkParameters
from disco_ref.reload.member import Member
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.overlay.wire.datagrams import DatagramLinks
from disco_ref.shell.overlay.wire.links import Links, Opener
from disco_ref.shell.overlay.wire.security import KeyLog, dtls_settings, tls_settings
from disco_ref.shell.overlay.wire.stream import Streams
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address


class Listener(Opener, Protocol):
    """Makes links, and accepts those that others make."""

    def listen(self, address: Address, advertised: str = "") -> Address:
        """Accepts links at an address, and says where others find it, if not there; OSError where that cannot be."""


class ApplicationOpener(Opener, Protocol):
    """Makes links of applications, and accepts them at an address for each attempt."""

    def listen_for(self, attempt: Attempt, host: str) -> Address:
        """Accepts the link of one attempt alone, at any port; OSError where that cannot be."""

    def forget(self, attempt: Attempt | None) -> None:
        """Accepts no link of this attempt any more."""


@runtime_checkable
class Rendezvous(Protocol):
    """Makes links on which both sides work at once: ICE."""

    def gather(self, attempt: Attempt, application: int | None, then: Callable[[LinkParameters], None]) -> None:
        """Find out by which candidates this node can be reached; ``then`` is told, later."""

    def meet(self, wanted: Establish) -> None:
        """Make the link; what becomes of it is told as of every other."""

    def forget(self, attempt: Attempt) -> None:
        """Nothing need come of an attempt any more."""


class Network(Protocol):
    """What makes the links of a node."""

    def opener(self, protocol: OverlayLinkType, links: Links, member: Member, key: PrivateKey) -> Listener:
        """What makes links over this link protocol; Trouble where nothing does."""

    def for_applications(self, links: Links, member: Member, key: PrivateKey) -> ApplicationOpener:
        """What makes links of applications."""


class Sockets:
    """The operating system."""

    def __init__(self, reactor: Reactor, stun: tuple[Address, ...] = (), keys: KeyLog | None = None) -> None:
        """``stun`` are the STUN servers that are configured, for ICE; ``keys`` is told the secrets of all links."""
        self._reactor = reactor
        self._stun = stun
        self._keys = keys

    def opener(self, protocol: OverlayLinkType, links: Links, member: Member, key: PrivateKey) -> Listener:
        """TLS over TCP, or DTLS over UDP, with ICE or without."""
        context = member.overlay.context
        if protocol is OverlayLinkType.TLS_TCP_FH_NO_ICE:
            return Streams(self._reactor, links, tls_settings(member.identity, key, self._keys), context)
        if protocol is OverlayLinkType.DTLS_UDP_SR_NO_ICE:
            settings = dtls_settings(member.identity, key, self._keys)
            return DatagramLinks(self._reactor, links, settings, context, member.entropy)
        if protocol is OverlayLinkType.DTLS_UDP_SR:
            # What ICE needs takes longer to load than the rest of a node.
            from disco_ref.shell.overlay.wire.ice import IceLinks

            return IceLinks(self._reactor, links, member, key, self._stun, self._keys)
        raise Trouble(f"nothing here speaks the link protocol {protocol.name}")

    def for_applications(self, links: Links, member: Member, key: PrivateKey) -> ApplicationOpener:
        """TLS over TCP."""
        return Streams(self._reactor, links, tls_settings(member.identity, key, self._keys), None)
