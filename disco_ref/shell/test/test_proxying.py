"""Calls through the proxy in virtual time, over a network that loses, doubles and reorders."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.proxy import ProxyCore
from disco_ref.shell.memory_network import BEGIN, MemoryNetwork, Weather
from disco_ref.sip.actions import (
    Action,
    CancelRequest,
    Heard,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendAck,
    SendRequest,
    SendResponse,
)
from disco_ref.sip.digest.accounts import Account, Accounts
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.header.block import Headers
from disco_ref.sip.message import Request
from disco_ref.sip.registration.bindings import Binding
from disco_ref.sip.registration.registering import Phase, Registration, Wish
from disco_ref.sip.respond import respond
from disco_ref.sip.uri import SipUri

PROXY, CALLER = Address("192.0.2.1", 5060), Address("192.0.2.2", 5060)
PHONES = [Address(f"192.0.2.{10 + n}", 5060) for n in range(3)]


class Party:
    """A phone: it keeps the statuses that it gets, acknowledges every 2xx, and answers as it was told."""

    def __init__(self, status: int = 0) -> None:
        self.status = status
        """Of the answer to INVITE; 0: it only rings."""
        self.finals: list[int] = []
        self._invite: RequestReceived | None = None

    def listens(self, listening: object) -> None:
        """Nothing is made of it."""

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Nothing."""
        return None

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Nothing."""
        return []

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What a phone does."""
        if isinstance(event, RequestReceived):
            return self._request(event)
        if isinstance(event, RequestFailed):
            self.finals.append(event.status)
        if isinstance(event, ResponseReceived) and event.response.status_code >= 200:
            self.finals.append(event.response.status_code)
            if event.response.status_code < 300:
                ack = event.request._replace(method="ACK", headers=_head("ACK"))
                return [SendAck(ack)]
        return []

    def _request(self, event: RequestReceived) -> list[Action]:
        if event.request.method == "CANCEL":
            actions: list[Action] = [SendResponse(event.transaction, respond(event.request, 200, to_tag="t"))]
            invite = self._invite
            if event.cancels and self.status == 0 and invite is not None:
                actions.append(SendResponse(invite.transaction, respond(invite.request, 487, to_tag="t")))
            return actions
        self._invite = event
        statuses = [180, self.status] if self.status else [180]
        return [SendResponse(event.transaction, respond(event.request, each, to_tag="t")) for each in statuses]


class Registering(Party):
    """A phone that only registers."""

    def __init__(self, registration: Registration) -> None:
        super().__init__()
        self.registration = registration

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What its registration does."""
        return self.registration.heard(event, now)


def _head(method: str) -> Headers:
    lines = "From: <sip:carol@example.org>;tag=c", "To: <sip:bob@example.com>", "Call-ID: c", f"CSeq: 1 {method}"
    return Headers([*lines, "Max-Forwards: 70", "Content-Length: 0"])


class Proxying(SynchronousTestCase):
    """Whatever the weather, every call ends, at the caller and at the proxy."""

    def play(self, statuses: list[int], weather: Weather, seed: int, cancel_after: float | None) -> list[int]:
        """A call to bob's phones; the finals that the caller gets."""
        network = MemoryNetwork(seed, weather)
        core = ProxyCore(["example.com"], network.entropy, stores=False)
        proxy = network.element(core, (Transport.UDP, PROXY))
        caller = Party()
        calling = network.element(caller, (Transport.UDP, CALLER))
        bindings = []
        for status, address in zip(statuses, PHONES, strict=False):
            network.element(Party(status), (Transport.UDP, address))
            (contact,) = CONTACT.read(f"<sip:bob@{address}>")
            assert isinstance(contact, Contact)
            bindings.append(Binding(contact, "c", 1, Instant(BEGIN + 9999)))
        core.registrar.locations.replace("bob@example.com", bindings)
        invite = Request("INVITE", SipUri("sip", "bob", None, "example.com"), _head("INVITE"))
        route = Headers([f"Route: <sip:{PROXY};lr>", *invite.headers.lines])
        network.perform(calling, [SendRequest(("call",), invite._replace(headers=route))])
        if cancel_after is not None:
            network.run(cancel_after)
            network.perform(calling, [CancelRequest(("call",))])
        network.run(600)
        self.assertEqual(len(core.proxy), 0)
        self.assertEqual(proxy.held["transactions"], 0)
        self.assertEqual(proxy.held["timers"], 0)
        return caller.finals

    def test_clear_weather(self) -> None:
        """Of all that answer, the caller gets what section 16.7 says."""
        for statuses, finals in (
            ([486, 200], [200]),
            ([486, 404], [486]),
            ([603, 0], [603]),
            ([0, 0], [487]),
            ([503], [500]),
        ):
            # = rfc3261:16.7/19 test
            # = rfc3261:16.8/2 test
            self.assertEqual(self.play(statuses, Weather(), 1, None), finals, statuses)

    def test_cancelled(self) -> None:
        """A caller who gives up gets 487, and nothing is left."""
        self.assertEqual(self.play([0, 0, 0], Weather(), 1, 1.0), [487])

    def test_registered_for_a_day(self) -> None:
        """Who registers with a password stays registered while time passes, through losses, and is gone when it wants to be."""
        network = MemoryNetwork(5, Weather(loss=0.2, jitter=0.2))
        accounts = Accounts({"bob": "builder"})
        core = ProxyCore(["example.com"], network.entropy, accounts=accounts, stores=False)
        network.element(core, (Transport.UDP, PROXY))
        (contact,) = CONTACT.read(f"<sip:bob@{CALLER}>")
        (route,) = ROUTE.read(f"<sip:{PROXY};lr>")
        assert isinstance(contact, Contact)
        wish = Wish(SipUri("sip", "bob", None, "example.com"), contact, expires=600, routes=[route])
        keyring = Keyring([Account("bob", "builder", "example.com")], network.entropy)
        registration = Registration("1", wish, keyring, network.entropy)
        phone = network.element(Registering(registration), (Transport.UDP, CALLER))
        network.perform(phone, registration.register(network.now))
        network.run(10)
        held = []
        for _ in range(24 * 12):
            network.run(300)
            held.append(len(core.registrar.locations.bindings("bob@example.com", network.now)))
        # = rfc3261:10.2.4/2 test
        self.assertGreater(held.count(1), 24 * 12 - 3)
        network.perform(phone, registration.unregister(network.now))
        network.run(40)
        self.assertEqual((len(core.registrar.locations), registration.phase), (0, Phase.IDLE))

    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(
        st.lists(st.sampled_from([0, 200, 404, 486, 503, 603]), min_size=1, max_size=3),
        st.integers(0, 1 << 30),
        st.sampled_from([0.0, 0.1, 0.3, 0.6]),
        st.sampled_from([0.0, 0.3]),
        st.sampled_from([None, 0.02, 3.0]),
    )
    def test_any_weather(
        self, statuses: list[int], seed: int, loss: float, duplication: float, cancel_after: float | None
    ) -> None:
        """The caller gets one final response that is no 2xx, or 2xx alone; the proxy forgets all."""
        weather = Weather(loss=loss, duplication=duplication, jitter=0.7)
        finals = self.play(statuses, weather, seed, cancel_after)
        # these phones do not repeat their 2xx, so that where messages are lost the caller may hear nothing
        self.assertTrue(finals or loss)
        refused = [each for each in finals if each >= 300]
        self.assertLessEqual(len(refused), 1, finals)
        if refused:
            self.assertEqual(finals, refused)
