"""The time of programs."""

from __future__ import annotations

import time

from twisted.internet import reactor as installed
from twisted.internet.asyncioreactor import AsyncioSelectorReactor
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.running import the_reactor


class SteadyTest(SynchronousTestCase):
    """The reactor of a program."""

    def test_steady(self) -> None:
        """Its time is that of the machine, and does not follow a clock that is set anew."""
        self.patch(installed, "seconds", time.time)
        reactor = the_reactor()
        self.assertIs(reactor, installed)
        before = reactor.seconds()
        self.assertLess(abs(before - time.time()), 5)
        self.patch(time, "time", lambda: 0.0)
        self.assertTrue(before <= reactor.seconds() < before + 5)

    def test_too_late(self) -> None:
        """Where another reactor is there already, none is made for asyncio; the one that has it is as good as new."""
        if not isinstance(installed, AsyncioSelectorReactor):
            with self.assertRaisesRegex(RuntimeError, "another reactor"):
                the_reactor(with_asyncio=True)
