"""The transaction layer of an element: both sides, one heap of deadlines (RFC 3261, section 17).

A message costs a look-up and a step of its table, however many transactions there are; so does a timer.  Nothing is sent here:
outcomes are returned, :class:`Transmit` for the transport below and events for the user above, in their order.
"""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.actions import Owner, ServerTransaction
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Message, Request, Response
from disco_ref.sip.transaction import matching
from disco_ref.sip.transaction.outcomes import Outcome, Way
from disco_ref.sip.transaction.performing.clients import Clients
from disco_ref.sip.transaction.performing.machines import Due, Occasion
from disco_ref.sip.transaction.performing.servers import Servers
from disco_ref.sip.transaction.performing.state import Client
from disco_ref.sip.transaction.timers import Timers

new_branch = matching.new_branch

MAX_TRANSACTIONS = 200_000
"""Server transactions that are kept at once, unless told otherwise."""


class Transactions:
    """All transactions of an element.

    Room is bounded: from ``max_transactions`` server transactions on, requests that begin something come out as
    :class:`Overloaded`, which makes no transaction; from five quarters of it on, so do requests within dialogs.  The element
    owes them 503 with Retry-After (section 21.5.4) as a stateless server does (section 8.2.7): to each copy, from the copy.
    """

    def __init__(self, timers: Timers, entropy: Entropy, max_transactions: int = MAX_TRANSACTIONS) -> None:
        self.timers = timers
        self._entropy = entropy
        self._deadlines: Deadlines[Due] = Deadlines()
        self._clients = Clients(timers, self._deadlines)
        self._servers = Servers(timers, self._deadlines, max_transactions)

    def __len__(self) -> int:
        """How many transactions there are."""
        return len(self._clients) + len(self._servers)

    def branch(self) -> str:
        """A branch for the Via of a new request (section 8.1.1.7)."""
        return new_branch(self._entropy)

    def request(
        self, owner: Owner, request_with_via: Request, via_reliable: bool, now: Instant, way: Way = None
    ) -> list[Outcome]:
        """Starts the transaction of a request, which has its topmost Via with a branch of its own (section 17.1).

        ``way`` comes back with whatever is to be sent.  Refused are, as a RuntimeError, an owner whose last request has no final
        response yet and a branch that is in use, and as a ValueError, an ACK and a Via without a branch.
        """
        return self._clients.request(owner, request_with_via, via_reliable, way, now)

    def respond(self, transaction: ServerTransaction, response: Response, now: Instant) -> list[Outcome]:
        """Passes a response of the user to the transaction of its request (section 17.2).

        A RuntimeError where an INVITE has its final response already, but for more 2xx after a 2xx.  Nothing goes out to other
        requests after their final response (section 17.2.2), nor 408, nor provisional responses before they are due
        (RFC 4320).  ResponseFailed where the transaction is over.
        """
        return self._servers.respond(transaction, response, now)

    def cancel(self, owner: Owner, headers: tuple[str, ...], now: Instant) -> list[Outcome]:
        """Gives up an INVITE, as soon as it has a provisional response (section 9.1); ``headers`` are lines of the CANCEL.

        Its outcome is that of the INVITE: the final response, or RequestFailed after 64*T1; the response to the CANCEL tells
        nothing and is not passed up.  Nothing happens where the owner has no INVITE that waits for its final response.
        """
        return self._clients.cancel(owner, headers, now)

    def receive(self, message: Message, flow: Flow, now: Instant) -> list[Outcome]:
        """Takes a message that the transport has received, its Via completed (section 18.2.1) or checked (section 18.1.2).

        Requests come out as RequestReceived, AckReceived or Overloaded unless they are copies, responses as ResponseReceived
        or StrayResponse unless they are absorbed.
        """
        if isinstance(message, Request):
            return self._servers.receive(message, flow, now)
        return self._clients.receive(message, flow, now)

    def failed(self, to: Owner | ServerTransaction, why: str, now: Instant) -> list[Outcome]:
        """Takes the transport's word that what was transmitted for an owner or a transaction cannot be delivered.

        See sections 17.1.4 and 17.2.4: a request that waits for its first response has failed; a server transaction goes on.
        """
        return [*self._clients.failed(to, why, now), *self._servers.failed(to, why, now)]

    def expire(self, now: Instant) -> list[Outcome]:
        """Lets all timers fire that are due."""
        out: list[Outcome] = []
        occasion = Occasion(now, out)
        for it, timer in self._deadlines.due(now):
            if isinstance(it, Client):
                self._clients.happen(it, timer, occasion)
            else:
                self._servers.happen(it, timer, occasion)
        return out

    @property
    def deadline(self) -> Instant | None:
        """When the next timer is due; None where none runs."""
        return self._deadlines.next

    def knows(self, request: Request) -> bool:
        """Whether a request other than ACK is a copy of one that has a transaction."""
        return request in self._servers
