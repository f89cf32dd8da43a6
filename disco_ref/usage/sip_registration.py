"""Where a user of SIP can be reached (RFC 7904, section 7, recalled: the text is not at hand, three implementations agree)."""

from __future__ import annotations

import enum
from typing import Annotated, NamedTuple, TypeAlias

from disco_ref.notation.layout import struct
from disco_ref.notation.presentation import Counted, Select, Unknown, Vec16, enumeration, opaque16
from disco_ref.reload.message.destination import Destination


# = rfc7904:7/0
@enumeration(8)
class SipRegistrationType(enum.IntEnum):
    """What a registration points to."""

    sip_registration_uri = 1
    sip_registration_route = 2


class SipRegistrationUri(NamedTuple):
    """Another address-of-record."""

    uri: opaque16
    """Its URI."""


class SipRegistrationRoute(NamedTuple):
    """A way to the user's peer."""

    contact_prefs: opaque16
    """The peer's capabilities and preferences."""
    destination_list: Vec16[Destination]
    """The way."""


# = rfc7904:7/0
SipRegistrationData: TypeAlias = Annotated[
    SipRegistrationUri | SipRegistrationRoute | Unknown,
    Select(
        "type",
        {
            SipRegistrationType.sip_registration_uri: SipRegistrationUri,
            SipRegistrationType.sip_registration_route: SipRegistrationRoute,
        },
        extensible=True,
        name="SipRegistrationData",
    ),
]
"""What the registration holds."""


# = rfc7904:7/0
@struct
class SipRegistration(NamedTuple):
    """The value of the Kind SIP-REGISTRATION, in a dictionary by Node-ID."""

    type: SipRegistrationType | int
    """What it points to."""
    data: Annotated[SipRegistrationData, Counted(16)]
    """What it holds."""
