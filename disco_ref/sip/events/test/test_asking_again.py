"""What is asked for again after it has ended, without a word of the notifier about it (RFC 6665, section 4.1.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import TimerPassed
from disco_ref.sip.events.test.test_subscriber import Alone
from disco_ref.sip.events.told import SubscriptionEnded

PASSING = (408, 480, 481, 500, 502, 503, 504)
OVER = (404, 405, 410, 416, 482, 483, 484, 485, 489, 501, 604)
"""To a refresh: the subscription is over (with 480 and 481), and for good."""


class AskingAgain(SynchronousTestCase):
    """A subscription that stands."""

    def setUp(self) -> None:
        """It has its 200 and its first NOTIFY."""
        self.alone = Alone()
        self.alone.answer(200, "Expires: 600")
        self.assertEqual(self.alone.notify(), 200)
        self.alone.now = Instant(self.alone.now + 100)

    def refreshed(self) -> None:
        """The refresh is sent."""
        self.alone.take(self.alone.subscriber.refresh(self.alone.id, self.alone.now))

    def again(self) -> bool:
        """Whether it has ended, to be asked for again."""
        return self.alone.ended().again is not None and len(self.alone.subscriber) == 1

    def test_refused(self) -> None:
        """A refresh that is refused for good ends it; one that finds nobody ends it for now, other failures do not."""
        # = rfc6665:4.1.2.2/1 test
        for status in (*PASSING, *OVER, 403, 491):
            self.setUp()
            self.refreshed()
            self.alone.answer(status)
            ends = [each.again is None for each in self.alone.told if isinstance(each, SubscriptionEnded)]
            with self.subTest(status):
                self.assertEqual(ends, [status in OVER] if status in (480, 481, *OVER) else [])

    def test_refused_when_asked_again(self) -> None:
        """What stood once is asked for again as long as nothing worse comes than what passes."""
        for status in (*PASSING, *OVER, 403, 600):
            self.setUp()
            self.alone.notify(state="terminated", number=2)
            at = self.alone.ended().again
            assert at is not None
            self.alone.told.clear()
            self.alone.now = at
            timer = TimerPassed(("subscribe", self.alone.id), "again")
            self.alone.take(self.alone.subscriber.heard(timer, at))
            self.alone.answer(status)
            with self.subTest(status):
                self.assertEqual(self.again(), status in PASSING)

    def test_without_reason(self) -> None:
        """A notifier that ends it without a reason is asked again."""
        self.assertEqual(self.alone.notify(state="terminated", number=2), 200)
        self.assertTrue(self.again())

    def test_no_notify(self) -> None:
        """A refresh that no NOTIFY follows until Timer N has ended it, and it is asked for again."""
        self.refreshed()
        self.alone.answer(200, "Expires: 600")
        timer = TimerPassed(("subscribe", self.alone.id), "N")
        self.alone.take(self.alone.subscriber.heard(timer, Instant(self.alone.now + 32)))
        self.assertTrue(self.again())

    def test_never_stood(self) -> None:
        """What has never stood is not asked for again."""
        for status in PASSING:
            self.alone = Alone()
            self.alone.answer(status)
            self.assertFalse(self.again())
