"""The unbroken subjects of the mutants of enrolment: what kills them holds for these."""

from __future__ import annotations

from dataclasses import replace

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.mutants.broken import wanted
from conformance.mutants.enrolment import try_enrolment
from conformance.mutants.patched import load_mutants
from conformance.run.model import Verdict


class UnbrokenTests(SynchronousTestCase):
    """The same programs without their breaks."""

    def check(self, role: str, scenarios: tuple[str, ...]) -> None:
        """Every check that these scenarios decide, and a mutant is aimed at, is passed."""
        some = load_mutants(places.mutants() / "live" / f"{role}.toml")
        aimed = {identity for one in some for identity in one.kills}
        whole = replace(some[0], patches=(), kills=tuple(aimed), scenarios=scenarios)
        results, trouble = try_enrolment(whole, wanted(whole))
        self.assertEqual(trouble, "")
        found = {one.id: one.verdict for one in results if one.id in aimed}
        judged = {identity for identity, verdict in found.items() if verdict is not Verdict.NOT_OBSERVABLE}
        self.assertEqual({one: found[one] for one in judged}, dict.fromkeys(judged, Verdict.PASS))
        self.assertGreater(len(judged), 4)

    def test_server(self) -> None:
        """What is certified, and for whom."""
        names = ("document", "enrols", "names", "octets", "strangers")
        self.check("enrollment-server", tuple(f"enrollment-server/{name}" for name in names))

    def test_node(self) -> None:
        """What is asked, and of whom."""
        names = ("enrols", "several", "enrolment-elsewhere")
        self.check("enrolling-node", tuple(f"enrolling-node/{name}" for name in names))
