"""What a stage asks of the network below an overlay: ends, handshakes, octets over links, a clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from conformance.live.overlay.identity import Identity
from conformance.live.subject import End
from conformance.run.model import Json

OPEN, OCTETS, CLOSED = "open", "octets", "closed"


class Happening(NamedTuple):
    """Something that came about a link."""

    time: float
    """Seconds since 1970, by the network's clock."""
    party: str
    link: int
    """Counted upwards from 1 by who opens one on the harness' side, downwards from -1 for those that the subject opens."""
    what: str
    """``open`` (the handshake is done), ``octets`` (of one record over DTLS) or ``closed``."""
    octets: bytes = b""
    certificates: tuple[bytes, ...] = ()
    """What the subject showed, with ``open``; its own first."""
    why: str = ""
    """With ``closed``: what the network says."""
    remark: str = ""
    """With ``open``: what else is known of the handshake, such as who was the server."""


class Way(NamedTuple):
    """Where a link goes."""

    transport: str
    """``tls`` or ``dtls``."""
    near: End
    far: End


class Links(Protocol):
    """Sockets, or virtual time.  What fails because of the subject is a ``closed``; WireFault is raised where the network ends."""

    @property
    def now(self) -> float:
        """Seconds since 1970."""

    @property
    def virtual(self) -> bool:
        """Whether time passes only when somebody waits."""

    def open(self, party: str, identity: Identity) -> End:
        """An end at which a party takes links, showing the certificate of this identity; where it can be reached."""

    def connect(self, party: str, transport: str, to: End, identity: Identity | None = None) -> int:
        """Begin a link, as this identity where it is not the party's; ``open`` or ``closed`` follows."""

    def way(self, link: int) -> Way:
        """Where a link goes, also one that is closed."""

    def send(self, link: int, octets: bytes) -> bool:
        """Send: octets of a stream, or one record; False where the link is closed."""

    def drop(self, link: int) -> None:
        """Close a link."""

    def wait(self, until: float) -> list[Happening]:
        """What came, as soon as something did, at the latest at ``until``."""

    def arrived(self) -> list[Happening]:
        """What came already."""

    def deaf(self, party: str, *, deaf: bool) -> None:
        """Let the end of a party refuse links from now on, or take them again."""

    def trigger(self, do: str, arguments: Mapping[str, Json]) -> bool:
        """Make the subject do something by the network's own means; False where it has none."""

    def begin(self, settings: Mapping[str, Json]) -> bool:
        """Start the subject (in virtual time) with these settings; False where it runs already and cannot be told."""

    def close(self) -> None:
        """Close everything."""
