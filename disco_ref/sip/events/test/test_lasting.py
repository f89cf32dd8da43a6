"""How long a subscriber takes a subscription to last, whoever says it first (RFC 6665, section 4.1.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, SetTimer
from disco_ref.sip.events.test.test_subscriber import Alone
from disco_ref.sip.events.test.wire import NOW


class Timed(Alone):
    """A subscriber, and its timers."""

    def take(self, actions: list[Action]) -> None:
        """Keeps the timers too."""
        self.timers = getattr(self, "timers", {})
        self.timers |= {each.name: each.at for each in actions if isinstance(each, SetTimer)}
        super().take(actions)

    @property
    def times(self) -> tuple[float, float]:
        """Seconds from the start to the refresh, and to the end."""
        refresh, end = self.timers["refresh"], self.timers["expires"]
        assert refresh is not None and end is not None
        return refresh - NOW, end - NOW


class Lasting(SynchronousTestCase):
    """A subscription that was asked for 600 seconds."""

    def setUp(self) -> None:
        """The SUBSCRIBE is out."""
        self.alone = Timed()

    def notify(self, state: str, after: float) -> None:
        """A NOTIFY comes some seconds later."""
        self.alone.now = Instant(NOW + after)
        self.assertEqual(self.alone.notify(state=state), 200)

    def test_answer_first(self) -> None:
        """The answer says how long, the NOTIFY after it does not: that holds, from the answer on."""
        self.alone.answer(200, "Expires: 300")
        self.notify("active", 10)
        self.assertEqual(self.alone.times, (240, 300))

    def test_notify_says_otherwise(self) -> None:
        """What a NOTIFY says holds from then on."""
        # = rfc6665:4.1.3/4 test
        self.alone.answer(200, "Expires: 300")
        self.notify("active;expires=100", 10)
        self.assertEqual(self.alone.times, (60, 110))

    def test_notify_first(self) -> None:
        """Where the NOTIFY overtakes the answer and says nothing, it is what was asked for, until the answer says."""
        self.notify("active", 10)
        self.assertEqual(self.alone.timers["expires"], NOW + 610)
        self.alone.answer(200, "Expires: 300")
        self.assertEqual(self.alone.times, (250, 310))
