"""Whole messages (RFC 6940, sections 6.3 and 6.3.3)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.notation.cursor import BadValue, Surplus, UnknownVariant
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.forwarding.attach import AttachReqAns
from disco_ref.reload.forwarding.ping import PingAns, PingReq
from disco_ref.reload.message.contents import (
    ERROR,
    MessageExtension,
    UnknownExtension,
    is_request,
    refuse_extensions,
)
from disco_ref.reload.message.envelope import decode_message, encode_message
from disco_ref.reload.message.error_response import ErrorResponse, error_response
from disco_ref.reload.message.forwarding_header import BadHeader, NotReload, TTLExceeded
from disco_ref.reload.message.forwarding_option import DESTINATION_CRITICAL, ForwardingOption
from disco_ref.reload.message.test.samples import CONTEXT, HEADER, message

PING = encode_message(message(23, PingReq(b"pad")), CONTEXT)
EXTENSION = MessageExtension(7, True, b"x")


class EnvelopeTests(SynchronousTestCase):
    """Reading and writing messages."""

    def test_round_trip(self) -> None:
        """A message is read as it was written, and its length is what it must be."""
        # = rfc6940:6.3/0 test
        # = rfc6940:6.3.3/0 test
        read = decode_message(PING, CONTEXT)
        self.assertEqual(read.message_contents.message_body, PingReq(b"pad"))
        self.assertEqual(read.forwarding_header.length, len(PING))
        self.assertEqual(read.received, PING)
        self.assertEqual(encode_message(read, CONTEXT), PING)

    def test_unknown_code(self) -> None:
        """The body of a code that is not known stays octets."""
        # = rfc6940:14.8/0 test
        octets = encode_message(message(35, b"experiment"), CONTEXT)
        self.assertEqual(decode_message(octets, CONTEXT).message_contents.message_body, b"experiment")

    def test_errors(self) -> None:
        """An error carries its code and its text."""
        # = rfc6940:6.3.3.1/4 test
        octets = encode_message(message(ERROR, ErrorResponse(3, b"no")), CONTEXT)
        self.assertEqual(decode_message(octets, CONTEXT).message_contents.message_body, ErrorResponse(3, b"no"))

    def test_every_truncation(self) -> None:
        """A message that lacks octets is refused, whatever its length field says."""
        # = rfc6940:6.3.2/0 test
        for end in range(len(PING)):
            with self.assertRaises(Refusal):
                decode_message(PING[:end], CONTEXT)
            if end >= 38:
                shorter = PING[:16] + end.to_bytes(4, "big") + PING[20:end]
                with self.assertRaises(Refusal):
                    decode_message(shorter, CONTEXT)

    def test_refused(self) -> None:
        """What cannot be a message to this node is refused with what its sender is owed."""
        # = rfc6940:6.1/2 test
        # = rfc6940:6.3.2/1 test
        # = rfc6940:6.3.2/8 test
        # = rfc6940:6.3.3/1 test
        # = rfc6940:6.5.1.1/1 test
        # = rfc6940:14.9/0 test
        attach = AttachReqAns(b"u", b"p", b"active", (), False)
        cases: list[tuple[bytes, type[Refusal], int | None]] = [
            (b"GET / HTTP/1.1\r\n" * 5, NotReload, None),
            (PING + b"\x00", BadHeader, 20),
            (PING[:12] + b"\x80" + PING[13:], BadHeader, 20),
            (PING[:11] + b"\xff" + PING[12:], TTLExceeded, 10),
            (encode_message(message(0, b""), CONTEXT), BadValue, None),
            (encode_message(message(3, attach), CONTEXT), BadValue, 20),
            (encode_message(message(ERROR, ErrorResponse(0, b"")), CONTEXT), BadValue, None),
            (encode_message(message(24, PingAns(1, 2)), CONTEXT).replace(b"\x00\x18\x00\x00\x00\x10", b"\x00\x18\x00\x00\x00\x0f"), Refusal, None),
            (encode_message(message(23, PingReq(b""), EXTENSION), CONTEXT), UnknownExtension, 13),
            (encode_message(message(24, PingAns(1, 2), EXTENSION), CONTEXT), UnknownExtension, None),
        ]  # fmt: skip
        for octets, family, error in cases:
            with self.assertRaises(family) as caught:
                decode_message(octets, CONTEXT)
            self.assertEqual(caught.exception.error_code, error, str(caught.exception))

    def test_critical_option(self) -> None:
        """A request with an option critical for the destination gets Error_Unsupported_Forwarding_Option."""
        # = rfc6940:6.3.2.3/3 test
        # = rfc6940:6.3.2.3/1 test
        header = HEADER._replace(options=(ForwardingOption(9, DESTINATION_CRITICAL, Unknown(9, b"")),))
        for code, body, error in [(23, PingReq(b""), 7), (24, PingAns(1, 2), None)]:
            octets = encode_message(message(code, body, header=header), CONTEXT)  # type: ignore[arg-type]
            with self.assertRaises(Refusal) as caught:
                decode_message(octets, CONTEXT)
            self.assertEqual(caught.exception.error_code, error)

    def test_body_must_be_used_up(self) -> None:
        """Octets after the struct of the body are refused."""
        octets = encode_message(message(35, b"\x00\x01ab"), CONTEXT)
        start = octets.index(b"\x00\x23\x00\x00\x00\x04")
        with self.assertRaises(Surplus):
            decode_message(octets[:start] + b"\x00\x17" + octets[start + 2 :], CONTEXT)

    def test_no_answer_to_unknown_variants(self) -> None:
        """A select without the variant is discarded without a response."""
        # = rfc6940:6.3.1.1/1b test
        # = rfc6940:6.3.1.1/1a test
        octets = encode_message(message(35, b"\x00\x00\x00\x01\x09"), CONTEXT)
        start = octets.index(b"\x00\x23\x00\x00\x00\x05")
        with self.assertRaises(UnknownVariant) as caught:
            decode_message(octets[:start] + b"\x00\x13" + octets[start + 2 :], CONTEXT)
        self.assertIsNone(caught.exception.error_code)


class ContentsTests(SynchronousTestCase):
    """Codes, extensions, errors."""

    def test_requests(self) -> None:
        """Odd codes below 0x8000 are requests; the error code is none."""
        self.assertEqual([code for code in (1, 2, 0x7FFF, 0x8001, ERROR) if is_request(code)], [1, 0x7FFF])

    def test_extensions(self) -> None:
        """A critical extension is refused unless it is understood; others may be passed over."""
        # = rfc6940:6.3.3/1 test
        # = rfc6940:6.3.3/2 test
        with self.assertRaises(UnknownExtension):
            refuse_extensions([EXTENSION])
        refuse_extensions([EXTENSION], {7})
        refuse_extensions([EXTENSION._replace(critical=False)])

    def test_error_response(self) -> None:
        """A refusal becomes the error that is owed, with its text; one that is owed none becomes nothing."""
        # = rfc6940:6.3.3.1/6 test
        # = rfc6940:6.3.3.1/3b test
        self.assertEqual(error_response(BadHeader("why", where="place")), ErrorResponse(20, b"place: why"))
        self.assertIsNone(error_response(NotReload("why")))
