"""One end of (D)TLS between memory: what came from the wire goes in, what is to leave comes out (RFC 5246, RFC 8446, RFC 6347)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL

from conformance.live.overlay.sockets.settings import MTU

LARGEST = 1 << 16
RECORD = 13
"""Octets in front of a record of DTLS."""
ASKED = "read server certificate request"
"""How the library calls the state in which a client has been asked for its certificate."""
APPLICATION = 23
"""The type of records with application data."""


class Session:
    """A handshake, and the octets behind it."""

    def __init__(self, context: SSL.Context, *, server: bool, datagrams: bool) -> None:
        self.server = server
        self._datagrams = datagrams
        self._asked = False
        self._connection = SSL.Connection(context, None)
        self._connection.set_info_callback(self._stepped)
        (self._connection.set_accept_state if server else self._connection.set_connect_state)()
        if datagrams:
            self._connection.set_ciphertext_mtu(MTU)
        self.outgoing: deque[bytes] = deque()
        """Datagrams, or pieces of a stream, that are to leave."""
        self.open = False
        """Whether the handshake is over."""
        self.over = False
        """Whether nothing more can come."""
        self.why = ""
        """Why it is over."""
        self.last_record = b""
        """The last record of application data that was written, as it left."""

    def begin(self) -> None:
        """The first flight of a client."""
        self._go_on()

    def arrived(self, octets: bytes) -> list[bytes]:
        """What was inside: octets of a stream, or the content of each record."""
        if self.over:
            return []
        self._connection.bio_write(octets)
        return self._go_on()

    def expire(self) -> None:
        """The time for a flight to be repeated (RFC 6347, section 4.2.4) may be over."""
        if self.over or self.open:
            return
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error as fault:
            self._ended(_said(fault))
        self._flush()

    @property
    def patience(self) -> float | None:
        """Seconds until ``expire`` is to be called."""
        if self.over or self.open or not self._datagrams:
            return None
        left = self._connection.DTLSv1_get_timeout()
        return None if left is None else float(left)

    def send(self, octets: bytes) -> bool:
        """Octets, of which each call makes one record at least; False where nothing can be sent any more."""
        if self.over or not self.open:
            return False
        view = memoryview(octets)
        try:
            while view:
                sent = self._connection.send(bytes(view[:LARGEST]))
                view = view[sent:]
        except SSL.Error as fault:
            self._ended(_said(fault))
        self._flush(written=True)
        return not self.over

    def close(self) -> None:
        """Say that nothing more comes."""
        if self.over:
            return
        try:
            if self.open:
                self._connection.shutdown()
        except SSL.Error:
            pass
        self._flush()
        self._ended("closed by the harness")

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """What the other side has shown, in DER, its own first."""
        own = self._connection.get_peer_certificate(as_cryptography=True)
        if own is None:
            return ()
        chain = self._connection.get_peer_cert_chain(as_cryptography=True) or []
        return tuple(dict.fromkeys(one.public_bytes(Encoding.DER) for one in (own, *chain)))

    @property
    def remark(self) -> str:
        """Who was what in the handshake, and how the octets are protected."""
        words = [f"TLS server: {'harness' if self.server else 'subject'}"]
        words += [self._connection.get_protocol_version_name(), self._connection.get_cipher_name() or "no suite"]
        if not self.server:
            words.append("asked for a certificate" if self._asked else "asked for no certificate")
        return "; ".join(words)

    def _stepped(self, connection: SSL.Connection, where: int, _: int) -> None:
        if where & SSL.SSL_CB_LOOP and ASKED in connection.get_state_string().decode("ascii", "replace"):
            self._asked = True

    def _go_on(self) -> list[bytes]:
        found: list[bytes] = []
        try:
            if not self.open:
                self._connection.do_handshake()
                self.open = True
            while octets := self._connection.recv(LARGEST):
                found.append(octets)
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self._flush()
            self._ended("close_notify")
        except SSL.Error as fault:
            self._flush()
            self._ended(_said(fault))
        self._flush()
        return found

    def _ended(self, why: str) -> None:
        self.over, self.why = True, self.why or why

    def _flush(self, *, written: bool = False) -> None:
        """Take what is to leave out of the library."""
        octets = b""
        try:
            while True:
                octets += self._connection.bio_read(LARGEST)
        except SSL.WantReadError:
            pass
        if not octets:
            return
        pieces = list(_datagrams(octets)) if self._datagrams else [octets]
        self.outgoing.extend(pieces)
        if written and self._datagrams:
            self.last_record = pieces[-1]


def _datagrams(octets: bytes) -> Iterator[bytes]:
    """Records, as many in one datagram as go through."""
    together, at = b"", 0
    while at < len(octets):
        end = at + RECORD + int.from_bytes(octets[at + RECORD - 2 : at + RECORD])
        if together and (len(together) + end - at > MTU or octets[at] == APPLICATION):
            yield together
            together = b""
        together += octets[at:end]
        at = end
    yield together


def _said(fault: SSL.Error) -> str:
    """What the library says, in few words."""
    lines = fault.args[0] if fault.args and isinstance(fault.args[0], list) else []
    said = [str(each[2]) for each in lines if isinstance(each, tuple) and len(each) > 2 and each[2]]
    return ", ".join(said) or type(fault).__name__
