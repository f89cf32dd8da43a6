"""``disco-ref ring``: who makes up an overlay, asked peer after peer: a table, JSON, a picture (RFC 6940, section 6.4.2.5)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from twisted.internet.defer import Deferred

from disco_ref.clock import Instant
from disco_ref.peer.overlay.client import (
    Answered,
    Client,
    NotVisiting,
    Unanswered,
    Visiting,
)
from disco_ref.reload.forwarding.passing import resource_place
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.probe import ProbeAns, ProbeInformationType, ProbeReq
from disco_ref.shell.commands.overlay_picture import Peer, picture
from disco_ref.shell.commands.overlay_view import WIDTH, JsonLines, Lines, lines
from disco_ref.shell.overlay.driving import OverlayDriving
from disco_ref.shell.overlay.node_file import NodeFile, read_node_file
from disco_ref.shell.running import Running, the_reactor
from disco_ref.shell.sip.sockets import allow_many
from disco_ref.shell.sip.trouble import Trouble

_EXAMPLES = """examples:
  disco-ref ring --config trial/guest1.toml
  disco-ref ring --config trial/guest1.toml --svg ring.svg
  disco-ref ring --config trial/guest1.toml --json

Each peer is asked what it is responsible for, then whoever is responsible for the place behind it, until the ring is closed.
The node of the file must not run meanwhile: a Node-ID is at one place only.
exit status: 0 the whole ring, 1 some of it or nothing, 2 misuse.
"""

PATIENCE = 60.0
"""Seconds for all of it."""
MOST_PEERS = 10_000
BILLION = 1_000_000_000


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = "Go round the ring of an overlay, and show who is there."
    parser.epilog = _EXAMPLES
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="as of `disco-ref node`")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw the ring as well")
    parser.add_argument("--json", action="store_true", help="print the peers as lines of JSON")


def run(parsed: argparse.Namespace) -> int:
    """Goes round once, and ends."""
    allow_many()
    try:
        _refuse_place(parsed.svg)
        file = read_node_file(parsed.config)
        reactor = the_reactor(file.with_asyncio)
        tour = Tour(reactor, file)
        tour.start()
    except Trouble as trouble:
        print(f"disco-ref: {trouble}", file=sys.stderr)
        return 2
    reactor.addSystemEventTrigger("before", "shutdown", tour.stop)
    reactor.run()
    if not tour.peers:
        # why has been said
        return 1
    show(tour.peers, lines(parsed.json, sys.stdout))
    if parsed.svg is not None:
        try:
            parsed.svg.write_text(picture(tour.peers))
        except OSError as failure:
            print(f"disco-ref: {parsed.svg}: {failure.strerror or failure}", file=sys.stderr)
            return 2
    return 0 if tour.closed else 1


def _refuse_place(svg: Path | None) -> None:
    """Trouble where no picture can be written, before anybody is asked."""
    if svg is None:
        return
    if svg.is_dir() or not svg.parent.is_dir():
        raise Trouble(f"--svg {svg}: {'a folder' if svg.is_dir() else 'no such folder'}")
    if not os.access(svg if svg.exists() else svg.parent, os.W_OK):
        raise Trouble(f"--svg {svg}: not to be written")


class Tour:
    """Once round the ring."""

    def __init__(self, reactor: Running, file: NodeFile) -> None:
        self._reactor = reactor
        self._client = Client(file.overlay, file.identity, os.urandom, Instant(reactor.seconds()))
        listening = [each._replace(address=each.address._replace(port=0)) for each in file.listening]
        note = Lines(sys.stdout).note
        self._driving = OverlayDriving(reactor, self._client, file.key, listening, note, delivered=self._told)
        self.peers: list[Peer] = []
        """In the order in which they follow each other."""
        self.closed = False
        """Whether the last one is followed by the first."""
        self._ended = False

    def start(self) -> None:
        """Connects; Trouble where no socket is to be had."""
        self._driving.start()
        self._reactor.callLater(PATIENCE, self._end, "it takes too long")
        self._driving.perform(self._client.chord.visit())

    def stop(self) -> Deferred[None]:
        """Closes everything."""
        return self._driving.stop()

    def _told(self, event: object) -> None:
        match event:
            case Visiting(through):
                self._reactor.callLater(0, self._ask, through)
            case Answered(_, answer) if isinstance(answer.body, ProbeAns):
                self._heard(answer.node_id, answer.body)
            case Answered():
                self._end("an answer to something else")
            case Unanswered(_, why) | NotVisiting(why):
                self._end(str(why))

    def _ask(self, behind: bytes) -> None:
        """Asks the peer that is responsible for the place behind another one."""
        length = len(behind)
        place = (int.from_bytes(behind, "big") + 1) % (1 << 8 * length)
        wanted = ProbeReq(tuple(ProbeInformationType)[1:])
        to = resource_place(place.to_bytes(length, "big"))
        self._driving.perform(self._client.questions.ask((), to, MessageCode.probe_req, wanted))

    def _heard(self, node_id: bytes, answer: ProbeAns) -> None:
        if any(each.node_id == node_id for each in self.peers):
            self.closed = self.peers[0].node_id == node_id
            self._end("" if self.closed else "the ring comes back to its middle")
            return
        said = {each.type: each.value for each in answer.probe_info if isinstance(each.value, int)}
        share = said.get(ProbeInformationType.responsible_set, 0) / BILLION
        resources = said.get(ProbeInformationType.num_resources, 0)
        self.peers.append(Peer(node_id, share, resources, said.get(ProbeInformationType.uptime, 0)))
        if len(self.peers) >= MOST_PEERS:
            self._end("it is too large to be shown")
            return
        self._reactor.callLater(0, self._ask, node_id)

    def _end(self, why: str) -> None:
        if self._ended:
            return
        self._ended = True
        if why:
            print(f"disco-ref: {why}", file=sys.stderr)
        # It may end before the reactor has begun.
        self._reactor.callLater(0, self._reactor.stop)


def show(peers: Sequence[Peer], out: Lines) -> None:
    """The peers as a table, or as lines of JSON."""
    if isinstance(out, JsonLines):
        for each in peers:
            out.event("peer", **{**each._asdict(), "node_id": each.node_id.hex()})
        return
    table = Table("Node-ID", "share", "resources", "uptime", title=f"{len(peers)} peers", title_justify="left")
    for each in peers:
        table.add_row(each.node_id.hex(), f"{each.share:.2%}", str(each.resources), f"{each.uptime} s")
    Console(width=None if sys.stdout.isatty() else WIDTH).print(table)
