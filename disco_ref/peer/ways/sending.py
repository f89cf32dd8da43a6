"""A request on its way out: located, stamped, tried one hop after the other (RFC 3261, sections 8.1.2 and 18.1; RFC 3263)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.peer.effects import Locate, Transmit
from disco_ref.peer.ways.asking import Asking, Found
from disco_ref.sip.actions import Owner, RequestFailed, ResponseReceived, SendAck, SendRequest
from disco_ref.sip.flow import Flow, Hop, Transport
from disco_ref.sip.location.questions import Answers, Question
from disco_ref.sip.location.search import search, settle
from disco_ref.sip.location.table import Table
from disco_ref.sip.location.target import Target, next_uri, target_of
from disco_ref.sip.message import Request
from disco_ref.sip.transaction.matching import new_branch
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.transport.routing import by_stream
from disco_ref.sip.transport.via import stamped


class Ready(NamedTuple):
    """A request that is to go out now."""

    owner: Owner | None
    """None: an ACK to a 2xx, which belongs to no transaction."""
    request: Request
    """With its Via."""
    octets: bytes
    way: Flow | Hop
    reliable: bool


Next = Ready | Locate | RequestFailed


class _Attempt:
    """What is left to try of a request."""

    __slots__ = ("action", "answered", "done", "forced", "hops", "searching", "why")

    def __init__(self, action: SendRequest | SendAck) -> None:
        self.action = action
        self.hops: list[Hop] = []
        self.forced: Hop | None = None
        """The hop over UDP that comes next if no connection can be made for a request that is too large for it."""
        self.answered = False
        self.done = False
        self.searching = False
        self.why = "no server is found"


class Sending:
    """The requests that are being located, or have more than one hop to try."""

    __slots__ = ("_asking", "_attempts", "_entropy", "_known", "_largest", "_most", "_out", "_supported")

    def __init__(self, entropy: Entropy, known: Table, most: int, largest: int) -> None:
        self._entropy = entropy
        self._known = known
        self._most = most
        self._largest = largest
        self._attempts: dict[Owner, _Attempt] = {}
        self._asking: Asking[_Attempt] = Asking()
        self._out: dict[tuple[Transport, bool], Listening] = {}
        self._supported: frozenset[Transport] = frozenset()

    def listen(self, listening: Sequence[Listening]) -> None:
        """From which addresses requests go out."""
        self._out = {(each.transport, each.ipv6): each for each in reversed(listening)}
        self._supported = frozenset(each.transport for each in listening)

    def __len__(self) -> int:
        """How many requests have something left to try."""
        return len(self._attempts)

    def send(self, action: SendRequest | SendAck, open_flow: Flow | None) -> list[Next]:
        """Begins with a request, on a connection where there is one."""
        attempt = _Attempt(action)
        if open_flow is not None:
            own = self._out.get((open_flow.transport, ":" in open_flow.local.host))
            if own is not None:
                try:
                    return [self._ready(attempt, own, open_flow, open_flow.remote.host)]
                except Refusal as refusal:
                    return self._failed(attempt, f"the request cannot be written: {refusal}")
        hops = action.hops if isinstance(action, SendRequest) else ()
        try:
            target = None if hops else target_of(action.target or next_uri(action.request))
            attempt.hops = list(hops) if target is None else self._settled(target)
        except Refusal as refusal:
            return self._failed(attempt, str(refusal))
        return self._try_next(attempt) if target is None or attempt.hops else self._search(attempt, target)

    def _settled(self, target: Target) -> list[Hop]:
        """The hops that need no question; none where some must be asked."""
        transport = target.transport or Transport.UDP
        if target.transport is None and transport not in self._supported and self._supported:
            transport = min(self._supported, key=list(Transport).index)
        return settle(target, transport, self._known) or []

    def _search(self, attempt: _Attempt, target: Target) -> list[Next]:
        if len(self._asking) >= self._most:
            return self._failed(attempt, f"{self._most} searches for servers are under way")
        action = attempt.action
        attempt.searching = True
        if isinstance(action, SendRequest):
            self._attempts[action.owner] = attempt
        attempt.why = f"no server is found for {target.host}"
        return self._asked(self._asking.begin(attempt, search(target, self._supported, self._entropy, self._known)))

    def located(self, question: Question, answers: Answers) -> list[Next]:
        """The answer to a question: the searches that waited for it go on."""
        return self._asked(self._asking.located(question, answers))

    def _asked(self, steps: Iterator[Locate | Found[_Attempt]]) -> list[Next]:
        """What comes of searches: more questions, or the first try."""
        further: list[Next] = []
        for step in steps:
            if isinstance(step, Locate):
                further.append(step)
                continue
            attempt = step.of
            attempt.hops = step.hops
            attempt.searching = False
            if not attempt.done:
                further += self._try_next(attempt)
        return further

    def _try_next(self, attempt: _Attempt) -> list[Next]:
        """The next hop that can be reached from here."""
        while attempt.hops:
            hop = attempt.hops.pop(0)
            own = self._out.get((hop.transport, ":" in hop.address.host))
            if own is None:
                attempt.why = f"nothing here listens for {hop.transport} with such an address as {hop.address}"
                continue
            try:
                return [self._sized(attempt, own, hop)]
            except Refusal as refusal:
                attempt.hops = []
                attempt.why = f"the request cannot be written: {refusal}"
        return self._failed(attempt, attempt.why)

    def _sized(self, attempt: _Attempt, own: Listening, hop: Hop) -> Ready:
        """The request to a hop, over TCP where it is too large for a datagram."""
        forced, attempt.forced = attempt.forced, None
        ready = self._ready(attempt, own, hop, hop.address.host)
        stream = None if hop == forced else by_stream(hop, len(ready.octets), self._largest, self._supported)
        own_stream = self._out.get((Transport.TCP, ":" in hop.address.host))
        if stream is None or own_stream is None:
            return ready
        # = rfc3261:18.1.1/4
        attempt.forced = hop
        attempt.hops.insert(0, hop)
        return self._ready(attempt, own_stream, stream, hop.address.host)

    def _ready(self, attempt: _Attempt, own: Listening, way: Flow | Hop, to: str) -> Ready:
        action = attempt.action
        owner, mark = (action.owner, action.mark) if isinstance(action, SendRequest) else (None, "")
        # = rfc3263:4.3/0
        request = stamped(action.request, own, new_branch(self._entropy) + mark, to)
        if isinstance(way, Hop):
            way = _by_socket(way, own)
        if owner is not None:
            if attempt.hops or attempt.forced:
                self._attempts[owner] = attempt
            else:
                self._attempts.pop(owner, None)
        return Ready(owner, request, bytes(request), way, own.transport.reliable)

    def leaving(self, effect: Transmit) -> Transmit:
        """A response that goes to a hop, from the socket that fits where it is a datagram."""
        hop = effect.hop
        own = self._out.get((hop.transport, ":" in hop.address.host)) if hop is not None else None
        way = _by_socket(hop, own) if hop is not None and own is not None else hop
        return effect._replace(flow=way, hop=None) if isinstance(way, Flow) else effect

    def _failed(self, attempt: _Attempt, why: str) -> list[Next]:
        action = attempt.action
        if not isinstance(action, SendRequest):
            return []
        self._attempts.pop(action.owner, None)
        return [RequestFailed(action.owner, 503, why, action.request)]

    def cancel(self, owner: Owner) -> list[Next] | None:
        """Nothing further is tried of a request; what there is to say where it has not gone out yet, None where it has."""
        attempt = self._attempts.get(owner)
        if attempt is None:
            return None
        attempt.done = True
        attempt.hops, attempt.forced = [], None
        return self._failed(attempt, "cancelled before it was sent") if attempt.searching else None

    def after_failure(self, failed: RequestFailed) -> list[Next]:
        """The next try after no final response has come; none where there is nothing left to try."""
        attempt = self._attempts.get(failed.owner)
        # = rfc3263:4.3/0
        if attempt is None or attempt.done or (failed.status == 408 and attempt.answered):
            self._attempts.pop(failed.owner, None)
            return []
        return self._go_on(attempt, connection_failed=failed.status == 503)

    def after_response(self, received: ResponseReceived) -> list[Next]:
        """The next try after a response; none where the response is to be handed on."""
        attempt = self._attempts.get(received.owner)
        status = received.response.status_code
        if attempt is None:
            return []
        attempt.answered = True
        if status < 200:
            return []
        # = rfc3263:4.3/0
        if status == 503 and not attempt.done:
            return self._go_on(attempt, connection_failed=False)
        del self._attempts[received.owner]
        return []

    def _go_on(self, attempt: _Attempt, *, connection_failed: bool) -> list[Next]:
        if attempt.forced is not None and not connection_failed:
            # The same server in another way: only for those that cannot be connected to.
            attempt.hops.pop(0)
            attempt.forced = None
        attempt.answered = False
        further = self._try_next(attempt) if attempt.hops else []
        action = attempt.action
        if isinstance(action, SendRequest) and not attempt.hops and not attempt.forced:
            self._attempts.pop(action.owner, None)
        return [each for each in further if not isinstance(each, RequestFailed)]


def _by_socket(hop: Hop, own: Listening) -> Flow | Hop:
    return Flow(hop.transport, own.address, hop.address) if hop.transport is Transport.UDP else hop
