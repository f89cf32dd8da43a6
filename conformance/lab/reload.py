"""Structs, whole messages, links and fragments of RELOAD (RFC 6940, sections 6.3, 6.6.2, 6.7), by struct text."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.lab import rules
from conformance.lab.context import Context, codes
from conformance.lab.presentation.decoding import Decoder, Span
from conformance.lab.presentation.definitions import Definitions, specified
from conformance.lab.presentation.encoding import Encoder, octets_of
from conformance.lab.presentation.refusal import Json, LabRefusal

_LARGEST = 0x00FFFFFF
"""Bytes of a message that fragments can carry: their offset has 24 bits."""


def decode_struct(name: str, octets: bytes, context: Context, definitions: Definitions | None = None) -> Json:
    """The value of a struct that fills the bytes; KeyError where none that stands alone has the name."""
    known = definitions or specified()
    if not known.stands_alone(name):
        raise KeyError(name)
    return Decoder(known, context, rules.check).whole(name, octets)


def encode_struct(name: str, value: Json, context: Context, definitions: Definitions | None = None) -> bytes:
    """The bytes of a struct; KeyError where no struct has the name."""
    return Encoder(definitions or specified(), context).whole(name, value)


@dataclass(slots=True)
class Message:
    """A message with the bytes it came in: what signatures are taken over is in ``trace``."""

    octets: bytes
    header: dict[str, Json]
    contents: dict[str, Json]
    security: dict[str, Json]
    trace: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Path to the stretch of bytes, of every field and struct."""

    def bytes_of(self, where: str) -> bytes:
        """The bytes of a field or struct, as they were received."""
        start, end = self.trace[where]
        return self.octets[start:end]

    @property
    def value(self) -> dict[str, Json]:
        """The normal form of ``SUBJECT.md``."""
        return {"forwarding_header": self.header, "message_contents": self.contents, "security_block": self.security}


def read_header(
    octets: bytes, context: Context, trace: dict[str, tuple[int, int]] | None = None
) -> tuple[dict[str, Json], int]:
    """The forwarding header at the start of a message or fragment, and where it ends."""
    span = Span(octets, 0, len(octets))
    decoder = Decoder(specified(), context, rules.check, trace)
    header = decoder.leading("ForwardingHeader", span, "forwarding_header")
    rules.check_length(header, len(octets))
    return header, span.at


def read_message(octets: bytes, context: Context) -> Message:
    """A whole message; LabRefusal where it is malformed or only a fragment."""
    trace: dict[str, tuple[int, int]] = {}
    header, end = read_header(octets, context, trace)
    rules.check_whole(header)
    decoder = Decoder(specified(), context, rules.check, trace)
    span = Span(octets, end, len(octets))
    contents = decoder.leading("MessageContents", span, "message_contents")
    security = decoder.leading("SecurityBlock", span, "security_block")
    span.finish("security_block")
    rules.check_contents(header, contents)
    name = codes().messages.get(rules.number(contents["message_code"]))
    if name is not None:
        start, stop = trace["message_contents.message_body"]
        body = Span(octets, start + 4, stop)
        where = "message_contents.message_body"
        contents["message_body"] = decoder.leading(name, body, where)
        body.finish(where)
        trace[where] = (start, stop)
        rules.check_body(rules.number(contents["message_code"]), contents["message_body"])
    return Message(octets, header, contents, security, trace)


def decode_message(octets: bytes, context: Context) -> Json:
    """The value of a whole message."""
    return read_message(octets, context).value


def encode_message(value: Json, context: Context) -> bytes:
    """The bytes of a message; ``length`` of the header is computed where it is missing."""
    header, contents = rules.member(value, "forwarding_header"), rules.member(value, "message_contents")
    if not isinstance(header, dict) or not isinstance(contents, dict):
        raise LabRefusal("message", None, "not an object of forwarding_header, message_contents, security_block")
    encoder = Encoder(specified(), context)
    body = contents.get("message_body")
    name = codes().messages.get(rules.number(contents.get("message_code")))
    if name is not None and not isinstance(body, str):
        body = encoder.whole(name, body).hex()
    rest = encoder.whole("MessageContents", {**contents, "message_body": body})
    rest += encoder.whole("SecurityBlock", rules.member(value, "security_block"))
    first = encoder.whole("ForwardingHeader", {**header, "length": 0})
    length = header.get("length", len(first) + len(rest))
    return encoder.whole("ForwardingHeader", {**header, "length": length}) + rest


def decode_framed(octets: bytes, context: Context) -> Json:
    """The frames at the start of a link's bytes (section 6.6.2), and what is left of an incomplete one."""
    span = Span(octets, 0, len(octets))
    decoder = Decoder(specified(), context)
    frames: list[Json] = []
    while span.left and _complete(octets, span.at):
        frames.append(decoder.leading("FramedMessage", span, f"frames[{len(frames)}]"))
    return {"frames": frames, "rest": octets[span.at :].hex()}


def _complete(octets: bytes, at: int) -> bool:
    """Whether a frame of a known type has all its bytes; an unknown type is left to the decoder to refuse."""
    if octets[at] == 128:
        return len(octets) - at >= 8 and len(octets) - at - 8 >= int.from_bytes(octets[at + 5 : at + 8])
    return octets[at] != 129 or len(octets) - at >= 9


def encode_framed(value: Json, context: Context) -> bytes:
    """The bytes of frames, and of an incomplete one after them."""
    encoder = Encoder(specified(), context)
    frames = b"".join(encoder.whole("FramedMessage", frame) for frame in rules.objects(rules.member(value, "frames")))
    return frames + octets_of(rules.member(value, "rest") or "", "rest")


def reassemble(parts: list[bytes], context: Context) -> bytes:
    """The whole message of fragments in any order (section 6.7); LabRefusal where they do not make one.

    A fragment that came twice is harmless; gaps, overlaps that differ and a missing end are not.
    """
    if not parts:
        raise LabRefusal("parts", None, "there are none")
    pieces: list[tuple[int, bytes]] = []
    size: int | None = None
    first: tuple[dict[str, Json], int, bytes] | None = None
    for index, part in enumerate(parts):
        header, end = read_header(part, context)
        fragment = rules.number(header["fragment"])
        offset, body, where = fragment & rules.OFFSET, part[end:], f"parts[{index}]"
        if first is not None and header["transaction_id"] != first[0]["transaction_id"]:
            raise LabRefusal(where, 20, "a fragment of another transaction")
        pieces.append((offset, body))
        if fragment & rules.LAST_FRAGMENT:
            if size not in (None, offset + len(body)):
                raise LabRefusal(where, 12, "a second last fragment")
            size = offset + len(body)
        if first is None or offset == 0:
            first = (header, end, part)
    return _joined(pieces, size, first, context)


def _joined(
    pieces: list[tuple[int, bytes]],
    size: int | None,
    first: tuple[dict[str, Json], int, bytes] | None,
    context: Context,
) -> bytes:
    # = rfc6940:6.7/6
    if size is None or first is None:
        raise LabRefusal("parts", None, "the last fragment is missing", clause="rfc6940:6.7/6")
    body = bytearray()
    for offset, piece in sorted(pieces):
        if offset > len(body):
            raise LabRefusal("parts", None, f"bytes {len(body)} to {offset} are missing")
        overlap = min(len(body) - offset, len(piece))
        if body[offset : offset + overlap] != piece[:overlap]:
            raise LabRefusal("parts", None, f"fragments overlap at {offset} and differ")
        body += piece[overlap:]
    if len(body) != size or size > _LARGEST:
        raise LabRefusal("parts", None, f"{len(body)} bytes where the last fragment ends at {size}")
    header, end, _ = first
    whole = {**header, "fragment": rules.WHOLE, "length": end + size}
    return Encoder(specified(), context).whole("ForwardingHeader", whole) + bytes(body)
