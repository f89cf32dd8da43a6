"""``disco-conformance authority FOLDER NAME``: a root for the subject to trust, and a certificate for it to show."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from conformance.errors import Misuse, said
from conformance.live.network.authority import Authority


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where it lies, and whom the certificate names."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="is made; a root that lies there stays")
    parser.add_argument(
        "name", metavar="NAME", nargs="+", help="domains, host names and addresses of the subject, or sip:example.com"
    )


def run(args: argparse.Namespace) -> int:
    """Write both, and say what to do with them."""
    authority = Authority(args.folder)
    try:
        shown = authority.certify(args.name)
    except OSError as fault:
        raise Misuse(f"{args.folder}: {said(fault)}") from None
    except ValueError as fault:
        raise Misuse(f"{', '.join(args.name)}: no names for a certificate: {fault}") from None
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"the subject trusts   {escape(str(authority.root))}")
    console.print(f"the subject shows    {escape(str(shown))}   (certificate and key, RSA, 30 days)")
    console.print(
        f"then                 disco-conformance run --authority {escape(str(args.folder))} --target sip:tls:..."
    )
    console.print("A test root: nothing but a subject under test should ever trust it.")
    return 0
