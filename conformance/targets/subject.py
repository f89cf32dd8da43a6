"""Known subjects: how to start them, what they claim, which failures are expected of them.

A subject is a file ``subjects/<name>.toml``, a broken one ``mutants/<name>.toml``::

    name = "disco_ref"
    what = "the reference of this project"
    own = true                                  # its agreement with us proves nothing by itself
    commands = [["disco-ref", "adapter"], ["{python}", "-m", "disco_ref.shell.command", "adapter"]]

    [claims]
    roles = ["codec", "user-agent"]             # judged in them even where its hello does not claim them
    formats = ["reload.struct", "sip.header"]   # for these "unsupported" is a failure

    [[expect]]                                  # as in an expectations file
    id = "sip/header/via/port-zero"
    reason = "..."

A mutant also has ``breaks`` (one sentence) and ``touches`` (patterns of the ids that its fault touches).  Of ``commands``
the first that can be found is used; a bare name is looked for beside the interpreter, then on the path.
"""

from __future__ import annotations

import os
import shutil
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from conformance import places
from conformance.errors import Misuse, SuiteFault, TargetFault
from conformance.run.expectations import Expectation, read_expectations


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSubject:
    """A subject of which the suite knows how to start it."""

    name: str
    what: str
    commands: tuple[tuple[str, ...], ...]
    own: bool = False
    roles: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    breaks: str = ""
    touches: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """The command line of the first way to start it that exists here; raises TargetFault."""
        for command in self.commands:
            found = _find(command)
            if found:
                return found
        tried = "; ".join(" ".join(command) for command in self.commands)
        raise TargetFault(f"the subject {self.name} is not installed here; tried: {tried}")

    @property
    def environment(self) -> Mapping[str, str]:
        """What its interpreter needs to find the modules that this one finds, in a checkout too."""
        paths = (str(places.PACKAGE.parent), os.environ.get("PYTHONPATH", ""))
        return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _find(command: Sequence[str]) -> list[str] | None:
    first, *rest = command
    if first == "{python}":
        if rest[:1] == ["-m"] and not _importable(rest[1]):
            return None
        return [sys.executable, *rest]
    beside = Path(sys.executable).parent / first
    if "/" not in first and beside.is_file():
        return [str(beside), *rest]
    found = shutil.which(first)
    return [found, *rest] if found else None


def _importable(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def load_subject(path: Path) -> KnownSubject:
    """Read a subject's file; raises SuiteFault where it breaks the form above."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misuse(f"there is no subject {path.stem!r}; `disco-conformance list --subjects` has them") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SuiteFault(f"{path.name}: {error}") from None
    commands = tables.get("commands")
    well = isinstance(commands, list) and all(isinstance(words, list) and words for words in commands)
    if not well or not commands:
        raise SuiteFault(f"{path.name}: `commands` is a list of command lines, each a list of words")
    claims: Mapping[str, Sequence[str]] = tables.get("claims", {})
    return KnownSubject(
        name=str(tables.get("name", path.stem)),
        what=str(tables.get("what", "")),
        commands=tuple(tuple(map(str, words)) for words in commands),
        own=tables.get("own") is True,
        roles=tuple(claims.get("roles", ())),
        formats=tuple(claims.get("formats", ())),
        expectations=read_expectations(tables, path.name),
        breaks=str(tables.get("breaks", "")),
        touches=tuple(tables.get("touches", ())),
    )


def load_folder(folder: Path) -> tuple[KnownSubject, ...]:
    """Every subject of a folder, by file name."""
    return tuple(load_subject(path) for path in sorted(folder.glob("*.toml")))
