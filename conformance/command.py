"""The command ``disco-conformance``.

Exit codes: 0 as expected; 1 an unexpected failure; 2 nothing selected or judged, or an unknown pattern, option or file; 3 a
fault of the harness, a subject that cannot be started, or a required check inconclusive; 4 the expectations are stale; 130
and 143 interrupted.  ``DISCO_DEBUG`` in the environment shows where a fault of the harness comes from.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from conformance.errors import ConformanceError


class Verb(NamedTuple):
    """A verb: the module with ``add_arguments`` and ``run``, and one line for the list."""

    module: str
    line: str


VERBS = {
    "run": Verb("conformance.commands.run", "judge a subject; without --target the reference"),
    "list": Verb("conformance.commands.listing", "list checks, errata or subjects"),
    "show": Verb("conformance.commands.show", "show a check or a clause"),
    "documents": Verb("conformance.commands.documents", "judge XML documents or folders of them"),
    "judge": Verb("conformance.judge.command", "judge a capture file"),
    "rejudge": Verb("conformance.commands.rejudge", "judge recorded evidence again, offline"),
    "smoke": Verb("conformance.commands.smoke", "try whether an adapter keeps the contract"),
    "mutants": Verb("conformance.commands.mutants", "show which checks each broken subject fails"),
    "draft": Verb("conformance.commands.draft", "read a draft: `draft lint FILE`"),
    "coverage": Verb("conformance.coverage", "which clause is implemented, tested, checked"),
}


def build_parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The parser; only the verb that is called loads its module, all where ``verb`` is None."""
    parser = argparse.ArgumentParser(
        prog="disco-conformance", description="Judge implementations of SIP conferencing, RELOAD and DisCo."
    )
    parser.add_argument("--version", action="version", version=f"disco-conformance {_version()}")
    parsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, one in VERBS.items():
        below = parsers.add_parser(name, help=one.line, description=one.line)
        if verb == name:
            importlib.import_module(one.module).add_arguments(below)
    return parser


def _version() -> str:
    try:
        return version("disco-ref")
    except PackageNotFoundError:
        return "from its sources"


def _terminated(number: int, _frame: FrameType | None) -> None:
    """End as by Ctrl-C, so that no subject is left behind."""
    raise SystemExit(128 + number)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and give its exit code; no traceback for anything that a person or a subject does wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        signal.signal(signal.SIGTERM, _terminated)
    try:
        args = build_parser(next((word for word in words if not word.startswith("-")), None)).parse_args(words)
        code: int = importlib.import_module(VERBS[args.verb].module).run(args)
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    except ConformanceError as error:
        print(f"disco-conformance: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("disco-conformance: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except Exception as error:  # whatever it is, it is ours, and nothing is said about a subject
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}, line {place.lineno}"
        print(f"disco-conformance: a fault of the harness: {type(error).__name__}: {error} ({where})", file=sys.stderr)
        if os.environ.get("DISCO_DEBUG"):
            raise
        return 3
    return code


if __name__ == "__main__":
    sys.exit(main())
