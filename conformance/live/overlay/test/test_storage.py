"""Where an identity may write, parties found for a part of the ring, and values as they are stored."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import storage, virtual, writing
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.document import DICTIONARY_USER_NODE, SINGLE_MULTIPLE, SINGLE_NODE, SINGLE_USER
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.overlay.virtual import VirtualLinks
from conformance.live.staging import MIDDLE
from conformance.live.wants import HarnessFault


class Nobody:
    """A node that says nothing."""

    def ask(self, command: str, params: Mapping[str, Json]) -> Mapping[str, Json]:
        """Nothing."""
        return {"sent": [], "wake": None}


class PlacesTest(SynchronousTestCase):
    """The Resource-IDs of policies."""

    def setUp(self) -> None:
        """A stage whose subject is in the middle of the ring."""
        overlay = Overlay(virtual.START)
        subject = OverlaySubject(address=virtual.SUBJECT, identity=overlay.certify("subject", [MIDDLE]))
        links = VirtualLinks(Nobody(), "storing-peer")  # type: ignore[arg-type]
        self.stage = OverlayStage(subject, links, overlay)

    def test_the_policy_says_where(self) -> None:
        """Under the user's name, under the Node-ID, under the Node-ID and a number of one octet."""
        ann = self.stage.peer("ann").identity
        by_user, by_node = writing.resource_id(ann.user), writing.resource_id(ann.node_id)
        self.assertEqual(storage.resource_of(ann, SINGLE_USER), by_user)
        self.assertEqual(storage.resource_of(ann, DICTIONARY_USER_NODE), by_user)
        self.assertEqual(storage.resource_of(ann, SINGLE_NODE), by_node)
        numbered = writing.resource_id(ann.node_id + b"\x02")
        self.assertEqual(storage.resource_of(ann, SINGLE_MULTIPLE, 2), numbered)

    def test_a_part_of_the_ring(self) -> None:
        """It may reach over the subject; its end is not part of it."""
        here, before, behind = (self.stage.place(turn) for turn in (0.0, -0.1, 0.1))
        self.assertTrue(storage.lies_within(self.stage, here, (0.0, 0.5)))
        self.assertFalse(storage.lies_within(self.stage, here, (0.1, 0.5)))
        for one in (here, before, behind):
            self.assertTrue(storage.lies_within(self.stage, one, (-0.2, 0.2)))
        self.assertFalse(storage.lies_within(self.stage, behind, (-0.2, 0.05)))
        self.assertFalse(storage.lies_within(self.stage, before, (0.0, 0.5)))

    def test_an_owner_is_found(self) -> None:
        """Its values lie where they are wanted, by whatever policy; nobody else has its name."""
        for number, kind in enumerate((SINGLE_USER, SINGLE_NODE)):
            found = storage.owner(self.stage, f"owner{number}", kind, within=(-0.2, -0.1))
            at = storage.resource_of(found.identity, kind)
            self.assertTrue(storage.lies_within(self.stage, at, (-0.2, -0.1)))
        again = storage.owner(self.stage, "another")
        self.assertNotEqual(again.identity.user, self.stage.peers["owner0"].identity.user)

    def test_nobody_is_found_for_nothing(self) -> None:
        """A part without extent has no owners."""
        self.assertRaises(HarnessFault, storage.owner, self.stage, "nobody", SINGLE_USER, within=(0.1, 0.1))
