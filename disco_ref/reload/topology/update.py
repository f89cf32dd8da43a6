"""Update: telling neighbours what one knows (RFC 6940, section 6.4.2.3).

The body of the request belongs to the overlay algorithm: see :mod:`disco_ref.reload.topology.chord.update`.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.notation.layout import struct


# = rfc6940:6.4.2.3/0
@struct
class UpdateAns(NamedTuple):
    """The empty answer to an Update."""
