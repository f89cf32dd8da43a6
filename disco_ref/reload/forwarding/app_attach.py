"""AppAttach: forming a connection for an application (RFC 6940, section 6.5.2)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Vec16, opaque8, uint16
from disco_ref.reload.forwarding.ice import IceCandidate


# = rfc6940:6.5.2.1/0
@struct
class AppAttachReq(NamedTuple):
    """The ICE parameters of the side that asks (section 6.5.2.1)."""

    ufrag: opaque8
    """The username fragment."""
    password: opaque8
    """The password."""
    application: uint16
    """The Application-ID, 5060 for SIP (section 14.5)."""
    role: opaque8
    """``active``, ``passive`` or ``actpass``."""
    candidates: Vec16[IceCandidate]
    """The ways to reach the sender."""


# = rfc6940:6.5.2.2/0
@struct
class AppAttachAns(NamedTuple):
    """The ICE parameters of the side that answers (section 6.5.2.2)."""

    ufrag: opaque8
    """The username fragment."""
    password: opaque8
    """The password."""
    application: uint16
    """The Application-ID."""
    role: opaque8
    """``active``, ``passive`` or ``actpass``."""
    candidates: Vec16[IceCandidate]
    """The ways to reach the sender."""
