"""The response context: one request, the branches it was forwarded on, and what came back (RFC 3261, sections 16.7, 16.8 and 16.10)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, CancelRequest, Owner, RequestReceived, SendRequest, SendResponse, SetTimer
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Request, Response
from disco_ref.sip.proxy.targets import Target
from disco_ref.sip.proxy.validation import breadth_of
from disco_ref.sip.uri import Uri

# = rfc3261:16.6/64
TIMER_C = 181.0
"""Seconds without a response other than 100, after which an INVITE is given up on a branch."""

TRANSACTION = 32.0
"""Seconds (64*T1): how long a cancelled branch may keep silent, and how long copies of a 2xx may come."""


class Branch:
    """A request on its way to one target."""

    __slots__ = ("cancelled", "done", "owner", "target")

    def __init__(self, owner: Owner, target: Target) -> None:
        self.owner = owner
        self.target = target
        self.done = False
        """Whether its final response has come."""
        self.cancelled = False


class Context:
    """What a proxy knows of one request until all is over."""

    __slots__ = (
        "_event",
        "answered",
        "branches",
        "breadth",
        "closed",
        "finals",
        "identity",
        "mark",
        "request",
        "tried",
        "waiting",
        "weight",
    )

    def __init__(
        self, identity: str, event: RequestReceived, request: Request, mark: str, groups: list[list[Target]]
    ) -> None:
        self._event = event
        self.identity = identity
        self.request = request
        """As it is copied for each target."""
        self.mark = mark
        self.branches: dict[Owner, Branch] = {}
        self.breadth = breadth_of(request)
        """How many branches may still come of it, here and further on."""
        self.waiting = groups
        """Targets that are tried when those before them have failed."""
        self.tried: list[Target] = []
        self.weight = (len(request.body) + sum(map(len, request.headers.lines))) * (1 + sum(map(len, groups)))
        """Octets, roughly: the request, and what goes out of it."""
        self.finals: list[Response] = []
        """Final responses that have not been forwarded."""
        self.answered = False
        """Whether a final response has been forwarded."""
        self.closed = False
        """Whether there shall be no new branches."""

    @property
    def received(self) -> Request:
        """The request as it came: what the proxy's own responses answer."""
        return self._event.request

    @property
    def flow(self) -> Flow:
        """Where the request came from."""
        return self._event.flow

    @property
    def transaction(self) -> tuple[str, ...]:
        """The server transaction."""
        return self._event.transaction

    @property
    def invite(self) -> bool:
        """Whether the request is an INVITE."""
        return self.request.method == "INVITE"

    @property
    def busy(self) -> bool:
        """Whether a branch is without a final response."""
        return any(not branch.done for branch in self.branches.values())

    def share(self, keeps: bool) -> int:
        """What one more branch gets of the breadth; ``keeps``: as much stays for targets that are yet to be learned.

        It is not given back when the branch ends: one after the other they could otherwise go on for ever, each to all others.
        """
        left = sum(map(len, self.waiting))
        part = max(1, self.breadth // (left + 1 + keeps))
        self.breadth -= part
        return part

    def branch(self, target: Target, request: Request, located: Uri | None, now: Instant) -> list[Action]:
        """Sends the request to one more target, under timer C where it is an INVITE."""
        owner = ("proxy", self.identity, str(len(self.branches)))
        self.branches[owner] = Branch(owner, target)
        # = rfc3261:16.6/53
        # = rfc3261:16.6/54
        # = rfc3261:16.6/62
        actions: list[Action] = [
            SendRequest(owner, request, flow=target.flow, mark=self.mark, target=None if target.flow else located)
        ]
        if self.invite:
            # = rfc3261:16.6/63
            actions.append(SetTimer(owner, "C", Instant(now + TIMER_C)))
        return actions

    def end(self, branch: Branch) -> list[Action]:
        """A branch has come to its final response."""
        branch.done = True
        if not self.invite:
            return []
        return [SetTimer(branch.owner, "C", None), SetTimer(branch.owner, "cancelled", None)]

    def cancel(self, now: Instant) -> list[Action]:
        """Gives up all branches that have no final response, and begins none."""
        self.closed = True
        self.waiting.clear()
        # = rfc3261:16.10/2
        # = rfc3261:16.10/5
        # = rfc3261:16.7/48
        # = rfc3261:16.7/49
        if not self.invite:
            return []
        return [action for branch in self.branches.values() for action in self.give_up(branch, now)]

    def give_up(self, branch: Branch, now: Instant) -> list[Action]:
        """Cancels one branch; the CANCEL waits for a provisional response by itself (section 9.1)."""
        if branch.done or branch.cancelled:
            return []
        branch.cancelled = True
        # = rfc3261:9.1/0
        return [CancelRequest(branch.owner), SetTimer(branch.owner, "cancelled", Instant(now + TRANSACTION))]

    def forward(self, response: Response) -> Action:
        """Sends a response on, to where the request came from."""
        if response.status_code >= 200:
            self.answered = True
        return SendResponse(self.transaction, response)
