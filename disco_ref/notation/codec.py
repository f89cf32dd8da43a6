"""Octets to values and back (RFC 6940, section 6.3.1)."""

from __future__ import annotations

import struct as octets_of
from typing import Any, TypeVar

from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.compiling.encoding import writer
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import Unwritable, surplus
from disco_ref.notation.layout import layout

T = TypeVar("T")

PLAIN_CONTEXT = Context()


def decode(cls: type[T], octets: bytes, context: Context = PLAIN_CONTEXT) -> T:
    """The value that the octets hold; Malformed with path and offset where they do not hold one, or more than it."""
    read = getattr(cls, "_read", None) or reader(cls)
    end = len(octets)
    value, p = read(octets, 0, end, context)
    if p != end:
        raise surplus(p, end, layout(cls).name)
    found: T = value
    return found


def encode(value: Any, context: Context = PLAIN_CONTEXT) -> bytes:
    """The octets of a struct; Unwritable where a number, a length or a variant does not fit its layout."""
    cls = type(value)
    write = getattr(cls, "_write", None) or writer(cls)
    try:
        written: bytes = write(value, context)
    except octets_of.error as fault:
        raise Unwritable(str(fault), where=layout(cls).name) from fault
    return written
