"""``run`` with a subject of the roles that scenarios are played with."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.command import main

SAMPLE = Path(__file__).parents[2] / "live" / "test" / "sample_adapter.py"
MUTE = (
    "import sys, json\n"
    "for line in sys.stdin:\n"
    "    asked = json.loads(line)\n"
    "    said = {'name': 'mute'} if asked['command'] == 'hello' else {'sent': [], 'wake': None}\n"
    "    print(json.dumps({'id': asked['id'], 'result': said}), flush=True)\n"
)
ROLELESS = (
    "import sys, json\n"
    "for line in sys.stdin:\n"
    "    asked = json.loads(line)\n"
    "    kind = 'unsupported' if asked['params'].get('role') == 'registrar' else 'fault'\n"
    "    said = {'result': {'roles': %s}} if asked['command'] == 'hello' else {kind: 'node.start'}\n"
    "    print(json.dumps({'id': asked['id'], **said}), flush=True)\n"
)
"""Starts no node: says of a registrar that it does none, and breaks as anything else."""


class LiveTests(SynchronousTestCase):
    """The verbs, end to end, in virtual time."""

    def setUp(self) -> None:
        """A place for the report."""
        self.folder = Path(self.mktemp())

    def call(self, *words: str) -> tuple[int, str]:
        """Exit code, and everything that was printed."""
        text = io.StringIO()
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            code = main(list(words))
        return code, text.getvalue()

    def judged(self, target: str, *words: str) -> tuple[int, str]:
        """``run`` for a user agent behind an adapter."""
        return self.call("run", "--target", target, "--role", "user-agent", "--report", str(self.folder), *words)

    def results(self) -> dict[str, str]:
        """The verdicts of the report."""
        content = json.loads((self.folder / "result.json").read_text("utf-8"))
        return {one["id"]: one["verdict"] for one in content["results"]}

    def test_sample(self) -> None:
        """One scenario: its evidence is kept, the verdicts come out again, and one check can be run again by itself."""
        target = f"exec:{sys.executable} {SAMPLE}"
        code, text = self.judged(target, "--scenario", "user-agent/options")
        self.assertEqual(code, 0, text)
        self.assertIn("--scenario", json.loads((self.folder / "result.json").read_text("utf-8"))["selection"])
        self.assertTrue((self.folder / "evidence/live/user-agent-options/capture.pcapng").is_file())
        self.assertIn("0 differ", self.call("rejudge", str(self.folder))[1])
        code, text = self.call("rejudge", str(self.folder), "--silence")
        self.assertEqual((code, text), (0, "1 scenarios judged as of subjects that fall silent, 0 passes by silence\n"))
        code, text = self.judged(target, "--only", "rfc3261/s18_3/stream-together")
        self.assertEqual((code, list(self.results().values())), (0, ["pass"]), text)
        self.assertEqual(len(list((self.folder / "evidence/live").iterdir())), 1)

    def test_silent_subject(self) -> None:
        """Who answers nothing passes nothing: in some scenarios here, in all in ``mutants --live``."""
        adapter = Path(self.mktemp())
        adapter.write_text(MUTE, encoding="utf-8")
        code, text = self.judged(f"exec:{sys.executable} {adapter}", "--scenario", "user-agent/c*")
        self.assertNotEqual(code, 0, text)
        self.assertNotIn("pass", self.results().values())
        self.assertNotIn("harness-error", self.results().values())

    def roleless(self, *roles: str) -> str:
        """The path of an adapter that claims these roles, and starts no node of them."""
        adapter = Path(self.mktemp())
        adapter.write_text(ROLELESS % list(roles), encoding="utf-8")
        return str(adapter)

    def test_role_that_does_not_start(self) -> None:
        """A claimed role that is not done is told to be not run; one in which the subject fails to start is no success."""
        target = f"exec:{sys.executable} {self.roleless('registrar', 'notifier')}"
        only = ("--only", "rfc3261/s10_*", "--only", "rfc6665/s04_*")
        code, text = self.call("run", "--target", target, *only, "--report", str(self.folder))
        self.assertEqual(code, 3, text)
        self.assertIn("not run: role registrar: claimed, but not done", text)
        self.assertIn("the subject does not start as notifier", text)
        self.assertNotIn("the subject does not start as registrar", text)

    def test_role_of_the_file(self) -> None:
        """A role that the file of a subject claims is judged: neither silence in its hello nor `unsupported` takes it away."""
        file = Path(self.mktemp() + ".toml")
        command = json.dumps(["{python}", self.roleless("codec")])
        file.write_text(f'name = "one"\ncommands = [{command}]\n[claims]\nroles = ["registrar"]\n', encoding="utf-8")
        code, text = self.call("run", "--subject", str(file), "--only", "rfc3261/s10_*", "--report", str(self.folder))
        self.assertEqual(code, 3, text)
        self.assertIn("the subject does not start as registrar", text)

    def test_trigger_of_the_file(self) -> None:
        """What a subject does not do is not applicable, unless its file claims the role."""
        file = Path(self.mktemp() + ".toml")
        only = ("--only", "rfc6665/s04_1_2/refreshed", "--report", str(self.folder))
        for claims, wanted in (("", "not-applicable"), ('roles = ["user-agent"]', "harness-error")):
            command = json.dumps(["{python}", str(SAMPLE)])
            file.write_text(f'name = "one"\ncommands = [{command}]\n[claims]\n{claims}\n', encoding="utf-8")
            code, text = self.call("run", "--subject", str(file), *only)
            self.assertEqual(code, 3 if claims else 2, text)
            self.assertEqual(self.results()["rfc6665/s04_1_2/refreshed"], wanted)

    def test_misuse(self) -> None:
        """Unknown roles, scenarios and scales are misuse; a role that the adapter does not do is a fault of the target."""
        target = f"exec:{sys.executable} {SAMPLE}"
        for words in (["--scenario", "user-agent/nothing"], ["--timescale", "0"], ["--role", "codec"]):
            self.assertEqual(self.judged(target, *words)[0], 2, words)
        code, text = self.call("run", "--target", target, "--role", "registrar", "--report", str(self.folder))
        self.assertEqual(code, 3)
        self.assertIn("does not do node.start", text)
        self.assertEqual(self.call("run", "--target", "sip:udp:127.0.0.1:9", "--trigger", "a {b}")[0], 2)

    def test_listed(self) -> None:
        """``list --scenarios`` names them, and the checks that each decides."""
        code, text = self.call("list", "--scenarios", "--json")
        rows = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(code, 0)
        together = next(row for row in rows if row["id"] == "user-agent/stream-together")
        self.assertEqual(together["checks"], "rfc3261/s18_3/stream-together")
