"""Writing a clause register: rows by hand, level and digest from the text.

``python -m conformance.draft.register --spec rfc6940 --text rfc6940.txt rows.tsv`` prints the register.  A row
has six fields separated by tabs: clause id, role bound, how it can be observed, triage, our paraphrase, reason.  A seventh
may hold marks: ``recalled`` (written from memory, the text is not at hand) and ``rests_on=rfc4575`` (the clause builds on a
specification whose text is not at hand).  Without rows it prints the rows that are still to be written, sentence by
sentence, on the terminal of whoever holds the text; without ``--text`` only recalled ``/0`` rows are possible.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

from conformance.draft.clauses import Clause, clauses
from conformance.draft.text import Text, read_text

MOST_FIELDS = 7

ROLES = (
    "node", "peer", "client", "overlay", "enrollment-server", "certificate-authority", "storing-peer", "application",
    "user-agent", "uac", "uas", "registrar", "proxy", "subscriber", "notifier", "focus", "participant", "offerer", "answerer",
    "sender", "receiver", "transport", "specification", "implementation",
)  # fmt: skip
OBSERVE = ("wire", "adapter", "document", "not-observable", "other-side")
TRIAGE = ("check", "live", "unobservable", "other-side", "option", "process", "definition")
"""``check``: judged in this release; ``live``: needs a subject on the wire, or a predicate that is not there yet; ``option``: a permission that cannot be broken;
``process``: binds authors, registries or operators; ``definition``: stands for a section's layout or grammar."""


class Row(NamedTuple):
    """What a person writes about a clause."""

    id: str
    role: str
    observe: str
    triage: str
    text: str
    reason: str
    marks: str = ""

    @property
    def recalled(self) -> bool:
        """Whether the row is written from memory."""
        return "recalled" in self.marks.split()

    @property
    def rests_on(self) -> list[str]:
        """Specifications without a text at hand that the clause builds on."""
        named = (mark.partition("=")[2] for mark in self.marks.split() if mark.startswith("rests_on="))
        return [spec for names in named for spec in names.split(",")]

    def faults(self) -> list[str]:
        """What is wrong with the fields."""
        wrong = []
        for name, value, allowed in (
            ("role", self.role, ROLES),
            ("observe", self.observe, OBSERVE),
            ("triage", self.triage, TRIAGE),
        ):
            if value not in allowed:
                wrong.append(f"{name} {value!r} is none of {', '.join(allowed)}")
        if len(self.text) < 10:
            wrong.append("the paraphrase is missing")
        if self.triage != "check" and not self.reason:
            wrong.append(f"triage {self.triage} needs a reason")
        strange = [one for one in self.marks.split() if one != "recalled" and not one.startswith("rests_on=")]
        return wrong + [f"{mark!r} is no mark" for mark in strange]


def read_rows(path: Path) -> list[Row]:
    """Rows of a tab-separated file; SystemExit with every fault where one is unusable."""
    rows, faults = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        row = Row(*(fields + [""] * MOST_FIELDS)[:MOST_FIELDS])
        if not 5 <= len(fields) <= MOST_FIELDS:
            faults.append(f"{path.name}:{number}: {len(fields)} fields, not 5 to {MOST_FIELDS}")
        faults += [f"{path.name}:{number}: {fault}" for fault in row.faults()]
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
    return "\n".join(line for row in rows for line in _table(row, known.get(row.id), titles))


def _table(row: Row, clause: Clause | None, titles: dict[str, str]) -> list[str]:
    section = row.id.partition(":")[2].rpartition("/")[0]
    level = clause.level if clause else "DEFINITION"
    out = ["[[clause]]", f"id = {quoted(row.id)}", f"level = {quoted(level)}", f"role = {quoted(row.role)}"]
    out += [f"section = {quoted(section)}"]
    if section in titles:
        out += [f"title = {quoted(titles[section])}"]
    out += [f"text = {quoted(row.text)}"]
    if clause:
        out += [f"digest = {quoted(clause.digest)}"]
    out += [f"observe = {quoted(row.observe)}", f"triage = {quoted(row.triage)}"]
    if row.reason:
        out += [f"reason = {quoted(row.reason)}"]
    if row.recalled:
        out += ["recalled = true"]
    if row.rests_on:
        out += [f"rests_on = [{', '.join(map(quoted, row.rests_on))}]"]
    return [*out, ""]


def main() -> int:
    """Print a register, or what is missing from one."""
    parser = argparse.ArgumentParser(prog="python -m conformance.draft.register", description=__doc__)
    parser.add_argument("--spec", required=True, help="the specification's short name, such as rfc6940")
    parser.add_argument("--text", type=Path, help="its text; left out where it is not at hand")
    parser.add_argument("rows", nargs="?", type=Path, help="rows written by hand")
    arguments = parser.parse_args()
    text = read_text(arguments.text.read_text(encoding="utf-8", errors="replace")) if arguments.text else None
    known = {clause.id: clause for clause in clauses(text, arguments.spec)} if text else {}
    if arguments.rows is None:
        for clause in known.values():
            print(f"{clause.id}\t{clause.level}\tline {clause.line}\t{clause.sentence}")
        return 0
    rows = read_rows(arguments.rows)
    wrong = [row.id for row in rows if row.id not in known and not row.id.endswith("/0")]
    if wrong:
        raise SystemExit(f"no such clause in the text: {', '.join(wrong)}")
    unmarked = [row.id for row in rows if text is None and not row.recalled]
    if unmarked:
        raise SystemExit(f"without a text every row is recalled: {', '.join(unmarked)}")
    print(render(rows, known, text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
