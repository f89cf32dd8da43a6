"""The two kinds of nodes behind the adapter: those that speak SIP, and those of an overlay; which roles are whose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Protocol

from disco_ref.clock import Instant
from disco_ref.shell.formats.format import Json
from disco_ref.shell.nodes.arrival import Arrival
from disco_ref.shell.nodes.roles import ROLES
from disco_ref.shell.nodes.settings import settings
from disco_ref.shell.nodes.virtual import VirtualNode

OVERLAY_ROLES = ("client", "peer", "storing-peer")
"""Roles of nodes of an overlay."""

OVERLAY_SETTINGS = ("configuration", "certificates", "key", "node_id", "first")
"""The settings that they take."""


class Hosted(Protocol):
    """A node, of whichever kind."""

    @property
    def media(self) -> bool:
        """Whether its media is told too."""

    def advance(self, now: Instant) -> None:
        """Everything that falls due until ``now`` happens, each thing at its time."""

    def arrived(self, arrival: Arrival) -> None:
        """Something has arrived."""

    def act(self, what: str, params: Mapping[str, Json]) -> None:
        """The node's user does something; Unsupported where nobody can have that done."""

    def reply(self) -> dict[str, Json]:
        """What it has sent since it was asked last, and when it wants to be told the time."""


def _speaks_sip(role: str, name: str, params: Mapping[str, Json], entropy: Random, now: Instant) -> Hosted:
    wanted = settings(params)
    node = VirtualNode(name, ROLES[role](wanted, entropy.randbytes), wanted.listening, entropy, wanted.names)
    node.advance(now)
    return node


def _of_an_overlay(role: str, name: str, params: Mapping[str, Json], entropy: Random, now: Instant) -> Hosted:
    # Loaded with the first such node: whoever plays with telephones needs none of it.
    from disco_ref.shell.nodes.overlay.node import OverlayNode
    from disco_ref.shell.nodes.overlay.settings import node_settings

    return OverlayNode(role, node_settings(params), entropy, now)


Make = Callable[[str, str, Mapping[str, Json], Random, Instant], Hosted]

KINDS: Mapping[str, Make] = {
    **dict.fromkeys(ROLES, _speaks_sip),
    **dict.fromkeys(OVERLAY_ROLES, _of_an_overlay),
}
"""What makes the nodes of each role."""
