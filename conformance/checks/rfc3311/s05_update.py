"""UPDATE (RFC 3311)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3264.descriptions import sdp_bodies
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.seen import Seen
from conformance.judge.transactions import uri_text
from conformance.lab.sip.value import pick


@check("rfc3311/s05_1/in-dialog", "An UPDATE is sent inside a dialog and has a Contact.", "rfc3311:5.1/1a", "rfc3311:5.1/0",
       needs="an UPDATE", role="user-agent-client")  # fmt: skip
def in_dialog(evidence: Evidence) -> Iterator[Ruling]:
    """To tag and Contact of every UPDATE."""
    for event, message in evidence.requests("UPDATE"):
        good = bool(message.to_tag) and len(message.values("contact")) == 1
        seen = f"To tag {message.to_tag}, Contact {message.lines('contact')}"
        yield rule(good, event, why="incomplete", expected="a To tag and one Contact", seen=seen, place="To, Contact")


@check("rfc3311/s04/allowed", "An UPDATE is sent to a peer whose Allow listed it.", "rfc3311:4/0",
       needs="an UPDATE in a dialog whose messages were seen", level="SHOULD", role="user-agent-client")  # fmt: skip
def allowed(evidence: Evidence) -> Iterator[Ruling]:
    """Allow of the other side before it."""
    for dialog in evidence.dialogs:
        for one in dialog.transactions:
            if one.method != "UPDATE" or not one.judged:
                continue
            caller = one.request.from_tag == dialog.caller
            told = [dialog.response[1], dialog.confirmed[1] if dialog.confirmed else dialog.response[1]]
            known = [method for m in (told if caller else [dialog.made_by.request]) for method in m.values("allow")]
            good = "UPDATE" in known
            yield rule(
                good,
                dialog.response[0],
                one.event,
                why="nobody allowed it",
                expected="UPDATE in Allow",
                seen=known,
                place="Allow",
            )


@check("rfc3311/s05_2/overlap", "An UPDATE that overtakes another gets 500 with Retry-After.", "rfc3311:5.2/1a", "rfc3311:5.2/1b",
       needs="two UPDATEs in progress in one direction of a dialog", role="user-agent-server")  # fmt: skip
def overlap(evidence: Evidence) -> Iterator[Ruling]:
    """The final response to the later one."""
    for dialog in evidence.dialogs:
        for tag in (dialog.caller, dialog.callee):
            updates = [one for one in dialog.requests(tag) if one.method == "UPDATE"]
            for before, after in zip(updates, updates[1:], strict=False):
                pending = before.final is None or before.final[0].number > after.event.number
                if pending and after.final is not None and after.final[0].direction != "received":
                    event, message = after.final
                    good = message.status == 500 and message.has("retry-after")
                    expected = "500 with Retry-After"
                    yield rule(
                        good, before.event, after.event, event, why="accepted", expected=expected, seen=message.title
                    )


@check("rfc3311/s05_1/early-only", "In a confirmed dialog offers are made by re-INVITE and not by UPDATE.", "rfc3311:5.1/2",
       needs="an UPDATE with an offer", level="SHOULD", role="user-agent-client")  # fmt: skip
def early_only(evidence: Evidence) -> Iterator[Ruling]:
    """The 2xx of the dialog against its UPDATEs; those that its user asked for by name are no choice of its own."""
    asked = any(note.startswith("trigger: update") for note in (evidence.play.notes if evidence.play else ()))
    for dialog in evidence.dialogs:
        for one in () if asked else dialog.transactions:
            if one.method == "UPDATE" and one.judged and sdp_bodies(one.request):
                early = dialog.confirmed is None or dialog.confirmed[0].number > one.event.number
                why, expected = "UPDATE in a confirmed dialog", "a re-INVITE"
                yield rule(early, dialog.response[0], one.event, why=why, expected=expected, seen="UPDATE")


@check("rfc3311/s05_1/same-contact", "The 2xx to an INVITE has the Contact that its sender gave by UPDATE meanwhile.", "rfc3311:5.1/4",
       needs="a 2xx to INVITE after an UPDATE or its 2xx with Contact, both of the callee", role="user-agent-server")  # fmt: skip
def same_contact(evidence: Evidence) -> Iterator[Ruling]:
    """The last Contact of the callee before its 2xx."""
    for dialog in evidence.dialogs:
        if dialog.method != "INVITE" or dialog.confirmed is None or dialog.confirmed[0].direction == "received":
            continue
        event, message = dialog.confirmed
        given: list[tuple[Seen, str]] = []
        for one in dialog.transactions:
            asked = one.request.from_tag == dialog.callee
            pairs = [(one.event, one.request)] if asked else [pair for pair in one.responses if pair[1].status == 200]
            if one.method == "UPDATE":
                given += [(e, uri_text(pick(m.first("contact"), "uri"))) for e, m in pairs if m.has("contact")]
        before = [pair for pair in given if pair[0].number < event.number]
        if before:
            wanted, got = before[-1][1], uri_text(pick(message.first("contact"), "uri"))
            good, why = wanted == got, "another Contact"
            yield rule(good, before[-1][0], event, why=why, expected=wanted, seen=got, place="Contact")
