"""A peer in a process of its own, to be killed: stores, writes, and prints what it has answered."""

from __future__ import annotations

import sys

from disco_ref.peer.overlay.test.members import NAME
from disco_ref.reload.actions import Persist, Reply
from disco_ref.reload.storage.test.peers import NOW, SINGLE, StoringPeer, part, store, value
from disco_ref.shell.holdings import HoldingStore


def main(path: str) -> None:
    """Store ever newer values, without end but for a bound; a line for each that is answered."""
    peer, rows = StoringPeer(), HoldingStore(path, NAME)
    for time in range(1, 100_000):
        request = store(part(SINGLE, value(b"%d" % time, time)))
        for action in peer.storage.asked(request, NOW):
            if isinstance(action, Persist):
                rows.write(action.changes)
                if any(isinstance(each, Reply) for each in action.then):
                    sys.stdout.write(f"{time}\n")
                    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
