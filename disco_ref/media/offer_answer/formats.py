"""Media formats: payload type numbers and the codecs they stand for (RFC 3264, sections 5.1 and 6.1; RFC 3551, section 6)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from disco_ref.media.sdp import Attribute, MediaDescription

LARGEST_PAYLOAD_TYPE = 127
"""Seven bits of the RTP header (RFC 3550, section 5.1)."""


class Codec(NamedTuple):
    """An encoding by its registered name; names are compared without regard to case (RFC 4566, section 6)."""

    name: str
    """As registered, such as ``PCMU``."""
    clock_rate: int
    """Hertz of the RTP timestamp."""
    channels: int = 1
    variant: str = ""
    """What two formats of this encoding must agree in to be the same: packetization-mode of H264 (RFC 6184, from memory)."""

    @property
    def key(self) -> Codec:
        """The same codec, its name in lower case: what is compared."""
        name, clock_rate, channels, variant = self
        return Codec(name.lower(), clock_rate, channels, variant)


class Format(NamedTuple):
    """A codec under a payload type number."""

    number: int
    """0 to 127; 96 and above are dynamic, 0 to 95 static."""
    codec: Codec
    parameters: str | None = None
    """The value of ``a=fmtp`` behind the number; None where there is none."""


def _static(*rows: tuple[int, str, int]) -> Mapping[int, Codec]:
    return MappingProxyType({number: Codec(name, clock_rate) for number, name, clock_rate in rows})


STATIC = MappingProxyType(
    {
        **_static((0, "PCMU", 8000), (3, "GSM", 8000), (4, "G723", 8000), (5, "DVI4", 8000), (6, "DVI4", 16000)),
        **_static((7, "LPC", 8000), (8, "PCMA", 8000), (9, "G722", 8000), (11, "L16", 44100), (12, "QCELP", 8000)),
        **_static((13, "CN", 8000), (14, "MPA", 90000), (15, "G728", 8000), (16, "DVI4", 11025), (17, "DVI4", 22050)),
        **_static((18, "G729", 8000), (25, "CelB", 90000), (26, "JPEG", 90000), (28, "nv", 90000), (31, "H261", 90000)),
        **_static((32, "MPV", 90000), (33, "MP2T", 90000), (34, "H263", 90000)),
        10: Codec("L16", 44100, 2),
    }
)
"""The static payload types (RFC 3551, tables 4 and 5)."""


def formats(media: MediaDescription) -> tuple[Format, ...]:
    """What the ``m=`` line lists, in its order; a number that nothing maps to a codec is left out, and so is what is no number."""
    maps = _by_number(media.attributes, "rtpmap")
    parameters = _by_number(media.attributes, "fmtp")
    found: dict[int, Format] = {}
    for text in media.formats:
        number = _number(text)
        if number is None or number in found:
            continue
        codec = _mapped(maps[number]) if number in maps else STATIC.get(number)
        if codec is not None:
            told = parameters.get(number)
            found[number] = Format(number, _varied(codec, told), told)
    return tuple(found.values())


# = rfc3264:5.1/11
# = rfc3264:5.1/12
# = rfc3264:6.1/14a
# = rfc3264:6.1/14b
def described(listed: tuple[Format, ...]) -> tuple[Attribute, ...]:
    """The attributes of the formats: ``rtpmap`` of each, static ones too, and ``fmtp`` where there are parameters."""
    found: list[Attribute] = []
    for one in listed:
        channels = f"/{one.codec.channels}" if one.codec.channels != 1 else ""
        found.append(Attribute(name="rtpmap", value=f"{one.number} {one.codec.name}/{one.codec.clock_rate}{channels}"))
        if one.parameters is not None:
            found.append(Attribute(name="fmtp", value=f"{one.number} {one.parameters}"))
    return tuple(found)


def _by_number(attributes: tuple[Attribute, ...], name: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for one in attributes:
        if one.name == name and one.value is not None:
            text, _, rest = one.value.partition(" ")
            number = _number(text)
            if number is not None and rest:
                found.setdefault(number, rest)
    return found


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 3):
        return None
    number = int(text)
    return number if number <= LARGEST_PAYLOAD_TYPE else None


def _mapped(text: str) -> Codec | None:
    name, _, rest = text.strip().partition("/")
    rate, _, channels = rest.partition("/")
    if not (name and rate.isascii() and rate.isdigit() and len(rate) <= 9 and int(rate)):
        return None
    # Video has no channels; what stands there for audio and is no number counts as one channel.
    count = int(channels) if channels.isascii() and channels.isdigit() and len(channels) <= 3 else 1
    return Codec(name, int(rate), count)


def _varied(codec: Codec, parameters: str | None) -> Codec:
    """The codec with what its parameters say of the variant; only H264 has some."""
    if codec.name.lower() != "h264":
        return codec
    for part in (parameters or "").split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "packetization-mode":
            return codec._replace(variant=value.strip())
    return codec._replace(variant="0")
