"""What is kept of a transaction while it lasts: little, for there are many (RFC 3261, section 17)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.machine.table import Table
from disco_ref.sip.actions import Owner, ServerTransaction
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Request
from disco_ref.sip.transaction.matching import AckKey, ClientKey, Identity
from disco_ref.sip.transaction.outcomes import Transmit, Way

Machine = Table[str, str, str]

TERMINATED = "Terminated"
"""The end of all four machines."""


class Client:
    """A client transaction."""

    __slots__ = (
        "ack", "cancel", "derived", "interval", "key", "octets", "owner", "reliable", "request", "state", "table", "way"
    )  # fmt: skip

    def __init__(
        self, table: Machine, owner: Owner, request: Request, key: ClientKey, reliable: bool, way: Way
    ) -> None:
        self.table = table
        self.state = table.start
        """As the figure calls it."""
        self.owner = owner
        self.request = request
        """As it was sent, with its Via."""
        self.key = key
        self.reliable = reliable
        """Of the transport: which timers run."""
        self.way = way
        self.octets = bytes(request)
        """The request as it goes out again; empty as soon as it will not."""
        self.interval = 0.0
        """Of timer A or E, in seconds."""
        self.cancel: tuple[str, ...] | None = None
        """The header lines of a CANCEL that was asked for."""
        self.derived = False
        """Whether it is the CANCEL that the INVITE of the same owner has made."""
        self.ack: Transmit | None = None
        """The ACK to a non-2xx, which goes out again for each copy of it."""


class Server:
    """A server transaction."""

    __slots__ = ("ack_key", "flow", "identity", "interval", "key", "octets", "request", "since", "state", "table")

    def __init__(self, table: Machine, request: Request, key: ServerTransaction, flow: Flow, now: Instant) -> None:
        self.table = table
        self.state = table.start
        """As the figure calls it."""
        self.request: Request | None = request
        """Until there is a response: what 100 is made of."""
        self.key = key
        self.flow = flow
        self.since = now
        """When the request came."""
        self.octets = b""
        """The last response, for copies of the request; a 2xx to INVITE is not among them."""
        self.interval = 0.0
        """Of timer G, in seconds."""
        self.identity: Identity | None = None
        """Where it is the first of its kind: what merged requests are known by (section 8.2.2.2)."""
        self.ack_key: AckKey | None = None
        """Where the client knows no magic cookie: what the ACK is known by."""

    @property
    def reliable(self) -> bool:
        """Of the transport: which timers run."""
        return self.flow.transport.reliable
