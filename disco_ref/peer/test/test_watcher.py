"""Who watches a conference, against a notifier, over a network in virtual time (RFC 4575; RFC 6665)."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.conference.document import ConferenceInfo, ConferenceState, Endpoint, EndpointStatus, User, Users
from disco_ref.conference.package import CONFERENCE, Publication, View
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.peer.watcher import Granted, Missed, RosterChanged, Waiting, WatchEnded, Watcher
from disco_ref.shell.memory_network import CLEAR, MemoryNetwork, Weather
from disco_ref.sip.actions import Action, Heard, SendRequest, Tell
from disco_ref.sip.dialog.store import Dialogs
from disco_ref.sip.events.notifier import Notifier
from disco_ref.sip.events.package import Package
from disco_ref.sip.events.told import SubscriberGone, SubscriptionId, SubscriptionRequested
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.message import Request
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import read_uri

ROOM = "sip:room@192.0.2.2"
ALICE, BOB = Address("192.0.2.1", 5060), Address("192.0.2.2", 5060)


def conference(*names: str) -> ConferenceInfo:
    """A state with these participants."""
    users = tuple(
        User(
            entity=f"sip:{name}@example.org",
            endpoint=(Endpoint(entity=f"sip:{name}@192.0.2.9", status=EndpointStatus.connected),),
        )
        for name in names
    )
    return ConferenceInfo(entity=ROOM, conference_state=ConferenceState(user_count=len(names)), users=Users(user=users))


class Publisher:
    """A core that publishes the state of one conference to whoever asks."""

    def __init__(self, entropy: Entropy, package: Package = CONFERENCE) -> None:
        identity = Identity.of(ROOM)
        self.publication = Publication(conference())
        self.notifier = Notifier(Dialogs(), {"conference": package}, identity, entropy)
        self.ids: list[SubscriptionId] = []
        self.pending = False

    def listens(self, listening: Sequence[Listening]) -> None:
        """The Contact leads here."""
        if listening:
            contact = Contact(None, f"sip:room@{listening[0].sent_by}")
            self.notifier.identity = Identity(address=NameAddr(None, ROOM), contact=contact)

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Nothing."""
        return None

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Nothing."""
        return []

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """Accepts every subscription."""
        actions: list[Action] = []
        for action in self.notifier.heard(event, now):
            told = action.event if isinstance(action, Tell) else None
            if isinstance(told, SubscriptionRequested):
                self.ids.append(told.id)
                if self.pending:
                    actions += self.notifier.pending(told.id, now)
                else:
                    actions += self.notifier.accept(told.id, now, self.publication.view())
            elif isinstance(told, SubscriberGone):
                self.ids.remove(told.id)
            actions.append(action)
        return actions

    def publish(self, document: ConferenceInfo, now: Instant) -> list[Action]:
        """The next state."""
        return self.notifier.notify_all(self.ids, now) if self.publication.publish(document) else []


class Scene:
    """Alice watches Bob's conference."""

    def __init__(
        self,
        seed: int = 1,
        weather: Weather = CLEAR,
        package: Package = CONFERENCE,
        transport: Transport = Transport.UDP,
    ) -> None:
        self.network = MemoryNetwork(seed, weather)
        self.transport = transport
        self.watcher = Watcher(read_uri("sip:alice@192.0.2.1"), self.network.entropy)
        self.watcher.speaks(transport)
        both = (Transport.UDP, Transport.TCP)
        self.alice = self.network.element(self.watcher, *((each, ALICE) for each in both))
        self.package = package
        self.begin()

    def begin(self) -> None:
        """Bob is there, and knows of nothing."""
        self.publisher = Publisher(self.network.entropy, self.package)
        self.bob = self.network.element(self.publisher, *((each, BOB) for each in (Transport.UDP, Transport.TCP)))

    def watch(self, expires: int | None = None) -> None:
        """Alice begins to watch."""
        tail = "" if self.transport is Transport.UDP else ";transport=tcp"
        self.network.perform(self.alice, self.watcher.watch(read_uri(ROOM + tail), self.network.now, expires=expires))

    def publish(self, *names: str) -> None:
        """Others are in the conference."""
        self.network.perform(self.bob, self.publisher.publish(conference(*names), self.network.now))

    def told(self, kind: type) -> list[object]:
        """What Alice was told of one kind."""
        return [each for each in self.network.told(self.alice) if isinstance(each, kind)]

    @property
    def roster(self) -> ConferenceInfo | None:
        """What Alice holds."""
        documents = [each.document for each in self.network.told(self.alice) if isinstance(each, RosterChanged)]
        return documents[-1] if documents else None


class WatchTest(SynchronousTestCase):
    """A roster as it changes."""

    def test_roster(self) -> None:
        """Whoever comes and goes is seen, over datagrams and connections; the end is confirmed."""
        for transport in (Transport.UDP, Transport.TCP):
            scene = Scene(transport=transport)
            scene.watch()
            scene.network.run(10)
            for names in (("a",), ("a", "b"), ("b",)):
                scene.publish(*names)
                scene.network.run(10)
                self.assertEqual(scene.roster, conference(*names))
            self.assertEqual(len(scene.told(RosterChanged)), 4)
            scene.network.perform(scene.alice, scene.watcher.leave(scene.network.now))
            scene.network.run(1)
            (ended,) = scene.told(WatchEnded)
            assert isinstance(ended, WatchEnded)
            self.assertEqual((ended.again, ended.status, len(scene.publisher.notifier)), (None, 0, 0))

    def test_every_five_seconds(self) -> None:
        """Changes within five seconds are told as one."""
        # = rfc4575:3.9/101 test
        scene = Scene()
        scene.watch()
        for count in range(20):
            scene.network.run(1)
            scene.publish(*"abcdefghijklmnopqrst"[:count])
        scene.network.run(10)
        self.assertEqual(len(scene.told(RosterChanged)), 5)
        self.assertEqual(scene.roster, conference(*"abcdefghijklmnopqrs"))

    def test_lasts(self) -> None:
        """A subscription that is refreshed shows the same roster for as long as it is wanted."""
        scene = Scene()
        scene.watch(100)
        scene.network.run(1000)
        scene.publish("a")
        scene.network.run(10)
        self.assertEqual((scene.roster, scene.told(WatchEnded)), (conference("a"), []))

    def test_pending(self) -> None:
        """Who is not allowed yet is told so."""
        scene = Scene()
        scene.publisher.pending = True
        scene.watch()
        scene.network.run(1)
        self.assertEqual((len(scene.told(Waiting)), scene.roster), (1, None))

    def test_once(self) -> None:
        """Who looks once sees the roster, and nothing is left."""
        scene = Scene()
        scene.publish("a")
        scene.watch(0)
        scene.network.run(40)
        self.assertEqual((scene.roster, len(scene.publisher.notifier)), (conference("a"), 0))
        self.assertEqual(len(scene.told(WatchEnded)), 1)

    def test_notifier_starts_anew(self) -> None:
        """A notifier that has forgotten everything is subscribed to again, with its own versions."""
        scene = Scene()
        scene.watch(100)
        for names in ("a", "ab", "abx", "ad", "bd", "b", "ab", "a"):
            scene.publish(*names)
            scene.network.run(10)
        scene.network.remove(scene.bob)
        scene.begin()
        scene.publish("c")
        scene.network.run(100)
        self.assertEqual(scene.roster, conference("c"))
        ended = scene.told(WatchEnded)
        self.assertEqual(len(ended), 1)
        assert isinstance(ended[0], WatchEnded)
        self.assertEqual(ended[0].status, 481)

    def test_nobody_there(self) -> None:
        """Who does not answer is said to; nothing is tried any more."""
        scene = Scene()
        scene.network.remove(scene.bob)
        scene.watch()
        scene.network.run(4000)
        (ended,) = scene.told(WatchEnded)
        assert isinstance(ended, WatchEnded)
        self.assertEqual((ended.again, ended.status), (None, 408))

    def test_not_a_document(self) -> None:
        """A body that is no document is put aside; the roster stays."""
        scene = Scene()
        scene.watch()
        scene.network.run(10)
        (granted,) = scene.publisher.notifier._granted.values()
        lines = ["Event: conference", "Subscription-State: active", f"Contact: <{ROOM}>"]
        lines.append(f"Content-Type: {CONFERENCE.media_type}")
        request = granted.dialog.request("NOTIFY", lines, b"<no")
        scene.network.perform(scene.bob, [SendRequest(("x", "y"), request)])
        scene.network.run(1)
        self.assertEqual((len(scene.told(Missed)), scene.roster), (1, conference()))

    def test_gap(self) -> None:
        """A version that was left out leads to a refresh, whose full state mends the roster."""
        # = rfc4575:4.6/102 test
        scene = Scene()
        scene.watch()
        scene.network.run(10)
        (granted,) = scene.publisher.notifier._granted.values()
        state = granted.told
        assert isinstance(state, View)
        state.version += 1
        scene.publish("a")
        scene.network.run(2)
        self.assertEqual((len(scene.told(Missed)), scene.roster), (1, conference("a")))

    def test_methods(self) -> None:
        """A watcher takes no calls, and says what it takes."""
        scene = Scene()
        lines = ["From: <sip:x@192.0.2.2>;tag=1", "To: <sip:alice@192.0.2.1>", "Call-ID: c", "CSeq: 1 INVITE"]
        raw = scene.network.raw(Address("192.0.2.3", 5060))
        for method in ("INVITE", "OPTIONS"):
            via = f"Via: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bK{method}"
            head = [f"{method} sip:alice@192.0.2.1 SIP/2.0", via, *lines[:3], f"CSeq: 1 {method}", "Max-Forwards: 9"]
            raw.send("\r\n".join([*head, "Content-Length: 0", "", ""]).encode(), ALICE)
            scene.network.run(0.5)
        statuses = [octets.split()[1] for _, octets, _ in raw.received]
        self.assertEqual((statuses[0], statuses[-1]), (b"405", b"200"))


class WeatherTest(SynchronousTestCase):
    """Whatever the network does, the roster is the state in the end."""

    @settings(deadline=None, derandomize=True, max_examples=12)
    @given(
        st.integers(0, 1 << 30),
        st.lists(st.tuples(st.sets(st.sampled_from("abcdef")), st.floats(0, 4)), min_size=1, max_size=8),
    )
    def test_roster_equals_the_state(self, seed: int, steps: list[tuple[set[str], float]]) -> None:
        """A watcher's roster equals the published state, after any losses, copies and detours, and both ends let go."""
        # = rfc6665:4.1.2.4/3 test
        bad = Weather(latency=0.02, jitter=0.6, loss=0.25, duplication=0.2)
        scene = Scene(seed, bad, CONFERENCE._replace(interval=Duration(0)))
        scene.watch(120)
        for names, pause in steps:
            scene.network.run(pause)
            scene.publish(*sorted(names))
        scene.network.run(20)
        scene.network.weather = CLEAR
        scene.network.run(300)
        ended = scene.told(WatchEnded)
        if ended and getattr(ended[-1], "again", None) is None:
            # Not one SUBSCRIBE or NOTIFY came through at first.
            self.assertEqual(scene.told(RosterChanged), [])
            return
        self.assertEqual(scene.roster, scene.publisher.publication.document)
        self.assertTrue(scene.told(Granted))
        scene.network.perform(scene.alice, scene.watcher.leave(scene.network.now))
        scene.network.run(200)
        self.assertEqual(len(scene.publisher.notifier), 0)
        last = scene.told(WatchEnded)[-1]
        assert isinstance(last, WatchEnded)
        self.assertIsNone(last.again)
