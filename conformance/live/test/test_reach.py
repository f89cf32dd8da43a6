"""Who is not there is found out at once."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase

from conformance.live.reach import unreachable
from conformance.live.subject import LiveSubject

HOST = "127.0.0.1"


class ReachTests(SynchronousTestCase):
    """Ports of this machine."""

    def setUp(self) -> None:
        """What is open is closed."""
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)

    def bound(self, kind: socket.SocketKind) -> socket.socket:
        """A socket with a port of its own."""
        end = self.stack.enter_context(socket.socket(socket.AF_INET, kind))
        end.bind((HOST, 0))
        return end

    def reason(self, port: int, transport: str) -> str:
        """What is said of a port."""
        return unreachable(LiveSubject(address=(HOST, port), transport=transport))

    def test_nobody(self) -> None:
        """A port where nobody listens, of each transport."""
        self.assertIn("nothing listens for UDP", self.reason(_free(socket.SOCK_DGRAM), "udp"))
        self.assertIn("no TCP connection", self.reason(_free(socket.SOCK_STREAM), "tcp"))

    def test_somebody(self) -> None:
        """Whoever answers, and be it nonsense, is there; the request is a sound OPTIONS."""
        end, heard = self.bound(socket.SOCK_DGRAM), []

        def answer() -> None:
            octets, source = end.recvfrom(65536)
            heard.append(octets)
            end.sendto(b"?", source)

        answering = Thread(target=answer, daemon=True)
        answering.start()
        self.assertEqual(self.reason(end.getsockname()[1], "udp"), "")
        answering.join(5.0)
        self.assertTrue(heard[0].startswith(b"OPTIONS sip:"))

    def test_handshake(self) -> None:
        """Who takes connections and knows no TLS is told so."""
        end = self.bound(socket.SOCK_STREAM)
        end.listen()

        def answer() -> None:
            taken = end.accept()[0]
            taken.recv(100)
            taken.sendall(b"no\r\n")
            taken.close()

        answering = Thread(target=answer, daemon=True)
        answering.start()
        self.assertIn("no TLS connection", self.reason(end.getsockname()[1], "tls"))
        answering.join(5.0)

    def test_connection(self) -> None:
        """Who takes a connection is there."""
        end = self.bound(socket.SOCK_STREAM)
        end.listen()
        self.assertEqual(self.reason(end.getsockname()[1], "tcp"), "")

    def test_named(self) -> None:
        """A telephone and a focus that want a name say so by 404: nothing is played before one is given."""
        end = self.bound(socket.SOCK_DGRAM)
        port = end.getsockname()[1]
        rows = (
            ("user-agent", "", "name a user of the subject, such as --to sip:bob@"),
            ("focus", "", "name a conference of the subject, such as --to sip:tea@"),
            ("registrar", "", ""),
            ("focus", "sip:tea@example.com", ""),
        )

        def answer() -> None:
            for _ in rows:
                end.sendto(b"SIP/2.0 404 Not Found\r\n\r\n", end.recvfrom(65536)[1])

        answering = Thread(target=answer, daemon=True)
        answering.start()
        for role, to, said in rows:
            reason = unreachable(LiveSubject(address=(HOST, port), transport="udp", roles=(role,), to=to))
            self.assertIn(said, reason)
            self.assertEqual(bool(reason), bool(said))
        answering.join(5.0)


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as end:
        end.bind((HOST, 0))
        return int(end.getsockname()[1])
