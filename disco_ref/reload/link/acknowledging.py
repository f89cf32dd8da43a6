"""The receiver's whole duty: an acknowledgement for every frame (RFC 6940, sections 6.6.2 and 6.6.3)."""

from __future__ import annotations

from array import array

from disco_ref.reload.link.framing import REMEMBERED, acknowledged


class Acknowledging:
    """The sequence numbers received last on one link."""

    __slots__ = ("_recent",)

    def __init__(self) -> None:
        self._recent = array("I")

    def __contains__(self, sequence: int) -> bool:
        """Whether this frame is among those received last."""
        return sequence in self._recent

    def acknowledge(self, sequence: int) -> bytes:
        """The octets that leave at once for a frame that has arrived; a copy of one is acknowledged as it was."""
        # = rfc6940:6.6.2/1
        # = rfc6940:6.6.2/2
        frame = acknowledged(sequence, self._recent)
        if sequence not in self._recent:
            if len(self._recent) == REMEMBERED:
                del self._recent[0]
            self._recent.append(sequence)
        return frame
