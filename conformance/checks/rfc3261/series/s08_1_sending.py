"""Where a client sends a request, and how it tells requests apart (RFC 3261, section 8.1)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from conformance.judge.dialogs import is_loose, request_uri_text
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.transactions import Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import Json, number_at, pick, text_at

CLIENT = "user-agent-client"


def originals(evidence: Evidence) -> Iterator[Transaction]:
    """The judged requests outside of dialogs, on their originator's hop."""
    return (one for one in evidence.transactions if one.initial and one.original and one.judged)


def redirected(evidence: Evidence) -> Iterator[tuple[Transaction, Transaction]]:
    """Every request that was redirected, with the one that followed to an address of the redirection."""
    for before in originals(evidence):
        if before.final is None or not 300 <= (before.final[1].status or 0) < 400:
            continue
        named = {uri_text(pick(one, "uri")) for one in before.final[1].values("contact")}
        for after in originals(evidence):
            same = after.method == before.method and after.event.source == before.event.source
            late = after.event.number > before.final[0].number
            if same and late and request_uri_text(after.request) in named:
                yield before, after
                break


@check("rfc3261/s08_1_1_1/request-uri", "The first Request-URI of a request is the URI of its To.", "rfc3261:8.1.1.1/1",
       needs="a request outside of dialogs, other than REGISTER, without Route, not redirected", level="SHOULD", role=CLIENT)  # fmt: skip
def request_uri(evidence: Evidence) -> Iterator[Ruling]:
    """Both on the first hop; what follows a redirection may keep the old To."""
    moved = {id(after) for _, after in redirected(evidence)}
    ends: dict[tuple[str | None, str | None], int] = {}
    for one in originals(evidence):
        behind = ends.get(_call_of(one), one.event.number) < one.event.number
        if one.final is not None and 300 <= (one.final[1].status or 0) < 400:
            ends.setdefault(_call_of(one), one.final[0].number)
        if one.method == "REGISTER" or one.request.has("route") or id(one) in moved or behind:
            continue
        wanted, got = uri_text(pick(one.request.first("to"), "uri")), request_uri_text(one.request)
        place = "Request-URI"
        yield rule(wanted == got, one.event, why="not the URI of To", expected=wanted, seen=got, place=place)


def _call_of(one: Transaction) -> tuple[str | None, str | None]:
    return one.request.call_id, one.request.from_tag


@check("rfc3261/s08_1_1_4/call-id-new", "A request outside of dialogs has a Call-ID that no other call has.", "rfc3261:8.1.1.4/3",
       needs="a request outside of dialogs other than REGISTER", role=CLIENT)  # fmt: skip
def call_id_new(evidence: Evidence) -> Iterator[Ruling]:
    """Call-IDs against the From tags they came with: the same request sent again keeps both."""
    known: dict[str | None, Transaction] = {}
    for one in originals(evidence):
        if one.method not in ("REGISTER", "ACK", "CANCEL"):
            first = known.setdefault(one.request.call_id, one)
            good = first.request.from_tag == one.request.from_tag
            seen, place = f"{one.request.call_id} of event {first.event.number}", "Call-ID"
            yield rule(
                good,
                first.event,
                one.event,
                why="the Call-ID of another call",
                expected="a new one",
                seen=seen,
                place=place,
            )


@check("rfc3261/s08_1_2/sent-to-route", "A request with Route goes where the topmost Route says.", "rfc3261:8.1.2/7a",
       needs="a request on its first hop whose topmost Route is loose and names an address", level="SHOULD", role=CLIENT)  # fmt: skip
def sent_to_route(evidence: Evidence) -> Iterator[Ruling]:
    """Destinations of requests; a route that names a host by name is not looked up.

    A connection that is open already may be used, whatever its ports are.  Where the last value is no loose router, it may be the target,
    and the Request-URI a strict router: then nobody can tell from the message which of the two is the next hop.
    """
    for event, message in evidence.requests():
        route = message.first("route")
        if route is None or not is_loose(route) or len(message.values("via")) != 1 or not event.destination:
            continue
        wanted = location_of(pick(route, "uri"))
        if not is_loose(message.values("route")[-1]) and event.destination == _asked(message):
            continue
        if wanted is not None:
            got = event.destination
            good = got == wanted or (event.transport != "udp" and got.rpartition(":")[0] == wanted.rpartition(":")[0])
            yield rule(good, event, why="sent elsewhere", expected=wanted, seen=event.destination, place="Route")


def _asked(message: Message) -> str | None:
    """Where the Request-URI leads."""
    try:
        return location_of(read_uri(message.request_uri))
    except Misread:
        return None


def location_of(uri: Json) -> str | None:
    """Address and port of a URI, as ends of events are written; None where it names a host."""
    host = (text_at(uri, "parameters", "maddr") or text_at(uri, "host") or "").strip("[]")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    port = number_at(uri, "port") or (5061 if text_at(uri, "scheme") == "sips" else 5060)
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


@check("rfc3261/s08_1_3_4/redirected-alike", "A request that follows a redirection keeps To and From.", "rfc3261:8.1.3.4/11a",
       needs="a request that follows a redirection", level="SHOULD", role=CLIENT)  # fmt: skip
def redirected_alike(evidence: Evidence) -> Iterator[Ruling]:
    """URIs of both headers; the Call-ID may change."""
    for before, after in redirected(evidence):
        wanted = [uri_text(pick(before.request.first(name), "uri")) for name in ("to", "from")]
        got = [uri_text(pick(after.request.first(name), "uri")) for name in ("to", "from")]
        good, expected = wanted == got, str(wanted)
        yield rule(
            good, before.event, after.event, why="another To or From", expected=expected, seen=got, place="To, From"
        )
