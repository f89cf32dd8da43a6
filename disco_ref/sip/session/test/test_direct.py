"""Which connection later requests of a call prefer (RFC 3261, section 12.2.1.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.flow import Transport
from disco_ref.sip.message import Request, read
from disco_ref.sip.session.callee import direct
from disco_ref.sip.session.test.pair import FLOW
from disco_ref.sip.test import messages


class Direct(SynchronousTestCase):
    """An INVITE that came over some connection."""

    def test_where_nobody_stands_between(self) -> None:
        """The connection that it came on, unless that was no connection, or a proxy is on the way."""
        alone = read(messages.request(method="INVITE"))
        assert isinstance(alone, Request)
        behind = alone._replace(headers=alone.headers.with_lines(["Via: SIP/2.0/TCP p;branch=z9hG4bKp"]))
        recorded = alone._replace(headers=alone.headers.with_lines(["Record-Route: <sip:p;lr>"]))
        for transport in (Transport.TCP, Transport.TLS):
            flow = FLOW._replace(transport=transport)
            self.assertEqual([direct(flow, each) for each in (alone, behind, recorded)], [flow, None, None])
        self.assertIsNone(direct(FLOW, alone))
