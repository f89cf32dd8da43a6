"""A signed Store and its answer, from end to end, against the bare signature operations that they need.

Three peers, so that the one that is asked also makes replicas for both others: every signature that is made and verified is
counted, and the time of all that all nodes do.  Bare are the same numbers of operations over as many octets.  The best of many
turns is taken on both sides, because other programs only slow them down.
"""

from __future__ import annotations

import time
from typing import NamedTuple
from unittest.mock import patch

from bench.overlay_pump import Pump
from disco_ref.peer.overlay.test.members import SINGLE, user
from disco_ref.peer.overlay.test.rings import Ring
from disco_ref.reload.message.signature import SignatureAndHashAlgorithm
from disco_ref.reload.security import signing
from disco_ref.reload.security.algorithms import refuse_signature
from disco_ref.reload.security.certificates import public_key
from disco_ref.reload.storage.client import StorageClient, Stored

PEERS = 3
TURNS = 400
SIGNED = bytes(600)
"""What is signed for measure."""


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    stores = Stores()
    answered, everything = stores.operations()
    taken: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    for _ in range(TURNS):
        taken.append(stores.one())
        bare.append((stores.bare(answered), stores.bare(everything)))
    rows: list[dict[str, object]] = []
    for at, (name, counted, target) in enumerate(
        (
            ("a signed Store, until its answer is there", answered, "<= 2"),
            ("the same, with both replicas and their answers", everything, ""),
        )
    ):
        against = f"the bare {counted.made} signatures made and {counted.verified} verified, best of {TURNS} turns"
        ratio = min(each[at] for each in taken) / min(each[at] for each in bare)
        rows.append({"name": name, "value": ratio, "unit": "", "target": target, "ratio_to": against})
    return rows


class Counted(NamedTuple):
    """Signatures."""

    made: int
    verified: int


class Stores:
    """Peers that are all connected, one of which stores at another."""

    def __init__(self) -> None:
        self.ring = ring = Ring(PEERS)
        self.pump = Pump(ring)
        chords = [each.chord for each in ring.peers]
        names = [user(which).encode() for which in range(PEERS)]
        self.who = next(
            which for which in range(PEERS) if not chords[which].responsible(chords[0].resource_id(names[which]))
        )
        self.client = StorageClient(ring.peers[self.who].member, chords[self.who])
        identity = ring.peers[self.who].member.identity
        self.signer, self.key = identity.signer, public_key(identity.certificate.der)
        self.signature = self.signer.sign(SIGNED)
        self.count = 0
        self.one()

    def one(self) -> tuple[float, float]:
        """Seconds that all nodes take for a Store: until its answer is there, and until all is quiet."""
        self.count += 1
        pump = self.pump
        pump.now = type(pump.now)(pump.now + 1)
        pump.carried.clear()
        pump.seconds = 0.0
        marks: list[float] = []
        pump.told = lambda: marks.append(pump.seconds)
        value = b"value %d" % self.count
        actions = self.client.store((self.who,), user(self.who).encode(), SINGLE, value, pump.now)
        told = pump.order(self.ring.places[self.who], actions)
        assert isinstance(told[0], Stored), told
        return marks[0], pump.seconds

    def operations(self) -> tuple[Counted, Counted]:
        """How many signatures are made and verified for a Store, until its answer is there, and in all."""
        marks: list[Counted] = []
        made = verified = 0

        def sign(octets: bytes) -> bytes:
            nonlocal made
            made += 1
            return self.signer.sign(octets)

        def verify(key: object, algorithm: SignatureAndHashAlgorithm, value: bytes, signed: bytes) -> None:
            nonlocal verified
            verified += 1

        members = [each.member for each in self.ring.peers]
        before = [each.identity for each in members]
        for each in members:
            each.identity = each.identity._replace(signer=each.identity.signer._replace(sign=sign))
        with patch.object(signing, "refuse_signature", verify):
            client, place = self.client, self.ring.places[self.who]
            self.pump.told = lambda: marks.append(Counted(made, verified))
            self.pump.now = type(self.pump.now)(self.pump.now + 1)
            self.pump.order(
                place, client.store((self.who,), user(self.who).encode(), SINGLE, b"counted", self.pump.now)
            )
        for each, identity in zip(members, before, strict=True):
            each.identity = identity
        return marks[0], Counted(made, verified)

    def bare(self, counted: Counted) -> float:
        """Seconds of so many signatures made and verified, and nothing else."""
        sign, algorithm = self.signer.sign, self.signer.algorithm
        start = time.perf_counter()
        for _ in range(counted.made):
            sign(SIGNED)
        for _ in range(counted.verified):
            refuse_signature(self.key, algorithm, self.signature, SIGNED)
        return time.perf_counter() - start
