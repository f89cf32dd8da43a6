"""Store (RFC 6940, section 7.4.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.errors import Malformed, Unauthorized
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import BadValue
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import KindVec32, Unknown, Vec16, Vec32, uint8, uint64
from disco_ref.reload.ids import KindId, NodeId, ResourceId
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.storage.stored_data import StoredData


class RepeatedKind(Malformed):
    """A request names a Kind twice (Error_Invalid_Message)."""

    error_code = 20


class NotSigned(Unauthorized):
    """A value to be stored has no signer (Error_Forbidden)."""

    error_code = 2


# = rfc6940:7.4.1.1/0
@struct
class StoreKindData(NamedTuple):
    """The values of one Kind."""

    kind: KindId
    """The Kind."""
    generation_counter: uint64
    """The generation the sender expects, 0 for any."""
    values: KindVec32[StoredData]
    """The values; Unknown where the Kind's data model is not known."""


# = rfc6940:7.4.1.1/0
@struct
class StoreReq(NamedTuple):
    """A request to store values (section 7.4.1.1).

    Refused when read: a Kind that occurs twice (RepeatedKind), a replica with generation counter 0 (BadValue), a value
    that nobody signed (NotSigned).
    """

    resource: ResourceId
    """Where to store."""
    replica_number: uint8
    """0 for the original, else the number of the replica."""
    kind_data: Vec32[StoreKindData]
    """The values by Kind."""

    @staticmethod
    def refuse(value: StoreReq, context: Context, offset: int) -> None:
        """Refuse a Kind that occurs twice, a replica of any generation, and values that nobody signed."""
        if len(value.kind_data) > 1:
            # = rfc6940:7.4.1.1/1
            refuse_repeated([each.kind for each in value.kind_data], "StoreReq.kind_data", offset)
        for each in value.kind_data:
            if value.replica_number and not each.generation_counter:
                # = rfc6940:7.4.1.1/15
                why = "a replica with a generation counter of 0"
                raise BadValue(why, where="StoreReq.kind_data.generation_counter", offset=offset)
            if not isinstance(each.values, Unknown):
                for stored in each.values:
                    signature = stored.signature
                    if signature.identity.identity_type == 3 or signature.algorithm == NOT_SIGNED.algorithm:
                        # = rfc6940:7.4.1.1/16
                        # = rfc6940:13.5.1/1
                        raise NotSigned("a value without signer", where="StoreReq.kind_data.values", offset=offset)


# = rfc6940:7.4.1.2/0
@struct
class StoreKindResponse(NamedTuple):
    """What became of the values of one Kind."""

    kind: KindId
    """The Kind."""
    generation_counter: uint64
    """Its generation now."""
    replicas: Vec16[NodeId]
    """The peers that hold or will hold replicas."""


# = rfc6940:7.4.1.2/0
@struct
class StoreAns(NamedTuple):
    """The answer to a StoreReq (section 7.4.1.2)."""

    kind_responses: Vec16[StoreKindResponse]
    """One for each Kind."""


def refuse_repeated(kinds: list[int], where: str, offset: int) -> None:
    """RepeatedKind where a Kind occurs twice."""
    if len(set(kinds)) != len(kinds):
        twice = next(kind for place, kind in enumerate(kinds) if kind in kinds[:place])
        raise RepeatedKind(f"Kind {twice} occurs twice", where=where, offset=offset)
