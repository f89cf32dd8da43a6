"""``disco-ref ring``: who makes up an overlay, asked peer after peer: a table, JSON, a picture (RFC 6940, section 6.4.2.5)."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from disco_ref.shell.commands.overlay_picture import Peer, Stored, picture
from disco_ref.shell.commands.overlay_view import SHORT, WIDTH, JsonLines, Lines, lines
from disco_ref.shell.commands.ring_tour import Tour
from disco_ref.shell.overlay.node_file import read_node_file
from disco_ref.shell.running import the_reactor
from disco_ref.shell.sip.sockets import allow_many
from disco_ref.shell.sip.trouble import Trouble

_EXAMPLES = """examples:
  disco-ref ring --config trial/guest1.toml
  disco-ref ring --config trial/guest1.toml --svg ring.svg
  disco-ref ring --config trial/guest1.toml --json

Each peer is asked what it is responsible for, then whoever is responsible for the place behind it, until the ring is closed;
then each for the resources in its arc. Replicas lie with the two peers behind (RFC 6940, section 10.4); "held" is what a peer says itself.
The node of the file must not run meanwhile: a Node-ID is at one place only.
exit status: 0 the whole ring, 1 some of it or nothing, 2 misuse.
"""


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
    show(tour.peers, tour.stored, lines(parsed.json, sys.stdout))
    if parsed.svg is not None:
        try:
            parsed.svg.write_text(picture(tour.peers, tour.stored))
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


def show(peers: Sequence[Peer], stored: Sequence[Stored], out: Lines) -> None:
    """The peers and what is stored as tables, or as lines of JSON."""
    if isinstance(out, JsonLines):
        for peer in peers:
            out.event("peer", **{**peer._asdict(), "node_id": peer.node_id.hex()})
        for each in stored:
            holds = {"responsible": each.responsible.hex(), "replicas": [one.hex() for one in each.replicas]}
            out.event("resource", resource=each.resource.hex(), kinds=list(each.kinds), **holds)
        return
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    table = Table("Node-ID", "arc", "own", "held", "uptime", title=f"{len(peers)} peers", title_justify="left")
    for peer in peers:
        own = sum(each.responsible == peer.node_id for each in stored)
        table.add_row(peer.node_id.hex(), f"{peer.share:.2%}", str(own), str(peer.resources), f"{peer.uptime} s")
    console.print(table)
    if not stored:
        return
    table = Table(
        "Resource-ID", "Kinds", "responsible", "replicas", title=f"{len(stored)} resources", title_justify="left"
    )
    for each in stored:
        copies = ", ".join(one.hex()[:SHORT] for one in each.replicas)
        kinds = ", ".join(f"{kind:#x}" if kind > 0xFFFF else str(kind) for kind in each.kinds)
        table.add_row(each.resource.hex(), kinds, each.responsible.hex()[:SHORT], copies)
    console.print(table)
