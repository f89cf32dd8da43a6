"""The breaks of the live mutants: each place that they break is there, and what comes of it can be compiled."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.errors import SuiteFault
from conformance.live.scenario import ROLES
from conformance.live.verdicts.judging import chosen_checks
from conformance.mutants.broken import wanted
from conformance.mutants.patched import Mutant, Patch, load_mutants

ROOT = places.PACKAGE.parent


def mutants() -> list[Mutant]:
    """All that come with the suite."""
    return [one for path in sorted((places.mutants() / "live").glob("*.toml")) for one in load_mutants(path)]


class PatchTests(SynchronousTestCase):
    """One place."""

    def test_once(self) -> None:
        """A place has to be there once."""
        patch = Patch("m", "a = 1", "a = 2")
        self.assertEqual(patch.apply("a = 1\n"), "a = 2\n")
        for source in ("b = 1\n", "a = 1\na = 1\n"):
            with self.subTest(source), self.assertRaises(SuiteFault):
                patch.apply(source)


class LiveMutantTests(SynchronousTestCase):
    """Those that come with the suite."""

    def test_names(self) -> None:
        """No two of one role have one name."""
        names = [(one.role, one.name) for one in mutants()]
        self.assertEqual(len(names), len(set(names)))

    def test_places(self) -> None:
        """Every place is there, and the broken module is Python still."""
        for one in mutants():
            for module, patches in one.modules().items():
                source = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text(encoding="utf-8")
                with self.subTest(f"{one.name} in {module}"):
                    for patch in patches:
                        source = patch.apply(source)
                    compile(source, module, "exec", dont_inherit=True)

    def test_checks(self) -> None:
        """Each is aimed at checks of its role that some scenario can show."""
        for one in mutants():
            with self.subTest(one.name):
                self.assertTrue(wanted(one))

    def test_aimed(self) -> None:
        """At each check that needs a scenario a break is aimed: one that no broken subject fails may be unable to fail."""
        aimed = {identity for one in mutants() for identity in one.kills}
        self.assertEqual([one.id for one in chosen_checks(ROLES) if one.scenarios and one.id not in aimed], [])
