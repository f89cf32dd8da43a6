"""What a node asks of the shell, as values: the closed set of effects.

Whatever a node is told (octets, a connection, an answer, the time), it returns a list of these, to be carried out in their
order.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.sip.flow import Flow, Hop
from disco_ref.sip.location.questions import Question

Handle = tuple[str, ...]
"""Whom a delivery concerns; opaque to the shell, empty where nobody asks what becomes of it."""


class Transmit(NamedTuple):
    """Send octets (RFC 3261, section 18).

    On ``flow`` where there is one and, if it is a connection, it is still open; else to ``hop``: datagrams from the socket
    that fits, streams on an open connection to the same hop (under TLS: one that has proved the hop's name) or on a new one.
    Where neither is possible, :meth:`~disco_ref.peer.element.Element.undelivered` is owed, unless ``handle`` is empty.
    """

    octets: bytes
    flow: Flow | None
    hop: Hop | None
    handle: Handle


class Locate(NamedTuple):
    """Ask the domain name system; the answer goes to :meth:`~disco_ref.peer.element.Element.located`, always."""

    question: Question


class Shut(NamedTuple):
    """Close a connection, once what was sent on it before has left."""

    flow: Flow


class Deliver(NamedTuple):
    """An event for whoever runs the node: what the core told (:class:`~disco_ref.sip.actions.Tell`)."""

    event: object


class Note(NamedTuple):
    """A line for the log."""

    level: str
    """``debug``, ``info``, ``warning`` or ``error``."""
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    """Names and values; nothing secret is among them."""


Effect = Transmit | Locate | Shut | Deliver | Note
