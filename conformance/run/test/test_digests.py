"""By what a verdict was reached."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.run.digests import digests


class DigestTests(SynchronousTestCase):
    """A part of the suite that changes has another digest, and no other part has."""

    def test_parts(self) -> None:
        """Vectors, registers, schemas and recorded exchanges each count for themselves."""
        root = Path(self.mktemp())
        suffixes = {"vectors": "json", "registers": "toml", "schemas": "xsd", "traces": "pcapng"}
        for name in suffixes:
            (root / name).mkdir(parents=True)
            self.patch(places, name, lambda name=name: root / name)
        for name, suffix in suffixes.items():
            before = digests()
            (root / name / f"one.{suffix}").write_bytes(b"x")
            after = digests()
            self.assertEqual([part for part in before if before[part] != after[part]], [name])
