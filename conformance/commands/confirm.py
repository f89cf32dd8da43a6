"""``disco-conformance confirm REPORT_DIR``: tshark as a second witness of what was said in an overlay.

It must find inside TLS and DTLS, by the keys in ``wire.pcapng``, the octets that the evidence has, and read every message as the
harness does, but for the slips that ``conformance/lab/dissector.toml`` names.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from rich.console import Console
from rich.markup import escape

from conformance.errors import Misuse, TargetFault
from conformance.lab.capture.layers import Layers
from conformance.lab.capture.reading import packets
from conformance.lab.dissector import Dissector
from conformance.lab.presentation.refusal import Json
from conformance.lab.witness import Flow, NoWitness, inside, vector_of
from conformance.live.evidence import CAPTURE, LOG, SECURE, WIRE, read_played
from conformance.run.evidence import LIVE

AT_ONCE = 2
"""Captures that it reads at the same time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder."""
    parser.add_argument(
        "folder", type=Path, metavar="REPORT_DIR", help="the folder of a report on a node of an overlay"
    )
    parser.add_argument(
        "--all", action="store_true", help="print every message, not only those that are read otherwise"
    )


@dataclass(slots=True)
class Confirmed:
    """What has been looked at."""

    flows: int = 0
    octets: int = 0
    messages: int = 0
    slips: Counter[str] = field(default_factory=Counter)
    against: int = 0


def run(args: argparse.Namespace) -> int:
    """0 if nothing is read otherwise, 1 if something is; 3 without tshark."""
    folders = sorted(path.parent for path in (args.folder / LIVE).glob(f"*/{LOG}"))
    if not folders:
        raise Misuse(f"{args.folder}: no scenario was played")
    console = Console(highlight=False, soft_wrap=True)
    dissector, found = Dissector(), Confirmed()
    if dissector.name == "tshark":
        raise TargetFault("tshark is not installed, and nobody else is asked")
    vectors: list[dict[str, Json]] = []
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            decrypted = dict(pool.map(_decrypted, folders))
    except NoWitness as fault:
        raise TargetFault(str(fault)) from None
    for folder in folders:
        evidence, log = read_played(folder)
        if log.get("protocol") != "reload":
            continue
        for line in _inside(folder, cast("Mapping[str, Json]", log), decrypted[folder], found):
            console.print(escape(line))
        context = cast("Mapping[str, Json]", log.get("context") or {})
        vectors += [
            vector_of(f"{log['scenario']}#{event.number} {event.summary}", event.reload, context)
            for event in evidence.events if event.reload is not None and not event.malformed
        ]  # fmt: skip
    if not vectors and not found.flows:
        raise Misuse(f"{args.folder}: nothing was said in an overlay")
    for vector, (word, why) in zip(vectors, dissector.opinions(vectors), strict=True):
        found.messages += 1
        found.slips.update(why.partition(": ")[2].split(", ") if word == "agree" and why else ())
        found.against += word == "disagree"
        if word == "disagree" or args.all:
            console.print(escape(f"{word:9} {vector['id']}{f': {why}' if why else ''}"))
    _tell(console, dissector.name, found)
    return 1 if found.against else 0


def _tell(console: Console, name: str, found: Confirmed) -> None:
    wire = (
        f"{found.octets} octets inside {found.flows} flows of TLS and DTLS"
        if found.flows
        else "no flow (time was virtual)"
    )
    console.print(
        f"{name}: {wire}; {found.messages} messages read; {found.against} against; known slips: "
        + (", ".join(f"{one} ({count})" for one, count in sorted(found.slips.items())) or "none")
    )


def _decrypted(folder: Path) -> tuple[Path, dict[Flow, list[bytes]] | None]:
    """What it finds in the capture of a scenario; None where there is none."""
    wire = folder / WIRE
    return folder, inside(wire) if wire.exists() else None


def _inside(
    folder: Path, log: Mapping[str, Json], seen: Mapping[Flow, Sequence[bytes]] | None, found: Confirmed
) -> Iterator[str]:
    """What it finds inside the flows of a scenario against what the evidence has; a line for each that differs."""
    if seen is None:
        return
    for flow, datagrams, octets in _recorded(folder, log):
        mine, theirs = b"".join(octets), b"".join(seen.get(flow, ()))
        if datagrams and mine != theirs:
            # A record that was played back is decrypted as well by who only listens.
            theirs = b"".join(dict.fromkeys(seen.get(flow, ())))
            mine = b"".join(dict.fromkeys(octets))
        found.flows += 1
        found.octets += len(mine)
        if mine != theirs:
            found.against += 1
            yield (
                f"disagree  {log['scenario']}: from {flow[0]} to {flow[1]} the harness has {len(mine)} octets, "
                f"tshark {len(theirs)}, the same up to {_same(mine, theirs)}"
            )


def _recorded(folder: Path, log: Mapping[str, Json]) -> list[tuple[Flow, bool, list[bytes]]]:
    """The octets of each protected flow, and whether they are datagrams."""
    entries = cast("Sequence[Mapping[str, Json]]", log["entries"])
    transports = {one["frame"]: str(one["transport"]) for one in entries}
    layers = Layers()
    flows: dict[Flow, list[bytes]] = {}
    secure: dict[Flow, str] = {}
    with (folder / CAPTURE).open("rb") as file:
        for packet in packets(file) if entries else ():
            payload = layers.take(packet)
            if payload is None:
                continue
            flow = (payload.source, payload.destination)
            if transports.get(packet.number) in SECURE:
                secure[flow] = transports[packet.number]
            flows.setdefault(flow, []).append(payload.octets)
    return [(flow, secure[flow] == "dtls", octets) for flow, octets in flows.items() if flow in secure]


def _same(one: bytes, other: bytes) -> int:
    """How many octets are the same at the start."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
