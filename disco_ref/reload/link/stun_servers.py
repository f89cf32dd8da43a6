"""Which STUN servers a node asks for its addresses: configured ones, bootstrap nodes, neighbors (RFC 6940, section 6.5.1.4).

Servers that have shown this node the same address of its own tell it nothing more: they are a group, and one of each is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from disco_ref.clock import Duration, Instant
from disco_ref.reload.actions import Link

Server = tuple[str, int]
"""An IP address and a port."""

MOST_ASKED = 3
"""Servers that are asked for one connection; our choice."""

MOST_KNOWN = 256
"""Neighbors that are known as servers; our choice."""

SILENT = Duration(60.0)
"""Seconds for which a server that did not answer is not asked again; our choice."""


class StunServers:
    """The servers that one node knows."""

    __slots__ = ("_always", "_neighbors", "_seen", "_silent")

    def __init__(self, always: Iterable[Server]) -> None:
        """``always`` are those that are known from a configuration."""
        self._always = tuple(dict.fromkeys(always))
        self._neighbors: dict[Link, Server] = {}
        self._seen: dict[Server, str] = {}
        """The address of this node that a server has seen."""
        self._silent: dict[Server, Instant] = {}

    def connected(self, link: Link, server: Server) -> None:
        """A neighbor is connected, and answers there."""
        if len(self._neighbors) < MOST_KNOWN:
            self._neighbors[link] = server

    def lost(self, link: Link) -> None:
        """A neighbor is connected no more, and so no server; another one of its group takes its place."""
        server = self._neighbors.pop(link, None)
        if server is not None and server not in self._known():
            # = rfc6940:6.5.1.4/3a
            self._seen.pop(server, None)
            self._silent.pop(server, None)

    def observed(self, server: Server, seen: str) -> None:
        """A server has seen this node at an address."""
        if server in self._known():
            self._seen[server] = seen

    def unanswered(self, server: Server, now: Instant) -> None:
        """A server has said nothing."""
        if server in self._known():
            self._silent[server] = Instant(now + SILENT)

    def chosen(self, now: Instant, own: Collection[Server] = ()) -> tuple[Server, ...]:
        """Whom to ask now: one of each group, those that stand in a configuration before neighbors, and one that is new.

        Never the node itself, which is a bootstrap node perhaps: ``own`` are its addresses.
        """
        groups: dict[str | None, Server] = {}
        for each in self._known():
            if each not in own and self._silent.get(each, now) <= now:
                # = rfc6940:6.5.1.4/1
                # = rfc6940:6.5.1.4/2
                # = rfc6940:6.5.1.4/3b
                # = rfc6940:6.5.1.4/3c
                groups.setdefault(self._seen.get(each), each)
        return tuple(groups.values())[:MOST_ASKED]

    def _known(self) -> tuple[Server, ...]:
        return tuple(dict.fromkeys((*self._always, *self._neighbors.values())))
