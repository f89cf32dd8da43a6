"""Silence in the negotiated codec, so that who is alone hears that the call stands (RFC 3550, section 5.1; RFC 3551, section 4.5)."""

from __future__ import annotations

from functools import lru_cache

from disco_ref.media.offer_answer.agreement import AgreedStream
from disco_ref.media.offer_answer.formats import Format
from disco_ref.media.rtp import Header

_OCTET = {"pcmu": b"\xff", "pcma": b"\xd5", "l16": b"\0\0"}
"""One sample of silence; 16-bit samples count per channel."""

PACKET_TIMES = range(10, 61)
"""Milliseconds in a packet that are granted; other wishes get 20."""


@lru_cache(maxsize=64)
def _payload(name: str, samples: int) -> bytes:
    """The same octets for all who want the same."""
    return _OCTET[name] * samples


class Silence:
    """A source of its own, with its own numbers, that has nothing to say."""

    __slots__ = ("interval", "_fresh", "_number", "_payload", "_samples", "_sequence", "_ssrc", "_timestamp")

    def __init__(self, codec: Format, packet_time: int, seed: bytes) -> None:
        """Silence in a format, with so many milliseconds a packet; ``seed`` is ten unpredictable octets."""
        self.interval = packet_time / 1000
        """Seconds between packets."""
        self._number = codec.number
        self._samples = codec.codec.clock_rate * packet_time // 1000
        self._payload = _payload(codec.codec.name.lower(), self._samples * codec.codec.channels)
        self._ssrc = int.from_bytes(seed[:4], "big")
        self._sequence = int.from_bytes(seed[4:6], "big")
        self._timestamp = int.from_bytes(seed[6:10], "big")
        self._fresh = True

    def packet(self, elapsed: float) -> bytes:
        """The next packet, so many seconds after the last one: a longer span than the interval shows in the timestamp."""
        steps = max(1, round(elapsed / self.interval))
        if not self._fresh:
            self._timestamp = (self._timestamp + steps * self._samples) & 0xFFFFFFFF
        octets = Header(
            self._number, self._sequence, self._timestamp, self._ssrc, marker=self._fresh or steps > 1
        ).octets(self._payload)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._fresh = False
        return octets


def silence_for(stream: AgreedStream, seed: bytes) -> Silence | None:
    """Silence as the other side wants it: its preferred codec; None where that has no known silence."""
    for one in stream.sent:
        if one.codec.name.lower() in _OCTET:
            wanted = stream.packet_time or 20
            return Silence(one, wanted if wanted in PACKET_TIMES else 20, seed)
    return None
