"""Files of keys: whole, private, and what they should be."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.enrollment.test.overlays import root_der
from disco_ref.reload.security.test.keys import ecdsa_key
from disco_ref.shell.enrollment.files import (
    FilesLost,
    der,
    identity_text,
    make_folder,
    read_identity,
    write,
)


class FilesTest(SynchronousTestCase):
    """Keys and certificates on disk."""

    def setUp(self) -> None:
        """A folder."""
        self.folder = Path(self.mktemp())
        make_folder(self.folder)

    def test_private(self) -> None:
        """Folder and file are their owner's alone, also where the file was there with other rights; nothing else is left."""
        path = self.folder / "a.pem"
        path.write_bytes(b"old")
        os.chmod(path, 0o666)
        write(path, identity_text(ecdsa_key(50), root_der()))
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(self.folder.stat().st_mode), 0o700)
        key, certificate = read_identity(path)
        self.assertEqual((key.public_key(), der(certificate)), (ecdsa_key(50).public_key(), root_der()))
        self.assertEqual(os.listdir(self.folder), ["a.pem"])

    def test_something_else(self) -> None:
        """Rubbish, a certificate for another key, a missing or an endless file: one line says which file it is."""
        path = self.folder / "a.pem"
        for octets in (b"", b"rubbish", identity_text(ecdsa_key(1), root_der()), bytes(2 << 20)):
            path.write_bytes(octets)
            self.assertIn("a.pem", str(self.assertRaises(FilesLost, read_identity, path)))
        self.assertRaises(FilesLost, read_identity, self.folder / "b.pem")

    def test_no_folder(self) -> None:
        """Where nothing can be written, that is said."""
        self.assertRaises(FilesLost, write, self.folder / "none" / "a.pem", b"")
        (self.folder / "file").write_bytes(b"")
        self.assertRaises(FilesLost, make_folder, self.folder / "file" / "x")
