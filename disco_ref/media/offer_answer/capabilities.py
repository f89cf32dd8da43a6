"""What an agent can do: per media type a port and formats in the order of preference (RFC 3264, sections 5.1, 6.1 and 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from disco_ref.media.offer_answer.formats import STATIC, Codec, Format

EVENTS = "telephone-event"
"""Tones by name (RFC 4733, from memory): no medium of its own, it rides along with a codec."""


@dataclass(frozen=True, slots=True)
class Ability:
    """One media type that the agent knows."""

    media: str
    """``audio`` or ``video``."""
    formats: tuple[Format, ...]
    """What it sends and receives, the preferred one first; dynamic numbers are those of its offers."""
    ports: Mapping[int, int]
    """By address family, 4 or 6: the even port of RTP; RTCP comes on the next one."""
    packet_time: int | None = None
    """Milliseconds, for ``a=ptime``; None: it says nothing."""
    own_order: bool = False
    """Whether its answers list formats in its own order; else in that of the offer."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an agent can do, and from which addresses."""

    hosts: Mapping[int, str]
    """By address family, 4 or 6: the numeric address that descriptions name."""
    abilities: tuple[Ability, ...]
    """In the order of the ``m=`` lines of an offer."""

    def ability(self, media: str) -> Ability | None:
        """What it can do with this media type; None: nothing."""
        for one in self.abilities:
            if one.media == media:
                return one
        return None


AUDIO = (
    Format(0, STATIC[0]),
    Format(8, STATIC[8]),
    Format(101, Codec(EVENTS, 8000), "0-15"),
)
"""What every phone can do (RFC 3551, section 6), and tones."""

VIDEO = (
    Format(96, Codec("VP8", 90000)),
    Format(97, Codec("H264", 90000, variant="1"), "profile-level-id=42e01f;packetization-mode=1"),
    Format(98, Codec("H264", 90000, variant="0"), "profile-level-id=42e01f"),
    Format(99, Codec("H263-1998", 90000)),
    Format(34, STATIC[34]),
)
"""What is passed on without being looked into."""


def speaking(hosts: Mapping[int, str], audio: Mapping[int, int]) -> Capabilities:
    """The capabilities of a telephone, with its ports by address family."""
    return Capabilities(MappingProxyType(dict(hosts)), (Ability("audio", AUDIO, MappingProxyType(dict(audio)), 20),))


def relaying(
    hosts: Mapping[int, str], audio: Mapping[int, int], video: Mapping[int, int] | None = None
) -> Capabilities:
    """The capabilities of one who passes media on undecoded, with the ports by address family.

    Its answers keep its own order: only where all participants use the same codec can they hear each other.
    """
    found = [Ability("audio", AUDIO, MappingProxyType(dict(audio)), 20, own_order=True)]
    if video:
        found.append(Ability("video", VIDEO, MappingProxyType(dict(video)), own_order=True))
    return Capabilities(MappingProxyType(dict(hosts)), tuple(found))
