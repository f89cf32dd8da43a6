"""A proxy whose actions are kept, in short: for playbooks of requests, responses and time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import (
    Action,
    CancelRequest,
    RequestReceived,
    ResponseReceived,
    SendRequest,
    SendResponse,
    SetTimer,
    TimerPassed,
)
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.message import Request, read
from disco_ref.sip.proxy.proxy import Proxy
from disco_ref.sip.registration.bindings import Binding
from disco_ref.sip.registration.domains import Domains
from disco_ref.sip.registration.holdings import Holdings
from disco_ref.sip.respond import respond
from disco_ref.sip.test.entropy import entropy
from disco_ref.sip.transport.listening import listening
from disco_ref.sip.transport.via import stamped

NOW = Instant(1_700_000_000.0)
UDP = listening(Transport.UDP, Address("192.0.2.1", 5060))
TCP = listening(Transport.TCP, Address("192.0.2.1", 5060))
TLS = listening(Transport.TLS, Address("192.0.2.1", 5061))
UDP6 = listening(Transport.UDP, Address("2001:db8::1", 5060))
FLOW = Flow(Transport.UDP, UDP.address, Address("192.0.2.9", 5060))
BOB = "sip:bob@192.0.2.20"


def request(
    method: str = "INVITE", uri: str = "sip:bob@example.com", *lines: str, hops: int | None = 70, tag: str = ""
) -> Request:
    """A request from alice's phone."""
    forwards = "" if hops is None else f"Max-Forwards: {hops}\r\n"
    message = read(
        (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa\r\n{forwards}"
            f"From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>{tag}\r\nCall-ID: c1\r\nCSeq: 1 {method}\r\n"
            + "".join(f"{line}\r\n" for line in lines)
            + "\r\n"
        ).encode()
    )
    assert isinstance(message, Request)
    return message


class Users(NamedTuple):
    """Everybody exists whose name begins with b."""

    locations: Holdings

    def knows(self, name: str) -> bool:
        """Whether there is such a user."""
        return name.startswith("b")


class Stage(SynchronousTestCase):
    """A proxy, with what it has sent."""

    def setUp(self) -> None:
        """A proxy for example.com, on UDP and TCP, with bob at one phone."""
        self.holdings = Holdings()
        self.bind(BOB)
        self.make()

    def make(self, guard: Authenticator | None = None, recurses: bool = False) -> None:
        """A fresh proxy."""
        where = [UDP, TCP, TLS, UDP6]
        domains = Domains(["example.com"], where)
        self.proxy = Proxy(
            domains, Users(self.holdings), entropy(), listening=where, authenticator=guard, recurses=recurses
        )
        self.proxy.reached_at(domains, where, guard)
        self.sent: list[SendRequest] = []
        self.timers: dict[tuple[tuple[str, ...], str], Instant | None] = {}

    def bind(self, *contacts: str, path: Sequence[str] = (), flow: Flow | None = None) -> None:
        """Where bob is registered."""
        values = [CONTACT.read(text if "<" in text else f"<{text}>")[0] for text in contacts]
        bindings = [
            Binding(value, "c", 1, Instant(NOW + 99), tuple(path), flow)
            for value in values
            if isinstance(value, Contact)
        ]
        self.holdings.replace("bob@example.com", bindings)

    def do(self, actions: list[Action]) -> list[object]:
        """What was done, in short: statuses sent back, ``>`` and the Request-URI sent on, ``x`` and the branch cancelled."""
        done: list[object] = []
        for action in actions:
            match action:
                case SendRequest():
                    self.sent.append(action)
                    done.append(f"> {action.request.request_uri}")
                case SendResponse(_, response):
                    self.last = response
                    done.append(response.status_code)
                case CancelRequest(owner):
                    done.append(f"x {owner[-1]}")
                case SetTimer(owner, name, at):
                    self.timers[owner, name] = at
                case _:
                    done.append(action)
        return done

    def arrives(self, message: Request, flow: Flow = FLOW) -> list[object]:
        """A request comes in."""
        return self.do(self.proxy.heard(RequestReceived(("server", message.method), message, flow), NOW))

    def answers(self, status: int, branch: int = 0, *lines: str, tag: str = "b", now: float = NOW) -> list[object]:
        """A response comes back on a branch."""
        owner, asked, *_ = self.sent[branch]
        whole = stamped(asked, UDP, "z9hG4bKx")
        response = respond(whole, status, lines=lines, to_tag=tag)
        return self.do(self.proxy.heard(ResponseReceived(owner, response, whole, FLOW), Instant(now)))

    def passes(self, name: str, branch: int = 0) -> list[object]:
        """A timer of a branch is due."""
        owner = self.sent[branch].owner
        at = self.timers.pop((owner, name))
        assert at is not None
        return self.do(self.proxy.heard(TimerPassed(owner, name), at))

    @property
    def copy(self) -> Request:
        """The request that was sent on last."""
        return self.sent[-1].request
