"""Subscriptions as they pass by: the request that made one, its refreshes, its notifications (RFC 6665, section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from conformance.judge.evidence import Evidence
from conformance.judge.transactions import Pair, Transaction
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at


@dataclass(slots=True)
class Subscription:
    """One subscription whose making was seen on the subscriber's hop."""

    made_by: Transaction
    accepted: Pair
    """The 2xx."""
    package: str
    id: str | None
    """The ``id`` of Event; for a REFER the sequence number may stand there."""
    refreshes: list[Transaction] = field(default_factory=list)
    refused: list[Transaction] = field(default_factory=list)
    """Refreshes that failed."""
    notifications: list[Transaction] = field(default_factory=list)
    """On the notifier's hop, in order."""

    @property
    def by_refer(self) -> bool:
        """Whether a REFER made it."""
        return self.made_by.method == "REFER"


def event_of(message: Message) -> tuple[str, str | None]:
    """Package and id of Event."""
    value = message.first("event")
    return (text_at(value, "package") or "").lower(), text_at(value, "parameters", "id")


def state_of(message: Message) -> str:
    """The state in Subscription-State, in lower case."""
    return (text_at(message.first("subscription-state"), "state") or "").lower()


def subscriptions(evidence: Evidence) -> Iterator[Subscription]:
    """All subscriptions of the evidence, call by call."""
    for series in evidence.calls.values():
        found: list[Subscription] = []
        for one in series:
            if one.original and one.method in ("SUBSCRIBE", "REFER"):
                _subscribe(found, one)
        for one in series:
            if one.original and one.method == "NOTIFY":
                _notify(found, one)
        yield from found


def _subscribe(found: list[Subscription], one: Transaction) -> None:
    if one.final is None:
        return
    granted = 200 <= (one.final[1].status or 0) < 300
    package, identity = ("refer", None) if one.method == "REFER" else event_of(one.request)
    if one.method == "SUBSCRIBE" and one.request.to_tag:
        for known in found:
            same = known.made_by.request.from_tag == one.request.from_tag and (known.package, known.id) == (
                package,
                identity,
            )
            if same or (known.by_refer and package == "refer"):
                (known.refreshes if granted else known.refused).append(one)
                return
    if granted:
        found.append(Subscription(one, one.final, package, identity))


def _notify(found: list[Subscription], one: Transaction) -> None:
    package, identity = event_of(one.request)
    fitting = [
        known for known in found if known.made_by.request.from_tag == one.request.to_tag and known.package == package
    ]
    by_id = [known for known in fitting if _identified(known, identity)]
    if by_id or fitting:
        (by_id or fitting)[0].notifications.append(one)


def _identified(known: Subscription, identity: str | None) -> bool:
    if not known.by_refer:
        return known.id == identity
    cseq = known.made_by.request.cseq
    return identity is not None and cseq is not None and identity == str(cseq[0])
