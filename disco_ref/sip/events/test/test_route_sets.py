"""The way of a subscription through proxies that stay on it (RFC 3261, section 12.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.actions import RequestReceived, SendRequest, SendResponse, Tell
from disco_ref.sip.events.granted import neighbour
from disco_ref.sip.events.test.pair import Pair
from disco_ref.sip.events.test.wire import FLOW, NOW
from disco_ref.sip.events.told import SubscriptionRequested
from disco_ref.sip.flow import Transport
from disco_ref.sip.message import Request, read

ROUTES = ["<sip:p2.example.org;lr>", "<sip:p1.example.org;lr>"]


class RouteSets(SynchronousTestCase):
    """Alice subscribes over two proxies."""

    def subscribe(self, pair: Pair, routes: Sequence[str], contact: str = "") -> Request:
        """The SUBSCRIBE as it reaches Bob."""
        pair.subscribe()
        first, _, rest = bytes(pair.wire.queue[0].message).partition(b"\r\n")
        recorded = "".join(f"Record-Route: {route}\r\n" for route in routes).encode()
        if contact:
            rest = re.sub(rb"Contact: [^\r]*", f"Contact: {contact}".encode(), rest)
        subscribe = read(first + b"\r\n" + recorded + rest)
        assert isinstance(subscribe, Request)
        return subscribe

    def test_recorded(self) -> None:
        """The 200 tells the subscriber which proxies stay, in their order; NOTIFY goes the same way back."""
        # = rfc3261:12.1.1/1a test
        # = rfc3261:12.1.1/7 test
        for pending in (False, True):
            pair = Pair()
            subscribe = self.subscribe(pair, ROUTES)
            heard = pair.bob.heard(RequestReceived(("1",), subscribe, FLOW), NOW)
            (asked,) = [each.event for each in heard if isinstance(each, Tell)]
            assert isinstance(asked, SubscriptionRequested)
            actions = pair.bob.pending(asked.id, NOW) if pending else pair.bob.accept(asked.id, NOW, pair.state)
            (answer,) = [each.response for each in actions if isinstance(each, SendResponse)]
            self.assertEqual(answer.headers.texts("record-route"), ROUTES)
            (notify,) = [each.request for each in actions if isinstance(each, SendRequest)]
            self.assertEqual(", ".join(notify.headers.texts("route")), ", ".join(ROUTES))

    def test_connection(self) -> None:
        """NOTIFY goes on the connection of the SUBSCRIBE where that is one, and the subscriber's own."""
        alone = self.subscribe(Pair(), [])
        behind = alone._replace(headers=alone.headers.with_lines(["Via: SIP/2.0/TCP p2.example.org;branch=z9hG4bKp"]))
        for transport in (Transport.TCP, Transport.TLS):
            flow = FLOW._replace(transport=transport)
            self.assertEqual([neighbour(each, flow) for each in (alone, behind)], [flow, None])
        self.assertIsNone(neighbour(alone, FLOW._replace(transport=Transport.UDP)))

    def test_of_no_use(self) -> None:
        """Whoever cannot be reached where the SUBSCRIBE says is refused at once."""
        # = rfc3261:8.1.1.8/1 test
        good, port = "<sip:alice@alice.example.org>", "<sip:alice@alice.example.org:99999>"
        for routes, contact, status in (
            (ROUTES, good, 0),
            ([], port, 400),
            ([], "<mailto:alice@example.org>", 400),
            (["<sip:p2.example.org;lr>", "<sip:p1.example.org:99999;lr>"], good, 400),
        ):
            pair = Pair()
            heard = pair.bob.heard(RequestReceived(("1",), self.subscribe(pair, routes, contact), FLOW), NOW)
            statuses = [each.response.status_code for each in heard if isinstance(each, SendResponse)]
            self.assertEqual(statuses, [status] if status else [])
