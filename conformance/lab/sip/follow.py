"""A stream of SIP as its octets arrive: several messages in a segment, messages split over many (RFC 3261, section 18.3)."""

from __future__ import annotations

from conformance.lab.sip.deviation import LabRefusal
from conformance.lab.sip.message import Message
from conformance.lab.sip.reading import LONGEST_HEAD, take_message


class Stream:
    """Holds what is not yet a whole message; bounded by the longest head and body."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._try_at = 0
        self.refusal: LabRefusal | None = None
        """Why the stream cannot be followed any more; None while it can."""

    @property
    def held(self) -> int:
        """Octets that wait for the rest of their message."""
        return len(self._held)

    def feed(self, octets: bytes) -> list[Message]:
        """The messages that these octets complete; after a refusal there are none."""
        found: list[Message] = []
        if self.refusal is not None:
            return found
        self._held += octets
        while len(self._held) >= self._try_at:
            try:
                message, used = take_message(bytes(self._held))
            except LabRefusal as refusal:
                self.refusal = refusal
                break
            del self._held[:used]
            if message is None:
                # A message is read again only when its head is whole or has doubled, so that no octet is read often.
                self._try_at = self._wanted()
                break
            found.append(message)
            self._try_at = 1
        return found

    def _wanted(self) -> int:
        head = self._held.find(b"\r\n\r\n", 0, LONGEST_HEAD + 4)
        if not self._held or head < 0:
            return len(self._held) + 1
        for line in bytes(self._held[:head]).split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.strip().lower() in (b"content-length", b"l") and value.strip().isdigit():
                return head + 4 + int(value.strip()[:9])
        return len(self._held) + 1
