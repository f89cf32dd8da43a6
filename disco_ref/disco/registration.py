"""Which focuses serve a conference (draft-knauf-p2psip-disco-00, sections 4.1 and 6).

The draft leaves it to the reader that ``length`` counts the octets of ``data`` and nothing else; and since the
switch of ``data`` stands outside of it, ``DisCoRegistrationData`` is read only inside a DisCoRegistration.
"""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple

from disco_ref.notation.context import DataModel
from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Counted, Select, Unknown, Vec16, enumeration, opaque16
from disco_ref.reload.ids import resource_id
from disco_ref.reload.message.destination import Destination

# = disco00:11/0
DISCO_REGISTRATION = 0xF0000001
"""The Kind-ID we propose where a configuration document names none; from the private range."""

# = disco00:6/0
DISCO_MODEL = DataModel.dictionary
"""The data model of DISCO-REGISTRATION: a dictionary by the Node-ID of the focus (section 6)."""


# = disco00:4.1/0
@enumeration(8)
class DisCoRegistrationType(enum.IntEnum):
    """What a registration points to."""

    sip_focus_uri = 1
    sip_focus_node_id = 2


# = disco00:4.1/0
@struct
class DisCoRegistrationData(NamedTuple):
    """A focus: where it is in the network, and how to reach it."""

    # = disco00:4.2/0
    coordinate: opaque16
    """Its network coordinate, opaque here."""
    focus: Annotated[
        bytes | tuple[Destination, ...] | Unknown,
        Select(
            "type",
            {
                DisCoRegistrationType.sip_focus_uri: {"uri": opaque16},
                DisCoRegistrationType.sip_focus_node_id: {"destination_list": Vec16[Destination]},
            },
            extensible=True,
            printed_switch="DisCoRegistrationType.type",
        ),
    ]
    """Its URI, or the Destination List that leads to it."""


# = disco00:4.1/0
@struct
class DisCoRegistration(NamedTuple):
    """The value of the Kind DISCO-REGISTRATION."""

    type: DisCoRegistrationType | int
    """What it points to."""
    data: Annotated[DisCoRegistrationData, Counted(16)]
    """The focus."""


def conference_resource_id(user_at_domain: str) -> bytes:
    """Where a conference is registered: the hash of its URI without scheme, as USER-MATCH compares it."""
    # = disco00:6/0
    return resource_id(user_at_domain)
