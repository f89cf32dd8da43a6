"""What a node of an overlay asks of the shell, as values: the closed set of effects.

Whatever a node is told (octets of a link, a link that is up, a write that is done, the time), it returns a list of these, to
be carried out in their order.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.reload.actions import Change, Link
from disco_ref.reload.link.establishing import Abandon, Establish, Gather, Reach


class Send(NamedTuple):
    """Send octets over a link: one record of DTLS, or so much of a TLS stream."""

    link: Link
    octets: bytes


class Close(NamedTuple):
    """Close a link, once what was sent on it before has left."""

    link: Link
    why: str


class Write(NamedTuple):
    """Write changes to where they outlive the node; :meth:`~disco_ref.peer.overlay.node.Node.written` is owed."""

    token: int
    changes: tuple[Change, ...]


class Deliver(NamedTuple):
    """Something for whoever runs the node."""

    event: object


class Note(NamedTuple):
    """A line for the log."""

    level: str
    """``debug``, ``info``, ``warning`` or ``error``."""
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    """Names and values; nothing secret is among them."""


Effect = Send | Close | Gather | Establish | Reach | Abandon | Write | Deliver | Note
