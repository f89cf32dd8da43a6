"""The overlay that ``disco-ref enroll-server`` keeps: made once, changed by signing a newer configuration, served over HTTPS."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol, cast

from twisted.internet.error import CannotListenError
from twisted.internet.task import LoopingCall

from disco_ref.clock import Duration, Instant
from disco_ref.reload.enrollment.configuration import (
    DEFAULT_PORT,
    BootstrapNode,
    Configuration,
    SelfSignedPermitted,
)
from disco_ref.reload.enrollment.naming import refuse_illegal_name
from disco_ref.shell.enrollment.files import FilesLost
from disco_ref.shell.enrollment.serving.accounts import AccountStore
from disco_ref.shell.enrollment.serving.founding import (
    ACCOUNTS,
    CERTIFICATE,
    Foundation,
)
from disco_ref.shell.enrollment.serving.https import Later, tls_options
from disco_ref.shell.enrollment.serving.office import Office, Policy
from disco_ref.shell.enrollment.serving.passwords import Passwords
from disco_ref.shell.enrollment.serving.server import (
    CONFIGURATION_PATH,
    ENROLLMENT_PATH,
    EnrollmentServer,
)
from disco_ref.shell.overlay.kinds import KINDS
from disco_ref.shell.sip.trouble import said

DAY = 86400.0
LARGEST_MESSAGE = 65536
"""Octets; a registration of many focuses outgrows the default of 5000."""


class Misplaced(Exception):
    """The options make no sense, or the server cannot begin; the text says what to do."""


class Overlay:
    """One overlay and its directory."""

    def __init__(self, parsed: argparse.Namespace) -> None:
        """Misplaced where the name or the addresses make no sense."""
        self.name = str(parsed.overlay).lower()
        try:
            refuse_illegal_name(f"a@{self.name}")
        except Exception:
            raise Misplaced(f"{parsed.overlay}: an overlay name looks like overlay.example") from None
        self._parsed = parsed
        self._bootstrap = tuple(map(_bootstrap, parsed.bootstrap))
        folder = parsed.directory or _state() / "overlays" / self.name
        self.foundation = Foundation(folder, Duration(parsed.expires * DAY), now, os.urandom)
        if self.foundation.founded and self.foundation.configuration().instance_name != self.name:
            raise Misplaced(f"{folder}: it holds another overlay; name another directory")

    @property
    def hosts(self) -> list[str]:
        """How the server can be reached, the best first."""
        address = str(self._parsed.address)
        anywhere = address in ("0.0.0.0", "::")
        return [*self._parsed.host, *([] if anywhere else [address])] or [self.name]

    def must_exist(self) -> None:
        """Misplaced where nothing was made yet."""
        if not self.foundation.founded:
            command = f"disco-ref enroll-server --overlay {self.name}"
            raise Misplaced(f"{self.foundation.folder}: no overlay there; make one with: {command}")

    def accounts(self) -> AccountStore:
        """The database of accounts."""
        return AccountStore(str(self.foundation.folder / ACCOUNTS))

    def update(self) -> None:
        """Signs a newer configuration, with what the options say."""
        sequence = self.foundation.change(self._as_asked)
        self.say("signed", f"configuration {sequence} is signed", sequence=sequence)

    def make(self, port: int) -> None:
        """Makes the overlay where it is missing, and sees to it that the configuration names this server."""
        host = self.hosts[0]
        url = f"https://{f'[{host}]' if ':' in host else host}:{port}{ENROLLMENT_PATH}"
        if not self.foundation.founded:
            first = Configuration(
                instance_name=self.name,
                no_ice=not self._parsed.ice,
                max_message_size=LARGEST_MESSAGE,
                enrollment_server=(url,),
            )
            self.foundation.found(self._as_asked(first), KINDS)
        elif self.foundation.configuration().enrollment_server != (url,):
            self.foundation.change(lambda current: replace(current, enrollment_server=(url,)))

    def _as_asked(self, current: Configuration) -> Configuration:
        digest = self._parsed.self_signed
        return replace(
            current,
            bootstrap_node=self._bootstrap or current.bootstrap_node,
            self_signed_permitted=SelfSignedPermitted(digest=digest, permitted=True)
            if digest
            else current.self_signed_permitted,
        )

    def bad(self, node_ids: list[bytes]) -> None:
        """Puts Node-IDs on the list of bad ones."""
        self.foundation.change(
            lambda current: replace(current, bad_node=tuple(dict.fromkeys([*current.bad_node, *node_ids])))
        )

    def say(self, event: str, text: str, **fields: object) -> None:
        """A line, or an object of JSON."""
        print(json.dumps({"event": event, **fields}) if self._parsed.json else text, flush=True)


class _Port(Protocol):
    def getHost(self) -> object:
        """Where it listens."""


class _Running(Protocol):
    def listenSSL(self, port: int, factory: object, options: object, interface: str) -> _Port:
        """Listens for TLS."""

    def callLater(self, delay: float, callable: Callable[[], object], /) -> Later:
        """Calls something after so many seconds."""

    def run(self) -> None:
        """Runs until the process is told to end."""


def serve(overlay: Overlay, parsed: argparse.Namespace) -> int:
    """Serves until SIGTERM or Ctrl-C."""
    from twisted.internet import reactor as installed

    reactor = cast(_Running, installed)
    foundation = overlay.foundation
    if not foundation.founded:
        overlay.make(parsed.port)
    store = overlay.accounts()
    policy = Policy(Duration(parsed.lifetime * DAY), parsed.node_ids, parsed.names)
    office = Office(store, foundation.authority(), foundation.configuration, os.urandom, policy)
    server = EnrollmentServer(foundation.document, office, Passwords(), now, _log)
    own = foundation.tls([overlay.name, *overlay.hosts])
    options = tls_options(parsed.certificate or own)
    try:
        port = reactor.listenSSL(parsed.port, server.site(reactor), options, interface=parsed.address)
    except CannotListenError as failure:
        store.close()
        raise Misplaced(f"cannot listen on {parsed.address}:{parsed.port}: {said(failure)}") from None
    number: int = getattr(port.getHost(), "port", parsed.port)
    overlay.make(number)
    _explain(overlay, parsed, number, store)
    LoopingCall(_renewing(overlay)).start(min(600.0, parsed.expires * DAY / 20), now=True)
    reactor.run()
    store.close()
    return 0


def _renewing(overlay: Overlay) -> Callable[[], None]:
    def renew() -> None:
        try:
            overlay.foundation.renew()
        except FilesLost as lost:
            _log(f"the configuration is not signed anew: {lost}")

    return renew


def _explain(overlay: Overlay, parsed: argparse.Namespace, port: int, store: AccountStore) -> None:
    host, folder = overlay.hosts[0], overlay.foundation.folder
    url = f"https://{f'[{host}]' if ':' in host else host}:{port}{CONFIGURATION_PATH}"
    authority = None if parsed.certificate else str(folder / CERTIFICATE)
    if parsed.json:
        overlay.say("serving", "", overlay=overlay.name, url=url, directory=str(folder), ca=authority)
        return
    at = f" --directory {shlex.quote(str(folder))}" if parsed.directory else ""
    print(f"{overlay.name}: the configuration is at {url}; Ctrl-C ends it")
    print(f"kept in {folder}; whoever reads {folder / 'root.pem'} can be anybody in the overlay")
    if not overlay.foundation.configuration().bootstrap_node:
        print("no peer to join by is known yet: name one with --bootstrap ADDRESS[:PORT] update")
    if not store.accounts():
        print(f"next, elsewhere: disco-ref enroll-server --overlay {overlay.name}{at} add-user alice")
    trust = f" --ca {shlex.quote(authority)}" if authority else ""
    print(f"then:            disco-ref enroll {overlay.name} --user alice --url {url}{trust}", flush=True)


def now() -> Instant:
    """The time of the machine."""
    return Instant(time.time())


def _log(line: str) -> None:
    with suppress(OSError):
        print(
            f"disco-ref: {''.join(each if each.isprintable() else '?' for each in line)}", file=sys.stderr, flush=True
        )


def _bootstrap(text: str) -> BootstrapNode:
    """``192.0.2.1``, ``192.0.2.1:6084`` or ``[2001:db8::1]:6084``."""
    address, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    try:
        plain = str(ip_address(address.strip("[]")))
        number = int(port) if colon else DEFAULT_PORT
    except ValueError:
        raise Misplaced(f"{text}: expected an address, with a port where it is not {DEFAULT_PORT}") from None
    if not 0 < number < 65536:
        raise Misplaced(f"{text}: expected a port below 65536")
    return BootstrapNode(address=plain, port=number)


def _state() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "disco-ref"
