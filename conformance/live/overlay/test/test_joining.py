"""The ring that the parties make, and a party that joins it."""

from __future__ import annotations

from collections.abc import Mapping

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import joining, virtual
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.stage import OverlayStage, OverlaySubject
from conformance.live.overlay.virtual import VirtualLinks
from conformance.live.staging import MIDDLE
from conformance.live.wants import NotSeen


class Silent:
    """A node that takes every link and says nothing."""

    def __init__(self, shows: bytes) -> None:
        self.shows = shows

    def ask(self, command: str, params: Mapping[str, Json]) -> Mapping[str, Json]:
        """Its certificate, where it is shown one."""
        if command != "node.receive" or not params.get("certificates"):
            return {"sent": [], "wake": None}
        answer: dict[str, Json] = {
            "transport": params["transport"], "source": params["destination"], "destination": params["source"],
            "octets": "", "connection": params["connection"], "certificates": [self.shows.hex()],
        }  # fmt: skip
        return {"sent": [answer], "wake": None}


class RingTest(SynchronousTestCase):
    """Parties at quarters of the ring."""

    def setUp(self) -> None:
        """A stage with four parties, of which three have joined."""
        overlay = Overlay(virtual.START)
        identity = overlay.certify("subject", [MIDDLE])
        subject = OverlaySubject(address=virtual.SUBJECT, identity=identity)
        links = VirtualLinks(Silent(identity.certificate), "peer")  # type: ignore[arg-type]
        self.stage = OverlayStage(subject, links, overlay)
        turns = (("first", 0.1), ("second", 0.2), ("last", -0.2))
        self.first, self.second, self.last = (self.stage.peer(name, turn=turn) for name, turn in turns)
        for one in (self.first, self.second, self.last):
            one.joined = True
        self.client = self.stage.peer("client", turn=-0.1)

    def test_the_ring_begins_with_the_subject_and_leaves_out_who_has_not_joined(self) -> None:
        """Upwards, whatever the order of joining."""
        wanted = [MIDDLE, self.first.node_id, self.second.node_id, self.last.node_id]
        self.assertEqual(joining.ring(self.stage), wanted)

    def test_tables_are_nearest_first(self) -> None:
        """A small ring is on both sides."""
        first, last = self.first.node_id, self.last.node_id
        self.assertEqual(joining.tables(self.second), ([first, MIDDLE, last], [last, MIDDLE, first]))

    def test_who_admits_is_the_next_on_the_ring(self) -> None:
        """The subject for a place just before it, another party elsewhere."""
        self.assertEqual(joining.admitting(self.client), MIDDLE)
        between = self.stage.peer("between", turn=0.15)
        self.assertEqual(joining.admitting(between), self.second.node_id)

    def test_a_party_that_is_not_admitted_has_not_joined(self) -> None:
        """The subject takes the link and answers nothing."""
        self.assertRaises(NotSeen, joining.join, self.client)
        self.assertFalse(self.client.joined)
