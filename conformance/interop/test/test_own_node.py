"""How a node of the reference is started by the harness."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.interop.own_node import main


class OwnNodeTests(SynchronousTestCase):
    """The file of the node, and what is run."""

    def started(self, document: str, *more: str) -> tuple[dict[str, object], list[str]]:
        """What stands in the file, and the words of the program."""
        ran: list[list[str]] = []
        self.patch(os, "execv", lambda _, words: ran.append(words))
        with tempfile.TemporaryDirectory() as name:
            configuration = Path(name) / "configuration.xml"
            configuration.write_text(document)
            main([str(configuration), "identity.pem", "[::1]:6084", "tls", "true", name, *more])
            return tomllib.loads((Path(name) / "node.toml").read_text("utf-8")), ran[0][1:]

    def test_a_node_over_both_transports(self) -> None:
        """Whatever is judged."""
        file, words = self.started("<no-ice>true</no-ice>")
        self.assertEqual(file["listen"], ["tls [::1]:6084", "dtls [::1]:6084"])
        self.assertEqual((file["identity"], file["first"]), ("identity.pem", True))
        self.assertEqual(words[:4], ["-m", "disco_ref.shell.command", "node", "--config"])

    def test_ice_where_the_overlay_wants_it(self) -> None:
        """By the document."""
        self.assertEqual(self.started("<no-ice>false</no-ice>")[0]["listen"], ["ice [::1]:6084"])

    def test_a_broken_one(self) -> None:
        """By a file of mutants and a name."""
        words = self.started("", "peer-sockets.toml", "some-break")[1]
        self.assertEqual(
            words[:5],
            ["-m", "conformance.mutants.patched", "peer-sockets.toml", "some-break", "disco_ref.shell.command"],
        )

    def test_words_that_are_missing(self) -> None:
        """Said, and nothing is run."""
        self.assertEqual(main(["configuration.xml"]), 2)
