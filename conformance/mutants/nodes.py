"""Plays scenarios about sockets with a node of an overlay that is broken in one place, as a program on the loopback interface."""

from __future__ import annotations

import os
import shlex
import socket
import sys
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from conformance.errors import SuiteFault
from conformance.live.evidence import write_played
from conformance.live.overlay.founding.folder import make_folder
from conformance.live.overlay.sockets.links import SocketLinks
from conformance.live.overlay.sockets.starting import Starting
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.playing import FAULT, perform
from conformance.live.scenario import Scenario
from conformance.live.subject import End, shown
from conformance.live.verdicts.judging import chosen_checks, judge_scenarios, read_scenarios
from conformance.mutants.patched import Mutant
from conformance.mutants.programs import HOST, SCALE
from conformance.run.model import Result

NAME = "overlay.example.org"
PORTS = range(20_000, 32_000)
"""Below those that systems give to whoever asks for any: nobody else comes to have one of them by chance."""
_next = count(os.getpid() * 97 % len(PORTS))
WORDS = "{configuration} {identity} {listen} {transport} {first} {folder}"


def own_place() -> End:
    """A port that is free for both transports, another one each time; raises SuiteFault where there is none."""
    for _ in PORTS:
        place = HOST, PORTS[next(_next) % len(PORTS)]
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            try:
                stream.bind(place)
                datagrams.bind(place)
            except OSError:
                continue
            return place
    raise SuiteFault("no port is free", [f"{PORTS[0]} to {PORTS[-1]}"])


def try_nodes(mutant: Mutant, some: Sequence[Scenario]) -> tuple[list[Result], str]:
    """What the checks say after these scenarios, and why it could not be judged; a node for each of them."""
    trouble, kept = "", []
    with tempfile.TemporaryDirectory(prefix="disco-conformance-") as name:
        place = own_place()
        folder = make_folder(Path(name) / "overlay", NAME, place)
        command = shlex.join([sys.executable, "-m", "conformance.interop.own_node"]) + f" {WORDS} "
        command += shlex.join([str(mutant.file), mutant.name])
        for one in some:
            transport = "dtls" if "dtls" in one.needs else "tls"
            links = SocketLinks(place, scale=SCALE, starting=Starting(command, transport, SCALE))
            subject = OverlaySubject(address=place, transport=transport, roles=(mutant.role,), identity=folder.subject)
            stage = OverlayStage(subject, links, folder.overlay(), scale=SCALE)
            played = perform(one, stage)
            trouble = trouble or (f"{played.why} ({shown(place)})" if played.ended == FAULT else "")
            kept.append(write_played(Path(name), played, {}))
        return judge_scenarios(read_scenarios(kept), chosen_checks([mutant.role]), mutant.name), trouble
