"""Writing a clause register: rows by hand, level and digest from the text.

``python -m conformance.draft.register --spec rfc6940 --text rfc6940.txt rows.tsv`` prints the register.  A row
has six fields separated by tabs: clause id, role bound, how it can be observed, triage, our paraphrase, reason.  Without
rows it prints the rows that are still to be written, sentence by sentence, on the terminal of whoever holds the text.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from conformance.draft.clauses import Clause, clauses
from conformance.draft.text import Text, read_text

ROLES = (
    "node", "peer", "client", "overlay", "enrollment-server", "certificate-authority", "storing-peer", "application",
    "user-agent", "uac", "uas", "registrar", "proxy", "subscriber", "notifier", "focus", "participant", "offerer", "answerer",
    "sender", "receiver", "transport", "specification", "implementation",
)  # fmt: skip
OBSERVE = ("wire", "adapter", "document", "not-observable", "other-side")
TRIAGE = ("check", "live", "unobservable", "other-side", "option", "process", "definition")
"""``check``: judged in this release; ``live``: needs a subject on the wire; ``option``: a permission that cannot be broken;
``process``: binds authors, registries or operators; ``definition``: stands for a section's layout or grammar."""


class Row(NamedTuple):
    """What a person writes about a clause."""

    id: str
    role: str
    observe: str
    triage: str
    text: str
    reason: str


def read_rows(path: Path) -> list[Row]:
    """Rows of a tab-separated file; SystemExit with every fault where one is unusable."""
    rows, faults = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        row = Row(*(fields + [""] * 6)[:6])
        if len(fields) not in (5, 6):
            faults.append(f"{path.name}:{number}: {len(fields)} fields, not 5 or 6")
        if row.role not in ROLES:
            faults.append(f"{path.name}:{number}: role {row.role!r} is none of {', '.join(ROLES)}")
        if row.observe not in OBSERVE:
            faults.append(f"{path.name}:{number}: observe {row.observe!r} is none of {', '.join(OBSERVE)}")
        if row.triage not in TRIAGE:
            faults.append(f"{path.name}:{number}: triage {row.triage!r} is none of {', '.join(TRIAGE)}")
        if len(row.text) < 10:
            faults.append(f"{path.name}:{number}: the paraphrase is missing")
        if row.triage != "check" and not row.reason:
            faults.append(f"{path.name}:{number}: triage {row.triage} needs a reason")
        rows.append(row)
    if faults:
        raise SystemExit("\n".join(faults))
    return rows


def quoted(text: str) -> str:
    """A basic string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def render(rows: list[Row], known: dict[str, Clause], text: Text | None) -> str:
    """The ``[[clause]]`` tables of a register, in the order of the rows."""
    titles = {section.number: section.title for section in text.sections} if text else {}
    out: list[str] = []
    for row in rows:
        section = row.id.partition(":")[2].rpartition("/")[0]
        clause = known.get(row.id)
        level = clause.level if clause else "DEFINITION"
        out += ["[[clause]]", f"id = {quoted(row.id)}", f"level = {quoted(level)}", f"role = {quoted(row.role)}"]
        out += [f"section = {quoted(section)}"]
        if section in titles:
            out += [f"title = {quoted(titles[section])}"]
        out += [f"text = {quoted(row.text)}"]
        if clause:
            out += [f"digest = {quoted(clause.digest)}"]
        out += [f"observe = {quoted(row.observe)}", f"triage = {quoted(row.triage)}"]
        if row.reason:
            out += [f"reason = {quoted(row.reason)}"]
        out += [""]
    return "\n".join(out)


def main() -> int:
    """Print a register, or what is missing from one."""
    parser = argparse.ArgumentParser(prog="python -m conformance.draft.register", description=__doc__)
    parser.add_argument("--spec", required=True, help="the specification's short name, such as rfc6940")
    parser.add_argument("--text", required=True, type=Path, help="its text")
    parser.add_argument("rows", nargs="?", type=Path, help="rows written by hand")
    arguments = parser.parse_args()
    text = read_text(arguments.text.read_text(encoding="utf-8", errors="replace"))
    known = {clause.id: clause for clause in clauses(text, arguments.spec)}
    if arguments.rows is None:
        for clause in known.values():
            print(f"{clause.id}\t{clause.level}\tline {clause.line}\t{clause.sentence}")
        return 0
    rows = read_rows(arguments.rows)
    wrong = [row.id for row in rows if row.id not in known and not row.id.endswith("/0")]
    if wrong:
        raise SystemExit(f"no such clause in the text: {', '.join(wrong)}")
    print(render(rows, known, text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
