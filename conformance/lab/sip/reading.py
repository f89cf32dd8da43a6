"""Octets to messages: start line, folding, the end of the body, streams (RFC 3261, sections 7 and 18.3)."""

from __future__ import annotations

from conformance.lab.sip.deviation import LabRefusal, Misread
from conformance.lab.sip.message import Message, read_headers
from conformance.lab.sip.scanner import is_token
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import number_at

LONGEST_HEAD = 65536
"""Octets a head in a stream may take before it is given up."""
LONGEST_BODY = 16 * 1024 * 1024
"""Octets of one body in a stream."""


def looks_like_sip(data: bytes) -> bool:
    """Whether octets begin as a SIP message does."""
    line = data.lstrip(b"\r\n")[:2048].split(b"\n", 1)[0].rstrip(b"\r")
    if line[:4].upper() == b"SIP/":
        return True
    return line.upper().endswith((b" SIP/2.0", b" SIP/1.0", b" SIP/3.0", b" SIP/7.0")) or b" SIP/" in line[-16:].upper()


def read_message(data: bytes) -> Message:
    """One datagram; whatever is wrong is noted in ``deviations``, only octets that are no message at all refuse."""
    message, end, _ = _head(data)
    rest = data[end:]
    length = number_at(message.first("content-length"))
    if length is not None and length > len(rest):
        # = rfc3261:18.3/2
        message.note("rfc3261:18.3/2", f"says {length} octets, {len(rest)} are there", "Content-Length")
    message.body = rest if length is None else rest[:length]
    message.received = data[: end + len(message.body)]
    return message


def take_message(data: bytes) -> tuple[Message | None, int]:
    """The first message of a stream and where it ends; None and the octets to skip where it is not yet complete.

    Raises LabRefusal where the stream cannot be followed any more.
    """
    # = rfc3261:7.5/1
    start = len(data) - len(data.lstrip(b"\r\n"))
    rest = data[start:]
    if not rest:
        return None, start
    if b"\r\n\r\n" not in rest[: LONGEST_HEAD + 4]:
        if len(rest) > LONGEST_HEAD:
            raise LabRefusal(f"no end of the headers within {LONGEST_HEAD} octets", where="header", status=400)
        return None, start
    message, end, _ = _head(rest)
    length = number_at(message.first("content-length"))
    if len(set(message.lines("content-length"))) > 1:
        raise LabRefusal("two lengths", where="Content-Length", status=400 if message.is_request else "drop")
    if length is None:
        # = rfc3261:20.14/2
        why = "cannot be read" if message.has("content-length") else "is missing on a stream"
        raise LabRefusal(why, where="Content-Length", status=400 if message.is_request else "drop")
    if length > LONGEST_BODY:
        raise LabRefusal(
            f"is above {LONGEST_BODY}", where="Content-Length", status=413 if message.is_request else "drop"
        )
    if len(rest) < end + length:
        return None, start
    message.body = rest[end : end + length]
    message.received = rest[: end + length]
    return message, start + end + length


def _head(data: bytes) -> tuple[Message, int, int]:
    skipped = len(data) - len(data.lstrip(b"\r\n"))
    lines, end, bare = _lines(data, skipped)
    if not lines:
        raise LabRefusal("no start line", where="start line", status="drop")
    message = _start_line(lines[0])
    if skipped:
        message.note("rfc3261:7.5/0", "line ends stand before the start line", "start line", refused=False)
    if bare:
        message.note("rfc3261:7/1", "a line does not end in carriage return and line feed", bare)
    if end < 0:
        message.note("rfc3261:7/2", "no empty line ends the headers", "header")
        end = len(data)
    read_headers(message, lines[1:])
    return message, end, skipped


def _lines(data: bytes, start: int) -> tuple[list[bytes], int, str]:
    """Start line and unfolded-by-line headers, the end of the head (-1: none), and where a lone CR or LF stands."""
    lines: list[bytes] = []
    bare = ""
    at = start
    while at < len(data):
        newline = data.find(b"\n", at)
        stop = len(data) if newline < 0 else newline
        line = data[at:stop]
        if newline >= 0 and line.endswith(b"\r"):
            line = line[:-1]
        elif newline >= 0 and not bare:
            bare = f"line {len(lines) + 1}"
        if not line and newline >= 0:
            return lines, newline + 1, bare
        if b"\r" in line and not bare:
            bare = f"line {len(lines) + 1}"
        if line[:1] in (b" ", b"\t") and len(lines) > 1:
            lines[-1] += b"\r\n" + line
        else:
            lines.append(line)
        at = stop + 1
    return lines, -1, bare


def _start_line(line: bytes) -> Message:
    text = line.decode("utf-8", "surrogateescape")
    message = Message(received=b"")
    if text[:4].upper() == "SIP/" and len(text.split(" ")[0]) <= 16:
        _status_line(message, text)
        return message
    parts = text.split(" ")
    if len(parts) < 2 or not parts[0] or not parts[-1].upper().startswith("SIP/"):
        if not is_token(parts[0]) or len(parts) < 3:
            raise LabRefusal("neither a request line nor a status line", where="start line", status="drop")
        message.note("rfc3261:7.1/0", "the line does not end in a SIP version", "request line")
    message.method, message.version = parts[0], parts[-1]
    message.request_uri = " ".join(parts[1:-1])
    _check_request_line(message, parts)
    return message


def _check_request_line(message: Message, parts: list[str]) -> None:
    if message.version.upper() != "SIP/2.0":
        number = message.version.upper().removeprefix("SIP/").split(".")
        grammatical = len(number) == 2 and all(part.isascii() and part.isdigit() for part in number)
        message.note(
            "rfc3261:7.1/4", f"version {message.version!r}", "request line", status=505 if grammatical else 400
        )
    elif message.version != "SIP/2.0":
        message.note("rfc3261:7.1/5", "the version is not written in capitals", "request line", refused=False)
    if not is_token(parts[0]):
        message.note("rfc3261:25.1/0", "the method is no token", "request line")
    if len(parts) != 3:
        # = rfc3261:7.1/1a
        message.note("rfc3261:7.1/1a", "a space too much, or one inside the Request-URI", "request line")
        return
    if message.request_uri.startswith("<"):
        message.note("rfc3261:7.1/1b", "the Request-URI stands in angle brackets", "request line")
        return
    try:
        read_uri(message.request_uri)
    except Misread as fault:
        message.note(fault.clause, fault.what, f"Request-URI at character {fault.at}")


def _status_line(message: Message, text: str) -> None:
    parts = text.split(" ", 2)
    message.version = parts[0]
    if parts[0].upper() != "SIP/2.0":
        message.note("rfc3261:7.1/4", f"version {parts[0]!r}", "status line", status="drop")
    elif parts[0] != "SIP/2.0":
        message.note("rfc3261:7.1/5", "the version is not written in capitals", "status line", refused=False)
    code = parts[1] if len(parts) > 1 else ""
    message.status = 0
    if len(code) == 3 and code.isascii() and code.isdigit():
        message.status = int(code)
    if not 100 <= message.status <= 699:
        message.note("rfc3261:7.2/0", f"status code {code[:20]!r}", "status line", status="drop")
    if len(parts) < 3:
        message.note("rfc3261:25.1/0", "no space after the status code", "status line", status="drop")
    else:
        message.reason = parts[2]
