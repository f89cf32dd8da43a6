"""The harness' own SIP: a lenient reader that lists deviations, a strict decoder, a builder that refuses nothing."""

from conformance.lab.sip.build import build, digest_response
from conformance.lab.sip.decode import FORMATS, decode, message_value, strict
from conformance.lab.sip.deviation import Deviation, LabRefusal, Misread
from conformance.lab.sip.follow import Stream
from conformance.lab.sip.message import Field, Message
from conformance.lab.sip.reading import looks_like_sip, read_message, take_message

__all__ = [
    "FORMATS",
    "Deviation",
    "Field",
    "LabRefusal",
    "Message",
    "Misread",
    "Stream",
    "build",
    "decode",
    "digest_response",
    "looks_like_sip",
    "message_value",
    "read_message",
    "strict",
    "take_message",
]
