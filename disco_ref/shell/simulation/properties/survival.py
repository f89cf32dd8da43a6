"""No confirmed value is lost while fewer than three neighbours fail between stabilisations (RFC 6940, sections 10.4 and 10.7).

A value is answered for before it is replicated (10.4); how long it stands alone is measured.  Then, again and again, one or two
out of three in a row go, each in its own way, while others join; when the ring has come to rest every value has its owner again,
and its two replicas.
"""

from __future__ import annotations

from random import Random

from disco_ref.shell.memory_weather import Weather
from disco_ref.shell.simulation.properties.trial import UPDATE_INTERVAL, Finding, Trial, weather

ROUNDS = 2
VALUES = 6
REST = 6.0 * UPDATE_INTERVAL
"""Seconds in which the ring comes to rest: who fell silent is noticed by an Update that nobody acknowledges, and a hold-down."""

STEP = 0.005
"""Seconds between two looks at who holds a value."""


def survival(seed: int) -> Finding:
    """One or two of three neighbours fail; nothing is lost."""
    trial = Trial("survival", seed, weather(Random(f"survival weather {seed}")))
    trial.stand(trial.random.randrange(7, 13))
    stored = stored_values(trial)
    for turn in range(ROUNDS):
        _trouble(trial)
        trial.rest(REST)
        _check(trial, stored, f"after turn {turn + 1}")
    return trial.finding()


def leaving(seed: int) -> Finding:
    """Any number of neighbours says goodbye, one close upon the other; nothing is lost."""
    trial = Trial("leaving", seed, weather(Random(f"leaving weather {seed}")))
    trial.stand(trial.random.randrange(8, 14))
    stored = stored_values(trial)
    for turn in range(ROUNDS):
        numbers = _in_a_row(trial)[: trial.random.randrange(2, 5)]
        trial.random.shuffle(numbers)
        pause = trial.random.choice((0.0, 0.03, 0.3, 3.0))
        for which in numbers:
            trial.population.leave(which)
            if pause:
                trial.run(trial.random.uniform(0, 2 * pause))
        trial.rest(REST)
        _check(trial, stored, f"after turn {turn + 1}, in which {len(numbers)} left")
        for _ in range(2):
            trial.join()
            trial.run(5)
        trial.rest(REST)
    return trial.finding()


def stored_values(trial: Trial) -> list[int]:
    """Values are stored and replicated; who has stored them.  How long each stood alone is put on record."""
    alone = [_alone(trial, which) for which in range(VALUES)]
    known = [each for each in alone if each is not None]
    trial.figures["seconds alone, most"] = max(known, default=0.0)
    trial.figures["seconds alone, mean"] = sum(known) / max(len(known), 1)
    return [which for which, each in enumerate(alone) if each is not None]


def exposure(seed: int, weather: Weather) -> Finding:
    """Only how long values stand alone, in this weather."""
    trial = Trial("exposure", seed, weather)
    trial.stand(10)
    stored_values(trial)
    return trial.finding()


def _alone(trial: Trial, which: int) -> float | None:
    """Seconds from when the responsible peer holds a value until both others do; None where it was not stored."""
    name = trial.name_of(which)
    begun = trial.begin_store(which, b"value %d" % which)
    owner, *others = trial.holders(name)
    since: float | None = None
    while trial.network.now < begun + REST:
        if since is None and trial.holds(owner, name):
            since = trial.network.now
        if since is not None and all(trial.holds(each, name) for each in others):
            trial.run(2)
            return trial.network.now - 2 - since
        trial.network.run(STEP)
    trial.broken.append(f"value {which} has not come to its two replicas")
    return None


def _in_a_row(trial: Trial) -> list[int]:
    """The numbers of peers as they stand on the ring, from a random one on; the bootstrap node, which stays, is left out."""
    ring = [trial.place(each)[0] for each in trial.population.joined()]
    first = trial.random.randrange(len(ring))
    return [each for each in ring[first:] + ring[:first] if each]


def _trouble(trial: Trial) -> None:
    """One or two of three in a row go, and up to two come, in any order."""
    row = _in_a_row(trial)[:3]
    deeds = ["go"] * trial.random.randrange(1, 3) + ["come"] * trial.random.randrange(3)
    trial.random.shuffle(deeds)
    gone = trial.random.sample(row, len(row))
    for deed in deeds:
        if deed == "come":
            trial.join()
        else:
            which = gone.pop()
            way = trial.random.choice(("crash", "silent", "leave"))
            if way == "leave":
                trial.population.leave(which)
            else:
                trial.population.crash(which, way == "silent")
        trial.run(trial.random.choice((0.0, 0.2, 2.0, 40.0)) * trial.random.random())


def _check(trial: Trial, stored: list[int], what: str) -> None:
    trial.ring_mended(what)
    for which in stored:
        name = trial.name_of(which)
        found = trial.fetch(0, name)
        if found != [b"value %d" % which]:
            trial.broken.append(f"{what}: value {which} is {'not answered for' if found is None else found or 'lost'}")
        missing = sum(not trial.holds(each, name) for each in trial.holders(name))
        if missing:
            trial.broken.append(f"{what}: {missing} of the three that are to hold value {which} do not")
