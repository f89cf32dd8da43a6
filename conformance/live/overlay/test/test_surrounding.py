"""The ring around the subject: who answers for what, and what follows by itself."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import virtual
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.overlay.surrounding import Surrounding, place_of
from conformance.live.overlay.virtual import VirtualLinks
from conformance.live.overlay.writing import node, opaque, resource
from conformance.live.staging import MIDDLE
from conformance.live.wants import NotSeen

PLACES = {"ada": 0.1, "bob": 0.3, "cleo": 0.6, "dora": 0.7, "emil": 0.9}


class Absent:
    """A node that never does anything."""

    def ask(self, command: str, params: Mapping[str, Json]) -> Mapping[str, Json]:
        """Nothing."""
        return {"sent": [], "wake": None}


class SurroundingTest(SynchronousTestCase):
    """Five parties, and the subject at the beginning of the ring."""

    def setUp(self) -> None:
        """Nobody has admitted the subject."""
        overlay = Overlay(virtual.START)
        subject = OverlaySubject(address=virtual.SUBJECT, identity=overlay.certify("subject", [MIDDLE]))
        self.stage = OverlayStage(subject, VirtualLinks(Absent(), "peer"), overlay)  # type: ignore[arg-type]
        self.ring = Surrounding(self.stage, PLACES)

    def names(self, nodes: list[bytes]) -> list[str]:
        """Who these Node-IDs are."""
        known = {one.node_id: one.name for one in self.ring.members} | {MIDDLE: "subject"}
        return [known[one] for one in nodes]

    def test_the_place_of_the_subject_is_another_ones_until_it_is_admitted(self) -> None:
        """A party answers for the places up to its own."""
        self.assertEqual(self.ring.responsible(MIDDLE), self.stage.peer("ada"))
        self.assertEqual(self.ring.responsible(self.stage.place(0.3)), self.stage.peer("bob"))
        self.assertEqual(self.ring.responsible(self.stage.place(0.61)), self.stage.peer("dora"))
        self.ring.admitted = True
        self.assertIsNone(self.ring.responsible(self.stage.place(0.95)))

    def test_tables_have_three_on_each_side(self) -> None:
        """The subject stands among them as soon as it is admitted."""
        ada = self.stage.peer("ada").node_id
        self.assertEqual(self.names(self.ring.around(ada)[0]), ["emil", "dora", "cleo"])
        self.ring.admitted = True
        self.assertEqual(self.names(self.ring.around(ada)[0]), ["subject", "emil", "dora"])
        self.assertEqual(self.names(self.ring.around(ada)[1]), ["bob", "cleo", "dora"])

    def test_fingers_are_the_first_in_their_ranges(self) -> None:
        """Half of the ring away, a quarter, an eighth, in numerical order."""
        self.assertEqual(self.names(self.ring.fingers(MIDDLE)), ["cleo", "ada", "bob"])

    def test_who_admits_stands_behind_the_subject(self) -> None:
        """And stays so when others are gone."""
        self.assertEqual(self.ring.admitting.name, "ada")
        self.ring.remove(self.stage.peer("ada"))
        self.assertEqual(self.ring.admitting.name, "bob")

    def test_a_subject_that_does_nothing_does_not_join(self) -> None:
        """It is waited for, for a while."""
        self.assertRaises(NotSeen, self.ring.join)

    def test_places_of_destinations(self) -> None:
        """Nodes and resources have one, opaque ones have none."""
        self.assertEqual(place_of(node(MIDDLE)), MIDDLE)
        self.assertEqual(place_of(resource(b"\1" * 16)), b"\1" * 16)
        self.assertEqual(place_of(opaque(b"\2")), b"")
