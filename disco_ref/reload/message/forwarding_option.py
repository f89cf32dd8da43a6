"""Options of the forwarding header (RFC 6940, section 6.3.2.3)."""

from __future__ import annotations

import enum
from collections.abc import Container, Iterable
from typing import Annotated, NamedTuple

from disco_ref.errors import Refusal
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Counted, Select, Unknown, enumeration, uint8

FORWARD_CRITICAL = 0x01
"""Whoever forwards the message must understand the option."""

DESTINATION_CRITICAL = 0x02
"""Whoever answers the message must understand the option."""

RESPONSE_COPY = 0x04
"""Whoever answers the message copies the option into the response."""

CRITICAL_OR_COPY = FORWARD_CRITICAL | DESTINATION_CRITICAL | RESPONSE_COPY


class UnsupportedForwardingOption(Refusal):
    """A critical option that is not understood (Error_Unsupported_Forwarding_Option)."""

    error_code = 7


# = rfc6940:6.3.2.3/0
@enumeration(8)
class ForwardingOptionType(enum.IntEnum):
    """The type of an option; RFC 6940 defines none."""

    invalidForwardingOptionType = 0


# = rfc6940:6.3.2.3/0
@struct
class ForwardingOption(NamedTuple):
    """An option that travels in the forwarding header."""

    type: ForwardingOptionType | int
    """The type of the option."""
    flags: uint8
    """FORWARD_CRITICAL, DESTINATION_CRITICAL, RESPONSE_COPY."""
    option: Annotated[Unknown, Counted(16), Select("type", {}, extensible=True)]
    """The value; it may be empty."""


def refuse_forwarding(options: Iterable[ForwardingOption], understood: Container[int] = ()) -> None:
    """What a peer that would forward a request must ask first; UnsupportedForwardingOption where it must not."""
    # = rfc6940:6.3.2.3/2
    _refuse_critical(options, FORWARD_CRITICAL, understood)


def refuse_answering(options: Iterable[ForwardingOption], understood: Container[int] = ()) -> None:
    """What a node that would answer a request must ask first; UnsupportedForwardingOption where it must not."""
    # = rfc6940:6.3.2.3/3
    _refuse_critical(options, DESTINATION_CRITICAL, understood)


def copied_to_response(options: Iterable[ForwardingOption]) -> tuple[ForwardingOption, ...]:
    """The options that the response must carry, the three flags cleared."""
    # = rfc6940:6.3.2.3/4a
    # = rfc6940:6.3.2.3/4b
    return tuple(each._replace(flags=each.flags & ~CRITICAL_OR_COPY) for each in options if each.flags & RESPONSE_COPY)


def refuse_in_response(options: Iterable[ForwardingOption]) -> None:
    """A response must not carry any of the three flags; UnsupportedForwardingOption, to which no answer is owed."""
    # = rfc6940:6.3.2.3/1
    for each in options:
        if each.flags & CRITICAL_OR_COPY:
            refusal: Refusal = UnsupportedForwardingOption(
                "a flag is set in a response", where="ForwardingOption.flags"
            )
            refusal.error_code = None
            raise refusal


def _refuse_critical(options: Iterable[ForwardingOption], flag: int, understood: Container[int]) -> None:
    for each in options:
        if each.flags & flag and each.type not in understood:
            raise UnsupportedForwardingOption(f"option {int(each.type)} is critical", where="ForwardingOption.type")
