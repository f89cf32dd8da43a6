"""What the operator does: accounts, names, bad Node-IDs, newer configurations."""

from __future__ import annotations

import argparse
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.reload.enrollment.document import read
from disco_ref.reload.enrollment.request import make_request
from disco_ref.reload.enrollment.signing import verify_configuration, verify_kinds
from disco_ref.reload.enrollment.test.overlays import entropy
from disco_ref.reload.security.test.keys import ecdsa_key
from disco_ref.shell.commands.enroll_server import add, run
from disco_ref.shell.enrollment.serving.founding import ROOT, Foundation
from disco_ref.shell.enrollment.serving.office import Office, Policy
from disco_ref.shell.enrollment.serving.overlay import Overlay, now
from disco_ref.shell.enrollment.test.servers import PERIOD
from disco_ref.shell.overlay.kinds import KINDS

NAME = "overlay.example"


class ActionsTest(SynchronousTestCase):
    """The command, without the server that serves."""

    def setUp(self) -> None:
        """An overlay that was made, and one account."""
        self.folder = Path(self.mktemp())
        self.overlay = Overlay(self.parsed("serve"))
        self.overlay.make(8443)
        self.password = Path(self.mktemp())
        self.password.write_bytes(b"secret\n")
        self.done("add-user", "alice", "--password-file", str(self.password))

    def parsed(self, *words: str) -> argparse.Namespace:
        """The options."""
        parser = argparse.ArgumentParser()
        add(parser)
        return parser.parse_args(["--overlay", NAME, "--directory", str(self.folder), "--json", *words])

    def done(self, *words: str) -> list[dict[str, object]]:
        """What a command that succeeds prints."""
        out = io.StringIO()
        with redirect_stdout(out):
            self.assertEqual(run(self.parsed(*words)), 0)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    def refused(self, *words: str) -> tuple[int, str]:
        """Status and complaint of one that does not."""
        errors = io.StringIO()
        with redirect_stderr(errors):
            status = run(self.parsed(*words))
        self.assertEqual(errors.getvalue().count("\n"), 1)
        return status, errors.getvalue()

    def issue(self, name: str | None = None) -> None:
        """A certificate for alice."""
        store, foundation = self.overlay.accounts(), self.overlay.foundation
        office = Office(store, foundation.authority(), foundation.configuration, entropy(str(name)), Policy())
        office.certify("alice", make_request(ecdsa_key(1), name), None, now())
        store.close()

    def names(self) -> dict[str, list[str]]:
        """Names and Node-IDs of alice, as they are listed."""
        found = self.done("list")[0]["names"]
        assert isinstance(found, dict)
        return found

    def bad(self) -> list[str]:
        """The bad Node-IDs of the configuration."""
        return [each.hex() for each in self.overlay.foundation.configuration().bad_node]

    def test_names(self) -> None:
        """Names of any domain are given by the operator, once; the server's own to nobody."""
        self.done("add-name", "alice", "tea@conf.example")
        self.assertEqual(list(self.names()), [f"alice@{NAME}", "tea@conf.example"])
        self.issue("tea@conf.example")
        self.assertEqual(self.refused("add-name", "alice", "TEA@conf.example")[0], 1)
        self.assertEqual(self.refused("add-name", "bob", "x@conf.example")[0], 1)
        self.assertEqual(self.refused("add-name", "alice", f"Configuration-Signer@{NAME}")[0], 1)
        self.assertEqual(self.refused("add-name", "alice")[0], 2)

    def test_accounts(self) -> None:
        """An account is added once, with a legal name and a password out of a file."""
        words = ("--password-file", str(self.password))
        self.assertEqual(self.refused("add-user", "alice", *words)[0], 1)
        self.assertEqual(self.refused("add-user", "a b", *words)[0], 1)
        self.assertEqual(self.refused("add-user", "bob\n", *words)[0], 2)
        self.assertIn("list", self.refused("set-password", "bob", *words)[1])
        self.password.write_bytes(b"\n")
        self.assertEqual(self.refused("add-user", "bob", *words)[0], 2)

    def test_removed(self) -> None:
        """Whoever is removed is let in no more, and the Node-IDs of certificates that hold are bad ones."""
        # = rfc6940:11.1/19 test
        self.issue()
        self.issue(f"tea@{NAME}")
        held = [node_id for each in self.names().values() for node_id in each]
        (told,) = self.done("remove-user", "alice")
        self.assertEqual((told["bad"], self.bad(), len(held)), (held, held, 2))
        self.assertEqual(self.done("list")[0]["lets_in"], False)
        self.assertEqual(self.refused("remove-user", "bob")[0], 2)

    def test_revoked(self) -> None:
        """A Node-ID is called bad, once; something else is none."""
        for _ in range(2):
            self.done("revoke", "ab" * 16)
        self.assertEqual(self.bad(), ["ab" * 16])
        for wrong in ("ab", "xy" * 16):
            self.assertIn("32 hexadecimal digits", self.refused("revoke", wrong)[1])

    def test_updated(self) -> None:
        """A newer configuration says what was asked for, keeps the rest, and is signed by the signer of the one before."""
        # = rfc6940:11.1/37 test
        # = rfc6940:11.1/32 test
        before = self.overlay.foundation.configuration()
        self.done("update", "--bootstrap", "[2001:db8::1]:7000", "--bootstrap", "192.0.2.1", "--self-signed", "sha256")
        (signed,) = read(self.overlay.foundation.document())
        after = signed.configuration
        self.assertEqual(
            [(each.address, each.port) for each in after.bootstrap_node], [("2001:db8::1", 7000), ("192.0.2.1", 6084)]
        )
        self.assertEqual((after.sequence, after.root_cert), ((before.sequence or 0) + 1, before.root_cert))
        verify_configuration(signed, before, now())
        self.assertEqual(len(verify_kinds(signed, now())), len(KINDS))

    def test_found_again(self) -> None:
        """What was made is found again by another process; the root stays, and another overlay does not fit in."""
        root = (self.folder / ROOT).read_bytes()
        again = Foundation(self.folder, PERIOD, now, entropy())
        self.assertEqual(again.configuration(), self.overlay.foundation.configuration())
        Overlay(self.parsed("serve")).make(8443)
        self.assertEqual((self.folder / ROOT).read_bytes(), root)
        self.assertEqual(again.configuration().sequence, 1)
        self.assertIn("another overlay", self.refused("list", "--overlay", "other.example")[1])

    def test_another_port(self) -> None:
        """A server that moves signs a configuration that says so."""
        Overlay(self.parsed("serve", "--host", "server.example")).make(9443)
        configuration = self.overlay.foundation.configuration()
        self.assertEqual(
            (configuration.enrollment_server, configuration.sequence), (("https://server.example:9443/enroll",), 2)
        )

    def test_damaged(self) -> None:
        """A file that somebody damaged is named in one line."""
        (self.folder / "configuration.xml").write_bytes(b"<overlay")
        status, why = self.refused("list")
        self.assertEqual(status, 2)
        self.assertIn("configuration.xml", why)
