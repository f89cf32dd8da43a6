"""The formats ``reload.struct``, ``reload.message`` and ``reload.framed`` (conformance/SUBJECT.md; RFC 6940)."""

from __future__ import annotations

from disco_ref.errors import Malformed
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.plain import from_plain, to_plain
from disco_ref.reload.link.framing import FramedMessage, read_frames
from disco_ref.reload.message.envelope import Message, decode_message, encode_message
from disco_ref.shell.formats.format import Context as Given
from disco_ref.shell.formats.format import Format, Json
from disco_ref.shell.formats.reload_context import context_of, octets_member
from disco_ref.shell.formats.reload_security import COMMANDS, reassemble, sign, verify
from disco_ref.shell.formats.reload_structs import BARE, STRUCTS
from disco_ref.shell.formats.unsupported import Unsupported


def _struct(name: str | None) -> type[object]:
    if name is None or name not in STRUCTS:
        raise Unsupported("struct", name or "", STRUCTS)
    return STRUCTS[name]


def decode_struct(name: str | None, octets: bytes, given: Given) -> Json:
    """The struct of this name that fills the octets."""
    cls = _struct(name)
    plain = to_plain(decode(cls, octets, context_of(given)))
    return plain["value"] if cls in BARE else plain


def encode_struct(name: str | None, value: Json, given: Given) -> bytes:
    """The octets of a struct; a value that could not be read again is refused."""
    cls, context = _struct(name), context_of(given)
    octets = encode(from_plain(cls, {"value": value} if cls in BARE else value, context), context)
    decode(cls, octets, context)
    return octets


def reencode_struct(name: str | None, octets: bytes, given: Given) -> bytes:
    """What is written for what was read."""
    context = context_of(given)
    return encode(decode(_struct(name), octets, context), context)


def decode_whole(name: str | None, octets: bytes, given: Given) -> Json:
    """A whole message."""
    return to_plain(decode_message(octets, context_of(given)))


def encode_whole(name: str | None, value: Json, given: Given) -> bytes:
    """The octets of a message; a value that could not be read again is refused. ``length`` may be missing."""
    context = context_of(given)
    if isinstance(value, dict) and isinstance(header := value.get("forwarding_header"), dict):
        value = {**value, "forwarding_header": {**header, "length": 0}}
    octets = encode_message(from_plain(Message, value, context), context)
    decode_message(octets, context)
    return octets


def reencode_whole(name: str | None, octets: bytes, given: Given) -> bytes:
    """What is written for a message that was read."""
    context = context_of(given)
    return encode_message(decode_message(octets, context), context)


def decode_framed(name: str | None, octets: bytes, given: Given) -> Json:
    """The frames of a link's octets, and what is no whole frame yet."""
    frames, rest = read_frames(octets, context_of(given))
    return {"frames": [to_plain(each) for each in frames], "rest": rest.hex()}


def encode_framed(name: str | None, value: Json, given: Given) -> bytes:
    """The octets of frames, and of the rest."""
    frames = value.get("frames") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(frames, list):
        raise Malformed("no array of frames", where="frames")
    context = context_of(given)
    written = tuple(from_plain(FramedMessage, each, context) for each in frames)
    rest = octets_member({"rest": "", **value}, "rest")
    octets = b"".join(encode(each, context) for each in written) + rest
    again = read_frames(octets, context)
    if (tuple(again[0]), again[1]) != (written, rest):
        raise Malformed("this begins with a whole frame", where="rest")
    return octets


def reencode_framed(name: str | None, octets: bytes, given: Given) -> bytes:
    """What is written for frames that were read."""
    context = context_of(given)
    frames, rest = read_frames(octets, context)
    return b"".join(encode(each, context) for each in frames) + rest


FORMATS = {
    "reload.struct": Format(decode_struct, encode_struct, reencode_struct),
    "reload.message": Format(decode_whole, encode_whole, reencode_whole),
    "reload.framed": Format(decode_framed, encode_framed, reencode_framed),
}
"""The formats of RELOAD."""

__all__ = ["COMMANDS", "FORMATS", "reassemble", "sign", "verify"]
