"""REGISTERs that scenarios sent, what was granted, and what a query showed behind them."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import asked, status_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, right, unclear, wrong
from conformance.judge.transactions import Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.value import number_at, pick, text_at

REGISTRAR = "registrar"


def settled(evidence: Evidence, *labels: str) -> Iterator[Transaction]:
    """The REGISTERs sent under one of these names, without those that were only challenged."""
    for one in asked(evidence, "REGISTER"):
        if one.event.label in labels and status_of(one) not in (401, 407):
            yield one


def granted(message: Message) -> dict[str, int | None]:
    """The bindings in a response with the seconds of each."""
    found: dict[str, int | None] = {}
    for contact in message.values("contact"):
        seconds = text_at(contact, "parameters", "expires")
        found[uri_text(pick(contact, "uri"))] = int(seconds) if seconds and seconds.isdigit() else None
    return found


def wanted(one: Transaction) -> dict[str, int | None]:
    """The contacts of a REGISTER with the seconds asked for each."""
    general = number_at(one.request.first("expires"))
    return {uri: general if own is None else own for uri, own in granted(one.request).items()}


def before(evidence: Evidence, one: Transaction) -> dict[str, int | None] | None:
    """What was known to be bound when a REGISTER was sent, None where nobody had asked."""
    known = [other for other in settled(evidence, "query", "bind", "replace") if other.event.number < one.event.number]
    good = [other for other in known if other.final is not None and other.final[1].status == 200]
    return granted(good[-1].final[1]) if good and good[-1].final else None


def behind(evidence: Evidence, one: Transaction) -> Transaction | None:
    """The query that followed a REGISTER."""
    later = (other for other in settled(evidence, "query") if other.event.number > one.event.number)
    return next((other for other in later if other.final is not None and other.final[1].status == 200), None)


def shown(bindings: dict[str, int | None]) -> str:
    """Bindings as a reader sees them."""
    return ", ".join(f"{uri} for {seconds} s" for uri, seconds in bindings.items()) or "no binding"


def bound_behind(
    evidence: Evidence,
    one: Transaction,
    *,
    there: tuple[str, ...] = (),
    gone: tuple[str, ...] = (),
    most: int | None = None,
) -> Ruling:
    """Whether the query behind a REGISTER shows these contacts, for at most so many seconds, and not those."""
    query = behind(evidence, one)
    if query is None or query.final is None:
        return unclear(one.event, why="no query behind it was answered")
    event, message = query.final
    bindings = granted(message)
    lacking = [uri for uri in there if uri not in bindings]
    long = [uri for uri in there if most is not None and (bindings.get(uri) or 0) > most]
    left = [uri for uri in gone if uri in bindings]
    if lacking or long or left:
        expected = "; ".join(filter(None, (
            f"bound: {', '.join(there)}" if there else "", f"for at most {most} s" if most is not None else "",
            f"not bound: {', '.join(gone)}" if gone else "",
        )))  # fmt: skip
        return wrong(
            one.event, query.event, event, why="the bindings are others", expected=expected, seen=shown(bindings)
        )
    return right(one.event, event)


def succeeded(one: Transaction) -> bool:
    """Whether a REGISTER got 200."""
    return status_of(one) == 200


def refused_as(one: Transaction, *statuses: int, why: str) -> Ruling:
    """Whether a REGISTER got one of these statuses; any refusal where none is named."""
    expected = " or ".join(map(str, statuses)) or "a refusal"
    if one.final is None:
        return unclear(one.event, why="no final response was seen")
    event, message = one.final
    good = message.status in statuses if statuses else 300 <= (message.status or 0) < 600
    return right(one.event, event) if good else wrong(one.event, event, why=why, expected=expected, seen=message.title)
