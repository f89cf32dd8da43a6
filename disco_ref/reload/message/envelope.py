"""A whole message (RFC 6940, section 6.3)."""

from __future__ import annotations

import struct as struct_of_octets
from typing import NamedTuple

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import need, surplus
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Received
from disco_ref.reload.message.contents import Contents, is_request, refuse_extensions
from disco_ref.reload.message.forwarding_header import (
    ALWAYS_SET,
    FIXED_LENGTH,
    FRAGMENT_OFFSET,
    LAST_FRAGMENT,
    RELO_TOKEN,
    BadHeader,
    ForwardingHeader,
    NotReload,
)
from disco_ref.reload.message.forwarding_option import refuse_answering, refuse_in_response
from disco_ref.reload.message.security_block import SecurityBlock

LENGTH_AT = 16
"""Where in a message its ``length`` stands."""

CODE_LENGTH = 2
"""Octets of the message code, with which the message contents begin."""


# = rfc6940:6.3/0
@struct
class Message(NamedTuple):
    """The three parts of a message in one piece."""

    forwarding_header: ForwardingHeader
    """What the way needs."""
    message_contents: Contents
    """What is said."""
    security_block: SecurityBlock
    """Who says it."""
    received: Received = b""
    """The octets it was read from; its signature is verified over these."""


def decode_message(octets: bytes, context: Context, header: ForwardingHeader | None = None, end: int = 0) -> Message:
    """The message in the octets, as its destination reads it; ``header``, where it has been read already, ends at ``end``.

    Refused besides what :class:`ForwardingHeader` refuses: a ``length`` that is not the number of octets, a fragment,
    which has to be reassembled first (BadHeader); a critical option or extension, none being defined
    (UnsupportedForwardingOption, UnknownExtension); flags of options in a response.  The refusal of a response has no
    error code: nobody is owed one.
    """
    try:
        refuse_before(octets)
        message = decode(Message, octets, context) if header is None else _behind(header, end, octets, context)
        header, contents, _, _ = message
        if header.options:
            if not is_request(contents.message_code):
                # = rfc6940:6.3.2.3/1
                refuse_in_response(header.options)
            # = rfc6940:6.3.2.3/3
            refuse_answering(header.options)
        if contents.extensions:
            # = rfc6940:6.3.3/1
            refuse_extensions(contents.extensions)
        return message
    except Refusal as refusal:
        if refusal.error_code is not None and not _answered(octets):
            refusal.error_code = None
        raise


def _behind(header: ForwardingHeader, end: int, octets: bytes, context: Context) -> Message:
    """The rest of a message whose header has been read."""
    size = len(octets)
    contents, end = _read_contents(octets, end, size, context)
    block, end = _read_block(octets, end, size, context)
    if end != size:
        raise surplus(end, size, "Message")
    return Message(header, contents, block, octets)


def encode_message(message: Message, context: Context) -> bytes:
    """The octets of a message; ``length`` is what it must be, whatever the header says."""
    octets = encode(message, context)
    length = len(octets)
    if message.forwarding_header.length == length:
        return octets
    # = rfc6940:6.3.2/0
    return octets[:LENGTH_AT] + length.to_bytes(4, "big") + octets[LENGTH_AT + 4 :]


def refuse_before(octets: bytes) -> None:
    """Refuse what is no whole message by its first octets, before anything else is read."""
    if len(octets) < FIXED_LENGTH:
        raise need(0, FIXED_LENGTH, len(octets), "ForwardingHeader")
    token, fragment, length = _FIRST(octets)
    if token != RELO_TOKEN:
        # = rfc6940:6.3.2/1
        raise NotReload("this is no RELOAD message", where="ForwardingHeader.relo_token", offset=0)
    if length != len(octets):
        # = rfc6940:6.3.2/0
        why = f"{length} bytes are announced, {len(octets)} are there"
        raise BadHeader(why, where="ForwardingHeader.length", offset=LENGTH_AT)
    if fragment & ALWAYS_SET and (not fragment & LAST_FRAGMENT or fragment & FRAGMENT_OFFSET):
        # = rfc6940:6.7/0
        raise BadHeader("this is a fragment", where="ForwardingHeader.fragment", offset=12)


def _answered(octets: bytes) -> bool:
    """Whether the message is a request, as far as that can be seen; only requests are answered with errors."""
    if len(octets) < FIXED_LENGTH:
        return False
    start = FIXED_LENGTH + sum(int.from_bytes(octets[at : at + 2], "big") for at in (32, 34, 36))
    return len(octets) >= start + CODE_LENGTH and is_request(int.from_bytes(octets[start : start + CODE_LENGTH], "big"))


_read_contents = reader(Contents)
_read_block = reader(SecurityBlock)
_FIRST = struct_of_octets.Struct(">I8xII").unpack_from
