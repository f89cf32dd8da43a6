"""Telephones in virtual time, over a way that loses, doubles and reorders (RFC 3261, sections 12 to 15)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.offer import Wish
from disco_ref.peer.element import Element
from disco_ref.peer.phone import Called, Changed, Ended, Failed, Manners, Phone, Redirected, Ringing, Talking
from disco_ref.peer.user_agent import Equipment, UserAgent
from disco_ref.shell.memory_network import CLEAR, MemoryNetwork, Weather
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.respond import respond
from disco_ref.sip.session.calls import Calls
from disco_ref.sip.session.events import CallId, Why
from disco_ref.sip.session.identity import Identity, Invitation
from disco_ref.sip.session.table import State
from disco_ref.sip.session.test.pair import replacing
from disco_ref.sip.uri import read_uri

ALICE, BOB, CAROL = (f"192.0.2.{number}" for number in (1, 2, 3))
ONE = CallId("1")


class Party:
    """A telephone on the network."""

    def __init__(self, network: MemoryNetwork, host: str, manners: Manners | None = None) -> None:
        self.network = network
        self.address = Address(host, 5060)
        self.uri = f"sip:{host}"
        self.dialogs = Dialogs()
        identity = Identity.of(self.uri)
        self.calls = Calls(self.dialogs, identity, network.entropy)
        self.phone = Phone(self.calls, relaying({4: host}, {4: 4000}), network.entropy, manners)
        equipment = Equipment(options=self.phone.options)
        self.agent = UserAgent(self.dialogs, self.calls, self.phone, network.entropy, equipment)
        both = (Transport.UDP, self.address), (Transport.TCP, self.address)
        self.element: Element = network.element(self.agent, *both)

    def dial(self, uri: str, *lines: str) -> CallId:
        """Calls somebody."""
        id, actions = self.phone.dial(Invitation(read_uri(uri), lines=lines), self.network.now)
        self.network.perform(self.element, self.agent.settle(actions, self.network.now))
        return id

    def hang_up(self, id: CallId = ONE) -> None:
        """Ends a call."""
        actions = self.calls.hang_up(id, self.network.now) if id in self.calls else []
        self.network.perform(self.element, self.agent.settle(actions, self.network.now))

    def told(self, *kinds: type) -> list[object]:
        """What it reported, of some kinds."""
        return [event for event in self.network.told(self.element) if isinstance(event, kinds or object)]

    def kept(self) -> tuple[int, int, int]:
        """What is left of calls: calls, dialogs, timers."""
        return len(self.calls), len(self.dialogs), self.element.held["timers"]


class Telephones(SynchronousTestCase):
    """Two or three telephones on a network that behaves."""

    def setUp(self) -> None:
        """Alice and Bob."""
        self.network = MemoryNetwork(7, CLEAR)
        self.alice = Party(self.network, ALICE)
        self.bob = Party(self.network, BOB)

    def test_call(self) -> None:
        """A call is answered, agreed on, ended, and leaves nothing."""
        id = self.alice.dial(self.bob.uri)
        self.network.run(1)
        self.assertEqual([type(event) for event in self.alice.told()], [Ringing, Talking])
        self.assertEqual([type(event) for event in self.bob.told()], [Called, Talking])
        self.alice.hang_up(id)
        self.network.run(40)
        self.assertEqual(self.bob.told(Ended), [Ended(ONE, Why.REMOTE)])
        self.assertEqual((self.alice.kept(), self.bob.kept()), ((0, 0, 0), (0, 0, 0)))

    def test_over_tcp(self) -> None:
        """The same over a connection, to which the Contact of either side leads back."""
        self.alice.dial(f"{self.bob.uri};transport=tcp")
        self.network.run(1)
        self.bob.hang_up()
        self.network.run(40)
        self.assertEqual(self.alice.told(Ended), [Ended(ONE, Why.REMOTE)])
        self.assertEqual({sent.transport for sent in self.network.sent}, {Transport.TCP})

    def test_rejected(self) -> None:
        """Who is busy says so."""
        self.bob.phone.manners = Manners(answers=486)
        self.alice.dial(self.bob.uri)
        self.network.run(1)
        self.assertEqual(self.alice.told(Failed), [Failed(ONE, 486, "Busy Here", False)])

    def test_not_acceptable(self) -> None:
        """An offer of which nothing is possible gets 488 and a Warning."""
        # = rfc3261:13.3.1.3/3 test
        # = rfc3261:13.3.1.3/4 test
        self.alice.phone.manners = Manners(wishes=(Wish("video"),))
        self.alice.phone.able = relaying({4: ALICE}, {4: 4000}, {4: 4002})
        self.alice.dial(self.bob.uri)
        self.network.run(1)
        self.assertEqual([event.status for event in self.alice.told(Failed) if isinstance(event, Failed)], [488])
        self.assertTrue(any(b"\r\nWarning: " in sent.octets for sent in self.network.sent))

    def test_late_offer(self) -> None:
        """Without an offer of the caller the callee makes it."""
        self.alice.phone.manners = Manners(late_offer=True)
        self.alice.dial(self.bob.uri)
        self.network.run(1)
        for party in (self.alice, self.bob):
            (talking,) = party.told(Talking)
            assert isinstance(talking, Talking)
            self.assertEqual([stream.media for stream in talking.agreement], ["audio"])

    def test_cancelled(self) -> None:
        """Who hangs up while it rings cancels."""
        self.bob.phone.manners = Manners(delay=Duration(20.0))
        self.alice.dial(self.bob.uri)
        self.network.run(3)
        self.alice.hang_up()
        self.network.run(40)
        self.assertEqual(self.alice.told(Failed), [Failed(ONE, 487, "Request Terminated", True)])
        self.assertEqual(self.bob.told(Ended), [Ended(ONE, Why.CANCELLED)])
        self.assertEqual((self.alice.kept(), self.bob.kept()), ((0, 0, 0), (0, 0, 0)))

    def test_hold(self) -> None:
        """A stream is put on hold by re-INVITE; both that meet are refused, told, and change nothing."""
        self.alice.dial(self.bob.uri)
        self.network.run(1)
        now = self.network.now
        actions = self.alice.phone.hold(ONE, [Wish("audio", Direction.sendonly)], now)
        self.network.perform(self.alice.element, self.alice.agent.settle(actions, now))
        self.network.run(1)
        talking = self.bob.told(Talking)[-1]
        assert isinstance(talking, Talking)
        self.assertEqual(talking.agreement[0].direction, Direction.recvonly)
        for party in (self.alice, self.bob):
            actions = party.phone.hold(ONE, [Wish("audio")], self.network.now)
            self.network.perform(party.element, party.agent.settle(actions, self.network.now))
        self.network.run(10)
        self.assertEqual(self.alice.told(Changed), [Changed(ONE, "INVITE", 491)])
        self.assertEqual(self.alice.calls.state(ONE), State.CONFIRMED)

    def test_redirected(self) -> None:
        """A call follows a 302 to one place after the other, none of them twice."""
        # = rfc3261:8.1.3.4/1 test
        # = rfc3261:8.1.3.4/2 test
        # = rfc3261:8.1.3.4/7 test
        desk = self.network.raw(Address(CAROL, 5060))
        self.bob.phone.manners = Manners(answers=486)
        dave = Party(self.network, "192.0.2.4")
        self.alice.dial(f"sip:{CAROL}")
        self.network.run(0.1)
        invite = read(desk.received[0][1])
        assert isinstance(invite, Request)
        contacts = f"Contact: <sip:{CAROL}>, <{self.bob.uri}>, <mailto:x@y>, <{dave.uri}>"
        desk.send(bytes(respond(invite, 302, lines=[contacts], to_tag="t")), self.alice.address)
        self.network.run(2)
        found = [(event.status, event.target) for event in self.alice.told(Redirected) if isinstance(event, Redirected)]
        self.assertEqual(found, [(302, self.bob.uri), (486, dave.uri)])
        self.assertEqual([type(event) for event in dave.told()], [Called, Talking])

    def test_replaces(self) -> None:
        """A call that replaces another takes its place: the other one gets BYE."""
        # = rfc3891:3/0 test
        self.alice.dial(self.bob.uri)
        self.network.run(1)
        dialog = self.alice.calls.dialog(ONE)
        assert dialog is not None
        carol = Party(self.network, CAROL)
        carol.dial(self.bob.uri, f"Replaces: {replacing(dialog.id)}")
        self.network.run(2)
        self.assertEqual(self.alice.told(Ended), [Ended(ONE, Why.REMOTE)])
        self.assertEqual(self.bob.told(Ended), [Ended(ONE, Why.REPLACED)])
        self.assertEqual([type(event) for event in carol.told()], [Ringing, Talking])

    def test_replaces_nothing(self) -> None:
        """Replaces that fits no dialog gets 481, one for early dialogs only gets 486 where it is confirmed."""
        self.alice.dial(self.bob.uri)
        self.network.run(1)
        dialog = self.alice.calls.dialog(ONE)
        assert dialog is not None
        carol = Party(self.network, CAROL)
        carol.dial(self.bob.uri, "Replaces: x;to-tag=1;from-tag=2")
        carol.dial(self.bob.uri, f"Replaces: {replacing(dialog.id, early_only=True)}")
        self.network.run(2)
        self.assertEqual([event.status for event in carol.told(Failed) if isinstance(event, Failed)], [481, 486])


class Asked(SynchronousTestCase):
    """What a user agent answers to requests made by hand."""

    def setUp(self) -> None:
        """Bob, and a place to write to him from."""
        self.network = MemoryNetwork(7, CLEAR)
        self.bob = Party(self.network, BOB)
        self.raw = self.network.raw(Address(CAROL, 5060))

    def ask(self, method: str, *lines: str, branch: str = "1", to: str = "") -> Response:
        """The final response to a request."""
        text = [
            f"{method} {self.bob.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {CAROL}:5060;branch=z9hG4bK{branch}",
            "From: <sip:carol@example.com>;tag=c",
            f"To: <{self.bob.uri}>{to}",
            "Call-ID: x1",
            f"CSeq: 1 {method}",
            "Max-Forwards: 70",
            *lines,
            "Content-Length: 0",
            "",
            "",
        ]
        self.raw.send("\r\n".join(text).encode(), self.bob.address)
        self.network.run(1)
        message = read(self.raw.received[-1][1])
        assert isinstance(message, Response)
        return message

    def test_options(self) -> None:
        """OPTIONS is answered as an INVITE would be, with what the user agent understands."""
        # = rfc3261:11/1 test
        # = rfc3261:11.2/1 test
        # = rfc3261:11.2/2 test
        response = self.ask("OPTIONS")
        self.assertEqual(response.status_code, 200)
        for name in ("allow", "accept", "accept-encoding", "accept-language", "supported"):
            self.assertIn(name, response.headers)
        self.bob.phone.manners = Manners(answers=486)
        self.assertEqual(self.ask("OPTIONS", branch="2", to=";tag=x").status_code, 481)

    def test_busy_options(self) -> None:
        """Who would be busy for an INVITE is for OPTIONS."""
        # = rfc3261:11.2/1 test
        self.bob.phone.manners = Manners(answers=486)
        self.assertEqual(self.ask("OPTIONS").status_code, 486)

    def test_unknown(self) -> None:
        """Methods and extensions that are not understood get 501, 405 and 420 with what is."""
        # = rfc3261:8.2.1/2 test
        # = rfc3261:8.2.2.3/1 test
        self.assertEqual(self.ask("FOO").status_code, 501)
        self.assertIn("allow", self.ask("PUBLISH", "Event: x", branch="2").headers)
        refused = self.ask("INVITE", "Require: x, 100rel", f"Contact: <sip:{CAROL}>", branch="3")
        self.assertEqual((refused.status_code, refused.headers.texts("unsupported")), (420, ["x"]))

    def test_merged(self) -> None:
        """The same request with another branch gets 482."""
        # = rfc3261:8.2.2.2/2 test
        self.assertEqual(self.ask("OPTIONS").status_code, 200)
        self.assertEqual(self.ask("OPTIONS", branch="2").status_code, 482)

    def test_stray(self) -> None:
        """BYE, CANCEL and PRACK that belong nowhere get 481, INVITE without Contact gets 400."""
        # = rfc3261:15.1.2/1 test
        # = rfc3261:9.2/1 test
        for number, method in enumerate(("BYE", "CANCEL", "PRACK", "UPDATE")):
            lines = ("RAck: 1 1 INVITE",) if method == "PRACK" else ()
            tag = ";tag=x" if method != "CANCEL" else ""
            self.assertEqual(self.ask(method, *lines, branch=f"s{number}", to=tag).status_code, 481)
        self.assertEqual(self.ask("INVITE", branch="i").status_code, 400)


WEATHERS = st.builds(
    Weather,
    latency=st.just(0.02),
    jitter=st.sampled_from([0.0, 0.05, 0.8]),
    loss=st.sampled_from([0.0, 0.1, 0.3, 0.4]),
    duplication=st.sampled_from([0.0, 0.3]),
)


class Storms(SynchronousTestCase):
    """What holds whatever the way does to messages."""

    @settings(max_examples=300, deadline=None, derandomize=True)
    @given(
        seed=st.integers(0, 1 << 16),
        weather=WEATHERS,
        rings=st.sampled_from([0.0, 1.0]),
        late=st.booleans(),
        who=st.sampled_from("abn"),
        after=st.sampled_from([0.1, 0.9, 3.0, 40.0]),
    )
    def test_both_or_neither(
        self, seed: int, weather: Weather, rings: float, late: bool, who: str, after: float
    ) -> None:
        """A dialog is confirmed on both sides or on neither; what has ended leaves nothing behind in 64*T1 of good weather."""
        network = MemoryNetwork(seed, weather)
        alice = Party(network, ALICE, Manners(late_offer=late))
        bob = Party(network, BOB, Manners(delay=Duration(rings)))
        alice.dial(bob.uri)
        network.run(after)
        if who != "n":
            (alice if who == "a" else bob).hang_up()
        network.run(140)
        network.weather = CLEAR
        network.run(140)
        sides = [[party.calls.state(id) for id in party.calls.ids()] for party in (alice, bob)]
        self.assertIn(sides, ([[], []], [[State.CONFIRMED], [State.CONFIRMED]]))
        if not sides[0]:
            self.assertEqual((alice.kept(), bob.kept()), ((0, 0, 0), (0, 0, 0)))
            self.assertEqual(len(alice.phone) + len(bob.phone), 0)
        else:
            mine, theirs = alice.calls.dialog(ONE), bob.calls.dialog(bob.calls.ids()[0])
            assert mine is not None
            assert theirs is not None
            self.assertEqual((mine.id.local_tag, mine.id.remote_tag), (theirs.id.remote_tag, theirs.id.local_tag))
