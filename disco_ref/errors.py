"""The refusals: everything a correct peer meets in normal operation.

One root, :class:`Refusal`; families by whose fault it is and where it lies::

    Refusal
     +-- Malformed      the bytes break the grammar or the layout
     +-- Unauthorized   a signature, certificate or policy forbids it
     +-- Unroutable     there is no way to the destination
     +-- Conflict       a generation counter or version disagrees
     +-- Unexpected     the state does not allow it

A leaf class holds its wire code: ``error_code`` (RFC 6940, section 14.9) or ``status`` (a SIP
status code, RFC 3261 section 21).  A programming error is a TypeError or RuntimeError, never a Refusal.
"""

from __future__ import annotations


class Refusal(Exception):
    """What a correct peer refuses, with the place and the reason."""

    error_code: int | None = None
    """The RELOAD error code the sender is owed, None where none is (RFC 6940, section 14.9)."""

    status: int | None = None
    """The SIP status the sender is owed, None where the message is dropped (RFC 3261, section 21)."""

    def __init__(self, why: str, *, where: str = "", offset: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        """What is wrong, in one clause without a full stop."""
        self.where = where
        """The dotted path of the field at fault, such as ``StoreReq.kind_data``; empty for the whole input."""
        self.offset = offset
        """Where the fault begins, in octets from the start of the input; None where it has no place."""

    def __str__(self) -> str:
        """One line: ``StoreReq.kind_data at byte 9: need 38 bytes, have 11``."""
        place = self.where
        if self.offset is not None:
            place = f"{place} at byte {self.offset}".strip()
        return f"{place}: {self.why}" if place else self.why


class Malformed(Refusal):
    """The bytes break the grammar or the layout."""


class Unauthorized(Refusal):
    """A signature, a certificate or an access policy forbids it."""


class Unroutable(Refusal):
    """There is no way to the destination."""


class Conflict(Refusal):
    """A generation counter or a version disagrees with what is held."""


class Unexpected(Refusal):
    """The state does not allow it now."""
