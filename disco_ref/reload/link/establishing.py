"""How a link comes to be: what the rooms want of the shell, which owns sockets, (D)TLS and ICE (RFC 6940, section 6.5.1).

An *attempt* is one try to have a link.  The shell answers every :class:`Gather` and every :class:`Establish` or
:class:`Reach`, once, unless the attempt is abandoned before.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.reload.forwarding.ice import IceCandidate

Attempt = int
"""One try to have a link, as the node numbers them; never used twice."""


class LinkParameters(NamedTuple):
    """What one side offers the other (section 6.5.1.1)."""

    ufrag: bytes
    """The username fragment of ICE; empty without ICE."""
    password: bytes
    """The password of ICE; empty without ICE."""
    candidates: tuple[IceCandidate, ...]
    """The ways to reach it."""


class Gather(NamedTuple):
    """Find out by which candidates this node can be reached; without ICE those of the sockets that listen.

    Those for an application belong to this attempt alone: what comes there is its link, and carries no RELOAD (section 6.5.2).
    """

    attempt: Attempt
    application: int | None = None
    """The Application-ID of what is to be run over the link; None: RELOAD itself."""


class Establish(NamedTuple):
    """Make the link, both sides being known: ICE where it is used, then TLS or DTLS."""

    attempt: Attempt
    active: bool
    """Whether this node is the client of the handshake: it has answered the Attach (section 6.5.1.13)."""
    node_id: bytes
    """The Node-ID that the certificate of the other side must hold (section 6.5.1.11)."""
    remote: LinkParameters
    """What the other side offers."""
    application: int | None = None
    """As in :class:`Gather`."""
    offered: bool = False
    """Whether this node has sent the Attach or the AppAttach: then it is controlling in ICE (section 6.5.1.9)."""


class Reach(NamedTuple):
    """Make a link to an address that was configured: a bootstrap node (section 11.4)."""

    attempt: Attempt
    address: str
    """An IP address."""
    port: int


class Abandon(NamedTuple):
    """Let the attempt go, with all that it holds."""

    attempt: Attempt
