"""One owner for each resource once a partition has healed (RFC 6940, sections 6.4.2.3 and 10.7.4.4).

A wall divides the ring for long enough that each part becomes one of its own, or only for a while; in both parts values are
stored, peers come and go.  When the wall is gone and the ring has come to rest, every place has one owner, every peer its
neighbours, and what was stored on either side stands where it belongs.
"""

from __future__ import annotations

from random import Random

from disco_ref.shell.simulation.properties.trial import PING_INTERVAL, UPDATE_INTERVAL, Finding, Trial, weather

APART = (5.0, 40.0, 200.0, 900.0)
"""Seconds that a wall stands."""

REST = 6.0 * PING_INTERVAL + 6.0 * UPDATE_INTERVAL


def owners(seed: int) -> Finding:
    """A wall goes up and comes down."""
    trial = Trial("owners", seed, weather(Random(f"owners weather {seed}")))
    count = trial.random.randrange(8, 16)
    trial.stand(count)
    apart = trial.random.sample(range(1, count), trial.random.randrange(2, count - 2))
    trial.network.divide([trial.population.up[each][1] for each in apart])
    seconds = trial.random.choice(APART)
    trial.run(seconds)
    stored = [which for which in trial.random.sample(range(count), 4) if trial.store(which, b"value %d" % which)]
    trial.run(60)
    trial.network.unite()
    if trial.random.random() < 0.3:
        trial.join()
    trial.calm()
    begin = trial.network.now
    while trial.population.misplaced() and trial.network.now < begin + REST:
        trial.run(5)
    trial.figures["seconds until the ring was whole"] = trial.network.now - begin
    # what is owed to others is handed over when it is known whose it is, and again where that has failed
    trial.run(4 * UPDATE_INTERVAL)
    what = f"{len(apart)} of {count} peers were apart for {seconds:g} s"
    trial.ring_mended(what)
    for which in stored:
        found = trial.fetch(0, trial.name_of(which))
        if found != [b"value %d" % which]:
            trial.broken.append(f"{what}: of value {which} stands at its owner {found}")
    return trial.finding()
