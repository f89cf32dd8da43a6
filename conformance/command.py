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
from typing import NamedTuple, NoReturn

from conformance.errors import ConformanceError


class Verb(NamedTuple):
    """A verb: the module with ``add_arguments`` and ``run``, and one line for the list."""

    module: str
    line: str


VERBS = {
    "run": Verb("conformance.commands.run", "judge a subject; without --target the reference"),
    "list": Verb("conformance.commands.listing", "list checks, scenarios, errata or subjects"),
    "show": Verb("conformance.commands.show", "show a check, a scenario, a clause or a section"),
    "documents": Verb("conformance.commands.documents", "judge XML documents or folders of them"),
    "judge": Verb("conformance.judge.command", "judge a capture file"),
    "rejudge": Verb("conformance.commands.rejudge", "judge recorded evidence again, offline"),
    "confirm": Verb("conformance.commands.confirm", "let tshark confirm what was said in an overlay"),
    "authority": Verb("conformance.commands.authority", "make certificates, with which TLS can be judged"),
    "overlay": Verb("conformance.commands.overlay", "make an overlay, in which a RELOAD node can be judged"),
    "smoke": Verb("conformance.commands.smoke", "try whether an adapter keeps the contract"),
    "mutants": Verb("conformance.commands.mutants", "show which checks each broken subject fails"),
    "draft": Verb("conformance.commands.draft", "read a draft: `draft lint FILE`"),
    "coverage": Verb("conformance.coverage", "which clause is implemented, tested, checked"),
}


EXAMPLES = {
    "": """
disco-conformance run                                    the reference, with everything
disco-conformance run --target sip:udp:192.0.2.7:5060 --role user-agent --to sip:bob@192.0.2.7
disco-conformance run --target 'exec:./my-adapter'       a codec or stack behind an adapter (conformance/SUBJECT.md)
disco-conformance judge run.pcapng                       a capture from an interop event
disco-conformance show rfc3261:8.1.1                     what a section demands
disco-conformance VERB --help                            the options of a verb, with examples""",
    "run": """
disco-conformance run --target sip:udp:192.0.2.7:5060 --role user-agent --to sip:bob@192.0.2.7
disco-conformance run --target sip:tcp:192.0.2.8:5060 --role registrar --domain example.com --user bob --password FILE
disco-conformance run --target 'sip:tls:[2001:db8::7]:5061' --role focus --to sips:tea@example.com --ca root.pem
disco-conformance run --target sip:tls:192.0.2.8:5061 --role registrar --domain example.com --authority tls/
disco-conformance run --target sip:udp:192.0.2.7:5060 --role user-agent --scenario 'user-agent/cancel-*'
disco-conformance run --target reload:tls:192.0.2.7:6084 --role peer --overlay ring/
disco-conformance run --target 'exec:./my-adapter' --spec rfc3261 --level MUST
disco-conformance run --only 'rfc3261/via/*' --report via/""",
    "list": """
disco-conformance list --only 'rfc3261/via/*'            vectors
disco-conformance list --captures --role user-agent-server
disco-conformance list --scenarios --role focus          what is played with a conference server
disco-conformance list --errata""",
    "show": """
disco-conformance show rfc3261/via/ipv6                  a check
disco-conformance show user-agent/cancel-ringing         a scenario, and the checks that it decides
disco-conformance show rfc3261:8.1.1                     a section: clauses, what is checked, what is not and why""",
    "documents": """
disco-conformance documents conference.xml
disco-conformance documents docs/examples/documents""",
    "judge": """
disco-conformance judge run.pcapng
disco-conformance judge run.pcapng --party 192.0.2.7     judges what one side sends
disco-conformance judge run.pcapng --port 5070=sip""",
    "rejudge": """
disco-conformance rejudge conformance-report
disco-conformance rejudge conformance-report --only rfc3261/s11/options-served --all""",
    "confirm": """
disco-conformance confirm conformance-report""",
    "smoke": """
disco-conformance smoke 'exec:./my-adapter --verbose'
disco-conformance smoke 'exec:disco-ref adapter'""",
    "authority": """
disco-conformance authority tls/ example.com 192.0.2.7   tls/root.pem to be trusted, tls/subject.pem to be shown
disco-conformance authority tls/ sip:example.com         for a certificate as RFC 5922 wants it""",
    "overlay": """
disco-conformance overlay ring/ overlay.example.org --subject 192.0.2.7:6084""",
    "mutants": """
disco-conformance mutants                                codecs that are broken in one place
disco-conformance mutants --live --name '*no-dialog*' --fails""",
    "draft": """
disco-conformance draft lint draft-example-00.txt""",
    "coverage": """
disco-conformance coverage                               in a checkout: how many clauses have what
disco-conformance coverage --check""",
}
"""What to type, by verb."""

CODES = """exit status:
  0  as expected
  1  an unexpected failure
  2  nothing was selected or judged, or a pattern, option or file is wrong
  3  a subject that cannot be reached or started, a required check inconclusive, or a fault of the harness
  4  the file of expectations is stale"""
"""Of every verb."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where the options stand, instead of all of them."""

    def error(self, message: str) -> NoReturn:
        """End with 2."""
        self.exit(2, f"disco-conformance: {message}; `{self.prog} --help` has examples\n")


def epilog(verb: str) -> str:
    """Examples and exit codes for the end of a help page."""
    return "examples:" + EXAMPLES[verb].replace("\n", "\n  ") + f"\n\n{CODES}"


def build_parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The parser; only the verb that is called loads its module, all where ``verb`` is None."""
    raw = argparse.RawDescriptionHelpFormatter
    about = "Judge implementations of SIP conferencing, RELOAD and DisCo."
    parser = Parser(prog="disco-conformance", description=about, epilog=epilog(""), formatter_class=raw)
    parser.add_argument("--version", action="version", version=f"disco-conformance {_version()}")
    parsers = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, one in VERBS.items():
        about = f"{one.line[0].upper()}{one.line[1:]}."
        below = parsers.add_parser(name, help=one.line, description=about, epilog=epilog(name), formatter_class=raw)
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
