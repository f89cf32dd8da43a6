"""The second part of a message: code, body, extensions (RFC 6940, section 6.3.3)."""

from __future__ import annotations

import enum
from collections.abc import Container, Iterable
from typing import Annotated, NamedTuple

from disco_ref.errors import Refusal
from disco_ref.notation.context import Context
from disco_ref.notation.cursor import BadValue
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Content, Opaque, Vec32, enumeration, opaque32, uint16
from disco_ref.reload.forwarding.attach import AttachReqAns
from disco_ref.reload.message.bodies import Body, bodies

ERROR = 0xFFFF
"""The code of every error response."""


# = rfc6940:6.5.1.1/1
ATTACH_ROLES = {3: b"passive", 4: b"active"}
"""The role in an Attach request and in its answer (section 6.5.1.1)."""


class UnknownExtension(Refusal):
    """A critical extension that is not understood (Error_Unknown_Extension)."""

    error_code = 13


# = rfc6940:6.3.3/0
@enumeration(16)
class MessageExtensionType(enum.IntEnum):
    """The type of an extension; RFC 6940 defines none."""

    invalidMessageExtensionType = 0


# = rfc6940:6.3.3/0
@struct
class MessageExtension(NamedTuple):
    """An extension of a message."""

    type: MessageExtensionType | int
    """Its type."""
    critical: bool
    """True where the recipient must understand it."""
    extension_contents: opaque32
    """Its contents."""


# = rfc6940:6.3.3/0
@struct
class MessageContents(NamedTuple):
    """Code, body and extensions, the body left as octets."""

    message_code: uint16
    """What the message is: odd for requests, even for responses, 0xffff for errors."""
    message_body: opaque32
    """The octets of the struct that the code names."""
    extensions: Vec32[MessageExtension]
    """The extensions."""


# = rfc6940:6.3.3/0
@struct(name="MessageContents")
class Contents(NamedTuple):
    """Code, body and extensions, the body read as the struct that its code names."""

    message_code: uint16
    """What the message is; 0 is refused."""
    message_body: Annotated[Body, Opaque(32), Content("message_code", bodies)]
    """The struct; octets where the code is not known."""
    extensions: Vec32[MessageExtension]
    """The extensions."""

    @staticmethod
    def refuse(value: Contents, context: Context, offset: int) -> None:
        """Refuse the code that is never assigned, and an Attach in the role of the other side."""
        if value.message_code == 0:
            # = rfc6940:14.8/0
            raise BadValue("0 is no message code", where="MessageContents.message_code", offset=offset)
        role = ATTACH_ROLES.get(value.message_code)
        if role is not None and isinstance(value.message_body, AttachReqAns) and value.message_body.role != role:
            # = rfc6940:6.5.1.1/1
            why = f"the role is {value.message_body.role!r} and not {role!r}"
            raise BadValue(why, where="AttachReqAns.role", offset=offset)


def is_request(message_code: int) -> bool:
    """Whether the code is one of a request (section 14.8)."""
    # = rfc6940:14.8/0
    return message_code % 2 == 1 and message_code < 0x8000


def refuse_extensions(extensions: Iterable[MessageExtension], understood: Container[int] = ()) -> None:
    """What a recipient must ask before it processes a message; UnknownExtension where it must not."""
    # = rfc6940:6.3.3/1
    for each in extensions:
        # = rfc6940:6.3.3/2
        if each.critical and each.type not in understood:
            why = f"extension {int(each.type)} is critical"
            raise UnknownExtension(why, where="MessageContents.extensions")
