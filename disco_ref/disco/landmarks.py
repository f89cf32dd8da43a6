"""Landmarks in the configuration document (draft-knauf-p2psip-disco-00, section 8): hosts to measure the distance to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from disco_ref.notation.documents.binding import Attribute, Children, bound, from_node, to_node
from disco_ref.notation.documents.simple import ip_address, unsigned_short, whole
from disco_ref.notation.markup import MalformedMarkup, Node

# = disco00:8.2/0
NAMESPACE = "urn:ietf:params:xml:ns:p2p:config-base:disco"
"""The draft gives none; programs of its time used this one."""

ELEMENT = f"{{{NAMESPACE}}}landmarks"


# = disco00:8.1/0
@bound(NAMESPACE)
class LandmarkHost:
    """A host that answers measurements (section 8.1)."""

    address: Annotated[str, Attribute("address", ip_address)]
    """An IPv4 or IPv6 address."""
    port: Annotated[int, Attribute("port", unsigned_short)]


# = disco00:8.1/0
@bound(NAMESPACE)
class Landmarks:
    """The landmark hosts of an overlay; there should be more than one (section 8.1)."""

    version: Annotated[int, Attribute("version", whole("int", -(1 << 31), (1 << 31) - 1))]
    """Coordinates are comparable only under the same version."""
    # = disco00:8.2/0
    landmark_host: Annotated[tuple[LandmarkHost, ...], Children("landmark-host", LandmarkHost)] = ()


def landmarks(others: Iterable[Node]) -> Landmarks | None:
    """The landmarks among the foreign elements of a configuration, None where there are none.

    Refused: more than one such element, or one that breaks the grammar.
    """
    found = [one for one in others if one.name == ELEMENT]
    if not found:
        return None
    # = disco00:8.1/0
    if len(found) > 1:
        raise MalformedMarkup("more than one landmarks", where="configuration/landmarks")
    return from_node(Landmarks, found[0])


def to_element(some: Landmarks) -> Node:
    """The element to be put among the foreign elements of a configuration."""
    return to_node(some, "landmarks")
