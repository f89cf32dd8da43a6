"""The same as a session, without any protection: for what must not be served (RFC 6940, section 13.2)."""

from __future__ import annotations

from collections import deque


class Plain:
    """Octets go as they are."""

    server = False
    certificates: tuple[bytes, ...] = ()
    remark = "no TLS"
    patience: float | None = None
    last_record = b""

    def __init__(self) -> None:
        self.outgoing: deque[bytes] = deque()
        self.open = False
        self.over = False
        self.why = ""

    def begin(self) -> None:
        """There is no handshake."""
        self.open = True

    def arrived(self, octets: bytes) -> list[bytes]:
        """What came."""
        return [octets]

    def expire(self) -> None:
        """Nothing is repeated."""

    def send(self, octets: bytes) -> bool:
        """What is to leave."""
        self.outgoing.append(octets)
        return not self.over

    def close(self) -> None:
        """Nobody is told."""
        self.over, self.why = True, "closed by the harness"
