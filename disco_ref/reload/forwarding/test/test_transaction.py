"""Tests of requests under way (RFC 6940, section 6.2.1), and of what was answered."""

from __future__ import annotations

from itertools import count

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.reload.actions import About, Ask
from disco_ref.reload.forwarding.answered import MOST_OCTETS, MOST_REQUESTS, Answered
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.ping import PingReq
from disco_ref.reload.forwarding.transaction import REQUEST, Requests
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.room import Quiet

START = Instant(1000.0)
TIMER = Duration(3.0)
A, B, WILDCARD = b"a" * 16, b"b" * 16, b"\xff" * 16


class Room(Quiet):
    """Asks."""

    def asked(self, request: object, now: Instant) -> list[object]:
        """Nothing is asked here."""
        raise AssertionError


def entropy() -> object:
    """Numbers that follow each other, as random octets."""
    numbers = count(1)
    return lambda size: next(numbers).to_bytes(size, "big")


class RequestsTests(SynchronousTestCase):
    """Sent five times, then failed; ended by the right answer only."""

    def setUp(self) -> None:
        """One holder, one room."""
        self.requests = Requests(entropy())  # type: ignore[arg-type]
        self.room = Room()

    def begin(self, to: Destination, about: About = ("x",)) -> int:
        """A request goes out at the start; its transaction."""
        ask = Ask(self.room, about, (to,), MessageCode.ping_req, PingReq(b""))  # type: ignore[arg-type]
        number = self.requests.new_transaction_id()
        self.requests.begin(ask, number, b"sealed", START, TIMER)
        return number

    def test_five_times(self) -> None:
        """It is sent again each time the timer fires, five times in all, with its transaction; then it has failed."""
        # = rfc6940:6.2.1/8 test
        # = rfc6940:6.2.1/9 test
        # = rfc6940:6.2.1/10 test
        # = rfc6940:6.2.1/11 test
        number = self.begin(node_place(A))
        found = []
        for each in range(1, 7):
            at = Instant(START + 3.0 * each)
            self.assertEqual(self.requests.due(Instant(at - 0.001), TIMER), [])
            found += [(at - START, due.pending.transaction_id, due.failed) for due in self.requests.due(at, TIMER)]
        again = [(3.0 * each, number, False) for each in range(1, 5)]
        self.assertEqual(found, [*again, (15.0, number, True)])
        self.assertEqual((len(self.requests), self.requests.deadline), (0, None))

    def test_answer_of_the_node(self) -> None:
        """Only the node that was asked may answer; another's answer changes nothing."""
        # = rfc6940:6.3.4/14 test
        number = self.begin(node_place(A))
        self.assertIsNone(self.requests.answered(number, B, WILDCARD, lambda node, place: True))
        self.assertEqual(len(self.requests), 1)
        self.assertIsNotNone(self.requests.answered(number, A, WILDCARD, lambda node, place: False))
        self.assertEqual(len(self.requests), 0)
        self.assertIsNone(self.requests.answered(number, A, WILDCARD, lambda node, place: False))

    def test_answer_to_the_wildcard(self) -> None:
        """Whoever got a request to all ones may answer it."""
        number = self.begin(node_place(WILDCARD))
        self.assertIsNotNone(self.requests.answered(number, B, WILDCARD, lambda node, place: False))

    def test_answer_for_a_resource(self) -> None:
        """For a resource answers who is close enough."""
        # = rfc6940:6.3.4/15 test
        number = self.begin(resource_place(b"r" * 16))
        close = {(A, b"r" * 16)}
        self.assertIsNone(self.requests.answered(number, B, WILDCARD, lambda *pair: pair in close))
        self.assertIsNotNone(self.requests.answered(number, A, WILDCARD, lambda *pair: pair in close))

    def test_forsaken(self) -> None:
        """A request that is forsaken, or followed by another about the same, waits for nothing."""
        first = self.begin(node_place(A))
        second = self.begin(node_place(A))
        self.assertNotEqual(first, second)
        self.assertEqual(len(self.requests), 1)
        self.requests.forsake(self.room, ("x",))  # type: ignore[arg-type]
        self.assertEqual((len(self.requests), self.requests.due(Instant(START + 99), TIMER)), (0, []))

    def test_transactions_of_entropy(self) -> None:
        """The number is all of what the source of randomness says, and never one under way."""
        # = rfc6940:6.3.2/11 test
        octets = iter((b"\x01" * 8, b"\x01" * 8, b"\x02" * 8))
        self.requests = Requests(lambda size: next(octets))
        self.assertEqual(self.begin(node_place(A)), 0x0101010101010101)
        self.assertEqual(self.requests.new_transaction_id(), 0x0202020202020202)

    def test_table(self) -> None:
        """The table ends a request in two ways."""
        self.assertEqual(REQUEST.ends, ("Answered", "Failed"))


class AnsweredTests(SynchronousTestCase):
    """What a node has answered lately."""

    def test_fifteen_seconds(self) -> None:
        """A request is known again for 15 seconds, with its answer as soon as there is one."""
        # = rfc6940:6.2.1/12 test
        answered = Answered()
        answered.begin((A, 7), START)
        self.assertTrue((A, 7) in answered and (B, 7) not in answered)
        self.assertIsNone(answered.answer((A, 7)))
        answered.end((A, 7), b"answer")
        self.assertEqual(answered.answer((A, 7)), b"answer")
        answered.begin((B, 1), Instant(START + 14.9))
        self.assertIn((A, 7), answered)
        answered.begin((B, 2), Instant(START + 15.0))
        self.assertNotIn((A, 7), answered)

    def test_bound(self) -> None:
        """Beyond the bound the oldest answers give way."""
        answered = Answered()
        for number in range(10):
            answered.begin((A, number), START)
            answered.end((A, number), bytes(MOST_OCTETS // 4))
        answered.begin((B, 0), START)
        self.assertLessEqual(len(answered), 6)
        self.assertNotIn((A, 0), answered)
        self.assertIn((A, 9), answered)

    def test_bound_without_answers(self) -> None:
        """Requests that are never answered are bounded too."""
        answered = Answered()
        for number in range(MOST_REQUESTS + 3):
            answered.begin((A, number), START)
        self.assertEqual(len(answered), MOST_REQUESTS)
        self.assertNotIn((A, 2), answered)
        self.assertIn((A, 3), answered)
