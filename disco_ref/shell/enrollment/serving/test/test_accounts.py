"""Accounts on disk, and passwords at rest."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Literal

from argon2 import PasswordHasher
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.shell.enrollment.serving.accounts import (
    AccountsLost,
    AccountStore,
    AccountTaken,
)
from disco_ref.shell.enrollment.serving.passwords import LONGEST, Passwords
from disco_ref.shell.enrollment.test.servers import CHEAP


class AccountStoreTest(SynchronousTestCase):
    """The database."""

    def setUp(self) -> None:
        """A new database with one account."""
        self.path = self.mktemp()
        self.store = AccountStore(self.path)
        self.addCleanup(lambda: self.store.close())
        self.store.add("alice", "hash", "alice@x")

    def test_on_disk(self) -> None:
        """What was kept is there when the file is opened again, and for nobody else to read."""
        with self.store.transaction():
            self.store.keep_node_ids("alice@x", [b"a", b"b"])
            self.store.keep_node_ids("alice@x", [b"0"])
            self.store.keep_certificate("alice@x", b"der", Instant(10))
        self.store.close()
        self.store = AccountStore(self.path)
        self.assertEqual((self.store.password("alice"), self.store.names("alice")), ("hash", ["alice@x"]))
        self.assertEqual(self.store.node_ids("alice@x"), (b"a", b"b", b"0"))
        self.assertEqual(self.store.issued("alice", Instant(9)), [("alice@x", b"der", 10)])
        self.assertEqual(self.store.issued("alice", Instant(10)), [])
        self.assertEqual(stat.S_IMODE(Path(self.path).stat().st_mode), 0o600)

    def test_names_are_unique(self) -> None:
        """A name is given once, in whatever case; an account too."""
        for account, name in (("bob", "ALICE@x"), ("alice", "other@x")):
            self.assertRaises(AccountTaken, self.store.add, account, "hash", name)
        self.assertEqual(self.store.accounts(), [("alice", True)])

    def test_removed(self) -> None:
        """Whoever is removed gets in no more, and nobody gets the names."""
        self.assertTrue(self.store.change_password("alice", None))
        self.assertFalse(self.store.change_password("bob", None))
        self.assertEqual((self.store.password("alice"), self.store.accounts()), (None, [("alice", False)]))
        self.assertRaises(AccountTaken, self.store.add, "eve", "hash", "alice@x")

    def test_all_or_nothing(self) -> None:
        """What fails in the middle leaves nothing behind."""
        with self.assertRaises(AccountsLost), self.store.transaction():
            self.store.give("alice", "tea@x")
            self.store.keep_node_ids("tea@x", [b"a", b"a"])
        self.assertEqual(self.store.names("alice"), ["alice@x"])

    def test_something_else(self) -> None:
        """Another file is refused and not touched."""
        other = Path(self.mktemp())
        other.write_bytes(b"something else, and long enough to be looked at" * 40)
        before = other.read_bytes()
        self.assertRaises(AccountsLost, AccountStore, str(other))
        self.assertEqual(other.read_bytes(), before)
        self.assertIn("no folder", str(self.assertRaises(AccountsLost, AccountStore, "none/at/all")))


class PasswordsTest(SynchronousTestCase):
    """Hashing and checking."""

    def test_fits(self) -> None:
        """Only the password that was hashed fits, octet by octet; what is kept does not hold it."""
        # = rfc6940:11.3/7 test
        passwords = Passwords(CHEAP)
        kept = passwords.hash("é".encode())
        self.assertTrue(passwords.fits(kept, "é".encode()))
        self.assertFalse(passwords.fits(kept, "e\u0301".encode()))
        self.assertFalse(passwords.fits("rubbish", b"x"))
        self.assertTrue(kept.startswith("$argon2id$"))

    def test_the_same_work_for_nobody(self) -> None:
        """For an account that is not there a password is checked as well, and never fits."""

        class Counted(PasswordHasher):
            checks = 0

            def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
                """Counts."""
                Counted.checks += 1
                return super().verify(hash, password)

        passwords = Passwords(Counted(time_cost=1, memory_cost=64, parallelism=1))
        self.assertFalse(passwords.fits(None, b"x"))
        self.assertFalse(passwords.fits(passwords.hash(b"y"), b"x"))
        self.assertEqual(Counted.checks, 2)

    def test_bounds(self) -> None:
        """Nothing at all is no password, and neither is a book."""
        for wrong in (b"", bytes(LONGEST + 1)):
            self.assertRaises(ValueError, Passwords(CHEAP).hash, wrong)
