"""Playbooks: what comes in, what goes out, and time that passes, a row each.

::

    >> 180 INVITE                        a message comes, or a user answers
    << ResponseReceived 180              what comes of it, all of it
    ~ 32                                 seconds pass
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import (
    AckReceived,
    Owner,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    ServerTransaction,
    StrayResponse,
)
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.test.messages import request as request_octets
from disco_ref.sip.transaction.layer import Transactions
from disco_ref.sip.transaction.outcomes import Outcome, Overloaded, Transmit
from disco_ref.sip.transaction.timers import Timers

OWNER: Owner = ("call", "7")
UDP = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.9", 5060))
TCP = UDP._replace(transport=Transport.TCP, number=1)
START = Instant(1000.0)


def entropy() -> Callable[[int], bytes]:
    """A source that never says the same twice."""
    numbers = count(1)
    return lambda octets: next(numbers).to_bytes(octets, "big")


def request(method: str = "INVITE", branch: str = "z9hG4bKone", **fields: str | None) -> Request:
    """A request with a branch, some fields replaced by their names with ``_`` for ``-``."""
    rows: dict[str, str | None] = {"Via": f"SIP/2.0/UDP pc33.example.org:5062;branch={branch}"}
    rows |= {name.replace("_", "-"): text for name, text in fields.items()}
    message = read(request_octets(rows, method=method))
    if not isinstance(message, Request):
        raise TypeError("no request")
    return message


def response(to: Request, status: int, *, tag: str = "314", method: str = "") -> Response:
    """A response to a request."""
    lines = [line for line in to.headers.lines if line.partition(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    if method:
        lines = [line.replace(f" {to.method}", f" {method}") if line.startswith("CSeq") else line for line in lines]
    if status > 100 and not to.headers.to.tag:
        lines = [f"{line};tag={tag}" if line.startswith("To:") else line for line in lines]
    octets = "\r\n".join([f"SIP/2.0 {status} Words", *lines, "Content-Length: 0", "\r\n"]).encode()
    message = read(octets)
    if not isinstance(message, Response):
        raise TypeError("no response")
    return message


def sent(outcome: Outcome) -> Transmit:
    """What is sent; a TypeError where it is an event."""
    if not isinstance(outcome, Transmit):
        raise TypeError(f"an event: {outcome}")
    return outcome


def told(outcome: Outcome) -> str:
    """An outcome in a word or two: ``send ACK``, ``send 200``, ``ResponseReceived 180``."""
    name = type(outcome).__name__
    if isinstance(outcome, Transmit):
        message = outcome.message
        return f"send {message.method if isinstance(message, Request) else message.status_code}"
    if isinstance(outcome, ResponseReceived | StrayResponse):
        return f"{name} {outcome.response.status_code}"
    if isinstance(outcome, RequestFailed):
        return f"{name} {outcome.status}"
    if isinstance(outcome, RequestReceived | AckReceived | Overloaded):
        return f"{name} {outcome.request.method}"
    return name


class Ladder(SynchronousTestCase):
    """One transaction layer, played row by row."""

    def setUp(self) -> None:
        """A layer with the default timers, at the start of time."""
        self.now = START
        self.layer = Transactions(Timers(), entropy())
        self.flow = UDP
        self.invite = request()
        self.last: list[Outcome] = []
        self.transaction: ServerTransaction = ()

    def play(self, rows: str, ask: Request | None = None) -> None:
        """Plays the rows of a ladder; ``ask`` is the request that it is about.

        ``>> request``: the user sends it; ``>> 180``: such a response comes; ``>> ACK``, ``>> INVITE``: such a request comes;
        ``>> user 180``: the user answers; ``>> cancel``: the user gives up; ``>> failure``: the transport fails.
        """
        ask = ask or self.invite
        wanted: list[str] = []
        for row in [row.strip() for row in rows.strip().splitlines()]:
            sign, _, words = row.partition(" ")
            if sign == "<<":
                wanted.append(words)
                continue
            self.met(wanted, row)
            wanted = []
            self.last = self.pass_time(float(words)) if sign == "~" else self.perform(words, ask)
        self.met(wanted, "the end")

    def met(self, wanted: Sequence[str], row: str) -> None:
        """All outcomes are those that were wanted."""
        self.assertEqual([told(each) for each in self.last], list(wanted), f"before {row}")
        self.last = []

    def nothing_is_left(self) -> None:
        """The layer keeps no transaction, and waits for nothing."""
        self.assertEqual((len(self.layer), self.layer.deadline), (0, None))

    def pass_time(self, seconds: float) -> list[Outcome]:
        """Lets time pass from deadline to deadline, up to and with its end."""
        end, out = Instant(self.now + seconds), list[Outcome]()
        for _ in range(1000):
            due = self.layer.deadline
            if due is None or due > end + 1e-6:
                break
            self.now = max(due, self.now)
            out += self.layer.expire(self.now)
        self.now = end
        return out

    def perform(self, words: str, ask: Request) -> list[Outcome]:
        """One row."""
        layer, now = self.layer, self.now
        if words == "request":
            return layer.request(OWNER, ask, self.flow.transport.reliable, now)
        if words == "cancel":
            return layer.cancel(OWNER, ("Reason: SIP;cause=200",), now)
        if words == "failure":
            return layer.failed(self.transaction or OWNER, "unreachable", now)
        if words.startswith("user "):
            return layer.respond(self.transaction, response(ask, int(words[5:])), now)
        if words[0].isdigit():
            status, _, method = words.partition(" ")
            return layer.receive(response(ask, int(status), method=method), self.flow, now)
        out = layer.receive(ask if words == ask.method else self.related(ask, words), self.flow, now)
        for each in out:
            if isinstance(each, RequestReceived) and each.request.method != "CANCEL":
                self.transaction = each.transaction
        return out

    def related(self, ask: Request, method: str) -> Request:
        """The ACK or CANCEL of a request: in its transaction."""
        number = ask.headers.cseq.number
        to = f"{ask.headers.to};tag=314" if method == "ACK" else str(ask.headers.to)
        return request(method, ask.headers.via.branch or "", CSeq=f"{number} {method}", To=to, Via=str(ask.headers.via))
