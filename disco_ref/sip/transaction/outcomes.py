"""What the transactions ask for and tell: messages downward, events upward (RFC 3261, section 17)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.sip.actions import Heard, Owner, ServerTransaction
from disco_ref.sip.flow import Flow, Hop
from disco_ref.sip.message import Message, Request

Way = Flow | Hop | None
"""Where the transport sends what belongs to a transaction; the transactions keep it and never look at it."""


class Transmit(NamedTuple):
    """Pass a message to the transport (section 18), for the first time or once more."""

    message: Message
    """A request goes where the request of its owner went; a response by its topmost Via (section 18.2.2)."""
    to: Owner | ServerTransaction
    """Of a request the owner, of a response the transaction; what :meth:`Transactions.failed` is told on failure."""
    octets: bytes
    """The message as it stands on the wire, the same for every copy."""
    way: Way
    """Of a request what :meth:`Transactions.request` was given, for its ACK and CANCEL too; of a response the request's flow."""


class Overloaded(NamedTuple):
    """A request for which there is no room: no transaction was made; 503 with Retry-After is owed, statelessly (section 21.5.4)."""

    request: Request
    flow: Flow


Outcome = Heard | Transmit | Overloaded
