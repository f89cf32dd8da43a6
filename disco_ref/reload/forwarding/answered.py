"""What a node has answered lately, so that a request that arrives twice is answered alike (RFC 6940, section 6.2.1)."""

from __future__ import annotations

from collections import OrderedDict

from disco_ref.clock import Instant
from disco_ref.reload.overlay import REQUEST_LIFETIME

MOST_OCTETS = 4 << 20
"""Octets of answers that are kept; the oldest give way."""

MOST_REQUESTS = 1 << 15
"""Requests that are remembered, also those that are never answered; the oldest give way."""

Key = tuple[bytes, int]
"""The Node-ID that asked, and its transaction."""


class Answered:
    """Answers by who asked: sealed octets, or None while the answer is still to come."""

    __slots__ = ("_held", "_octets")

    def __init__(self) -> None:
        self._held: OrderedDict[Key, tuple[Instant, bytes | None]] = OrderedDict()
        self._octets = 0

    def __len__(self) -> int:
        """How many requests are remembered."""
        return len(self._held)

    def __contains__(self, key: Key) -> bool:
        """Whether this request has arrived before."""
        return key in self._held

    def answer(self, key: Key) -> bytes | None:
        """The answer that was given; None where none has been."""
        found = self._held.get(key)
        return None if found is None else found[1]

    def begin(self, key: Key, now: Instant) -> None:
        """A request has arrived, and is being worked on."""
        self._let_go(now)
        self._held[key] = Instant(now + REQUEST_LIFETIME), None

    def end(self, key: Key, sealed: bytes) -> None:
        """The request is answered; a request that is remembered no more stays so."""
        found = self._held.get(key)
        if found is not None and found[1] is None:
            self._held[key] = found[0], sealed
            self._octets += len(sealed)

    def _let_go(self, now: Instant) -> None:
        """Forget what cannot arrive anew, and the oldest beyond the bound; each entry is looked at once."""
        while self._held:
            key, (until, sealed) = next(iter(self._held.items()))
            if until > now and self._octets <= MOST_OCTETS and len(self._held) < MOST_REQUESTS:
                return
            del self._held[key]
            self._octets -= len(sealed or b"")
