"""Connections without a network: what is reused, what waits, what is given up."""

from __future__ import annotations

from typing import cast

from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

import disco_ref.shell.sip.stream as stream_module
from disco_ref.peer.effects import Handle
from disco_ref.shell.sip.connections import CONNECTING, MOST_WAITING, Connections
from disco_ref.shell.sip.stream import TcpStream
from disco_ref.shell.sip.test.memory import MemoryReactor, MemoryWire
from disco_ref.shell.sip.wire import Reactor
from disco_ref.sip.flow import Address, Flow, Hop, Transport

NEAR, FAR = Address("192.0.2.1", 5060), Address("192.0.2.2", 5060)
HOP = Hop(Transport.TCP, FAR)
A, B = ("a",), ("b",)


class Node:
    """Keeps all that it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def opened(self, handle: Handle, flow: Flow) -> None:
        """A connection is ready."""
        self.told.append(("opened", handle))

    def received(self, octets: bytes, flow: Flow) -> None:
        """Octets have come."""
        self.told.append(("received", octets))

    def closed(self, flow: Flow, why: str) -> None:
        """A connection is gone."""
        self.told.append(("closed",))

    def undelivered(self, handle: Handle, why: str, octets: bytes = b"") -> None:
        """No connection could be made."""
        self.told.append(("undelivered", handle, why))


class ConnectionsTest(SynchronousTestCase):
    """Connections of ours, to one place."""

    def setUp(self) -> None:
        """A reactor in memory."""
        self.reactor = MemoryReactor()
        self.node = Node()
        self.connections = Connections(cast(Reactor, self.reactor), self.node, most=2)

    def send(self, octets: bytes, handle: Handle, hop: Hop = HOP) -> None:
        """Sends to the place."""
        self.connections.send(octets, None, hop, handle, NEAR)

    def connect(self) -> tuple[TcpStream, MemoryWire]:
        """The last connection that was asked for comes about."""
        factory = self.reactor.tcpClients[-1][2]
        stream = cast(TcpStream, factory.buildProtocol(None))
        wire = MemoryWire()
        stream.makeConnection(wire)
        return stream, wire

    def test_one_connection(self) -> None:
        """What is sent meanwhile waits for the connection; what comes later takes it."""
        # = rfc3261:18.1.1/14a test
        self.send(b"1", A)
        self.send(b"2", B)
        _, wire = self.connect()
        self.send(b"3", A, HOP._replace(name="b.example"))
        self.assertEqual((wire.value(), len(self.reactor.tcpClients)), (b"123", 1))
        self.assertEqual(self.node.told, [("opened", A)])

    def test_lost_before_anything_came(self) -> None:
        """Who has sent on a connection that is lost before anything has come back is told; later it is not known."""
        for speaks in (False, True):
            self.node.told.clear()
            self.send(b"1", A)
            stream, _ = self.connect()
            if speaks:
                stream.dataReceived(b"x")
            stream.connectionLost(Failure(ConnectionResetError()))
            ends = [each[0] for each in self.node.told if each[0] != "received"]
            self.assertEqual(ends, ["opened", "closed"] if speaks else ["opened", "closed", "undelivered"])

    def test_never_comes_about(self) -> None:
        """A connection that does not come about in time is given up, and all that waited for it told."""
        self.send(b"1", A)
        self.send(b"2", ())
        self.reactor.advance(CONNECTING + 1)
        why = f"no connection to {FAR} over TCP: the host does not answer"
        self.assertEqual(self.node.told, [("undelivered", A, why)])

    def test_bounds(self) -> None:
        """Few connections, and few messages that wait for one; without TLS there is none."""
        for _ in range(MOST_WAITING + 1):
            self.send(b"1", A)
        for port in (1, 2):
            self.send(b"1", B, Hop(Transport.TCP, Address(FAR.host, port)))
        self.send(b"1", B, Hop(Transport.TLS, FAR))
        self.assertEqual(
            self.node.told,
            [
                ("undelivered", A, "too many messages wait for the connection"),
                ("undelivered", B, "too many connections"),
                ("undelivered", B, "there is no TLS here"),
            ],
        )

    def test_closed_flow(self) -> None:
        """What is meant for a connection that is gone is told; nobody is told where nobody asks."""
        flow = Flow(Transport.TCP, NEAR, FAR, 99)
        self.connections.send(b"1", flow, None, A, None)
        self.connections.send(b"1", flow, None, (), None)
        self.assertEqual(self.node.told, [("undelivered", A, "the connection is closed")])

    def test_shut(self) -> None:
        """A connection that is being closed is not taken any more, and is cut off where the peer does not mind."""
        self.send(b"1", A)
        stream, wire = self.connect()
        assert stream.flow is not None
        self.connections.shut(stream.flow)
        self.assertTrue(wire.disconnecting)
        self.send(b"2", A)
        self.assertEqual((wire.value(), len(self.reactor.tcpClients)), (b"1", 2))
        self.reactor.advance(CONNECTING + 1)
        self.assertTrue(wire.disconnected)

    def test_close(self) -> None:
        """In the end all are closed, those that have not come about too."""
        self.send(b"1", A)
        _, wire = self.connect()
        self.send(b"1", B, Hop(Transport.TCP, NEAR))
        self.connections.close()
        self.assertTrue(wire.disconnecting)
        self.assertEqual([each[0] for each in self.node.told], ["opened", "undelivered"])

    def test_back_pressure(self) -> None:
        """A stream that was full and has room again goes on."""
        self.send(b"1", A)
        stream, wire = self.connect()
        stream.pauseProducing()
        stream.send(b"2", ())
        stream.resumeProducing()
        stream.send(b"3", ())
        self.assertEqual((wire.value(), wire.disconnected), (b"123", False))

    def test_back_pressure_of_one(self) -> None:
        """What waits for one who does not read may be as much as the bound, and no more."""
        self.patch(stream_module, "UNSENT", 1000)
        self.send(b"1", A)
        stream, wire = self.connect()
        stream.send(b"x" * 1001, ())
        stream.pauseProducing()
        stream.send(b"x" * 1000, ())
        self.assertFalse(wire.disconnected)
        stream.send(b"x", ())
        self.assertTrue(wire.disconnected)

    def test_back_pressure_of_all(self) -> None:
        """What waits for all who do not read is bounded too; who goes makes room."""
        self.patch(stream_module, "UNSENT_ALL", 1000)
        self.send(b"1", A)
        first, _ = self.connect()
        other = HOP._replace(address=Address("192.0.2.3", 5060))
        self.send(b"1", A, other)
        second, wire = self.connect()
        for each in (first, second):
            each.pauseProducing()
            each.send(b"x" * 400, ())
        self.assertEqual(self.connections.unsent, 800)
        first.resumeProducing()
        first.resumeProducing()
        self.assertEqual(self.connections.unsent, 400)
        second.send(b"x" * 400, ())
        self.assertFalse(wire.disconnecting or wire.disconnected)
        second.send(b"x" * 400, ())
        self.assertTrue(wire.disconnecting or wire.disconnected)
        second.connectionLost(Failure(ConnectionDone()))
        self.assertEqual(self.connections.unsent, 0)
