"""The overlay of the subject, in which the harness is a member like others."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import Misuse
from conformance.lab.presentation.refusal import LabRefusal
from conformance.live.enrolment.accounts import Account
from conformance.live.overlay.authority import EXPIRED, Overlay
from conformance.live.overlay.document import ARRAY_USER, CERTIFICATE_BY_USER, SINGLE_USER
from conformance.live.overlay.founding.enrolling import Membership
from conformance.live.overlay.founding.foreign import ForeignOverlay
from conformance.live.overlay.identity import Identity
from conformance.live.wants import NotClaimed

ACCOUNTS = (Account(user="alice", password="x"), Account(user="bob", password="y"))


class ForeignTests(SynchronousTestCase):
    """An overlay of which only the document is known."""

    def setUp(self) -> None:
        """The document of an overlay with two Kinds."""
        self.theirs = Overlay(time.time(), "theirs.example.org")
        document = self.theirs.document.changed(kinds=(CERTIFICATE_BY_USER, SINGLE_USER), sequence=7, update=60)
        self.octets = document.octets()
        self.asked: list[int | None] = []

    def enrols(self, account: int | None) -> Identity:
        """Whom the server would certify."""
        self.asked.append(account)
        return self.theirs.certify(f"account{account}@{self.theirs.name}")

    def test_what_the_document_says(self) -> None:
        """Its name, its sequence, its Kinds, its intervals, whom it trusts; it is handed on as it was."""
        found = ForeignOverlay(self.octets, self.enrols)
        self.assertEqual((found.name, found.document.sequence, found.document.update), (self.theirs.name, 7, 60))
        self.assertEqual(found.context.kinds, {CERTIFICATE_BY_USER.id: "ARRAY", SINGLE_USER.id: "SINGLE"})
        self.assertEqual(found.context.trust, (self.theirs.root,))
        self.assertEqual(found.document.octets(), self.octets)

    def test_users_are_accounts(self) -> None:
        """Each user is an account of its own, in the order in which they come; the probe is anybody."""
        found = ForeignOverlay(self.octets, self.enrols)
        for user in ("ann@x", "eve@x", "probe@x", "ann@x"):
            found.certify(user)
        self.assertEqual(self.asked, [0, 1, None, 0])

    def test_what_no_server_gives_is_not_claimed(self) -> None:
        """Chosen Node-IDs, bad certificates, another configuration, Kinds that are not there."""
        found = ForeignOverlay(self.octets, self.enrols)
        self.assertRaises(NotClaimed, found.certify, "ann@x", [bytes(16)])
        self.assertRaises(NotClaimed, found.certify, "ann@x", kind=EXPIRED)
        self.assertRaises(NotClaimed, found.document.changed, sequence=8)
        self.assertRaises(NotClaimed, found.document.octets, signature=b"x")
        self.assertRaises(NotClaimed, found.demand, ARRAY_USER)
        found.demand(SINGLE_USER)

    def test_a_document_that_says_too_little(self) -> None:
        """No root, other lengths of Node-IDs, no XML."""
        octets = self.octets.replace(b"<node-id-length>16<", b"<node-id-length>20<")
        for one in (octets, self.octets.replace(b"root-cert", b"other-cert"), b"<x"):
            self.assertRaises(LabRefusal, ForeignOverlay, one, self.enrols)


class MembershipTests(SynchronousTestCase):
    """How the harness comes to its certificates."""

    def setUp(self) -> None:
        """The document in a file."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "configuration.xml"
        self.theirs = Overlay(time.time(), "theirs.example.org")
        self.file.write_bytes(self.theirs.document.octets())

    def membership(self, again: bool) -> Membership:
        """One whose server gives each account another Node-ID each time, or always the same."""
        made = Membership(str(self.file), "https://127.0.0.1:9/", ACCOUNTS, None)
        same = {one.user: self.theirs.certify(one.user) for one in ACCOUNTS}

        def enrolled(account: Account) -> Identity:
            return self.theirs.certify(account.user) if again else same[account.user]

        self.patch(made, "_enrolled", enrolled)
        return made

    def test_parties_are_different_nodes(self) -> None:
        """Where a server gives each account one Node-ID, there are as many parties as accounts; the next scenario has them again."""
        made = self.membership(again=False)
        for _ in range(2):
            overlay = made.overlay()
            found = [overlay.certify(name) for name in ("ann@x", "probe@x")]
            self.assertEqual([one.user for one in found], ["alice", "bob"])
            self.assertRaises(NotClaimed, overlay.certify, "eve@x")

    def test_one_account_can_be_several_nodes(self) -> None:
        """Where the server gives it further Node-IDs."""
        overlay = self.membership(again=True).overlay()
        found = [overlay.certify(name) for name in ("ann@x", "ann@x", "probe@x", "bob@x")]
        self.assertEqual(len({one.node_id for one in found}), 4)
        self.assertRaises(NotClaimed, overlay.certify, "carl@x")

    def test_what_cannot_be_is_misuse(self) -> None:
        """No file, no document, nowhere to enrol."""
        self.assertRaises(Misuse, Membership, "no-such-file", "", ACCOUNTS, None)
        self.assertRaises(Misuse, Membership, str(self.file), "", ACCOUNTS, None)
        self.file.write_text("<x")
        self.assertRaises(Misuse, Membership, str(self.file), "https://x/", ACCOUNTS, None)
