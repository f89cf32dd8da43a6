"""A node of an overlay on the network as a target: ``run --target reload:tls:HOST:PORT --overlay FOLDER``."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import Misuse
from conformance.live.enrolment.accounts import Account, read_accounts
from conformance.live.network.wire import WireFault
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.founding.enrolling import Membership
from conformance.live.overlay.founding.folder import OverlayFolder
from conformance.live.overlay.sockets.links import SocketLinks
from conformance.live.overlay.sockets.reach import unreachable
from conformance.live.overlay.sockets.settling import settled
from conformance.live.overlay.sockets.starting import NAMES, Starting
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.subject import End, LiveSubject
from conformance.live.trigger import Trigger


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of such a target."""
    group = parser.add_argument_group(
        "a node of an overlay (RFC 6940)", "the subject is a member of the harness' overlay"
    )
    group.add_argument(
        "--overlay", type=Path, metavar="FOLDER", help="as `disco-conformance overlay FOLDER NAME --subject HOST:PORT` makes it"
    )  # fmt: skip
    group.add_argument(
        "--configuration", metavar="FILE", default="",
        help="instead: the configuration document of the subject's own overlay, a file or https://...; the harness enrols there",
    )  # fmt: skip
    group.add_argument(
        "--enroll", metavar="URL", default="",
        help="where it enrols, if not where the document says; --user and --password, or --accounts, say as whom",
    )  # fmt: skip
    group.add_argument(
        "--start", metavar="COMMAND", default="",
        help=f"starts the subject anew for each scenario, at the target's address; in braces stand {', '.join(NAMES)}",
    )  # fmt: skip


def demand(args: argparse.Namespace) -> None:
    """Raises Misuse where no overlay is named, or both."""
    if args.overlay is None and not args.configuration:
        make = "`disco-conformance overlay FOLDER NAME --subject HOST:PORT` makes one"
        raise Misuse(f"a reload: target needs --overlay FOLDER ({make}), or --configuration of its own overlay")
    if args.overlay is not None and args.configuration:
        raise Misuse("--overlay and --configuration exclude each other: whose overlay is it?")


def _membership(subject: LiveSubject, args: argparse.Namespace) -> Membership | None:
    """How the harness enrols in the subject's own overlay; None where it is the harness' own.  Raises Misuse, TargetFault."""
    if not args.configuration:
        return None
    if args.start:
        raise Misuse("--start is for the harness' own overlay")
    accounts = read_accounts(args.accounts) if args.accounts else ()
    if not accounts and not subject.user:
        raise Misuse("--configuration needs an account for the harness: --user and --password FILE, or --accounts TOML")
    accounts = accounts or (Account(user=subject.user, password=subject.password),)
    return Membership(args.configuration, args.enroll, accounts, args.ca)


class OverlayTarget:
    """The subject, the overlay that it is in, and how it is started."""

    def __init__(self, subject: LiveSubject, args: argparse.Namespace, trigger: Trigger | None) -> None:
        """Raises Misuse, TargetFault."""
        self._subject = subject
        self._membership = _membership(subject, args)
        self._folder = None if self._membership else OverlayFolder(args.overlay)
        self._known_as = b""
        self._document = self._folder.document if self._folder else None
        """What a subject that runs on works by, in the harness' overlay."""
        self._scale: float = args.timescale
        self._trigger = trigger
        self._starting = Starting(args.start, subject.transport, args.timescale) if args.start else None

    @property
    def has(self) -> Mapping[str, bool]:
        """What it gives scenarios that need it."""
        return {"overlay-authority": self._folder is not None, "start": self._starting is not None}

    @property
    def address(self) -> End:
        """Where the subject is reached."""
        return self._subject.address

    def stage(self, role: str = "peer") -> OverlayStage:
        """A stage for one scenario of a role; raises WireFault."""
        if self._starting is not None:
            self._starting.role = role
        overlay = self._overlay()
        if self._starting is None and self._document is not None:
            overlay.document = self._document = settled(self._stage(overlay)) or self._document
        return self._stage(overlay)

    def _overlay(self) -> Overlay:
        """The overlay for one scenario."""
        if self._membership is not None:
            return self._membership.overlay()
        assert self._folder is not None
        return self._folder.overlay()

    def _stage(self, overlay: Overlay) -> OverlayStage:
        identity = self._folder.subject if self._folder else None
        links = SocketLinks(self.address, scale=self._scale, starting=self._starting)
        subject = OverlaySubject(
            address=self.address, transport=self._subject.transport, roles=self._subject.roles, identity=identity,
            known_as=self._known_as, user=self._subject.user, password=self._subject.password,
        )  # fmt: skip
        stage = OverlayStage(subject, links, overlay, scale=self._scale, trigger=self._trigger)
        stage.run = "" if self._starting else secrets.token_hex(3)
        stage.record.wire = links.wire
        return stage

    def unreachable(self) -> str:
        """Why the subject cannot be reached, in one line; empty where it can, or is only started by each scenario."""
        if self._starting is not None:
            return ""
        try:
            stage = self._stage(self._overlay())
            why = unreachable(stage)
            self._known_as = stage.subject.known_as
            return why
        except WireFault as fault:
            return str(fault)
