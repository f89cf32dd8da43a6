"""Parties joined by a wire in virtual time, message by message as octets: what tests of events, REFER and INFO stand on.

A transaction here is the pair of its owner and its request; there are no retransmissions, since nothing is lost unless a test
takes it off the wire.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from disco_ref.clock import Instant
from disco_ref.machine.deadlines import Deadlines
from disco_ref.sip.actions import (
    Action,
    Heard,
    Owner,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendRequest,
    SendResponse,
    SetTimer,
    Tell,
    TimerPassed,
)
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.session.identity import Identity

FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.2", 5060))
NOW = Instant(1000.0)
MOST_STEPS = 10_000


class Room(Protocol):
    """A transaction user."""

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What it does about an event."""


def identity(name: str) -> Identity:
    """Who a party of the tests is."""
    return Identity(
        address=NameAddr(None, f"sip:{name}@example.org"), contact=Contact(None, f"sip:{name}@{name}.example.org")
    )


def entropy(seed: int) -> Callable[[int], bytes]:
    """A reproducible source."""
    return random.Random(seed).randbytes


class InFlight(NamedTuple):
    """A message on the wire."""

    to: str
    message: Request | Response
    owner: Owner
    """Of the client transaction it belongs to."""
    request: Request


class Wire:
    """Two parties or more by the hosts of their Contacts; each message is written and read again on its way."""

    def __init__(self, **rooms: Room) -> None:
        self.rooms = rooms
        self.now = NOW
        self.queue: list[InFlight] = []
        self.said: list[Request | Response] = []
        """Everything that was sent, in its order."""
        self.told: dict[str, list[object]] = {name: [] for name in rooms}
        self.lost: Callable[[Request | Response], bool] = lambda message: False
        self.listen: dict[str, Callable[[object], list[Action]]] = {}
        """What stands above a party: given what it is told."""
        self._timers: Deadlines[tuple[str, Owner, str]] = Deadlines()
        self._pending: dict[tuple[str, ...], tuple[str, SendRequest]] = {}
        self._serial = 0

    def act(self, name: str, actions: list[Action]) -> None:
        """Carries out what a party wants."""
        for action in actions:
            if isinstance(action, SendRequest):
                self._request(name, action)
            elif isinstance(action, SendResponse):
                self._response(action)
            elif isinstance(action, SetTimer):
                key = name, action.owner, action.name
                self._timers.set(key, action.at) if action.at is not None else self._timers.cancel(key)
            elif isinstance(action, Tell):
                self.told[name].append(action.event)
                if name in self.listen:
                    self.act(name, self.listen[name](action.event))
            else:
                raise AssertionError(f"nothing of the kind is expected here: {action}")

    def _request(self, name: str, action: SendRequest) -> None:
        self._serial += 1
        via = f"Via: SIP/2.0/UDP {name}.example.org;branch=z9hG4bK{self._serial}"
        request = action.request._replace(
            headers=action.request.headers.__class__([via, *action.request.headers.lines])
        )
        to = str(request.request_uri).rpartition("@")[2].partition(".")[0]
        self._pending[(str(self._serial),)] = name, action
        self.put(InFlight(to, request, (str(self._serial),), request))

    def _response(self, action: SendResponse) -> None:
        name, asked = self._pending[action.transaction]
        self.put(InFlight(name, action.response, asked.owner, asked.request))

    def put(self, flight: InFlight) -> None:
        """A message on its way, unless it is lost."""
        message = read(bytes(flight.message))
        self.said.append(message)
        if not self.lost(message):
            self.queue.append(flight._replace(message=message))

    def step(self, place: int = 0) -> None:
        """The next message arrives, or the one at another place in the queue."""
        to, message, owner, request = self.queue.pop(place)
        room = self.rooms.get(to)
        if room is None:
            return
        if isinstance(message, Request):
            self.act(to, room.heard(RequestReceived(owner, message, FLOW), self.now))
        else:
            self.act(to, room.heard(ResponseReceived(owner, message, request, FLOW), self.now))

    def run(self, until: float | None = None) -> None:
        """All messages arrive, and all timers up to some seconds from now pass."""
        end = self.now if until is None else Instant(self.now + until)
        for _ in range(MOST_STEPS):
            if self.queue:
                self.step()
                continue
            due = self._timers.next
            if due is None or due > end:
                self.now = end
                return
            self.now = Instant(max(self.now, due))
            for name, owner, timer in self._timers.due(self.now):
                self.act(name, self.rooms[name].heard(TimerPassed(owner, timer), self.now))
                break
        raise AssertionError("no end")

    def fail(self, name: str, status: int = 408) -> None:
        """The oldest request of a party gets no answer."""
        key = next(key for key, (who, _) in self._pending.items() if who == name)
        _, action = self._pending.pop(key)
        self.act(name, self.rooms[name].heard(RequestFailed(action.owner, status, "nobody", action.request), self.now))

    def of(self, name: str, kind: type) -> list[object]:
        """What a party was told of one kind."""
        return [each for each in self.told[name] if isinstance(each, kind)]

    def requests(self, method: str) -> Iterator[Request]:
        """The requests of one method that were sent."""
        return (each for each in self.said if isinstance(each, Request) and each.method == method)

    def statuses(self) -> list[int]:
        """Of the responses that were sent."""
        return [each.status_code for each in self.said if isinstance(each, Response)]
