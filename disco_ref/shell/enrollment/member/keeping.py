"""Keeping credentials fresh while a node runs: the configuration before it expires, the certificate before it ends (RFC 6940, section 11.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.reload.enrollment.credentials import (
    expiration_of,
    random_moment,
    retry_after,
)
from disco_ref.shell.enrollment.files import FilesLost
from disco_ref.shell.enrollment.member.agent import NotEnrolled
from disco_ref.shell.enrollment.member.wallet import Stored

LONGEST = Duration(7 * 86400.0)
"""Seconds after which a configuration without expiration is asked for anew, and the longest timer."""

Told = Callable[[Configuration, Stored], None]


class Later(Protocol):
    """A call that has not been made yet."""

    def active(self) -> bool:
        """Whether it is still to be made."""

    def cancel(self) -> None:
        """It is not to be made any more."""


class Clock(Protocol):
    """Whoever calls later: the reactor, or a clock of tests."""

    def callLater(self, delay: float, callable: Callable[[], object], /) -> Later:
        """Calls something after so many seconds."""


class Source(Protocol):
    """Where new ones come from."""

    async def configuration(self) -> Configuration:
        """The newest configuration."""

    async def certificate(self, configuration: Configuration) -> Stored:
        """A new certificate."""


class Keeping:
    """Refreshes the configuration and renews the certificate, each at a random moment before its end, until it is stopped."""

    def __init__(
        self,
        clock: Clock,
        enrolling: Source,
        now: Callable[[], Instant],
        entropy: Entropy,
        renewed: Told,
        failed: Callable[[str], None],
    ) -> None:
        self._clock, self._enrolling, self._now, self._entropy = clock, enrolling, now, entropy
        self._renewed, self._failed = renewed, failed
        self._calls: dict[str, Later] = {}
        self._failures = {"configuration": 0, "certificate": 0}
        self._running: set[Deferred[None]] = set()

    def start(self, configuration: Configuration, stored: Stored) -> None:
        """Sets both timers."""
        self._configuration, self._stored = configuration, stored
        self._plan_configuration()
        self._plan_certificate()

    def stop(self) -> None:
        """Nothing more is asked."""
        for call in self._calls.values():
            if call.active():
                call.cancel()
        for each in list(self._running):
            each.cancel()

    def _plan_configuration(self) -> None:
        now = self._now()
        ends = expiration_of(self._configuration)
        last = Instant(now + LONGEST) if ends is None else ends
        # = rfc6940:11.1/5
        self._at("configuration", random_moment(now, last, self._entropy), self._refreshing)

    def _plan_certificate(self) -> None:
        self._at("certificate", random_moment(self._now(), self._stored.until, self._entropy), self._renewing)

    def _at(self, what: str, when: Instant, do: Callable[[], Deferred[None]]) -> None:
        delay = max(0.0, when - self._now())
        if delay > LONGEST:
            # a timer of the system does not reach further than some weeks
            self._calls[what] = self._clock.callLater(LONGEST, lambda: self._at(what, when, do))
        else:
            self._calls[what] = self._clock.callLater(delay, lambda: self._try(what, do))

    def _try(self, what: str, do: Callable[[], Deferred[None]]) -> None:
        running = do()
        self._running.add(running)

        def done(result: object) -> object:
            self._running.discard(running)
            if not isinstance(result, Failure):
                self._failures[what] = 0
                return None
            if isinstance(result.value, CancelledError):
                return None
            if not isinstance(result.value, NotEnrolled | Refusal | FilesLost):
                return result
            self._failures[what] += 1
            wait = retry_after(self._failures[what])
            self._failed(f"no new {what}: {result.value}; next try in {wait:g} s")
            self._at(what, Instant(self._now() + wait), do)
            return None

        running.addBoth(done)

    def _refreshing(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._refresh())

    def _renewing(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._renew())

    async def _refresh(self) -> None:
        configuration = await self._enrolling.configuration()
        changed, self._configuration = configuration != self._configuration, configuration
        if changed:
            self._renewed(configuration, self._stored)
        self._plan_configuration()

    async def _renew(self) -> None:
        self._stored = await self._enrolling.certificate(self._configuration)
        self._renewed(self._configuration, self._stored)
        self._plan_certificate()
