"""How a subject begins, and which one cannot be told how."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from conformance.live.overlay import virtual
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.overlay.virtual import VirtualLinks
from conformance.live.staging import MIDDLE
from conformance.live.wants import NotClaimed
from conformance.run.model import Json


class Nobody:
    """Never asked."""

    def ask(self, command: str, params: Mapping[str, Json]) -> Mapping[str, Json]:
        """Nothing."""
        return {}


class Running(VirtualLinks):
    """A subject that runs already, or one that is started."""

    def __init__(self, runs: bool) -> None:
        super().__init__(Nobody(), "peer")  # type: ignore[arg-type]
        self.runs = runs
        self.told: list[Mapping[str, Json]] = []

    def begin(self, settings: Mapping[str, Json]) -> bool:
        """Nothing but a start can tell it anything."""
        self.told.append(settings)
        return not self.runs


class BeginningTest(SynchronousTestCase):
    """The first of its overlay, by the document of the overlay or another one."""

    def stage(self, runs: bool) -> OverlayStage:
        """A stage before anything happens."""
        overlay = Overlay(virtual.START)
        subject = OverlaySubject(address=virtual.SUBJECT, identity=overlay.certify("subject", [MIDDLE]))
        self.links = Running(runs)
        return OverlayStage(subject, self.links, overlay)

    def test_what_runs_is_the_first(self) -> None:
        """Nothing has to be told where a scenario wants nothing else."""
        self.stage(runs=True).ready()
        self.assertEqual([one["first"] for one in self.links.told], [True])

    def test_what_runs_does_not_join(self) -> None:
        """It is a part of its overlay already."""
        stage = self.stage(runs=True)
        self.assertRaises(NotClaimed, stage.begin, bootstrap=[])

    def test_what_runs_works_by_its_own_document(self) -> None:
        """A scenario with another document would judge it by what it does not know."""
        stage = self.stage(runs=True)
        stage.overlay.document = stage.overlay.document.changed(max_message_size=6000)
        self.assertRaises(NotClaimed, stage.ready)

    def test_what_runs_has_its_own_settings(self) -> None:
        """The same."""
        self.assertRaises(NotClaimed, self.stage(runs=True).begin, first=True, compress=True)

    def test_what_is_started_is_told_all(self) -> None:
        """Its document, and what a scenario wants besides."""
        stage = self.stage(runs=False)
        stage.overlay.document = stage.overlay.document.changed(max_message_size=6000)
        stage.begin(first=True, compress=True)
        (told,) = self.links.told
        self.assertIs(told["compress"], True)
        self.assertIn("<max-message-size>6000<", str(told["configuration"]))
