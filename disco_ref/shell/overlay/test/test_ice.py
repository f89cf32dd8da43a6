"""Tests of links with ICE, on sockets of the loopback (RFC 6940, sections 6.5.1.3 to 6.5.1.14 and 6.6.4)."""

from __future__ import annotations

from twisted.internet import reactor as installed

from disco_ref.peer.overlay.test.members import SINGLE, user
from disco_ref.reload.forwarding.ice import CandType
from disco_ref.reload.link.establishing import LinkParameters
from disco_ref.reload.storage.client import Fetched, StorageClient, Stored
from disco_ref.reload.storage.holdings import value_of
from disco_ref.shell.overlay.test.looping import ICE, IceParty, LoopTest
from disco_ref.shell.overlay.wire.ice import IceLinks
from disco_ref.shell.sip.trouble import Trouble


def ice_of(party: IceParty) -> IceLinks:
    """What makes the links of a party."""
    found = party.driving._rendezvous
    assert isinstance(found, IceLinks)
    return found


class RingTests(LoopTest):
    """Peers that have nothing but ICE."""

    def ring(self, count: int) -> None:
        """So many peers join one after the other."""
        first = self.party(0)
        self.join(first, True)
        for which in range(1, count):
            self.join(self.party(which, first.address))

    def test_value(self) -> None:
        """Three peers join; one stores a value, another one fetches it; their links have met by ICE."""
        # = rfc6940:6.5.1.3/1 test
        # = rfc6940:6.5.1.13/1 test
        # = rfc6940:6.5.1.13/2 test
        self.ring(3)
        one, other = self.parties[1], self.parties[2]
        storing = StorageClient(one.peer.member, one.peer.chord)
        now = one.driving.now()
        one.driving.perform(storing.store((), user(1).encode(), SINGLE, b"tea", now))
        self.until(lambda: any(isinstance(each, Stored) for each in one.told))
        fetching = StorageClient(other.peer.member, other.peer.chord)
        other.driving.perform(fetching.fetch((), user(1).encode(), SINGLE))
        self.until(lambda: any(isinstance(each, Fetched) for each in other.told))
        (fetched,) = [each for each in other.told if isinstance(each, Fetched)]
        self.assertEqual([value_of(each).value for each in fetched.values], [b"tea"])
        for each in self.parties:
            met = [one for one in ice_of(each)._meetings.values() if one.association is not None]
            self.assertGreaterEqual(len(met), 2)
            self.assertTrue(all(one.agent.round_trip is not None for one in met))

    def test_both_families(self) -> None:
        """With two addresses both are candidates, of different priority, and one pair is nominated."""
        first = self.party(0, hosts=("127.0.0.1", "::1"))
        self.join(first, True)
        second = self.party(1, first.address, hosts=("127.0.0.1", "::1"))
        self.join(second)
        (meeting,) = [each for each in ice_of(second)._meetings.values() if each.agent.ends is not None]
        own = meeting.agent.local_candidates
        self.assertEqual([each.host for each in own], ["127.0.0.1", "::1"])
        self.assertGreater(own[0].priority, own[1].priority)
        self.assertEqual(len(meeting.agent._nominated), 1)


class EndTests(LoopTest):
    """One attempt between two nodes that have not joined anything."""

    def gathered(self, party: IceParty, attempt: int = 1) -> LinkParameters:
        """What a party offers."""
        found: list[LinkParameters] = []
        ice_of(party).gather(attempt, None, found.append)
        self.until(lambda: found)
        return found[0]

    def test_candidates(self) -> None:
        """A host candidate at the address of the node, with a name and a password that others cannot guess."""
        # = rfc6940:6.5.1.1/0 test
        party = self.party(0)
        offered = self.gathered(party)
        (candidate,) = offered.candidates
        self.assertEqual((candidate.overlay_link, candidate.type), (ICE, CandType.host))
        self.assertEqual((len(offered.ufrag), len(offered.password)), (8, 24))
        self.assertNotEqual(offered.password, self.gathered(party, 2).password)

    def test_other_reactor(self) -> None:
        """On a reactor that asyncio does not run on, it is said at once that ICE cannot be spoken."""
        party = self.party(0)
        with self.assertRaisesRegex(Trouble, "asyncio"):
            IceLinks(installed, party.driving.links, party.peer.member, party.driving._key)
