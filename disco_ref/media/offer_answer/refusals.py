"""Why a description is not acceptable: a status and the code of the Warning that says why (RFC 3261, sections 20.43 and 21.4.26)."""

from __future__ import annotations

from enum import IntEnum

from disco_ref.errors import Unexpected


# = rfc3261:20.43/0
class WarningCode(IntEnum):
    """Warnings about session descriptions."""

    INCOMPATIBLE_NETWORK_PROTOCOL = 300
    INCOMPATIBLE_NETWORK_ADDRESS_FORMATS = 301
    INCOMPATIBLE_TRANSPORT_PROTOCOL = 302
    INCOMPATIBLE_BANDWIDTH_UNITS = 303
    MEDIA_TYPE_NOT_AVAILABLE = 304
    INCOMPATIBLE_MEDIA_FORMAT = 305
    ATTRIBUTE_NOT_UNDERSTOOD = 306
    SESSION_DESCRIPTION_PARAMETER_NOT_UNDERSTOOD = 307
    MULTICAST_NOT_AVAILABLE = 330
    UNICAST_NOT_AVAILABLE = 331
    INSUFFICIENT_BANDWIDTH = 370
    MISCELLANEOUS = 399


# = rfc3261:21.4.26/0
class NotAcceptable(Unexpected):
    """An offer of which nothing can be accepted, or an answer that does not fit its offer."""

    status = 488

    def __init__(self, code: WarningCode, why: str, *, where: str = "") -> None:
        super().__init__(why, where=where)
        self.code = code
        """What goes into the Warning."""


class OfferPending(Unexpected):
    """An offer while another one is not answered yet (RFC 3264, section 4)."""

    status = 491
