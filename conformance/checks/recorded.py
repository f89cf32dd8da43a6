"""Cases from recordings: every SIP message that a third-party program sent, as input for a codec.

What must be read is what the lab's own reader reads: two decoders that share nothing, on bytes that neither of their authors
wrote.  Messages that the lab refuses are no cases; the checks over the trace itself say what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.judge.judging import read_capture
from conformance.judge.traces import CAPTURE, Trace, load_traces
from conformance.lab.commands import Unsupported, perform
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.sip import LabRefusal as SipRefusal
from conformance.run.model import Level
from conformance.vectors import Part, Vector


def recorded_vectors() -> dict[str, Vector]:
    """A vector for each recorded SIP message, by id: ``traces/<specification>/<flow>/message-<number>``."""
    found: dict[str, Vector] = {}
    for trace in load_traces():
        if trace.origin.how == "recorded":
            found |= _messages(trace)
    return found


def _messages(trace: Trace) -> dict[str, Vector]:
    evidence = read_capture(trace.folder / CAPTURE, trace.reading)
    found: dict[str, Vector] = {}
    seen: set[bytes] = set()
    for event, _message in evidence.sip:
        value = None if event.fault or event.octets in seen else _read(event.octets)
        if value is not None:
            seen.add(event.octets)
            identity = f"traces/{trace.name}/message-{event.number}"
            found[identity] = _vector(trace, identity, event.octets, value, event.summary)
    return found


def _read(octets: bytes) -> Json:
    try:
        return perform("decode", {"format": "sip.message", "bytes": octets.hex()})["value"]
    except (Unsupported, LabRefusal, SipRefusal):
        return None


def _vector(trace: Trace, identity: str, octets: bytes, value: Json, summary: str) -> Vector:
    expect: Mapping[str, Json] = {"value": value}
    return Vector(
        id=identity,
        what=f"A recorded message is read as another reader reads it: {summary}",
        clauses=("rfc3261:7/0", "rfc3261:25.1/0"),
        level=Level.MUST,
        kind="canonical",
        command="decode",
        format="sip.message",
        name=None,
        context={},
        parts=(Part(field="message", octets=octets),),
        expect=expect,
        pair=None,
        errata=(),
        origin=trace.origin,
    )
