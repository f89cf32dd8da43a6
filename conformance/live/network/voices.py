"""Speech of parties in virtual time: packets every 20 ms of that, and those of the subject, counted."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.live.network.speech import PERIOD, SOURCE, Counts, packet
from conformance.live.subject import End

FIRST = 40_000
"""The port of the first voice; each next one has the next pair."""
PROBING = 39_000
"""The port from which others are tried."""


class VirtualVoice(Counts):
    """A port of a party."""

    def __init__(self, end: End) -> None:
        super().__init__()
        self.end = end
        self.port = end[1]
        self.to: End | None = None
        self.due: float | None = None
        """When it speaks next, seconds."""
        self._number = 0

    def speak(self, to: End) -> None:
        """Begin, or go on elsewhere."""
        self.to = to

    def close(self) -> None:
        """Stop."""
        self.to = self.due = None

    def packet(self) -> bytes:
        """The next one."""
        self._number += 1
        return packet(self._number - 1, SOURCE)


class Voices:
    """Those of all parties."""

    def __init__(self) -> None:
        self._voices: dict[End, VirtualVoice] = {}

    def open(self, host: str) -> VirtualVoice:
        """One more."""
        voice = VirtualVoice((host, FIRST + 2 * len(self._voices)))
        self._voices[voice.end] = voice
        return voice

    def hears(self, octets: bytes, source: End, destination: End) -> bool:
        """Whether somebody listens there; then it is counted."""
        voice = self._voices.get(destination)
        if voice is not None:
            voice.add(octets, source)
        return voice is not None

    def next(self, now: float) -> float | None:
        """When somebody speaks next; whoever begins does so now."""
        for voice in self._voices.values():
            if voice.to is not None and voice.due is None:
                voice.due = now
        return min((voice.due for voice in self._voices.values() if voice.due is not None), default=None)

    def spoken(self, now: float) -> Iterator[tuple[bytes, End, End]]:
        """Packets, sources and destinations of what is due by now."""
        for voice in self._voices.values():
            while voice.to is not None and voice.due is not None and voice.due <= now:
                voice.due += PERIOD
                yield voice.packet(), voice.end, voice.to
