"""The struct texts under ``schemas/``, as published and as corrected.

Corrections are data: each names what is printed and what is read instead, and why.  A
correction that does not find its place exactly once is an error of ours, never passed over.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from conformance import places
from conformance.draft.structs import by_section

SCHEMAS = places.schemas()
"""Where the struct texts lie, in the checkout and in the installed package."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One change to a published text: the section, what is printed, what is read, and why."""

    id: str
    section: str
    published: str
    corrected: str
    reason: str


@dataclass(frozen=True, slots=True)
class Amendments:
    """All that a specification's struct text needs besides itself.

    ``counts`` maps (struct, field) to what the field counts: ``rest`` or ``message``;
    ``forms`` maps a struct to (mask of its first byte, name of its other form).
    """

    corrections: tuple[Correction, ...]
    additions: tuple[tuple[str, str], ...]
    counts: dict[tuple[str, str], str]
    forms: dict[str, tuple[int, str]]


def published(specification: str) -> str:
    """The struct text of a specification as it was published."""
    return (SCHEMAS / specification / "structs.txt").read_text("utf-8")


def amendments(specification: str) -> Amendments:
    """The corrections of a specification's struct text; none where no file says so."""
    path = SCHEMAS / specification / "structs-corrections.toml"
    table = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    return Amendments(
        corrections=tuple(Correction(**entry) for entry in table.get("correction", [])),
        additions=tuple((entry["section"], entry["text"]) for entry in table.get("addition", [])),
        counts={(entry["struct"], entry["field"]): entry["counts"] for entry in table.get("count", [])},
        forms={entry["struct"]: (entry["mask"], entry["other"]) for entry in table.get("form", [])},
    )


def corrected(specification: str) -> str:
    """The struct text with its corrections and additions applied."""
    return "\n".join(_corrected(published(specification), amendments(specification)))


def _corrected(text: str, changes: Amendments) -> Iterator[str]:
    open_corrections = list(changes.corrections)
    for section, body in by_section(text):
        for correction in [one for one in open_corrections if one.section == section]:
            pattern = r"\s+".join(re.escape(word) for word in correction.published.split())
            places = list(re.finditer(pattern, body))
            if len(places) != 1:
                raise ValueError(f"correction {correction.id}: {len(places)} places in section {section}, not one")
            body = body[: places[0].start()] + correction.corrected + body[places[0].end() :]
            open_corrections.remove(correction)
        yield f"// section {section}\n\n{body}\n"
    for section, addition in changes.additions:
        yield f"// section {section}: an addition\n\n{addition}\n"
    if open_corrections:
        raise ValueError(f"correction {open_corrections[0].id}: there is no section {open_corrections[0].section}")


def main(arguments: list[str]) -> int:
    """Print the corrected struct text of the specification named, as ``structs-corrected.txt`` holds it."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m conformance.lab.presentation.sources SPECIFICATION\n")
        return 2
    sys.stdout.write(f"// Generated from structs.txt and structs-corrections.toml of {arguments[0]}; do not edit.\n\n")
    sys.stdout.write(corrected(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
