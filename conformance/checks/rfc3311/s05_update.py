"""UPDATE (RFC 3311)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule


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
