"""The registries of RELOAD, in the order of the specification (RFC 6940, section 14).

Enums of the struct text stand with their structs; here is what the registries add to them, experimental code points
among it, which must not be used in operation.
"""

from __future__ import annotations

import enum

# = rfc6940:14.2/0
PORT = 6084
"""The port of reload-config (section 14.2)."""


# = rfc6940:14.3/0
class OverlayAlgorithm(enum.StrEnum):
    """Overlay algorithm types (section 14.3)."""

    CHORD_RELOAD = "CHORD-RELOAD"
    EXP_OVERLAY = "EXP-OVERLAY"


# = rfc6940:14.4/0
class AccessPolicy(enum.StrEnum):
    """Access control policies (section 14.4)."""

    USER_MATCH = "USER-MATCH"
    NODE_MATCH = "NODE-MATCH"
    USER_NODE_MATCH = "USER-NODE-MATCH"
    NODE_MULTIPLE = "NODE-MULTIPLE"
    EXP_MATCH = "EXP-MATCH"


# = rfc6940:14.5/0
class ApplicationId(enum.IntEnum):
    """Application-IDs (section 14.5)."""

    INVALID = 0
    SIP = 5060
    SIP_5061 = 5061
    RESERVED = 65535


# = rfc6940:14.6/0
class DataKind(enum.IntEnum):
    """Kind-IDs (section 14.6; SIP-REGISTRATION by RFC 7904)."""

    INVALID = 0
    SIP_REGISTRATION = 1
    TURN_SERVICE = 2
    CERTIFICATE_BY_NODE = 3
    CERTIFICATE_BY_USER = 0x10
    RESERVED_EXPERT = 0x7FFFFFFF
    RESERVED_PRIVATE = 0xFFFFFFFE


# = rfc6940:14.7/0
class DataModelName(enum.StrEnum):
    """Data models as configuration documents name them (section 14.7)."""

    INVALID = "INVALID"
    SINGLE = "SINGLE"
    ARRAY = "ARRAY"
    DICTIONARY = "DICTIONARY"
    EXP_DATA = "EXP-DATA"
    RESERVED = "RESERVED"


# = rfc6940:14.8/0
class MessageCode(enum.IntEnum):
    """Message codes; a request is odd, its answer one more (section 14.8)."""

    invalidMessageCode = 0x0
    probe_req = 0x1
    probe_ans = 0x2
    attach_req = 0x3
    attach_ans = 0x4
    store_req = 0x7
    store_ans = 0x8
    fetch_req = 0x9
    fetch_ans = 0xA
    find_req = 0xD
    find_ans = 0xE
    join_req = 0xF
    join_ans = 0x10
    leave_req = 0x11
    leave_ans = 0x12
    update_req = 0x13
    update_ans = 0x14
    route_query_req = 0x15
    route_query_ans = 0x16
    ping_req = 0x17
    ping_ans = 0x18
    stat_req = 0x19
    stat_ans = 0x1A
    app_attach_req = 0x1D
    app_attach_ans = 0x1E
    config_update_req = 0x21
    config_update_ans = 0x22
    exp_a_req = 0x23
    exp_a_ans = 0x24
    exp_b_req = 0x25
    exp_b_ans = 0x26
    error = 0xFFFF


# = rfc6940:14.9/0
class ErrorCode(enum.IntEnum):
    """Error codes (section 14.9)."""

    invalidErrorCode = 0x0
    Error_Forbidden = 0x2
    Error_Not_Found = 0x3
    Error_Request_Timeout = 0x4
    Error_Generation_Counter_Too_Low = 0x5
    Error_Incompatible_with_Overlay = 0x6
    Error_Unsupported_Forwarding_Option = 0x7
    Error_Data_Too_Large = 0x8
    Error_Data_Too_Old = 0x9
    Error_TTL_Exceeded = 0xA
    Error_Message_Too_Large = 0xB
    Error_Unknown_Kind = 0xC
    Error_Unknown_Extension = 0xD
    Error_Response_Too_Large = 0xE
    Error_Config_Too_Old = 0xF
    Error_Config_Too_New = 0x10
    Error_In_Progress = 0x11
    Error_Exp_A = 0x12
    Error_Exp_B = 0x13
    Error_Invalid_Message = 0x14


# = rfc6940:14.10/0
class OverlayLink(enum.IntEnum):
    """Overlay link types (section 14.10)."""

    INVALID_PROTOCOL = 0
    DTLS_UDP_SR = 1
    DTLS_UDP_SR_NO_ICE = 3
    TLS_TCP_FH_NO_ICE = 4
    EXP_LINK = 5
    RESERVED = 255


# = rfc6940:14.11/0
class OverlayLinkProtocol(enum.StrEnum):
    """Overlay link protocols as configuration documents name them (section 14.11)."""

    TLS = "TLS"
    EXP_PROTOCOL = "EXP-PROTOCOL"


# = rfc6940:14.12/0
class ForwardingOptionCode(enum.IntEnum):
    """Forwarding options (section 14.12)."""

    invalidForwardingOption = 0
    exp_forward = 1
    RESERVED = 255


# = rfc6940:14.13/0
class ProbeInformationCode(enum.IntEnum):
    """Probe information types (section 14.13)."""

    invalidProbeOption = 0
    responsible_set = 1
    num_resources = 2
    uptime = 3
    exp_probe = 4
    RESERVED = 255


# = rfc6940:14.14/0
class MessageExtensionCode(enum.IntEnum):
    """Message extensions (section 14.14)."""

    invalidMessageExtensionType = 0x0
    exp_ext = 0x1
    RESERVED = 0xFFFF
