"""A server on the loopback, with accounts whose passwords cost little."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from argon2 import PasswordHasher
from twisted.internet import reactor as installed
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from disco_ref.clock import Duration, Instant
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.reload.enrollment.foundation import CERTIFICATE_KINDS, SIP_KIND
from disco_ref.reload.enrollment.test.overlays import DAY, entropy
from disco_ref.shell.enrollment.member.agent import Asking, place
from disco_ref.shell.enrollment.member.client import Client
from disco_ref.shell.enrollment.member.enrolling import Enrolling, Wish
from disco_ref.shell.enrollment.member.wallet import Wallet
from disco_ref.shell.enrollment.serving.accounts import AccountStore
from disco_ref.shell.enrollment.serving.founding import (
    ACCOUNTS,
    CERTIFICATE,
    Foundation,
)
from disco_ref.shell.enrollment.serving.https import Clock, tls_options
from disco_ref.shell.enrollment.serving.office import Office, Policy
from disco_ref.shell.enrollment.serving.passwords import Passwords
from disco_ref.shell.enrollment.serving.server import (
    CONFIGURATION_PATH,
    ENROLLMENT_PATH,
    EnrollmentServer,
)

NAME = "overlay.example"
PASSWORD = "πassword".encode()
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PERIOD = Duration(30 * DAY)


class _Host(Protocol):
    port: int


class _Port(Protocol):
    def getHost(self) -> _Host:
        """Where it listens."""

    def stopListening(self) -> Deferred[None]:
        """Closes it."""


class _Reactor(Protocol):
    def listenSSL(self, port: int, factory: object, options: object, interface: str) -> _Port:
        """Listens for TLS."""


class Server:
    """An overlay with one account, alice, served at a free port; ``moment`` is its time."""

    def __init__(
        self, folder: Path, *, names: tuple[str, ...] = (NAME, "127.0.0.1"), policy: Policy | None = None
    ) -> None:
        self.folder = folder
        # OpenSSL looks at the clock of the machine, whatever time it is in the test
        self.moment = Instant(time.time())
        self.log: list[str] = []
        self.clock = cast(Clock, installed)
        self.foundation = Foundation(folder, PERIOD, lambda: self.moment, entropy("server"))
        first = Configuration(instance_name=NAME, enrollment_server=("https://127.0.0.1/",))
        self.foundation.found(first, (*CERTIFICATE_KINDS, SIP_KIND))
        self.store = AccountStore(str(folder / ACCOUNTS))
        self.passwords = Passwords(CHEAP)
        self.store.add("alice", self.passwords.hash(PASSWORD), f"alice@{NAME}")
        arguments = (self.store, self.foundation.authority(), self.foundation.configuration)
        self.office = Office(*arguments, entropy("office"), policy or Policy(most_node_ids=3))
        self.server = EnrollmentServer(self.foundation.document, self.office, self.passwords, self.now, self.log.append)
        options = tls_options(self.foundation.tls(names))
        self._port = cast(_Reactor, installed).listenSSL(
            0, self.server.site(self.clock), options, interface="127.0.0.1"
        )
        self.port = self._port.getHost().port
        self.url = f"https://127.0.0.1:{self.port}{CONFIGURATION_PATH}"
        enrollment = (f"https://127.0.0.1:{self.port}{ENROLLMENT_PATH}",)
        self.change(lambda current: replace(current, enrollment_server=enrollment))
        self.enrollment = place(enrollment[0], NAME)

    def now(self) -> Instant:
        """The time of the server."""
        return self.moment

    def change(self, change: Callable[[Configuration], Configuration]) -> None:
        """Signs a newer configuration."""
        self.foundation.change(change)

    def stop(self) -> Deferred[None]:
        """Closes all."""
        self.store.close()
        return self._port.stopListening()

    def asking(self, authorities: Path | None = None) -> Asking:
        """Whoever trusts the certificate of this server."""
        return Asking(cast(IReactorTime, installed), authorities or self.folder / CERTIFICATE)

    def client(self) -> Client:
        """A client that trusts the server."""
        return Client(self.asking())

    def enrolling(self, wallet: Wallet, wish: Wish | None = None) -> Enrolling:
        """A member that wants to enrol as alice, or as is said."""
        return Enrolling(self.client(), wallet, wish or self.wish(), self.now, entropy("member"))

    def wish(self) -> Wish:
        """What alice wants."""
        return Wish(NAME, self.url, "alice", PASSWORD)
