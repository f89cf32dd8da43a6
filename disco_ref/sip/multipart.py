"""Bodies of several parts (RFC 2046, section 5.1, as far as RFC 3261 section 7.4.1 uses it).

The subset: delimiter lines, a preamble and an epilogue, header fields of parts with their folds, bodies of any octets.  A part
that is multipart itself is read by calling again; no encodings are undone, as SIP bodies are 8-bit clean.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.sip.header.content.content_type import MediaType
from disco_ref.sip.refusals import BadRequest

# boundary      :=  0*69<bchars> bcharsnospace
# bcharsnospace :=  DIGIT / ALPHA / "'" / "(" / ")" / "+" / "_" / "," / "-" / "." / "/" / ":" / "=" / "?"
# = rfc3261:7.4.1/3
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:[ \t]*([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)")
_FOLD = re.compile(r"[ \t]*\r\n[ \t]+")

MAX_PARTS = 256
"""Parts of one body that are read."""


# = rfc3261:7.4.1/5
MAX_HEAD = 65536
"""Octets of the header fields of one part that are read."""


class Part(NamedTuple):
    """One part: header lines as received, and its octets."""

    lines: tuple[str, ...]
    """Header fields with their names, folds and all."""
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The header fields by name in lower case, folds as one space; of two with one name the last."""
        matches = (_FIELD.fullmatch(line) for line in self.lines)
        return {match[1].lower(): _FOLD.sub(" ", match[2]).strip(" \t") for match in matches if match}


class Multipart(NamedTuple):
    """The parts of a body, and what stands before and after them."""

    parts: tuple[Part, ...]
    preamble: bytes = b""
    """What stands before the first delimiter, its CRLF included."""
    epilogue: bytes = b""
    """What stands behind the last delimiter, its CRLF included."""


def boundary_of(content_type: MediaType) -> bytes:
    """The boundary that a Content-Type names; BadRequest where it is not multipart or the boundary is malformed."""
    if content_type.type_text.lower() != "multipart":
        raise BadRequest(f"{content_type.name} is not multipart", where="Content-Type")
    boundary = content_type.parameters.get("boundary")
    if not boundary or _BOUNDARY.fullmatch(boundary) is None:
        raise BadRequest(f"no boundary: {boundary!r}", where="Content-Type.boundary")
    return boundary.encode("ascii")


def _delimiter(boundary: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:\A|\r\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r\n|\Z)")


def read_multipart(content_type: MediaType, body: bytes) -> Multipart:
    """The parts of a body; BadRequest where the last delimiter is missing or a part's header fields are malformed."""
    boundary = boundary_of(content_type)
    delimiter = _delimiter(boundary)
    # = rfc3261:7.4.1/3
    # = rfc6086:4.3.1/1
    parts: list[Part] = []
    match = delimiter.search(body)
    preamble = body[: match.start()] + (b"\r\n" if match and match[0].startswith(b"\r\n") else b"") if match else b""
    while match is not None and match[1] is None:
        start = match.end()
        # The CRLF before a delimiter belongs to it; that behind the last one may serve an empty part, too.
        match = delimiter.search(body, max(0, start - 2))
        if match is None:
            break
        if len(parts) == MAX_PARTS:
            raise BadRequest(f"more than {MAX_PARTS} parts", where="body", offset=start)
        parts.append(_part(body[start : max(start, match.start())], start))
    if match is None or not parts:
        raise BadRequest(
            "no closing delimiter" if parts else "no part between delimiters", where="body", offset=len(body)
        )
    trailing = body[match.end() :]
    epilogue = b"\r\n" + trailing if match[0].endswith(b"\r\n") else trailing
    return Multipart(tuple(parts), preamble, epilogue)


def _part(octets: bytes, offset: int) -> Part:
    if octets.startswith(b"\r\n"):
        return Part((), octets[2:])
    head, ends, body = octets.partition(b"\r\n\r\n")
    if not ends and not octets.endswith(b"\r\n"):
        if octets:
            raise BadRequest("no empty line ends the header fields of a part", where="body", offset=offset)
        return Part((), b"")
    if len(head) > MAX_HEAD:
        raise BadRequest(f"more than {MAX_HEAD} octets of header fields of a part", where="body", offset=offset)
    text = head.removesuffix(b"\r\n").decode("utf-8", "surrogateescape")
    lines = re.split(r"\r\n(?![ \t])", text) if text else []
    for line in lines:
        if _FIELD.fullmatch(line) is None:
            raise BadRequest(f"no header field of a part: {line[:80]!r}", where="body", offset=offset)
    return Part(tuple(lines), body)


def write_multipart(content_type: MediaType, value: Multipart) -> bytes:
    """The octets of a body; ValueError where a part holds the boundary, BadRequest where there is none."""
    boundary = boundary_of(content_type)
    line = b"--" + boundary
    delimiter = _delimiter(boundary)
    pieces = [value.preamble]
    for part in value.parts:
        if delimiter.search(part.body):
            raise ValueError("a part holds the boundary")
        head = "".join(f"{text}\r\n" for text in part.lines).encode("utf-8", "surrogateescape")
        pieces += [line, b"\r\n", head, b"\r\n", part.body, b"\r\n"]
    return b"".join([*pieces, line, b"--", value.epilogue])
