"""``disco-ref enroll-server``: an overlay's configuration and enrolment server, made and run (RFC 6940, sections 11.1 to 11.3)."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from disco_ref.errors import Refusal
from disco_ref.shell.enrollment.files import FilesLost
from disco_ref.shell.enrollment.serving.accounts import AccountsLost, AccountTaken
from disco_ref.shell.enrollment.serving.actions import ACTIONS
from disco_ref.shell.enrollment.serving.overlay import Misplaced, Overlay, serve

_EXAMPLES = """examples:
  disco-ref enroll-server --overlay overlay.example                       makes the overlay, serves it, says what to do next
  disco-ref enroll-server --overlay overlay.example add-user alice        an account; its password is asked for
  disco-ref enroll-server --overlay overlay.example add-name alice tea@overlay.example    a name for a conference
  disco-ref enroll-server --overlay overlay.example list                  accounts, their names, their Node-IDs
  disco-ref enroll-server --overlay overlay.example --bootstrap 192.0.2.1 update      sign a newer configuration
  disco-ref enroll-server --overlay overlay.example revoke 6a0f...        put a Node-ID on the list of bad ones
  disco-ref enroll-server --overlay overlay.example remove-user alice     nobody gets in; its Node-IDs become bad ones

All but the first may be done while the server runs. Accounts may ask for certificates of conference names: those that
you gave them with add-name, and, up to --names, any name of the overlay's domain that is still free.

exit status: 0 done; 1 refused; 2 misuse, or the server cannot begin.
"""

DONE, REFUSED, MISUSE = 0, 1, 2


def add(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = "Make an overlay, and hand out its configuration and certificates over HTTPS."
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "action", nargs="?", default="serve", choices=("serve", "update", *ACTIONS), help="what to do; default: serve"
    )
    parser.add_argument("words", nargs="*", metavar="NAME", help="the account, name or Node-ID of the action")
    parser.add_argument("--overlay", required=True, metavar="NAME", help="the overlay name, such as overlay.example")
    parser.add_argument(
        "--directory", type=Path, metavar="DIR", help="where all is kept; default: in your folder for state"
    )
    parser.add_argument("--address", default="127.0.0.1", help="the address to listen on; default 127.0.0.1")
    parser.add_argument("--port", type=_port, default=8443, help="default 8443; 0: any that is free")
    parser.add_argument(
        "--host", action="append", default=[], metavar="NAME", help="how others reach it; default: the address"
    )
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="key and certificate for HTTPS in PEM; default: made by itself"
    )
    parser.add_argument("--bootstrap", action="append", default=[], metavar="ADDRESS[:PORT]", help="a peer to join by")
    parser.add_argument(
        "--ice", action="store_true", help="of a new overlay: all its links are made by ICE, over DTLS; else by none"
    )
    parser.add_argument("--self-signed", choices=("sha1", "sha256"), help="permit self-signed certificates as well")
    parser.add_argument("--lifetime", type=_days, default=90.0, metavar="DAYS", help="of certificates; default 90")
    parser.add_argument("--expires", type=_days, default=30.0, metavar="DAYS", help="of the configuration; default 30")
    parser.add_argument(
        "--names", type=int, default=16, metavar="N", help="conference names an account may take; default 16"
    )
    parser.add_argument("--node-ids", type=int, default=8, metavar="N", help="Node-IDs of one certificate; default 8")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="with add-user: the password, in line 1")
    parser.add_argument("--json", action="store_true", help="print what happens as lines of JSON")


def run(parsed: argparse.Namespace) -> int:
    """Does what is asked; ``serve`` stays until it is told to end."""
    try:
        overlay = Overlay(parsed)
        if parsed.action == "serve":
            return serve(overlay, parsed)
        overlay.must_exist()
        if parsed.action == "update":
            overlay.update()
            return DONE
        todo: Callable[[Overlay, argparse.Namespace], None] = ACTIONS[parsed.action]
        todo(overlay, parsed)
    except (AccountTaken, Refusal) as refused:
        return _complain(str(refused), REFUSED)
    except (Misplaced, FilesLost, AccountsLost) as trouble:
        return _complain(str(trouble), MISUSE)
    return DONE


def _complain(why: str, status: int) -> int:
    print(f"disco-ref: {why}", file=sys.stderr)
    return status


def _port(text: str) -> int:
    if not (text.isdecimal() and text.isascii() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a port")
    return int(text)


def _days(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0001 <= value <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of days, 3650 at most")
    return value
