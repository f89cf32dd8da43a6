"""The network of a node in virtual time: connections by their numbers, handshakes told by certificates (conformance/SUBJECT.md).

It stands where the sockets of the live node stand; what may be connected, for how long, and who is believed is decided by
the live node's own :class:`~disco_ref.shell.overlay.wire.links.Links`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.reload.actions import Link
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.reload.link.carrier import Carrier
from disco_ref.reload.link.establishing import Attempt
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.link.simple_reliability import SimpleReliability
from disco_ref.reload.member import Member
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.formats.format import Json
from disco_ref.shell.overlay.wire.candidates import Way
from disco_ref.shell.overlay.wire.links import NOWHERE, Links
from disco_ref.shell.overlay.wire.records import MTU
from disco_ref.sip.flow import Address

TLS, DTLS = OverlayLinkType.TLS_TCP_FH_NO_ICE, OverlayLinkType.DTLS_UDP_SR_NO_ICE
TRANSPORTS = {TLS: "tls", DTLS: "dtls"}

FIRST_PORT = 30_000
"""The port of the first connection over TLS that the node opens."""
FIRST_PRIVATE, PRIVATE = 49_152, 16_384
"""The ports at which it waits for links of applications."""
RECORD = MTU - 37
"""Octets that a message may have in one record; the rest is what DTLS 1.2 with AES in GCM adds."""


class Ends(NamedTuple):
    """Where a connection is."""

    protocol: OverlayLinkType
    near: Address
    far: Address


class VirtualEnd:
    """The node's end of a connection."""

    def __init__(self, wire: VirtualWire, number: int, link: Link, ends: Ends, application: bool) -> None:
        self._wire = wire
        self.number = number
        self.link = link
        self.ends = ends
        self.application = application
        """Whether its octets are those of an application."""
        self.shown = False
        """Whether this end has shown its certificates."""
        self._over = False

    def show(self) -> None:
        """Shows this node's certificates, once, before anything else."""
        if not self.shown and not self._over:
            self.shown = True
            certificates = [each.hex() for each in self._wire.member.identity.certificates]
            self._wire.write(self, certificates=[*certificates])

    def send(self, octets: bytes) -> None:
        """Sends octets, as one record where there are any."""
        if not self._over:
            self.show()
            self._wire.write(self, octets)

    def close(self) -> None:
        """Closes the connection; what was sent has left."""
        if not self._over:
            self._over = True
            self._wire.write(self, closed=True)
            self._wire.forget_end(self)
            self._wire.links.lost(self.link, "closed")

    def abort(self) -> None:
        """Closes it at once, without another word about the link."""
        if not self._over:
            self._over = True
            self._wire.write(self, closed=True)
            self._wire.forget_end(self)

    def ended(self) -> None:
        """The other side has closed it."""
        self._over = True


class VirtualWire:
    """All connections of one node; numbers of those that it opens itself count down from -1."""

    def __init__(self) -> None:
        self.links: Links
        self.member: Member
        self.listening: dict[tuple[OverlayLinkType, Address], Attempt | None] = {}
        """Where connections are taken, and the attempt that such an address is for alone."""
        self._ends: dict[int, VirtualEnd] = {}
        self._opened = 0
        self._taken = 0
        """The highest number of a connection that was opened to this node."""
        self._sent: list[Json] = []

    # --- as a network

    def opener(self, protocol: OverlayLinkType, links: Links, member: Member, key: PrivateKey) -> VirtualOpener:
        """What makes connections of this transport; the key is proved by nobody here."""
        self.links, self.member = links, member
        return VirtualOpener(self, protocol, False)

    def for_applications(self, links: Links, member: Member, key: PrivateKey) -> VirtualOpener:
        """What makes connections of applications."""
        return VirtualOpener(self, TLS, True)

    def open(self, link: Link, ends: Ends, application: bool) -> VirtualEnd:
        """Opens a connection: this end shows its certificates first."""
        self._opened += 1
        near = ends.near if ends.protocol is DTLS else Address(ends.near.host, FIRST_PORT + self._opened)
        end = VirtualEnd(self, -self._opened, link, ends._replace(near=near), application)
        self._ends[end.number] = end
        end.show()
        return end

    def place(self, protocol: OverlayLinkType, remote: Address) -> Address:
        """The address of this node from which another one can be reached: of the same transport, if there is one, and family."""
        known = [(each is protocol, at) for each, at in self.listening if (":" in at.host) == (":" in remote.host)]
        return max(known, key=lambda one: one[0])[1] if known else NOWHERE

    # --- what it is told

    def received(self, number: int, ends: Ends, octets: bytes, shown: Sequence[bytes] | None) -> None:
        """Octets of a connection, or what the other end shows in its handshake; who says anything else first is turned away."""
        end = self._ends.get(number)
        if end is None and shown is None and self._is_over(number):
            return
        if end is None:
            end = self._accepted(number, ends, shown)
            if end is None:
                self.write_closed(number, ends)
                return
        if shown is not None:
            self._proven(end, tuple(shown))
        if octets and self._ends.get(number) is end:
            if self.links.proved(end.link):
                self.links.arrived(end.link, octets)
            else:
                end.close()

    def closed(self, number: int) -> None:
        """The other end has closed a connection, or nobody has accepted it."""
        end = self._ends.pop(number, None)
        if end is not None:
            end.ended()
            self.links.lost(end.link, "the other side has closed it")

    def take(self) -> list[Json]:
        """What was sent since this was asked last."""
        sent, self._sent = self._sent, []
        return sent

    def _is_over(self, number: int) -> bool:
        """Whether a connection was one before; what was under way when it was closed is nobody's."""
        return -self._opened <= number <= self._taken

    def _accepted(self, number: int, ends: Ends, shown: Sequence[bytes] | None) -> VirtualEnd | None:
        """A connection that somebody opens; None where nobody listens, or it is refused."""
        place = ends.protocol, ends.near
        if shown is None or number <= 0 or place not in self.listening:
            return None
        self._taken = max(self._taken, number)
        private = self.listening[place]
        link = self.links.accepted(ends.far, private)
        if link is None:
            return None
        end = self._ends[number] = VirtualEnd(self, number, link, ends, private is not None)
        self.links.begun(link, end)
        return end

    def _proven(self, end: VirtualEnd, shown: tuple[bytes, ...]) -> None:
        self.links.proven(end.link, shown, self._carrier(end), end.ends.near, end.ends.far)
        end.show()

    def _carrier(self, end: VirtualEnd) -> Carrier | None:
        if end.application:
            return None
        context = self.member.overlay.context
        return FramedStream(context) if end.ends.protocol is TLS else SimpleReliability(context, RECORD)

    # --- what it says

    def write(
        self, end: VirtualEnd, octets: bytes = b"", *, certificates: list[Json] | None = None, closed: bool = False
    ) -> None:
        """Something leaves."""
        piece = _piece(end.number, end.ends, octets)
        if certificates is not None:
            piece["certificates"] = certificates
        if closed:
            piece["closed"] = True
        self._sent.append(piece)

    def write_closed(self, number: int, ends: Ends) -> None:
        """A connection is turned away."""
        self._sent.append({**_piece(number, ends, b""), "closed": True})

    def forget_end(self, end: VirtualEnd) -> None:
        """Nothing comes on a connection any more."""
        if self._ends.get(end.number) is end:
            del self._ends[end.number]


class VirtualOpener:
    """Opens and takes connections of one transport."""

    def __init__(self, wire: VirtualWire, protocol: OverlayLinkType, application: bool) -> None:
        self._wire = wire
        self._application = application
        self.protocol = protocol
        self.ways: list[Way] = []

    def listen(self, address: Address, advertised: str = "") -> Address:
        """Takes connections at an address."""
        self._wire.listening[self.protocol, address] = None
        self.ways.append(Way(self.protocol, address))
        return address

    def listen_for(self, attempt: Attempt, host: str) -> Address:
        """Takes one connection, for the application of an attempt."""
        at = Address(host, FIRST_PRIVATE + attempt % PRIVATE)
        self._wire.listening[self.protocol, at] = attempt
        return at

    def forget(self, attempt: Attempt | None) -> None:
        """Takes no connection for an attempt any more."""
        if attempt is not None:
            kept = {place: each for place, each in self._wire.listening.items() if each != attempt}
            self._wire.listening = kept

    def open(self, link: Link, remote: Address) -> VirtualEnd:
        """Opens a connection."""
        return self._wire.open(
            link, Ends(self.protocol, self._wire.place(self.protocol, remote), remote), self._application
        )

    def stop(self) -> list[object]:
        """Takes nothing any more."""
        for each in self.ways:
            self._wire.listening.pop((each.protocol, each.address), None)
        return []


def _piece(number: int, ends: Ends, octets: bytes) -> dict[str, Json]:
    return {
        "transport": TRANSPORTS[ends.protocol],
        "source": str(ends.near),
        "destination": str(ends.far),
        "octets": octets.hex(),
        "connection": number,
    }
