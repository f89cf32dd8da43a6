"""Frames: what goes over one link (RFC 6940, section 6.6.2).

Every message that is forwarded passes here four times, so that frames are read and written by their fixed places; tests
compare them with the struct.
"""

from __future__ import annotations

import enum
import struct as struct_of_octets
from collections.abc import Iterable
from typing import Annotated, NamedTuple

from disco_ref.errors import Malformed
from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import UnknownVariant
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Select, enumeration, opaque24, uint32
from disco_ref.reload.message.envelope import CODE_LENGTH
from disco_ref.reload.message.forwarding_header import FIXED_LENGTH

DATA_HEADER = 8
"""Octets of a data frame before its message."""

LONGEST_MESSAGE = (1 << 24) - 1
"""Octets of a message in a frame."""

ACK_LENGTH = 9
"""Octets of an acknowledgement."""

_LENGTHS_AT = (32, 34, 36)
"""Where in a message the lengths of its Via List, Destination List and options stand."""

REMEMBERED = 32
"""How many sequence numbers a receiver keeps for its acknowledgements."""


class FrameTooLarge(Malformed):
    """A frame with a message larger than the overlay admits (Error_Message_Too_Large); its link has to be closed."""

    error_code = 11

    beginning: bytes = b""
    """The message as far as its message code, which is what an error needs; empty where no error is owed."""


# = rfc6940:6.6.2/0
@enumeration(8)
class FramedMessageType(enum.IntEnum):
    """What a frame is."""

    data = 128
    ack = 129


class Data(NamedTuple):
    """A message on its way."""

    sequence: uint32
    """One more than the frame before it on this connection; the first is 0."""
    message: opaque24
    """The message."""


class Ack(NamedTuple):
    """An acknowledgement."""

    ack_sequence: uint32
    """The frame that is acknowledged."""
    received: uint32
    """Bit i is set where the frame i before it was received too."""


# = rfc6940:6.6.2/0
@struct
class FramedMessage(NamedTuple):
    """A frame; types other than data and ack are refused."""

    type: FramedMessageType
    """What it is."""
    frame: Annotated[Data | Ack, Select("type", {FramedMessageType.data: Data, FramedMessageType.ack: Ack})]
    """Its contents."""


def framed(sequence: int, message: bytes) -> bytes:
    """The frame that carries a message; Unwritable where it is too long for one."""
    size = len(message)
    if size > LONGEST_MESSAGE:
        return encode(FramedMessage(FramedMessageType.data, Data(sequence, message)))
    return _DATA.pack(DATA_TYPE, sequence, size >> 16, size & 0xFFFF) + message


def acknowledged(sequence: int, earlier: Iterable[int]) -> bytes:
    """The frame that acknowledges ``sequence``; ``earlier`` are the sequence numbers received before it."""
    return acknowledgement(sequence, received_mask(sequence, earlier))


def acknowledgement(sequence: int, mask: int) -> bytes:
    """The frame that acknowledges ``sequence``, with these ``received`` bits."""
    return _ACK.pack(ACK_TYPE, sequence, mask)


def received_mask(sequence: int, earlier: Iterable[int]) -> int:
    """The ``received`` bits: bit N-M for each M of the last 32 received, if it is below N and above N-32."""
    # = rfc6940:6.6.2/2
    mask = 0
    for each in list(earlier)[-REMEMBERED:]:
        if sequence - REMEMBERED < each < sequence:
            mask |= 1 << (sequence - each)
    return mask


def read_frames(octets: bytes, context: Context) -> tuple[list[FramedMessage], bytes]:
    """The whole frames at the beginning of what a link has brought, and the rest, which is no whole frame yet.

    UnknownVariant where a frame begins with another type: the link is out of step and has to be closed.
    """
    frames: list[FramedMessage] = []
    p, end = 0, len(octets)
    while p < end and (size := frame_length(octets, p)) is not None and p + size <= end:
        if size == ACK_LENGTH and octets[p] == ACK_TYPE:
            _, sequence, mask = _ACK.unpack_from(octets, p)
            frames.append(FramedMessage(FramedMessageType.ack, Ack(sequence, mask)))
        else:
            sequence = int.from_bytes(octets[p + 1 : p + 5], "big")
            frames.append(FramedMessage(FramedMessageType.data, Data(sequence, octets[p + DATA_HEADER : p + size])))
        p += size
    return frames, octets[p:]


def too_large(size: int, there: bytes, context: Context) -> FrameTooLarge | None:
    """The refusal for a message of ``size`` octets, of which some are there; None while its header is not there yet.

    A header that alone is larger than a message may be, and a message cut short in its header, are owed no error.
    """
    limit = context.max_message_size or 0
    refusal = FrameTooLarge(
        f"{size} bytes are more than the overlay's {limit}", where="FramedMessage.message", offset=8
    )
    need = FIXED_LENGTH
    if len(there) >= FIXED_LENGTH:
        need += sum(int.from_bytes(there[at : at + 2], "big") for at in _LENGTHS_AT)
    if need > limit or need + CODE_LENGTH > size:
        # = rfc6940:6.6/2
        return refusal
    if len(there) < max(need, FIXED_LENGTH) + CODE_LENGTH:
        return None
    # = rfc6940:6.6/1
    refusal.beginning = there[: need + CODE_LENGTH]
    return refusal


def refuse_too_large(message: bytes, context: Context) -> None:
    """Raise FrameTooLarge for a message that is there and larger than the overlay admits."""
    limit = context.max_message_size
    if limit is not None and len(message) > limit and (refusal := too_large(len(message), message, context)):
        raise refusal


def frame_length(octets: bytes | bytearray, p: int) -> int | None:
    """The octets of the frame at ``p``; None where its length has not arrived yet."""
    kind = octets[p]
    if kind == DATA_TYPE:
        header = octets[p + 5 : p + DATA_HEADER]
        return DATA_HEADER + int.from_bytes(header, "big") if len(header) == 3 else None
    if kind == ACK_TYPE:
        return ACK_LENGTH
    # = rfc6940:6.3.1.1/1a
    raise UnknownVariant(f"{kind} is no type of frame", where="FramedMessage.type", offset=p)


DATA_TYPE, ACK_TYPE = 128, 129
"""How frames begin (section 6.6.2)."""

_DATA = struct_of_octets.Struct(">BIBH")
_ACK = struct_of_octets.Struct(">BII")
