"""``disco-conformance coverage``: the coverage of the clauses, and the committed tables."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conformance import places
from conformance.clauses import Register, load_registers
from conformance.coverage.citations import Citations, collect
from conformance.coverage.tables import coverage_table, interpretations_page, section_index, summary
from conformance.errata import load_errata


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--root", type=Path, help="the checkout (default: the folder you stand in, or where this runs from)"
    )
    parser.add_argument("--write", action="store_true", help="write docs/coverage/*.tsv and docs/section-index.md")
    parser.add_argument("--check", action="store_true", help="compare with what is committed, and check every cited id")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print, write or compare; 1 where a table is stale or a cited clause does not exist, 2 outside a checkout."""
    here = Path.cwd() if is_checkout(Path.cwd()) else places.PACKAGE.parent
    root: Path = arguments.root or here
    if not is_checkout(root):
        print(f"{root} is no checkout of this project; name one with --root", file=sys.stderr)
        return 2
    register, citations = load_registers(), collect(root)
    wrong = problems(register, citations)
    files = tables(register, citations)
    if arguments.write:
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    if arguments.check:
        wrong += [f"{name} is stale: run `disco-conformance coverage --write`" for name in stale(root, files)]
    if arguments.json:
        print(json.dumps(dict(summary(register, citations)), indent=1))
    else:
        _print(register, citations)
    for one in wrong:
        print(one, file=sys.stderr)
    return 1 if wrong else 0


def is_checkout(folder: Path) -> bool:
    """Whether the sources of this project lie in a folder."""
    return (folder / "setup.cfg").is_file() and (folder / "conformance" / "registers").is_dir()


def tables(register: Register, citations: Citations) -> dict[str, str]:
    """The committed files by their path in the checkout."""
    files = {
        f"docs/coverage/{spec}.tsv": coverage_table(register, citations, spec)
        for spec in sorted(register.specifications)
    }
    files["docs/section-index.md"] = section_index(register, citations)
    files["docs/interpretations.md"] = interpretations_page(load_errata())
    return files


def stale(root: Path, files: dict[str, str]) -> list[str]:
    """The committed files that are not what would be written now."""
    return [
        name
        for name, text in files.items()
        if not (root / name).is_file() or (root / name).read_text(encoding="utf-8") != text
    ]


def problems(register: Register, citations: Citations) -> list[str]:
    """Citations of clauses that do not exist."""
    found = []
    for identity, kinds in citations.places.items():
        trouble = register.problem(identity)
        if trouble and not any(row.startswith(identity) and row[len(identity) :].isalpha() for row in register.rows):
            found.append(
                f"{trouble}; cited in {', '.join(sorted(place for places_ in kinds.values() for place in places_))}"
            )
    return sorted(found)


def _print(register: Register, citations: Citations) -> None:
    rows = summary(register, citations)
    table = Table("of")
    for grade in rows[0][1] if rows else ():
        table.add_column(grade, justify="right")
    for spec, counts in rows:
        table.add_row(spec, *(str(count) for count in counts.values()))
    Console().print(table)
