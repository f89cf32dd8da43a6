"""Session descriptions in messages (RFC 3261, sections 7.4 and 20.11)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.header.block import Headers
from disco_ref.sip.message import Response
from disco_ref.sip.referral.replaces import dialog_id
from disco_ref.sip.session.description import declined, session_of
from disco_ref.sip.session.test.pair import replacing

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 4000/2 RTP/AVP 0\r\na=sendrecv\r\nm=video 4004 RTP/AVP 96\r\n"
)
PARTS = (
    b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\nContent-Type: application/SDP\r\n\r\n" + SDP + b"\r\n--x--"
)


def message(body: bytes, *lines: str) -> Response:
    """A message with a body."""
    return Response(200, "OK", Headers(list(lines)), body)


class Found(SynchronousTestCase):
    """Where the session description is."""

    def test_alone(self) -> None:
        """The body is one if its type says so and nothing says that it is for something else."""
        self.assertEqual(session_of(message(SDP, "c: application/sdp")), SDP)
        self.assertEqual(session_of(message(SDP, "c: application/sdp", "Content-Disposition: session;x=y")), SDP)
        self.assertEqual(session_of(message(SDP, "c: application/sdp", "Content-Disposition: early-session")), b"")
        self.assertEqual(session_of(message(SDP)), b"")
        self.assertEqual(session_of(message(SDP, "c: text/plain")), b"")
        self.assertEqual(session_of(message(b"", "c: application/sdp")), b"")

    def test_among_parts(self) -> None:
        """Of several parts the one of the type is it; what cannot be read has none."""
        self.assertEqual(session_of(message(PARTS, "Content-Type: multipart/mixed;boundary=x")), SDP)
        self.assertEqual(session_of(message(PARTS, "Content-Type: multipart/mixed;boundary=y")), b"")
        self.assertEqual(session_of(message(b"--x--", "Content-Type: multipart/mixed;boundary=x")), b"")
        self.assertEqual(session_of(message(PARTS, "Content-Type: ?")), b"")


class Declined(SynchronousTestCase):
    """The answer that takes nothing."""

    def test_declined(self) -> None:
        """It has the lines of the offer in their order with port 0."""
        # = rfc3261:13.2.2/9 test
        expected = (
            b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            b"m=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 96\r\n"
        )
        self.assertEqual(declined(SDP), expected)

    def test_nonsense(self) -> None:
        """What is no description is declined by one without media."""
        expected = b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        self.assertEqual(declined(b"\0\xff"), expected)


class Replacing(SynchronousTestCase):
    """The field Replaces as a dialog."""

    def test_there_and_back(self) -> None:
        """Seen from the other side the tags change places; a missing one is 0."""
        # = rfc3891:6.1/0 test
        self.assertEqual(dialog_id(replacing(DialogId("c", "mine", "theirs"))), DialogId("c", "theirs", "mine"))
        self.assertEqual(
            str(replacing(DialogId("c", "mine", ""), early_only=True)), "c;to-tag=0;from-tag=mine;early-only"
        )
        self.assertEqual(dialog_id(replacing(DialogId("c", "", "theirs"))), DialogId("c", "theirs", ""))
