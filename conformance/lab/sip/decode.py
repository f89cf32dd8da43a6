"""The harness' own decoder of the SIP formats of conformance/SUBJECT.md: strict, the first deviation refuses."""

from __future__ import annotations

from copy import deepcopy

from conformance.lab.sip.deviation import LabRefusal, Misread
from conformance.lab.sip.header.table import decode_header
from conformance.lab.sip.message import Message
from conformance.lab.sip.multipart import decode_multipart
from conformance.lab.sip.reading import read_message, take_message
from conformance.lab.sip.sdp import decode_sdp
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import Json

FORMATS = ("sip.message", "sip.stream", "sip.uri", "sip.header", "sip.multipart", "sdp")
"""What this decoder reads."""


def decode(format: str, name: str | None, data: bytes) -> Json:
    """The normal form of ``data``; raises LabRefusal, or ValueError for a format it does not know."""
    if format == "sip.message":
        return message_value(strict(data))
    if format == "sip.stream":
        return _stream(data)
    if format == "sip.uri":
        return _uri(data)
    if format == "sip.header":
        return decode_header(name or "", data)
    if format == "sip.multipart":
        return decode_multipart(name or "", data)
    if format == "sdp":
        return decode_sdp(data)
    raise ValueError(f"no format of SIP: {format}")


def strict(data: bytes) -> Message:
    """One datagram as a strict receiver reads it; raises LabRefusal with the status owed."""
    message = read_message(data)
    for deviation in message.deviations:
        if deviation.refused:
            raise LabRefusal(deviation.what, where=deviation.where, status=message.owed)
    return message


def message_value(message: Message) -> Json:
    """The normal form of a message that was read without a refusal."""
    headers: dict[str, Json] = {}
    for entry in message.fields:
        values = headers.setdefault(entry.name, [])
        if isinstance(values, list):
            # Values are shared between messages; whoever asked may change what he gets.
            values.extend(deepcopy(entry.values or ()))
    start: dict[str, Json]
    if message.is_request:
        start = {"method": message.method, "request_uri": message.request_uri}
    else:
        start = {"status_code": message.status, "reason_phrase": message.reason}
    return {**start, "sip_version": message.version.upper(), "headers": headers, "body": message.body.hex()}


def _stream(data: bytes) -> Json:
    messages: list[Json] = []
    at = 0
    while True:
        message, used = take_message(data[at:])
        at += used
        if message is None:
            return {"messages": messages, "rest": data[at:].hex()}
        messages.append(message.received.hex())


def _uri(data: bytes) -> Json:
    try:
        return read_uri(data.decode("utf-8", "surrogateescape"))
    except Misread as fault:
        raise LabRefusal(fault.what, where=f"URI at character {fault.at}", status=400) from None
