"""What focuses owe each other (draft-knauf-p2psip-disco-00, section 5)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from conformance.checks.disco00.documents import DISTRIBUTED, PLAIN, document_of
from conformance.checks.rfc6665.subscriptions import Subscription, event_of, subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.lab.sip import Message
from conformance.lab.sip.value import has, text_at

FOCUS = "focus"


def is_focus(message: Message) -> bool:
    """Whether the sender calls itself a focus (RFC 3840's feature parameter in Contact)."""
    return any(has(one, "parameters", "isfocus") for one in message.values("contact"))


def between_focuses(evidence: Evidence) -> Iterator[Subscription]:
    """Conference subscriptions in which both sides call themselves a focus."""
    for one in subscriptions(evidence):
        if one.package == "conference" and is_focus(one.made_by.request) and is_focus(one.accepted[1]):
            yield one


@check("disco00/s05_1/both-media-types", "A focus that subscribes to another accepts documents for distributed conferences, and plain ones.",
       "disco00:5.1/1", "disco00:5.1/0", needs="a SUBSCRIBE of a focus to a focus", role=FOCUS)  # fmt: skip
def both_media_types(evidence: Evidence) -> Iterator[Ruling]:
    """Accept of the SUBSCRIBE."""
    for one in between_focuses(evidence):
        event, message = one.made_by.event, one.made_by.request
        if event.direction == "received":
            continue
        accepted = [text_at(value, "subtype") for value in message.values("accept")]
        good = DISTRIBUTED in accepted
        seen = message.lines("accept")
        yield rule(
            good,
            event,
            why="Accept",
            expected=f"application/{DISTRIBUTED}, application/{PLAIN}",
            seen=seen,
            place="Accept",
        )


@check("disco00/s05_1/pairwise", "Subscriptions between focuses come in pairs: each side subscribes to the other.", "disco00:5.1/1",
       "disco00:5.1/2", needs="a SUBSCRIBE of a focus to a focus", role=FOCUS)  # fmt: skip
def pairwise(evidence: Evidence) -> Iterator[Ruling]:
    """The other direction, anywhere in the evidence."""
    found = list(between_focuses(evidence))
    pairs = {(one.made_by.event.source, one.made_by.event.destination) for one in found}
    for one in found:
        event = one.made_by.event
        if event.direction == "sent":
            continue
        good = (event.destination, event.source) in pairs
        expected = f"SUBSCRIBE of {event.destination} to {event.source}"
        yield rule(good, event, why="one-sided", expected=expected, seen="none")


@check("disco00/s05_1/first-full-or-own", "After a SUBSCRIBE the older focus tells the whole state; a state that follows is partial.",
       "disco00:5.1/3a", "disco00:5.3/2", needs="NOTIFYs with documents between focuses", role=FOCUS)  # fmt: skip
def first_full(evidence: Evidence) -> Iterator[Ruling]:
    """States of the documents of each subscription between focuses; the first may be full or partial, later ones are partial."""
    for one in between_focuses(evidence):
        told = [(n, document_of(n.request)) for n in one.notifications if n.judged]
        states = [(n, found[1]) for n, found in told if found is not None]
        for number, (notification, state) in enumerate(states):
            wanted = ("full", "partial") if number == 0 else ("partial", "deleted")
            good = state in wanted
            expected = " or ".join(wanted)
            yield rule(
                good, one.made_by.event, notification.event, why="state", expected=expected, seen=state, place="body"
            )


@check("disco00/s05_1/document-type", "Between focuses state travels as a document for distributed conferences.", "disco00:5.1/0",
       "disco00:7/0", needs="a NOTIFY with a body between focuses", role=FOCUS)  # fmt: skip
def document_type(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Type of those NOTIFYs."""
    for one in between_focuses(evidence):
        for notification in one.notifications:
            if notification.request.body and notification.judged:
                subtype = text_at(notification.request.first("content-type"), "subtype")
                yield rule(
                    subtype == DISTRIBUTED,
                    notification.event,
                    why="type",
                    expected=DISTRIBUTED,
                    seen=subtype,
                    place="Content-Type",
                )


def delegations(evidence: Evidence) -> Iterator[tuple[Seen, Message]]:
    """REFERs by which a focus hands a call to another one."""
    for event, message in evidence.requests("REFER"):
        marked = has(message.first("refer-to"), "uri", "parameters", "call-id")
        if is_focus(message) or marked:
            yield event, message


def named_call(message: Message) -> str | None:
    """The Call-ID in the Refer-To of a delegating REFER, its escapes undone."""
    named = text_at(message.first("refer-to"), "uri", "parameters", "call-id")
    return None if named is None else unquote(named)


@check("disco00/s05_2/refer-call-id", "A delegating REFER names the call by the parameter call-id in its Refer-To.", "disco00:5.2/2",
       needs="a REFER of a focus", role=FOCUS)  # fmt: skip
def refer_call_id(evidence: Evidence) -> Iterator[Ruling]:
    """The URI parameter, and that the call was seen where the capture holds any call of that focus."""
    calls = {message.call_id for _, message in evidence.sip if message.method == "INVITE"}
    for event, message in delegations(evidence):
        named = named_call(message)
        seen = message.lines("refer-to")
        if named is None:
            yield wrong(event, why="no call named", expected="call-id in the URI", seen=seen, place="Refer-To")
        elif calls and named not in calls:
            yield wrong(
                event,
                why="a call that nobody made",
                expected=f"one of {sorted(map(str, calls))}",
                seen=named,
                place="Refer-To",
            )
        else:
            yield right(event)


@check("disco00/s05_2/refer-session", "A delegating REFER carries the session of the caller in its body.", "disco00:5.2/2",
       needs="a REFER of a focus", role=FOCUS)  # fmt: skip
def refer_session(evidence: Evidence) -> Iterator[Ruling]:
    """A body with a media type; what is inside is for the parties to agree on."""
    for event, message in delegations(evidence):
        good = bool(message.body) and message.has("content-type")
        yield rule(good, event, why="no session", expected="a body", seen=f"{len(message.body)} bytes", place="body")


@check("disco00/s05_2/takeover-in-dialog", "The focus that takes a call over re-INVITEs inside the caller's dialog and routes it to itself.",
       "disco00:5.2/3", "disco00:5.2/0", needs="an INVITE of the party a call was delegated to, towards the caller", role=FOCUS,
       errata=("interp-11",))  # fmt: skip
def takeover_in_dialog(evidence: Evidence) -> Iterator[Ruling]:
    """The INVITE has the tags of the dialog, isfocus, and a Record-Route or Contact by which the caller reaches the new focus."""
    for refer, message in delegations_seen(evidence):
        named = named_call(message)
        taken = [one for one in evidence.calls.get(named, []) if one.method == "INVITE" and one.event.number > refer.number
                 and one.event.source == refer.destination]  # fmt: skip
        if not taken:
            yield unclear(refer, why="no INVITE of the new focus in that call was seen")
            continue
        for one in taken:
            if not one.judged:
                continue
            dialogs = evidence.dialogs_by_call.get(named, [])
            ends = {frozenset((dialog.caller, dialog.callee)) for dialog in dialogs}
            inside = frozenset((one.request.from_tag or "", one.request.to_tag or "")) in ends
            routed = one.request.has("record-route") or one.request.has("contact")
            good = inside and routed and is_focus(one.request)
            seen = f"tags {one.request.from_tag}/{one.request.to_tag}, Contact {one.request.lines('contact')}"
            expected = "the dialog's tags, isfocus, Record-Route or Contact"
            yield rule(
                good, refer, one.event, why="not the same conference for the caller", expected=expected, seen=seen
            )


def delegations_seen(evidence: Evidence) -> Iterator[tuple[Seen, Message]]:
    """As ``delegations``, also those that the subject received."""
    for event, message in evidence.sip:
        if message.method == "REFER" and (
            is_focus(message) or has(message.first("refer-to"), "uri", "parameters", "call-id")
        ):
            yield event, message


@check("disco00/s05_1/event-package", "Focuses subscribe to the event package conference.", "disco00:5.1/1",
       needs="a SUBSCRIBE between parties that call themselves focuses", role=FOCUS)  # fmt: skip
def event_package(evidence: Evidence) -> Iterator[Ruling]:
    """Event of SUBSCRIBEs with isfocus on both sides."""
    for one in subscriptions(evidence):
        if not one.by_refer and is_focus(one.made_by.request) and is_focus(one.accepted[1]) and one.made_by.judged:
            package, _ = event_of(one.made_by.request)
            yield rule(
                package == "conference",
                one.made_by.event,
                why="another package",
                expected="conference",
                seen=package,
                place="Event",
            )
