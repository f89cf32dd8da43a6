"""Connections and bodies that are bounded, without any network."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.resource import Resource
from twisted.web.server import Site

from disco_ref.reload.enrollment.test.overlays import authority, root_der
from disco_ref.reload.security.test.keys import ecdsa_key
from disco_ref.shell.enrollment.files import FilesLost, identity_text
from disco_ref.shell.enrollment.form import LARGEST
from disco_ref.shell.enrollment.serving.https import (
    LONGEST,
    MOST,
    BoundedConnections,
    BoundedRequest,
    tls_options,
)
from disco_ref.shell.sip.test.memory import MemoryWire


class Said(Resource):
    """Says how long the body was."""

    isLeaf = True

    def render_POST(self, request: BoundedRequest) -> bytes:
        """The length."""
        assert request.content is not None
        return b"%d" % len(request.content.read())


class BoundedTest(SynchronousTestCase):
    """HTTP as octets."""

    def setUp(self) -> None:
        """A site."""
        self.clock = Clock()
        plain = {"requestFactory": BoundedRequest, "parsePOSTFormSubmission": False, "timeout": 1000}
        site = Site(Said(), reactor=self.clock, **plain)
        self.factory = BoundedConnections(site, self.clock)

    def said(self, *pieces: bytes) -> tuple[bytes, MemoryWire]:
        """What is answered to these octets."""
        protocol, transport = self.factory.buildProtocol(None), MemoryWire()
        transport.abortConnection = transport.loseConnection  # type: ignore[method-assign]
        protocol.makeConnection(transport)
        for piece in pieces:
            protocol.dataReceived(piece)
        return transport.value(), transport

    def test_as_long_as_a_form(self) -> None:
        """A body as long as a form may be is taken, announced or in chunks."""
        head = b"POST / HTTP/1.1\r\nHost: x\r\n"
        body = bytes(LARGEST)
        self.assertIn(b"\r\n\r\n65536", self.said(head + b"Content-Length: 65536\r\n\r\n", body)[0])
        chunks = [b"Transfer-Encoding: chunked\r\n\r\n10000\r\n", body, b"\r\n0\r\n\r\n"]
        self.assertIn(b"65536", self.said(head, *chunks)[0])

    def test_longer(self) -> None:
        """A longer one is refused as soon as it is announced, or has become too long, and nothing of it is kept."""
        head = b"POST / HTTP/1.1\r\nHost: x\r\n"
        for pieces in (
            [b"Content-Length: 65537\r\n\r\n"],
            [b"Content-Length: 99999999999999999999\r\n\r\n", bytes(1000)],
            [b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", bytes(LARGEST), b"1", bytes(LARGEST)],
        ):
            answer, transport = self.said(head, *pieces)
            self.assertTrue(answer.startswith(b"HTTP/1.1 413 "), answer)
            self.assertEqual((answer.count(b"HTTP/1.1"), transport.disconnecting), (1, True))

    def test_no_text(self) -> None:
        """A path or a header field that is no text is refused, and nothing breaks."""
        for line, field in ((b"POST /%ff%fe", b"x"), (b"POST /\xff", b"x"), (b"POST /", b"\xff\xfe")):
            octets = line + b" HTTP/1.1\r\nHost: " + field + b"\r\nContent-Length: 0\r\n\r\n"
            self.assertTrue(self.said(octets)[0].startswith(b"HTTP/1.1 400 "), octets)

    def test_never_for_ever(self) -> None:
        """Whoever sends an octet now and then is cut off all the same."""
        _, transport = self.said(b"POST / HTTP/1.1\r\n")
        self.clock.advance(LONGEST - 1)
        self.assertFalse(transport.disconnecting)
        self.clock.advance(1)
        self.assertTrue(transport.disconnecting)

    def test_certificates_of_others(self) -> None:
        """A certificate is shown with those between it and its root; a file that holds none is named."""
        path = Path(self.mktemp())
        pem = identity_text(ecdsa_key(50), root_der())
        path.write_bytes(pem + authority(51).certificate.public_bytes(Encoding.PEM))
        options = tls_options(path)
        self.assertEqual(len(options.extraCertChain), 1)
        for octets in (b"", b"rubbish", pem[:150]):
            path.write_bytes(octets)
            self.assertIn(str(path), str(self.assertRaises(FilesLost, tls_options, path)))

    def test_not_too_many(self) -> None:
        """Beyond so many connections there is none; when one goes, the next may come, and no timer is left."""
        protocols = []
        for _ in range(MOST):
            protocols.append(self.factory.buildProtocol(None))
            protocols[-1].makeConnection(MemoryWire())
        answer, turned_away = self.said(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        self.assertEqual((answer, turned_away.disconnecting), (b"", True))
        self.assertEqual(len(self.factory.protocols), MOST)
        protocols[0].connectionLost(Failure(ConnectionDone()))
        self.assertFalse(self.said(b"POST / HTTP/1.1\r\n")[1].disconnecting)
        self.assertEqual(len(self.factory.protocols), MOST)
        for each in tuple(self.factory.protocols):
            each.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.factory.protocols, {})
