"""Writes what parties say: all mandatory fields, others on demand, deliberately wrong where asked."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence

from conformance.lab.sip import Message, build, read_message
from conformance.lab.sip.header.table import long_name
from conformance.lab.sip.value import text_at

Row = tuple[str, str]
"""Name and value of a header line."""

REASONS = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 183: "Session Progress", 200: "OK", 202: "Accepted",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Moved Temporarily", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    407: "Proxy Authentication Required", 408: "Request Timeout", 415: "Unsupported Media Type", 420: "Bad Extension",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 600: "Busy Everywhere",
    603: "Decline",
}  # fmt: skip


def token() -> str:
    """A tag, a Call-ID, the changing part of a branch."""
    return secrets.token_hex(6)


def new_branch() -> str:
    """A branch of its own (RFC 3261, section 8.1.1.7)."""
    return "z9hG4bK" + token()


def arranged(rows: Iterable[Row], headers: Sequence[Row], without: Collection[str]) -> list[Row]:
    """The rows, those of ``headers`` in the place of rows with the same name or behind all, those of ``without`` left out."""
    dropped = {long_name(name) for name in without}
    given = _given(headers)
    kept: list[Row] = []
    placed: set[str] = set()
    for row in rows:
        name = long_name(row[0])
        if name not in given and name not in dropped:
            kept.append(row)
        elif name in given and name not in placed:
            placed.add(name)
            kept += [one for one in headers if long_name(one[0]) == name]
    return kept + [one for one in headers if long_name(one[0]) not in placed]


def _given(headers: Sequence[Row]) -> set[str]:
    return {long_name(name) for name, _ in headers}


def written(start: str, rows: Iterable[Row], body: bytes = b"") -> Message:
    """A message of these rows, as the lab reads it."""
    rows = list(rows)
    named = any(long_name(name) == "content-length" for name, _ in rows)
    octets = build(start, rows, body, length="none" if named else "right")
    message = read_message(octets)
    message.received = octets
    return message


def copied(message: Message, *names: str) -> list[Row]:
    """The lines of these headers of a message, word for word."""
    return [(entry.spelled, entry.text) for entry in message.fields if entry.name in names]


def response_rows(request: Message, to_tag: str) -> list[Row]:
    """The rows that a response takes from its request (RFC 3261, section 8.2.6.2)."""
    rows: list[Row] = []
    for name in ("via", "from", "to", "call-id", "cseq"):
        for spelled, text in copied(request, name):
            tagged = name != "to" or not to_tag or text_at(request.first("to"), "parameters", "tag") is not None
            rows.append((spelled, text if tagged else f"{text};tag={to_tag}"))
    return rows
