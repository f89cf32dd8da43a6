"""Session descriptions in messages, taken as octets (RFC 3261, sections 7.4, 13.2.1 and 20.11)."""

from __future__ import annotations

import re

from disco_ref.sip.header.content.content_type import CONTENT_TYPE, media_type
from disco_ref.sip.header.content.qualified import CONTENT_DISPOSITION
from disco_ref.sip.message import Message, Request
from disco_ref.sip.multipart import read_multipart
from disco_ref.sip.refusals import BadRequest, RequestEntityTooLarge

SDP = "application/sdp"
SDP_LINE = f"Content-Type: {SDP}"
LARGEST = 32768
"""Octets of a session description that is looked at; it takes far longer to read than to send."""
_PORT = re.compile(rb"^m=([^ \r\n]+) [0-9]+(?:/[0-9]+)?", re.MULTILINE)
_KEPT = re.compile(rb"^(?:v|s|t|m)=.*$", re.MULTILINE)


def session_of(message: Message) -> bytes:
    """The session description in a message, alone or in a multipart body; empty where there is none.

    RequestEntityTooLarge where that of a request but ACK is too long; elsewhere one that is too long is none.
    """
    found = _found(message)
    if len(found) <= LARGEST:
        return found
    if isinstance(message, Request) and message.method != "ACK":
        # = rfc3261:21.4/0 silent: how long a body may be
        raise RequestEntityTooLarge(f"a session description of more than {LARGEST} octets", where="body")
    return b""


def _found(message: Message) -> bytes:
    if not message.body:
        return b""
    try:
        kind = message.headers.first(CONTENT_TYPE)
        if kind is None:
            return b""
        if kind.name == SDP:
            return message.body if _is_session(message) else b""
        if kind.type_text.lower() != "multipart":
            return b""
        for part in read_multipart(kind, message.body).parts:
            if media_type(part.headers.get("content-type", "text/plain")).name == SDP:
                return part.body
    except BadRequest:
        # = rfc3261:8.2.2/2
        return b""
    return b""


def _is_session(message: Message) -> bool:
    """Whether the body is meant for a session, as it is where nothing says otherwise (section 20.11)."""
    if "content-disposition" not in message.headers:
        # = rfc3261:20.11/0
        return True
    disposition = message.headers.first(CONTENT_DISPOSITION)
    return disposition is None or str(disposition).partition(";")[0].strip().lower() == "session"


def declined(offer: bytes) -> bytes:
    """An answer that takes none of the media offered: the same lines with port 0 (RFC 3264, section 6).

    For an ACK that must answer though its call is to end at once (section 13.2.2.4).
    """
    # = rfc3261:13.2.2/9
    lines = [match[0].rstrip(b"\r") for match in _KEPT.finditer(offer)]
    first = next((place for place, line in enumerate(lines) if line.startswith(b"m=")), len(lines))
    head = [line for line in lines[:first] if not line.startswith(b"v=")]
    origin = [b"v=0", b"o=- 0 0 IN IP4 127.0.0.1"]
    head = head or [b"s=-", b"t=0 0"]
    media = [_PORT.sub(rb"m=\1 0", line) for line in lines[first:] if line.startswith(b"m=")]
    text = [*origin, head[0], b"c=IN IP4 127.0.0.1", *head[1:], *media]
    return b"\r\n".join([*text, b""])
