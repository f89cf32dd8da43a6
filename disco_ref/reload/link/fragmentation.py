"""Taking messages apart and putting them together again (RFC 6940, section 6.7)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from disco_ref.errors import Malformed
from disco_ref.notation.compiling.decoding import reader
from disco_ref.notation.context import Context
from disco_ref.reload.message.envelope import LENGTH_AT
from disco_ref.reload.message.forwarding_header import (
    ALWAYS_SET,
    FRAGMENT_OFFSET,
    LAST_FRAGMENT,
    WHOLE,
    BadHeader,
    ForwardingHeader,
    MessageTooLarge,
)

FRAGMENT_AT = 12
"""Where in a header its ``fragment`` stands."""

LEAST_BODY = 256
"""Octets of the body that every fragment but the last must have."""

ROOM_TO_GROW = 32
"""Octets of the path's MTU left free, so that the Via List can grow."""

LARGEST_BODY = FRAGMENT_OFFSET + 1
"""Octets after the header that fragments can address."""


MOST_PIECES = 1 << 14
"""Pieces of one message that are held; the time to add one grows with their number."""


class BadFragment(Malformed):
    """A fragment that does not go with the others (Error_Invalid_Message)."""

    error_code = 20


class Fragment(NamedTuple):
    """One piece of a message."""

    transaction_id: int
    """Which message it belongs to."""
    header: bytes
    """Its copy of the forwarding header."""
    offset: int
    """Where its octets belong, counted from the end of the header."""
    body: bytes
    """Its octets."""
    last: bool
    """Whether the message ends with it."""


class Assembly(NamedTuple):
    """The pieces of one message that have arrived; a value, so that whoever holds it can also let it go."""

    transaction_id: int
    """Which message."""
    pieces: tuple[tuple[int, bytes], ...] = ()
    """Offset and octets, by offset."""
    size: int | None = None
    """Octets after the header, None until the last fragment is there."""
    header: bytes = b""
    """The forwarding header of the first fragment, as far as it is there."""

    @property
    def held(self) -> int:
        """Octets in the holding buffer."""
        return len(self.header) + sum(len(body) for _, body in self.pieces)


def read_fragment(octets: bytes, context: Context) -> Fragment:
    """A fragment, or a whole message as its only one; Malformed where the header or its length is wrong."""
    header, end = _read_header(octets, 0, len(octets), context)
    if header.length != len(octets):
        why = f"{header.length} bytes are announced, {len(octets)} are there"
        raise BadHeader(why, where="ForwardingHeader.length", offset=LENGTH_AT)
    # = rfc6940:6.7/0
    offset, last = header.fragment & FRAGMENT_OFFSET, bool(header.fragment & LAST_FRAGMENT)
    if end == len(octets) and not last:
        raise BadFragment("a fragment without a body", where="ForwardingHeader.fragment", offset=FRAGMENT_AT)
    return Fragment(header.transaction_id, octets[:end], offset, octets[end:], last)


def split(octets: bytes, mtu: int, context: Context) -> tuple[bytes, ...]:
    """The fragments of a message, or of a fragment, for a link that takes ``mtu`` octets at a time.

    They are of equal size as far as that goes.  The message stays whole where it fits, and also where the header leaves
    no room for the least body: then fragmentation is left to IP.
    """
    fragment = read_fragment(octets, context)
    room = mtu - ROOM_TO_GROW - len(fragment.header)
    if len(octets) <= mtu - ROOM_TO_GROW or room < LEAST_BODY:
        return (octets,)
    total = len(fragment.body)
    # = rfc6940:6.7/3b
    # = rfc6940:6.7/1b
    # = rfc6940:6.7/1a
    size = max(LEAST_BODY, -(-total // -(-total // room)))
    return tuple(
        _fragment(
            fragment.header, fragment.offset + start, fragment.body[start : start + size],
            # = rfc6940:6.7/6
            fragment.last and start + size >= total,
        )
        for start in range(0, total, size)
    )  # fmt: skip


def add(assembly: Assembly | None, fragment: Fragment, limit: int = LARGEST_BODY) -> Assembly:
    """The assembly with one more fragment; one that came before changes nothing.

    BadFragment where it contradicts the others: another transaction, other octets at the same place, octets beyond the
    end; MessageTooLarge where the message would have more than ``limit`` octets after its header, or is in too many pieces.
    """
    held = assembly or Assembly(fragment.transaction_id)
    if fragment.transaction_id != held.transaction_id:
        raise _contradiction("a fragment of another transaction")
    end = fragment.offset + len(fragment.body)
    if end > limit:
        # = rfc6940:6.7/5
        raise MessageTooLarge(f"{end} bytes are more than {limit}", where="ForwardingHeader.fragment", offset=12)
    size = held.size
    if fragment.last:
        if size is not None and size != end:
            raise _contradiction("two last fragments that end at different places")
        size = end
    pieces = _with(held.pieces, fragment)
    if len(pieces) > MOST_PIECES:
        # = rfc6940:6.7/5
        raise MessageTooLarge(f"more than {MOST_PIECES} pieces", where="ForwardingHeader.fragment", offset=FRAGMENT_AT)
    if size is not None and pieces and pieces[-1][0] + len(pieces[-1][1]) > size:
        raise _contradiction("bytes beyond the end")
    header = fragment.header if fragment.offset == 0 else held.header
    return Assembly(held.transaction_id, pieces, size, header)


def whole(assembly: Assembly) -> bytes | None:
    """The message, if all of it is there."""
    if assembly.size is None or not assembly.header:
        return None
    if sum(len(body) for _, body in assembly.pieces) != assembly.size:
        return None
    body = b"".join(body for _, body in assembly.pieces)
    return _fragment(assembly.header, 0, body, True)


def reassemble(parts: Iterable[bytes], context: Context, limit: int = LARGEST_BODY) -> bytes:
    """The message of which all fragments are at hand, in any order; BadFragment where one is missing or contradicts."""
    assembly: Assembly | None = None
    for part in parts:
        assembly = add(assembly, read_fragment(part, context), limit)
    octets = None if assembly is None else whole(assembly)
    if octets is None:
        # = rfc6940:6.7/6
        raise _contradiction("a fragment is missing")
    return octets


def _with(pieces: tuple[tuple[int, bytes], ...], fragment: Fragment) -> tuple[tuple[int, bytes], ...]:
    """The pieces with the new octets of a fragment; where it overlaps others, the octets must be the same."""
    start, body = fragment.offset, fragment.body
    first = max(0, bisect_left(pieces, (start, b"")) - 1)
    near = pieces[first : bisect_left(pieces, (start + len(body), b""))]
    for place, known in near:
        low, high = max(start, place), min(start + len(body), place + len(known))
        if low < high and body[low - start : high - start] != known[low - place : high - place]:
            raise _contradiction(f"two fragments differ at {low}")
    new = [(low, body[low - start : high - start]) for low, high in _gaps(near, start, start + len(body))]
    return pieces[:first] + tuple(sorted([*near, *new])) + pieces[first + len(near) :]


def _gaps(pieces: tuple[tuple[int, bytes], ...], start: int, end: int) -> list[tuple[int, int]]:
    """The stretches between ``start`` and ``end`` that no piece covers."""
    gaps: list[tuple[int, int]] = []
    for place, known in pieces:
        if place > start:
            gaps.append((start, place))
        start = max(start, place + len(known))
    if start < end:
        gaps.append((start, end))
    return gaps


def _fragment(header: bytes, offset: int, body: bytes, last: bool) -> bytes:
    # = rfc6940:6.3.2/9
    # = rfc6940:6.3.2/10
    # = rfc6940:6.7/7a
    field = (WHOLE if last else ALWAYS_SET) | offset
    # = rfc6940:6.7/2
    length = len(header) + len(body)
    return header[:FRAGMENT_AT] + field.to_bytes(4, "big") + length.to_bytes(4, "big") + header[LENGTH_AT + 4 :] + body


def _contradiction(why: str) -> BadFragment:
    return BadFragment(why, where="ForwardingHeader.fragment", offset=FRAGMENT_AT)


_read_header = reader(ForwardingHeader)
