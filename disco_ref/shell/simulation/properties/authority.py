"""No unauthorised value is ever accepted or returned, whoever is responsible for it (RFC 6940, sections 7.1, 7.3 and 7.4.2.2).

Some peers of the ring are hostile: they put forged values among what they hold, and so answer Fetches, make replicas and hand
over arcs with them; they store them at others as owners, as replicas, and under names that are not theirs; they alter what they
pass on.  Some of what they forge is signed by strangers, whose certificates another authority has issued.  All that honest peers
hold, and all that they are given as fetched, must have been stored by whom the name belongs to.
"""

from __future__ import annotations

from random import Random

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.reload.storage.holdings import value_of
from disco_ref.shell.simulation.membership import KIND
from disco_ref.shell.simulation.properties.forging import FORGED, Forger, Meddler
from disco_ref.shell.simulation.properties.trial import Finding, Trial, weather

TURNS = 12
HONEST = 5
"""Members that store; they are honest."""


def authority(seed: int) -> Finding:
    """Honest and hostile peers, and values of both."""
    chance = Random(f"authority weather {seed}")
    sky, count = weather(chance), chance.randrange(9, 14)
    hostile = chance.sample(range(HONEST, count), chance.randrange(1, 4))

    def make(trial: Trial, which: int, now: Instant) -> Peer:
        if which not in hostile:
            return trial.peer(which, now)
        meddler = Meddler(trial.overlay, trial.identity(which), trial.network.entropy, now)
        meddler.chance = chance
        return meddler

    trial = Trial("authority", seed, sky, make)
    trial.stand(count)
    watch = Watch(trial, hostile)
    forger = Forger(trial)
    for which in range(HONEST):
        watch.store(which)
    for turn in range(TURNS):
        for each in hostile:
            forger.act(each, trial.random.randrange(HONEST))
        if turn % 4 == 1:
            trial.join()
        if turn % 4 == 3:
            others = [each for each in trial.population.up if each > HONEST and each not in hostile]
            trial.population.crash(trial.random.choice(others))
        trial.run(trial.random.uniform(0, 20))
        watch.look()
        watch.fetch()
        if turn % 3 == 0:
            watch.store(trial.random.randrange(HONEST))
    trial.figures |= {"forged values sent": forger.sent, "fetched": watch.fetched, "of them nothing": watch.nothing}
    return trial.finding()


class Watch:
    """What honest peers hold and are told, against what was stored by its owners."""

    def __init__(self, trial: Trial, hostile: list[int]) -> None:
        self._trial = trial
        self._hostile = hostile
        self._true: dict[bytes, set[bytes]] = {trial.resource(trial.name_of(each)): set() for each in range(HONEST)}
        self._turn = 0
        self.fetched = self.nothing = 0

    def store(self, which: int) -> None:
        """A member stores at its own name."""
        self._turn += 1
        value = b"true %d of %d" % (self._turn, which)
        self._true[self._trial.resource(self._trial.name_of(which))].add(value)
        self._trial.store(which, value)

    def look(self) -> None:
        """What honest peers hold."""
        for which, (peer, _) in self._trial.population.up.items():
            if which in self._hostile:
                continue
            for resource in peer.storage.holdings.within(bytes(16), bytes(16)):
                held = peer.storage.holdings.get(resource, KIND)
                for each in () if held is None else held.values.values():
                    self._refuse(resource, value_of(each.stored).value, f"peer {which} holds")

    def fetch(self) -> None:
        """Somebody honest fetches."""
        trial = self._trial
        honest = [which for which, (each, _) in trial.population.up.items() if each.chord.joined]
        by = trial.random.choice([each for each in honest if each not in self._hostile])
        name = trial.name_of(trial.random.randrange(HONEST))
        found = trial.fetch(by, name)
        self.fetched += 1
        self.nothing += not found
        for value in found or ():
            self._refuse(trial.resource(name), value, f"peer {by} has fetched")

    def _refuse(self, resource: bytes, value: bytes, what: str) -> None:
        if value not in self._true.get(resource, ()):
            kind = "a forged value" if value.startswith(FORGED) else "a value of somebody else"
            self._trial.broken.append(f"{what} {kind}: {value!r}")
