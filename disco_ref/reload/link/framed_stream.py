"""TLS over TCP with the Framing Header (RFC 6940, sections 6.6.2 and 6.6.5).

TCP repeats what is lost; the frames only tell messages apart and the time they take.  A link that acknowledges nothing for
one RTO is *failing*, and is retained for a while to see whether it comes back, before it has *failed*.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.notation.context import Context
from disco_ref.reload.link.acknowledging import Acknowledging
from disco_ref.reload.link.carrier import Carried
from disco_ref.reload.link.framing import (
    ACK_LENGTH,
    ACK_TYPE,
    DATA_HEADER,
    DATA_TYPE,
    Data,
    frame_length,
    framed,
    read_frames,
    refuse_too_large,
    too_large,
)
from disco_ref.reload.link.round_trip import RoundTrip

RETAINED = 30.0
"""Seconds that a failing link is kept (section 6.6.5)."""

MOST_UNACKNOWLEDGED = 4096
"""Messages on their way to a node that does not acknowledge them."""

MOST_OCTETS = 4 << 20
"""Octets of such messages."""

_SEQUENCES = 1 << 32
_NOTHING = Carried((), ())


class _Sent(NamedTuple):
    at: Instant
    size: int


class FramedStream:
    """One end of a stream.

    Refused, so that the link has to be closed: a frame of another type (UnknownVariant), and one with a message larger
    than the overlay admits (FrameTooLarge), as soon as its header is there.  Messages that wait for an acknowledgement are
    bounded; what is sent beyond is dropped and counted, as on any link that loses.
    """

    __slots__ = (
        "_acknowledging",
        "_context",
        "_need",
        "_next",
        "_octets",
        "_pending",
        "_round_trip",
        "_sent",
        "_waiting_since",
        "dropped",
        "failed",
        "failing",
    )

    def __init__(self, context: Context) -> None:
        self._context = context
        self._acknowledging = Acknowledging()
        # = rfc6940:6.6.5/1
        self._round_trip = RoundTrip()
        self._pending = bytearray()
        self._need = 0
        self._next = 0
        self._sent: list[_Sent] = []
        self._octets = 0
        self._waiting_since = Instant(0)
        self.failing = False
        """Whether nothing has been acknowledged for one RTO, though something was sent."""
        self.failed = False
        """Whether that has lasted for the time a failing link is retained."""
        self.dropped = 0
        """Messages that were not sent, too many being on their way."""

    @property
    def deadline(self) -> Instant | None:
        """When the link is taken for failing, or for failed; None where nothing waits for an acknowledgement."""
        if self.failed or not self._sent:
            return None
        return Instant(self._waiting_since + self._round_trip.rto + (RETAINED if self.failing else 0))

    @property
    def round_trip(self) -> Duration | None:
        """The smoothed round trip in seconds, None where nothing has been acknowledged yet."""
        return self._round_trip.smoothed

    def send(self, message: bytes, now: Instant) -> tuple[bytes, ...]:
        """The frame of a message; nothing where too much is on its way."""
        if self.failed or len(self._sent) >= MOST_UNACKNOWLEDGED or self._octets + len(message) > MOST_OCTETS:
            # = rfc6940:6.6.5/0 silent: what a node that does not read its stream is still sent has to have an end
            self.dropped += 1
            return ()
        if not self._sent:
            self._waiting_since = now
        self._sent.append(_Sent(now, len(message)))
        self._octets += len(message)
        frame = framed(self._next, message)
        # = rfc6940:6.6.2/0 silent: after the last sequence number comes 0
        self._next = (self._next + 1) % _SEQUENCES
        return (frame,)

    def receive(self, octets: bytes, now: Instant) -> Carried:
        """Whole messages, and an acknowledgement for each; what is no whole frame yet is kept."""
        if not self._pending and (alone := self._alone(octets, now)) is not None:
            return alone
        messages: list[bytes] = []
        replies: list[bytes] = []
        if self._pending:
            self._pending += octets
            if len(self._pending) < self._need:
                return Carried((), ())
            octets = bytes(self._pending)
        frames, rest = read_frames(octets, self._context)
        if rest or self._pending:
            self._pending = bytearray(rest)
        for each in frames:
            frame = each.frame
            if not isinstance(frame, Data):
                self._acknowledged(frame.ack_sequence, now)
                continue
            refuse_too_large(frame.message, self._context)
            messages.append(frame.message)
            replies.append(self._acknowledging.acknowledge(frame.sequence))
        self._need = self._needed() if rest else 0
        return Carried(tuple(messages), tuple(replies))

    def _alone(self, octets: bytes, now: Instant) -> Carried | None:
        """What exactly one frame brings, as it nearly always is; None where there is more, or less."""
        if len(octets) == ACK_LENGTH and octets[0] == ACK_TYPE:
            self._acknowledged(int.from_bytes(octets[1:5], "big"), now)
            return _NOTHING
        if len(octets) < DATA_HEADER or octets[0] != DATA_TYPE or frame_length(octets, 0) != len(octets):
            return None
        message = octets[DATA_HEADER:]
        refuse_too_large(message, self._context)
        return Carried((message,), (self._acknowledging.acknowledge(int.from_bytes(octets[1:5], "big")),))

    def follow(self, context: Context) -> None:
        """From now on messages may be as large as a newer configuration has it."""
        self._context = context

    def expire(self, now: Instant) -> tuple[bytes, ...]:
        """A time has come: the link may be failing, or have failed; nothing leaves."""
        at = self.deadline
        if at is not None and at <= now:
            # = rfc6940:6.6.5/2
            # = rfc6940:6.6.5/3
            self.failed = self.failing
            self.failing = True
        return ()

    def _needed(self) -> int:
        """How many octets there must be until it is worth looking at them again; FrameTooLarge where that has no end."""
        if not self._pending:
            return 0
        whole = frame_length(self._pending, 0)
        if whole is None:
            return DATA_HEADER
        size, limit = whole - DATA_HEADER, self._context.max_message_size
        if limit is None or size <= limit:
            return whole
        there = bytes(self._pending[DATA_HEADER:])
        if refusal := too_large(size, there, self._context):
            raise refusal
        return len(self._pending) + 1

    def _acknowledged(self, sequence: int, now: Instant) -> None:
        """One frame has arrived there, and in a stream all before it too."""
        first = self._next - len(self._sent)
        count = (sequence - first) % _SEQUENCES + 1
        if count > len(self._sent):
            return
        self._round_trip.measured(max(0.0, now - self._sent[count - 1].at))
        for each in self._sent[:count]:
            self._octets -= each.size
        del self._sent[:count]
        # = rfc6940:6.6.5/1 silent: as in RFC 6298, 5.3, the RTO begins anew with every acknowledgement
        self._waiting_since = now
        self.failing = False
