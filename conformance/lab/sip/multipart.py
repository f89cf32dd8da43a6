"""Bodies of several parts (RFC 2046, section 5.1; RFC 3261, section 7.4.1)."""

from __future__ import annotations

from conformance.lab.sip.deviation import LabRefusal, Misread
from conformance.lab.sip.header.parameterized import media_type
from conformance.lab.sip.header.table import long_name, unfold
from conformance.lab.sip.scanner import Scanner
from conformance.lab.sip.value import Json, text_at

MOST_PARTS = 1000
"""Parts of one body; more are refused."""


def read_parts(content_type: str, body: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Headers (long names in lower case) and body of every part; raises LabRefusal."""
    boundary = _boundary(content_type)
    delimiter = b"--" + boundary.encode("utf-8", "surrogateescape")
    parts: list[tuple[dict[str, str], bytes]] = []
    start: int | None = None
    at = 0
    while True:
        found = body.find(delimiter, at)
        if found < 0:
            raise LabRefusal("no closing boundary", where=f"body at byte {len(body)}", status=400)
        at = found + len(delimiter)
        if found and body[found - 2 : found] != b"\r\n":
            continue
        after, closing = _line_after(body, at)
        if after is None:
            continue
        if start is not None:
            parts.append(_part(body[start : max(start, found - 2)], len(parts)))
        if closing:
            break
        start = at = after
        # The line end before the next delimiter belongs to it and may be this one.
        at -= 2
        if len(parts) > MOST_PARTS:
            raise LabRefusal(f"more than {MOST_PARTS} parts", where="body", status=413)
    if not parts:
        raise LabRefusal("no part", where="body", status=400)
    return parts


def _boundary(content_type: str) -> str:
    scanner = Scanner(content_type)
    try:
        value = media_type(scanner)
        scanner.end()
    except Misread as fault:
        raise LabRefusal(fault.what, where=f"Content-Type at character {fault.at}", status=400) from None
    boundary = text_at(value, "parameters", "boundary")
    if (text_at(value, "type") or "").lower() != "multipart" or not boundary:
        raise LabRefusal("not a multipart type with a boundary", where="Content-Type", status=400)
    if len(boundary) > 70 or boundary.endswith(" "):
        raise LabRefusal("a boundary has 1 to 70 characters and no space at its end", where="Content-Type", status=400)
    return boundary


def _line_after(body: bytes, at: int) -> tuple[int | None, bool]:
    """Where the line after a delimiter begins, and whether the delimiter closes; None where it is none."""
    closing = body[at : at + 2] == b"--"
    if closing:
        at += 2
    while body[at : at + 1] in (b" ", b"\t"):
        at += 1
    if body[at : at + 2] == b"\r\n":
        return at + 2, closing
    return (at, True) if closing and at == len(body) else (None, False)


def _part(octets: bytes, number: int) -> tuple[dict[str, str], bytes]:
    if octets.startswith(b"\r\n"):
        return {}, octets[2:]
    head, empty, body = octets.partition(b"\r\n\r\n")
    headers: dict[str, str] = {}
    text = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    for line in text.split(b"\r\n") if text else []:
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            raise LabRefusal("not a header", where=f"part {number}", status=400)
        headers[long_name(name.decode("utf-8", "surrogateescape").strip())] = unfold(value)
    return headers, body if empty else b""


def decode_multipart(content_type: str, body: bytes) -> Json:
    """The format ``sip.multipart``."""
    parts: list[Json] = []
    for headers, content in read_parts(content_type, body):
        named: dict[str, Json] = dict(headers)
        parts.append({"headers": named, "body": content.hex()})
    return {"parts": parts}
