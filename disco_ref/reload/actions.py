"""What the rooms of a node say to each other (RFC 6940, section 1.2): two closed alphabets.

A *room* is a part of a node that has a matter of its own: attaching, the topology plug-in, storage, an application.  It
is told what happened (:class:`Room`) and returns *actions*, which the node carries out in their order
(``disco_ref/peer/overlay/walk.py``).  Whoever asks or sets a timer says what about; the same words come back.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.reload.link.establishing import Abandon, Establish, Gather, Reach
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.message.envelope import Message
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.security.signing import SignedBy

About = tuple[str | bytes | int, ...]
"""What a request, a timer or a connection is about; its first word tells the matters of one room apart."""

Link = int
"""A link of this node, as its shell numbers them; never used twice."""


class Incoming(NamedTuple):
    """A message for this node, verified."""

    message: Message
    """All of it."""
    signer: SignedBy
    """Who sent it."""
    node_id: bytes
    """The Node-ID in whose name it was signed."""
    neighbor: bytes
    """The Node-ID at the other end of the link that brought it."""
    link: Link
    """That link."""

    @property
    def body(self) -> Body:
        """What is said."""
        return self.message.message_contents.message_body


class Room(Protocol):
    """A part of a node; each method takes what happened and the time, and returns what shall be done."""

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """A request for this room; a Refusal that is raised is answered with its error (section 6.3.3.1)."""

    def answered(self, about: About, answer: Incoming, now: Instant) -> list[Action]:
        """The answer to an :class:`Ask`."""

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """An :class:`Ask` was answered with an error or not at all, or a connection came to nothing."""

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """A :class:`Connect` or :class:`FindBootstrap` has succeeded."""

    def passed(self, about: About, now: Instant) -> list[Action]:
        """A :class:`SetTimer` has come due."""


class Ask(NamedTuple):
    """Send a request, and again until it is answered (section 6.2.1)."""

    room: Room
    """Whom the answer goes to."""
    about: About
    to: tuple[Destination, ...]
    """The Destination List, next place first."""
    code: MessageCode
    """The message code of the request."""
    body: Body
    certificates: tuple[bytes, ...] = ()
    """In DER: what signatures inside the body need, besides the node's own (section 6.3.4)."""
    max_response_length: int = 0
    """Octets that the answer may have, 0 for any number."""


class Forsake(NamedTuple):
    """Stop asking: an answer that still comes is nobody's."""

    room: Room
    about: About


class Reply(NamedTuple):
    """Answer a request (section 6.2.2)."""

    request: Incoming
    body: Body
    certificates: tuple[bytes, ...] = ()
    """As in :class:`Ask`."""


class Refuse(NamedTuple):
    """Answer a request with an error, later than by raising it (section 6.3.3.1)."""

    request: Incoming
    refusal: Refusal


class Connect(NamedTuple):
    """Have a direct connection to a node: at once where there is one, else by an Attach (section 6.5.1)."""

    room: Room
    about: About
    to: tuple[Destination, ...]
    """Where the Attach goes; the last place is the node, or the resource whose responsible peer is meant."""
    send_update: bool = False
    """Whether an Update is wanted once connected (section 6.4.2.3)."""


class FindBootstrap(NamedTuple):
    """Connect to one of the bootstrap nodes of the configuration, taken at random (section 11.4)."""

    room: Room
    about: About


class ConnectApplication(NamedTuple):
    """Have a connection of its own to a node, for an application of this node (section 6.5.2).

    The application is told what becomes of it (:class:`disco_ref.reload.forwarding.app_attaching.Application`).
    """

    application: int
    """Its Application-ID (section 14.5)."""
    about: About
    to: tuple[Destination, ...]
    """Where the AppAttach goes; the last place is the node."""
    role: bytes = b"passive"
    """Who opens the link: ``active`` this node, ``passive`` the other one, ``actpass`` as the other one likes."""


class Pass(NamedTuple):
    """Send octets of an application over a link of its own."""

    link: Link
    octets: bytes


class HangUp(NamedTuple):
    """Close a link of an application, once what was passed has left; the application is told, as of every end of a link."""

    link: Link
    why: str


class Disconnect(NamedTuple):
    """Close the connection to a node."""

    node_id: bytes
    why: str


class SetTimer(NamedTuple):
    """Set, move or take away (``at`` None) a timer of a room."""

    room: Room
    about: About
    at: Instant | None


class Persist(NamedTuple):
    """Write changes where they outlive the node, then do what waits for it; what waits is never done before."""

    changes: tuple[Change, ...]
    then: tuple[Action, ...]


class Change(NamedTuple):
    """One row of what a node holds: all values of a Kind at a Resource-ID, or None where nothing is left."""

    resource: bytes
    kind: int
    held: bytes | None
    """As :mod:`disco_ref.reload.storage.holdings` writes it."""


class Replicate(NamedTuple):
    """Store what is held in an arc at another peer (sections 10.4, 10.5 and 10.7.3).

    Always as a replica, also where the other peer is to be responsible: an original Store must be signed by who may write
    the value (section 7.4.1.1), and no peer can sign for its owner.
    """

    to: bytes
    """The Node-ID of the peer; empty for whoever is responsible, each value going to the peer of its Resource-ID."""
    after: bytes
    """Where the arc begins, itself not in it."""
    until: bytes
    """Where the arc ends, itself in it."""
    replica_number: int
    """The number of the replica, 1 where the peer is to be responsible."""
    since: Instant | None = None
    """Only what has changed after this time; None for all."""
    then: tuple[SetTimer, ...] = ()
    """Timers to be set when every Store is answered, or has failed."""
    missed: tuple[SetTimer, ...] | None = None
    """Timers to be set instead where one of them has failed; None for the same."""


class Forget(NamedTuple):
    """Drop what is held outside an arc (section 10.7.3)."""

    after: bytes
    until: bytes


class Discard(NamedTuple):
    """Drop whatever is held of Kinds that are none any more (section 11.1)."""

    kinds: frozenset[int]


class Tell(NamedTuple):
    """Something for whoever runs the node."""

    event: object


class Remark(NamedTuple):
    """A line for the log."""

    level: str
    """``debug``, ``info``, ``warning`` or ``error``."""
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    """Names and values; nothing secret is among them."""


Action = (
    Ask
    | Forsake
    | Reply
    | Refuse
    | Connect
    | FindBootstrap
    | ConnectApplication
    | Pass
    | HangUp
    | Disconnect
    | Gather
    | Establish
    | Reach
    | Abandon
    | SetTimer
    | Persist
    | Replicate
    | Forget
    | Discard
    | Tell
    | Remark
)
"""Whatever a room can ask for."""


class RequestTimeout(Refusal):
    """Nobody has answered in time (Error_Request_Timeout)."""

    error_code = 4


class AnsweredWithError(Refusal):
    """The other side has answered with an error; ``error_code`` is what it said."""

    def __init__(self, error_code: int, error_info: bytes, by: bytes) -> None:
        super().__init__(f"{by.hex()} answered with error {error_code}")
        self.error_code = error_code
        self.error_info = error_info
        """What the error says besides, in octets."""
        self.by = by
        """The Node-ID that answered."""
