"""What is noted of octets that lead to nothing else."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.peer.effects import Note, Transmit
from disco_ref.peer.wiring import stray, unreadable
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import read
from disco_ref.sip.test import messages

FLOW = Flow(Transport.TCP, Address("192.0.2.2", 5060), Address("198.51.100.7", 40000), 1)


class Noted(SynchronousTestCase):
    """Octets from somewhere."""

    def test_unreadable(self) -> None:
        """Whoever looks into the log sees what was wrong and where it came from, answered or not."""
        for octets, answered in ((messages.request({"CSeq": "x"}), True), (b"nonsense\r\n\r\n", False)):
            refusal = self.assertRaises(Malformed, read, octets)
            note, *rest = unreadable(refusal, octets, FLOW)
            assert isinstance(note, Note)
            self.assertEqual((note.level, dict(note.fields)), ("info", {"from": str(FLOW.remote), "transport": "TCP"}))
            self.assertIn(str(refusal), note.text)
            self.assertEqual([type(each) for each in rest], [Transmit] if answered else [])

    def test_stray(self) -> None:
        """A response that is nobody's is told of to whoever wants to know all."""
        note = stray(FLOW)
        self.assertEqual((note.level, dict(note.fields)), ("debug", {"from": str(FLOW.remote)}))
