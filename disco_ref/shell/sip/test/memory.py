"""A reactor and a wire in memory, and somebody who knows no answers.

Those of ``twisted.internet.testing`` would do, but that module declares interfaces on the abstract classes of ``collections``, after
which xmlschema 4.3 cannot build a schema in the same process.
"""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.protocol import ClientFactory
from twisted.internet.task import Clock

from disco_ref.sip.location.questions import Answers, Question


class Unresolving:
    """Answers that nothing is known: for elements that have all addresses in a table."""

    def ask(self, question: Question) -> Deferred[Answers]:
        """Nothing."""
        nothing: Answers = ()
        return succeed(nothing)


class MemoryReactor(Clock):
    """A clock that keeps which connections were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.tcpClients: list[tuple[str, int, ClientFactory]] = []

    def connectTCP(self, host: str, port: int, factory: ClientFactory, timeout: float = 30) -> None:
        """Keeps it."""
        self.tcpClients.append((host, port, factory))


class MemoryWire:
    """A connection that keeps what is written."""

    def __init__(self) -> None:
        self._written: list[bytes] = []
        self.disconnecting = self.disconnected = False
        self.connected = True

    def write(self, octets: bytes) -> None:
        """Keeps it, unless the connection is gone."""
        if not self.disconnected:
            self._written.append(octets)

    def writeSequence(self, pieces: list[bytes]) -> None:
        """Keeps all of them."""
        self.write(b"".join(pieces))

    def value(self) -> bytes:
        """All that was written."""
        return b"".join(self._written)

    def loseConnection(self) -> None:
        """It is to be closed once all is written."""
        self.disconnecting = True

    def abortConnection(self) -> None:
        """It is gone at once."""
        self.disconnected = True

    def getHost(self) -> IPv4Address:
        """The near end."""
        return IPv4Address("TCP", "192.0.2.1", 40000)

    def getPeer(self) -> IPv4Address:
        """The far end."""
        return IPv4Address("TCP", "192.0.2.2", 5060)

    def registerProducer(self, producer: object, streaming: bool) -> None:
        """Nothing."""

    def unregisterProducer(self) -> None:
        """Nothing."""

    def pauseProducing(self) -> None:
        """Nothing."""

    def resumeProducing(self) -> None:
        """Nothing."""

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Nothing."""

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Nothing."""
