"""RouteQuery: asking a peer where it would route (RFC 6940, section 6.4.2.4)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import opaque16
from disco_ref.reload.message.destination import Destination


# = rfc6940:6.4.2.4.1/0
@struct
class RouteQueryReq(NamedTuple):
    """A question for the next hop towards a destination (section 6.4.2.4.1)."""

    send_update: bool
    """True to ask for an Update as well."""
    destination: Destination
    """Any destination."""
    overlay_specific_data: opaque16
    """What the overlay algorithm adds; nothing for CHORD-RELOAD."""
