"""What a stage asks of a network: ends to send from, octets that arrive, a clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from conformance.live.network.speech import Voice
from conformance.live.subject import End
from conformance.run.model import Json


class Arrival(NamedTuple):
    """Octets that came: a datagram, or a piece of a stream."""

    time: float
    """Seconds since 1970, by the network's clock."""
    party: str
    transport: str
    source: End
    destination: End
    octets: bytes
    """Empty where the connection was closed by the subject."""
    connection: int = 0
    """The number of the connection, 0 for datagrams."""
    remark: str = ""
    """No octets came, but something else is to be told, such as the end of a handshake."""


class Sent(NamedTuple):
    """Where octets went from, and how."""

    time: float
    source: End
    destination: End
    connection: int = 0


class WireFault(Exception):
    """The network does not carry a message: refused, unreachable, closed; one line for the reader."""

    def __init__(self, why: str, *, fatal: bool = False) -> None:
        super().__init__(why)
        self.fatal = fatal
        """The subject has ended, or does not keep its contract."""


class Network(Protocol):
    """Sockets, or virtual time."""

    @property
    def now(self) -> float:
        """Seconds since 1970."""

    @property
    def virtual(self) -> bool:
        """Whether time passes only when somebody waits."""

    def open(self, party: str, transport: str, beside: str = "") -> End:
        """An end for a party, on the host of another party where ``beside`` names one; where it can be reached."""

    def send(self, party: str, octets: bytes, destination: End, transport: str, connection: int = 0) -> Sent:
        """Send; on a connection that is open where ``connection`` names one; raises WireFault."""

    def wait(self, until: float) -> list[Arrival]:
        """What arrived, as soon as something did, at the latest at ``until``."""

    def arrived(self) -> list[Arrival]:
        """What came already, where that is known before anybody waits."""

    def drop(self, connection: int) -> None:
        """Close a connection."""

    def dress(self, party: str, certificate: str, suite: str) -> End | None:
        """What a party shows from now on (see ``authority.KINDS``; empty: nothing), and the one suite of TLS that it offers where one is named.

        Where it can be reached; None where there is no authority, or no TLS.  Raises NotClaimed for a suite that cannot be offered.
        """

    def join(self, party: str, group: End) -> bool:
        """Let a party hear what is sent to a multicast group; False where that is not carried."""

    def configure(self, settings: Mapping[str, Json]) -> bool:
        """Begin anew with a subject of these further settings; False where it cannot be told any, raises NotClaimed for one that it does not take."""

    def voice(self, party: str) -> Voice | None:
        """A port for the media of a party, on its host; None where media do not pass."""

    def refuses(self, party: str, place: End) -> bool:
        """Whether a port of the subject is closed for media."""

    def trigger(self, do: str, arguments: dict[str, str]) -> bool:
        """Make the subject do something by the network's own means; False where it has none."""

    def close(self) -> None:
        """Close everything."""
