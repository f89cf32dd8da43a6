"""The clause registers: every normative statement of a specification, one row each.

A register is ``registers/<specification>.toml`` with ``[[clause]]`` tables; ids are fixed there and never reused.
The sentences themselves are not kept: a row has our paraphrase and a digest of the sentence.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from conformance import places
from conformance.draft.clauses import Clause, sentence_digest
from conformance.draft.clauses import clauses as read_clauses
from conformance.draft.text import read_text
from conformance.errors import SuiteFault

IDENTITY = re.compile(r"^(?P<spec>[a-z0-9]+):(?P<section>[0-9A-Z]+(?:\.[0-9]+)*)/(?P<ordinal>[0-9]+[a-z]?)$")
"""The form of a clause id; ordinal 0 is the section's definitions as a whole."""

LEVELS = frozenset(
    [
        "MUST",
        "MUST NOT",
        "SHALL",
        "SHALL NOT",
        "REQUIRED",
        "SHOULD",
        "SHOULD NOT",
        "RECOMMENDED",
        "NOT RECOMMENDED",
        "MAY",
        "OPTIONAL",
    ]
)

TEXTS = ("id", "level", "role", "section", "text", "digest", "observe", "triage", "reason")
"""The fields of a row that are strings."""

DOCUMENTS = {"disco00": "draft-knauf-p2psip-disco-00", "xml10": "XML 1.0"}
"""The names of specifications that are not RFCs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One clause as a register has it; every text is our own."""

    id: str
    level: str = ""
    role: str = ""
    section: str = ""
    text: str = ""
    """What is required, paraphrased."""
    digest: str = ""
    """The digest of the sentence, empty for ``/0``."""
    observe: str = ""
    """How it can be seen: wire, adapter, document, not-observable, other-side."""
    triage: str = ""
    reason: str = ""
    """Why it has no check, where it has none."""
    recalled: bool = False
    """Written from memory: the text of the specification was not at hand."""
    rests_on: tuple[str, ...] = ()
    """Specifications whose text was not at hand and on which the clause builds."""


@dataclass(frozen=True, slots=True)
class Register:
    """All rows of the specifications that have a register."""

    rows: Mapping[str, Row]
    specifications: frozenset[str]

    def problem(self, identity: str) -> str | None:
        """Why a clause id cannot be cited; None where it can.

        ``/0`` is free in a specification whose register does not list its sections' definitions.
        """
        found = IDENTITY.match(identity)
        if found is None:
            return f"{identity!r} is not a clause id"
        if found["spec"] not in self.specifications or identity in self.rows or found["ordinal"] == "0":
            return None
        return f"{identity} is not in registers/{found['spec']}.toml"


def document_of(spec: str) -> str:
    """The name of a specification as a reader knows it: ``RFC 6940``."""
    return DOCUMENTS.get(spec) or re.sub(r"^rfc(\d+)$", r"RFC \1", spec)


def load_registers(folder: Path | None = None) -> Register:
    """Every register of a folder, or of the suite; raises SuiteFault with all problems."""
    folder = folder or places.registers()
    return _shipped(folder) if places.shipped(folder) else _read(folder)


@lru_cache(maxsize=1)
def _shipped(folder: Path) -> Register:
    return _read(folder)


def _read(folder: Path) -> Register:
    rows: dict[str, Row] = {}
    specs: set[str] = set()
    problems: list[str] = []
    for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{path.name}: {error}")
            continue
        if not isinstance(tables.get("clause"), list):
            continue
        specs.add(path.stem)
        for table in tables["clause"]:
            _add_row(path, table, rows, problems)
    if problems:
        raise SuiteFault("the clause registers break their own rules:", problems)
    return Register(rows, frozenset(specs))


def _add_row(path: Path, table: Mapping[str, object], rows: dict[str, Row], problems: list[str]) -> None:
    fields = {name: str(table[name]) for name in TEXTS if name in table}
    identity = fields.get("id", "")
    found = IDENTITY.match(identity)
    if found is None or found["spec"] != path.stem:
        problems.append(f"{path.name}: {identity!r} is not a clause id of {path.stem}")
    elif identity in rows:
        problems.append(f"{path.name}: {identity} stands twice")
    elif found["ordinal"] != "0" and fields.get("level") not in LEVELS:
        problems.append(f"{path.name}: {identity} has no level")
    else:
        fields.setdefault("section", found["section"])
        rows[identity] = Row(**fields, recalled=table.get("recalled") is True, rests_on=_names(table.get("rests_on")))


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


@lru_cache(maxsize=32)
def published_clauses(path: Path, spec: str) -> Mapping[str, Clause]:
    """The clauses of a published text by their ids; a file is read once in a process."""
    text = read_text(path.read_text(encoding="utf-8", errors="replace"))
    return {clause.id: clause for clause in read_clauses(text, spec)}


def specification_file(spec: str, folder: Path) -> Path | None:
    """The text of a specification in the reader's folder; None where it is not there."""
    name = DOCUMENTS.get(spec, spec)
    for candidate in (folder / f"{spec}.txt", folder / f"{name}.txt"):
        if candidate.is_file():
            return candidate
    if spec not in DOCUMENTS:
        return None
    for candidate in sorted(folder.rglob("*.txt"))[:200]:
        with candidate.open(encoding="utf-8", errors="replace") as stream:
            head = stream.read(4000)
        # draft -00 misspells its own name in its title
        if "Internet-Draft" in head and (name in head or name.replace("p2psip", "p2sip") in head):
            return candidate
    return None


def sentence(row: Row, folder: Path | None = None) -> str | None:
    """The sentence itself from the reader's own copy; None without the text or where its digest disagrees."""
    folder = folder or places.specifications()
    spec = row.id.partition(":")[0]
    path = specification_file(spec, folder) if folder else None
    if path is None:
        return None
    found = published_clauses(path, spec).get(row.id)
    return found.sentence if found is not None and sentence_digest(found.sentence) == row.digest else None
