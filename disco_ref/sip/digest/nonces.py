"""Nonces that a server makes: from time and entropy, signed with a key of its own, good for a while and for each count once.

A nonce needs no memory until somebody has proved a password with it (RFC 2617, section 3.2.1); what is remembered then is
bounded, and what had to be forgotten is stale, never free to be used again.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy

LIFETIME = Duration(300.0)
"""Seconds that a nonce is good for."""

_WINDOW = 32
"""Counts below the highest seen that may still come, each once: requests overtake each other."""
_TIME, _SALT, _MAC = 12, 16, 32
"""Hexadecimal digits of the parts of a nonce: milliseconds, entropy, signature."""


class _Spent:
    """The counts of one nonce that have been used."""

    __slots__ = ("highest", "recent")

    def __init__(self) -> None:
        self.highest = 0
        self.recent: dict[int, str] = {}

    def take(self, count: int, request: str) -> bool:
        if count <= self.highest - _WINDOW or self.recent.get(count, request) != request:
            return False
        self.recent[count] = request
        if count > self.highest:
            self.highest = count
            self.recent = {each: who for each, who in self.recent.items() if each > count - _WINDOW}
        return True


class Nonces:
    """The nonces of one server."""

    def __init__(self, entropy: Entropy, *, lifetime: Duration = LIFETIME, remembered: int = 4096) -> None:
        self._entropy = entropy
        self._key = entropy(32)
        self._lifetime = lifetime
        self._remembered = remembered
        self._spent: OrderedDict[str, _Spent] = OrderedDict()
        self._forgotten = -1.0
        """The time of the youngest nonce that was forgotten while it was still good."""

    def make(self, realm: str, now: Instant) -> str:
        """A new nonce."""
        # = rfc3261:22.4/0
        head = f"{int(now * 1000):0{_TIME}x}{self._entropy(_SALT // 2).hex()}"
        return head + self._mac(head, realm)

    def fresh(self, nonce: str, realm: str, now: Instant) -> bool:
        """Whether a nonce is one of these and not too old."""
        head, mac = nonce[: _TIME + _SALT], nonce[_TIME + _SALT :]
        if len(mac) != _MAC or not nonce.isascii() or not hmac.compare_digest(mac, self._mac(head, realm)):
            return False
        made = int(head[:_TIME], 16) / 1000
        return now - self._lifetime <= made <= now + 1 and (nonce in self._spent or made > self._forgotten)

    def spend(self, nonce: str, count: int, request: str) -> bool:
        """Use a fresh nonce with a count, for a request named by its Call-ID and CSeq; False where that is a replay.

        The same request may come again with the same count: on two ways through proxies, or back to a proxy (section 16.3).
        """
        spent = self._spent.get(nonce)
        if spent is None:
            spent = self._spent[nonce] = _Spent()
            if len(self._spent) > self._remembered:
                oldest, _ = self._spent.popitem(last=False)
                self._forgotten = max(self._forgotten, int(oldest[:_TIME], 16) / 1000)
        return spent.take(count, request)

    def _mac(self, head: str, realm: str) -> str:
        octets = f"{head}:{realm}".encode("utf-8", "surrogateescape")
        return hmac.new(self._key, octets, "sha256").hexdigest()[:_MAC]
