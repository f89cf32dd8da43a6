"""Two elements in virtual time: Alice, who asks, and Bob, who answers."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.test.parties import ALICE, BOB, Answering
from disco_ref.shell.memory_network import MemoryNetwork
from disco_ref.sip.actions import (
    RequestFailed,
    ResponseReceived,
)
from disco_ref.sip.flow import Address, Transport

UDP, TCP, TLS = Transport
NOW = Instant(1000.0)
OWNER = ("app", "1")


def both(address: Address) -> tuple[tuple[Transport, Address], ...]:
    """UDP and TCP at one address."""
    return (UDP, address), (TCP, address)


class Pair(SynchronousTestCase):
    """Alice and Bob, who answers."""

    def setUp(self) -> None:
        """Clear weather."""
        self.network = MemoryNetwork(1)
        self.alice, self.bob = Answering(), Answering()
        self.near = self.network.element(self.alice, *both(ALICE))
        self.far = self.network.element(self.bob, *both(BOB))

    def answered(self) -> list[int]:
        """The statuses that Alice has got."""
        return [each.response.status_code for each in self.alice.events if isinstance(each, ResponseReceived)]

    def failed(self) -> list[tuple[int, str]]:
        """The failures that Alice was told."""
        return [(each.status, each.why) for each in self.alice.events if isinstance(each, RequestFailed)]
