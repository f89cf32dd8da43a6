"""Credentials stay fresh, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration, Instant
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.reload.enrollment.credentials import expiration_of
from disco_ref.reload.enrollment.foundation import raised
from disco_ref.reload.enrollment.issuing import Holder, issue, lasting
from disco_ref.reload.enrollment.test.overlays import (
    DAY,
    NOW,
    authority,
    configuration,
    context,
    entropy,
)
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.test.keys import ALICE, OVERLAY, ecdsa_key
from disco_ref.shell.enrollment.member.agent import NotEnrolled
from disco_ref.shell.enrollment.member.keeping import Clock as AnyClock
from disco_ref.shell.enrollment.member.keeping import Keeping
from disco_ref.shell.enrollment.member.wallet import Stored

LIFETIME, PERIOD = Duration(90 * DAY), Duration(30 * DAY)


class Servers:
    """Servers that answer at once, or fail, or never answer."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        self._now = now
        self.fails = self.hangs = False
        self.asked: list[tuple[str, float]] = []
        self.given = raised(configuration(), now(), PERIOD)
        self.cancelled = 0

    async def configuration(self) -> Configuration:
        """A newer configuration, whose time begins now."""
        await self._answer("configuration")
        self.given = raised(self.given, self._now(), PERIOD)
        return self.given

    async def certificate(self, configuration: Configuration) -> Stored:
        """A certificate whose time begins now."""
        await self._answer("certificate")
        return stored(self._now())

    async def _answer(self, what: str) -> None:
        self.asked.append((what, (self._now() - NOW) / DAY))
        if self.fails:
            raise NotEnrolled("nobody answers")
        if self.hangs:
            await Deferred(self._cancel)

    def _cancel(self, _: Deferred[None]) -> None:
        self.cancelled += 1

    def times(self, what: str) -> list[float]:
        """The days on which something was asked for."""
        return [day for each, day in self.asked if each == what]


def stored(now: Instant) -> Stored:
    """A certificate that was issued just now."""
    key = ecdsa_key(1)
    holder = Holder(key.public_key(), (ALICE,), f"alice@{OVERLAY}")
    validity = lasting(now, LIFETIME)
    der = issue(authority(), holder, validity, entropy(), OVERLAY, context())
    return Stored(key, read_certificate(der, context()), validity.until)


class KeepingTest(SynchronousTestCase):
    """Refreshing and renewing."""

    def setUp(self) -> None:
        """A member that has just enrolled."""
        self.clock = Clock()
        self.servers = Servers(self.now)
        self.told: list[tuple[int | None, float]] = []
        self.failures: list[str] = []
        self.keeping = Keeping(
            cast(AnyClock, self.clock), self.servers, self.now, entropy("keeping"), self.renewed, self.failures.append
        )
        self.keeping.start(self.servers.given, stored(NOW))

    def now(self) -> Instant:
        """The virtual time."""
        return Instant(NOW + self.clock.seconds())

    def renewed(self, configuration: Configuration, certificate: Stored) -> None:
        """Notes what is at hand."""
        self.told.append((configuration.sequence, certificate.until))

    def pass_days(self, days: float) -> None:
        """Lets time pass, an hour at a time."""
        self.clock.pump([3600.0] * int(days * 24))

    def test_before_the_end(self) -> None:
        """For a year configuration and certificate are replaced between a half and nine tenths of their time, never later."""
        # = rfc6940:11.1/5 test
        self.pass_days(365)
        for what, period in (("configuration", 30), ("certificate", 90)):
            days = [0.0, *self.servers.times(what)]
            steps = [after - before for before, after in zip(days, days[1:], strict=False)]
            self.assertTrue(all(0.5 * period - 0.1 <= step <= 0.9 * period + 0.1 for step in steps), steps)
            self.assertTrue(len(set(steps)) > 1)
        self.assertEqual(len(self.told), len(self.servers.asked))
        self.assertEqual(self.failures, [])

    def test_failures(self) -> None:
        """While nobody answers it is tried again, ever more seldom; when somebody does, all goes on."""
        self.servers.fails = True
        self.pass_days(31)
        days = self.servers.times("configuration")
        steps = [round(after - before, 6) for before, after in zip(days, days[1:], strict=False)]
        self.assertEqual(steps, sorted(steps))
        self.assertTrue(max(steps) <= 0.3)
        self.assertIn("nobody answers; next try in 60 s", self.failures[0])
        self.servers.fails = False
        self.pass_days(1)
        ends = expiration_of(self.servers.given)
        assert ends is not None
        self.assertTrue(ends > self.now() + 28 * DAY)

    def test_stopped(self) -> None:
        """When it is stopped nothing is left: no timer, and no question that is still open."""
        self.servers.hangs = True
        self.pass_days(28)
        self.assertEqual(len(self.servers.asked), 1)
        self.keeping.stop()
        self.assertEqual((self.servers.cancelled, self.failures, self.clock.getDelayedCalls()), (1, [], []))
