"""A node of an overlay on the network as a target: ``run --target reload:tls:HOST:PORT --overlay FOLDER``."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Mapping
from pathlib import Path

from conformance.errors import Misuse
from conformance.live.network.wire import WireFault
from conformance.live.overlay.authority import Overlay
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
        "--start", metavar="COMMAND", default="",
        help=f"starts the subject anew for each scenario, at the target's address; in braces stand {', '.join(NAMES)}",
    )  # fmt: skip


def demand(args: argparse.Namespace) -> None:
    """Raises Misuse where no overlay is named."""
    if args.overlay is None:
        make = "`disco-conformance overlay FOLDER NAME --subject HOST:PORT` makes one"
        raise Misuse(f"a reload: target needs --overlay FOLDER; {make}")


class OverlayTarget:
    """The subject, the overlay that it is in, and how it is started."""

    def __init__(self, subject: LiveSubject, args: argparse.Namespace, trigger: Trigger | None) -> None:
        """Raises Misuse, TargetFault."""
        self._subject = subject
        self._folder = OverlayFolder(args.overlay)
        self._document = self._folder.document
        """What a subject that runs on works by."""
        self._scale: float = args.timescale
        self._trigger = trigger
        self._starting = Starting(args.start, subject.transport, args.timescale) if args.start else None

    @property
    def has(self) -> Mapping[str, bool]:
        """What it gives scenarios that need it."""
        return {"overlay-authority": True, "start": self._starting is not None}

    @property
    def address(self) -> End:
        """Where the subject is reached."""
        return self._subject.address

    def stage(self) -> OverlayStage:
        """A stage for one scenario; raises WireFault."""
        overlay = self._folder.overlay()
        if self._starting is None:
            overlay.document = self._document = settled(self._stage(overlay)) or self._document
        return self._stage(overlay)

    def _stage(self, overlay: Overlay) -> OverlayStage:
        identity = self._folder.subject
        links = SocketLinks(self.address, scale=self._scale, starting=self._starting)
        subject = OverlaySubject(
            address=self.address, transport=self._subject.transport, roles=self._subject.roles, identity=identity,
            user=self._subject.user, password=self._subject.password,
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
            return unreachable(self._stage(self._folder.overlay()))
        except WireFault as fault:
            return str(fault)
