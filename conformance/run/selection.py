"""Choosing checks: by pattern of id, clause, specification, level, format, role or kind."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar

from conformance.errors import Misuse
from conformance.run.model import Level


class Selectable(Protocol):
    """What a selection looks at: a case or a result."""

    @property
    def id(self) -> str:
        """The check's id."""

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses it decides."""

    @property
    def level(self) -> Level:
        """How strongly it binds."""

    @property
    def format(self) -> str:
        """The format it is about."""

    @property
    def role(self) -> str:
        """The role it is about."""

    @property
    def kind(self) -> str:
        """``valid``, ``invalid``, ``canonical``, ``capture`` or ``document``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What was asked for; an empty member selects everything, several members narrow each other."""

    only: tuple[str, ...] = ()
    """Patterns of ids, with ``*`` and ``?``; a name without a wildcard also selects what lies below it."""
    clause: tuple[str, ...] = ()
    """Patterns of clause ids; ``rfc6940:6.3.2`` selects the section and its subsections."""
    spec: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The options again, as they would be typed."""
        words = (f"--{one.name} {word!r}" for one in fields(self) for word in getattr(self, one.name))
        return " ".join(words).replace("'", '"')

    def choose(self, cases: Sequence[AnyCase]) -> list[AnyCase]:
        """The cases selected, in their order; raises Misuse for a word that selects nothing, and for nothing at all."""
        chosen = list(cases)
        for one in fields(self):
            words: tuple[str, ...] = getattr(self, one.name)
            matches = _MATCHES[one.name]
            for word in words:
                if not any(matches(case, word) for case in cases):
                    raise Misuse(f"--{one.name} {word}: no check matches; {_known(one.name, word, cases)}")
            if words:
                chosen = [case for case in chosen if any(matches(case, word) for word in words)]
        if not chosen:
            raise Misuse("nothing is selected" if str(self) else "the suite has no checks")
        return chosen


AnyCase = TypeVar("AnyCase", bound=Selectable)


def _below(name: str, word: str, joint: str) -> bool:
    return name == word or fnmatchcase(name, word) or name.startswith(word.rstrip(joint) + joint)


def _clause(case: Selectable, word: str) -> bool:
    return any(_below(one, word, "/") or _below(one, word, ".") or _below(one, word, ":") for one in case.clauses)


def _among(values: Iterable[str], word: str) -> bool:
    return any(fnmatchcase(value, word) for value in values)


def _known(option: str, word: str, cases: Iterable[Selectable]) -> str:
    """What could have been meant: the words that an option has, or ids that are near."""
    if option == "clause":
        return "`disco-conformance show SECTION` has what is known of one, such as rfc3261:8.1.1"
    if option == "only":
        near = difflib.get_close_matches(word, [case.id for case in cases], n=3)
        return f"near it: {', '.join(near)}" if near else "`disco-conformance list` and `list --captures` have the ids"
    words = {clause.partition(":")[0] for case in cases for clause in case.clauses} if option == "spec" else {
        str(case.level.value if option == "level" else getattr(case, option)) for case in cases
    }  # fmt: skip
    return f"known are {', '.join(sorted(words))}"


_MATCHES: dict[str, Callable[[Selectable, str], bool]] = {
    "only": lambda case, word: _below(case.id, word, "/"),
    "clause": _clause,
    "spec": lambda case, word: _among((one.partition(":")[0] for one in case.clauses), word),
    "level": lambda case, word: case.level.value == word.upper(),
    "format": lambda case, word: _among((case.format,), word),
    "role": lambda case, word: _among((case.role,), word),
    "kind": lambda case, word: _among((case.kind,), word),
}
