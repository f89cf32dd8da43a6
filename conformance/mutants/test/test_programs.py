"""The unbroken subject of the mutants that are programs: what kills them holds for it."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.mutants.broken import wanted
from conformance.mutants.patched import Mutant, load_mutants
from conformance.mutants.programs import try_programs
from conformance.run.model import Verdict


def breaks(role: str) -> tuple[Mutant, ...]:
    """Those of one role."""
    return load_mutants(places.mutants() / "live" / f"{role}-certificates.toml")


class Unbroken(SynchronousTestCase):
    """The same programs without their breaks, over the same sockets."""

    def check(self, role: str, section: str) -> None:
        """Every check of a section that a mutant of the role is aimed at is passed."""
        some = breaks(role)
        aimed = {identity for one in some for identity in one.kills if section in identity}
        whole = replace(some[0], patches=(), kills=tuple(aimed))
        results, trouble = try_programs(whole, wanted(whole))
        self.assertEqual(trouble, "")
        found = {one.id: one.verdict for one in results if one.id in aimed}
        self.assertEqual(found, dict.fromkeys(aimed, Verdict.PASS))


class RegistrarTests(Unbroken):
    """Tried here; ``thorough_programs`` tries a user agent."""

    def test_registrar(self) -> None:
        """Certificates of clients, its own, and the old suite."""
        self.check("registrar", "/s26_")
