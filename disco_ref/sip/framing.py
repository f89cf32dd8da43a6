"""Messages in a stream: where one ends and the next begins (RFC 3261, sections 7.5 and 18.3)."""

from __future__ import annotations

import re

from disco_ref.errors import Malformed
from disco_ref.sip.header.plain.numbers import CONTENT_LENGTH
from disco_ref.sip.message import LIMITS, Limits, owed
from disco_ref.sip.refusals import BadRequest, MessageTooLarge, RequestEntityTooLarge

_CONTENT_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", re.IGNORECASE)
_FOLD = re.compile(rb"[ \t]*\r\n[ \t]+")
_BLANK = re.compile(rb"(?:\r\n)*")
_END = b"\r\n\r\n"


# = rfc3261:7.5/0
class StreamFraming:
    """Octets in, whole messages out, however the octets are cut.

    What is not yet a message is kept, at most one head and one body of the limits.  After a refusal the place of the next
    message is unknown: the stream cannot be read on, and its connection should be closed.
    """

    def __init__(self, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._pending = bytearray()
        self._searched = 0
        self._total: int | None = None

    @property
    def rest(self) -> bytes:
        """What has come of the next message."""
        return bytes(self._pending)

    @property
    def buffered(self) -> int:
        """How many octets have come of the next message."""
        return len(self._pending)

    def receive(self, octets: bytes) -> list[bytes]:
        """The messages that these octets complete; a Malformed, with the status owed, where a message has no end."""
        self._pending += octets
        messages: list[bytes] = []
        while (message := self._next()) is not None:
            messages.append(message)
        return messages

    def _next(self) -> bytes | None:
        if self._total is None:
            self._total = self._measure()
        if self._total is None or len(self._pending) < self._total:
            return None
        message = bytes(self._pending[: self._total])
        del self._pending[: self._total]
        self._searched, self._total = 0, None
        return message

    def _measure(self) -> int | None:
        """How long the message at the start is, None as long as its head is incomplete."""
        pending = self._pending
        if pending[:1] == b"\r":
            # = rfc3261:7.5/1
            blank = _BLANK.match(pending)
            del pending[: blank.end() if blank else 0]
            self._searched = 0
        # = rfc3261:18.3/0
        end = pending.find(_END, max(0, self._searched - len(_END) + 1))
        self._searched = len(pending)
        if end > self._limits.head or (end < 0 and len(pending) > self._limits.head):
            long = MessageTooLarge(f"more than {self._limits.head} octets of header fields", where="message")
            raise owed(long, bytes(pending[: self._limits.head]))
        if end < 0:
            return None
        head = bytes(pending[:end])
        try:
            return end + len(_END) + self._body_length(head)
        except Malformed as refusal:
            raise owed(refusal, head) from refusal

    def _body_length(self, head: bytes) -> int:
        rows = [_FOLD.sub(b" ", row).decode("latin-1").strip(" \t") for row in _CONTENT_LENGTH.findall(head)]
        if not rows:
            # = rfc3261:18.3/4
            # = rfc3261:20.14/2
            # = rfc3261:20/3
            raise BadRequest("missing, and a stream needs it", where="Content-Length")
        length = CONTENT_LENGTH.typed(rows)[0]
        if length > self._limits.body:
            raise RequestEntityTooLarge(f"{length} octets announced, {self._limits.body} are read", where="body")
        return length
