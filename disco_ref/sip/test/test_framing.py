"""Tests of messages in a stream."""

from __future__ import annotations

from time import process_time

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.sip.framing import StreamFraming
from disco_ref.sip.message import Limits
from disco_ref.sip.test.messages import request, response


class StreamTests(SynchronousTestCase):
    """Where one message ends and the next begins (RFC 3261, sections 7.5 and 18.3)."""

    def refused(self, octets: bytes, status: int | None, limits: Limits | None = None) -> None:
        """Assert that a stream is refused with a status, whole and octet by octet."""
        for pieces in ([octets], [octets[n : n + 1] for n in range(len(octets))]):
            framing = StreamFraming(limits) if limits else StreamFraming()
            with self.assertRaises(Malformed) as caught:
                for piece in pieces:
                    framing.receive(piece)
            self.assertEqual(caught.exception.status, status)

    def test_however_it_is_cut(self) -> None:
        """Whole, by the octet, and at every place in two, the same messages come out."""
        # = rfc3261:18.3/0 test
        # = rfc3261:7.5/0 test
        first, second = request(body=b"\r\n\r\nab"), response({"Content-Length": None, "L ": "\r\n 3"}, body=b"xyz")
        stream = b"\r\n\r\n" + first + b"\r\n" + second + b"\r\n\r\nOPTI"
        for cut in range(len(stream)):
            framing = StreamFraming()
            self.assertEqual(framing.receive(stream[:cut]) + framing.receive(stream[cut:]), [first, second])
            self.assertEqual(framing.rest, b"OPTI")
        framing = StreamFraming()
        self.assertEqual([m for n in range(len(stream)) for m in framing.receive(stream[n : n + 1])], [first, second])

    def test_empty_lines_before_a_message(self) -> None:
        """They keep the connection alive and are nothing else; half of one waits."""
        # = rfc3261:7.5/1 test
        framing = StreamFraming()
        self.assertEqual((framing.receive(b"\r\n\r\n"), framing.rest), ([], b""))
        self.assertEqual((framing.receive(b"\r"), framing.rest), ([], b"\r"))
        self.assertEqual((framing.receive(b"\n\r"), framing.rest), ([], b"\r"))
        self.assertEqual(framing.receive(b"\n" + request()), [request()])

    def test_without_a_length(self) -> None:
        """A stream needs Content-Length: 400 for a request, silence for a response."""
        # = rfc3261:18.3/4 test
        # = rfc3261:20.14/2 test
        # = rfc3261:20/3 test
        self.refused(request({"Content-Length": None}), 400)
        self.refused(response({"Content-Length": None}), None)
        self.refused(request({"Content-Length": "x"}), 400)
        self.refused(request({"l": "0"}), 400)

    def test_bounds(self) -> None:
        """A head without end gets 513 when it is too long, a body 413 before it has come."""
        limits = Limits(head=400, body=100)
        self.refused(b"OPTIONS sip:a@b SIP/2.0\r\nX: " + b"y" * 400, 513, limits)
        self.refused(request({"X": "y" * 400}), 513, limits)
        self.refused(request({"Content-Length": "101"}), 413, limits)

    def test_a_long_message_in_small_pieces(self) -> None:
        """Ten times the octets cost about ten times the work."""

        def work(size: int) -> float:
            stream = request(body=b"x" * size)
            framing = StreamFraming()
            start = process_time()
            found = [m for n in range(0, len(stream), 7) for m in framing.receive(stream[n : n + 7])]
            self.assertEqual(found, [stream])
            return process_time() - start

        self.assertLess(work(300_000), 60 * max(work(30_000), 1e-3))
