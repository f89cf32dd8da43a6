"""A configuration and enrolment server as a target (``run --target https:HOST:PORT``), and a node that enrols at the harness."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import Misuse
from conformance.live.enrolment.accounts import read_accounts
from conformance.live.enrolment.asking import WELL_KNOWN, Server, ServerStage
from conformance.live.enrolment.serving import NodeStage
from conformance.live.enrolment.starting import Enroller
from conformance.live.scenario import Scenario
from conformance.live.subject import LiveSubject
from conformance.live.wants import NotSeen

SERVER, NODE = "enrollment-server", "enrolling-node"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of such a target."""
    group = parser.add_argument_group(
        "enrolment (RFC 6940)",
        f"of a {SERVER} the target is where its configuration is; of an {NODE} it is where the harness serves one, and "
        "--start 'COMMAND {overlay} {url} {ca} {user} {password} {directory} {count}' starts it for each scenario",
    )
    group.add_argument(
        "--accounts", type=Path, metavar="TOML", help="[[account]] tables with user, password and name; of the server"
    )


def url_of(rest: str) -> str:
    """The address behind ``https:``; raises Misuse."""
    found = re.fullmatch(r"(?://)?(\[[0-9A-Fa-f:.]+\]|[^:/\[\]\s]+)(:\d{1,5})?(/[^\s?#]*)?", rest)
    if found is None:
        raise Misuse(f"https:{rest} is not https:HOST:PORT or https://HOST:PORT/PATH")
    return f"https://{found[1]}{found[2] or ''}{found[3] or WELL_KNOWN}"


class EnrolmentTarget:
    """The subject, or where it comes to."""

    has: Mapping[str, bool]

    def __init__(self, rest: str, subject: LiveSubject, args: argparse.Namespace) -> None:
        """Raises Misuse."""
        self._scale: float = args.timescale
        accounts = read_accounts(args.accounts) if args.accounts else ()
        self._server = Server(url=url_of(rest), accounts=accounts, authority=args.ca)
        self._roles = subject.roles
        self._enroller = Enroller(args.start) if args.start else None
        if NODE in self._roles and self._enroller is None:
            raise Misuse(f"--role {NODE} needs --start, the command that enrols")
        self.has = {"accounts": bool(accounts), "start": self._enroller is not None}

    def stage(self, one: Scenario) -> ServerStage | NodeStage:
        """A stage for one scenario."""
        if one.role == NODE and self._enroller is not None:
            return NodeStage(self._enroller, self._server.url, scale=self._scale)
        return ServerStage(self._server, scale=self._scale)

    def unreachable(self) -> str:
        """Why the server cannot be reached, in one line; empty where it can."""
        if SERVER not in self._roles:
            return ""
        try:
            ServerStage(self._server, scale=self._scale).ask("GET", self._server.url)
        except NotSeen as fault:
            return str(fault)
        return ""
