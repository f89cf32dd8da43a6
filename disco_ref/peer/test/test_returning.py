"""Tests of responses that cannot go back on the way that their request came."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.effects import Effect, Locate, Transmit
from disco_ref.peer.element import Bounds, Element
from disco_ref.peer.test.parties import ALICE, Answering
from disco_ref.peer.ways.returning import LIFE
from disco_ref.sip.actions import Action, Heard, RequestReceived, ResponseFailed, SendResponse
from disco_ref.sip.flow import Address, Flow, Hop, Transport
from disco_ref.sip.location.questions import Host, HostRecord, Srv, SrvRecord
from disco_ref.sip.respond import respond
from disco_ref.sip.test import messages
from disco_ref.sip.transport.listening import listening

UDP, TCP, TLS = Transport
NOW = Instant(1000.0)
SOURCE = Address("198.51.100.7", 40000)


class _Later(Answering):
    """Answers when it is told to."""

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """Keeps it."""
        self.events.append(event)
        return []


class Returning(SynchronousTestCase):
    """An element whose caller has gone."""

    def element(self, transport: Transport, sent_by: str, bounds: Bounds | None = None, status: int = 200) -> Transmit:
        """An element that answers a request over such a transport; what it sends when the connection is gone."""
        self.core = _Later()
        places = [listening(each, ALICE) for each in Transport]
        self.held = Element(places, self.core, lambda count: b"\x07" * count, bounds=bounds or Bounds())
        flow = Flow(transport, ALICE, SOURCE, 0 if transport is UDP else 1)
        via = f"SIP/2.0/{transport} {sent_by};branch=z9hG4bKx"
        self.held.receive(messages.request({"Via": via}, method="INVITE"), flow, NOW)
        [heard] = [each for each in self.core.events if isinstance(each, RequestReceived)]
        self.transaction = heard.transaction
        self.request = heard.request
        if transport is not UDP:
            self.held.closed(flow, "gone", NOW)
        return self.answer(status)

    def answer(self, status: int) -> Transmit:
        """The response."""
        response = respond(self.request, status, to_tag="x")
        [effect] = self.held.perform([SendResponse(self.transaction, response)], NOW)
        assert isinstance(effect, Transmit)
        return effect

    def fails(self, effect: Effect) -> list[Effect]:
        """What is done when something could not be delivered."""
        assert isinstance(effect, Transmit)
        return self.held.undelivered(effect.handle, "no", NOW, effect.octets)

    def failed(self) -> int:
        """How often the core has heard that a response has failed."""
        return sum(isinstance(each, ResponseFailed) for each in self.core.events)

    def test_name_and_port(self) -> None:
        """The addresses of the name in sent-by are tried at its port, one after the other; then the core hears of it."""
        # = rfc3261:18.2.2/3 test
        # = rfc3261:18.2.2/4 test
        # = rfc3263:5/0 test
        first = self.element(TCP, "a.example:5070", status=180)
        self.assertEqual(first.hop, Hop(TCP, Address("198.51.100.7", 5070)))
        self.assertEqual(self.fails(first), [Locate(Host("a.example"))])
        answers = (HostRecord("192.0.2.8"), HostRecord("192.0.2.9"))
        [second] = self.held.located(Host("a.example"), answers, NOW)
        self.assertEqual(second, first._replace(hop=Hop(TCP, Address("192.0.2.8", 5070), "a.example")))
        [third] = self.fails(second)
        self.assertEqual(third, first._replace(hop=Hop(TCP, Address("192.0.2.9", 5070), "a.example")))
        self.assertEqual((self.failed(), self.held.held["returning"]), (0, 1))
        self.assertEqual(self.fails(third), [])
        self.assertEqual(self.held.held["returning"], 0)

    def test_told(self) -> None:
        """Where no server is found, the core hears that an INVITE's answer has failed."""
        first = self.element(UDP, "a.example:5070", status=486)
        [asked] = self.fails(first)
        assert isinstance(asked, Locate)
        self.assertEqual(self.held.located(asked.question, (), NOW), [])
        self.assertEqual((self.failed(), self.held.held["returning"]), (1, 0))

    def test_name_alone(self) -> None:
        """Without a port the service of the transport is asked for; over TLS the name has to be proved."""
        # = rfc3263:5/0 test
        first = self.element(TLS, "a.example")
        self.assertEqual(self.fails(first), [Locate(Srv("_sips._tcp.a.example"))])
        self.held.located(Srv("_sips._tcp.a.example"), (SrvRecord(1, 1, 7000, "one.example"),), NOW)
        [second] = self.held.located(Host("one.example"), (HostRecord("192.0.2.8"),), NOW)
        self.assertEqual(second, first._replace(hop=Hop(TLS, Address("192.0.2.8", 7000), "a.example")))

    def test_datagram(self) -> None:
        """A datagram that cannot be sent to the source goes to the server of the sent-by, from the same socket."""
        # = rfc3261:18.2.2/8 test
        first = self.element(UDP, "192.0.2.8:5070")
        [second] = self.fails(first)
        self.assertEqual(second, first._replace(flow=Flow(UDP, ALICE, Address("192.0.2.8", 5070))))

    def test_nowhere_else(self) -> None:
        """A sent-by that is the source leads nowhere else."""
        first = self.element(TCP, "198.51.100.7:5070")
        self.assertEqual(self.fails(first), [])
        self.assertEqual(self.held.held["returning"], 0)

    def test_several(self) -> None:
        """Each response of a transaction has places of its own; the answer to a question serves all."""
        first = self.element(TCP, "a.example:5070", status=180)
        second = self.answer(181)
        self.assertEqual((self.fails(first), self.fails(second)), ([Locate(Host("a.example"))], []))
        found = self.held.located(Host("a.example"), (HostRecord("192.0.2.8"),), NOW)
        self.assertEqual([each.octets for each in found if isinstance(each, Transmit)], [first.octets, second.octets])

    def test_bounds(self) -> None:
        """Only so many at once look for other places, and none for ever."""
        first = self.element(TCP, "a.example:5070", Bounds(searches=1), status=180)
        second = self.answer(181)
        self.assertEqual((len(self.fails(first)), self.fails(second)), (1, []))
        deadline = self.held.deadline
        assert deadline is not None and deadline <= NOW + LIFE
        self.held.expire(Instant(NOW + LIFE))
        self.assertEqual(self.held.held["returning"], 0)
        self.assertEqual(self.held.located(Host("a.example"), (HostRecord("192.0.2.8"),), NOW), [])
