"""What holds for a focus, its participants and who watches it, whatever the way does and however the clock jumps."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.conference.focus.policy import Policy, Reserved
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.focus import FocusNode, focus_node
from disco_ref.peer.test.participants import FOCUS
from disco_ref.peer.watcher import RosterChanged, WatchEnded, Watcher
from disco_ref.shell.memory_network import CLEAR, MemoryNetwork, Weather
from disco_ref.shell.test.test_phone import Party
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.session.table import State
from disco_ref.sip.uri import read_uri

ROOM = f"sip:team@{FOCUS}"
EYE = Address("192.0.2.9", 5060)
DOINGS = ("dial", "dial", "dial", "hang up", "watch", "leave", "remove", "lock", "invite")

WEATHERS = st.builds(
    Weather,
    latency=st.just(0.02),
    jitter=st.sampled_from([0.0, 0.05, 0.8]),
    loss=st.sampled_from([0.0, 0.1, 0.3]),
    duplication=st.sampled_from([0.0, 0.3]),
    cut=st.sampled_from([0.0, 0.1]),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(DOINGS), st.integers(0, 2), st.sampled_from([0.0, 0.03, 0.7, 6.0])),
    min_size=1,
    max_size=8,
)


class Scene:
    """A focus, three telephones, one who watches; all over UDP and TCP."""

    def __init__(self, seed: int, weather: Weather, transport: str = "udp") -> None:
        self.network = network = MemoryNetwork(seed, weather)
        able = relaying({4: FOCUS.host}, {4: 4000}, {4: 4002})
        policy = Policy(reserved=(Reserved(name="team"),))
        self.node: FocusNode = focus_node(policy, able, network.entropy, interval=Duration(0.5))
        both = (Transport.UDP, Transport.TCP)
        self.focus = network.element(self.node.core, *((each, FOCUS) for each in both))
        self.phones = [Party(network, f"192.0.2.{number}") for number in (1, 2, 3)]
        self.watcher = Watcher(read_uri(f"sip:eye@{EYE}"), network.entropy)
        self.eye = network.element(self.watcher, *((each, EYE) for each in both))
        self.tail = f";transport={transport}"
        self.watching = False

    def do(self, what: str, who: int) -> None:
        """One thing that somebody does."""
        now, phone, focus = self.network.now, self.phones[who], self.node.focus
        if what == "dial":
            phone.dial(ROOM + self.tail)
        elif what == "hang up":
            for each in phone.calls.ids():
                phone.hang_up(each)
        elif what == "watch" and not self.watching:
            self.watching = True
            self.network.perform(self.eye, self.watcher.watch(read_uri(ROOM + self.tail), now))
        elif what == "leave" and self.watching:
            self.watching = False
            self.network.perform(self.eye, self.watcher.leave(now))
        elif what == "lock":
            self.network.perform(self.focus, self.node.settle(focus.lock("team", who > 1, now), now))
        elif what == "invite":
            target = read_uri(f"{phone.uri}{self.tail}")
            self.network.perform(self.focus, self.node.settle(focus.invite("team", target, now), now))
        elif what == "remove":
            call = next(iter(self.node.calls.ids()), None)
            if call is not None:
                self.network.perform(self.focus, self.node.settle(self.node.calls.hang_up(call, now), now))

    def play(self, steps: Sequence[tuple[str, int, float]]) -> None:
        """One thing after the other."""
        for what, who, pause in steps:
            self.do(what, who)
            self.network.run(pause)

    def calm(self) -> None:
        """Good weather, until all that was under way has ended."""
        self.network.run(80)
        self.network.weather = CLEAR
        self.network.run(110)

    def dialogs(self) -> tuple[set[tuple[str, str, str]], set[tuple[str, str, str]]]:
        """The confirmed dialogs of calls, as the focus has them and as the telephones have them, from its side."""
        ours, theirs = set(), set()
        for call in self.node.calls.ids():
            dialog = self.node.calls.dialog(call)
            if dialog is not None and self.node.calls.state(call) is State.CONFIRMED:
                ours.add((dialog.id.call_id, dialog.id.local_tag, dialog.id.remote_tag))
        for phone in self.phones:
            for call in phone.calls.ids():
                dialog = phone.calls.dialog(call)
                if dialog is not None and phone.calls.state(call) is State.CONFIRMED:
                    theirs.add((dialog.id.call_id, dialog.id.remote_tag, dialog.id.local_tag))
        return ours, theirs

    def stop(self) -> None:
        """All hang up, and nobody watches."""
        for who in range(len(self.phones)):
            self.do("hang up", who)
        self.do("leave", 0)
        now = self.network.now
        self.network.perform(self.focus, self.node.settle(self.node.focus.close(now), now))
        self.network.run(400)

    def left(self) -> list[object]:
        """What is left of everything."""
        node = self.node
        kept: list[object] = [len(node.calls), len(node.dialogs), len(node.relay), node.focus.conferences.calls]
        kept += [count for party in self.phones for count in party.kept()]
        for element in (self.focus, self.eye, *(phone.element for phone in self.phones)):
            kept += [element.held[name] for name in ("transactions", "sending", "timers", "buffered")]
        return kept


class Storms(SynchronousTestCase):
    """Calls and subscriptions in bad weather."""

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.integers(0, 1 << 16), WEATHERS, STEPS, st.sampled_from(["udp", "tcp"]))
    def test_both_or_neither(
        self, seed: int, weather: Weather, steps: list[tuple[str, int, float]], transport: str
    ) -> None:
        """A dialog is confirmed on both sides or on neither; who watches sees what is so; in the end nothing is left."""
        scene = Scene(seed, weather, transport)
        scene.play(steps)
        scene.calm()
        ours, theirs = scene.dialogs()
        # A BYE that is lost with its connection is not sent again: whom it was for knows nothing of it.
        lost = theirs - ours if transport == "tcp" and weather.cut else set()
        self.assertEqual(ours, theirs - lost)
        conference = scene.node.focus.conferences.get("team")
        assert conference is not None
        self.assertEqual(len(conference.legs), len(ours))
        self.assertEqual(len(scene.node.relay), len(ours))
        told = [one for one in scene.network.told(scene.eye) if isinstance(one, RosterChanged | WatchEnded)]
        if conference.publication is not None and told and isinstance(told[-1], RosterChanged):
            self.assertEqual(told[-1].document, conference.publication.document)
        scene.stop()
        self.assertEqual(set(scene.left()), {0}, scene.left())


class Clocks(SynchronousTestCase):
    """A clock that jumps in the middle of a call and of a subscription."""

    def jump(self, after: float, by: float) -> None:
        """The clock jumps; whatever happened, in the end nothing is left, and the next call is like any other."""
        scene = Scene(5, CLEAR)
        scene.play([("watch", 0, 0.0), ("dial", 0, 0.0), ("invite", 1, after)])
        scene.network.now = Instant(scene.network.now + by)
        scene.network.run(0.001)
        scene.play([("dial", 2, 0.5), ("remove", 0, 0.2), ("hang up", 0, 0.0)])
        scene.network.now = Instant(scene.network.now + max(0.0, -by))
        scene.calm()
        ours, theirs = scene.dialogs()
        self.assertEqual(ours, theirs)
        scene.play([("hang up", 1, 0.0), ("hang up", 2, 1.0), ("dial", 2, 1.0)])
        self.assertEqual(len(scene.dialogs()[0]), 1, (after, by))
        scene.stop()
        self.assertEqual(set(scene.left()), {0}, (after, by, scene.left()))

    def test_jumps(self) -> None:
        """Hours forward and backward, at every point."""
        for point in range(14):
            for by in (3.0, 40.0, 7200.0, 86400.0, -3.0, -7200.0):
                self.jump(point * 0.007 + 0.001, by)
