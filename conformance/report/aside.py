"""What was not run, told once for each reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from conformance.run.model import NotRun

FEW = 2
"""As many are told one by one."""


class Aside(NamedTuple):
    """Things that were not run for one reason."""

    what: str
    """The thing, or how many there are."""
    why: str
    adds: str
    each: tuple[str, ...] = ()
    """The things, where there are more than a few."""

    @property
    def names(self) -> tuple[str, ...]:
        """The things without what explains them."""
        return tuple(one.partition(" (")[0].removeprefix("the rest of ").removeprefix("scenario ") for one in self.each)


def gathered(not_run: Iterable[NotRun]) -> list[Aside]:
    """By reason, in the order in which the reasons come first."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in not_run:
        reasons.setdefault((one.why, one.adds), []).append(one.what)
    found: list[Aside] = []
    for (why, adds), things in reasons.items():
        if len(things) <= FEW:
            found += [Aside(thing, why, adds) for thing in things]
            continue
        rest = all(thing.startswith("the rest of ") for thing in things)
        found.append(Aside(f"{'the rest of ' if rest else ''}{len(things)} scenarios" if _scenarios(things) else
                           f"{len(things)} things", why, adds, tuple(things)))  # fmt: skip
    return found


def _scenarios(things: Iterable[str]) -> bool:
    return all(thing.removeprefix("the rest of ").startswith("scenario ") for thing in things)
