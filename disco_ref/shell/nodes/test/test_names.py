"""Nodes that are told names and a route: where their requests go."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.nodes.names import BadRecord, Names
from disco_ref.shell.nodes.settings import BadSetting
from disco_ref.shell.nodes.test.nodes import Node
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.location.questions import Host, HostRecord, Naptr, NaptrRecord, Srv, SrvRecord
from disco_ref.sip.message import Request

ZONE = [
    'example.net NAPTR 10 50 "s" "SIP+D2U" "" _sip._udp.example.net',
    "_sip._udp.example.net SRV 1 0 5070 a.example.net",
    "a.example.net A 192.0.2.11",
    "A.Example.net. aaaa 2001:DB8::11",
]


def places(node: Node) -> list[object]:
    """Where a node has sent to."""
    return [piece["destination"] for piece in node.pieces]


class NamesTests(SynchronousTestCase):
    """The table itself."""

    def test_each_type(self) -> None:
        """Records come back as values, in their order; what is not there is nothing."""
        names = Names(ZONE)
        self.assertEqual(
            names.answer(Naptr("EXAMPLE.net.")), (NaptrRecord(10, 50, "s", "SIP+D2U", "_sip._udp.example.net"),)
        )
        self.assertEqual(names.answer(Srv("_sip._udp.example.net")), (SrvRecord(1, 0, 5070, "a.example.net"),))
        self.assertEqual(names.answer(Host("a.example.net")), (HostRecord("192.0.2.11"), HostRecord("2001:db8::11")))
        self.assertEqual(names.answer(Host("b.example.net")), ())

    def test_no_records(self) -> None:
        """Each is named."""
        for line in ("a", "a A", "a A b", "a MX 10 b", "a SRV 1 2 x b", 'a A "192.0.2.1', "a A 192.0.2.1 192.0.2.2"):
            with self.subTest(line), self.assertRaises(BadRecord):
                Names([line])


class WayTests(SynchronousTestCase):
    """Nodes that ask."""

    def test_a_name_leads_to_its_server(self) -> None:
        """A call to a domain goes where its records lead."""
        node = Node(names=[*ZONE])
        node.user("invite", uri="sip:bob@example.net")
        self.assertEqual(places(node), ["192.0.2.11:5070"])

    def test_an_unknown_name_leads_nowhere(self) -> None:
        """Nothing is sent."""
        node = Node(names=[*ZONE])
        node.user("invite", uri="sip:bob@example.org")
        self.assertEqual(places(node), [])

    def test_a_route_comes_first(self) -> None:
        """The request goes to the proxy, and names it."""
        for what in ("invite", "options", "subscribe", "register"):
            with self.subTest(what):
                node = Node(route=["<sip:192.0.2.12;lr>"])
                (request,) = node.user(what, uri="sip:192.0.2.11", event="conference")
                assert isinstance(request, Request)
                self.assertEqual(places(node), ["192.0.2.12:5060"])
                self.assertEqual(str(request.request_uri), "sip:192.0.2.11")
                self.assertEqual([str(hop) for hop in request.headers.all(ROUTE)], ["<sip:192.0.2.12;lr>"])

    def test_a_strict_router_is_the_request_uri(self) -> None:
        """And whom it is for stands last in Route."""
        for what in ("invite", "options", "subscribe", "register"):
            with self.subTest(what):
                node = Node(route=["<sip:192.0.2.12>, <sip:192.0.2.13;lr>"])
                (request,) = node.user(what, uri="sip:192.0.2.11", event="conference")
                assert isinstance(request, Request)
                self.assertEqual(places(node), ["192.0.2.12:5060"])
                self.assertEqual(str(request.request_uri), "sip:192.0.2.12")
                route = ["<sip:192.0.2.13;lr>", "<sip:192.0.2.11>"]
                self.assertEqual([str(hop) for hop in request.headers.all(ROUTE)], route)

    def test_a_secure_call_takes_a_secure_way(self) -> None:
        """TLS, although the URI of the proxy is no SIPS URI."""
        node = Node(route=["<sip:192.0.2.12;transport=udp;lr>"])
        node.user("invite", uri="sips:bob@192.0.2.11")
        self.assertEqual(
            [(piece["transport"], piece["destination"]) for piece in node.pieces], [("tls", "192.0.2.12:5061")]
        )

    def test_a_name_of_its_own(self) -> None:
        """In Via and Contact."""
        node = Node(host="phone.example.net")
        (request,) = node.user("options", uri="sip:192.0.2.11")
        assert isinstance(request, Request)
        self.assertEqual(request.headers.via.host, "phone.example.net")
        self.assertIn("phone.example.net", request.headers.texts("contact")[0])

    def test_a_late_offer(self) -> None:
        """The INVITE has no body; the next one has."""
        node = Node()
        for offer in ("late", ""):
            (request,) = node.user("invite", uri="sip:192.0.2.11", offer=offer)
            assert isinstance(request, Request)
            self.assertEqual(bool(request.body), not offer)

    def test_no_registrar(self) -> None:
        """REGISTER goes to the domain of the address of record."""
        node = Node(uri="sip:alice@example.net", names=[*ZONE])
        (request,) = node.user("register")
        assert isinstance(request, Request)
        self.assertEqual(str(request.request_uri), "sip:example.net")
        self.assertEqual(places(node), ["192.0.2.11:5070"])

    def test_wrong_settings(self) -> None:
        """Each is named."""
        for name, value in (("route", ["no route"]), ("names", ["x"]), ("names", "x"), ("host", 1)):
            with self.subTest(name), self.assertRaisesRegex(BadSetting, name):
                Node(**{name: value})  # type: ignore[arg-type]
