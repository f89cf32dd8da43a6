"""The small transactions of the harness: it repeats what is not answered, and does not hear the same thing twice.

RFC 3261, section 17, as far as a scripted party needs it: requests over UDP are sent again at doubling intervals until they are
answered; a request that comes again gets the same response again; a refused INVITE is acknowledged; a 2xx that comes again gets the
same ACK; a 2xx to an INVITE is sent again until its ACK comes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from conformance.judge.transactions import request_key
from conformance.lab.sip import Message

T1, T2 = 0.5, 4.0
"""Seconds (RFC 3261, section 17.1.1.1)."""

Key = tuple[str, ...]
Resend = Callable[[], None]


def key_of(message: Message) -> Key:
    """What a message shares with the others of its transaction."""
    method = message.method or (message.cseq[1] if message.cseq else "")
    return request_key(message, "INVITE" if method == "ACK" else method)


def dialog_key(message: Message) -> Key:
    """What an ACK of a 2xx shares with that 2xx, and both with their INVITE."""
    number = message.cseq[0] if message.cseq else 0
    return (message.call_id or "", message.from_tag or "", str(number))


def answer_key(message: Message) -> Key:
    """What names one 2xx among those of a forked INVITE."""
    return (*dialog_key(message), message.to_tag or "")


@dataclass(slots=True)
class Repeat:
    """Something that is sent again."""

    send: Resend
    due: float
    wait: float
    until: float
    most: float = T2
    """The longest interval; infinite for an INVITE."""


@dataclass(slots=True)
class Resending:
    """What one party repeats, and what it has heard."""

    requests: dict[Key, Repeat] = field(default_factory=dict)
    accepted: dict[Key, Repeat] = field(default_factory=dict)
    """2xx responses that wait for their ACK."""
    said: dict[Key, Resend] = field(default_factory=dict)
    """The last response to each request."""
    acks: dict[Key, Resend] = field(default_factory=dict)
    """The ACK of each 2xx."""
    heard: set[bytes] = field(default_factory=set)
    """Every message that came, to tell copies."""

    def repeat(self, key: Key, send: Resend, now: float, *, method: str) -> None:
        """Send a request again until it is answered."""
        most = float("inf") if method == "INVITE" else T2
        self.requests[key] = Repeat(send, now + T1, T1, now + 64 * T1, most)

    def repeat_accepted(self, key: Key, send: Resend, now: float) -> None:
        """Send a 2xx again until its ACK comes (section 13.3.1.4)."""
        self.accepted[key] = Repeat(send, now + T1, T1, now + 64 * T1)

    def answered(self, message: Message) -> None:
        """A response came: an INVITE is not repeated any more, others until the final one."""
        key = key_of(message)
        if (message.status or 0) >= 200 or (message.cseq and message.cseq[1] == "INVITE"):
            self.requests.pop(key, None)

    def acknowledged(self, ack: Message) -> None:
        """An ACK came."""
        self.accepted.pop(dialog_key(ack), None)

    @property
    def next(self) -> float:
        """When something is due; infinite for never."""
        return min((one.due for one in (*self.requests.values(), *self.accepted.values())), default=float("inf"))

    def run(self, now: float) -> None:
        """Send what is due."""
        for some in (self.requests, self.accepted):
            for key, one in list(some.items()):
                if one.due > now:
                    continue
                if one.due >= one.until:
                    del some[key]
                    continue
                one.wait = min(one.wait * 2, one.most)
                one.due += one.wait
                one.send()
