"""Tests of what a Destination List wants (RFC 6940, sections 6.1 to 6.1.3)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.forwarding.receipt import Here, NoWay, Onward, UnknownOpaqueId, examine
from disco_ref.reload.message.destination import Destination, DestinationType

OWN, CLIENT, FAR = (bytes([each]) * 16 for each in (0x50, 0x48, 0x90))
MINE, NOT_MINE = b"\x45" * 16, b"\x70" * 16
WILDCARD = b"\xff" * 16


def opaque(octets: bytes) -> Destination:
    """A place that only its maker understands."""
    return Destination(DestinationType.opaque_id_type, octets)


class Around:
    """A node at 0x50..., responsible for 0x40... to itself, with one client, and with an opaque ID of its own."""

    def is_self(self, node_id: bytes) -> bool:
        """Its own Node-ID, or all ones."""
        return node_id in (OWN, WILDCARD)

    def responsible(self, place: bytes) -> bool:
        """Its arc."""
        return b"\x40" * 16 < place <= OWN

    def connected(self, node_id: bytes) -> bool:
        """Its client."""
        return node_id == CLIENT

    def unpacked(self, opaque_id: bytes) -> tuple[Destination, ...]:
        """One ID that stands for two places, one that stands for itself."""
        if opaque_id == b"loop":
            return (opaque(b"loop"),)
        if opaque_id != b"saved":
            raise UnknownOpaqueId("another's")
        return node_place(FAR), node_place(CLIENT)


class ExamineTests(SynchronousTestCase):
    """Every case of the section, in its order."""

    def test_resource_here(self) -> None:
        """A Resource-ID of the node's arc is for the node."""
        # = rfc6940:6.1.1/3b test
        self.assertEqual(examine((resource_place(MINE),), Around()), Here(()))

    def test_resource_here_before_others(self) -> None:
        """A Resource-ID of the node's arc that more places follow is dropped."""
        # = rfc6940:6.1.1/1 test
        # = rfc6940:6.1.1/2 test
        self.assertRaises(NoWay, examine, (resource_place(MINE), node_place(FAR)), Around())

    def test_resource_elsewhere(self) -> None:
        """A Resource-ID of another arc goes on."""
        # = rfc6940:6.1.2/1 test
        place = resource_place(NOT_MINE)
        self.assertEqual(examine((place,), Around()), Onward(place, (place,)))

    def test_own_node_id(self) -> None:
        """The node's own Node-ID alone is for the node; before others it is taken off, and the rest decides."""
        far = node_place(FAR)
        self.assertEqual(examine((node_place(OWN),), Around()), Here(()))
        self.assertEqual(examine((node_place(OWN), far), Around()), Onward(far, (far,)))
        self.assertEqual(examine((node_place(OWN), resource_place(MINE)), Around()), Here(()))

    def test_wildcard(self) -> None:
        """All ones are for whoever gets them, whatever follows; they are never forwarded."""
        found = examine((node_place(WILDCARD), node_place(FAR)), Around())
        self.assertEqual(found, Here((node_place(FAR),)))

    def test_node_of_the_own_arc(self) -> None:
        """A Node-ID of the node's arc that is not connected is dropped; a client of it is served."""
        # = rfc6940:6.1.1/4 test
        # = rfc6940:6.1.1/5 test
        self.assertRaises(NoWay, examine, (node_place(MINE),), Around())
        client = node_place(CLIENT)
        self.assertEqual(examine((client,), Around()), Onward(client, (client,)))

    def test_opaque_id(self) -> None:
        """An opaque ID gives way to what it stands for, which is then looked at; one of another maker is dropped."""
        # = rfc6940:6.1.3/1 test
        far, client = node_place(FAR), node_place(CLIENT)
        self.assertEqual(examine((opaque(b"saved"),), Around()), Onward(far, (far, client)))
        self.assertEqual(examine((node_place(OWN), opaque(b"saved")), Around()), Onward(far, (far, client)))
        self.assertRaises(UnknownOpaqueId, examine, (opaque(b"strange"),), Around())

    def test_no_end(self) -> None:
        """An opaque ID that unfolds into itself, an empty list, a type that nobody knows: all are dropped."""
        self.assertRaises(NoWay, examine, (opaque(b"loop"),), Around())
        self.assertRaises(NoWay, examine, (), Around())
        self.assertRaises(NoWay, examine, (Destination(77, b"?"),), Around())

    def test_nobody_is_told(self) -> None:
        """What is dropped has no error code."""
        self.assertIsNone(NoWay.error_code)
        self.assertIsNone(UnknownOpaqueId.error_code)
