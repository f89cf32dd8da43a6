"""What becomes of a message that has arrived: for this node, for another, or for nobody (RFC 6940, sections 6.1 to 6.1.3)."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from disco_ref.errors import Unroutable
from disco_ref.reload.message.destination import Destination, DestinationType

MOST_PLACES = 1024
"""Places of a Destination List that are looked at; a list that unfolds into more goes in circles."""


class NoWay(Unroutable):
    """A Destination List that leads nowhere; the message is dropped in silence (section 6.1.1)."""


class UnknownOpaqueId(Unroutable):
    """An opaque ID that this node has not made, or no longer knows; the message is dropped in silence."""


class Surroundings(Protocol):
    """What a node knows that decides over a message."""

    def is_self(self, node_id: bytes) -> bool:
        """Whether this is the Node-ID of the node, or the wildcard."""

    def responsible(self, place: bytes) -> bool:
        """Whether the node is the responsible peer for a Resource-ID, or for where a Node-ID would stand."""

    def connected(self, node_id: bytes) -> bool:
        """Whether there is a direct connection to this Node-ID."""

    def unpacked(self, opaque_id: bytes) -> tuple[Destination, ...]:
        """The places that an opaque ID of this node stands for; UnknownOpaqueId where it stands for none."""


class Here(NamedTuple):
    """The message is for this node."""

    rest: tuple[Destination, ...]
    """What is left of the Destination List; empty but for a wildcard that more places follow."""


class Onward(NamedTuple):
    """The message goes on."""

    towards: Destination
    """The first place that is not this node."""
    destination_list: tuple[Destination, ...]
    """The Destination List it goes on with, that place first."""


# looked up for every message
_NODE, _RESOURCE, _OPAQUE = DestinationType.node, DestinationType.resource, DestinationType.opaque_id_type


def examine(destination_list: tuple[Destination, ...], around: Surroundings) -> Here | Onward:
    """What the Destination List wants; NoWay or UnknownOpaqueId, which nobody is told of, where it wants nothing sensible."""
    left = destination_list
    for _ in range(MOST_PLACES):
        if not left:
            raise NoWay("the Destination List is empty", where="ForwardingHeader.destination_list")
        first = left[0]
        type_, place, _ = first
        if not isinstance(place, bytes) or not _NODE <= type_ <= _OPAQUE:
            # = rfc6940:6.3.2.2/0 silent: nobody can route to a place of a type that is not known
            raise NoWay(f"a place of type {int(type_)}", where="ForwardingHeader.destination_list")
        if type_ == _OPAQUE:
            # = rfc6940:6.1.3/1
            left = (*around.unpacked(place), *left[1:])
        elif type_ == _RESOURCE:
            return _resource(first, place, left, around)
        elif not around.is_self(place):
            if not around.connected(place) and around.responsible(place):
                # = rfc6940:6.1.1/4
                raise NoWay(f"no node {place.hex()} is connected", where="ForwardingHeader.destination_list")
            # = rfc6940:6.1.1/5
            # = rfc6940:6.1.2/1
            return Onward(first, left)
        elif len(left) == 1 or place == b"\xff" * len(place):
            # = rfc6940:6.1.1/0
            return Here(left[1:])
        else:
            left = left[1:]
    raise NoWay("the Destination List has no end", where="ForwardingHeader.destination_list")


def _resource(
    first: Destination, resource: bytes, left: tuple[Destination, ...], around: Surroundings
) -> Here | Onward:
    if not around.responsible(resource):
        # = rfc6940:6.1.2/1
        return Onward(first, left)
    if len(left) > 1:
        # = rfc6940:6.1.1/1
        # = rfc6940:6.1.1/2
        raise NoWay("a Resource-ID before the end", where="ForwardingHeader.destination_list")
    # = rfc6940:6.1.1/3b
    return Here(())
