"""``disco-ref call``: a telephone on the command line, that places a call or waits for calls (RFC 3261; RFC 3264)."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from twisted.internet.error import CannotListenError
from twisted.internet.task import LoopingCall

from disco_ref.errors import Refusal
from disco_ref.shell.commands.numbers import seconds, whole
from disco_ref.shell.commands.sip.call_line import TROUBLE, Line
from disco_ref.shell.running import Running, at_end, the_reactor
from disco_ref.shell.sip.opening import EPILOG, add_listening_arguments, place
from disco_ref.shell.sip.outward import add_outward_arguments
from disco_ref.shell.sip.trouble import Trouble, said

_EXAMPLES = """examples:
  disco-ref call sip:room@127.0.0.1:5060                 until the other side hangs up, or Ctrl-C
  disco-ref call sip:room@127.0.0.1 --seconds 10 --json
  disco-ref call sips:room@example.com --ca roots.pem    over TLS; no certificate of our own is needed
  disco-ref call 'sip:bob@example.com;transport=tcp' --from sip:alice@example.com --password-file secret.txt
  disco-ref call --wait --listen 127.0.0.1:5062          answers who calls sip:anybody@127.0.0.1:5062
  disco-ref call --wait --from sip:bob@127.0.0.1:5060 --register     answers who calls bob at his registrar
  disco-ref call sip:bob@127.0.0.1:5060 --from sip:alice@127.0.0.1:5060 --register
  disco-ref call --wait --config trial/guest2.toml       answers who calls guest2 in an overlay; elsewhere:
  disco-ref call --config trial/guest1.toml sip:guest2@overlay.example

exit status: 0 answered and ended in order, or waited until it was stopped; 1 not answered, or not registered;
2 misuse or no socket; 3 cut off.

"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the verb."""
    parser.description = (
        "Place a call, or wait for calls; send silence while they last, and print what happens, a line each."
    )
    parser.epilog = _EXAMPLES + EPILOG
    parser.add_argument(
        "uri", metavar="URI", nargs="?", help="whom to call: sip:user@host[:port][;transport=tcp], or sips:"
    )
    parser.add_argument("--wait", action="store_true", help="call nobody, but answer whoever calls, until Ctrl-C")
    parser.add_argument("--once", action="store_true", help="with --wait: stop after the first call")
    parser.add_argument(
        "--ring", type=seconds, default=0.0, metavar="N", help="with --wait: seconds of ringing; default 0"
    )
    parser.add_argument("--seconds", type=seconds, metavar="N", help="hang up after N seconds of talking")
    parser.add_argument("--json", action="store_true", help="print JSON objects, one a line")
    add_outward_arguments(parser, "who we are; default sip:disco-ref@ADDRESS")
    _add_registering(parser)
    _add_overlay(parser)
    parser.add_argument("--late-offer", action="store_true", help="leave the offer to the other side")
    parser.add_argument(
        "--media-port", type=int, default=0, metavar="PORT", help="even port of RTP; default: a free one"
    )
    parser.add_argument(
        "--listen",
        dest="udp",
        type=partial(place, default=0),
        action="append",
        default=[],
        metavar="ADDRESS[:PORT]",
        help="as --udp, at a free port where none is named: the default, on the way to whom is called",
    )
    add_listening_arguments(parser, "any free port, on the way to the other side")


def _add_registering(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--register",
        metavar="REGISTRAR",
        nargs="?",
        const="",
        help="stand registered meanwhile, as --from says; at its domain, or at this URI (after =, or behind all others)",
    )
    parser.add_argument(
        "--expires", type=whole, default=600, metavar="N", help="seconds of a registration; default 600"
    )


def _add_overlay(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("calls in an overlay (RFC 7904)")
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="join an overlay as the peer that this file describes, as `disco-ref node` does, and call by it: "
        "who waits is registered there, who calls looks up",
    )
    group.add_argument(
        "--key-log", type=Path, metavar="FILE", help="write the secrets of its links, so that Wireshark can read them"
    )


def run(parsed: argparse.Namespace) -> int:
    """Calls or waits, and stays until it is over."""
    try:
        if bool(parsed.uri) == parsed.wait:
            raise Trouble("either a URI to call or --wait; REGISTRAR goes as --register=URI where another URI follows")
        line, reactor = _line(parsed)
        line.start()
    except (Refusal, Trouble, OSError, CannotListenError) as failure:
        print(f"disco-ref: {said(failure)}", file=sys.stderr)
        return TROUBLE
    return _until_over(line, reactor)


def _line(parsed: argparse.Namespace) -> tuple[Line, Running]:
    """The telephone that was asked for, and what it runs on."""
    if parsed.config is None:
        if parsed.key_log is not None:
            raise Trouble("--key-log goes with --config")
        reactor = the_reactor()
        return Line(parsed, reactor), reactor
    # A telephone without an overlay need not wait until all of RELOAD is loaded.
    from disco_ref.shell.commands.sip.call_overlay import OverlayLine
    from disco_ref.shell.overlay.node_file import read_node_file

    file = read_node_file(parsed.config)
    reactor = the_reactor(file.with_asyncio)
    return OverlayLine(parsed, reactor, file), reactor


def _until_over(line: Line, reactor: Running) -> int:
    """Runs until all is over, or a second signal comes; the exit status."""

    def look() -> None:
        if line.is_over():
            looking.stop()
            reactor.stop()

    at_end(reactor, lambda: reactor.stop() if line.leaving else line.leave())
    looking = LoopingCall(look)
    looking.start(0.05)
    reactor.run(installSignalHandlers=False)
    line.close()
    return line.status
