"""Simple Reliability: messages over DTLS, repeated until they are acknowledged (RFC 6940, sections 6.6.3, 6.6.4 and 6.6.6).

The specification says of each message that it is reliably retransmitted hop by hop (6.6.3), and in passing that transit nodes
do not retransmit at this layer (6.6.3.1).  Here every node retransmits what it sends, whether the message began there or
not: else one lost datagram would cost a round trip of the whole way, and a link over which a node only forwards
could never be found out to have failed.
"""

from __future__ import annotations

from array import array

from disco_ref.clock import Duration, Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.context import Context
from disco_ref.reload.link.acknowledging import Acknowledging
from disco_ref.reload.link.carrier import Carried
from disco_ref.reload.link.fragmentation import ROOM_TO_GROW, split
from disco_ref.reload.link.framing import DATA_HEADER, Data, framed, read_frames, refuse_too_large
from disco_ref.reload.link.round_trip import RoundTrip
from disco_ref.reload.link.stop_and_wait import STOP_AND_WAIT

RTO = 0.5
"""Seconds to wait for an acknowledgement where nothing is known of the link."""

LEAST_RTO = 0.1
"""Seconds below which no estimate falls."""

TRANSMISSIONS = 5
"""How often a message is sent before the link is given up."""

PAUSE = 0.010
"""Seconds between an acknowledgement and the next message."""

THIRD = 3
"""Time-outs in a row without any acknowledgement that make a link a failing one."""

MOST_WAITING = 256
"""Messages and fragments that wait for their turn."""

MOST_OCTETS = 256 << 10
"""Octets that wait for their turn."""

_REMEMBERED = 32
"""Transmissions of which the time is remembered."""

_MEASURED = -1.0
"""In place of the time of a transmission that has been acknowledged."""

_SEQUENCES = 1 << 32


class CutShort(Malformed):
    """A record that ends amid a frame."""


class SimpleReliability:
    """One end of an association; each octets in and out are one record of DTLS.

    A message that does not fit into a record is sent in fragments.  Refused, so that the link has to be closed: a frame of
    another type (UnknownVariant), one that its record does not hold (CutShort), one with a message larger than the
    overlay admits (FrameTooLarge).  A hard ICMP error and an alert that ends the association are the end of the link,
    and so of this object; nobody need tell it.
    """

    __slots__ = (
        "_acknowledging",
        "_context",
        "_current",
        "_deadline",
        "_lapses",
        "_mtu",
        "_next",
        "_octets",
        "_round_trip",
        "_sent_at",
        "_transmissions",
        "_wait",
        "_waiting",
        "dropped",
        "state",
    )

    def __init__(self, context: Context, mtu: int, round_trip: Duration | None = None, rto: float = RTO) -> None:
        """``mtu`` are the octets that one record holds, a frame's header among them.

        ``round_trip`` is that of a STUN transaction while the link was made, in seconds; ``rto`` is waited for until
        something is measured.
        """
        self._context = context
        self._mtu = mtu - DATA_HEADER
        self._acknowledging = Acknowledging()
        # = rfc6940:6.6.3.1/2
        # = rfc6940:6.6.3.1/3a
        # = rfc6940:6.6.3.1/4b silent: less than what a busy receiver takes to come to its socket would be no sign of loss
        self._round_trip = RoundTrip(rto, min(rto, LEAST_RTO))
        if round_trip is not None:
            # = rfc6940:6.6.3.1/0
            self._round_trip.measured(round_trip)
        self.state = STOP_AND_WAIT.start
        """Of the sender, as in the table."""
        self.dropped = 0
        """Messages that were not sent or not acknowledged: too many, or the link has failed."""
        self._waiting: list[bytes] = []
        self._octets = 0
        self._current = b""
        self._next = 0
        self._sent_at = array("d")
        self._transmissions = 0
        self._lapses = 0
        self._wait = 0.0
        self._deadline = Instant(0)

    @property
    def deadline(self) -> Instant | None:
        """When the message under way is sent again or given up, or the next one may be sent."""
        return None if self.state in ("Idle", "Failed") else self._deadline

    @property
    def failing(self) -> bool:
        """Whether nothing has been acknowledged for so long that the link should not be routed over."""
        return self.state in ("Failing", "Failed")

    @property
    def failed(self) -> bool:
        """Whether a message was sent as often as it may be, in vain."""
        return self.state == "Failed"

    @property
    def round_trip(self) -> Duration | None:
        """The smoothed round trip in seconds, None where none was measured."""
        return self._round_trip.smoothed

    def send(self, message: bytes, now: Instant) -> tuple[bytes, ...]:
        """The frame of a message or of its first fragment, if it is its turn; all of it or nothing is taken."""
        parts = self._parts(message)
        octets = sum(map(len, parts))
        full = len(self._waiting) + len(parts) > MOST_WAITING or self._octets + octets > MOST_OCTETS
        if self.failed or full or not parts:
            # = rfc6940:6.6.3/1 silent: what comes faster than a link may take it has to wait, and what waits to have an end
            self.dropped += 1
            return ()
        self._waiting += parts
        self._octets += octets
        return self._happens("message", now)

    def receive(self, octets: bytes, now: Instant) -> Carried:
        """What one record holds: messages, an acknowledgement for each, and acknowledgements."""
        frames, rest = read_frames(octets, self._context)
        if rest:
            raise CutShort("a frame goes on beyond its record", where="FramedMessage", offset=len(octets) - len(rest))
        messages: list[bytes] = []
        replies: list[bytes] = []
        for each in frames:
            frame = each.frame
            if not isinstance(frame, Data):
                self._acknowledged(frame.ack_sequence, now)
                continue
            refuse_too_large(frame.message, self._context)
            if frame.sequence not in self._acknowledging:
                messages.append(frame.message)
            replies.append(self._acknowledging.acknowledge(frame.sequence))
        return Carried(tuple(messages), tuple(replies))

    def follow(self, context: Context) -> None:
        """From now on messages may be as large as a newer configuration has it."""
        self._context = context

    def expire(self, now: Instant) -> tuple[bytes, ...]:
        """A time has come: the message goes out again, or the next one does."""
        at = self.deadline
        return () if at is None or at > now else self._happens(self._timer(), now)

    def _parts(self, message: bytes) -> tuple[bytes, ...]:
        """The message, or its fragments; nothing where it would have to be in fragments and is no message."""
        if len(message) <= self._mtu - ROOM_TO_GROW:
            return (message,)
        try:
            return split(message, self._mtu, Context(self._context.node_id_length, initial_ttl=0xFF))
        except Refusal:
            return ()

    def _timer(self) -> str:
        """The name that the table has for what has passed."""
        if self.state == "Pausing":
            return "10 ms" if self._waiting else "10 ms, none waits"
        self._lapses += 1
        if self._transmissions == TRANSMISSIONS:
            return "last RTO"
        return "third RTO" if self._lapses == THIRD else "RTO"

    def _acknowledged(self, sequence: int, now: Instant) -> None:
        """A transmission has arrived; one that is not remembered, or was acknowledged before, tells nothing."""
        back = (self._next - sequence) % _SEQUENCES
        if self.failed or not 0 < back <= len(self._sent_at) or self._sent_at[-back] == _MEASURED:
            return
        sample = Duration(max(0.0, now - self._sent_at[-back]))
        self._sent_at[-back] = _MEASURED
        self._lapses = 0
        current = self.state in ("Waiting", "Failing") and back <= self._transmissions
        self._happens("ACK" if current else "late ACK", now, sample)

    def _happens(self, event: str, now: Instant, sample: Duration | None = None) -> tuple[bytes, ...]:
        """The octets that an event of the table leads to; ``sample`` is the round trip that an acknowledgement shows."""
        step = STOP_AND_WAIT.step(self.state, event)
        if step is None:
            return ()
        self.state = step.to
        out: tuple[bytes, ...] = ()
        for action in step.actions:
            match action:
                case "send":
                    self._begin()
                    out = (self._transmit(now),)
                case "double RTO":
                    # = rfc6940:6.6.3.1/6
                    self._wait *= 2
                case "send again":
                    # = rfc6940:6.6.3.1/5 exception: every sender of a hop does, as 6.6.3 has it, not the initiating node only
                    out = (self._transmit(now),)
                case "measure" if sample is not None:
                    # = rfc6940:6.6.3.1/4a
                    self._round_trip.measured(sample)
                case "start 10 ms":
                    # = rfc6940:6.6.3.1/11
                    self._current, self._deadline = b"", Instant(now + PAUSE)
                case "give up":
                    # = rfc6940:6.6.3.1/8
                    self.dropped += 1 + len(self._waiting)
                    self._current, self._waiting, self._octets = b"", [], 0
        return out

    def _begin(self) -> None:
        """The next of those that wait is under way."""
        self._current = self._waiting.pop(0)
        self._octets -= len(self._current)
        self._transmissions = 0
        self._wait = self._round_trip.rto

    def _transmit(self, now: Instant) -> bytes:
        """The message under way in a frame of its own, and the time of it."""
        frame = framed(self._next, self._current)
        # = rfc6940:6.6.3.1/7
        # = rfc6940:6.6.2/0 silent: after the last sequence number comes 0
        self._next = (self._next + 1) % _SEQUENCES
        if len(self._sent_at) == _REMEMBERED:
            del self._sent_at[0]
        self._sent_at.append(now)
        self._transmissions += 1
        self._deadline = Instant(now + self._wait)
        return frame
