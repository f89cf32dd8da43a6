"""Frames of a party: numbers, acknowledgements, pieces (RFC 6940, sections 6.6.2, 6.6.3 and 6.7)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.context import Context
from conformance.live.overlay.framing import AGAIN, FramedLink


def link(transport: str = "tls") -> FramedLink:
    """A link that is open."""
    return FramedLink(1, transport, Context(), open=True)


def data(number: int, message: bytes) -> bytes:
    """A data frame."""
    return b"\x80" + number.to_bytes(4) + len(message).to_bytes(3) + message


class FramingTests(SynchronousTestCase):
    """What leaves and what is owed."""

    def test_numbers(self) -> None:
        """The first frame has number 0, each further one the next."""
        one = link()
        self.assertEqual(one.frame(b"a", 0.0), data(0, b"a"))
        self.assertEqual(one.frame(b"b", 0.0), data(1, b"b"))

    def test_received_bits(self) -> None:
        """Bit N-M tells of frame M; those that came later, or lie further back, have none."""
        one = link()
        owed = [one.receive(data(number, bytes([number])))[1][0] for number in (0, 1, 5, 3, 40)]
        bits = [int.from_bytes(each[5:9]) for each in owed]
        self.assertEqual(bits, [0, 0b10, 0b110000, 0b1100, 0])

    def test_repeated(self) -> None:
        """Over DTLS a frame comes again until it is acknowledged; over TLS it does not."""
        one = link("dtls")
        frame = one.frame(b"a", 10.0)
        self.assertEqual(one.repeated(10.0 + AGAIN), [frame])
        one.receive(b"\x81" + bytes(8))
        self.assertEqual(one.due(), float("inf"))
        self.assertEqual(link().due(), float("inf"))

    def test_copies(self) -> None:
        """A frame that comes twice is acknowledged twice, and its message heard once."""
        one = link("dtls")
        first, again = one.receive(data(7, b"not a message")), one.receive(data(7, b"not a message"))
        self.assertEqual((len(first[0]), len(again[0])), (1, 0))
        self.assertEqual((len(first[1]), len(again[1])), (1, 1))
