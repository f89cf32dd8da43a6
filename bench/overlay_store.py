"""A signed Store and its answer, from end to end, against the bare signature operations that they need.

Three peers, so that the one that is asked also sends replicas to both others: every signature that is made and verified
for that is counted, with what all nodes do besides.  Bare are the same numbers of operations over as many octets.
"""

from __future__ import annotations

import statistics
import time
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
TURNS = 200
SIGNED = bytes(600)
"""What is signed for measure."""


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    stores = Stores()
    made, verified = stores.operations()
    ratios: list[float] = []
    for _ in range(TURNS):
        taken = stores.one()
        bare = made * stores.signing() + verified * stores.verifying()
        ratios.append(taken / bare)
    return [
        {
            "name": "a signed Store, its two replicas, and the answers",
            "value": statistics.median(ratios),
            "unit": "",
            "target": "<= 2",
            "ratio_to": f"the bare {made} signatures made and {verified} verified",
        }
    ]


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

    def one(self) -> float:
        """Seconds that all nodes take for a Store."""
        self.count += 1
        pump = self.pump
        pump.now = type(pump.now)(pump.now + 1)
        pump.carried.clear()
        pump.seconds = 0.0
        value = b"value %d" % self.count
        actions = self.client.store((self.who,), user(self.who).encode(), SINGLE, value, pump.now)
        told = pump.order(self.ring.places[self.who], actions)
        assert isinstance(told[0], Stored), told
        return pump.seconds

    def operations(self) -> tuple[int, int]:
        """How many signatures are made and verified for a Store."""
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
            self.one()
        for each, identity in zip(members, before, strict=True):
            each.identity = identity
        return made, verified

    def signing(self) -> float:
        """Seconds of one signature."""
        start = time.perf_counter()
        self.signer.sign(SIGNED)
        return time.perf_counter() - start

    def verifying(self) -> float:
        """Seconds of one verification."""
        start = time.perf_counter()
        refuse_signature(self.key, self.signer.algorithm, self.signature, SIGNED)
        return time.perf_counter() - start
