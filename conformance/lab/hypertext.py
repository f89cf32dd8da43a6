"""Messages of HTTP/1.1 as far as enrolment needs them, and forms: read, and written for parties (RFC 9112, RFC 7578 from memory)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.lab.presentation.refusal import LabRefusal

LONGEST_HEAD, LONGEST_BODY = 65_536, 16 << 20
CRLF = b"\r\n"


@dataclass(frozen=True, slots=True)
class Hypertext:
    """One request or response."""

    start: str
    """The request line or the status line."""
    headers: tuple[tuple[str, str], ...]
    body: bytes
    received: bytes
    """The octets it came in."""

    @property
    def is_request(self) -> bool:
        """Whether it asks."""
        return not self.start.startswith("HTTP/")

    @property
    def method(self) -> str:
        """The method of a request."""
        return self.start.partition(" ")[0]

    @property
    def target(self) -> str:
        """What a request asks for."""
        return self.start.split(" ")[1] if self.start.count(" ") else ""

    @property
    def status(self) -> int:
        """The status of a response; 0 where it has none."""
        word = self.start.split(" ")[1] if self.start.count(" ") else ""
        return int(word) if not self.is_request and word.isdecimal() and len(word) == 3 else 0

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for known, value in self.headers if known.lower() == name.lower()]

    def first(self, name: str) -> str:
        """The first value of a header; empty where there is none."""
        return next(iter(self.all(name)), "")

    @property
    def media_type(self) -> str:
        """The media type of the body, in lower case."""
        return self.first("Content-Type").partition(";")[0].strip().lower()


def take(octets: bytes, *, ended: bool = False) -> Hypertext | None:
    """The message that octets begin with; None while it is not whole.  Raises LabRefusal for what is none.

    ``ended`` says that the other side sends no more, which ends a response that does not say how long it is.
    """
    head, blank, rest = octets.partition(CRLF * 2)
    if not blank:
        if len(octets) > LONGEST_HEAD:
            raise LabRefusal("head", 0, "no head of a message")
        return None
    lines = head.decode("latin-1").split("\r\n")
    headers = tuple(_header(line) for line in lines[1:])
    found = Hypertext(lines[0], headers, b"", b"")
    body, used = _body(found, rest, ended)
    if body is None:
        return None
    return Hypertext(lines[0], headers, body, octets[: len(head) + 4 + used])


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name or name != name.strip():
        raise LabRefusal("head", None, f"no header: {line[:60]}")
    return name, value.strip()


def _body(head: Hypertext, rest: bytes, ended: bool) -> tuple[bytes | None, int]:
    if "chunked" in head.first("Transfer-Encoding").lower():
        return _chunks(rest)
    length = head.first("Content-Length")
    if length:
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            raise LabRefusal("Content-Length", None, f"{length[:40]} is no length")
        whole = len(rest) >= int(length)
        return (rest[: int(length)] if whole else None), int(length)
    if head.is_request or head.status in (204, 304) or 100 <= head.status < 200:
        return b"", 0
    return (rest if ended else None), len(rest)


def _chunks(rest: bytes) -> tuple[bytes | None, int]:
    body, place = b"", 0
    while True:
        line, end, _ = rest[place:].partition(CRLF)
        if not end:
            return None, 0
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            raise LabRefusal("chunk", place, "no size") from None
        place += len(line) + 2
        if size == 0:
            blank = rest.find(CRLF, place)
            return (None, 0) if blank < 0 else (body, blank + 2)
        if len(rest) < place + size + 2:
            return None, 0
        body += rest[place : place + size]
        place += size + 2


def request(method: str, target: str, host: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> bytes:
    """A request, after which the connection is closed."""
    rows = [("Host", host), *headers, ("Connection", "close")]
    rows += [("Content-Length", str(len(body)))] if body or method == "POST" else []
    return _written(f"{method} {target} HTTP/1.1", rows, body)


def response(status: int, phrase: str, media_type: str, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """A response, after which the connection is closed."""
    rows = [("Content-Type", media_type), ("Content-Length", str(len(body))), ("Connection", "close"), *headers]
    return _written(f"HTTP/1.1 {status} {phrase}", [row for row in rows if row[1]], body)


def _written(start: str, rows: Sequence[tuple[str, str]], body: bytes) -> bytes:
    return "".join([start, "\r\n", *(f"{name}: {value}\r\n" for name, value in rows), "\r\n"]).encode("latin-1") + body


@dataclass(frozen=True, slots=True)
class Part:
    """One parameter of a form."""

    name: str
    body: bytes
    media_type: str = ""
    """Its Content-Type; empty: it has none."""


def form(parts: Sequence[Part], boundary: str) -> bytes:
    """The body of multipart/form-data."""
    written = b""
    for part in parts:
        written += f'--{boundary}\r\nContent-Disposition: form-data; name="{part.name}"\r\n'.encode()
        written += f"Content-Type: {part.media_type}\r\n".encode() if part.media_type else b""
        written += CRLF + part.body + CRLF
    return written + f"--{boundary}--\r\n".encode()


def parts(message: Hypertext) -> list[Part]:
    """The parameters of a form; raises LabRefusal for what is none."""
    kind = message.first("Content-Type")
    words = {}
    for word in kind.split(";")[1:]:
        name, _, value = word.partition("=")
        words[name.strip().lower()] = value.strip().strip('"')
    if message.media_type != "multipart/form-data" or not words.get("boundary"):
        raise LabRefusal("Content-Type", None, f"{kind[:80]!r} is no form with a boundary")
    mark = b"--" + words["boundary"].encode("latin-1")
    pieces = (CRLF + message.body).split(CRLF + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise LabRefusal("body", None, "the form does not end with its boundary")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, blank, body = piece.lstrip(b" \t").removeprefix(CRLF).partition(CRLF * 2)
    if not blank:
        raise LabRefusal("body", None, "a part without a head")
    headers = dict(_header(line) for line in head.decode("utf-8", "replace").split("\r\n") if line)
    lowered = {name.lower(): value for name, value in headers.items()}
    name = lowered.get("content-disposition", "").partition('name="')[2].partition('"')[0]
    return Part(name, body, lowered.get("content-type", ""))
