"""What a party hears: messages out of datagrams and streams, copies told apart, refusals acknowledged."""

from __future__ import annotations

from abc import ABC, abstractmethod

from conformance.lab.sip import LabRefusal, Message, Stream, read_message
from conformance.live.memory.resending import Key, Resending, answer_key, key_of
from conformance.live.network.wire import Arrival


class Hearing(ABC):
    """The ears of a party, and its memory of what it heard; how it speaks is the party's."""

    def __init__(self) -> None:
        self.queue: list[Message] = []
        """What came and was not waited for yet, without copies."""
        self.copies: list[Message] = []
        """What came again."""
        self.absorbs = True
        """Whether copies are answered again by themselves."""
        self.acknowledges = True
        """Whether a refused INVITE is acknowledged by itself."""
        self.resending = Resending()
        self.closed: set[int] = set()
        """The connections that the subject closed."""
        self.invites: dict[Key, Message] = {}
        """The INVITEs it sent."""
        self.finals: dict[Key, list[Message]] = {}
        """The final responses to each of them."""
        self._sources: dict[int, tuple[Message, Arrival]] = {}
        self._streams: dict[int, Stream] = {}

    @abstractmethod
    def ack_refusal(self, invite: Message, answer: Message) -> None:
        """Acknowledge a response from 300 to 699."""

    def arrival_of(self, message: Message) -> Arrival | None:
        """How a message came; None for one that did not come."""
        return self._sources[id(message)][1] if id(message) in self._sources else None

    def undecided(self) -> list[Message]:
        """The INVITEs it sent that have no final response."""
        return [invite for key, invite in self.invites.items() if key not in self.finals]

    def unacknowledged(self) -> list[tuple[Message, Message]]:
        """The INVITEs it sent, with each 2xx that it has not acknowledged."""
        return [
            (self.invites[key], answer)
            for key, answers in self.finals.items()
            for answer in answers
            if (answer.status or 0) < 300 and answer_key(answer) not in self.resending.acks
        ]

    def hear(self, arrival: Arrival) -> None:
        """Octets came."""
        if arrival.transport == "udp":
            try:
                self._take(read_message(arrival.octets), arrival)
            except LabRefusal:
                return
            return
        stream = self._streams.setdefault(arrival.connection, Stream())
        for message in stream.feed(arrival.octets):
            self._take(message, arrival)

    def _take(self, message: Message, arrival: Arrival) -> None:
        self._sources[id(message)] = (message, arrival)
        if message.received in self.resending.heard:
            self.copies.append(message)
            if self.absorbs:
                self._again(message)
            return
        self.resending.heard.add(message.received)
        if message.method == "ACK":
            self.resending.acknowledged(message)
        elif not message.is_request:
            self.resending.answered(message)
            self._final(message)
        self.queue.append(message)

    def _again(self, message: Message) -> None:
        if message.method == "ACK":
            return
        if message.is_request:
            said = self.resending.said.get(key_of(message))
        else:
            said = self.resending.acks.get(answer_key(message)) or self.resending.acks.get(key_of(message))
        if said is not None:
            said()

    def _final(self, message: Message) -> None:
        key, status = key_of(message), message.status or 0
        if status < 200 or key not in self.invites:
            return
        self.finals.setdefault(key, []).append(message)
        if status >= 300 and self.acknowledges:
            self.ack_refusal(self.invites[key], message)
