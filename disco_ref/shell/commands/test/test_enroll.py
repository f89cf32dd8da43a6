"""Tests of ``disco-ref enroll-server`` and ``disco-ref enroll``: both as programs, and what they refuse."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import disco_ref
from disco_ref.disco.registration import DISCO_REGISTRATION
from disco_ref.notation.context import DataModel
from disco_ref.reload.registries import AccessPolicy
from disco_ref.shell.command import main
from disco_ref.shell.enrollment.member.wallet import Wallet
from disco_ref.shell.overlay.kinds import NOTE

ROOT = Path(disco_ref.__file__).parent.parent
NAME = "overlay.example"


def told(*words: str) -> tuple[int, str, str]:
    """Exit status, output and complaints of a command that ends by itself."""
    out, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(errors):
        status = main(words)
    return status, out.getvalue(), errors.getvalue()


class ProgramsTest(SynchronousTestCase):
    """A new overlay, and its first member."""

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A program, started."""
        command = [sys.executable, "-m", "disco_ref.shell.command", *words]
        environment = {**os.environ, "PYTHONWARNDEFAULTENCODING": "", "PYTHONPATH": str(ROOT)}
        program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
        self.addCleanup(program.communicate, timeout=10)
        self.addCleanup(program.kill)
        return program

    def test_from_nothing(self) -> None:
        """One command makes and serves an overlay; an account is added while it runs; a member enrols, twice the same."""
        folder = Path(self.mktemp()).absolute()
        folder.mkdir()
        (folder / "password").write_text("a secret\n", encoding="ascii")
        secret = ["--password-file", str(folder / "password")]
        overlay = ["--overlay", NAME, "--directory", str(folder / "server")]
        server = self.start("enroll-server", *overlay, "--port", "0", "--json")
        assert server.stdout is not None
        serving = json.loads(server.stdout.readline())
        self.assertEqual((serving["event"], serving["overlay"]), ("serving", NAME))
        self.assertEqual(told("enroll-server", *overlay, *secret, "add-user", "alice")[0], 0)
        self.assertEqual(told("enroll-server", *overlay, "--bootstrap", "127.0.0.1", "update")[0], 0)
        words = ["enroll", NAME, "--url", serving["url"], "--ca", serving["ca"], "--user", "alice", *secret, "--json"]
        member = self.start(*words, "--directory", str(folder / "member"))
        out, errors = member.communicate(timeout=20)
        self.assertEqual((member.returncode, errors), (0, ""))
        enrolled = json.loads(out)
        self.assertEqual((enrolled["user"], enrolled["overlay"]), (f"alice@{NAME}", NAME))
        self.check(folder / "member", enrolled)
        self.check_secrets(server, folder)

    def check(self, folder: Path, enrolled: dict[str, object]) -> None:
        """What a node finds: its overlay with all Kinds, its identity."""
        overlay, identity = Wallet(folder).member(NAME)
        self.assertEqual(enrolled["node_ids"], [identity.node_id.hex()])
        self.assertEqual([each.address for each in overlay.configuration.bootstrap_node], ["127.0.0.1"])
        self.assertEqual(set(overlay.kinds), {1, 3, 16, DISCO_REGISTRATION, NOTE})
        kind = overlay.kinds[DISCO_REGISTRATION]
        self.assertEqual((kind.data_model, kind.access_control), (DataModel.dictionary, AccessPolicy.USER_MATCH))

    def check_secrets(self, server: subprocess.Popen[str], folder: Path) -> None:
        """Keys and accounts are for nobody else to read, and no secret stands in the log."""
        server.terminate()
        _, log = server.communicate(timeout=10)
        self.assertIn("'alice': a certificate is issued", log)
        self.assertNotIn("a secret", log)
        for name in (
            "server/root.pem",
            "server/signer.pem",
            "server/tls.pem",
            "server/accounts.sqlite",
            "member/own.pem",
        ):
            self.assertEqual(stat.S_IMODE((folder / name).stat().st_mode), 0o600, name)
        self.assertNotIn(b"a secret", (folder / "server" / "accounts.sqlite").read_bytes())


class MisuseTest(SynchronousTestCase):
    """What makes no sense is said in one line."""

    def test_server(self) -> None:
        """No overlay yet, no name of one, no password, no address: each says what to do."""
        folder = self.mktemp()
        cases = {
            (
                "--overlay",
                NAME,
                "add-user",
                "alice",
            ): "make one with: disco-ref enroll-server --overlay overlay.example",
            ("--overlay", "a b", "list"): "looks like overlay.example",
            ("--overlay", NAME, "--bootstrap", "nowhere", "update"): "expected an address",
            ("--overlay", NAME, "--bootstrap", "127.0.0.1:99999", "update"): "port below 65536",
        }
        for words, expected in cases.items():
            status, _, errors = told("enroll-server", "--directory", folder, *words)
            self.assertEqual((status, errors.count("\n")), (2, 1), errors)
            self.assertIn(expected, errors)

    def test_member(self) -> None:
        """A password that is nowhere, authorities that are none, a name that is no overlay's: status 2 and one line."""
        cases = {
            ("overlay example",): "looks like overlay.example",
            (NAME, "--ca", "none.pem"): "none.pem",
            (NAME, "--user", "alice", "--password-file", "none.txt"): "none.txt",
        }
        for words, expected in cases.items():
            status, _, errors = told("enroll", *words)
            self.assertEqual((status, errors.count("\n")), (2, 1), errors)
            self.assertIn(expected, errors)

    def test_help(self) -> None:
        """Both explain themselves with examples."""
        for verb in ("enroll-server", "enroll"):
            out = io.StringIO()
            with redirect_stdout(out):
                self.assertRaises(SystemExit, main, [verb, "--help"])
            self.assertIn("examples:", out.getvalue())
