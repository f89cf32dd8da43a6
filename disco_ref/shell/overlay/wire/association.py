"""One link over DTLS: the library between two ends of memory, its clock kept outside (RFC 6940, section 6.6.6; RFC 6347)."""

from __future__ import annotations

from collections.abc import Callable

from OpenSSL import SSL

from disco_ref.clock import Duration
from disco_ref.notation.context import Context
from disco_ref.reload.actions import Link
from disco_ref.reload.link.simple_reliability import SimpleReliability
from disco_ref.shell.overlay.wire.links import NOWHERE, Links
from disco_ref.shell.overlay.wire.records import MTU, datagrams
from disco_ref.shell.overlay.wire.security import shown
from disco_ref.shell.sip.trouble import said
from disco_ref.shell.sip.wire import Call

_LARGEST = 1 << 16
_LARGEST_RECORD = 1 << 14


class Association:
    """One end of a link."""

    def __init__(
        self,
        links: Links,
        link: Link,
        connection: SSL.Connection,
        context: Context | None,
        transmit: Callable[[bytes], None],
        forget: Callable[[], None],
    ) -> None:
        """``transmit`` sends one datagram to the other side; ``forget`` is called when the link is over.

        ``context`` None: it is for an application, and each record is what the application sends at once (section 6.5.2).
        """
        self._links = links
        self._link = link
        self._connection = connection
        self._context = context
        self._transmit = transmit
        self._forget = forget
        self._timer: Call | None = None
        self._over = False
        self.ready = False
        """Whether the handshake is over."""
        self.round_trip: Duration | None = None
        """Of a STUN transaction while the link was made, seconds."""
        self.ends = (NOWHERE, NOWHERE)
        """This end and the other one, where somebody asks for them."""
        connection.set_ciphertext_mtu(MTU)

    def begin(self) -> None:
        """The first flight, or the answer to what the library has taken already."""
        if not self._over:
            self._go_on()

    def arrived(self, datagram: bytes) -> None:
        """A datagram of the other side, or of somebody who uses its address: the library tells them apart."""
        if self._over:
            return
        self._connection.bio_write(datagram)
        self._go_on()

    def send(self, octets: bytes) -> None:
        """Sends octets as one record."""
        if self._over or not self.ready or len(octets) > _LARGEST_RECORD:
            # What an application sends that no record can hold is lost, as in a datagram.
            return
        try:
            self._connection.send(octets)
        except SSL.Error as failure:
            self._lost(said(failure))
            return
        self._flush()

    def close(self) -> None:
        """Says that the link is closed, and forgets it; nothing waits to be sent here."""
        if self._over:
            return
        try:
            if self.ready:
                self._connection.shutdown()
                self._flush()
        except SSL.Error:
            pass
        self._lost("closed")

    def abort(self) -> None:
        """Forgets the link."""
        self.close()

    def fail(self, why: str) -> None:
        """What carries the datagrams is gone."""
        self._lost(why)

    def _go_on(self) -> None:
        try:
            if not self.ready and not self._handshake():
                return
            self._read()
        except SSL.ZeroReturnError:
            self._lost("the other side has closed it")
        except SSL.Error as failure:
            self._flush()
            self._lost(said(failure))

    def _handshake(self) -> bool:
        """Whether the handshake is over; octets leave as it wants, and again when nothing comes back."""
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            self._flush()
            self._arm()
            return False
        self._flush()
        self._disarm()
        self.ready = True
        carrier = None
        if self._context is not None:
            # = rfc6940:6.6.3.1/0
            # = rfc6940:6.6.4/0
            mtu = self._connection.get_cleartext_mtu()
            carrier = SimpleReliability(self._context, mtu, self.round_trip)
        self._links.proven(self._link, shown(self._connection), carrier, *self.ends, datagrams=True)
        return not self._over

    def _read(self) -> None:
        while not self._over:
            try:
                octets = self._connection.recv(_LARGEST)
            except SSL.WantReadError:
                break
            self._links.arrived(self._link, octets)
        # A last flight that was lost is asked for again behind the end of the handshake.
        self._flush()

    def _flush(self) -> None:
        pending = b""
        while True:
            try:
                pending += self._connection.bio_read(_LARGEST)
            except SSL.WantReadError:
                break
        for each in datagrams(pending):
            self._transmit(each)

    def _arm(self) -> None:
        self._disarm()
        # = rfc6347:4.2.4.1/0
        seconds = self._connection.DTLSv1_get_timeout()
        if seconds is not None and not self._over:
            self._timer = self._links.reactor.callLater(seconds, self._again)

    def _again(self) -> None:
        self._timer = None
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error as failure:
            self._lost(said(failure))
            return
        self._flush()
        self._arm()

    def _disarm(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None

    def _lost(self, why: str) -> None:
        if not self._over:
            self._over = True
            self._disarm()
            self._forget()
            self._links.lost(self._link, why)
