"""Which URI a proxy records itself by where TLS is asked for (RFC 3261, section 16.6)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.flow import Transport
from disco_ref.sip.proxy.record_route import record_routes
from disco_ref.sip.proxy.test.stage import FLOW, TCP, TLS, UDP, request
from disco_ref.sip.uri import read_uri


class Recorded(SynchronousTestCase):
    """A proxy on UDP, TCP and TLS, and a request that has come over TLS."""

    def values(self, uri: str, *routes: str, next_hop: str) -> list[str]:
        """What is recorded when it goes on."""
        flow = FLOW._replace(transport=Transport.TLS, local=TLS.address)
        forwarded = request("INVITE", uri, *(f"Route: {each}" for each in routes))
        return [str(each) for each in record_routes([UDP, TCP, TLS], flow, forwarded, read_uri(next_hop), None)]

    def test_secure(self) -> None:
        """A Request-URI or a first Route of sips makes it sips; a later Route does not."""
        # = rfc3261:16.6/22 test
        secure, plain = "<sips:192.0.2.1:5061;lr>", "<sip:192.0.2.1:5061;transport=tls;lr>"
        onward = "sip:p.example.net;transport=tls"
        self.assertEqual(self.values("sips:bob@example.net", next_hop="sips:bob@example.net"), [secure])
        self.assertEqual(self.values("sip:bob@example.net", "<sips:p;lr>", next_hop="sips:p"), [secure])
        self.assertEqual(self.values("sip:bob@example.net", "<sip:p;lr>", "<sips:q;lr>", next_hop=onward), [plain])
        self.assertEqual(self.values("sip:bob@example.net", next_hop=onward), [plain])
