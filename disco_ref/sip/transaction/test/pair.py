"""Two transaction layers with small users above them, and a network between them that loses, delays and doubles."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.sip.actions import AckReceived, RequestFailed, RequestReceived, ResponseFailed, ResponseReceived
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import read
from disco_ref.sip.transaction.layer import Transactions
from disco_ref.sip.transaction.outcomes import Outcome, Transmit
from disco_ref.sip.transaction.test.ladder import OWNER, entropy, request, response
from disco_ref.sip.transaction.timers import Timers

HERE, THERE = Address("192.0.2.1", 5060), Address("192.0.2.9", 5060)
PATIENCE = 40.0
"""When the caller gives a call up that has no final response, in seconds: sooner or later everybody does."""


class Weather(NamedTuple):
    """What the network does to each datagram."""

    seed: int
    lost: float = 0.0
    """The share that is lost."""
    doubled: float = 0.0
    """The share that comes twice."""
    delay: float = 0.01
    """The longest delay, in seconds; unequal delays reorder."""

    def arrivals(self, random: Random) -> Iterator[float]:
        """How long each copy of a datagram takes."""
        if random.random() >= self.lost:
            yield random.uniform(0, self.delay)
            if random.random() < self.doubled:
                yield random.uniform(0, self.delay)


class Plan(NamedTuple):
    """What the users do."""

    method: str
    answers: tuple[tuple[float, int], ...]
    """Seconds after the request, and the status; the last one is final, or nothing final comes."""
    cancel: float | None = None
    """When the caller gives up, in seconds."""


class Pair:
    """A caller and a callee, run until nothing is left to happen."""

    def __init__(self, plan: Plan, weather: Weather, transport: Transport) -> None:
        self.plan, self.weather, self.transport = plan, weather, transport
        self.now = Instant(0.0)
        self.layers = {HERE: Transactions(Timers(), entropy()), THERE: Transactions(Timers(), entropy())}
        self.heard: dict[Address, list[Outcome]] = {HERE: [], THERE: []}
        self._random = Random(weather.seed)
        self._numbers = count()
        self._agenda: list[tuple[float, int, Address, bytes | str]] = []
        self._invite: RequestReceived | None = None
        self._answered = self._acknowledged = False

    def run(self, steps: int = 5000) -> None:
        """Everything that happens; a RuntimeError where it does not come to an end."""
        via = f"SIP/2.0/{self.transport} {HERE};branch=z9hG4bKpair"
        ask = request(self.plan.method, Via=via)
        for at in {PATIENCE, self.plan.cancel or PATIENCE}:
            self._later(at, HERE, "cancel")
        self._perform(HERE, self.layers[HERE].request(OWNER, ask, self.transport.reliable, self.now))
        for _ in range(steps):
            due = [layer.deadline for layer in self.layers.values()]
            times = [at for at in (*due, self._agenda[0][0] if self._agenda else None) if at is not None]
            if not times:
                return
            self.now = Instant(max(self.now, min(times)))
            self._step()
        raise RuntimeError("it does not end")

    def _step(self) -> None:
        if self._agenda and self._agenda[0][0] <= self.now:
            _, _, place, what = heappop(self._agenda)
            if isinstance(what, str):
                self._act(place, what)
            else:
                flow = Flow(self.transport, place, THERE if place == HERE else HERE)
                self._perform(place, self.layers[place].receive(read(what), flow, self.now))
            return
        for place, layer in self.layers.items():
            self._perform(place, layer.expire(self.now))

    def _later(self, seconds: float, place: Address, what: bytes | str) -> None:
        heappush(self._agenda, (self.now + seconds, next(self._numbers), place, what))

    def send(self, place: Address, octets: bytes) -> None:
        """A message on its way from a place."""
        other = THERE if place == HERE else HERE
        delays = iter([self.weather.delay]) if self.transport.reliable else self.weather.arrivals(self._random)
        for delay in delays:
            self._later(delay, other, octets)

    def _perform(self, place: Address, outcomes: list[Outcome]) -> None:
        for each in outcomes:
            if isinstance(each, Transmit):
                self.send(place, each.octets)
                continue
            self.heard[place].append(each)
            if isinstance(each, RequestReceived):
                self._asked(each)
            elif isinstance(each, AckReceived):
                self._acknowledged = True
            elif isinstance(each, ResponseReceived) and each.request.method == "INVITE":
                self._answer_came(each)

    def _asked(self, event: RequestReceived) -> None:
        """The callee's user hears a request: it has plans for each but CANCEL."""
        if event.request.method != "CANCEL":
            self._invite = event
            for delay, status in self.plan.answers:
                self._later(delay, THERE, f"answer {status}")
            return
        status = 481 if event.cancels is None else 200
        answer = response(event.request, status)
        self._perform(THERE, self.layers[THERE].respond(event.transaction, answer, self.now))
        if event.cancels is not None:
            self._act(THERE, "answer 487")

    def _answer_came(self, event: ResponseReceived) -> None:
        """The caller's user acknowledges each copy of a 2xx."""
        if 200 <= event.response.status_code < 300:
            to = str(event.response.headers.to)
            self.send(HERE, bytes(request("ACK", "z9hG4bKack", CSeq="314159 ACK", To=to)))

    def _act(self, place: Address, what: str) -> None:
        word, _, rest = what.partition(" ")
        if word == "cancel":
            self._perform(place, self.layers[place].cancel(OWNER, (), self.now))
        elif self._invite is not None and not (word == "answer" and self._answered):
            self._answer(self._invite, int(rest), word)

    def _answer(self, event: RequestReceived, status: int, word: str) -> None:
        """The callee's user answers; an accepted INVITE again and again until its ACK comes (section 13.3.1.4)."""
        interval = 0.5 if word == "answer" else float(word)
        if word != "answer" and (self._acknowledged or interval > 32):
            return
        self._answered = self._answered or status >= 200
        answer = response(event.request, status)
        self._perform(THERE, self.layers[THERE].respond(event.transaction, answer, self.now))
        if event.request.method == "INVITE" and 200 <= status < 300:
            self._later(min(interval, 4), THERE, f"{2 * interval} {status}")

    def outcomes(self) -> list[int]:
        """The final outcomes that the caller has heard, by status."""
        found = []
        for event in self.heard[HERE]:
            if isinstance(event, ResponseReceived) and event.response.status_code >= 200:
                found.append(event.response.status_code)
            elif isinstance(event, RequestFailed):
                found.append(event.status)
        return found

    def requests(self) -> list[str]:
        """The methods of the requests that the callee has heard."""
        return [event.request.method for event in self.heard[THERE] if isinstance(event, RequestReceived)]

    def failures(self) -> list[str]:
        """What the callee has heard of responses that were in vain."""
        return [event.why for event in self.heard[THERE] if isinstance(event, ResponseFailed)]
