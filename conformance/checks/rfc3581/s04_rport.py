"""Symmetric response routing (RFC 3581)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.s08_2_6_response import answers
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, wrong
from conformance.lab.sip.value import has, pick, text_at
from conformance.run.model import Level


@check("rfc3581/s03/empty-in-request", "A client sends rport without a value.", "rfc3581:3/2", needs="a request with rport",
       role="user-agent-client")  # fmt: skip
def empty_in_request(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of requests."""
    for event, message in evidence.requests():
        via = message.first("via")
        if has(via, "parameters", "rport"):
            value = pick(via, "parameters", "rport")
            yield rule(value is None, event, why="rport with a value", expected="rport", seen=value, place="Via")


@check("rfc3581/s04/filled", "A server fills rport with the source port and adds received.", "rfc3581:4/1", "rfc3581:4/2",
       needs="a response to a request with rport", role="user-agent-server")  # fmt: skip
def filled(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of responses; a server that does not know the extension leaves rport alone, which is tolerated."""
    for transaction, event, message in answers(evidence):
        if not has(transaction.request.first("via"), "parameters", "rport") or not transaction.event.source:
            continue
        host, _, port = transaction.event.source.rpartition(":")
        via = message.first("via")
        got = (text_at(via, "parameters", "rport"), text_at(via, "parameters", "received"))
        expected, seen = f"rport={port};received={host}", message.lines("via")[:1]
        if got[0] is None:
            events, level = (transaction.event, event), Level.SHOULD
            yield wrong(*events, why="left alone", expected=expected, seen=seen, place="Via", level=level)
        else:
            good = got == (port, host.strip("[]"))
            yield rule(good, transaction.event, event, why="not filled", expected=expected, seen=seen, place="Via")


@check("rfc3581/s04/sent-there", "A response with rport filled goes to that port, from where the request was received.", "rfc3581:4/3",
       "rfc3581:4/4", needs="a response over UDP with rport filled", role="user-agent-server")  # fmt: skip
def sent_there(evidence: Evidence) -> Iterator[Ruling]:
    """Source and destination of such responses."""
    for transaction, event, message in answers(evidence):
        rport = text_at(message.first("via"), "parameters", "rport")
        if event.transport == "udp" and rport and has(message.first("via"), "parameters", "received") and event.source:
            good = event.destination == transaction.event.source and event.source == transaction.event.destination
            expected = f"{transaction.event.destination} to {transaction.event.source}"
            yield rule(
                good,
                transaction.event,
                event,
                why="another way",
                expected=expected,
                seen=f"{event.source} to {event.destination}",
            )
