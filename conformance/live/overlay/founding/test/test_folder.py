"""An overlay in a folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.errors import Misuse
from conformance.live.overlay.founding.folder import CONFIGURATION, ROOT, SIGNER, SUBJECT, OverlayFolder, make_folder

NAME = "overlay.example.org"
END = ("192.0.2.7", 6084)


class FolderTests(SynchronousTestCase):
    """Made once, taken up later."""

    def setUp(self) -> None:
        """A folder that goes with the test."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name) / "ring"

    def test_what_was_made_is_taken_up(self) -> None:
        """The subject, the signer and the root are the same; the document names the subject as bootstrap node."""
        made = make_folder(self.folder, NAME, END)
        again = OverlayFolder(self.folder)
        self.assertEqual(made.subject.certificate, again.subject.certificate)
        self.assertEqual(again.overlay().document.signer.node_id, made.signer.node_id)
        self.assertIn(b'<bootstrap-node address="192.0.2.7" port="6084"/>', (self.folder / CONFIGURATION).read_bytes())

    def test_a_subject_that_moves_stays_who_it_is(self) -> None:
        """Only the document is another one."""
        first = make_folder(self.folder, NAME, END).subject
        second = make_folder(self.folder, NAME, ("192.0.2.8", 6084)).subject
        self.assertEqual(first.certificate, second.certificate)
        self.assertIn(b"192.0.2.8", (self.folder / CONFIGURATION).read_bytes())

    def test_an_address_of_ipv6_stands_without_brackets(self) -> None:
        """As in the example of section 11.1."""
        make_folder(self.folder, NAME, ("2001:db8::7", 6084))
        self.assertIn(
            b'<bootstrap-node address="2001:db8::7" port="6084"/>', (self.folder / CONFIGURATION).read_bytes()
        )

    def test_keys_are_for_their_owner(self) -> None:
        """Whatever the umask is."""
        make_folder(self.folder, NAME, END)
        for name in (SIGNER, SUBJECT, "root.key.pem", "subject.key.der", "subject.key.pem"):
            self.assertEqual((self.folder / name).stat().st_mode & 0o077, 0, name)

    def test_what_is_no_overlay_is_refused_in_one_line(self) -> None:
        """A folder that is missing, broken, or of another overlay; a name that is none."""
        self.assertIn("disco-conformance overlay", str(self.assertRaises(Misuse, OverlayFolder, self.folder)))
        self.assertRaises(Misuse, make_folder, self.folder, "No Name", END)
        make_folder(self.folder, NAME, END)
        self.assertRaises(Misuse, make_folder, self.folder, "other.example.org", END)
        (self.folder / ROOT).write_text("broken")
        self.assertIn("no overlay of the harness", str(self.assertRaises(Misuse, OverlayFolder, self.folder)))

    def test_a_document_of_another_harness_is_refused(self) -> None:
        """The subject would store other Kinds than are played with."""
        make_folder(self.folder, NAME, END)
        path = self.folder / CONFIGURATION
        path.write_bytes(path.read_bytes().replace(b"<max-count>4</max-count>", b"<max-count>5</max-count>"))
        self.assertIn("another version", str(self.assertRaises(Misuse, OverlayFolder, self.folder)))
