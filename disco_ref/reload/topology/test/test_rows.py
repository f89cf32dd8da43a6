"""Topology methods, value and octets both ways (RFC 6940, sections 6.4.2, 10.7 to 10.9)."""

from __future__ import annotations

from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.topology.chord.leave import ChordLeaveData, ChordLeaveType
from disco_ref.reload.topology.chord.route_query import ChordRouteQueryAns
from disco_ref.reload.topology.chord.update import ChordUpdate, ChordUpdateType, Full, Neighbors
from disco_ref.reload.topology.join import JoinAns, JoinReq
from disco_ref.reload.topology.leave import LeaveAns, LeaveReq
from disco_ref.reload.topology.probe import ProbeAns, ProbeInformation, ProbeInformationType, ProbeReq
from disco_ref.reload.topology.route_query import RouteQueryReq
from disco_ref.reload.topology.update import UpdateAns

ONE, TWO = b"\x11" * 16, b"\x22" * 16
ONE_HEX, TWO_HEX = ONE.hex(), TWO.hex()

ROWS: list[tuple[NamedTuple, str]] = [
    (JoinReq(ONE, b"x"), f"{ONE_HEX} 0001 78"),
    (JoinAns(b""), "0000"),
    (LeaveReq(TWO, b""), f"{TWO_HEX} 0000"),
    (LeaveAns(), ""),
    (UpdateAns(), ""),
    (RouteQueryReq(True, Destination(DestinationType.opaque_id_type, b"\x80\x01", True), b""), "01 8001 0000"),
    (RouteQueryReq(False, Destination(DestinationType.node, ONE), b"z"), f"00 0110 {ONE_HEX} 0001 7a"),
    (ProbeReq((ProbeInformationType.uptime, 4)), "02 03 04"),
    (
        ProbeAns((ProbeInformation(ProbeInformationType.responsible_set, 500), ProbeInformation(9, Unknown(9, b"?")))),
        "0009 01 04 000001f4 09 01 3f",
    ),
    (ChordUpdate(7, ChordUpdateType.peer_ready, None), "00000007 01"),
    (
        ChordUpdate(7, ChordUpdateType.neighbors, Neighbors((ONE,), (TWO, ONE))),
        f"00000007 02 0010 {ONE_HEX} 0020 {TWO_HEX}{ONE_HEX}",
    ),
    (ChordUpdate(0, ChordUpdateType.full, Full((), (), (TWO,))), f"00000000 03 0000 0000 0010 {TWO_HEX}"),
    (ChordRouteQueryAns(ONE), ONE_HEX),
    (ChordLeaveData(ChordLeaveType.from_succ, (ONE,)), f"01 0010 {ONE_HEX}"),
    (ChordLeaveData(ChordLeaveType.from_pred, ()), "02 0000"),
]
"""Values and their octets, used both ways."""

REFUSED: list[tuple[type[object], str]] = [
    (ProbeReq, "01 00"),
    (ProbeInformation, "01 03 000001"),
    (ProbeInformation, "01 05 0000000100"),
    (ChordUpdate, "00000007 00"),
    (ChordUpdate, "00000007 04"),
    (ChordUpdate, f"00000007 02 000f {ONE_HEX[:-2]} 0000"),
    (ChordUpdate, "00000007 01 00"),
    (ChordLeaveData, "03 0000"),
    (RouteQueryReq, "02 8001 0000"),
    (LeaveAns, "00"),
]
"""Octets that no reader takes."""


class RowTests(SynchronousTestCase):
    """Reading and writing."""

    def test_rows(self) -> None:
        """Every value is written as its octets, read from them, and refused where they are cut or longer."""
        # = rfc6940:6.4.2.1/0 test
        # = rfc6940:6.4.2.1/1 test
        # = rfc6940:6.4.2.2/0 test
        # = rfc6940:6.4.2.3/0 test
        # = rfc6940:6.4.2.4.1/0 test
        # = rfc6940:6.4.2.5.1/0 test
        # = rfc6940:6.4.2.5.2/0 test
        # = rfc6940:10.7/0 test
        # = rfc6940:10.8/0 test
        # = rfc6940:10.9/0 test
        for value, digits in ROWS:
            octets = bytes.fromhex(digits)
            self.assertEqual(encode(value).hex(), octets.hex())
            self.assertEqual(decode(type(value), octets), value)
            for wrong in [octets[:end] for end in range(len(octets))] + [octets + b"\0"]:
                with self.assertRaises(Refusal):
                    decode(type(value), wrong)

    def test_refused(self) -> None:
        """Wrong lengths, types and Booleans are refused."""
        # = rfc6940:6.3.1.1/1a test
        for cls, digits in REFUSED:
            with self.assertRaises(Refusal, msg=f"{cls.__name__} {digits}"):
                decode(cls, bytes.fromhex(digits))
