"""``disco-ref overlay``: a whole overlay on this machine, each peer with sockets of its own (RFC 6940)."""

from __future__ import annotations

import argparse
import os
import sys
from ipaddress import ip_address
from pathlib import Path

from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.shell.commands.overlay_view import Lines, lines
from disco_ref.shell.enrollment.files import (
    PUBLIC,
    FilesLost,
    identity_text,
    make_folder,
    write,
)
from disco_ref.shell.overlay.founding import Founded
from disco_ref.shell.overlay.local import ALL_LINKS, LocalOverlay, Row, Shape, needs_asyncio
from disco_ref.shell.overlay.wire.security import key_log
from disco_ref.shell.running import Running, the_reactor
from disco_ref.shell.sip.sockets import allow_many
from disco_ref.shell.sip.trouble import Trouble

_EXAMPLES = """examples:
  disco-ref overlay                               eight peers over TLS, at 127.0.0.1:6084 and the next ports
  disco-ref overlay --peers 16 --link dtls --port 7000
  disco-ref overlay --link ice                    every link is made by ICE, as behind NATs
  disco-ref overlay --host ::1 --json             what happens, as lines of JSON
  disco-ref overlay --guests 2 --folder trial     and, elsewhere, with what was written there:
  disco-ref node --config trial/guest1.toml       one more peer

The overlay ends with the command, and everything that was stored in it.
"""

MOST_PEERS = 1_000
LOOK_EVERY = 1.0
"""Seconds until it is seen whether the ring has changed."""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = (
        "Make an overlay for trying things out: a root certificate, members, and peers that join one after the other."
    )
    parser.epilog = _EXAMPLES
    parser.add_argument("--peers", type=_peers, default=8, metavar="N", help="how many; default 8")
    parser.add_argument("--host", type=_address, default="127.0.0.1", metavar="ADDRESS", help="default 127.0.0.1")
    parser.add_argument(
        "--port", type=_port, default=6084, metavar="P", help="of the first peer; default 6084; 0: any that is free"
    )
    parser.add_argument(
        "--link", choices=tuple(ALL_LINKS), default="tls", help="the link protocol; ice is DTLS with ICE; default tls"
    )
    parser.add_argument("--name", default="overlay.example", metavar="NAME", help="its name; default overlay.example")
    parser.add_argument("--guests", type=_peers, default=1, metavar="N", help="members to write for other nodes")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to write what other nodes need to join")
    parser.add_argument(
        "--key-log", type=Path, metavar="FILE", help="write the secrets of all links, so that Wireshark can read them"
    )
    parser.add_argument("--json", action="store_true", help="print what happens as lines of JSON")


def run(parsed: argparse.Namespace) -> int:
    """Stands until it is told to end by SIGTERM or Ctrl-C; 2 where it cannot begin."""
    reactor = the_reactor(needs_asyncio((ALL_LINKS[parsed.link],)))
    allow_many()
    try:
        service = Service(reactor, parsed, lines(parsed.json, sys.stdout))
        service.start()
    except (Trouble, FilesLost) as trouble:
        print(f"disco-ref: {trouble}", file=sys.stderr)
        return 2
    reactor.addSystemEventTrigger("before", "shutdown", service.stop)
    reactor.run()
    return 0


class Service:
    """The overlay, and what is shown of it."""

    def __init__(self, reactor: Running, parsed: argparse.Namespace, show: Lines) -> None:
        self._reactor = reactor
        self._parsed = parsed
        self._show = show
        now = Instant(reactor.seconds())
        ice = parsed.link == "ice"
        self._founded = Founded(parsed.name, "TLS" if parsed.link == "tls" else "DTLS", now, os.urandom, ice)
        shape = Shape(parsed.peers, parsed.host, parsed.port, ALL_LINKS[parsed.link])
        keys = None if parsed.key_log is None else key_log(parsed.key_log)
        self.local = LocalOverlay(reactor, self._founded, shape, os.urandom, show, keys)
        self._last: list[Row] = []
        self._shown: list[Row] = []

    def start(self) -> None:
        """The first peer; Trouble where its socket is not to be had, FilesLost where the folder is not."""
        if self._parsed.folder is not None:
            make_folder(self._parsed.folder)
        self.local.start(self._whole)

    def stop(self) -> Deferred[None]:
        """Closes everything."""
        return self.local.stop()

    def _whole(self) -> None:
        if self._parsed.folder is not None:
            self._write(self._parsed.folder)
        self._look()

    def _look(self) -> None:
        """Shows the ring when it has changed, once it rests."""
        rows = self.local.rows()
        if rows == self._last and rows != self._shown:
            self._shown = rows
            self._show.ring(rows)
        self._last = rows
        self._reactor.callLater(LOOK_EVERY, self._look)

    def _write(self, folder: Path) -> None:
        """What other nodes need, keys for their owner alone."""
        now = Instant(self._reactor.seconds())
        try:
            write(folder / "configuration.xml", self._founded.document(), PUBLIC)
            for number in range(1, self._parsed.guests + 1):
                guest = self._founded.member(f"guest{number}@{self._parsed.name}", now)
                write(folder / f"guest{number}.pem", identity_text(guest.key, guest.identity.certificate.der))
                text = (
                    'configuration = "configuration.xml"\n'
                    f'identity = "guest{number}.pem"\n'
                    f'listen = ["{self._parsed.link} {_bracketed(self._parsed.host)}:0"]\n'
                )
                write(folder / f"guest{number}.toml", text.encode(), PUBLIC)
        except FilesLost as lost:
            print(f"disco-ref: {lost}", file=sys.stderr)
            return
        self._show.say(f"{folder} holds what {self._parsed.guests} more nodes need to join")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _peers(text: str) -> int:
    """A number of peers."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PEERS:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1 to {MOST_PEERS}")
    return int(text)


def _port(text: str) -> int:
    """A port."""
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 0 to 65535")
    return int(text)


def _address(text: str) -> str:
    """An IP address."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an IP address") from None
