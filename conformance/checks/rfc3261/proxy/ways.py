"""What a proxy made of a request: the copies it sent on, what came back, what it cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.proxy.s16_6_forwarding import forwarded
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, right, unclear, wrong
from conformance.judge.seen import Seen
from conformance.judge.transactions import Pair, Transaction, uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import Json, pick, text_at

PROXY = "proxy"


def onward(evidence: Evidence, one: Transaction) -> list[Transaction]:
    """The branches on which a request went on."""
    return [after for before, after in forwarded(evidence) if before is one]


def went(evidence: Evidence, *labels: str) -> Iterator[tuple[Transaction, list[Transaction]]]:
    """The requests that a scenario sent under one of these names, each with its branches."""
    for one in evidence.asked(*labels):
        yield one, onward(evidence, one)


def parsed(uri: str) -> Json:
    """A URI taken apart, None where it cannot be."""
    try:
        return read_uri(uri)
    except Misread:
        return None


def same_uri(one: str, other: str) -> bool:
    """Whether two URIs are alike but for the order of parameters and the case of the host."""
    return uri_text(parsed(one)) == uri_text(parsed(other))


def place_of(uri: Json) -> str:
    """Host and port of a URI, as the address of an event."""
    host = text_at(uri, "host") or ""
    port = pick(uri, "port") or (5061 if text_at(uri, "scheme") == "sips" else 5060)
    return f"{host}:{port}"


def status(pair: Pair | None) -> int:
    """The status of a response, 0 where there is none."""
    return (pair[1].status or 0) if pair else 0


def finals(one: Transaction) -> list[Pair]:
    """The final responses, each once."""
    known: set[bytes] = set()
    found = []
    for event, message in one.responses:
        if (message.status or 0) >= 200 and event.octets not in known:
            known.add(event.octets)
            found.append((event, message))
    return found


def cancel_of(evidence: Evidence, branch: Transaction) -> Transaction | None:
    """The CANCEL that the proxy sent on a branch."""
    for one in evidence.transactions:
        if one.method == "CANCEL" and one.event.direction == "sent" and one.request.branch == branch.request.branch:
            return one
    return None


def sent_on(evidence: Evidence, one: Transaction, branches: list[Transaction], why: str) -> Ruling:
    """A request that has to go on: wrong where it does not although the subject is alive."""
    if branches:
        return right(one.event, branches[0].event)
    seen = one.final[1].title if one.final else "nothing"
    if one.final is None and evidence.alive_after(one.event) is None:
        return unclear(one.event, why="the subject was not asked behind it")
    events: tuple[Seen, ...] = (one.event, one.final[0]) if one.final else (one.event,)
    return wrong(*events, why=f"{why}: not forwarded", expected="the request behind the proxy", seen=seen)


def stopped(
    evidence: Evidence, one: Transaction, branches: list[Transaction], why: str, *statuses: int
) -> Iterator[Ruling]:
    """A request that must not go on, and gets one of these statuses (any refusal where none is named)."""
    if branches:
        yield wrong(
            one.event,
            branches[0].event,
            why=f"{why}: forwarded",
            expected="not forwarded",
            seen=branches[0].request.title,
        )
    expected = " or ".join(map(str, statuses)) or "a refusal"
    if one.final is None:
        if evidence.alive_after(one.event):
            yield wrong(one.event, why=f"{why}: no answer", expected=expected, seen="no answer")
        return
    event, message = one.final
    good = message.status in statuses if statuses else (message.status or 0) >= 300
    if good and not branches:
        yield right(one.event, event)
    elif not good:
        yield wrong(one.event, event, why=why, expected=expected, seen=message.title)


def lines_of(message: Message) -> list[tuple[str, str]]:
    """Header names and values, without the topmost Via and what a stream may add."""
    rows = [(entry.name, entry.text) for entry in message.fields if entry.name != "content-length"]
    first = next((at for at, row in enumerate(rows) if row[0] == "via"), None)
    return rows if first is None else rows[:first] + rows[first + 1 :]
