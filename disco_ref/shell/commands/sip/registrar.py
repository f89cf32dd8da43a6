"""``disco-ref registrar``: registrar and record-routing proxy of a domain, with its locations in SQLite (RFC 3261, sections 10 and 16)."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TextIO

from disco_ref.peer.effects import Note
from disco_ref.peer.proxy import ProxyCore
from disco_ref.shell import users
from disco_ref.shell.commands.sip.registrar_view import JsonLines, Lines, LiveTable
from disco_ref.shell.locations import IN_MEMORY, LocationsLost, LocationStore
from disco_ref.shell.running import the_reactor
from disco_ref.shell.sip.opening import (
    EPILOG,
    Opened,
    add_listening_arguments,
    open_element,
    wanted,
)
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.digest.scheme import Algorithm
from disco_ref.sip.registration.bindings import Policy
from disco_ref.sip.registration.registrar import BindingsChanged, Store

_EXAMPLES = f"""examples:
  disco-ref registrar                                    anybody may register at 127.0.0.1:5060
  disco-ref registrar --domain example.com --users users.txt
  disco-ref registrar --udp 0.0.0.0:5060 --name sip.example.com --domain example.com --json

A file of users holds a name and a password on each line, or as TOML a table [users].

exit status: 0 stopped by a signal, 2 misuse or no socket.

{EPILOG}"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = (
        "Register users and forward requests to where they are registered. Without --users anybody may register."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "--domain", action="append", default=[], metavar="NAME", help="a domain to be responsible for; may be repeated"
    )
    parser.add_argument("--users", type=Path, metavar="FILE", help="who may register, with passwords")
    parser.add_argument(
        "--challenge", action="store_true", help="users must also prove who they are when they call (407)"
    )
    parser.add_argument(
        "--algorithms",
        type=_algorithms,
        default=(Algorithm.MD5,),
        metavar="NAMES",
        help="what passwords are proved with, the best first, such as SHA-256,MD5; default MD5, for there are phones "
        "(baresip 1.0) that give up where anything else is offered as well",
    )
    parser.add_argument(
        "--database", metavar="PATH", help=f"where locations are kept; {IN_MEMORY} forgets them at the end"
    )
    parser.add_argument("--recurse", action="store_true", help="try the contacts of a redirection (3xx) ourselves")
    parser.add_argument("--min-expires", type=int, default=60, metavar="SECONDS", help="default 60")
    parser.add_argument("--max-expires", type=int, default=7200, metavar="SECONDS", help="default 7200")
    parser.add_argument("--json", action="store_true", help="print what happens as lines of JSON")
    add_listening_arguments(parser)


def run(parsed: argparse.Namespace) -> int:
    """Serves until it is told to end by SIGTERM or Ctrl-C; 2 where it cannot begin."""
    reactor = the_reactor()
    try:
        accounts = users.accounts(parsed.users)
        store = LocationStore(_database(parsed))
    except (Trouble, LocationsLost) as trouble:
        return _misused(str(trouble))
    show = _shown(parsed, reactor, sys.stdout)
    service = Service(reactor, parsed, accounts, store, show)
    try:
        service.start()
    except (Trouble, LocationsLost) as trouble:
        show.close()
        store.close()
        return _misused(str(trouble))
    reactor.addSystemEventTrigger("before", "shutdown", service.stop)
    reactor.run()
    return 0


class Service:
    """The element, its store and what is shown of them."""

    def __init__(
        self,
        reactor: Reactor,
        parsed: argparse.Namespace,
        accounts: Accounts | None,
        store: LocationStore,
        show: Lines,
    ) -> None:
        self._store = store
        self._show = show
        self.core = ProxyCore(
            parsed.domain,
            os.urandom,
            accounts=accounts,
            algorithms=parsed.algorithms,
            policy=Policy(shortest=parsed.min_expires, longest=parsed.max_expires),
            challenges=parsed.challenge,
            recurses=parsed.recurse,
        )
        self._opened: Opened = open_element(reactor, parsed, self.core, log=show.note, delivered=self._told)

    def start(self) -> None:
        """Takes up what is stored, and opens the sockets; Trouble or LocationsLost where that cannot be."""
        driving = self._opened.driving
        stored = self._store.load(driving.now())
        begun = self.core.registrar.restored(stored)
        listening = driving.start()
        driving.perform(begun)
        names = self.core.registrar.domains.names
        self._show.started(names, [f"{each.transport} {each.sent_by}" for each in listening])
        for name, bindings in stored:
            self._show.bindings(name, bindings, driving.now())

    def stop(self) -> object:
        """Closes the sockets, then the database."""
        return self._opened.driving.stop().addCallback(self._close)

    def _close(self, _: object) -> None:
        self._store.close()
        self._show.close()

    def _told(self, event: object) -> None:
        """What the core tells: something to store, or to show."""
        driving = self._opened.driving
        if isinstance(event, BindingsChanged):
            self._show.bindings(event.name, event.bindings, driving.now())
        elif isinstance(event, Store):
            registrar = self.core.registrar
            try:
                self._store.replace([(event.name, event.bindings)])
            except LocationsLost as lost:
                driving.log(Note("error", f"a registration is lost: {lost}"))
                driving.perform(registrar.lost(event.ticket, "the database does not take it", driving.now()))
            else:
                driving.perform(registrar.stored(event.ticket, driving.now()))


def _shown(parsed: argparse.Namespace, reactor: Reactor, out: TextIO) -> Lines:
    kind = JsonLines if parsed.json else LiveTable if out.isatty() else Lines
    return kind(reactor, out)


def _database(parsed: argparse.Namespace) -> str:
    """Where locations are kept: as said, or in the user's folder for state, a file for each domain."""
    if parsed.database:
        return str(parsed.database)
    first = wanted(parsed)[0]
    name = parsed.domain[0] if parsed.domain else first.sent_by.replace(":", "-").strip("[]")
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "disco-ref"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as failure:
        raise LocationsLost(f"{folder}: {failure.strerror or failure}; name another place with --database") from None
    return str(folder / f"locations-{name.replace('/', '_')}.sqlite")


def _algorithms(text: str) -> tuple[Algorithm, ...]:
    """``SHA-256,MD5``."""
    found = [Algorithm.named(each.strip()) for each in text.split(",")]
    known = tuple(each for each in found if each is not None)
    if len(known) != len(found):
        raise argparse.ArgumentTypeError(f"{text!r}: expected some of {', '.join(Algorithm)}")
    return known


def _misused(why: str) -> int:
    print(f"disco-ref: {why}", file=sys.stderr)
    return 2
