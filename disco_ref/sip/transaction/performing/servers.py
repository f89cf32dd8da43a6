"""The server side: requests of others, and our responses to them (RFC 3261, sections 9.2, 17.2.1 and 17.2.2)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.actions import AckReceived, RequestReceived, ResponseFailed, ServerTransaction
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.identity.cseq import METHODS
from disco_ref.sip.message import Request, Response
from disco_ref.sip.transaction.derived import restored, trying
from disco_ref.sip.transaction.invite_server import INVITE_SERVER
from disco_ref.sip.transaction.matching import AckKey, Identity, ack_key, identity, request_key
from disco_ref.sip.transaction.non_invite_server import NON_INVITE_SERVER
from disco_ref.sip.transaction.outcomes import Outcome, Overloaded, Transmit
from disco_ref.sip.transaction.performing.machines import Due, Machines, Occasion
from disco_ref.sip.transaction.performing.state import Server
from disco_ref.sip.transaction.timers import Timers

_REFUSAL = "300-699 from user"
_OF_INVITE = ("", "1xx from user", "2xx from user", _REFUSAL, _REFUSAL, _REFUSAL, _REFUSAL)
MOST_OCTETS = 128 << 20
"""Of responses that are kept for copies of their requests; beyond, there is no room either."""
_CANCELLED = ("INVITE", *sorted(METHODS - {"INVITE", "ACK", "CANCEL"}))
"""Methods of transactions that a CANCEL may match; that of an INVITE is looked for first."""


class Servers(Machines[Server]):
    """All server transactions."""

    def __init__(self, timers: Timers, deadlines: Deadlines[Due], most: int) -> None:
        acts = {
            "pass up": self._pass_up,
            "pass up ACK": _pass_up_ack,
            "send response": self._send_response,
            "send response again": _send_again,
            "send 100": self._send_trying,
            "forget response": self._forget_response,
            "tell of transport error": _tell_of_transport_error,
            "tell that no ACK has come": _tell_that_no_ack_has_come,
            "tell that it is too late": _tell_that_it_is_too_late,
        }
        super().__init__(timers, deadlines, acts)
        self._most = most
        self._octets = 0
        self._by_key: dict[ServerTransaction, Server] = {}
        self._by_identity: dict[Identity, Server] = {}
        self._by_ack: dict[AckKey, Server] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_key)

    def __contains__(self, request: Request) -> bool:
        """Whether there is a transaction that a request matches, which is no ACK."""
        return request_key(request) in self._by_key

    def receive(self, request: Request, flow: Flow, now: Instant) -> list[Outcome]:
        """Finds the transaction that a request matches, or makes one."""
        if request.method == "ACK":
            return self._acknowledged(request, flow, now)
        key = request_key(request)
        it = self._by_key.get(key)
        out: list[Outcome] = []
        occasion = Occasion(now, out, request, flow)
        if it is not None:
            self.happen(it, "INVITE" if it.table is INVITE_SERVER else "request", occasion)
        elif self._full(request):
            out.append(Overloaded(request, flow))
        else:
            self._begin(request, key, flow, occasion)
        return out

    def _acknowledged(self, ack: Request, flow: Flow, now: Instant) -> list[Outcome]:
        """An ACK: of a transaction that waits for it, or for the user."""
        old = ack_key(ack)
        if old is None:
            it = self._by_key.get(request_key(ack, "INVITE"))
        else:
            it = self._by_ack.get(old)
            # = rfc3261:17.2.3/0
            if it is not None and it.octets and restored(it.octets).headers.to.tag != ack.headers.to.tag:
                it = None
        if it is None:
            return [AckReceived(ack, flow)]
        out: list[Outcome] = []
        self.happen(it, "ACK", Occasion(now, out, ack, flow))
        return out

    def _full(self, request: Request) -> bool:
        """Whether there is no room: sooner for what begins something than for what goes on with it, or ends it."""
        full = max(len(self) / self._most, self._octets / MOST_OCTETS)
        return full >= 1 and (full >= 1.25 or (request.method != "CANCEL" and not request.headers.to.tag))

    def _begin(self, request: Request, key: ServerTransaction, flow: Flow, occasion: Occasion) -> None:
        """Makes a transaction and passes the request up."""
        invite = request.method == "INVITE"
        it = Server(INVITE_SERVER if invite else NON_INVITE_SERVER, request, key, flow, occasion.now)
        self._by_key[key] = it
        it.ack_key = ack_key(request) if invite else None
        if it.ack_key is not None:
            self._by_ack[it.ack_key] = it
        self.enter(it, occasion)

    def respond(self, key: ServerTransaction, response: Response, now: Instant) -> list[Outcome]:
        """Lets a response of the user come to its transaction; see :meth:`disco_ref.sip.transaction.layer.Transactions.respond`."""
        # = rfc3261:17.2.3/0
        it = self._by_key.get(key)
        if it is None:
            return [ResponseFailed(key, "the transaction is over")]
        status = response.status_code
        event = _OF_INVITE[status // 100] if it.table is INVITE_SERVER else _of_others(status)
        out: list[Outcome] = []
        self.happen(it, event, Occasion(now, out, response))
        return out

    def failed(self, key: ServerTransaction, why: str, now: Instant) -> list[Outcome]:
        """Lets a transport error come to a transaction."""
        it = self._by_key.get(key)
        out: list[Outcome] = []
        if it is not None:
            self.happen(it, "Transport Err.", Occasion(now, out, why=why))
        return out

    def forget(self, it: Server) -> None:
        """Lets a transaction go that has reached its end."""
        del self._by_key[it.key]
        self._keep(it, b"")
        if it.identity is not None:
            del self._by_identity[it.identity]
        if it.ack_key is not None and self._by_ack.get(it.ack_key) is it:
            del self._by_ack[it.ack_key]

    def _pass_up(self, it: Server, occasion: Occasion) -> None:
        """The request, with what only the transactions know: which other one it cancels, and whether it came before."""
        request = occasion.message
        if not isinstance(request, Request):
            return
        known = identity(request)
        merged = known is not None and known in self._by_identity
        if known is not None and not merged:
            self._by_identity[known] = it
            it.identity = known
        cancels = self._cancelled(request) if request.method == "CANCEL" else None
        occasion.out.append(RequestReceived(it.key, request, it.flow, cancels, merged))

    def _keep(self, it: Server, octets: bytes) -> None:
        self._octets += len(octets) - len(it.octets)
        it.octets = octets

    def _send_response(self, it: Server, occasion: Occasion) -> None:
        response = occasion.message
        if isinstance(response, Response):
            octets = bytes(response)
            it.request = None
            self._keep(it, b"" if it.state == "Accepted" else octets)
            occasion.out.append(Transmit(response, it.key, octets, it.flow))

    def _send_trying(self, it: Server, occasion: Occasion) -> None:
        if it.request is not None:
            response = trying(it.request, occasion.now - it.since)
            self._send_response(it, occasion._replace(message=response))

    def _forget_response(self, it: Server, occasion: Occasion) -> None:
        self._keep(it, b"")

    def _cancelled(self, request: Request) -> ServerTransaction | None:
        """The key of the transaction that a CANCEL matches (section 9.2)."""
        # = rfc3261:9.2/1
        keys = (request_key(request, method) for method in _CANCELLED)
        return next((key for key in keys if key in self._by_key), None)


def _of_others(status: int) -> str:
    if status < 200:
        return "100 from user" if status == 100 else "101-199 from user"
    return "408 from user" if status == 408 else "200-699 from user"


def _pass_up_ack(it: Server, occasion: Occasion) -> None:
    ack, flow = occasion.message, occasion.flow
    if isinstance(ack, Request) and flow is not None:
        occasion.out.append(AckReceived(ack, flow))


def _send_again(it: Server, occasion: Occasion) -> None:
    # = rfc3261:17.2.1/5 silent: nothing is sent as long as there is no response, 100 follows within 200 ms
    if it.octets:
        occasion.out.append(Transmit(restored(it.octets), it.key, it.octets, it.flow))


def _tell_of_transport_error(it: Server, occasion: Occasion) -> None:
    occasion.out.append(ResponseFailed(it.key, occasion.why))


def _tell_that_no_ack_has_come(it: Server, occasion: Occasion) -> None:
    occasion.out.append(ResponseFailed(it.key, "no ACK has come"))


def _tell_that_it_is_too_late(it: Server, occasion: Occasion) -> None:
    occasion.out.append(ResponseFailed(it.key, "the client has given up"))
