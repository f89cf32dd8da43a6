"""Whether anybody is there, on the loopback."""

from __future__ import annotations

import socket
import threading

from twisted.trial.unittest import SynchronousTestCase

from conformance.live.reach import unreachable
from conformance.live.subject import End, LiveSubject


class ReachTest(SynchronousTestCase):
    """What is found out before the first scenario."""

    def answering(self, status: str, kind: int = socket.SOCK_DGRAM) -> End:
        """A socket that answers its first message."""
        end = socket.socket(socket.AF_INET, kind)
        end.bind(("127.0.0.1", 0))
        self.addCleanup(end.close)
        end.settimeout(8)
        octets = f"SIP/2.0 {status}\r\n\r\n".encode("ascii")

        def datagram() -> None:
            end.sendto(octets, end.recvfrom(65536)[1])

        def stream() -> None:
            other = end.accept()[0]
            self.addCleanup(other.close)
            other.recv(65536)
            other.sendall(octets)

        if kind == socket.SOCK_STREAM:
            end.listen()
        thread = threading.Thread(target=stream if kind == socket.SOCK_STREAM else datagram, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 8)
        place: End = end.getsockname()
        return place

    def test_nobody(self) -> None:
        """A telephone that knows no such user: who is asked for has to be named, over UDP and TCP."""
        for transport, kind in (("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)):
            subject = LiveSubject(address=self.answering("404 Not Found", kind), transport=transport)
            said = unreachable(subject)
            self.assertIn("refused by 404", said)
            self.assertIn("--to sip:bob@127.0.0.1:", said)

    def test_somebody(self) -> None:
        """Other answers, and a user who was named, are nothing to complain of; nor is a proxy that knows nobody."""
        for status, to, role in (
            ("200 OK", "", "user-agent"),
            ("501 Not Implemented", "", "user-agent"),
            ("404 Not Found", "sip:bob@127.0.0.1", "user-agent"),
            ("404 Not Found", "", "proxy"),
        ):
            subject = LiveSubject(address=self.answering(status), transport="udp", to=to, roles=(role,))
            self.assertEqual(unreachable(subject), "", (status, to, role))

    def test_nothing(self) -> None:
        """Where nothing listens that is said, over UDP and TCP."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.bind(("127.0.0.1", 0))
            place: End = end.getsockname()
        self.assertIn("nothing listens", unreachable(LiveSubject(address=place, transport="udp")))
        self.assertIn("refused", unreachable(LiveSubject(address=place, transport="tcp")))
