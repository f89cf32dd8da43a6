"""Dialogs (RFC 3261, section 12)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.dialogs import Dialog, is_loose, request_uri_text, route_text
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.value import has, pick, text_at

SERVER, BOTH = "user-agent-server", "user-agent"
REFRESHING = ("INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY")


def establishing(evidence: Evidence) -> Iterator[tuple[Transaction, Ruling | None]]:
    """Transactions outside of dialogs that can make one."""
    return (
        (one, None) for one in evidence.transactions if one.initial and one.method in ("INVITE", "SUBSCRIBE", "REFER")
    )


def inside(evidence: Evidence) -> Iterator[tuple[Dialog, Transaction]]:
    """Every judged request inside a dialog, on its originator's hop."""
    for dialog in evidence.dialogs:
        for transaction in dialog.transactions:
            if transaction.judged:
                yield dialog, transaction


def sent_inside(evidence: Evidence) -> Iterator[tuple[Dialog, Seen, Message]]:
    """As ``inside``, with the ACKs of 2xx, which are formed alike (section 13.2.2.4)."""
    for dialog, transaction in inside(evidence):
        yield dialog, transaction.event, transaction.request
    for dialog in evidence.dialogs:
        invites = [one for one in [dialog.made_by, *dialog.transactions] if one.method == "INVITE" and one.request.cseq]
        taken = {(one.request.cseq or (0, ""))[0]: one for one in invites if one.final and one.final[1].status == 200}
        ends = {dialog.caller, dialog.callee}
        for event, ack in evidence.acks.get(dialog.call_id, []):
            invite = taken.get(ack.cseq[0]) if ack.cseq and {ack.from_tag, ack.to_tag} == ends else None
            own = invite is not None and invite.request.from_tag == ack.from_tag and len(ack.values("via")) == 1
            if own and event.direction != "received":
                yield dialog, event, ack


@check("rfc3261/s12_1_1/record-route-copied", "A response that makes a dialog has the Record-Route of its request.",
       "rfc3261:12.1.1/1a", "rfc3261:12.1.1/1b", needs="a 2xx to a request with Record-Route", role=SERVER)  # fmt: skip
def record_route_copied(evidence: Evidence) -> Iterator[Ruling]:
    """Record-Route on both sides of a hop: the response may hold more only where proxies lie beyond."""
    for transaction, _ in establishing(evidence):
        wanted = [route_text(one) for one in transaction.request.values("record-route")]
        for event, message in transaction.responses:
            if not wanted or not 200 <= (message.status or 0) < 300 or event.direction == "received":
                continue
            got = [route_text(one) for one in message.values("record-route")]
            good = got[-len(wanted) :] == wanted
            yield rule(
                good,
                transaction.event,
                event,
                why="another route",
                expected=str(wanted),
                seen=got,
                place="Record-Route",
            )


@check("rfc3261/s12_1_1/contact", "A 2xx that makes a dialog has a Contact with a SIP or SIPS URI.", "rfc3261:12.1.1/2",
       "rfc3261:12.1.1/3", needs="a 2xx to INVITE or SUBSCRIBE", role=SERVER)  # fmt: skip
def contact(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of such responses."""
    for method in ("INVITE", "SUBSCRIBE"):
        for event, message in evidence.responses(method=method):
            if 200 <= (message.status or 0) < 300:
                schemes = [text_at(one, "uri", "scheme") for one in message.values("contact")]
                good = len(schemes) == 1 and schemes[0] in ("sip", "sips")
                seen = message.lines("contact")
                yield rule(good, event, why="Contact", expected="one SIP or SIPS URI", seen=seen, place="Contact")


@check("rfc3261/s12_2_1_1/tags", "A request in a dialog names it by both tags.", "rfc3261:12.2.1.1/2", "rfc3261:12.2.1.1/4",
       "rfc3261:8.1.1.4/1", "rfc3261:12.1.1/12", "rfc3261:12.1.1/13a", "rfc3261:12.1.1/13b", "rfc3261:12.1.2/9", "rfc3261:12.1.2/10a", "rfc3261:12.1.2/10b", "rfc3261:12.2.1.1/6",
       needs="a request of a Call-ID whose dialog was seen", role=BOTH)  # fmt: skip
def tags(evidence: Evidence) -> Iterator[Ruling]:
    """Requests with a To tag against the dialogs of their Call-ID."""
    for event, message in evidence.requests():
        dialogs = evidence.dialogs_by_call.get(message.call_id, [])
        if not message.to_tag or not dialogs or message.method in ("ACK", "CANCEL"):
            continue
        # A NOTIFY of a forked or not yet answered subscription brings a tag of its own.
        if message.method == "NOTIFY" and any(one.caller == message.to_tag for one in dialogs):
            yield right(event)
            continue
        ends = {frozenset((one.caller, one.callee)) for one in dialogs}
        good = frozenset((message.from_tag or "", message.to_tag)) in ends
        expected = " or ".join("/".join(sorted(one)) for one in ends)
        yield rule(
            good,
            event,
            why="no dialog has these tags",
            expected=expected,
            seen=f"{message.from_tag}/{message.to_tag}",
            place="To",
        )


@check("rfc3261/s12_2_1_1/uris", "A request in a dialog keeps the URIs of To and From.", "rfc3261:12.2.1.1/1", "rfc3261:12.2.1.1/3",
       "rfc3261:12.1.1/15a", "rfc3261:12.1.1/15b", "rfc3261:12.1.2/12a", "rfc3261:12.1.2/12b",
       needs="a request in a dialog", role=BOTH)  # fmt: skip
def uris(evidence: Evidence) -> Iterator[Ruling]:
    """URIs of both; whoever told ``from-change`` is not surprised by another identity (RFC 4916)."""
    for dialog, transaction in inside(evidence):
        first, request = dialog.made_by.request, transaction.request
        told = [first, *(message for _, message in dialog.made_by.responses)]
        if any("from-change" in message.values("supported") for message in told):
            continue
        caller = request.from_tag == dialog.caller
        wanted = [uri_text(pick(first.first(name), "uri")) for name in (("from", "to") if caller else ("to", "from"))]
        got = [uri_text(pick(request.first(name), "uri")) for name in ("from", "to")]
        yield rule(
            wanted == got,
            dialog.made_by.event,
            transaction.event,
            why="another URI",
            expected=str(wanted),
            seen=got,
            place="From, To",
        )


@check("rfc3261/s12_2_1_1/cseq-contiguous", "In each direction of a dialog CSeq grows by one.", "rfc3261:12.2.1.1/7",
       "rfc3261:12.2.1.1/8a", "rfc3261:12.1.2/7", "rfc3261:12.2.1.1/8b",
       needs="two requests of one party in a dialog", role=BOTH)  # fmt: skip
def cseq_contiguous(evidence: Evidence) -> Iterator[Ruling]:
    """Sequence numbers of each party, ACK and CANCEL left out; the network may reorder, so they are sorted.

    A focus that takes a call over jumps ahead by intention (interp-13); it speaks from another address.
    """
    for dialog in evidence.dialogs:
        for tag in (dialog.caller, dialog.callee):
            series = [one for one in _numbers(evidence, dialog, tag) if one.request.cseq is not None]
            series.sort(key=lambda one: one.request.cseq or (0, ""))
            for before, after in zip(series, series[1:], strict=False):
                if not after.judged or before.request.cseq is None or after.request.cseq is None:
                    continue
                wanted, got = before.request.cseq[0] + 1, after.request.cseq[0]
                good = got == wanted or (got > wanted and after.event.source != before.event.source)
                why = "CSeq is not the next one"
                yield rule(good, before.event, after.event, why=why, expected=str(wanted), seen=got, place="CSeq")


def _numbers(evidence: Evidence, dialog: Dialog, tag: str) -> list[Transaction]:
    """The party's requests of this Call-ID, whichever dialog usage they are for."""
    series: list[Transaction] = []
    for one in evidence.calls.get(dialog.call_id, []):
        request = one.request
        if one.method == "CANCEL" or not one.original or request.from_tag != tag:
            continue
        if one is dialog.made_by or (request.to_tag in (dialog.caller, dialog.callee)):
            series.append(one)
    return series


@check("rfc3261/s12_2_1_1/remote-target", "Without strict routes the Request-URI of a request in a dialog is the remote target.",
       "rfc3261:12.2.1.1/11", "rfc3261:12.2.1.1/13a", "rfc3261:12.2.1.2/1", "rfc3261:12.2.2/7", "rfc3261:12.1.1/9", "rfc3261:12.1.2/6",
       needs="a request in a dialog",
       role=BOTH)  # fmt: skip
def remote_target(evidence: Evidence) -> Iterator[Ruling]:
    """Request-URIs of requests and of the ACK of a 2xx against the Contacts seen before."""
    for dialog, event, message in sent_inside(evidence):
        tag = message.from_tag or ""
        routes = dialog.route_set(tag)
        if routes and not is_loose(routes[0]):
            continue
        targets = dialog.targets(tag, event.number)
        if not targets:
            yield unclear(event, why="no Contact of the other side was seen")
            continue
        got = request_uri_text(message)
        # A refresh that is still being answered leaves the one before valid as well.
        good = got in targets[:2]
        yield rule(good, event, why="another Request-URI", expected=targets[0], seen=got, place="Request-URI")


@check("rfc3261/s12_2_1_1/route-set", "A request in a dialog carries the route set as its Route.", "rfc3261:12.2.1.1/12",
       "rfc3261:12.2.1.1/13b", "rfc3261:12.1.1/7", "rfc3261:12.1.2/4", "rfc3261:12.1.2/5", "rfc3261:12.1.1/8", "rfc3261:12.2.1.1/15",
       needs="a request in a dialog", role=BOTH)  # fmt: skip
def route_set(evidence: Evidence) -> Iterator[Ruling]:
    """Route of requests and of the ACK of a 2xx against the Record-Route of the messages that made the dialog."""
    for dialog, event, message in sent_inside(evidence):
        tag = message.from_tag or ""
        routes = dialog.route_set(tag)
        wanted = [route_text(one) for one in routes]
        got = [route_text(one) for one in message.values("route")]
        if routes and not is_loose(routes[0]):
            wanted = [*wanted[1:], *dialog.targets(tag, event.number)[:1]]
        good, why, place = got == wanted, "another Route", "Route"
        yield rule(good, dialog.response[0], event, why=why, expected=str(wanted), seen=got, place=place)


@check("rfc3261/s12_2_1_1/refresh-contact", "A target refresh request has a Contact.", "rfc3261:12.2.1.1/17a",
       needs="a target refresh request in a dialog", level="SHOULD", role=BOTH)  # fmt: skip
def refresh_contact(evidence: Evidence) -> Iterator[Ruling]:
    """Contact of INVITE, UPDATE, SUBSCRIBE and NOTIFY in dialogs."""
    for _, transaction in inside(evidence):
        if transaction.method in REFRESHING:
            good = transaction.request.has("contact")
            yield rule(good, transaction.event, why="no Contact", expected="Contact", seen="none", place="Contact")


@check("rfc3261/s12_2_2/out-of-order", "A request with a lower CSeq than one before in its dialog gets 500.", "rfc3261:12.2.2/4",
       needs="a request in a dialog with a lower CSeq than one before", role=SERVER)  # fmt: skip
def out_of_order(evidence: Evidence) -> Iterator[Ruling]:
    """Final responses to requests that fall behind."""
    for dialog in evidence.dialogs:
        for tag in (dialog.caller, dialog.callee):
            highest = 0
            for one in _numbers(evidence, dialog, tag):
                number = one.request.cseq[0] if one.request.cseq else 0
                if number < highest and one.final is not None and one.final[0].direction != "received":
                    event, message = one.final
                    yield rule(
                        message.status == 500,
                        one.event,
                        event,
                        why="accepted out of order",
                        expected="500",
                        seen=message.title,
                    )
                highest = max(highest, number)


@check("rfc3261/s12_1_1/secure-contact", "A 2xx to a request for a SIPS URI has a SIPS Contact.", "rfc3261:12.1.1/4",
       needs="a 2xx to a request for a SIPS URI", role=SERVER)  # fmt: skip
def secure_contact(evidence: Evidence) -> Iterator[Ruling]:
    """The scheme of Contact."""
    for transaction, _ in establishing(evidence):
        if not transaction.request.request_uri.lower().startswith("sips:"):
            continue
        for event, message in transaction.responses:
            if 200 <= (message.status or 0) < 300 and event.direction != "received":
                scheme = text_at(message.first("contact"), "uri", "scheme")
                if scheme == "sips":
                    yield right(transaction.event, event)
                else:
                    yield wrong(
                        transaction.event, event, why="not secure", expected="sips", seen=scheme, place="Contact"
                    )


@check("rfc3261/s12_2/loose-route", "A Route begins with a loose route, or the request is formed for a strict router.",
       "rfc3261:12.2.1.1/14", "rfc3261:12.2.1.1/16", needs="a request in a dialog with a strict route first", role=BOTH)  # fmt: skip
def loose_route(evidence: Evidence) -> Iterator[Ruling]:
    """Where the first route lacks ``lr``: it is the Request-URI, and the remote target is the last Route."""
    for dialog, event, message in sent_inside(evidence):
        routes = dialog.route_set(message.from_tag or "")
        if not routes or has(routes[0], "uri", "parameters", "lr"):
            continue
        wanted, got = route_text(routes[0]), request_uri_text(message)
        why, place = "not formed for a strict router", "Request-URI"
        yield rule(wanted == got, event, why=why, expected=wanted, seen=got, place=place)
