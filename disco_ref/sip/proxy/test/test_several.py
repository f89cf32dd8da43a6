"""Playbooks of the proxy: what it makes of several responses (RFC 3261, sections 16.7 and 22.3)."""

from __future__ import annotations

from disco_ref.sip.proxy.context import TIMER_C
from disco_ref.sip.proxy.test.stage import NOW, Stage, request


class Several(Stage):
    """Bob has three phones."""

    def setUp(self) -> None:
        """One of them is the last resort."""
        super().setUp()
        self.bind("sip:b@192.0.2.20", "sip:b@192.0.2.21", "<sip:b@192.0.2.22>;q=0.1")

    def test_gathered_in_either_order(self) -> None:
        """Whichever challenge is chosen, that of the other branch goes along; nothing of other responses does."""
        # = rfc3261:16.7/34 test
        # = rfc3261:22.3/14 test
        one, two = 'Digest realm="one", nonce="n"', 'Digest realm="two", nonce="n"'
        other = 'Proxy-Authenticate: Digest realm="x", nonce="n"'
        self.arrives(request())
        self.answers(401, 0, f"WWW-Authenticate: {one}")
        self.answers(407, 1, f"Proxy-Authenticate: {two}")
        self.assertEqual(self.answers(406, 2, other), [401])
        self.assertEqual(self.last.headers.texts("www-authenticate"), [one])
        self.assertEqual(self.last.headers.texts("proxy-authenticate"), [two])

    def test_no_way(self) -> None:
        """A target whose way makes no sense counts as one that answers 400; the others are tried all the same."""
        self.bind("sip:b@192.0.2.20", path=["<nonsense"])
        self.assertEqual(self.arrives(request()), [400])
        self.assertEqual(len(self.proxy), 0)

    def test_no_timer_outlives_its_branch(self) -> None:
        """Timer C runs until the branch has its final response."""
        # = rfc3261:16.6/63 test
        self.arrives(request())
        one, other = ((branch.owner, "C") for branch in self.sent)
        self.assertEqual((self.timers[one], self.timers[other]), (NOW + TIMER_C, NOW + TIMER_C))
        self.answers(486, 0)
        self.assertEqual((self.timers[one], self.timers[other]), (None, NOW + TIMER_C))

    def test_the_least_redirection(self) -> None:
        """A 300 ends its branch only, and is passed on where nothing better comes; any 2xx ends all."""
        self.arrives(request())
        self.assertEqual((self.answers(300, 0), self.answers(404, 1)), ([], ["> sip:b@192.0.2.22"]))
        self.assertEqual(self.answers(404, 2), [300])
        self.make()
        self.arrives(request())
        self.assertEqual(self.answers(299, 0)[0], 299)
