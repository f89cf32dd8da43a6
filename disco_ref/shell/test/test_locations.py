"""Tests of the locations on disk."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.shell.locations import IN_MEMORY, LocationsLost, LocationStore
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.registration.bindings import Binding

NOW = Instant(1_700_000_000.0)


def binding(text: str, lasting: float = 60.0) -> Binding:
    """A binding to a contact."""
    (contact,) = CONTACT.read(text)
    assert isinstance(contact, Contact)
    return Binding(contact, "c1", 7, Instant(NOW + lasting), ("<sip:edge.example.com;lr>",))


class Locations(SynchronousTestCase):
    """What is kept, and what goes wrong."""

    def setUp(self) -> None:
        """A file of its own."""
        self.path = Path(self.mktemp())

    def open(self) -> LocationStore:
        """The database, as it is found."""
        store = LocationStore(str(self.path))
        self.addCleanup(store.close)
        return store

    def test_kept(self) -> None:
        """What was stored is there when the file is opened anew, in its order, but for what has expired."""
        alice = [binding('"A; é" <sip:alice@192.0.2.1>;q=0.5'), binding("<sip:alice@192.0.2.2;transport=tcp>", 10)]
        self.open().replace([("alice@example.com", alice), ("bob@example.com", [binding("<sip:bob@192.0.2.3>", 5)])])
        self.assertEqual(self.open().load(NOW)[0], ("alice@example.com", tuple(alice)))
        self.assertEqual(self.open().load(Instant(NOW + 10)), [("alice@example.com", (alice[0],))])
        self.open().replace([("alice@example.com", [])])
        self.assertEqual([name for name, _ in self.open().load(NOW)], ["bob@example.com"])

    def test_mine_alone(self) -> None:
        """Nobody else can read the file."""
        self.open()
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)

    def test_all_or_none(self) -> None:
        """Where one change fails, none is made."""
        store = self.open()
        odd = binding("<sip:bob@192.0.2.3>")._replace(number=1 << 70)
        with self.assertRaises(LocationsLost):
            store.replace([("alice@example.com", [binding("<sip:alice@192.0.2.1>")]), ("bob@example.com", [odd])])
        self.assertEqual(store.load(NOW), [])
        store.replace([("alice@example.com", [binding("<sip:alice@192.0.2.1>")])])
        self.assertEqual(len(store.load(NOW)), 1)

    def test_trouble(self) -> None:
        """No folder, no database, another program's database, another version: each is said with the file's name."""
        with self.assertRaisesRegex(LocationsLost, "there is no folder /nonexistent"):
            LocationStore("/nonexistent/x")
        self.path.write_bytes(b"something else" * 100)
        with self.assertRaisesRegex(LocationsLost, f"{self.path}: file is not a database"):
            self.open()
        self.path.unlink()
        other = sqlite3.connect(self.path)
        other.execute("CREATE TABLE song (title)")
        other.close()
        with self.assertRaisesRegex(LocationsLost, "something else"):
            self.open()
        closed = LocationStore(IN_MEMORY)
        closed.close()
        with self.assertRaises(LocationsLost):
            closed.replace([])
        with self.assertRaises(LocationsLost):
            closed.load(NOW)

    def test_odd_rows(self) -> None:
        """A row that somebody has spoilt is left out."""
        self.open().replace([("alice@example.com", [binding("<sip:alice@192.0.2.1>"), binding("<sip:a@192.0.2.2>")])])
        other = sqlite3.connect(self.path)
        other.execute("UPDATE binding SET contact = x'2a' WHERE place = 0")
        other.commit()
        other.close()
        ((_, bindings),) = self.open().load(NOW)
        self.assertEqual([each.contact.uri_text for each in bindings], ["sip:a@192.0.2.2"])
