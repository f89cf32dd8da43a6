"""The holding buffer: fragments wait here for the rest of their message (RFC 6940, section 6.7).

A message is known by its transaction and by where it began: the first place of its Via List, else the neighbor, which has
then sent it itself.  The fragments of one message may come by several neighbors, with different lists.
"""

from __future__ import annotations

from collections import OrderedDict

from disco_ref.clock import Instant
from disco_ref.reload.forwarding.passing import Arrived
from disco_ref.reload.link.fragmentation import (
    LARGEST_BODY,
    Assembly,
    BadFragment,
    Fragment,
    add,
    whole,
)
from disco_ref.reload.message.destination import DestinationType
from disco_ref.reload.message.envelope import LENGTH_AT
from disco_ref.reload.message.forwarding_header import (
    FRAGMENT_OFFSET,
    LAST_FRAGMENT,
    BadHeader,
    MessageTooLarge,
)
from disco_ref.reload.overlay import REQUEST_LIFETIME

MOST_OCTETS = 4 << 20
"""Octets that are held."""

MOST_MESSAGES = 1024
"""Messages of which parts are held."""

NEIGHBOR_OCTETS = 1 << 20
"""Octets that are held of messages that began to arrive by one neighbor."""

NEIGHBOR_MESSAGES = 128
"""Messages that began to arrive by one neighbor."""

MOST_PIECES = 1024
"""Pieces of one message; the time to add one grows with their number."""

_PIECE = 128
"""Octets that a piece takes besides its own."""

_Key = tuple[int, bytes]


class _Held:
    """A message of which parts are here."""

    __slots__ = ("assembly", "cost", "neighbor", "until")

    def __init__(self, neighbor: bytes, until: Instant) -> None:
        self.assembly: Assembly | None = None
        self.cost = 0
        self.neighbor = neighbor
        self.until = until


class _Share:
    """What is held of one neighbor."""

    __slots__ = ("messages", "octets")

    def __init__(self) -> None:
        self.messages = 0
        self.octets = 0


class Holding:
    """The fragments that one node holds."""

    __slots__ = ("_held", "_shares", "dropped", "largest", "octets")

    def __init__(self, largest: int = LARGEST_BODY) -> None:
        self.largest = largest
        """Octets that a message may have after its header."""
        self._held: OrderedDict[_Key, _Held] = OrderedDict()
        self._shares: dict[bytes, _Share] = {}
        self.octets = 0
        """What is held, with what holding it costs."""
        self.dropped = 0
        """Messages that were let go incomplete: too old, too many, or contradicting themselves."""

    def __len__(self) -> int:
        """How many messages are incomplete."""
        return len(self._held)

    @property
    def deadline(self) -> Instant | None:
        """When :meth:`expire` is owed; None where nothing is held."""
        return next(iter(self._held.values())).until if self._held else None

    def add(self, message: Arrived, neighbor: bytes, now: Instant) -> bytes | None:
        """The whole message, if this was the last part that was missing; one that came in one piece at once.

        A message whose fragments contradict each other is let go, and so is one that there is no room for; nobody is told.
        MessageTooLarge where a fragment ends beyond the largest message, BadHeader where its length is not what it says.
        """
        if message.header.length != len(message.octets):
            # = rfc6940:6.7/2
            why = f"{message.header.length} bytes are announced, {len(message.octets)} are there"
            raise BadHeader(why, where="ForwardingHeader.length", offset=LENGTH_AT)
        field = message.header.fragment
        offset, last = field & FRAGMENT_OFFSET, bool(field & LAST_FRAGMENT)
        if last and not offset:
            # = rfc6940:6.7/0
            return message.octets
        self.expire(now)
        key = message.header.transaction_id, _beginning(message, neighbor)
        held = self._held.get(key) or self._begin(key, neighbor, now)
        octets = message.octets
        fragment = Fragment(key[0], octets[: message.end], offset, octets[message.end :], last)
        try:
            held.assembly = add(held.assembly, fragment, min(self.largest, LARGEST_BODY))
        except BadFragment:
            # = rfc6940:6.7/0 silent: of fragments that contradict each other no one can tell which are right
            self._drop(key)
            return None
        except MessageTooLarge:
            self._drop(key)
            raise
        complete = whole(held.assembly)
        if complete is not None:
            self._let_go(key)
            return complete
        self._charge(held)
        if self._full(held):
            # = rfc6940:6.7/5
            self._drop(key)
        return None

    def expire(self, now: Instant) -> None:
        """Let go of what has waited for longer than a request lives."""
        while self._held:
            key, held = next(iter(self._held.items()))
            if held.until > now:
                return
            # = rfc6940:6.7/4
            self._drop(key)

    def _begin(self, key: _Key, neighbor: bytes, now: Instant) -> _Held:
        held = self._held[key] = _Held(neighbor, Instant(now + REQUEST_LIFETIME))
        self._shares.setdefault(neighbor, _Share()).messages += 1
        return held

    def _charge(self, held: _Held) -> None:
        """Count what the message costs now."""
        assembly = held.assembly
        cost = 0 if assembly is None else assembly.held + _PIECE * (len(assembly.pieces) + 1)
        self.octets += cost - held.cost
        self._shares[held.neighbor].octets += cost - held.cost
        held.cost = cost

    def _full(self, held: _Held) -> bool:
        """Whether there is no room for this message."""
        share = self._shares[held.neighbor]
        return (
            self.octets > MOST_OCTETS
            or len(self._held) > MOST_MESSAGES
            or share.octets > NEIGHBOR_OCTETS
            or share.messages > NEIGHBOR_MESSAGES
            or (held.assembly is not None and len(held.assembly.pieces) > MOST_PIECES)
        )

    def _drop(self, key: _Key) -> None:
        self.dropped += 1
        self._let_go(key)

    def _let_go(self, key: _Key) -> None:
        held = self._held.pop(key)
        share = self._shares[held.neighbor]
        self.octets -= held.cost
        share.octets -= held.cost
        share.messages -= 1
        if not share.messages:
            del self._shares[held.neighbor]


def _beginning(message: Arrived, neighbor: bytes) -> bytes:
    """The node where a message began, as far as this one can tell; an opaque ID may differ from fragment to fragment."""
    via_list = message.header.via_list
    if via_list and via_list[0].type is DestinationType.node and isinstance(via_list[0].destination_data, bytes):
        return via_list[0].destination_data
    return neighbor
