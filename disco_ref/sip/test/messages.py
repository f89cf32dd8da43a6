"""Messages that tests begin from."""

from __future__ import annotations

from collections.abc import Mapping

REQUEST = {
    "Via": "SIP/2.0/UDP pc33.example.org;branch=z9hG4bK776asdhds",
    "Max-Forwards": "70",
    "To": "Bob <sip:bob@example.net>",
    "From": "Alice <sip:alice@example.org>;tag=1928301774",
    "Call-ID": "a84b4c76e66710@pc33.example.org",
    "CSeq": "314159 {method}",
    "Contact": "<sip:alice@pc33.example.org>",
    "Content-Length": "{length}",
}
"""Fields of a request in their usual order; a row may be replaced, left out (None) or added."""


def request(
    fields: Mapping[str, str | None] | None = None,
    *,
    method: str = "OPTIONS",
    uri: str = "sip:bob@example.net",
    body: bytes = b"",
    start: str | None = None,
) -> bytes:
    """A request with some fields replaced, added or left out."""
    line = f"{method} {uri} SIP/2.0" if start is None else start
    return _message(line, fields or {}, method, body)


def response(
    fields: Mapping[str, str | None] | None = None,
    *,
    start: str = "SIP/2.0 200 OK",
    method: str = "OPTIONS",
    body: bytes = b"",
) -> bytes:
    """A response with some fields replaced, added or left out."""
    return _message(start, {"Max-Forwards": None, **(fields or {})}, method, body)


def _message(start: str, fields: Mapping[str, str | None], method: str, body: bytes) -> bytes:
    rows = {**REQUEST, **fields}
    if body and "Content-Type" not in rows:
        rows["Content-Type"] = "application/octet-stream"
    lines = [
        f"{name}: {text.replace('{method}', method).replace('{length}', str(len(body)))}"
        for name, text in rows.items()
        if text is not None
    ]
    return "\r\n".join([start, *lines, "\r\n"]).encode("utf-8", "surrogateescape") + body
