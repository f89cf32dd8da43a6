"""``disco-ref node``: a peer of an overlay (RFC 6940)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.effects import Note
from disco_ref.reload.forwarding.configuring import CannotFollow
from disco_ref.reload.topology.chord.joining import Joined, JoinFailed
from disco_ref.shell.commands.overlay_view import Lines, lines
from disco_ref.shell.holdings import HoldingsLost, HoldingStore
from disco_ref.shell.overlay.driving import OverlayDriving
from disco_ref.shell.overlay.local import row
from disco_ref.shell.overlay.node_file import NodeFile, read_node_file
from disco_ref.shell.overlay.wire.security import KeyLog, key_log
from disco_ref.shell.overlay.wire.sockets import Sockets
from disco_ref.shell.running import the_reactor
from disco_ref.shell.sip.sockets import allow_many
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.sip.wire import Reactor

_EXAMPLES = """examples:
  disco-ref node --config node.toml

node.toml, its paths as seen from the file itself:
  configuration = "configuration.xml"     # the overlay's document, as `disco-ref enroll` writes it
  identity = "own.pem"                    # key and certificate of the node, in one file
  listen = ["tls 127.0.0.1:6084"]         # tls or dtls; IPv6 as [::1]:6084; port 0: any that is free; ice where the
                                          # configuration of the overlay does not say no-ice: DTLS with ICE
  stun = ["192.0.2.9:3478"]               # with ice: STUN servers besides the nodes of the overlay
  holdings = "holdings.sqlite"            # keeps what is stored here; without it a restart forgets it
  first = true                            # begin the overlay, instead of joining it; only for its first node
  node-id = "0123..."                     # only where the certificate holds several

At SIGTERM or Ctrl-C the node hands on what it holds, says goodbye and ends.
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = "Be a peer of an overlay: join it, route, store, and leave it in good order."
    parser.epilog = _EXAMPLES
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="what the node is, in TOML")
    parser.add_argument(
        "--key-log", type=Path, metavar="FILE", help="write the secrets of its links, so that Wireshark can read them"
    )
    parser.add_argument("--json", action="store_true", help="print what happens as lines of JSON")


def run(parsed: argparse.Namespace) -> int:
    """Stands until it is told to end by SIGTERM or Ctrl-C; 2 where it cannot begin, 1 where it had to leave the overlay."""
    allow_many()
    service: Service | None = None
    try:
        file = read_node_file(parsed.config)
        reactor = the_reactor(file.with_asyncio)
        keys = None if parsed.key_log is None else key_log(parsed.key_log)
        service = Service(reactor, file, lines(parsed.json, sys.stdout), keys, reactor.stop)
        service.start()
    except (Trouble, HoldingsLost) as trouble:
        print(f"disco-ref: {trouble}", file=sys.stderr)
        if service is not None:
            service.close()
        return 2
    reactor.addSystemEventTrigger("before", "shutdown", service.stop)
    reactor.run()
    return service.status


class Service:
    """The peer, and what is shown of it."""

    def __init__(
        self,
        reactor: Reactor,
        file: NodeFile,
        show: Lines,
        keys: KeyLog | None = None,
        end: Callable[[], object] | None = None,
    ) -> None:
        """HoldingsLost where what it holds cannot be opened; ``end`` ends the process, once the overlay has to be left."""
        self._file = file
        self._end = end
        self.status = 0
        """What the process ends with."""
        self._show = show
        self._began = reactor.seconds()
        self.peer = Peer(file.overlay, file.identity, os.urandom, Instant(self._began))
        path = file.holdings
        self._store = None if path is None else HoldingStore(str(path), file.overlay.name)
        self.driving = OverlayDriving(
            reactor,
            self.peer,
            file.key,
            file.listening,
            show.note,
            delivered=self._told,
            keeping=self._store,
            network=Sockets(reactor, file.stun, keys),
        )

    def start(self) -> None:
        """Takes up what is kept, opens the sockets, and joins; Trouble or HoldingsLost where that cannot be."""
        ways = self.driving.start()
        self._show.say(f"{self.peer.member.node_id.hex()} at {', '.join(str(each.address) for each in ways)}")
        if self._store is not None:
            loaded = self._store.load()
            actions, refused = self.peer.storage.restore(loaded.changes, self.driving.now())
            for each in (*loaded.damaged, *(one.why for one in refused)):
                self._show.note(Note("warning", f"left out of what was kept: {each}"))
            self.driving.perform(actions)
        self.driving.perform(self.peer.chord.begin(self._file.first, self.driving.now()))

    def stop(self) -> Deferred[None]:
        """Leaves the overlay, and closes everything."""
        leaving = self.driving.leave(self.peer.chord.leave(self.driving.now()))
        return leaving.addCallback(lambda _: self.close())

    def close(self) -> None:
        """Closes the file."""
        if self._store is not None:
            self._store.close()

    def _told(self, event: object) -> None:
        if isinstance(event, Joined):
            seconds = self.driving.now() - self._began
            self._show.joined(1, 1, row(self.peer, self.driving.links.ways[0].address), seconds)
        elif isinstance(event, CannotFollow):
            self._show.note(
                Note("error", f"the newer configuration cannot be followed, and the overlay is left: {event.why}")
            )
            self.status = 1
            if self._end is not None:
                self._end()
        elif isinstance(event, JoinFailed):
            self._show.note(Note("warning", f"not joined, and tried again: {event.why}"))
