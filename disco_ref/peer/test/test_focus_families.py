"""The focus calls out: over which family of addresses it offers media, and what it says."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration
from disco_ref.conference.focus.policy import Policy, Reserved
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.focus import focus_node
from disco_ref.shell.memory_network import MemoryNetwork
from disco_ref.sip.actions import SendRequest
from disco_ref.sip.message import Request
from disco_ref.sip.uri import read_uri


class Families(SynchronousTestCase):
    """An invitation of the focus."""

    def invited(self, hosts: dict[int, str], target: str, subject: str | None = None) -> Request:
        """The INVITE."""
        network = MemoryNetwork(3)
        able = relaying(hosts, dict.fromkeys(hosts, 4000))
        node = focus_node(
            Policy(reserved=(Reserved(name="team", subject=subject),)), able, network.entropy, interval=Duration(0)
        )
        actions = node.focus.invite("team", read_uri(target), network.now)
        (invite,) = [each.request for each in actions if isinstance(each, SendRequest)]
        return invite

    def offered(self, hosts: dict[int, str], target: str) -> bytes:
        """The connection lines of the offer."""
        invite = self.invited(hosts, target)
        return b" ".join(line for line in invite.body.split(b"\r\n") if line.startswith(b"c="))

    def test_family(self) -> None:
        """Whoever is at an address of IPv6 is offered media over it, where the focus has one; all others get IPv4."""
        both = {4: "192.0.2.100", 6: "2001:db8::100"}
        four, six = b"c=IN IP4 192.0.2.100", b"c=IN IP6 2001:db8::100"
        self.assertEqual(self.offered(both, "sip:p@[2001:db8::1]"), six)
        self.assertEqual(self.offered(both, "sip:p@192.0.2.1"), four)
        self.assertEqual(self.offered(both, "sip:p@example.org"), four)
        self.assertEqual(self.offered({4: both[4]}, "sip:p@[2001:db8::1]"), four)
        self.assertEqual(self.offered({6: both[6]}, "sip:p@192.0.2.1"), six)

    def test_subject(self) -> None:
        """The conference's subject goes along, if it has one."""
        for subject in (None, "Team talk"):
            invite = self.invited({4: "192.0.2.100"}, "sip:p@192.0.2.1", subject)
            self.assertEqual(invite.headers.texts("subject"), [subject] if subject else [])
