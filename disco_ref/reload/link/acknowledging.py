"""The receiver's whole duty: an acknowledgement for every frame (RFC 6940, sections 6.6.2 and 6.6.3)."""

from __future__ import annotations

from array import array

from disco_ref.reload.link.framing import REMEMBERED, acknowledgement, received_mask

_REACH = REMEMBERED - 1
"""How far before a frame those are that its acknowledgement can tell of."""


class Acknowledging:
    """The sequence numbers received last on one link."""

    __slots__ = ("_recent", "_run")

    def __init__(self) -> None:
        self._recent = array("I")
        self._run = 0

    def __contains__(self, sequence: int) -> bool:
        """Whether this frame is among those received last."""
        return sequence in self._recent

    def acknowledge(self, sequence: int) -> bytes:
        """The octets that leave at once for a frame that has arrived; a copy of one is acknowledged as it was."""
        # = rfc6940:6.6.2/1
        # = rfc6940:6.6.2/2
        return acknowledgement(sequence, self._received(sequence))

    def _received(self, sequence: int) -> int:
        """The bits for those before it; from now on it is one of them."""
        recent, run = self._recent, self._run
        if recent and sequence == recent[-1] + 1 and (run >= _REACH or run == len(recent)):
            # most frames come in order: all that can be told of have arrived, or all there ever were
            mask = (2 << min(run, _REACH)) - 2
        else:
            mask = received_mask(sequence, recent)
            if sequence in recent:
                return mask
        self._run = run + 1 if recent and sequence == recent[-1] + 1 else 1
        if len(recent) == REMEMBERED:
            del recent[0]
        recent.append(sequence)
        return mask
