"""The network in memory: what it does to messages, and that one seed is one run."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.test.parties import ALICE, BOB, CAROL, Answering, ask, send
from disco_ref.shell.memory_network import MemoryNetwork, Sent, Weather
from disco_ref.sip.actions import RequestFailed, RequestReceived, ResponseReceived, Tell
from disco_ref.sip.flow import Address, Hop, Transport
from disco_ref.sip.test import messages

UDP, TCP, TLS = Transport


def played(seed: int, weather: Weather) -> tuple[list[Sent], list[object]]:
    """What left, and what Alice was told, in a run of three requests."""
    network = MemoryNetwork(seed, weather)
    near = network.element(Answering(), (UDP, ALICE))
    network.element(Answering(), (UDP, BOB))
    for number in range(3):
        network.perform(near, [send(ask(tag=str(number)), str(number))])
    network.run(100)
    return network.sent, network.told(near)


class WeatherTest(SynchronousTestCase):
    """What happens on the way."""

    def test_one_seed_one_run(self) -> None:
        """A run can be repeated to the octet; another seed is another run."""
        weather = Weather(jitter=1, loss=0.5, duplication=0.5)
        self.assertEqual(played(3, weather), played(3, weather))
        self.assertNotEqual(played(3, weather)[0], played(4, weather)[0])

    def test_loss(self) -> None:
        """Where all is lost, requests are retransmitted by their timers and fail in the end."""
        sent, told = played(1, Weather(loss=1))
        self.assertEqual([type(each) for each in told], [RequestFailed] * 3)
        begin = sent[0].at
        times = [each.at - begin for each in sent if b"call-0" in each.octets]
        self.assertEqual(times[:5], [0, 0.5, 1.5, 3.5, 7.5])

    def test_latency_and_duplication(self) -> None:
        """A party that is played by hand sees when what came from where, and how often."""
        network = MemoryNetwork(1, Weather(latency=0.25, duplication=1))
        party = network.raw(CAROL)
        network.datagram(b"hello", ALICE, CAROL)
        begin = network.now
        network.run(1)
        self.assertEqual([(at - begin, what, who) for at, what, who in party.received], [(0.25, b"hello", ALICE)] * 2)

    def test_reordering(self) -> None:
        """Jitter lets datagrams overtake each other."""
        network = MemoryNetwork(1, Weather(jitter=1))
        party = network.raw(CAROL)
        for number in range(20):
            network.datagram(bytes([number]), ALICE, CAROL)
        network.run(2)
        order = [what[0] for _, what, _ in party.received]
        self.assertEqual(sorted(order), list(range(20)))
        self.assertNotEqual(order, sorted(order))

    def test_until(self) -> None:
        """A run ends when something has become true, or its time is over."""
        network = MemoryNetwork(1)
        party = network.raw(CAROL)
        network.datagram(b"x", ALICE, CAROL)
        self.assertTrue(network.run(10, lambda: bool(party.received)))
        begin = network.now
        self.assertFalse(network.run(10, lambda: False))
        self.assertEqual(network.now, begin + 10)

    def test_by_hand(self) -> None:
        """A party that is played by hand talks to an element."""
        network = MemoryNetwork(1)
        network.element(Answering(), (UDP, BOB))
        party = network.raw(CAROL)
        party.send(messages.request({"Via": f"SIP/2.0/UDP {CAROL};branch=z9hG4bKx"}), BOB)
        network.run(1)
        self.assertTrue(party.received[0][1].startswith(b"SIP/2.0 200 OK"))


class ConnectionsTest(SynchronousTestCase):
    """Streams."""

    def setUp(self) -> None:
        """Two elements that speak everything."""
        self.network = MemoryNetwork(1)
        self.bob = Answering()
        secure = [(TLS, Address(each.host, 5061)) for each in (ALICE, BOB)]
        self.near = self.network.element(Answering(), (TCP, ALICE), secure[0], names=("a.example",))
        self.far = self.network.element(self.bob, (TCP, BOB), secure[1], names=("b.example",))

    def ends(self, hop: Hop, owner: str = "1") -> list[type[object]]:
        """What comes of a request."""
        before = len(self.network.told(self.near))
        self.network.perform(self.near, [send(ask(tag=owner), owner, (hop,))])
        self.network.run(40)
        return [type(each) for each in self.network.told(self.near)[before:]]

    def test_names(self) -> None:
        """Over TLS a name has to be proved."""
        secure = Address(BOB.host, 5061)
        self.assertEqual(self.ends(Hop(TLS, secure, "b.example")), [ResponseReceived])
        self.assertEqual(self.ends(Hop(TLS, secure, "c.example"), "2"), [RequestFailed])
        [flow] = [each.flow for each in self.bob.events if isinstance(each, RequestReceived)]
        self.assertEqual(flow.identities, ("a.example",))

    def test_cut(self) -> None:
        """A connection that is cut is gone on both sides."""
        self.network.weather = Weather(cut=1)
        self.assertEqual(self.ends(Hop(TCP, BOB)), [RequestFailed])
        self.assertEqual((self.near.held["streams"], self.far.held["streams"]), (0, 0))

    def test_remove(self) -> None:
        """Who is removed answers no more, and its connections are gone."""
        self.assertEqual(self.ends(Hop(TCP, BOB)), [ResponseReceived])
        self.network.remove(self.far)
        self.assertEqual(self.near.held["streams"], 0)
        self.assertEqual(self.ends(Hop(TCP, BOB), "2"), [RequestFailed])

    def test_remove_in_the_middle(self) -> None:
        """Who is removed with timers that run does nothing any more, and does not hold up the others."""
        self.network.perform(self.near, [send(ask(), "1", (Hop(TCP, BOB),)), send(ask(uri="sip:x.example"), "2")])
        self.network.remove(self.near)
        self.network.run(100)
        self.assertEqual((self.bob.events, self.far.held["streams"]), ([], 0))

    def test_to_itself(self) -> None:
        """An element may connect to itself."""
        self.assertEqual(self.ends(Hop(TCP, ALICE)), [ResponseReceived])

    def test_told(self) -> None:
        """What a core tells is kept with its time."""
        self.network.perform(self.near, [Tell("event")])
        self.assertEqual(self.network.heard(self.near), [(self.network.now, "event")])
