"""Tests of the choice of STUN servers (RFC 6940, section 6.5.1.4)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.reload.link.stun_servers import MOST_ASKED, SILENT, StunServers

NOW = Instant(1000.0)
CONFIGURED = ("192.0.2.1", 3478)
NEIGHBORS = [(f"198.51.100.{number}", 6084) for number in range(1, 6)]
OUTSIDE, INSIDE = "203.0.113.7", "10.0.0.7"


class StunServersTests(SynchronousTestCase):
    """One configured server, and neighbors that come and go."""

    def setUp(self) -> None:
        """Three neighbors: two of them see this node alike."""
        self.servers = StunServers([CONFIGURED, CONFIGURED])
        self.servers.observed(CONFIGURED, OUTSIDE)
        for link, seen in enumerate((INSIDE, INSIDE, OUTSIDE)):
            self.servers.connected(link, NEIGHBORS[link])
            self.servers.observed(NEIGHBORS[link], seen)

    def test_groups(self) -> None:
        """One of each group is asked, the configured one first, and one that has not been asked yet."""
        # = rfc6940:6.5.1.4/1 test
        # = rfc6940:6.5.1.4/2 test
        self.assertEqual(self.servers.chosen(NOW), (CONFIGURED, NEIGHBORS[0]))
        self.servers.connected(3, NEIGHBORS[3])
        self.servers.connected(4, NEIGHBORS[4])
        self.assertEqual(self.servers.chosen(NOW), (CONFIGURED, NEIGHBORS[0], NEIGHBORS[3]))

    def test_own(self) -> None:
        """The node itself, which may be a bootstrap node, is not asked, and nobody is left out because of it."""
        # = rfc6940:6.5.1.4/2 test
        self.assertEqual(self.servers.chosen(NOW, (CONFIGURED,)), (NEIGHBORS[0], NEIGHBORS[2]))

    def test_lost(self) -> None:
        """A server whose link is lost is asked no more, and another one of its group is."""
        # = rfc6940:6.5.1.4/3a test
        # = rfc6940:6.5.1.4/3b test
        self.servers.lost(0)
        self.assertEqual(self.servers.chosen(NOW), (CONFIGURED, NEIGHBORS[1]))
        self.servers.lost(1)
        self.assertEqual(self.servers.chosen(NOW), (CONFIGURED,))
        self.servers.lost(1)
        self.servers.observed(NEIGHBORS[1], INSIDE)
        self.assertEqual(self.servers.chosen(NOW), (CONFIGURED,))

    def test_silent(self) -> None:
        """One that has not answered is passed over for a minute."""
        self.servers.unanswered(CONFIGURED, NOW)
        self.assertEqual(self.servers.chosen(NOW), (NEIGHBORS[0], NEIGHBORS[2]))
        self.assertEqual(self.servers.chosen(Instant(NOW + SILENT))[0], CONFIGURED)

    def test_bounded(self) -> None:
        """No more than three are asked, however many groups there are."""
        for number, each in enumerate(NEIGHBORS):
            self.servers.connected(number, each)
            self.servers.observed(each, f"10.0.{number}.1")
        self.assertEqual(len(self.servers.chosen(NOW)), MOST_ASKED)
