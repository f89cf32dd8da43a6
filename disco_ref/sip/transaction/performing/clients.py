"""The client side: requests of ours, and the responses to them (RFC 3261, sections 9.1, 17.1.1 and 17.1.2)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.actions import Owner, RequestFailed, ResponseReceived, StrayResponse
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.message import Request, Response
from disco_ref.sip.transaction.derived import ack, cancel
from disco_ref.sip.transaction.invite_client import INVITE_CLIENT
from disco_ref.sip.transaction.matching import ClientKey, client_key, response_key
from disco_ref.sip.transaction.non_invite_client import NON_INVITE_CLIENT
from disco_ref.sip.transaction.outcomes import Outcome, Transmit, Way
from disco_ref.sip.transaction.performing.machines import Due, Machines, Occasion
from disco_ref.sip.transaction.performing.state import Client, Machine
from disco_ref.sip.transaction.timers import Timers

_UNDER_WAY = ("Calling", "Trying", "Proceeding")
_REFUSAL = "300-699"
_OF_INVITE = ("", "1xx", "2xx", _REFUSAL, _REFUSAL, _REFUSAL, _REFUSAL)
_OF_OTHERS = ("", "1xx", *["200-699"] * 5)


class Clients(Machines[Client]):
    """All client transactions."""

    def __init__(self, timers: Timers, deadlines: Deadlines[Due]) -> None:
        acts = {
            "pass up": _pass_up,
            "send request": _send_request,
            "send ACK": _send_ack,
            "send CANCEL": self._send_cancel,
            "send CANCEL that waits": self._send_waiting_cancel,
            "set Timer E to T2": self._slow_down,
            "tell of time-out": _tell_of_time_out,
            "tell of transport error": _tell_of_transport_error,
        }
        super().__init__(timers, deadlines, acts)
        self._by_key: dict[ClientKey, Client] = {}
        self._by_owner: dict[Owner, Client] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_key)

    def request(self, owner: Owner, request: Request, reliable: bool, way: Way, now: Instant) -> list[Outcome]:
        """Starts a transaction; see :meth:`disco_ref.sip.transaction.layer.Transactions.request`."""
        # = rfc3261:17.1/0
        if request.method == "ACK":
            raise ValueError("an ACK to a 2xx has no transaction, another one is none of the user's")
        key = client_key(request)
        before = self._by_owner.get(owner)
        if key in self._by_key or (before is not None and before.state in _UNDER_WAY):
            raise RuntimeError(f"a request of {owner} is under way, or its branch has been used")
        out = self._begin(Client(_machine(request), owner, request, key, reliable, way), now)
        it = self._by_key[key]
        self._by_owner[owner] = it
        return out

    def _begin(self, it: Client, now: Instant) -> list[Outcome]:
        self._by_key[it.key] = it
        out: list[Outcome] = []
        self.enter(it, Occasion(now, out))
        return out

    def cancel(self, owner: Owner, lines: tuple[str, ...], now: Instant) -> list[Outcome]:
        """Gives an INVITE up; nothing where there is none under way, or it was given up before."""
        it = self._by_owner.get(owner)
        # = rfc3261:9.1/1
        if it is None or it.table is not INVITE_CLIENT or it.cancel is not None:
            return []
        it.cancel = lines
        out: list[Outcome] = []
        self.happen(it, "CANCEL", Occasion(now, out))
        return out

    def receive(self, response: Response, flow: Flow, now: Instant) -> list[Outcome]:
        """Finds the transaction that a response matches, and lets it come to it.

        One with more Vias than the request went to somebody else, or is spoilt: it is dropped.
        """
        it = self._by_key.get(response_key(response))
        if it is None:
            return [StrayResponse(response, flow)]
        if len(response.headers.all(VIA)) > len(it.request.headers.all(VIA)):
            # = rfc3261:8.1.3.3/1
            return []
        events = _OF_INVITE if it.table is INVITE_CLIENT else _OF_OTHERS
        out: list[Outcome] = []
        self.happen(it, events[response.status_code // 100], Occasion(now, out, response, flow))
        return out

    def failed(self, owner: Owner, why: str, now: Instant) -> list[Outcome]:
        """Lets a transport error come to the request of an owner, and to its CANCEL."""
        it = self._by_owner.get(owner)
        if it is None:
            return []
        out: list[Outcome] = []
        occasion = Occasion(now, out, why=why)
        self.happen(it, "Transport Err.", occasion)
        its_cancel = self._by_key.get((it.key[0], "CANCEL"))
        if its_cancel is not None and its_cancel is not it:
            self.happen(its_cancel, "Transport Err.", occasion)
        return out

    def forget(self, it: Client) -> None:
        """Lets a transaction go that has reached its end."""
        del self._by_key[it.key]
        if self._by_owner.get(it.owner) is it:
            del self._by_owner[it.owner]

    def _send_cancel(self, it: Client, occasion: Occasion) -> None:
        """Starts the transaction of the CANCEL, which goes where the INVITE went."""
        # = rfc3261:9.1/10
        request = cancel(it.request, it.cancel or ())
        its_cancel = Client(NON_INVITE_CLIENT, it.owner, request, (it.key[0], "CANCEL"), it.reliable, it.way)
        its_cancel.derived = True
        occasion.out.extend(self._begin(its_cancel, occasion.now))

    def _send_waiting_cancel(self, it: Client, occasion: Occasion) -> None:
        if it.cancel is not None:
            self.happen(it, "CANCEL", occasion)

    def _slow_down(self, it: Client, occasion: Occasion) -> None:
        it.interval = self._timers.t2
        self._deadlines.set((it, "Timer E"), Instant(occasion.now + it.interval))


def _machine(request: Request) -> Machine:
    return INVITE_CLIENT if request.method == "INVITE" else NON_INVITE_CLIENT


def _pass_up(it: Client, occasion: Occasion) -> None:
    response, flow = occasion.message, occasion.flow
    if it.table is INVITE_CLIENT or it.state == "Completed":
        it.octets = b""
    # = rfc3261:17.1.1.2/16 exception: 100 says nothing but that the transaction is in Proceeding
    if isinstance(response, Response) and flow is not None and response.status_code > 100 and not it.derived:
        occasion.out.append(ResponseReceived(it.owner, response, it.request, flow))


def _send_request(it: Client, occasion: Occasion) -> None:
    occasion.out.append(Transmit(it.request, it.owner, it.octets, it.way))


def _send_ack(it: Client, occasion: Occasion) -> None:
    """The ACK to the first final response, for each copy of it (section 17.1.1.3)."""
    # = rfc3261:17.1.1.2/20
    if it.ack is None and isinstance(occasion.message, Response):
        request = ack(it.request, occasion.message)
        it.ack = Transmit(request, it.owner, bytes(request), it.way)
    if it.ack is not None:
        occasion.out.append(it.ack)


def _tell_of_time_out(it: Client, occasion: Occasion) -> None:
    # = rfc3261:8.1.3.1/1
    if not it.derived:
        occasion.out.append(RequestFailed(it.owner, 408, "no final response in time", it.request))


def _tell_of_transport_error(it: Client, occasion: Occasion) -> None:
    # = rfc3261:8.1.3.1/2
    if not it.derived:
        occasion.out.append(RequestFailed(it.owner, 503, occasion.why, it.request))
