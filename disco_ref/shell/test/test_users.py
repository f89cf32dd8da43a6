"""Tests of the file of users."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.shell.users import UsersUnreadable, read_users, readable_for_others


class Users(SynchronousTestCase):
    """Names and passwords, and what goes wrong without showing any."""

    def file(self, text: str | bytes, suffix: str = ".txt", mode: int = 0o600) -> Path:
        """A file with this text."""
        path = Path(f"{self.mktemp()}{suffix}")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def test_lines(self) -> None:
        """Lines hold a name and a password, which may have spaces; comments and empty lines do not count."""
        users = read_users(self.file("# who\n\nalice wonder land\n bob\tbuilder \n"))
        self.assertEqual(users, {"alice": "wonder land", "bob": "builder"})

    def test_toml(self) -> None:
        """TOML holds them in a table."""
        self.assertEqual(read_users(self.file('[users]\nalice = "wonderland"\n', ".toml")), {"alice": "wonderland"})

    def test_trouble(self) -> None:
        """What cannot be read is told with its place; no password is shown."""
        for text, suffix, why in (
            ("alice secret\nbob\n", ".txt", r":2: expected a name, white space and a password"),
            ("alice secret\nalice secret\n", ".txt", r":2: the name alice stands twice"),
            ("\n", ".txt", "no users"),
            (b"alice \xff", ".txt", "no UTF-8 at byte 6"),
            ('[users]\nalice = "secret', ".toml", r"no TOML \(at "),
            ("[users]\nalice = 5", ".toml", "expected a table"),
            ("users = 5", ".toml", "expected a table"),
        ):
            caught = self.assertRaises(UsersUnreadable, read_users, self.file(text, suffix))
            self.assertRegex(str(caught), why)
            self.assertNotIn("secret", str(caught))
        self.assertRaises(UsersUnreadable, read_users, Path("/nonexistent"))

    def test_others(self) -> None:
        """A file that everybody may write is refused; one that others can read is known as such."""
        self.assertRaises(UsersUnreadable, read_users, self.file("alice secret", mode=0o602))
        self.assertTrue(readable_for_others(self.file("alice secret", mode=0o640)))
        self.assertFalse(readable_for_others(self.file("alice secret")))
