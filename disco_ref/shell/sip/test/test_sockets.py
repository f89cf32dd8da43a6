"""Sockets: whom an address belongs to."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.sip.sockets import bound
from disco_ref.sip.flow import Address


class Owners(SynchronousTestCase):
    """An address on the loopback."""

    def test_one_owner(self) -> None:
        """Who has an address, or keeps it, has it alone, over datagrams and over connections."""
        for stream, listens in ((False, True), (True, True), (True, False)):
            with bound(Address("127.0.0.1", 0), stream=stream, listens=listens) as first:
                self.assertRaises(OSError, bound, Address(*first.getsockname()), stream=stream)
            bound(Address("127.0.0.1", 0), stream=stream).close()
