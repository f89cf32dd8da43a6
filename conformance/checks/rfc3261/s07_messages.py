"""SIP messages (RFC 3261, sections 7 and 25): each one alone."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab.sip.value import text_at


@check(
    "rfc3261/s07/well-formed", "Every message follows the grammar: start line, line ends, headers, the bounds of numbers.",
    "rfc3261:7/1", "rfc3261:7/2", "rfc3261:7.3.1/2", "rfc3261:7.3.1/6", "rfc3261:25.1/0", needs="a message",
)  # fmt: skip
def well_formed(evidence: Evidence) -> Iterator[Ruling]:
    """Every deviation, with the clause it breaks, also those that a receiver tolerates."""
    for event in evidence.of("sip"):
        if event.sip is None:
            yield wrong(event, why="octets where a message should be", expected="a SIP message", seen=event.fault)
            continue
        # The version has a check of its own; line ends before a start line are to be tolerated.
        faults = [one for one in event.sip.deviations if one.clause not in ("rfc3261:7.1/5", "rfc3261:7.5/0")]
        for fault in faults[:5]:
            yield wrong(
                event, why=f"{event.sip.title}: {fault.where} {fault.what} ({fault.clause})",
                expected="a message that follows the grammar", seen=fault.what, place=fault.where,
            )  # fmt: skip
        if not faults:
            yield right(event)


@check("rfc3261/s07_1/version", "Messages are sent with the version SIP/2.0 in capitals.", "rfc3261:7.1/4", "rfc3261:7.1/5",
       needs="a message")  # fmt: skip
def version(evidence: Evidence) -> Iterator[Ruling]:
    """The version of every start line."""
    for event, message in evidence.judged:
        good = message.version == "SIP/2.0"
        yield rule(good, event, why="another version", expected="SIP/2.0", seen=message.version, place="start line")


@check("rfc3261/s07_4_1/content-type", "A message with a body says its media type.", "rfc3261:7.4.1/1", "rfc3261:20.15/1",
       needs="a message with a body")  # fmt: skip
def content_type(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Type wherever a body is."""
    for event, message in evidence.judged:
        if message.body:
            good = message.first("content-type") is not None
            seen = "none that can be read"
            yield rule(good, event, why="a body without type", expected="Content-Type", seen=seen, place="Content-Type")


@check("rfc3261/s07_4_2/no-chunks", "SIP does not use chunked transfer encoding.", "rfc3261:7.4.2/1", needs="a message")
def no_chunks(evidence: Evidence) -> Iterator[Ruling]:
    """No Transfer-Encoding that says chunked."""
    for event, message in evidence.judged:
        chunked = [line for line in message.lines("transfer-encoding") if "chunked" in line.lower()]
        yield rule(not chunked, event, why="chunked", expected="no chunks", seen=chunked, place="Transfer-Encoding")


@check("rfc3261/s08_1_1_5/cseq-method", "The method in CSeq is the method of the request.", "rfc3261:8.1.1.5/1",
       "rfc3261:12.2.1.1/10", "rfc3261:9.1/4", "rfc3261:13.2.2/6b", "rfc3261:17.1.1.3/5b",
       needs="a request", role="user-agent-client")  # fmt: skip
def cseq_method(evidence: Evidence) -> Iterator[Ruling]:
    """CSeq of every request."""
    for event, message in evidence.requests():
        method = text_at(message.first("cseq"), "method")
        yield rule(
            method == message.method,
            event,
            why="another method",
            expected=f"{message.method}",
            seen=method,
            place="CSeq",
        )
