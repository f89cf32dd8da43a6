"""Tests of errors for what is not taken (RFC 6940, sections 6.1 and 6.3.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.reload.forwarding.passing import launched, resource_place
from disco_ref.reload.forwarding.refusing import BURST, MOST_NEIGHBORS, PER_SECOND, Restraint, returnable
from disco_ref.reload.forwarding.test.test_passing import CONTEXT, ONE, TWO, header
from disco_ref.reload.message.forwarding_header import LAST_FRAGMENT, WHOLE

REQUEST, ANSWER = (code.to_bytes(2, "big") + b"rest" for code in (23, 24))


class ReturnableTests(SynchronousTestCase):
    """Whether and how a message can be answered with an error."""

    def test_request(self) -> None:
        """Of a request the transaction, the Via List and the options are read, whatever else is wrong with it."""
        wrong = header(version=1, overlay=7, ttl=255, configuration_sequence=0, destination_list=(ONE, ONE))
        found = returnable(launched(wrong, REQUEST, CONTEXT), CONTEXT)
        assert found is not None
        self.assertEqual(found, (wrong.transaction_id, (ONE,), wrong.options))

    def test_not_returnable(self) -> None:
        """Answers, errors, later fragments, other protocols, and Via Lists that show no way back are owed nothing."""
        self.assertIsNone(returnable(launched(header(), ANSWER, CONTEXT), CONTEXT))
        self.assertIsNone(returnable(launched(header(), b"\xff\xff", CONTEXT), CONTEXT))
        self.assertIsNone(returnable(launched(header(fragment=WHOLE | 8), REQUEST, CONTEXT), CONTEXT))
        self.assertIsNone(returnable(launched(header(relo_token=1), REQUEST, CONTEXT), CONTEXT))
        self.assertIsNone(returnable(launched(header(via_list=(TWO, resource_place(b"r"))), REQUEST, CONTEXT), CONTEXT))
        first = header(fragment=WHOLE & ~LAST_FRAGMENT)
        self.assertIsNotNone(returnable(launched(first, REQUEST, CONTEXT), CONTEXT))

    def test_cut(self) -> None:
        """Cut anywhere before the end of the message code there is nothing to answer, and never anything but that."""
        octets = launched(header(), REQUEST, CONTEXT)
        end = len(octets) - len(b"rest")
        self.assertEqual([returnable(octets[:at], CONTEXT) for at in range(end)], [None] * end)
        self.assertIsNotNone(returnable(octets[:end], CONTEXT))
        for at in range(32, 38):
            returnable(octets[:at] + b"\xff" + octets[at + 1 :], CONTEXT)


class RestraintTests(SynchronousTestCase):
    """How many errors a neighbor is sent."""

    def test_rate(self) -> None:
        """So many at once, so many a second after that, and never more than that at once however long nothing came."""
        restraint, now = Restraint(), Instant(1000.0)
        self.assertEqual([restraint.admits(b"a", now) for _ in range(BURST + 1)], [True] * BURST + [False])
        self.assertTrue(restraint.admits(b"b", now))
        later = Instant(now + 1)
        self.assertEqual(sum(restraint.admits(b"a", later) for _ in range(BURST)), int(PER_SECOND))
        self.assertEqual(sum(restraint.admits(b"a", Instant(now + 1e6)) for _ in range(3 * BURST)), BURST)

    def test_clock_set_back(self) -> None:
        """A clock that is set back gives nothing."""
        restraint = Restraint()
        for _ in range(BURST):
            restraint.admits(b"a", Instant(1000.0))
        self.assertFalse(restraint.admits(b"a", Instant(10.0)))

    def test_bounded(self) -> None:
        """Those that were sent none for the longest time are forgotten first."""
        restraint, now = Restraint(), Instant(0.0)
        for each in range(MOST_NEIGHBORS + 5):
            restraint.admits(each.to_bytes(4, "big"), now)
        self.assertEqual(len(restraint), MOST_NEIGHBORS)
