"""DTLS over UDP with Simple Reliability, without ICE: all links of a node on one socket (RFC 6940, section 6.6.6).

What comes from an unknown address is kept only once it has brought back a cookie, so that nobody can make this node keep
anything for addresses that are not his (RFC 6347, section 4.2.1).
"""

from __future__ import annotations

import hmac
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from OpenSSL import SSL
from twisted.internet.protocol import DatagramProtocol

from disco_ref.entropy import Entropy
from disco_ref.notation.context import Context
from disco_ref.reload.actions import Link
from disco_ref.reload.forwarding.ice import OverlayLinkType
from disco_ref.shell.overlay.wire.association import Association
from disco_ref.shell.overlay.wire.candidates import Way
from disco_ref.shell.overlay.wire.links import Links
from disco_ref.shell.overlay.wire.records import MTU, datagrams, is_client_hello, well_formed
from disco_ref.shell.sip.sockets import bound
from disco_ref.shell.sip.wire import BoundPort, Reactor
from disco_ref.sip.flow import Address

LARGEST = 65536
"""Octets of the largest datagram."""
COOKIE_LIFETIME = 60.0
"""Seconds for which a cookie is good, at least."""
MOST_AT_ONE_ADDRESS = 2
"""Links with one address: the one that stands, and one that begins anew after a restart of the other side."""


class Cookies:
    """Makes and checks cookies; they hold an address and a time, and nothing is kept of them."""

    def __init__(self, reactor: Reactor, entropy: Entropy) -> None:
        self._reactor = reactor
        self._secret = entropy(32)

    def make(self, connection: SSL.Connection) -> bytes:
        """A cookie for whoever has sent what this connection was given."""
        return self._cookie(connection.get_app_data(), self._period())

    def good(self, connection: SSL.Connection, cookie: bytes) -> bool:
        """Whether it is a cookie of his, and not too old."""
        period = self._period()
        remote = connection.get_app_data()
        return any(hmac.compare_digest(cookie, self._cookie(remote, each)) for each in (period, period - 1))

    def _period(self) -> int:
        return int(self._reactor.seconds() // COOKIE_LIFETIME)

    def _cookie(self, remote: object, period: int) -> bytes:
        # = rfc6347:4.2.1/0
        return hmac.digest(self._secret, f"{remote} {period}".encode(), "sha256")


class DatagramLinks:
    """Makes and accepts links over DTLS."""

    protocol = OverlayLinkType.DTLS_UDP_SR_NO_ICE
    stray: Callable[[bytes, Address], bytes | None] | None = None
    """What is asked about datagrams that are no DTLS; it may give an answer."""

    def __init__(
        self, reactor: Reactor, links: Links, settings: SSL.Context, context: Context, entropy: Entropy
    ) -> None:
        self._reactor = reactor
        self._links = links
        self._settings = settings
        self._context = context
        self._cookies = cookies = Cookies(reactor, entropy)
        settings.set_cookie_generate_callback(cookies.make)
        settings.set_cookie_verify_callback(cookies.good)
        self._sockets: list[Socket] = []
        self.ways: list[Way] = []
        """Where others can reach this node by it."""

    def listen(self, address: Address, advertised: str = "") -> Address:
        """Opens a socket, and says where others find it, if not at its own address; OSError where that cannot be."""
        made = Socket(self)
        port = made.listen(self._reactor, address)
        self._sockets.append(made)
        at = Address(advertised or address.host, port)
        self.ways.append(Way(self.protocol, at))
        return at

    def open(self, link: Link, remote: Address) -> Association:
        """Begins a link."""
        ipv6 = ":" in remote.host
        found = next((each for each in self._sockets if each.ipv6 == ipv6), None)
        connection = SSL.Connection(self._settings, None)
        connection.set_connect_state()
        association = self.associate(found, link, connection, remote)
        self._reactor.callLater(0, association.begin)
        return association

    def associate(self, by: Socket | None, link: Link, connection: SSL.Connection, remote: Address) -> Association:
        """A link that begins; without a socket nothing leaves, and it comes to nothing in time."""
        if by is None:
            return Association(self._links, link, connection, self._context, lambda _: None, lambda: None)
        forget: list[Association] = []
        association = Association(
            self._links,
            link,
            connection,
            self._context,
            partial(by.transmit, remote),
            lambda: by.forget(remote, forget[0]),
        )
        forget.append(association)
        by.associations.setdefault(remote, []).append(association)
        return association

    def greeted(self, by: Socket, datagram: bytes, remote: Address) -> None:
        """Somebody wants to begin a link: he is asked to bring a cookie, and kept only if he has."""
        connection = SSL.Connection(self._settings, None)
        connection.set_app_data(remote)
        connection.set_accept_state()
        connection.set_ciphertext_mtu(MTU)
        connection.bio_write(datagram)
        try:
            connection.DTLSv1_listen()
        except SSL.WantReadError:
            with suppress(SSL.WantReadError):
                for each in datagrams(connection.bio_read(LARGEST)):
                    by.transmit(remote, each)
            return
        except SSL.Error:
            return
        link = self._links.accepted(remote)
        if link is None:
            return
        association = self.associate(by, link, connection, remote)
        self._links.begun(link, association)
        association.begin()

    def stop(self) -> list[object]:
        """Closes the sockets."""
        return [each.close() for each in self._sockets]


class Socket(DatagramProtocol):
    """One UDP socket, and the links over it by the address of the other side."""

    noisy = False

    def __init__(self, owner: DatagramLinks) -> None:
        self._owner = owner
        self._port: BoundPort | None = None
        self._socket: socket.socket | None = None
        self.ipv6 = False
        self.associations: dict[Address, list[Association]] = {}

    def listen(self, reactor: Reactor, address: Address) -> int:
        """Binds the socket, and returns its port."""
        with bound(address, stream=False) as made:
            self._port = port = reactor.adoptDatagramPort(made.fileno(), made.family, self, LARGEST)
        self._socket = port.socket
        self.ipv6 = ":" in address.host
        return port.getHost().port

    def datagramReceived(self, datagram: bytes, addr: tuple[str, int]) -> None:
        """Of a link that stands or begins; or the beginning of one; anything else is nobody's."""
        remote = Address(addr[0], addr[1])
        if not well_formed(datagram):
            answer = None if self._owner.stray is None else self._owner.stray(datagram, remote)
            if answer is not None:
                self.transmit(remote, answer)
            return
        known = self.associations.get(remote, [])
        all_ready = all(each.ready for each in known)
        if is_client_hello(datagram) and all_ready and len(known) < MOST_AT_ONE_ADDRESS:
            # = rfc6347:4.2.8/0
            self._owner.greeted(self, datagram, remote)
            return
        for each in tuple(known):
            each.arrived(datagram)

    def transmit(self, remote: Address, datagram: bytes) -> None:
        """Sends one datagram; one that cannot be sent is lost, as it may be anywhere on its way."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.sendto(datagram, remote)

    def forget(self, remote: Address, association: Association) -> None:
        """A link is over."""
        left = [each for each in self.associations.get(remote, []) if each is not association]
        if left:
            self.associations[remote] = left
        else:
            self.associations.pop(remote, None)

    def stopProtocol(self) -> None:
        """The socket is closed."""
        self._socket = None

    def close(self) -> object:
        """Closes the socket."""
        return self._port.stopListening() if self._port is not None else None
