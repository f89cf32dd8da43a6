"""Everything that was seen, in order: messages, the transactions and dialogs they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from conformance.judge.dialogs import Dialog, dialogs_of
from conformance.judge.play import Play
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction, transactions_of
from conformance.lab.context import Context
from conformance.lab.sip import Message
from conformance.run.model import Event

_Value = TypeVar("_Value")


def _grouped(pairs: Iterable[tuple[str | None, _Value]]) -> dict[str | None, list[_Value]]:
    found: dict[str | None, list[_Value]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


@dataclass(frozen=True)
class Evidence:
    """Everything that was seen, in order, and what could not be."""

    events: tuple[Seen, ...]
    faults: tuple[str, ...] = ()
    """Places where the capture itself breaks, gaps in streams, traffic that was left out; one line each."""
    broken: bool = False
    """The capture could not be read to its end."""
    context: Context = field(default_factory=Context)
    """What RELOAD bytes do not say."""
    ignored: int = 0
    """Frames that carry neither of the protocols."""
    play: Play | None = None
    """The scenario that it comes from; None for a capture."""

    @cached_property
    def told(self) -> tuple[Event, ...]:
        """The events in the model of results; they stand in the result of every check."""
        return tuple(event.event() for event in self.events)

    @cached_property
    def sip(self) -> tuple[tuple[Seen, Message], ...]:
        """All readable SIP messages."""
        return tuple((event, event.sip) for event in self.events if event.sip is not None)

    @cached_property
    def transactions(self) -> tuple[Transaction, ...]:
        """The SIP transactions, in the order of their requests; each hop is one."""
        return transactions_of(self.sip)

    @cached_property
    def dialogs(self) -> tuple[Dialog, ...]:
        """The SIP dialogs whose beginning was seen."""
        return dialogs_of(self.transactions)

    @cached_property
    def acks(self) -> dict[str | None, list[tuple[Seen, Message]]]:
        """Every ACK by its Call-ID."""
        return _grouped((message.call_id, (event, message)) for event, message in self.sip if message.method == "ACK")

    @cached_property
    def calls(self) -> dict[str | None, list[Transaction]]:
        """The transactions by their Call-ID."""
        return _grouped((one.request.call_id, one) for one in self.transactions)

    @cached_property
    def dialogs_by_call(self) -> dict[str | None, list[Dialog]]:
        """The dialogs by their Call-ID."""
        return _grouped((one.call_id, one) for one in self.dialogs)

    @cached_property
    def judged(self) -> tuple[tuple[Seen, Message], ...]:
        """The SIP messages that the subject sent, or all where nobody is named the subject."""
        return tuple((event, message) for event, message in self.sip if event.direction != "received")

    def requests(self, *methods: str) -> Iterator[tuple[Seen, Message]]:
        """The judged requests, of these methods or of all."""
        return ((e, m) for e, m in self.judged if m.is_request and (not methods or m.method in methods))

    def responses(self, *statuses: int, method: str | None = None) -> Iterator[tuple[Seen, Message]]:
        """The judged responses of these statuses (or all), to this method (or any)."""
        for event, message in self.judged:
            if message.is_request or (statuses and message.status not in statuses):
                continue
            if method is None or (message.cseq is not None and message.cseq[1] == method):
                yield event, message

    def of(self, protocol: str) -> Iterator[Seen]:
        """The judged events of one protocol."""
        return (e for e in self.events if e.protocol == protocol and e.direction != "received")

    def labelled(self, *labels: str) -> Iterator[Seen]:
        """What a scenario sent under one of these names, copies too."""
        return (event for event in self.events if event.label in labels)

    def asked(self, *labels: str) -> Iterator[Transaction]:
        """The transactions of the requests that a scenario sent under one of these names."""
        return (one for one in self.transactions if one.event.label in labels)

    def alive_after(self, event: Seen) -> bool | None:
        """Whether the subject answered a sane request after this; None where it was not asked, or never said a word."""
        probes = self.play.probes if self.play else ()
        answered = next((answered for number, answered in probes if number >= event.number), None)
        return None if answered is False and not any(self.judged) and not any(self.of("reload")) else answered
