"""The directions of a stream, as the side that says them sees it (RFC 3264, sections 5.1 and 6.1)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from disco_ref.media.sdp import Attribute


# = rfc3264:5.1/0
class Direction(StrEnum):
    """Which ways media may go."""

    sendrecv = "sendrecv"
    sendonly = "sendonly"
    recvonly = "recvonly"
    inactive = "inactive"

    @classmethod
    def of(cls, sends: bool, receives: bool) -> Direction:
        """The direction of one who sends, receives, does both or neither."""
        if sends:
            return cls.sendrecv if receives else cls.sendonly
        return cls.recvonly if receives else cls.inactive

    @property
    def sends(self) -> bool:
        """Whether the side that says this sends media."""
        return self in (Direction.sendrecv, Direction.sendonly)

    @property
    def receives(self) -> bool:
        """Whether the side that says this wants media."""
        return self in (Direction.sendrecv, Direction.recvonly)

    @property
    def reversed(self) -> Direction:
        """The same as the other side sees it."""
        return Direction.of(self.receives, self.sends)

    def within(self, other: Direction) -> Direction:
        """What both allow, each seen from the same side."""
        return Direction.of(self.sends and other.sends, self.receives and other.receives)


# = rfc3264:6.1/3
# = rfc3264:6.1/4
# = rfc3264:6.1/5
# = rfc3264:6.1/6
# = rfc3264:8.4/1
def answering(offered: Direction, wanted: Direction) -> Direction:
    """The direction of an answer: what we want, as far as the offer allows; a hold is not answered by a hold of ours."""
    return wanted.within(offered.reversed)


def stated(attributes: Iterable[Attribute], default: Direction) -> Direction:
    """What the attributes of a stream or a session say; the last one counts, without one the default."""
    found = default
    for one in attributes:
        if one.value is None and one.name in _NAMES:
            found = _NAMES[one.name]
    return found


_NAMES = {str(one): one for one in Direction}
