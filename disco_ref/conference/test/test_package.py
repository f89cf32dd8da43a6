"""Tests of a subscriber's copy of the state, where documents come without end."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

import disco_ref.conference.package
from disco_ref.conference.package import Follower


def document(version: int, state: str, name: str) -> bytes:
    """A document with one user, who is new."""
    users = f'<users state="{state}"><user entity="sip:{name}@x" state="full"/></users>'
    space = "urn:ietf:params:xml:ns:conference-info"
    head = f'<conference-info xmlns="{space}" entity="sip:r@x" state="{state}" version="{version}">'
    return f"{head}{users}</conference-info>".encode()


class Endless(SynchronousTestCase):
    """Partial documents, each with somebody new."""

    def test_bounded(self) -> None:
        """After some of them the full state is asked for, once; what comes before it is put aside."""
        self.patch(disco_ref.conference.package, "MOST_PARTIAL", 2000)
        follower = Follower()
        follower.receive(document(1, "full", "u1"))
        told = [follower.receive(document(version, "partial", f"u{version}")) for version in range(2, 40)]
        self.assertEqual([each.gap for each in told].count(True), 1)
        assert follower.document is not None
        assert follower.document.users is not None
        self.assertLess(len(follower.document.users.user), 15)
        self.assertTrue(follower.receive(document(40, "full", "u1")).changed)
        self.assertTrue(follower.receive(document(41, "partial", "u2")).changed)
