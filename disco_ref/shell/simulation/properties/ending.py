"""Routing always ends, whatever happens (RFC 6940, sections 6.2.1 and 6.3.2).

Every message that leaves any node is put on record: none has more hops left than the overlay admits, and each was there before
with one hop more; over streams it goes on no more often than it came.  Over datagrams it may: what is not acknowledged is repeated
under a new sequence number (6.6.3.1), and the next node cannot know it again; by how much messages multiply is measured.  Every
request of a living node has its answer or its failure in time, and when all has come to rest no message comes by a node twice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.effects import Effect
from disco_ref.reload.forwarding.transaction import MOST_TRANSMISSIONS
from disco_ref.reload.message.contents import is_request
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.client import StorageClient
from disco_ref.shell.memory_overlay import Place
from disco_ref.shell.simulation.membership import KIND
from disco_ref.shell.simulation.properties.trial import FAIR, ROUGH, UPDATE_INTERVAL, Finding, Trial

REQUESTS = 25
REST = 10.0 * UPDATE_INTERVAL
_TTL_AT = 11
_FRAGMENT = slice(12, 16)
_TRANSACTION = slice(20, 28)
_LISTS = (32, 34, 36)
_HEADER = 38
_FETCH = MessageCode.fetch_req.to_bytes(2, "big")


class Journal:
    """Every message that was transmitted: by whom, and with how many hops left."""

    def __init__(self) -> None:
        self.initial_ttl = 0
        self.streams = True
        """Whether a message that was sent once arrives once."""
        self.quiet = False
        """Whether all has come to rest."""
        self.broken: list[str] = []
        self.circles = 0
        """Messages that came by a node twice while the ring was in disorder."""
        self.most_hops = 0
        self.most_copies = 0.0
        """How often a message went on from somewhere for each time that it was sent."""
        self._sent: dict[bytes, Counter[int]] = defaultdict(Counter)
        self._by: dict[bytes, list[tuple[bytes, int]]] = defaultdict(list)

    def sent(self, node_id: bytes, octets: bytes) -> None:
        """A node sends a message, or its first fragment, to the next hop."""
        if int.from_bytes(octets[_FRAGMENT], "big") & 0xFFFFFF:
            return
        ttl, begin = octets[_TTL_AT], _HEADER + sum(int.from_bytes(octets[at : at + 2], "big") for at in _LISTS)
        key = octets[_TRANSACTION] + octets[begin : begin + 2]
        counts = self._sent[key]
        counts[ttl] += 1
        self.most_hops = max(self.most_hops, self.initial_ttl - ttl + 1)
        came = counts[ttl + 1] if ttl < self.initial_ttl else MOST_TRANSMISSIONS
        if ttl > self.initial_ttl or not came or (self.streams and counts[ttl] > came):
            self.broken.append(f"a message went on with {ttl} hops left {counts[ttl]} times, and came {came} times")
        self.most_copies = max(self.most_copies, counts[ttl] / counts[self.initial_ttl])
        asks = is_request(int.from_bytes(octets[begin : begin + 2], "big"))
        if asks and ttl == self.initial_ttl and counts[ttl] > MOST_TRANSMISSIONS:
            self.broken.append(f"a message was sent {counts[ttl]} times")
        if octets[begin : begin + 2] == _FETCH and counts[self.initial_ttl] == 1:
            self._look_for_circle(key, node_id, ttl)

    def _look_for_circle(self, key: bytes, node_id: bytes, ttl: int) -> None:
        """Among requests that were sent only once, whose hops cannot be mixed up with those of a copy, and straight to their place."""
        way = self._by[key]
        if any(each == node_id and at != ttl for each, at in way):
            self.circles += 1
            if self.quiet:
                self.broken.append("a message went in a circle on a ring at rest")
        way.append((node_id, ttl))


class Recorded(Peer):
    """A peer whose messages are put on record."""

    journal: Journal

    def _transmit(self, node_id: bytes, octets: bytes, effects: list[Effect], now: Instant) -> None:
        self.journal.sent(self.member.node_id, octets)
        super()._transmit(node_id, octets, effects, now)


def ending(seed: int) -> Finding:
    """Requests in weather, among peers that come, go, crash, and are cut off."""
    journal = Journal()

    def make(trial: Trial, which: int, now: Instant) -> Peer:
        peer = Recorded(trial.overlay, trial.identity(which), trial.network.entropy, now)
        peer.journal = journal
        return peer

    choice = Random(f"ending weather {seed}")
    weather = ROUGH._replace(loss=choice.choice((0.0, 0.05, 0.15)), skew=choice.choice((0.0, 30.0)))
    trial = Trial("ending", seed, choice.choice((FAIR, weather)), make)
    journal.streams = not trial.network.ways.weather.lossy
    journal.initial_ttl = trial.overlay.configuration.initial_ttl
    trial.stand(trial.random.randrange(8, 20))
    asking = Asking(trial)
    for _ in range(REQUESTS):
        _happening(trial)
        asking.ask()
        trial.run(trial.random.uniform(0, 4))
        asking.look()
    trial.network.unite()
    trial.calm()
    trial.run(REST)
    asking.look()
    journal.quiet = True
    for _ in range(REQUESTS // 2):
        asking.ask()
        trial.run(1)
    trial.run(2 * asking.patience)
    asking.look()
    trial.ring_mended("at rest")
    trial.broken += [*dict.fromkeys(journal.broken), *asking.late]
    trial.figures |= {
        "hops, most": journal.most_hops,
        "copies, most": journal.most_copies,
        "circles in disorder": journal.circles,
        "requests": asking.asked,
        "failed": asking.asked - asking.answered,
    }
    return trial.finding()


class Asking:
    """Requests, and whether each has ended in time."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.asked = self.answered = 0
        self.late: list[str] = []
        # the timer as often as a request is sent, and what a clock and a network owe beyond
        self.patience = (MOST_TRANSMISSIONS + 1) * trial.overlay.reliability
        self._under_way: dict[int, tuple[Place, float]] = {}

    def ask(self) -> None:
        """Somebody asks for what stands somewhere."""
        trial = self._trial
        up = [each for each in trial.population.up.values() if each[0].chord.joined]
        if not up:
            return
        peer, place = trial.random.choice(up)
        self.asked += 1
        self._under_way[self.asked] = place, trial.network.now
        client = StorageClient(peer.member, peer.chord)
        trial.network.order(place, client.fetch_at((self.asked,), trial.random.randbytes(16), KIND))

    def look(self) -> None:
        """Which have ended, and which should have."""
        for number, (place, since) in tuple(self._under_way.items()):
            told = any(getattr(each, "about", None) == (number,) for each in place.events)
            late = self._trial.network.now - since > self.patience
            self.answered += told
            if late and not told and place.alive:
                self.late.append(f"request {number} has neither answer nor failure after {self.patience:g} s")
            if told or late or not place.alive:
                del self._under_way[number]


def _happening(trial: Trial) -> None:
    """Now and then somebody comes or goes, or a wall is put up or taken away."""
    others = [which for which in trial.population.up if which and which not in trial.population.leaving]
    what = trial.random.choice(("join", "leave", "crash", "silent", "divide", "unite", "", "", ""))
    match what:
        case "join" if trial.joined < 40:
            trial.join()
        case "leave" if len(others) > 5:
            trial.population.leave(trial.random.choice(others))
        case "crash" | "silent" if len(others) > 5:
            trial.population.crash(trial.random.choice(others), what == "silent")
        case "divide":
            some = trial.random.sample(others, len(others) // 2)
            trial.network.divide(trial.population.up[each][1] for each in some)
        case "unite":
            trial.network.unite()
        case _:
            pass
