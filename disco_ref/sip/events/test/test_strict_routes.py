"""A subscription whose way begins with a strict router (RFC 3261, section 12.2.1.1)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.sip.events.test.test_subscriber import Alone
from disco_ref.sip.header.addressing.route import Route


class Strict(SynchronousTestCase):
    """A refresh."""

    def test_next_hop(self) -> None:
        """It goes where its Request-URI says, which is that of the strict router; past a loose one where its Route says."""
        # = rfc3261:12.2.1.1/14 test
        for route, uri in (
            ("sip:p.example.org", "sip:p.example.org"),
            ("sip:p.example.org;lr", "sip:town@r.example.net"),
        ):
            alone = Alone()
            alone.answer(200, "Expires: 600")
            alone.notify()
            (dialog,) = alone.dialogs._by_id.values()
            dialog.route_set = (Route(None, route),)
            alone.take(alone.subscriber.refresh(alone.id, alone.now))
            target = alone.sent[-1].target
            self.assertEqual(str(alone.last.request_uri), uri)
            self.assertEqual(target and str(target), uri if "lr" not in route else None)
