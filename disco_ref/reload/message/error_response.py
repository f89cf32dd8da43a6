"""The body of an error (RFC 6940, section 6.3.3.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.errors import Refusal
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import BadValue
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import opaque16, uint16


# = rfc6940:6.3.3.1/0
@struct
class ErrorResponse(NamedTuple):
    """Why a request failed; code 0 is refused when read (BadValue)."""

    error_code: uint16
    """One of :class:`disco_ref.reload.registries.ErrorCode`, or a newer one."""
    error_info: opaque16
    """Text in UTF-8, unless the error says otherwise."""

    @staticmethod
    def refuse(value: ErrorResponse, context: Context, offset: int) -> None:
        """Refuse code 0, which the registry names invalid."""
        if value.error_code == 0:
            # = rfc6940:14.9/0
            raise BadValue("0 is no error code", where="ErrorResponse.error_code", offset=offset)


def error_response(refusal: Refusal) -> ErrorResponse | None:
    """The body of the error that a refused request is owed; None where nothing is.

    Its ``error_info`` is what the refusal says in one line, or the octets of its own ``error_info`` where it has any.
    """
    if refusal.error_code is None:
        return None
    # = rfc6940:6.3.3.1/6
    # = rfc6940:6.1/2
    # = rfc6940:6.3.3.1/3b
    told = getattr(refusal, "error_info", None)
    return ErrorResponse(refusal.error_code, told if isinstance(told, bytes) else str(refusal).encode()[:0xFFFF])
