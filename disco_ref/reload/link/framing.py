"""Frames: what goes over one link (RFC 6940, section 6.6.2)."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Annotated, NamedTuple

from disco_ref.notation.codec import encode
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import UnknownVariant
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Select, enumeration, opaque24, uint32

DATA_HEADER = 8
"""Octets of a data frame before its message."""

ACK_LENGTH = 9
"""Octets of an acknowledgement."""

REMEMBERED = 32
"""How many sequence numbers a receiver keeps for its acknowledgements."""


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
    """The frame that carries a message."""
    return encode(FramedMessage(FramedMessageType.data, Data(sequence, message)))


def acknowledged(sequence: int, earlier: Iterable[int]) -> bytes:
    """The frame that acknowledges ``sequence``; ``earlier`` are the sequence numbers received before it."""
    return encode(FramedMessage(FramedMessageType.ack, Ack(sequence, received_mask(sequence, earlier))))


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
    while p < end and (size := _frame_length(octets, p)) is not None and p + size <= end:
        frame, p = _read(octets, p, p + size, context)
        frames.append(frame)
    return frames, octets[p:]


def _frame_length(octets: bytes, p: int) -> int | None:
    """The octets of the frame at ``p``; None where its length has not arrived yet."""
    match octets[p]:
        case FramedMessageType.data:
            header = octets[p : p + DATA_HEADER]
            return DATA_HEADER + int.from_bytes(header[5:], "big") if len(header) == DATA_HEADER else None
        case FramedMessageType.ack:
            return ACK_LENGTH
        case other:
            # = rfc6940:6.3.1.1/1a
            raise UnknownVariant(f"{other} is no type of frame", where="FramedMessage.type", offset=p)


_read = reader(FramedMessage)
