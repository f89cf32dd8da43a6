"""Find (RFC 6940, section 7.4.4)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.context import Context
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Vec8, Vec16
from disco_ref.reload.ids import KindId, ResourceId
from disco_ref.reload.storage.store import refuse_repeated


# = rfc6940:7.4.4.1/0
@struct
class FindReq(NamedTuple):
    """A question for the closest resources (section 7.4.4.1); a Kind that occurs twice is refused (RepeatedKind)."""

    resource: ResourceId
    """Closest to this one."""
    kinds: Vec8[KindId]
    """Of these Kinds."""

    @staticmethod
    def refuse(value: FindReq, context: Context, offset: int) -> None:
        """Refuse a Kind that occurs twice."""
        # = rfc6940:7.4.4.1/1
        # = rfc6940:7.4.4.1/2
        refuse_repeated(list(value.kinds), "FindReq.kinds", offset)


# = rfc6940:7.4.4.2/0
@struct
class FindKindData(NamedTuple):
    """The closest resource of one Kind (section 7.4.4.2)."""

    kind: KindId
    """The Kind."""
    closest: ResourceId
    """The Resource-ID; 0 where none is known."""


# = rfc6940:7.4.4.2/0
@struct
class FindAns(NamedTuple):
    """The answer to a FindReq."""

    results: Vec16[FindKindData]
    """One for each Kind that may be asked for."""
