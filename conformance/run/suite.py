"""The suite as it stands: registers, errata, vectors and recordings, and the cases made of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from conformance import places
from conformance.checks.codec import VectorCase, cases, narrowed
from conformance.checks.recorded import recorded_vectors
from conformance.clauses import Register, load_registers
from conformance.errata import Entry, load_errata
from conformance.errors import Misuse
from conformance.vectors import Vector, load_vectors


@dataclass(frozen=True, slots=True)
class Suite:
    """Everything a run judges by."""

    register: Register
    errata: Mapping[str, Entry]
    vectors: Mapping[str, Vector]
    """Those of the suite and those made of recorded messages."""
    off: frozenset[str] = frozenset()
    """Errata and interpretations that are turned off."""

    def cases(self, claimed: Sequence[str] = (), headers: Collection[str] = ()) -> list[VectorCase]:
        """Every case that holds under the errata in force.

        Of ``claimed`` formats every command is expected; ``headers`` are the SIP header fields that a
        subject takes apart, all where there are none.
        """
        vectors = {identity: narrowed(vector, headers) for identity, vector in self.vectors.items()}
        built = cases(vectors, frozenset(claimed))
        return [case for case in built.values() if not self.off.intersection(case.errata)]

    def switched_off(self) -> list[VectorCase]:
        """The cases that rest on an erratum that is turned off."""
        return [case for case in cases(self.vectors).values() if self.off.intersection(case.errata)]


def load_suite(without: Sequence[str] = ()) -> Suite:
    """Load and check the suite; raises SuiteFault, and Misuse for an erratum that does not exist."""
    register, errata = load_registers(), load_errata()
    for identity in without:
        if identity not in errata:
            raise Misuse(f"--without-erratum {identity}: no such entry; `disco-conformance list --errata` has them")
    of_ours = places.shipped(places.vectors()) and places.shipped(places.traces())
    vectors = _shipped(places.vectors()) if of_ours else _read(register, errata)
    return Suite(register, errata, vectors, frozenset(without))


@lru_cache(maxsize=1)
def _shipped(_folder: Path) -> Mapping[str, Vector]:
    return _read(load_registers(), load_errata())


def _read(register: Register, errata: Mapping[str, Entry]) -> Mapping[str, Vector]:
    return {**load_vectors(register, errata or None), **recorded_vectors()}
