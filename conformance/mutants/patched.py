"""Starts a subject with a deliberate break: single places of its source are replaced while it is loaded, nothing on disk changes.

``python -m conformance.mutants.patched FILE NAME`` starts what the file says with the patches of one mutant.  A file of
``mutants/live`` has the form::

    run = ["disco_ref.shell.command", "adapter"]    # the module to run as a program, and its arguments
    role = "user-agent"                             # what it plays in virtual time

    [[mutant]]
    name = "bye-to-nobody"                          # never reused
    breaks = "A BYE that matches no dialog is answered with 200"
    kills = ["rfc3261/s15_1_2/unknown-dialog"]      # the checks that must fail it
    scenarios = ["user-agent/stray-requests"]       # where they show it; left out: the scenarios that the checks name

    [[mutant.patch]]
    module = "disco_ref.peer.user_agent"
    old = "status = 481"                            # stands exactly once in the module's source
    new = "status = 200"

With ``sockets = true`` the subject is played with as programs (:mod:`conformance.mutants.programs`), and there can be a second
command line ``mutual``, and a table ``[triggers]`` of them by what they make it do; further words of the command take the place of ``run``.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import runpy
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from conformance.errors import Misuse, SuiteFault


@dataclass(frozen=True, slots=True)
class Patch:
    """One place of a module's source, and what stands there instead."""

    module: str
    old: str
    new: str

    def apply(self, source: str) -> str:
        """The source with the break in it; a SuiteFault where the place is not there exactly once."""
        count = source.count(self.old)
        if count != 1:
            first = self.old.strip().splitlines()[0] if self.old.strip() else ""
            raise SuiteFault(f"{self.module}: {first!r} stands there {count} times; a patch needs it once")
        return source.replace(self.old, self.new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A subject that is broken in one place."""

    name: str
    breaks: str
    """What it does wrong, in one sentence."""
    kills: tuple[str, ...]
    """The ids of the checks that must fail it."""
    patches: tuple[Patch, ...]
    run: tuple[str, ...]
    role: str
    scenarios: tuple[str, ...]
    """The scenarios to be played; empty: those that the checks name."""
    file: Path
    sockets: bool = False
    """Whether it is played with over sockets, as a program."""
    mutual: tuple[str, ...] = ()
    """What runs beside it, where clients are asked for certificates."""
    triggers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command line that starts it."""
        return (sys.executable, "-m", __spec__.name if __spec__ else __name__, str(self.file), self.name)

    def modules(self) -> Mapping[str, tuple[Patch, ...]]:
        """The patches by module."""
        return {
            name: tuple(one for one in self.patches if one.module == name) for name in {p.module for p in self.patches}
        }


def load_mutants(path: Path) -> tuple[Mutant, ...]:
    """The mutants of a file; raises SuiteFault where it breaks the form above."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        mutants = tuple(_mutant(one, tables, path) for one in tables.get("mutant", []))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise SuiteFault(f"{path.name}: {error!r}") from None
    names = [one.name for one in mutants]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SuiteFault(f"{path.name}: used twice: {', '.join(twice)}")
    return mutants


def _mutant(table: Mapping[str, object], tables: Mapping[str, object], path: Path) -> Mutant:
    patches, kills, run, played = table["patch"], table["kills"], tables["run"], table.get("scenarios", [])
    mutual, triggers = tables.get("mutual", []), tables.get("triggers", {})
    if not isinstance(mutual, list) or not isinstance(triggers, dict):
        raise SuiteFault(f"{path.name}: `mutual` is a list, `triggers` a table")
    if not isinstance(run, list) or not isinstance(played, list):
        raise SuiteFault(f"{path.name}: `run` and `scenarios` are lists")
    if not isinstance(patches, list) or not isinstance(kills, list) or not patches or not kills:
        raise SuiteFault(
            f"{path.name}: {table.get('name')}: needs at least one patch and one check that it is killed by"
        )
    return Mutant(
        name=str(table["name"]),
        breaks=str(table["breaks"]),
        kills=tuple(map(str, kills)),
        patches=tuple(Patch(str(one["module"]), str(one["old"]), str(one["new"])) for one in patches),
        run=tuple(map(str, run)),
        role=str(tables["role"]),
        scenarios=tuple(map(str, played)),
        file=path,
        sockets=tables.get("sockets") is True,
        mutual=tuple(map(str, mutual)),
        triggers={str(do): tuple(map(str, words)) for do, words in triggers.items()},
    )


class _Breaking(importlib.abc.MetaPathFinder):
    """Finds the modules to be broken before anybody else does."""

    def __init__(self, patches: Mapping[str, tuple[Patch, ...]]) -> None:
        self._patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self._patches:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or spec.origin is None:
            raise SuiteFault(f"there is no module {fullname} to be broken")
        spec.loader = _Broken(fullname, spec.origin, self._patches[fullname])
        return spec


class _Broken(importlib.machinery.SourceFileLoader):
    """Loads a module from its patched source, never from a cache."""

    def __init__(self, fullname: str, path: str, patches: Sequence[Patch]) -> None:
        super().__init__(fullname, path)
        self._patches = patches

    def get_code(self, fullname: str) -> object:  # type: ignore[override]
        source = Path(self.path).read_text(encoding="utf-8")
        for patch in self._patches:
            source = patch.apply(source)
        return compile(source, self.path, "exec", dont_inherit=True)


def main(arguments: Sequence[str]) -> None:
    """Run one mutant in place of this process's program."""
    if len(arguments) < 2:
        raise Misuse("expected a file of mutants and the name of one")
    found = [one for one in load_mutants(Path(arguments[0])) if one.name == arguments[1]]
    if not found:
        raise Misuse(f"{arguments[0]} has no mutant {arguments[1]!r}")
    mutant = found[0]
    sys.meta_path.insert(0, _Breaking(mutant.modules()))
    sys.argv = list(arguments[2:] or mutant.run)
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
