"""The command line ``disco-ref``: read a message, struct or document, serve as an adapter, or stand on the network.

Exit status: 0 well formed, 1 refused (one line on standard error says where and why), 2 misuse.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol, cast

from disco_ref.errors import Refusal
from disco_ref.shell.catalogue import FORMATS
from disco_ref.shell.formats.format import Context, Json
from disco_ref.shell.formats.refused import refused
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.release import release

WELL_FORMED, REFUSED, MISUSE = 0, 1, 2

LARGEST_INPUT = 16 * 1024 * 1024
"""Octets of a file that are read."""

KINDS = {
    "sip": "sip.message",
    "reload": "reload.message",
    "framed": "reload.framed",
    "struct": "reload.struct",
    "sdp": "sdp",
    "document": "document",
}
"""What can be decoded, as written on the command line, to the format of the adapter contract."""

_EXPLAINED = {
    "sip": "one SIP request or response, as in a datagram (RFC 3261)",
    "reload": "one RELOAD message, forwarding header to security block (RFC 6940, section 6.3)",
    "framed": "octets of a RELOAD link: data and ack frames (RFC 6940, section 6.6.2)",
    "struct": "one struct of RFC 6940 or DisCo, by its name",
    "sdp": "a session description (RFC 4566)",
    "document": "a conference-info document (RFC 4575) or a RELOAD configuration document (RFC 6940, section 11.1)",
}

LIVE = {
    "focus": "hold conferences: the focus that participants call (RFC 4353, 4579)",
    "watch": "subscribe to a conference and print its roster as it changes (RFC 4575)",
    "call": "a telephone: place a call or wait for calls, and say what becomes of them",
    "refer": "ask a conference to invite or remove somebody (RFC 3515)",
    "enroll-server": "an overlay's configuration and enrolment server (RFC 6940, section 11)",
    "enroll": "get the configuration of an overlay and a certificate for it (RFC 6940, section 11)",
    "overlay": "a whole overlay on this machine, each peer with sockets of its own (RFC 6940)",
    "node": "a peer of an overlay (RFC 6940)",
    "simulate": "an overlay of many peers in virtual time: hops, values, messages under churn and loss (RFC 6940)",
    "store": "store a value in an overlay (RFC 6940, section 7.4.1)",
    "fetch": "fetch values from an overlay (RFC 6940, section 7.4.2)",
    "stat": "ask what is stored in an overlay (RFC 6940, section 7.4.3)",
    "ping": "ask for a sign of life of a peer (RFC 6940, section 6.5.3)",
    "probe": "ask what a peer is responsible for (RFC 6940, section 6.4.2.5)",
    "route": "ask along which peers an overlay routes (RFC 6940, section 6.4.2.4)",
    "ring": "go round the ring of an overlay: a table, JSON, a picture (RFC 6940)",
    "registrar": "registrar and record-routing proxy of a domain (RFC 3261, sections 10 and 16)",
}
"""The verbs that stand on the network, or on one that is made up; each is a module of ``disco_ref.shell.commands``, loaded when it is asked for."""

_ASKING = ("store", "fetch", "stat", "ping", "probe", "route")
"""Verbs that have one module together."""

_SIP = ("call", "focus", "refer", "registrar", "watch")
"""Verbs whose modules are in ``disco_ref.shell.commands.sip``."""

_EXAMPLES = """examples:
  disco-ref decode sip invite.txt                 what a SIP message holds, as JSON
  disco-ref decode sdp - < offer.sdp              from standard input
  echo 0107 | disco-ref decode struct ProbeReq --hex
  disco-ref decode struct StoreReq store.bin --kind 0xF0000001=DICTIONARY
  disco-ref decode reload message.bin --node-id-length 20
  disco-ref decode sdp offer.sdp --reencode       the octets in canonical form
  disco-ref adapter                               answer requests as JSON lines
  disco-ref focus                                 hold conferences; then, elsewhere:
  disco-ref call sip:tea@127.0.0.1                join the one that is called tea
  disco-ref watch sip:tea@127.0.0.1               see who is there
  disco-ref simulate --peers 100 --session 30     an overlay whose peers come and go
  disco-ref VERB --help                           the options of a verb, with examples

exit status: 0 well formed, 1 refused, 2 misuse; the verbs on the network have theirs in their help.
A refused SIP message also prints a JSON object with the `status` its sender is owed, or "drop".
"""


_ADAPTER_EXAMPLES = """examples:
  echo '{"id": 1, "command": "hello", "params": {}}' | disco-ref adapter
  disco-conformance smoke 'exec:disco-ref adapter'
  disco-conformance run --target 'exec:disco-ref adapter' --role user-agent

conformance/SUBJECT.md is the contract.  exit status: 0 where the input has ended.
"""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and where the options stand, instead of all of them."""

    def error(self, message: str) -> NoReturn:
        """Ends with the status of misuse."""
        self.exit(MISUSE, f"disco-ref: {message}; `{self.prog} --help` has examples\n")


class Misuse(Exception):
    """A wrong argument, an unreadable file, an unknown name: exit status 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the return value is the exit status."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    parsed = _parser(words[0] if words else "").parse_args(words)
    status = WELL_FORMED
    try:
        status = _run(parsed)
        sys.stdout.flush()
    except (Misuse, Unsupported) as misuse:
        return _misused(str(misuse))
    except BrokenPipeError:
        # The reader went away, which is no fault of the input: what was found out about that still counts.
        _forget_output()
    except OSError as failure:
        _forget_output()
        return _misused(f"cannot write to standard output: {failure.strerror or failure}")
    except KeyboardInterrupt:
        return 130
    return status


def _misused(why: str) -> int:
    _complain(why)
    return MISUSE


def _complain(line: str) -> None:
    # Without this question, print would put the line between the octets on standard output.
    if sys.stderr is not None:
        print(f"disco-ref: {line}", file=sys.stderr)


def _forget_output() -> None:
    """What is left in the buffer must not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(parsed: argparse.Namespace) -> int:
    if sys.stdout is None:
        raise Misuse("standard output is closed")
    if parsed.verb in LIVE:
        status: int = _live(parsed.verb).run(parsed)
        return status
    if parsed.verb == "adapter":
        # Its nodes take longer to load than a format to be read.
        from disco_ref.shell import adapter

        adapter.serve(_standard_input(), sys.stdout.buffer)
        return WELL_FORMED
    octets = _input(parsed.file, parsed.hex)
    try:
        return _decode(parsed, octets)
    except Refusal as refusal:
        name = KINDS[parsed.kind]
        where = parsed.file if parsed.file != "-" else "standard input"
        line = " ".join(str(refusal).splitlines())
        _complain(f"{where}: {line}")
        if parsed.kind == "sip":
            with suppress(BrokenPipeError):
                _print(refused(refusal, name))
        return REFUSED


def _decode(parsed: argparse.Namespace, octets: bytes) -> int:
    name: str | None = getattr(parsed, "name", None)
    chosen = FORMATS.get(KINDS[parsed.kind])
    if chosen is None:
        raise Unsupported("format", KINDS[parsed.kind])
    context = _context(parsed)
    if parsed.reencode:
        sys.stdout.buffer.write(chosen.reencode(name, octets, context))
    else:
        _print(chosen.decode(name, octets, context))
    return WELL_FORMED


def _print(value: Json) -> None:
    # Piece by piece: the whole text at once would take many times the room of the value.
    pieces = json.JSONEncoder(indent=2, ensure_ascii=True).iterencode(value)
    while text := "".join(islice(pieces, 4096)):
        sys.stdout.write(text)
    sys.stdout.write("\n")


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise Misuse("standard input is closed")
    return sys.stdin.buffer


def _input(file: str, as_hex: bool) -> bytes:
    """The octets of a file or of standard input (``-``), taken from hexadecimal digits where asked."""
    limit = LARGEST_INPUT * (3 if as_hex else 1)
    try:
        if file == "-":
            octets = _standard_input().read(limit + 1)
        else:
            with Path(file).open("rb") as source:
                octets = source.read(limit + 1)
    except OSError as failure:
        raise Misuse(f"cannot read {file}: {failure.strerror or failure}") from None
    if len(octets) > limit:
        raise Misuse(f"{file} holds more than {LARGEST_INPUT} octets")
    if not as_hex:
        return octets
    try:
        return bytes.fromhex(octets.decode("ascii"))
    except ValueError:
        raise Misuse(f"{file} holds something else than pairs of hexadecimal digits and white space") from None


def _context(parsed: argparse.Namespace) -> Context:
    context: dict[str, Json] = {}
    if parsed.node_id_length is not None:
        context["node_id_length"] = parsed.node_id_length
    if parsed.data_model is not None:
        context["data_model"] = parsed.data_model
    if parsed.private_kinds:
        context["kinds"] = {str(number): model for number, model in parsed.private_kinds}
    return context


def _kind_model(text: str) -> tuple[int, str]:
    """``0xF0000001=DICTIONARY`` as a Kind-ID and its data model."""
    number, _, model = text.partition("=")
    if model not in _MODELS:
        raise argparse.ArgumentTypeError(f"{text!r}: expected ID=MODEL, the model one of {', '.join(_MODELS)}")
    try:
        identity = int(number, 0)
    except ValueError:
        identity = -1
    if not 0 <= identity < 1 << 32:
        raise argparse.ArgumentTypeError(f"{text!r}: a Kind-ID is a number of 32 bits")
    return identity, model


_MODELS = ("SINGLE", "ARRAY", "DICTIONARY")


class Live(Protocol):
    """A module of ``disco_ref.shell.commands``."""

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Puts the options of the verb, a description and examples into its parser."""

    def run(self, parsed: argparse.Namespace) -> int:
        """Stands on the network until it is done; the return value is the exit status."""


def _live(verb: str) -> Live:
    name = "asking" if verb in _ASKING else verb.replace("-", "_")
    name = f"sip.{name}" if verb in _SIP else name
    module: Live = cast(Live, importlib.import_module(f"disco_ref.shell.commands.{name}"))
    return module


class _Version(argparse.Action):
    """Says which version this is: looked up only when somebody asks."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        print(f"disco-ref {release()}")
        parser.exit()


def _parser(verb: str) -> argparse.ArgumentParser:
    parser = Parser(
        prog="disco-ref",
        description="The reference implementation of distributed conferencing over RELOAD and SIP.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and stop")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    decode = verbs.add_parser(
        "decode",
        help="read octets and print what they hold as JSON",
        description="Read octets and print what they hold as JSON; octets inside are hexadecimal digits.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = decode.add_subparsers(dest="kind", required=True, metavar="KIND")
    for kind, explained in _EXPLAINED.items():
        _add_kind(kinds.add_parser(kind, help=explained, description=f"Read {explained}."), kind)
    verbs.add_parser(
        "adapter",
        help="answer requests as lines of JSON (conformance/SUBJECT.md)",
        description="Read requests as JSON objects, one a line, from standard input and answer each on standard "
        "output, until the input ends. The conformance run starts this; so can any program.",
        epilog=_ADAPTER_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, explained in LIVE.items():
        live = verbs.add_parser(name, help=explained, formatter_class=argparse.RawDescriptionHelpFormatter)
        if name == verb:
            _live(name).add(live)
    return parser


def _add_kind(parser: argparse.ArgumentParser, kind: str) -> None:
    if kind == "struct":
        parser.add_argument("name", metavar="NAME", help="the struct's name as in the specification, such as StoreReq")
    if kind == "document":
        parser.add_argument(
            "--type",
            dest="name",
            choices=("conference-info", "configuration"),
            help="what it must be; otherwise its root element decides",
        )
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help="`-` or nothing: standard input")
    parser.add_argument("--hex", action="store_true", help="the input is hexadecimal digits; white space is ignored")
    parser.add_argument("--reencode", action="store_true", help="write the encoded octets instead of JSON")
    context = parser.add_argument_group("what the octets themselves do not say (RELOAD)")
    context.add_argument("--node-id-length", type=int, choices=range(16, 21), metavar="16..20", help="default 16")
    context.add_argument(
        "--kind",
        dest="private_kinds",
        type=_kind_model,
        action="append",
        default=[],
        metavar="ID=MODEL",
        help="the data model of a private Kind, such as 0xF0000001=DICTIONARY; may be repeated",
    )
    context.add_argument("--data-model", choices=_MODELS, help="for a struct that does not say its Kind")


if __name__ == "__main__":
    sys.exit(main())
