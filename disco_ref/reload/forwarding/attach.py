"""Attach: forming a RELOAD connection (RFC 6940, section 6.5.1)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.context import Context
from disco_ref.notation.cursor import BadValue
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Vec16, opaque8
from disco_ref.reload.forwarding.ice import WITHOUT_ICE, IceCandidate, OverlayLinkType


# = rfc6940:6.5.1.1/0
@struct
class AttachReqAns(NamedTuple):
    """The ICE parameters of one side; request and answer have the same layout.

    Refused when read: candidates for ICE mixed with candidates that do without (BadValue).
    """

    ufrag: opaque8
    """The username fragment."""
    password: opaque8
    """The password."""
    role: opaque8
    """``passive`` in requests, ``active`` in answers."""
    candidates: Vec16[IceCandidate]
    """The ways to reach the sender."""
    send_update: bool
    """True to ask for an Update once connected."""

    @staticmethod
    def refuse(value: AttachReqAns, context: Context, offset: int) -> None:
        """Refuse candidates for ICE beside candidates without."""
        links = {each.overlay_link for each in value.candidates}
        if OverlayLinkType.DTLS_UDP_SR in links and not links.isdisjoint(WITHOUT_ICE):
            # = rfc6940:6.5.1.1/4
            why = "candidates with ICE beside candidates without"
            raise BadValue(why, where="AttachReqAns.candidates", offset=offset)
