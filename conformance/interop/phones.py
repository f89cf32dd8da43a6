"""``python -m conformance.interop.phones``: unmodified phones in one conference of the reference, for longer than two minutes.

Two baresip phones and a registered linphonec call ``disco-ref focus``, with ``disco-ref registrar`` and ``disco-ref watch`` beside it,
in a network namespace of their own.  Everybody stays; then one phone leaves, one is removed by REFER, and the focus is told to stop.
Exit codes: 0 all of it held; 1 something did not; 3 a program is missing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from conformance import places
from conformance.interop import namespace
from conformance.record.linphone import Linphone
from conformance.record.programs import Baresip, Missing, Program, settled, version

REGISTRAR, FOCUS = "127.0.0.1", "127.0.0.2"
"""Both at the default port: linphone drops the port of a conference when it subscribes."""
ROOM = f"sip:tea@{FOCUS}"
HOLD = 125
"""Seconds for which everybody stays."""
PATIENCE = 20.0
"""Seconds in which a change is to be seen everywhere; a watcher is told every five."""


class Held:
    """What was to hold, printed as it is found out."""

    def __init__(self) -> None:
        self.failed = 0

    def say(self, good: bool, what: str) -> None:
        """One line."""
        self.failed += not good
        print(f"{'held  ' if good else 'FAILED'}  {what}", flush=True)

    def wait(self, what: str, program: Program, pattern: str, seconds: float = PATIENCE) -> None:
        """Until a program has printed something; the line says whether it did."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not re.search(pattern, told(program)):
            time.sleep(0.3)
        self.say(bool(re.search(pattern, told(program))), what)


def told(program: Program) -> str:
    """All that a program has printed."""
    return program.log.read_text("utf-8", "replace")


def reference(name: str, folder: Path, *words: str) -> Program:
    """A command of the reference, in the form in which it is installed here; raises Missing."""
    beside = Path(sys.executable).with_name("disco-ref")
    start = [str(beside)] if beside.is_file() else [sys.executable, "-m", "disco_ref.shell.command"]
    if len(start) == 1 and shutil.which(start[0]) is None:
        raise Missing("disco-ref is not installed")
    paths = os.pathsep.join(filter(None, (str(places.PACKAGE.parent), os.environ.get("PYTHONPATH"))))
    return Program(name, [*start, *words], folder, PYTHONPATH=paths, PYTHONUNBUFFERED="1")


def play(folder: Path, hold: float, held: Held) -> None:
    """Everything in order; raises Missing, TimeoutError."""
    with ExitStack() as stack:

        def kept(program: Program) -> Program:
            stack.callback(program.stop)
            return program

        kept(
            reference(
                "registrar", folder, "registrar", "--udp", REGISTRAR, "--domain", REGISTRAR, "--database", ":memory:"
            )
        )
        focus = kept(reference("focus", folder, "focus", "--udp", FOCUS))
        for host in (REGISTRAR, FOCUS):
            settled((host, 5060))
        watch = kept(reference("watch", folder, "watch", ROOM))
        # who has joined before it is subscribed does not come while it watches
        held.wait("disco-ref watch is subscribed", watch, "subscribed for")
        seconds = int(hold) + 120
        alice, bob = (
            Baresip(folder / name, name, port, seconds=seconds) for name, port in (("alice", 5081), ("bob", 5090))
        )
        lin = Linphone(folder / "lin", 5084, registrar=REGISTRAR)
        for one in (alice, bob, lin):
            kept(one)
        lin.say("soundcard use files")
        for phone in (alice, bob):
            phone.say("dial", ROOM)
            phone.until("CALL_ESTABLISHED")
        lin.say(f"call {ROOM}")
        everybody(held, watch, lin)
        stay(held, focus, lin, hold)
        part(held, bob, watch, folder)
        stopped(held, focus, lin)


def everybody(held: Held, watch: Program, lin: Linphone) -> None:
    """Both rosters show all three."""
    for name in ("alice", "bob", "lin"):
        held.wait(f"disco-ref watch shows {name}", watch, rf"\+ sip:{name}@\S+ +connected")
    for name in ("alice", "bob"):
        shown = any_line(lin.folder / "lp.log", rf"articipant.*sip:{name}@", PATIENCE)
        held.say(shown, f"linphonec's roster shows {name}")
    held.say("conferencing" in lin.say("calls"), "linphonec knows that it is in a conference")


def any_line(path: Path, pattern: str, seconds: float) -> bool:
    """Whether a log comes to hold something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if re.search(pattern, path.read_text("utf-8", "replace")):
            return True
        time.sleep(0.5)
    return False


def stay(held: Held, focus: Program, lin: Linphone, hold: float) -> None:
    """Nobody falls out: linphonec would after half a minute without media."""
    time.sleep(hold)
    gone = re.findall(r"sip:(\w+)@\S+ (?:departed|booted|failed)", told(focus))
    held.say(not gone, f"after {hold:g} seconds nobody has fallen out{': ' + ', '.join(gone) if gone else ''}")
    held.say("StreamsRunning" in lin.say("calls"), "linphonec still has its media")


def part(held: Held, bob: Baresip, watch: Program, folder: Path) -> None:
    """One leaves, one is removed."""
    bob.say("hangup")
    held.wait("bob leaves, and the watcher sees it", watch, r"- sip:bob@")
    asked = reference("refer", folder, "refer", ROOM, "sip:alice@127.0.0.1:5081", "--remove")
    held.say(asked.wait(PATIENCE) == 0, "disco-ref refer --remove is told that it was done")
    held.wait("alice is removed, and the watcher sees it", watch, r"- sip:alice@")


def stopped(held: Held, focus: Program, lin: Linphone) -> None:
    """SIGTERM ends what is left by BYE."""
    focus.process.terminate()
    held.say(focus.wait(PATIENCE) == 0, "the focus ends in order when it is told to")
    held.say("StreamsRunning" not in lin.say("calls"), "linphonec's call was ended by BYE")


def main(arguments: Sequence[str] | None = None) -> int:
    """Play it."""
    parser = argparse.ArgumentParser(prog="python -m conformance.interop.phones", description=__doc__)
    parser.add_argument("--hold", type=float, default=HOLD, metavar="SECONDS", help="how long everybody stays")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what the programs print in this folder")
    args = parser.parse_args(arguments)
    held = Held()
    with tempfile.TemporaryDirectory() as name:
        folder = args.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        try:
            print(", ".join(version(one) for one in ("baresip", "linphonec")))
            namespace.enter()
            play(folder, args.hold, held)
        except Missing as missing:
            print(f"not run: {missing}")
            return 3
        except (TimeoutError, subprocess.SubprocessError) as trouble:
            held.say(False, str(trouble))
    return 1 if held.failed else 0


if __name__ == "__main__":
    sys.exit(main())
