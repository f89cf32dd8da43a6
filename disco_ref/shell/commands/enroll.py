"""``disco-ref enroll``: fetch the configuration of an overlay and get a certificate for it (RFC 6940, sections 11.2 and 11.3)."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, cast

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.shell.enrollment.files import FilesLost
from disco_ref.shell.enrollment.member.agent import Asking, NotEnrolled
from disco_ref.shell.enrollment.member.client import Client
from disco_ref.shell.enrollment.member.enrolling import Enrolling, Wish
from disco_ref.shell.enrollment.member.keeping import Clock, Keeping
from disco_ref.shell.enrollment.member.wallet import Stored, Wallet

_EXAMPLES = """examples:
  disco-ref enroll overlay.example --user alice                     the DNS says where the server is
  disco-ref enroll overlay.example --user alice --url https://127.0.0.1:8443/.well-known/reload-config --ca tls-certificate.pem
  disco-ref enroll overlay.example --user alice --name tea@overlay.example      a certificate for a conference
  disco-ref enroll overlay.example --user alice --keep              stay, and renew everything before it ends
  disco-ref enroll open.example --url https://... --self-signed --name carol@open.example

An overlay that permits self-signed certificates and has no enrolment server needs no --user.
Certificate and key go into one file, own.pem or NAME.pem, that only you can read; beside it lies configuration.xml.

exit status: 0 enrolled; 1 refused, or no answer: one line on standard error says why; 2 misuse.
"""

ENROLLED, REFUSED, MISUSE = 0, 1, 2


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = (
        "Get what a node needs to join an overlay: its configuration, and a certificate with a Node-ID."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument("overlay", metavar="OVERLAY", help="the overlay name, such as overlay.example")
    parser.add_argument("--url", help="where its configuration is; default: the DNS is asked for _reload-config._tcp")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="who issued the server's certificate, in PEM")
    parser.add_argument("--user", metavar="NAME", help="your account at the enrolment server")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="your password, in line 1; default: it is asked for"
    )
    parser.add_argument("--name", metavar="USER@DOMAIN", help="the user name to ask for, such as that of a conference")
    parser.add_argument("--node-ids", type=_count, default=1, metavar="N", help="Node-IDs to ask for; default 1")
    parser.add_argument(
        "--self-signed", action="store_true", help="issue the certificate yourself, where that is permitted"
    )
    parser.add_argument(
        "--directory", type=Path, metavar="DIR", help="where to keep it; default: in your folder for state"
    )
    parser.add_argument("--keep", action="store_true", help="stay until Ctrl-C, and renew everything before it ends")
    parser.add_argument("--json", action="store_true", help="print what happens as lines of JSON")


class _Running(Protocol):
    """The reactor of the process."""

    def run(self) -> None:
        """Runs until it is stopped."""

    def stop(self) -> None:
        """Ends it."""

    def callWhenRunning(self, callable: Callable[[], object]) -> object:
        """Calls something as soon as it runs."""


def run(parsed: argparse.Namespace) -> int:
    """Enrols, and stays with ``--keep``."""
    from twisted.internet import reactor as installed

    reactor = cast(_Running, installed)
    try:
        enrolment = Enrolment(reactor, parsed)
    except (FilesLost, NotEnrolled) as trouble:
        print(f"disco-ref: {trouble}", file=sys.stderr)
        return MISUSE
    reactor.callWhenRunning(enrolment.start)
    reactor.run()
    enrolment.stop()
    return enrolment.status


class Enrolment:
    """One run of the command."""

    def __init__(self, reactor: _Running, parsed: argparse.Namespace) -> None:
        """NotEnrolled or FilesLost where the options make no sense."""
        self._reactor, self._parsed = reactor, parsed
        self.status = REFUSED
        name = str(parsed.overlay).lower().rstrip(".")
        if not re.fullmatch(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", name):
            raise NotEnrolled(f"{parsed.overlay}: an overlay name looks like overlay.example")
        wish = Wish(name, parsed.url, parsed.user, _password(parsed), parsed.name, parsed.node_ids, parsed.self_signed)
        self._wallet = Wallet(parsed.directory or _folder() / name)
        self._wish = wish
        self._enrolling = Enrolling(
            Client(Asking(cast(IReactorTime, reactor), parsed.ca)), self._wallet, wish, _now, os.urandom
        )
        self._keeping = Keeping(cast(Clock, reactor), self._enrolling, _now, os.urandom, self._show, self._complain)

    def start(self) -> None:
        """Asks the servers."""
        Deferred.fromCoroutine(self._enrol())

    def stop(self) -> None:
        """Leaves no timer behind."""
        self._keeping.stop()

    async def _enrol(self) -> None:
        try:
            configuration, stored = await self._enrolling.enrol()
            self._show(configuration, stored)
            self.status = ENROLLED
            if self._parsed.keep:
                self._keeping.start(configuration, stored)
                return
        except (NotEnrolled, Refusal, FilesLost) as failure:
            self._complain(str(failure))
        except CancelledError:
            return
        self._reactor.stop()

    def _show(self, configuration: Configuration, stored: Stored) -> None:
        certificate = stored.certificate
        node_ids = [each.hex() for each in certificate.node_ids]
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(stored.until))
        path = str(self._wallet.path(self._wish.identity))
        if self._parsed.json:
            told = {"event": "enrolled", "overlay": configuration.instance_name, "user": certificate.user_name}
            rest = {"node_ids": node_ids, "until": until, "file": path, "sequence": configuration.sequence}
            print(json.dumps({**told, **rest}), flush=True)
            return
        print(f"{certificate.user_name or 'nobody'} in {configuration.instance_name}, until {until}")
        print(f"Node-ID {', '.join(node_ids)}")
        print(f"kept in {path}", flush=True)

    def _complain(self, why: str) -> None:
        print(f"disco-ref: {' '.join(why.split())}", file=sys.stderr, flush=True)


def _now() -> Instant:
    return Instant(time.time())


def _password(parsed: argparse.Namespace) -> bytes:
    """The password of the account, out of a file or from whoever types it; never an argument, which others can see."""
    if parsed.user is None:
        return b""
    if parsed.password_file is not None:
        try:
            with parsed.password_file.open("rb") as file:
                octets: bytes = file.readline(4096).rstrip(b"\r\n")
        except OSError as failure:
            raise FilesLost(f"{parsed.password_file}: {failure.strerror or failure}") from None
        return octets
    if sys.stdin is None or not sys.stdin.isatty():
        raise NotEnrolled("your password goes into line 1 of a file; name it with --password-file FILE")
    return getpass.getpass(f"password of {parsed.user}: ").encode("utf-8")


def _folder() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "disco-ref" / "members"


def _count(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and 1 <= int(text) <= 1000):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of Node-IDs")
    return int(text)
