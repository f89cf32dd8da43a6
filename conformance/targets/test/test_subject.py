"""The files of known subjects."""

from __future__ import annotations

import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.errors import Misuse, SuiteFault, TargetFault
from conformance.targets.subject import KnownSubject, load_folder, load_subject

FILE = """
name = "one"
own = true
commands = [["no-such-program-anywhere"], ["{python}", "-m", "json.tool"]]
[claims]
roles = ["codec"]
formats = ["sdp"]
[[expect]]
id = "a/b"
reason = "because"
"""


class LoadTests(SynchronousTestCase):
    """Reading a subject's file."""

    def write(self, text: str) -> Path:
        """A file with this text."""
        path = Path(self.mktemp())
        path.mkdir()
        (path / "one.toml").write_text(text, encoding="utf-8")
        return path / "one.toml"

    def test_members(self) -> None:
        """Everything in the file arrives."""
        subject = load_subject(self.write(FILE))
        self.assertEqual(
            (subject.name, subject.own, subject.roles, subject.formats), ("one", True, ("codec",), ("sdp",))
        )
        self.assertEqual(subject.expectations[0].reason, "because")

    def test_first_that_exists(self) -> None:
        """The first command that can be found is used; the interpreter is ours."""
        self.assertEqual(load_subject(self.write(FILE)).arguments(), [sys.executable, "-m", "json.tool"])

    def test_not_installed(self) -> None:
        """Where none can be found, the error says what was tried."""
        subject = KnownSubject(name="x", what="", commands=(("no-such-program",), ("{python}", "-m", "no_such.module")))
        self.assertIn("no-such-program", str(self.assertRaises(TargetFault, subject.arguments)))

    def test_broken_files(self) -> None:
        """A file without commands, or that is no TOML, is a fault of the suite; one that is not there is misuse."""
        for text in ("name = 'x'", "commands = []", "commands = ['a']", "commands = [["):
            self.assertRaises(SuiteFault, load_subject, self.write(text))
        self.assertRaises(Misuse, load_subject, Path("no-such-subject.toml"))

    def test_shipped_subjects(self) -> None:
        """The files of the suite are well formed; every broken subject says what it breaks and touches."""
        self.assertIn("disco_ref", [one.name for one in load_folder(places.subjects())])
        for one in load_folder(places.mutants()):
            self.assertTrue(one.breaks and one.touches, one.name)
