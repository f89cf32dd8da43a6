"""The core of a user agent: which room hears what, and what reaches the application (RFC 3261, section 8.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.user_agent import Equipment, UserAgent
from disco_ref.sip.actions import (
    Action,
    CloseFlow,
    Heard,
    Report,
    RequestReceived,
    ResponseFailed,
    SendResponse,
    StrayResponse,
    Tell,
    TimerPassed,
)
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import Request, read
from disco_ref.sip.respond import respond
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallOffered
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.transport.listening import Listening, listening

NOW = Instant(1000.0)
FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.2", 5060))
KEY = ("t",)


def request(method: str, *lines: str) -> Request:
    """A request as received."""
    text = [
        f"{method} sip:bob@192.0.2.1 SIP/2.0",
        "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1",
        "From: <sip:alice@192.0.2.2>;tag=a",
        "To: <sip:bob@192.0.2.1>",
        f"Call-ID: {method}",
        f"CSeq: 1 {method}",
        *lines,
        "",
        "",
    ]
    message = read("\r\n".join(text).encode())
    assert isinstance(message, Request)
    return message


class Ear:
    """A room or an application that keeps what it hears, and answers as told."""

    def __init__(self, *answers: Action) -> None:
        self.events: list[object] = []
        self.answers = list(answers)

    def heard(self, event: object, now: Instant) -> list[Action]:
        """Keeps it."""
        self.events.append(event)
        return self.answers


class Rooms(SynchronousTestCase):
    """A user agent with a room besides calls."""

    def setUp(self) -> None:
        """Its parts."""
        dialogs = Dialogs()
        identity = Identity.of("sip:bob@192.0.2.1")
        self.calls = Calls(dialogs, identity, bytes)
        self.room, self.application = Ear(), Ear()
        self.where: list[Listening] = []
        equipment = Equipment(
            methods={"SUBSCRIBE": self.room},
            rooms={"notify": self.room},
            own_methods=frozenset({"MESSAGE"}),
            sheds=lambda request, flow, now: 7,
            listens=self.where.extend,
        )
        self.agent = UserAgent(dialogs, self.calls, self.application, bytes, equipment)

    def hear(self, event: Heard) -> list[Action]:
        """The agent hears something."""
        return self.agent.heard(event, NOW)

    def test_by_method(self) -> None:
        """A request goes to the room of its method; without one, to the application."""
        self.hear(RequestReceived(KEY, request("SUBSCRIBE", "Event: x"), FLOW))
        self.hear(RequestReceived(KEY, request("MESSAGE"), FLOW))
        self.hear(RequestReceived(KEY, request("INVITE", "Contact: <sip:alice@192.0.2.2>"), FLOW))
        self.assertEqual(len(self.room.events), 1)
        self.assertEqual([type(event) for event in self.application.events], [RequestReceived, CallOffered])

    def test_by_owner(self) -> None:
        """What comes of an owner's requests and timers goes to its room; without one, to the application."""
        for owner in (("notify", "1"), ("app", "1"), ("call", "1")):
            self.hear(TimerPassed(owner, "2xx"))
        self.assertEqual(self.room.events, [TimerPassed(("notify", "1"), "2xx")])
        self.assertEqual(self.application.events, [TimerPassed(("app", "1"), "2xx")])

    def test_refused(self) -> None:
        """What is not understood is answered, and no room hears of it."""
        # = rfc3261:8.2/2 test
        (action,) = self.hear(RequestReceived(KEY, request("SUBSCRIBE", "Event: x", "Require: y"), FLOW))
        assert isinstance(action, SendResponse)
        self.assertEqual((action.response.status_code, self.room.events), (420, []))

    def test_dropped(self) -> None:
        """Responses that fit nothing, and those that could not be sent, are nobody's."""
        response = respond(request("OPTIONS"), 200, to_tag="b")
        self.assertEqual(self.hear(StrayResponse(response, FLOW)) + self.hear(ResponseFailed(KEY, "lost")), [])
        self.assertEqual(self.application.events, [])

    def test_settle(self) -> None:
        """What rooms tell goes to the application, whose actions take its place in order; its reports go out."""
        close = CloseFlow(FLOW)
        self.room.answers = [close, Tell("news"), close]
        self.application.answers = [Tell(Report("out"))]
        settled = self.hear(TimerPassed(("notify", "1"), "x"))
        self.assertEqual(settled, [close, Tell("out"), close])
        self.assertEqual(self.application.events, ["news"])

    def test_equipment(self) -> None:
        """Where the element listens, and whether it sheds, are its equipment's affair."""
        at = listening(Transport.UDP, Address("192.0.2.1", 5060))
        self.agent.listens([at])
        self.assertEqual(self.where, [at])
        self.assertEqual(self.agent.sheds(request("INVITE"), FLOW, NOW), 7)
