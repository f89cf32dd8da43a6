"""REFER and its implicit subscription (RFC 3515, section 2)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6665.subscriptions import event_of, state_of, subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

CLIENT, RECIPIENT = "user-agent-client", "refer-recipient"


@check(
    "rfc3515/s02_4_1/one-refer-to",
    "A REFER has exactly one Refer-To value.",
    "rfc3515:2.4.1/1",
    needs="a REFER",
    role=CLIENT,
)
def one_refer_to(evidence: Evidence) -> Iterator[Ruling]:
    """Refer-To of REFER."""
    for event, message in evidence.requests("REFER"):
        lines = message.lines("refer-to")
        good = len(lines) == 1 and len(message.values("refer-to")) == 1
        yield rule(good, event, why="Refer-To", expected="one value", seen=lines, place="Refer-To")


UNSERVED = (405, 501)
"""The method is looked at before Refer-To: who does not carry out REFER here owes no 400."""


@check("rfc3515/s02_4_2/bad-refer-to", "A REFER without Refer-To or with several gets 400.", "rfc3515:2.4.2/4",
       needs="an answered REFER without exactly one Refer-To", role=RECIPIENT)  # fmt: skip
def bad_refer_to(evidence: Evidence) -> Iterator[Ruling]:
    """Final responses to such a REFER."""
    for one in evidence.transactions:
        if (
            one.method == "REFER"
            and len(one.request.lines("refer-to")) != 1
            and one.final
            and one.final[0].direction != "received"
            and one.final[1].status not in UNSERVED
        ):
            event, message = one.final
            yield rule(
                message.status == 400, one.event, event, why="another answer", expected="400", seen=message.title
            )


@check("rfc3515/s02/contact", "A REFER has one Contact.", "rfc3515:2/2b", needs="a REFER", role=CLIENT)
def contact(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of REFER."""
    for event, message in evidence.requests("REFER"):
        good = len(message.values("contact")) == 1
        yield rule(good, event, why="Contact", expected="one", seen=message.lines("contact"), place="Contact")


@check("rfc3515/s02_4_4/notify-follows", "Whoever accepts a REFER tells its progress by NOTIFY.", "rfc3515:2.4.2/8", "rfc3515:2.4.4/1",
       needs="a REFER with a 2xx", role=RECIPIENT)  # fmt: skip
def notify_follows(evidence: Evidence) -> Iterator[Ruling]:
    """A NOTIFY of the event refer after it, unless RFC 4488 was used to ask for none."""
    last = evidence.events[-1].time if evidence.events else 0.0
    for one in subscriptions(evidence):
        if not one.by_refer or one.made_by.event.direction == "sent":
            continue
        if any(line.strip().lower().startswith("false") for line in one.made_by.request.lines("refer-sub")):
            continue
        if one.notifications:
            yield right(one.made_by.event, one.notifications[0].event)
        elif last - one.accepted[0].time < 1.0:
            yield unclear(one.accepted[0], why="the capture ends before a NOTIFY could be seen")
        else:
            yield wrong(one.made_by.event, one.accepted[0], why="no NOTIFY follows", expected="NOTIFY", seen="none")


@check("rfc3515/s02_4_5/sipfrag", "A NOTIFY of the event refer has a body of type message/sipfrag that begins with a status line.",
       "rfc3515:2.4.4/3", "rfc3515:2.4.5/1", "rfc3515:2.4.5/2", needs="a NOTIFY of the event refer", role=RECIPIENT)  # fmt: skip
def sipfrag(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Type and body."""
    for event, message in evidence.requests("NOTIFY"):
        if event_of(message)[0] != "refer":
            continue
        value = message.first("content-type")
        kind = f"{text_at(value, 'type')}/{text_at(value, 'subtype')}".lower()
        words = message.body.split(b"\n")[0].split(b" ")
        line = (
            len(words) >= 2
            and words[0].upper() == b"SIP/2.0"
            and len(words[1].strip()) == 3
            and words[1].strip().isdigit()
        )
        seen = f"{kind} {message.body[:40]!r}"
        yield rule(
            kind == "message/sipfrag" and line,
            event,
            why="body",
            expected="a status line as message/sipfrag",
            seen=seen,
            place="body",
        )


@check("rfc3515/s02_4_7/terminated-at-end", "The NOTIFY that tells the final status ends the subscription with reason noresource.",
       "rfc3515:2.4.7/1", needs="a NOTIFY of the event refer that tells a final status", role=RECIPIENT)  # fmt: skip
def terminated_at_end(evidence: Evidence) -> Iterator[Ruling]:
    """The last NOTIFY of a REFER whose final status was told; one before it may still have been active."""
    for one in subscriptions(evidence):
        told = [n for n in one.notifications if _status(n.request) >= 200] if one.by_refer else []
        if not told or not one.notifications[-1].judged:
            continue
        last = one.notifications[-1]
        reason = text_at(last.request.first("subscription-state"), "parameters", "reason")
        good = state_of(last.request) == "terminated" and (reason or "").lower() == "noresource"
        expected, seen, place = (
            "terminated;reason=noresource",
            last.request.lines("subscription-state"),
            "Subscription-State",
        )
        yield rule(good, one.made_by.event, last.event, why="no end", expected=expected, seen=seen, place=place)


def _status(message: Message) -> int:
    """The status that a body of type message/sipfrag tells; 0 where none."""
    words = message.body.split(b" ")
    status = words[1][:3] if len(words) > 1 and words[0].upper() == b"SIP/2.0" else b""
    return int(status) if status.isdigit() else 0


@check("rfc3515/s02_4_6/id-of-second", "NOTIFYs of the second and later REFERs of a dialog have the REFER's CSeq as id.", "rfc3515:2.4.6/1",
       needs="a NOTIFY after a second REFER in a dialog", role=RECIPIENT)  # fmt: skip
def id_of_second(evidence: Evidence) -> Iterator[Ruling]:
    """For every REFER but the first of a call, the NOTIFYs with its number as id."""
    for series in evidence.calls.values():
        accepted = [
            t for t in series if t.method == "REFER" and t.original and t.final and (t.final[1].status or 0) < 300
        ]
        notified = [t for t in series if t.method == "NOTIFY" and t.original and event_of(t.request)[0] == "refer"]
        for refer in accepted[1:]:
            later = [t for t in notified if t.event.number > refer.event.number and t.judged]
            number = str(refer.request.cseq[0]) if refer.request.cseq else ""
            seen = [event_of(t.request)[1] for t in later]
            if later:
                good = number in seen
                yield rule(
                    good, refer.event, later[-1].event, why="id", expected=f"id={number}", seen=seen, place="Event"
                )


@check("rfc3515/s02_4_2/accepted", "A REFER that is accepted is answered with 202 or another 2xx.", "rfc3515:2.4.2/7",
       needs="a REFER with a 2xx", role=RECIPIENT)  # fmt: skip
def accepted(evidence: Evidence) -> Iterator[Ruling]:
    """The status: RFC 6665 8.3.1 discourages 202 in general, RFC 7647 allows 200; both are right."""
    for event, message in evidence.responses(method="REFER"):
        if 200 <= (message.status or 0) < 300:
            yield rule(
                message.status in (200, 202), event, why="another status", expected="202 or 200", seen=message.title
            )


@check("rfc3515/s02_4_4/event-refer", "Every NOTIFY that a REFER causes has the event refer.", "rfc3515:2.4.4/2",
       needs="a NOTIFY in a dialog with an accepted REFER and no SUBSCRIBE", role=RECIPIENT)  # fmt: skip
def event_refer(evidence: Evidence) -> Iterator[Ruling]:
    """Event of NOTIFYs of who accepted a REFER; without SUBSCRIBE nothing else can have caused them."""
    for series in evidence.calls.values():
        if any(one.method == "SUBSCRIBE" for one in series):
            continue
        taken = [one for one in series if one.method == "REFER" and one.final and (one.final[1].status or 0) < 300]
        for one in series:
            asked = [r for r in taken if r.request.from_tag == one.request.to_tag and r.event.number < one.event.number]
            if one.method == "NOTIFY" and one.original and one.judged and asked:
                package = event_of(one.request)[0]
                good, place = package == "refer", "Event"
                yield rule(
                    good, asked[-1].event, one.event, why="another event", expected="refer", seen=package, place=place
                )


@check("rfc3515/s03_10/once-a-second", "Not more than one NOTIFY a second tells the progress of a REFER.", "rfc3515:3.10/1",
       needs="two NOTIFYs for one REFER", level="SHOULD", role=RECIPIENT)  # fmt: skip
def once_a_second(evidence: Evidence) -> Iterator[Ruling]:
    """Times between the NOTIFYs of one subscription, with a tenth for the clock; the one that a SUBSCRIBE asks for comes at once."""
    for one in subscriptions(evidence):
        told = [n for n in one.notifications if n.judged] if one.by_refer else []
        for before, after in zip(told, told[1:], strict=False):
            if any(before.event.number < each.event.number < after.event.number for each in one.refreshes):
                continue
            wait = after.event.time - before.event.time
            good, seen = wait >= 0.9, f"{wait:.3f} seconds later"
            yield rule(good, before.event, after.event, why="too soon", expected="1 second later", seen=seen)
