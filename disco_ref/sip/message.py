"""Requests and responses: reading a datagram, writing octets (RFC 3261, sections 7, 8.1.1, 18.3 and 25.1).

What :func:`read` holds a message to, and what it leaves to others:

- The start line, the lines of the header block and the fields that transactions and dialogs rest on (Via, From, To, Call-ID,
  CSeq, Contact, Route, Record-Route, Content-Length) must be well-formed; the others are typed when they are asked for, and
  :func:`check` asks for all.  A malformed field that is not needed to process the message is left alone, as
  rfc3261:8.2.2/2 and rfc3261:16.3/6 have it; ``Field.needed`` says which are.
- Via, From, To, Call-ID and CSeq are mandatory (rfc3261:8.1.1/1).  Max-Forwards is, too, for those who send; a request
  without it comes from an element older than RFC 3261 and is accepted, since section 16.3 passes it.  So is a From without
  tag (rfc3261:12.1.1/14) and a Via without branch (section 17.2.3).
- Another version than SIP/2.0 is refused with 505, a method that differs from that in CSeq with 400.
- Any scheme of the Request-URI is accepted here: 416 is for the recipient (rfc3261:8.2.2.1/4).
- A body without Content-Type is read; what is to become of it is for the recipient (rfc3261:20.15/1).
- Components that a Request-URI should not have are left alone (rfc3261:19.1.1/13).

A refusal's ``status`` is None where nothing is owed: for responses, for ACK, for octets that are no message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from disco_ref.errors import Malformed
from disco_ref.notation.abnf import any_number, rule
from disco_ref.sip.grammar import NON_ASCII, STRAY, TOKEN, UNRESERVED, is_token
from disco_ref.sip.header.block import Headers, split
from disco_ref.sip.header.identity.cseq import CSEQ
from disco_ref.sip.header.parts import taken_apart
from disco_ref.sip.header.plain.numbers import CONTENT_LENGTH
from disco_ref.sip.header.table import BY_KEY
from disco_ref.sip.refusals import (
    BadRequest,
    Discarded,
    MessageTooLarge,
    RequestEntityTooLarge,
    RequestURITooLong,
    VersionNotSupported,
)
from disco_ref.sip.uri import PLAIN_SIP_URI, SipUri, Uri, read_uri


class Limits(NamedTuple):
    """How much of one message is read; more is refused before it is looked at."""

    # = rfc3261:18.1.1/3
    head: int = 65536
    """Octets of start line and header fields; beyond: 513."""
    uri: int = 8192
    """Characters of the Request-URI; beyond: 414."""
    fields: int = 1024
    """Header lines; beyond: 513."""
    body: int = 1 << 22
    """Octets of the body; beyond: 413."""


LIMITS = Limits()
# = rfc3261:7.1/4
SIP_VERSION = "SIP/2.0"


# = rfc3261:7.1/0
class Request(NamedTuple):
    """A request (section 7.1)."""

    method: str
    """Case matters."""
    request_uri: Uri
    headers: Headers
    # = rfc3261:7.4/1
    # = rfc3261:7.4.1/5
    body: bytes = b""
    sip_version: str = SIP_VERSION
    """As received: case does not matter."""
    strict: bool = False
    """Whether the Request-URI is that of a strict router: the way goes there, whatever Route says (section 12.2.1.1)."""

    def __bytes__(self) -> bytes:
        """The octets: what was read, but for what was changed."""
        method, uri, headers, body, version, _ = self
        text = "\r\n".join([f"{method} {uri} {version}", *headers.lines, "\r\n"])
        return text.encode("utf-8", "surrogateescape") + body


# = rfc3261:7.2/0
class Response(NamedTuple):
    """A response (section 7.2)."""

    status_code: int
    """100 to 699."""
    reason_phrase: str
    """For people; may be empty."""
    headers: Headers
    # = rfc3261:7.4/2
    body: bytes = b""
    sip_version: str = SIP_VERSION

    def __bytes__(self) -> bytes:
        """The octets: what was read, but for what was changed."""
        status, reason, headers, body, version = self
        text = "\r\n".join([f"{version} {status} {reason}", *headers.lines, "\r\n"])
        return text.encode("utf-8", "surrogateescape") + body


Message = Request | Response

# = rfc3261:20/5a
# = rfc3261:20/6a
_MANDATORY = ("via", "from", "to", "call-id", "cseq")
_new = tuple.__new__
_plain_request = rule(f"({TOKEN}) {PLAIN_SIP_URI} (SIP/2\\.0)").fullmatch

# SIP-Version    =  "SIP" "/" 1*DIGIT "." 1*DIGIT
_VERSION = re.compile(r"[Ss][Ii][Pp]/[0-9]++\.[0-9]++")
# Status-Line    =  SIP-Version SP Status-Code SP Reason-Phrase CRLF
# Reason-Phrase  =  *(reserved / unreserved / escaped / UTF8-NONASCII / UTF8-CONT / SP / HTAB)
# = rfc3261:7.2/1
_PHRASE = any_number(UNRESERVED + r";/?:@&=+$, \t" + NON_ASCII + STRAY)
_STATUS_LINE = rule(r"([^ ]++) ([0-9]++) (", _PHRASE, f"(?:%[0-9A-Fa-f]{{2}}{_PHRASE})*)")
_plain_status = rule(r"(SIP/2\.0) ([1-6][0-9][0-9]) (", _PHRASE, ")").fullmatch
_LOOKS_LIKE_SIP = re.compile(rb"\A[^\r\n]*SIP/|\r\n(?:via|v)[ \t]*:", re.IGNORECASE)
_WORD = re.compile(rb"[!-~]*+")


def read(octets: bytes, limits: Limits = LIMITS) -> Message:
    """The message that a datagram holds; a Malformed with the status that is owed where it holds none.

    Octets behind the body are dropped (rfc3261:18.3/1).
    """
    try:
        return _read(octets, limits)
    except Malformed as refusal:
        raise owed(refusal, octets) from refusal


def owed(refusal: Malformed, octets: bytes) -> Malformed:
    """The same refusal, as Discarded where its status is not owed to the sender of these octets."""
    first = _WORD.match(octets)
    word = first[0][:64] if first else b""
    # = rfc3261:18.3/2
    if word.upper().startswith(b"SIP/") or word == b"ACK" or not _LOOKS_LIKE_SIP.search(octets[:65536]):
        return Discarded(refusal.why, where=refusal.where, offset=refusal.offset)
    return refusal


def _read(octets: bytes, limits: Limits) -> Message:
    # = rfc3261:7/0
    head, ends, body = octets.partition(b"\r\n\r\n")
    if len(head) > limits.head:
        raise MessageTooLarge(f"more than {limits.head} octets of header fields", where="message")
    if not ends:
        # = rfc3261:7/2
        raise BadRequest("no empty line ends the header fields", where="message", offset=len(octets))
    text = head.decode("utf-8", "surrogateescape")
    lines = text.split("\r\n")
    within = "".join(lines)
    if "\n" in within or "\r" in within:
        # = rfc3261:7/1
        raise BadRequest("CR or LF that ends no line", where="message")
    start = lines.pop(0)
    if start[3:4] == "/" and start[:3].upper() == "SIP":
        version, status, reason = _status_line(start)
        headers, body = _rest(lines, body, limits)
        return _new(Response, (status, reason, headers, body, version))
    method, uri, version = _request_line(start, limits)
    headers, body = _rest(lines, body, limits)
    cseq = headers.one(CSEQ)
    if cseq.method != method:
        # = rfc3261:8.1.1.5/1
        raise BadRequest(f"the method is {method[:40]}, CSeq says {cseq.method[:40]}", where="CSeq")
    return _new(Request, (method, uri, headers, body, version, False))


def _request_line(line: str, limits: Limits) -> tuple[str, Uri, str]:
    """Request-Line  =  Method SP Request-URI SP SIP-Version CRLF."""
    match = _plain_request(line)
    if match is not None and len(line) <= limits.uri:
        method, scheme, user, host, port, tail, version = match.groups()
        return method, _new(SipUri, (scheme, user, None, host, port, tail, "")), version
    method, space, rest = line.partition(" ")
    text, other_space, version = rest.rpartition(" ")
    _check_version(version)
    if len(text) > limits.uri:
        raise RequestURITooLong(f"{len(text)} characters, {limits.uri} are read", where="Request-URI")
    if not space or not other_space or not is_token(method):
        raise BadRequest(f"no Request-Line: {line[:80]!r}", where="Request-Line", offset=0)
    # = rfc3261:7.1/1a
    # = rfc3261:7.1/1b
    # = rfc3261:7.1/2
    try:
        return method, read_uri(text), version
    except BadRequest as refusal:
        raise BadRequest(refusal.why, where="Request-URI", offset=len(method) + 1) from refusal


def _check_version(version: str) -> None:
    if not _VERSION.fullmatch(version):
        raise BadRequest(f"no SIP-Version: {version[:40]!r}", where="SIP-Version")
    # = rfc3261:7.1/5
    # = rfc3261:7.1/4
    if version.upper() != SIP_VERSION:
        raise VersionNotSupported(f"version {version[:40]}", where="SIP-Version")


def _status_line(line: str) -> tuple[str, int, str]:
    # = rfc3261:7.2/0
    match = _plain_status(line)
    if match is not None:
        version, status, reason = match.groups()
        return version, int(status), reason
    match = _STATUS_LINE.fullmatch(line)
    if match is None:
        raise BadRequest(f"no Status-Line: {line[:80]!r}", where="Status-Line", offset=0)
    version, status, reason = match.groups()
    _check_version(version)
    if len(status) != 3 or not 100 <= int(status) <= 699:
        raise BadRequest(f"no Status-Code: {status[:20]}", where="Status-Code", offset=len(version) + 1)
    return version, int(status), reason


def _rest(lines: list[str], octets: bytes, limits: Limits) -> tuple[Headers, bytes]:
    """The header fields, those typed that transactions and dialogs rest on, and the body."""
    lines, read = split(lines, limits.fields)
    headers = Headers(lines, read)
    _, typed, matched = read
    for key in _MANDATORY:
        if key not in matched and key not in typed:
            # = rfc3261:8.1.1/1
            # = rfc3261:16.3/4
            # = rfc3261:16.3/5
            raise BadRequest("missing", where=BY_KEY[key].name)
    length = available = len(octets)
    # = rfc3261:18.3/0
    if "content-length" in typed:
        length = headers.one(CONTENT_LENGTH)
        if length > available:
            # = rfc3261:18.3/3
            raise BadRequest(f"{length} octets announced, {available} follow", where="Content-Length")
    if length > limits.body:
        raise RequestEntityTooLarge(f"{length} octets, {limits.body} are read", where="body")
    # = rfc3261:18.3/1
    return headers, octets if length == available else octets[:length]


def check(message: Message) -> None:
    """Types every field that is known, with its parameters; BadRequest where one that is needed is malformed.

    A malformed field that is not needed is left as it is (rfc3261:8.2.2/2).
    """
    if isinstance(message, Request):
        uri = message.request_uri
        if isinstance(uri, SipUri):
            _ = uri.port, uri.parameters
    try:
        message.headers.parts()
    except BadRequest:
        _check_needed(message.headers)


def _check_needed(headers: Headers) -> None:
    """The same, field by field."""
    for key in headers:
        # = rfc3261:8.2.2/1
        field = BY_KEY.get(key)
        if field is not None:
            try:
                check_values(headers.any(field))
            except BadRequest:
                # = rfc3261:8.2.2/2
                # = rfc3261:16.3/6
                if field.needed:
                    raise


def check_values(values: Iterable[object]) -> None:
    """Reads the parameters of a field's values, the port of a hop, and the parts of a URI; BadRequest where one is malformed."""
    taken_apart(values)
