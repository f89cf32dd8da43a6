"""Messages to try things on."""

from __future__ import annotations

from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.contents import Contents, MessageExtension
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.envelope import Message
from disco_ref.reload.message.forwarding_header import RELO_TOKEN, VERSION, WHOLE, ForwardingHeader
from disco_ref.reload.message.security_block import SecurityBlock
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.storage.kinds import overlay_context

CONTEXT = overlay_context("overlay.example")
NODE = Destination(DestinationType.node, bytes(range(16)))
RESOURCE = Destination(DestinationType.resource, b"resource")
OVERLAY = CONTEXT.overlay or 0

HEADER = ForwardingHeader(RELO_TOKEN, OVERLAY, 22, VERSION, 100, WHOLE, 0, 0x0102030405060708, 0, (), (NODE,), ())
"""A header that nobody refuses; ``length`` is that of no message."""


def message(code: int, body: Body, *extensions: MessageExtension, header: ForwardingHeader = HEADER) -> Message:
    """A message that nobody signed."""
    return Message(header, Contents(code, body, tuple(extensions)), SecurityBlock((), NOT_SIGNED))
