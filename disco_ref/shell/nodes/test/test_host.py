"""Nodes in virtual time: their commands, their time, their connections."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.host import MOST_NODES, Host
from disco_ref.shell.nodes.settings import BadSetting, address, settings, transport
from disco_ref.shell.nodes.test.nodes import NODE, PEER, Node, asked, invite, statuses
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.message import Response

LISTENING: Json = [{"transport": "udp", "address": NODE}]


class CommandTests(SynchronousTestCase):
    """What is asked of a host."""

    def test_a_datagram_is_answered(self) -> None:
        """OPTIONS gets 200, from where it came to, to where it came from."""
        node = Node()
        self.assertEqual(statuses(node.hear(asked("OPTIONS"))), [200])
        piece = node.pieces[-1]
        self.assertEqual((piece["transport"], piece["source"], piece["destination"]), ("udp", NODE, PEER))
        self.assertIsNone(piece["connection"])

    def test_every_role_starts(self) -> None:
        """Each answers OPTIONS somehow."""
        for role in ("user-agent", "focus", "notifier", "registrar", "proxy"):
            node = Node(role, uri="sip:192.0.2.1", domain="example.com")
            with self.subTest(role):
                self.assertTrue(node.hear(asked("OPTIONS", "sip:example.com")))

    def test_unknown_roles_and_nodes(self) -> None:
        """Both are said."""
        host = Host()
        with self.assertRaisesRegex(Unsupported, "user-agent"):
            host.commands["node.start"]({"node": "n", "now": 0, "role": "user-agents", "listening": LISTENING})
        with self.assertRaisesRegex(BadSetting, "no node"):
            host.commands["node.advance"]({"node": "n", "now": 0})

    def test_members_that_are_missing_or_wrong(self) -> None:
        """Each is named."""
        node = Node()
        ends: dict[str, Json] = {"transport": "udp", "source": PEER, "destination": NODE}
        wrong: list[tuple[str, dict[str, Json]]] = [
            ("now", {**ends, "octets": "", "now": "soon"}),
            ("octets", {**ends, "octets": "xyz"}),
            ("transport", {**ends, "octets": "", "transport": "sctp"}),
            ("source", {**ends, "octets": "", "source": "here"}),
            ("connection", {**ends, "octets": "", "connection": "one"}),
        ]
        for named, params in wrong:
            with self.subTest(named), self.assertRaisesRegex(BadSetting, named):
                node.host.commands["node.receive"]({"node": "n", "now": 1000.0, **params})

    def test_there_are_not_more_nodes_than_that(self) -> None:
        """The next one is refused; a stopped one makes room."""
        host = Host()
        start = host.commands["node.start"]
        for number in range(MOST_NODES):
            start({"node": f"n{number}", "now": 0, "role": "user-agent", "listening": LISTENING})
        with self.assertRaisesRegex(BadSetting, "stop one"):
            start({"node": "more", "now": 0, "role": "user-agent", "listening": LISTENING})
        host.commands["node.stop"]({"node": "n1", "now": 0})
        start({"node": "more", "now": 0, "role": "user-agent", "listening": LISTENING})

    def test_runs_are_alike(self) -> None:
        """Two nodes of one name that hear the same say the same, to the octet."""
        first, second = Node(), Node()
        for node in (first, second):
            node.hear(invite())
        self.assertEqual(first.pieces, second.pieces)


class TimeTests(SynchronousTestCase):
    """Deadlines."""

    def test_what_is_due_happens_at_its_time(self) -> None:
        """A 2xx without ACK is said again after half a second, and then after a second."""
        node = Node()
        self.assertEqual(statuses(node.hear(invite())), [180, 200])
        self.assertEqual(node.wake, 1000.5)
        self.assertEqual(statuses(node.wait(0.4)), [])
        self.assertEqual(statuses(node.wait(0.1)), [200])
        self.assertEqual(statuses(node.wait(10.0)), [200, 200, 200])

    def test_without_ack_the_call_ends(self) -> None:
        """BYE after 64*T1, and nothing is left to wake up for once it is given up."""
        node = Node()
        node.hear(invite())
        self.assertIn("BYE", statuses(node.wait(33.0)))
        node.wait(200.0)
        self.assertIsNone(node.wake)


class StreamTests(SynchronousTestCase):
    """Connections by their numbers."""

    def receive(self, node: Node, octets: bytes, number: int = 1, closed: bool = False) -> None:
        """A piece on a connection of the peer."""
        ends: dict[str, Json] = {"source": "192.0.2.11:40001", "destination": NODE}
        node.do("node.receive", transport="tcp", octets=octets.hex(), connection=number, closed=closed, **ends)

    def test_pieces_of_a_message(self) -> None:
        """It is answered when it is whole, on its connection."""
        node = Node()
        octets = asked("OPTIONS").replace(b"/UDP", b"/TCP")
        self.receive(node, octets[:50])
        self.assertEqual(node.pieces, [])
        self.receive(node, octets[50:])
        self.assertEqual([(each["connection"], each["destination"]) for each in node.pieces], [(1, "192.0.2.11:40001")])

    def test_a_connection_that_is_gone(self) -> None:
        """The answer opens one of the node's own, to the sent-by; numbers of its own count down."""
        node = Node()
        node.user("manual")
        self.receive(node, invite().replace(b"/UDP", b"/TCP"))
        self.receive(node, b"", closed=True)
        node.user("answer")
        piece = node.pieces[-1]
        self.assertEqual((piece["connection"], piece["destination"]), (-1, PEER))

    def test_octets_that_are_no_messages(self) -> None:
        """The connection is closed, and said to be."""
        node = Node()
        self.receive(
            node, asked("OPTIONS").replace(b"/UDP", b"/TCP").replace(b"Content-Length: 0", b"Content-Length: x")
        )
        self.assertTrue(node.pieces[-1].get("closed"))
        self.assertEqual(node.pieces[-1]["octets"], "")


class SettingsTests(SynchronousTestCase):
    """What a node is told about itself."""

    def test_addresses(self) -> None:
        """Of both families; anything else is refused."""
        self.assertEqual(address("192.0.2.1:5060", "x"), Address("192.0.2.1", 5060))
        self.assertEqual(address("[2001:db8::1]:5061", "x"), Address("2001:db8::1", 5061))
        for wrong in ("192.0.2.1", "host:5060", "192.0.2.1:70000", 5, None):
            with self.subTest(wrong), self.assertRaises(BadSetting):
                address(wrong, "x")

    def test_transports(self) -> None:
        """In any case."""
        self.assertEqual(transport("Tls"), Transport.TLS)
        with self.assertRaises(BadSetting):
            transport("ws")

    def test_a_password_is_not_shown(self) -> None:
        """Nor by repr."""
        found = settings({"listening": LISTENING, "settings": {"user": "u", "password": "geheim"}})
        self.assertEqual(found.password, "geheim")
        self.assertNotIn("geheim", repr(found))

    def test_wrong_settings(self) -> None:
        """Each is refused."""
        wrong: list[dict[str, Json]] = [
            {},
            {"listening": []},
            {"listening": ["udp"]},
            {"listening": LISTENING, "settings": "none"},
            {"listening": LISTENING, "settings": {"uri": 5}},
        ]
        for each in wrong:
            with self.subTest(str(each)), self.assertRaises(BadSetting):
                settings(each)


class AnswerTests(SynchronousTestCase):
    """What garbage leads to."""

    def test_garbage_is_survived(self) -> None:
        """Octets without meaning get nothing, half a request a 400, and the next good request its answer."""
        node = Node()
        self.assertEqual(node.hear(bytes(range(256))), [])
        (answer,) = node.hear(asked("OPTIONS").replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"))
        assert isinstance(answer, Response)
        self.assertEqual(answer.status_code, 400)
        self.assertEqual(statuses(node.hear(asked("OPTIONS", number=2))), [200])
