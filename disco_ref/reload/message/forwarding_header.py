"""The forwarding header (RFC 6940, section 6.3.2)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.context import Context
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Hoisted16, uint8, uint16, uint32, uint64
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.forwarding_option import ForwardingOption

RELO_TOKEN = 0xD2454C4F
"""``RELO`` with the first bit set: what makes octets a RELOAD message."""

VERSION = 0x0A
"""Version 1.0, times 10."""

ALWAYS_SET = 0x80000000
"""The bit of ``fragment`` that every message sets."""

LAST_FRAGMENT = 0x40000000
"""The bit of ``fragment`` that the last or only fragment sets."""

FRAGMENT_OFFSET = 0x00FFFFFF
"""The bits of ``fragment`` that hold the offset, in octets after the forwarding header (section 6.7)."""

WHOLE = ALWAYS_SET | LAST_FRAGMENT
"""``fragment`` of a message in one piece."""

FIXED_LENGTH = 38
"""Octets before the lists."""


class NotReload(Malformed):
    """The octets are no RELOAD message; nobody is owed an answer."""


class IncompatibleWithOverlay(Refusal):
    """Another version or another overlay (Error_Incompatible_with_Overlay)."""

    error_code = 6


class TTLExceeded(Refusal):
    """More hops left than the overlay admits, or none (Error_TTL_Exceeded)."""

    error_code = 10


class MessageTooLarge(Refusal):
    """Larger than the overlay admits (Error_Message_Too_Large)."""

    error_code = 11


class BadHeader(Malformed):
    """A field of the header contradicts the rest of the message (Error_Invalid_Message)."""

    error_code = 20


# = rfc6940:6.3.2/0
@struct
class ForwardingHeader(NamedTuple):
    """What a message needs to find its way; copied into every fragment (section 6.3.2).

    Refused when read: another token (NotReload), version or overlay (IncompatibleWithOverlay), a first fragment bit
    that is clear (NotReload), a ttl beyond the initial one (TTLExceeded), a message beyond the maximum size
    (MessageTooLarge), a Resource-ID anywhere but at the end of the Destination List, a node twice in it (BadHeader).
    """

    relo_token: uint32
    """RELO_TOKEN."""
    overlay: uint32
    """The hash of the overlay's name."""
    configuration_sequence: uint16
    """The sequence number of the sender's configuration document."""
    version: uint8
    """VERSION."""
    ttl: uint8
    """Hops left."""
    fragment: uint32
    """The first bit is set; then a bit for the last fragment, six reserved bits, and the offset in octets."""
    length: uint32
    """Octets of this message or fragment, the header included."""
    transaction_id: uint64
    """Random; the same in request, response and all their fragments."""
    max_response_length: uint32
    """Octets the response may have, 0 for any number."""
    via_list: Hoisted16[Destination]
    """Where the message has been."""
    destination_list: Hoisted16[Destination]
    """Where it shall go, next place first."""
    options: Hoisted16[ForwardingOption]
    """Forwarding options."""

    @staticmethod
    def refuse(value: ForwardingHeader, context: Context, offset: int) -> None:
        """Raise what a receiver owes for a header that it must not take."""
        if value.relo_token != RELO_TOKEN:
            # = rfc6940:6.3.2/1
            raise NotReload("this is no RELOAD message", where="ForwardingHeader.relo_token", offset=offset)
        if value.version != VERSION:
            # = rfc6940:6.3.2/4
            why = f"version {value.version / 10} is not 1.0"
            raise IncompatibleWithOverlay(why, where="ForwardingHeader.version", offset=offset + 10)
        if context.overlay is not None and value.overlay != context.overlay:
            # = rfc6940:6.1/1
            raise IncompatibleWithOverlay(
                f"overlay {value.overlay:08x} is not ours", where="ForwardingHeader.overlay", offset=offset + 4
            )
        if not value.fragment & ALWAYS_SET:
            # = rfc6940:6.7/7b
            # = rfc6940:6.3.2/9
            # = rfc6940:6.7/9
            why = "the first bit is not set"
            raise NotReload(why, where="ForwardingHeader.fragment", offset=offset + 12)
        if value.ttl > context.initial_ttl:
            # = rfc6940:6.3.2/8
            why = f"{value.ttl} hops are more than the overlay's {context.initial_ttl}"
            raise TTLExceeded(why, where="ForwardingHeader.ttl", offset=offset + 11)
        if context.max_message_size is not None and value.length > context.max_message_size:
            # = rfc6940:6.6/1
            why = f"{value.length} bytes are more than the overlay's {context.max_message_size}"
            raise MessageTooLarge(why, where="ForwardingHeader.length", offset=offset + 16)
        _refuse_misplaced_resource(value, offset)
        if len(value.destination_list) > 1:
            _refuse_loop(value, offset)


def _refuse_misplaced_resource(value: ForwardingHeader, offset: int) -> None:
    resource = DestinationType.resource
    for each in value.via_list:
        if each.type is resource:
            # = rfc6940:6.3.2.2/4b
            where = "ForwardingHeader.via_list"
            raise BadHeader("a Resource-ID in a Via List", where=where, offset=offset + FIXED_LENGTH)
    for each in value.destination_list[:-1]:
        if each.type is resource:
            # = rfc6940:6.3.2.2/4a
            where = "ForwardingHeader.destination_list"
            # = rfc6940:6.1.1/1
            refusal: Refusal = BadHeader(
                "a Resource-ID before the end of a Destination List", where=where, offset=offset
            )
            # = rfc6940:6.1.1/2
            refusal.error_code = None
            raise refusal


def _refuse_loop(value: ForwardingHeader, offset: int) -> None:
    """Refuse a node that stands twice; opaque IDs are each node's own, so two that are equal are no loop."""
    # = rfc6940:13.6.5/2
    nodes = [each.destination_data for each in value.destination_list if each.type is DestinationType.node]
    if len(set(nodes)) < len(nodes):
        where = "ForwardingHeader.destination_list"
        raise BadHeader("a node twice in a Destination List", where=where, offset=offset + FIXED_LENGTH)
