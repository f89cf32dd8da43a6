"""Registration (RFC 3261, section 10)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.transactions import Pair, Transaction, uri_text
from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import has, number_at, pick, text_at

CLIENT, REGISTRAR = "user-agent-client", "registrar"


def registrations(evidence: Evidence) -> Iterator[Transaction]:
    """Every REGISTER transaction."""
    return (one for one in evidence.transactions if one.method == "REGISTER")


def _accepted(evidence: Evidence) -> Iterator[tuple[Transaction, Pair]]:
    """Every REGISTER with the 200 of the subject to it."""
    for one in registrations(evidence):
        if one.final is not None and one.final[1].status == 200 and one.final[0].direction != "received":
            yield one, one.final


@check("rfc3261/s10_2/request-uri", "The Request-URI of a REGISTER names a domain without user.", "rfc3261:10.2/6",
       needs="a REGISTER", role=CLIENT)  # fmt: skip
def request_uri(evidence: Evidence) -> Iterator[Ruling]:
    """The user part of the Request-URI."""
    for event, message in evidence.requests("REGISTER"):
        try:
            user = read_uri(message.request_uri).get("user")
        except Misread:
            continue
        yield rule(
            user is None, event, why="a user in it", expected="no user", seen=message.request_uri, place="Request-URI"
        )


@check(
    "rfc3261/s10_2/to-uri",
    "The address-of-record in To is a SIP or SIPS URI.",
    "rfc3261:10.2/7",
    needs="a REGISTER",
    role=CLIENT,
)
def to_uri(evidence: Evidence) -> Iterator[Ruling]:
    """The scheme of To."""
    for event, message in evidence.requests("REGISTER"):
        scheme = text_at(message.first("to"), "uri", "scheme")
        yield rule(
            scheme in ("sip", "sips"), event, why="another scheme", expected="sip or sips", seen=scheme, place="To"
        )


def _series(evidence: Evidence) -> Iterator[list[Transaction]]:
    by_client: dict[tuple[str, str], list[Transaction]] = {}
    for one in registrations(evidence):
        if one.judged and one.original:
            record = uri_text(pick(one.request.first("to"), "uri"))
            by_client.setdefault((one.event.source.rpartition(":")[0], record), []).append(one)
    return (series for series in by_client.values() if len(series) > 1)


@check("rfc3261/s10_2/call-id", "A user agent keeps one Call-ID for its registrations.", "rfc3261:10.2/8", "rfc3261:10.2.4/3",
       "rfc3261:8.1.1.4/2",
       needs="two REGISTERs of one client for one address", level="SHOULD", role=CLIENT)  # fmt: skip
def call_id(evidence: Evidence) -> Iterator[Ruling]:
    """Call-IDs of a series."""
    for series in _series(evidence):
        for before, after in zip(series, series[1:], strict=False):
            wanted, got = before.request.call_id, after.request.call_id
            good = wanted == got
            yield rule(
                good, before.event, after.event, why="another Call-ID", expected=str(wanted), seen=got, place="Call-ID"
            )


@check("rfc3261/s10_2/cseq-by-one", "CSeq grows by one with each REGISTER of a Call-ID.", "rfc3261:10.2/9", "rfc3261:22.2/8",
       needs="two REGISTERs with one Call-ID", role=CLIENT)  # fmt: skip
def cseq_by_one(evidence: Evidence) -> Iterator[Ruling]:
    """Sequence numbers of a series."""
    for series in _series(evidence):
        last: dict[str | None, Transaction] = {}
        for after in series:
            before = last.get(after.request.call_id)
            last[after.request.call_id] = after
            if before is None or before.request.cseq is None or after.request.cseq is None:
                continue
            wanted, got = before.request.cseq[0] + 1, after.request.cseq[0]
            yield rule(
                got == wanted, before.event, after.event, why="CSeq", expected=str(wanted), seen=got, place="CSeq"
            )


@check("rfc3261/s10_2/one-at-a-time", "A new REGISTER waits for the final response to the one before.", "rfc3261:10.2/11",
       needs="two REGISTERs of one client for one address", role=CLIENT)  # fmt: skip
def one_at_a_time(evidence: Evidence) -> Iterator[Ruling]:
    """A final response lies between two."""
    for series in _series(evidence):
        for before, after in zip(series, series[1:], strict=False):
            answered = before.final is not None and before.final[0].number < after.event.number
            late = after.event.time - before.event.time >= 32
            good = answered or late
            yield rule(
                good,
                before.event,
                after.event,
                why="another is pending",
                expected="a final response first",
                seen="none",
            )


@check("rfc3261/s10_2_2/star", "Contact * stands alone and with Expires: 0.", "rfc3261:10.2.2/2", needs="a REGISTER with Contact: *",
       role=CLIENT)  # fmt: skip
def star(evidence: Evidence) -> Iterator[Ruling]:
    """Expires beside the star."""
    for event, message in evidence.requests("REGISTER"):
        if any(line.strip() == "*" or line.strip().startswith("*,") for line in message.lines("contact")):
            good = message.values("contact") == ["*"] and message.first("expires") == 0
            yield rule(
                good,
                event,
                why="'*' without Expires: 0",
                expected="Expires: 0",
                seen=message.lines("expires"),
                place="Expires",
            )


@check("rfc3261/s10_3/no-record-route", "A response to REGISTER has no Record-Route.", "rfc3261:10.3/4",
       needs="a response to REGISTER", role=REGISTRAR)  # fmt: skip
def no_record_route(evidence: Evidence) -> Iterator[Ruling]:
    """Absence of Record-Route."""
    for event, message in evidence.responses(method="REGISTER"):
        seen = message.lines("record-route")
        yield rule(not seen, event, why="a route", expected="none", seen=seen, place="Record-Route")


@check(
    "rfc3261/s10_3/no-6xx",
    "A registrar never answers 6xx.",
    "rfc3261:10.3/1",
    needs="a final response to REGISTER",
    role=REGISTRAR,
)
def no_6xx(evidence: Evidence) -> Iterator[Ruling]:
    """Status codes."""
    for event, message in evidence.responses(method="REGISTER"):
        if (message.status or 0) >= 200:
            yield rule((message.status or 0) < 600, event, why="a 6xx", expected="another class", seen=message.title)


@check("rfc3261/s10_3/contact-expires", "Each binding in a 200 to REGISTER says when it expires.", "rfc3261:10.3/33",
       needs="a 200 to REGISTER with bindings", role=REGISTRAR)  # fmt: skip
def contact_expires(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter expires of each Contact."""
    for event, message in evidence.responses(200, method="REGISTER"):
        for contact in message.values("contact"):
            good = has(contact, "parameters", "expires")
            yield rule(
                good, event, why="no expires", expected="expires", seen=message.lines("contact"), place="Contact"
            )


@check("rfc3261/s10_3/bindings-listed", "A 200 to REGISTER lists all bindings, so also the ones just made.", "rfc3261:10.3/32",
       needs="a 200 to a REGISTER that makes bindings", role=REGISTRAR)  # fmt: skip
def bindings_listed(evidence: Evidence) -> Iterator[Ruling]:
    """Contacts of the request that do not expire at once, in the response."""
    for transaction, (event, message) in _accepted(evidence):
        listed = [uri_text(pick(one, "uri")) for one in message.values("contact")]
        general = number_at(transaction.request.first("expires"))
        for contact in transaction.request.values("contact"):
            own = text_at(contact, "parameters", "expires")
            expires = int(own) if own and own.isdigit() else general
            wanted = uri_text(pick(contact, "uri"))
            if contact == "*" or expires == 0:
                continue
            if wanted in listed:
                yield right(transaction.event, event)
            else:
                yield wrong(transaction.event, event, why="not listed", expected=wanted, seen=listed, place="Contact")


@check("rfc3261/s10_3/no-longer", "A registrar does not grant a longer time than was asked for.", "rfc3261:10.3/24", "rfc3261:10.3/21",
       "rfc3261:10.3/22",
       needs="a 200 to a REGISTER that asks for a time", role=REGISTRAR)  # fmt: skip
def no_longer(evidence: Evidence) -> Iterator[Ruling]:
    """The granted time of each new binding."""
    for transaction, (event, message) in _accepted(evidence):
        granted = {
            uri_text(pick(one, "uri")): text_at(one, "parameters", "expires") for one in message.values("contact")
        }
        general = number_at(transaction.request.first("expires"))
        for contact in transaction.request.values("contact"):
            own = text_at(contact, "parameters", "expires")
            asked = int(own) if own and own.isdigit() else general
            got = granted.get(uri_text(pick(contact, "uri")))
            if contact != "*" and asked is not None and got and got.isdigit():
                yield rule(
                    int(got) <= asked,
                    transaction.event,
                    event,
                    why="longer",
                    expected=f"at most {asked}",
                    seen=got,
                    place="Contact",
                )


@check(
    "rfc3261/s10_3/date",
    "A 200 to REGISTER has a Date.",
    "rfc3261:10.3/34",
    needs="a 200 to REGISTER",
    level="SHOULD",
    role=REGISTRAR,
)
def date(evidence: Evidence) -> Iterator[Ruling]:
    """Presence of Date."""
    for event, message in evidence.responses(200, method="REGISTER"):
        yield rule(message.has("date"), event, why="no Date", expected="Date", seen="none", place="Date")


@check("rfc3261/s10_2/no-action", "Contacts of a REGISTER have no parameter action.", "rfc3261:10.2/12", needs="a REGISTER with Contact",
       level="SHOULD", role=CLIENT)  # fmt: skip
def no_action(evidence: Evidence) -> Iterator[Ruling]:
    """Parameters of each Contact."""
    for event, message in evidence.requests("REGISTER"):
        for contact in message.values("contact"):
            seen = text_at(contact, "parameters", "action")
            good = not has(contact, "parameters", "action")
            yield rule(good, event, why="a parameter of old times", expected="none", seen=seen, place="Contact")


@check("rfc3261/s10_2_1/secure-contacts", "A registration of a SIPS address names SIPS Contacts.", "rfc3261:10.2.1/3",
       needs="a REGISTER with Contact for a SIPS address", level="SHOULD", role=CLIENT)  # fmt: skip
def secure_contacts(evidence: Evidence) -> Iterator[Ruling]:
    """Schemes of To and Contact."""
    for event, message in evidence.requests("REGISTER"):
        if text_at(message.first("to"), "uri", "scheme") == "sips":
            for contact in message.values("contact"):
                scheme = "sips" if contact == "*" else text_at(contact, "uri", "scheme")
                yield rule(scheme == "sips", event, why="not secure", expected="sips", seen=scheme, place="Contact")


@check("rfc3261/s10_2_4/same-place", "A registration is refreshed where it was made.", "rfc3261:10.2.4/4",
       needs="two REGISTERs of one client for one address", level="SHOULD", role=CLIENT)  # fmt: skip
def same_place(evidence: Evidence) -> Iterator[Ruling]:
    """Destinations of a series; a redirection between them excuses another one."""
    for series in _series(evidence):
        for before, after in zip(series, series[1:], strict=False):
            moved = before.final is not None and 300 <= (before.final[1].status or 0) < 400
            if not moved and after.event.destination:
                wanted, got = before.event.destination, after.event.destination
                yield rule(wanted == got, before.event, after.event, why="sent elsewhere", expected=wanted, seen=got)
