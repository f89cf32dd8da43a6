"""``disco-conformance overlay FOLDER NAME --subject HOST:PORT``: an overlay of the harness for a subject on the network."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from conformance.commands.live import place_of
from conformance.live.overlay.founding.folder import CONFIGURATION, SUBJECT, make_folder
from conformance.live.subject import shown


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where it lies, how it is called, where the subject takes links."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="is made; an overlay that lies there stays")
    parser.add_argument("name", metavar="NAME", help="of the overlay, such as overlay.example.org")
    parser.add_argument(
        "--subject", metavar="HOST:PORT", required=True, help="where the subject takes links; it founds the overlay"
    )


def run(args: argparse.Namespace) -> int:
    """Write everything, and say what to do with it."""
    subject = place_of(args.subject, "--subject")
    made = make_folder(args.folder, args.name, subject)
    console = Console(highlight=False, soft_wrap=True)

    def say(what: str, value: str) -> None:
        console.print(f"{what:24}{escape(value)}")

    folder = args.folder.absolute()
    say("the subject is", f"{made.subject.node_id.hex()}, {made.subject.user}")
    say("its overlay", str(folder / CONFIGURATION))
    say("its certificate, key", f"{folder / SUBJECT}   (PEM, both; subject.pem and subject.key.pem, subject.der and")
    say("", "subject.key.der hold the same one by one; the keys are PKCS #8)")
    say("start it as", f"the first node of the overlay, taking links at {shown(subject)}, over TLS or DTLS")
    say("then", shlex.join(["disco-conformance", "run", "--overlay", str(args.folder), "--role", "peer", "--target"])
        + f" reload:tls:{shown(subject)}")  # fmt: skip
    console.print("The overlay is for this test alone: whoever has the folder can be anybody in it.")
    return 0
