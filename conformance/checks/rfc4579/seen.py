"""Who took part in a conference, and when, as the calls show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.rfc3261.live.stimuli import accepted
from conformance.judge.evidence import Evidence
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.value import has, pick
from conformance.live.dialog import text_of_contact

FOCUS = "focus"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One call of a participant."""

    name: str
    """The URI of the user."""
    place: str
    """The URI of the device: its Contact."""
    made_by: Transaction
    since: Seen
    """The 2xx to the INVITE."""
    until: Seen | None
    """The BYE, whoever sent it; None where it stood to the end."""

    @property
    def uris(self) -> tuple[str, str]:
        """By which of them it may be shown."""
        return self.name, self.place


def joins(evidence: Evidence) -> Iterator[Transaction]:
    """The INVITEs that began calls with the subject, in either direction."""
    return (one for one in evidence.transactions if one.method == "INVITE" and one.initial and one.original)


def presences(evidence: Evidence) -> Iterator[Presence]:
    """The calls that stood, in the order in which they began."""
    for one in joins(evidence):
        if not accepted(one) or one.final is None:
            continue
        incoming = one.event.direction == "received"
        theirs = one.request if incoming else one.final[1]
        side = "from" if incoming else "to"
        bye = next((each.event for each in evidence.calls.get(one.request.call_id, []) if each.method == "BYE"
                    and one.final[1].to_tag in (each.request.to_tag, each.request.from_tag)), None)  # fmt: skip
        name = uri_text(pick(theirs.first(side), "uri"))
        yield Presence(name=name, place=text_of_contact(theirs), made_by=one, since=one.final[0], until=bye)


def is_focus(message: Message) -> bool:
    """Whether a Contact says isfocus."""
    return any(has(one, "parameters", "isfocus") for one in message.values("contact"))


def said_by_focus(evidence: Evidence) -> Iterator[tuple[Seen, Message]]:
    """INVITEs of the subject and its 2xx to INVITEs: what carries the Contact of a dialog."""
    for one in evidence.transactions:
        if one.method != "INVITE":
            continue
        if one.event.direction == "sent":
            yield one.event, one.request
        elif accepted(one) and one.final is not None and one.final[0].direction == "sent":
            yield one.final


def conference_of(evidence: Evidence) -> str:
    """The URI of the conference that the scenario began; empty where none began."""
    for one in evidence.asked("create"):
        if one.final is not None and (one.final[1].status or 0) < 400:
            return text_of_contact(one.final[1])
    return ""


def same(one: str, other: str) -> bool:
    """Whether two URIs have the same user at the same host; ports and parameters may differ."""
    return _user_host(one) == _user_host(other)


def _user_host(uri: str) -> tuple[str, str]:
    scheme, _, rest = uri.partition(":")
    user, at, host = rest.partition("@")
    place = (host if at else user).partition(";")[0].partition("?")[0]
    if place.startswith("["):
        return f"{scheme}:{user}", place.partition("]")[0]
    return f"{scheme}:{user if at else ''}", place.partition(":")[0].lower()
