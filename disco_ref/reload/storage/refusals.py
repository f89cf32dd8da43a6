"""Why storage refuses, with the errors that are owed (RFC 6940, sections 6.3.3.1, 7.4.1.1 and 7.4.1.2)."""

from __future__ import annotations

from disco_ref.errors import Conflict, Refusal, Unauthorized
from disco_ref.notation.codec import encode
from disco_ref.reload.storage.kinds import UnknownKinds

MOST_NAMED = 63
"""Kinds that the error_info of Error_Unknown_Kind has room for: 255 octets, four for each."""


class NotResponsible(Refusal):
    """Another peer is responsible for the Resource-ID (Error_Not_Found)."""

    error_code = 3


class NoReplicaHere(Unauthorized):
    """No replica of the resource is to be held here, or not from that sender (Error_Forbidden)."""

    error_code = 2


class NobodySigned(Unauthorized):
    """A value without signer is no value to keep (Error_Forbidden)."""

    error_code = 2


class UnknownKind(Refusal):
    """A request names Kinds that nobody here knows (Error_Unknown_Kind); as many are listed as there is room for."""

    error_code = 12

    def __init__(self, kinds: tuple[int, ...]) -> None:
        named = kinds[:MOST_NAMED]
        super().__init__(f"unknown Kinds: {', '.join(map(str, named))}")
        # = rfc6940:7.4.1.2/6
        self.error_info = encode(UnknownKinds(named))


class GenerationTooLow(Conflict):
    """The generation counter is not the one that is held (Error_Generation_Counter_Too_Low)."""

    error_code = 5

    def __init__(self, why: str, error_info: bytes) -> None:
        super().__init__(why, where="StoreReq.kind_data.generation_counter")
        # = rfc6940:7.4.1.2/3
        self.error_info = error_info
        """A StoreAns with the counters that hold."""


class DataTooOld(Conflict):
    """A value is not newer than the one it would replace (Error_Data_Too_Old)."""

    error_code = 9


class DataTooLarge(Refusal):
    """A value, a key, or the number of values is beyond what the Kind or this peer admits (Error_Data_Too_Large)."""

    error_code = 8


class AnswerTooLarge(Refusal):
    """What is wanted makes no message that the overlay admits: it is to be fetched in parts (Error_Response_Too_Large)."""

    error_code = 14
