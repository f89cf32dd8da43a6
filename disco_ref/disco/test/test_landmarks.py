"""The landmarks of a configuration document (draft -00, section 8)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.disco.landmarks import LandmarkHost, Landmarks, landmarks, to_element
from disco_ref.notation.markup import MalformedMarkup, Node, read, write

OCTETS = (
    b'<landmarks xmlns="urn:ietf:params:xml:ns:p2p:config-base:disco" version="3">'
    b'<landmark-host address="192.0.2.1" port="3478"/><landmark-host address="2001:db8::1" port="3478"/></landmarks>'
)
VALUE = Landmarks(
    version=3,
    landmark_host=(LandmarkHost(address="192.0.2.1", port=3478), LandmarkHost(address="2001:db8::1", port=3478)),
)


class LandmarksTest(SynchronousTestCase):
    """The element landmarks."""

    def test_round_trip(self) -> None:
        """Landmarks are read from among foreign elements, and written as they were."""
        # = disco00:8.1/0 test
        other = Node("{urn:example:x}y")
        self.assertEqual(landmarks([other, read(OCTETS).node]), VALUE)
        self.assertEqual(landmarks([other]), None)
        self.assertEqual(landmarks([read(write(to_element(VALUE))).node]), VALUE)

    def test_refusals(self) -> None:
        """Two elements, a host without an address, a port beyond 16 bits, no version and one that is no number are refused."""
        # = disco00:8.2/0 test
        node = read(OCTETS).node
        self.assertRaises(MalformedMarkup, landmarks, [node, node])
        for old, new in (
            (b' version="3"', b""),
            (b' address="192.0.2.1"', b""),
            (b'"3478"', b'"65536"'),
            (b'"3"', b'"x"'),
            (b"host", b"hast"),
        ):
            self.assertRaises(MalformedMarkup, landmarks, [read(OCTETS.replace(old, new)).node])
