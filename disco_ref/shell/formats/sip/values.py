"""SIP values as JSON (conformance/SUBJECT.md): URIs and the values of header fields."""

from __future__ import annotations

from collections.abc import Mapping

from disco_ref.shell.formats.format import Json
from disco_ref.sip.header.addressing.contact import Star
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.header.content.content_type import MediaType
from disco_ref.sip.header.content.qualified import Qualified
from disco_ref.sip.header.events.event import Event, SubscriptionState
from disco_ref.sip.header.identity.cseq import CSeq
from disco_ref.sip.header.identity.rack import RAck
from disco_ref.sip.header.identity.replaces import Replaces
from disco_ref.sip.header.identity.via import Via
from disco_ref.sip.header.plain.reference import Reference
from disco_ref.sip.header.plain.retry_after import RetryAfter
from disco_ref.sip.header.plain.timestamp import Timestamp
from disco_ref.sip.header.plain.warning import Warning
from disco_ref.sip.header.security.authorization import AuthenticationInfo, Challenge, Credentials
from disco_ref.sip.uri import SipUri, TelUri, Uri


def uri_value(uri: Uri) -> Json:
    """A URI; BadRequest where its port or a parameter is malformed."""
    if isinstance(uri, SipUri):
        return {
            "scheme": uri.scheme,
            "user": uri.user,
            "password": uri.password,
            "host": uri.host,
            "port": uri.port,
            "parameters": _object(uri.parameters),
            "headers": _object(uri.headers),
        }
    if isinstance(uri, TelUri):
        return {"scheme": "tel", "number": uri.number, "parameters": _object(uri.parameters)}
    return {"scheme": uri.scheme, "opaque": uri.opaque}


def header_value(key: str, value: object) -> Json:
    """One value of a header field; BadRequest where a parameter is malformed."""
    if isinstance(value, int | str):
        return value
    if isinstance(value, Star):
        return str(value)
    if isinstance(value, NameAddr):
        return {
            "display_name": value.display_name,
            "uri": uri_value(value.uri),
            "parameters": _object(value.parameters),
        }
    if isinstance(value, Qualified):
        parameters = _object(value.parameters)
        return (
            value.value if key == "recv-info" and not parameters else {"value": value.value, "parameters": parameters}
        )
    members = _members(value)
    parameters_of = getattr(value, "parameters", None)
    if isinstance(parameters_of, Mapping):
        members["parameters"] = _object(parameters_of)
    return members


def _members(value: object) -> dict[str, Json]:
    """What a value has besides its parameters."""
    match value:
        case Via():
            return {
                "protocol": value.protocol.upper(),
                "transport": value.transport,
                "host": value.host,
                "port": value.port,
            }
        case CSeq():
            return {"number": value.number, "method": value.method}
        case RAck():
            return {"response_number": value.response_number, "cseq_number": value.cseq_number, "method": value.method}
        case MediaType():
            return {"type": value.type_text, "subtype": value.subtype_text}
        case Event():
            return {"package": value.package}
        case SubscriptionState():
            return {"state": value.state}
        case Replaces():
            return {"call_id": value.call_id}
        case Reference():
            return {"uri": value.uri}
        case Credentials() | Challenge():
            return {"scheme": value.scheme}
        case AuthenticationInfo():
            return {}
        case RetryAfter():
            return {"seconds": value.seconds, "comment": value.comment}
        case Timestamp():
            return {"timestamp": value.timestamp, "delay": value.delay}
        case Warning():
            return {"code": value.code, "agent": value.agent, "text": value.text}
        case _:
            return {"text": str(value)}


def _object(parameters: Mapping[str, str | None] | Mapping[str, str]) -> dict[str, Json]:
    return dict(parameters)
