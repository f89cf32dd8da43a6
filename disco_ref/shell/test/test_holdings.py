"""Tests of what a peer holds, on disk."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.overlay.test.members import NAME
from disco_ref.reload.actions import Change
from disco_ref.reload.storage.test.peers import ARRAY, HERE, NOW, SINGLE, StoringPeer, part, store, value
from disco_ref.shell.holdings import HoldingsLost, HoldingStore

ONE, OTHER = bytes(16), b"\xff" * 16


class HoldingCase(SynchronousTestCase):
    """A file of its own."""

    def setUp(self) -> None:
        """Its name; there is none yet."""
        self.path = Path(self.mktemp())

    def open(self, overlay: str = NAME) -> HoldingStore:
        """The rows, as they are found."""
        rows = HoldingStore(str(self.path), overlay)
        self.addCleanup(rows.close)
        return rows

    def again(self, rows: HoldingStore) -> HoldingStore:
        """The rows, after the file was closed."""
        rows.close()
        return self.open()

    def damage(self, statement: str) -> None:
        """Change the file behind everybody's back."""
        with closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            self.assertEqual(database.execute(statement).rowcount, 1)


class WriteTests(HoldingCase):
    """What is written and read."""

    def test_kept(self) -> None:
        """What was written is there when the file is opened anew: the last of each row, and nothing of what is gone."""
        rows = self.open()
        rows.write([Change(ONE, SINGLE, b"a"), Change(ONE, ARRAY, b"b"), Change(OTHER, 0xFFFFFFFE, b"c")])
        rows.write([Change(ONE, SINGLE, b"d"), Change(ONE, ARRAY, None), Change(OTHER, SINGLE, None)])
        found = self.again(rows).load()
        self.assertEqual(found.changes, [Change(ONE, SINGLE, b"d"), Change(OTHER, 0xFFFFFFFE, b"c")])
        self.assertEqual(found.damaged, [])

    def test_all_or_none(self) -> None:
        """Where one change fails, none is made, and the next ones are."""
        rows = self.open()
        with self.assertRaises(HoldingsLost):
            rows.write([Change(ONE, SINGLE, b"a"), Change(ONE, 1 << 80, b"b")])
        self.assertEqual(rows.load().changes, [])
        rows.write([Change(ONE, SINGLE, b"a")])
        self.assertEqual(rows.load().changes, [Change(ONE, SINGLE, b"a")])

    def test_mine_alone(self) -> None:
        """Nobody else can read the file, nor the files beside it."""
        self.open().write([Change(ONE, SINGLE, b"a")])
        found = list(self.path.parent.glob(self.path.name + "*"))
        self.assertGreater(len(found), 1)
        self.assertEqual({stat.S_IMODE(each.stat().st_mode) for each in found}, {0o600})

    def test_settings(self) -> None:
        """What is written is on disk before it counts as written."""
        database = self.open()._database
        self.assertEqual(database.execute("PRAGMA synchronous").fetchone(), (2,))
        self.assertEqual(database.execute("PRAGMA journal_mode").fetchone(), ("wal",))


class RefusedTests(HoldingCase):
    """Files that are not taken."""

    def test_two(self) -> None:
        """Two peers cannot have one file."""
        self.open()
        with self.assertRaises(HoldingsLost) as caught:
            self.open()
        self.assertIn("locked", str(caught.exception))

    def test_other_overlay(self) -> None:
        """Values of another overlay are none of this one."""
        self.open().close()
        with self.assertRaises(HoldingsLost) as caught:
            self.open("other.example.org")
        self.assertIn(NAME, str(caught.exception))

    def test_something_else(self) -> None:
        """A file that is no database, a database of something else, a folder that is not there."""
        self.path.write_bytes(b"no database " * 100)
        with self.assertRaises(HoldingsLost):
            self.open()
        self.path.unlink()
        with closing(sqlite3.connect(self.path)) as database:
            database.execute("CREATE TABLE other (x)")
        with self.assertRaises(HoldingsLost):
            self.open()
        self.path = self.path / "none" / "file"
        with self.assertRaises(HoldingsLost):
            self.open()

    def test_damaged(self) -> None:
        """A row that was changed, moved or is of another type is named, and the others are read."""
        changes = [
            "UPDATE held SET held = x'00' WHERE kind = 1",
            "UPDATE held SET kind = 99 WHERE kind = 2",
            "UPDATE held SET resource = 'text' WHERE kind = 3",
            "UPDATE held SET kind = 'text' WHERE kind = 4",
            "UPDATE held SET digest = x'' WHERE kind = 5",
        ]
        rows = self.open()
        rows.write([Change(ONE, kind, b"row %d" % kind) for kind in range(1, 7)])
        rows.close()
        for each in changes:
            self.damage(each)
        found = self.open().load()
        self.assertEqual(found.changes, [Change(ONE, 6, b"row 6")])
        self.assertEqual(len(found.damaged), len(changes))
        places = " | ".join(sorted(str(each) for each in found.damaged))
        for named in ("Kind 1:", "Kind 99:", "Resource-ID 'text'", "Kind 'text'", "Kind 5:", ONE.hex()):
            self.assertIn(named, places)


class NodeTests(HoldingCase):
    """A peer on its file."""

    def test_restarted(self) -> None:
        """A peer that starts anew holds what its file says."""
        # = rfc6940:7.4.1.1/17 test
        peer, again = StoringPeer(), StoringPeer()
        peer.ask(store(part(SINGLE, value(b"s")), part(ARRAY, value(b"a", place=2, kind=ARRAY))))
        rows = self.open()
        rows.write(peer.written.values())
        _, refused = again.storage.restore(self.again(rows).load().changes, NOW)
        self.assertEqual((again.values(), again.values(ARRAY), refused), ({None: b"s"}, {2: b"a"}, []))

    def test_killed(self) -> None:
        """A peer that is killed has lost nothing that it has answered."""
        # = rfc6940:7.4.1.1/17 test
        child = subprocess.Popen(
            [sys.executable, "-m", "disco_ref.shell.test.holding", str(self.path.absolute())], stdout=subprocess.PIPE
        )
        assert child.stdout is not None
        for _ in range(20):
            answered = child.stdout.readline()
        child.kill()
        answered = (child.stdout.read().splitlines() or [answered])[-1]
        child.wait()
        child.stdout.close()
        peer = StoringPeer()
        found = self.open().load()
        _, refused = peer.storage.restore(found.changes, NOW)
        self.assertEqual((refused, found.damaged), ([], []))
        held = peer.storage.holdings.get(HERE, SINGLE)
        assert held is not None
        self.assertGreaterEqual(held.values[None].stored.storage_time, int(answered))
        self.assertGreaterEqual(held.generation, int(answered))
