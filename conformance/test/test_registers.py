"""The clause registers against their own rules and, where the reader has them, against the texts."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypedDict

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.clauses import IDENTITY, LEVELS, published_clauses, specification_file
from conformance.draft.clauses import Clause
from conformance.draft.register import OBSERVE, ROLES, TRIAGE
from conformance.judge.catalog import checks
from conformance.run.suite import load_suite

LONGEST_RUN = 8
"""As many words in a row may be those of the sentence; names and lists of codes need some."""


class Table(TypedDict, total=False):
    """A row as the file has it."""

    id: str
    level: str
    role: str
    section: str
    text: str
    digest: str
    observe: str
    triage: str
    reason: str


class Head(TypedDict, total=False):
    """The table about the text of a register."""

    id: str
    title: str
    text: str
    sha256: str


class Left(TypedDict):
    """A section that is not registered."""

    section: str
    reason: str


class Content(TypedDict, total=False):
    """A register."""

    specification: Head
    out_of_scope: list[Left]
    clause: list[Table]


@cache
def registers() -> dict[str, Content]:
    """All registers by specification."""
    found: dict[str, Content] = {}
    for path in sorted(places.registers().glob("*.toml")):
        content: Content = tomllib.loads(path.read_text(encoding="utf-8"))  # type: ignore[assignment]
        if "clause" in content:
            found[path.stem] = content
    return found


@cache
def text_of(spec: str) -> Path:
    """The text of a specification; skips the test where the reader has not given it."""
    folder = places.specifications()
    if folder is None:
        raise SkipTest("not run: DISCO_SPECS names no folder with the texts of the specifications")
    path = specification_file(spec, folder)
    if path is None:
        raise SkipTest(f"not run: no text of {spec} in the folder that DISCO_SPECS names")
    return path


def sentences(spec: str) -> Mapping[str, Clause]:
    """The clauses of a text by their ids."""
    return published_clauses(text_of(spec), spec)


def covers(section: str, other: str) -> bool:
    """Whether a section is another one or one above it."""
    return other == section or other.startswith(section + ".")


def words(text: str) -> list[str]:
    """The words of a text without case and punctuation."""
    return re.findall(r"[a-z0-9_'-]+", text.lower())


def copied(text: str, sentence: str) -> str | None:
    """The first run of words that is too long; None where there is none."""
    ours, theirs = words(text), words(sentence)
    runs = {tuple(theirs[start : start + LONGEST_RUN + 1]) for start in range(len(theirs) - LONGEST_RUN)}
    for start in range(len(ours) - LONGEST_RUN):
        if tuple(ours[start : start + LONGEST_RUN + 1]) in runs:
            return " ".join(ours[start : start + LONGEST_RUN + 1])
    return None


class Rules(SynchronousTestCase):
    """What holds of every register by itself."""

    def test_some_registers(self) -> None:
        """The registers are there, with rows."""
        self.assertIn("rfc6940", registers())
        self.assertTrue(all(content["clause"] for content in registers().values()))

    def test_words_of_the_columns(self) -> None:
        """Role, observation, triage and level are words of their lists."""
        for spec, content in registers().items():
            for row in content["clause"]:
                found = IDENTITY.match(row["id"])
                assert found is not None and found["spec"] == spec, row["id"]
                self.assertIn(row["role"], ROLES, row["id"])
                self.assertIn(row["observe"], OBSERVE, row["id"])
                self.assertIn(row["triage"], TRIAGE, row["id"])
                self.assertEqual(row["level"] in LEVELS, found["ordinal"] != "0", row["id"])
                remembered = row.get("recalled", False)
                self.assertEqual("digest" in row, found["ordinal"] != "0" and not remembered, row["id"])
                self.assertEqual(row["section"], found["section"], row["id"])

    def test_reasons(self) -> None:
        """Every row that no check judges says why."""
        missing = [
            row["id"]
            for content in registers().values()
            for row in content["clause"]
            if row["triage"] != "check" and not row.get("reason", "").strip()
        ]
        self.assertEqual(missing, [])

    def test_checked_rows_have_a_check(self) -> None:
        """A row is triaged as checked only where a vector or a predicate cites it."""
        cited = {clause for vector in load_suite().vectors.values() for clause in vector.clauses}
        cited |= {clause for one in checks() for clause in one.clauses}
        rows = [row for content in registers().values() for row in content["clause"]]
        self.assertEqual([row["id"] for row in rows if row["triage"] == "check" and row["id"] not in cited], [])

    def test_options_are_permissions(self) -> None:
        """Only what the text permits can be triaged as an option."""
        wrong = [
            row["id"]
            for content in registers().values()
            for row in content["clause"]
            if row["triage"] == "option" and row["level"] not in ("MAY", "OPTIONAL", "DEFINITION")
        ]
        self.assertEqual(wrong, [])

    def test_ids_once(self) -> None:
        """No id stands twice, and no row stands for a section that is left out."""
        for spec, content in registers().items():
            ids = [row["id"] for row in content["clause"]]
            self.assertEqual(len(ids), len(set(ids)), spec)
            left = [table["section"] for table in content.get("out_of_scope", [])]
            inside = [
                row["id"]
                for row in content["clause"]
                if any(covers(section, row["section"]) for section in left) and not row["id"].endswith("/0")
            ]
            self.assertEqual(inside, [], spec)
            self.assertTrue(all(table["reason"].strip() for table in content.get("out_of_scope", [])), spec)

    def test_parts_differ(self) -> None:
        """The parts of one sentence are paraphrased each for itself."""
        for content in registers().values():
            seen: dict[tuple[str, str], str] = {}
            for row in content["clause"]:
                whole = row["id"].rstrip("abcdefghijklmnopqrstuvwxyz")
                other = seen.setdefault((whole, " ".join(words(row["text"]))), row["id"])
                self.assertEqual(other, row["id"])

    def test_a_copy_is_noticed(self) -> None:
        """The comparison of words finds a copied run and lets a paraphrase pass."""
        sentence = "The server SHALL answer every request with exactly one final response, unless it was cancelled."
        self.assertEqual(
            copied("A server shall answer every request with exactly one final response.", sentence),
            "server shall answer every request with exactly one final",
        )
        self.assertIsNone(copied("Each request gets one final response.", sentence))


class AgainstTexts(SynchronousTestCase):
    """What holds of every register and the text it was made from."""

    def each(self) -> list[tuple[str, Content]]:
        """The registers whose texts are there; skips where none is."""
        found, why = [], SkipTest("not run: there are no registers")
        for spec, content in registers().items():
            try:
                text_of(spec)
            except SkipTest as missing:
                why = missing
            else:
                found.append((spec, content))
        if not found:
            raise why
        return found

    def test_same_text(self) -> None:
        """The text at hand is, octet for octet, the one the register was made from."""
        for spec, content in self.each():
            digest = hashlib.sha256(text_of(spec).read_bytes()).hexdigest()
            self.assertEqual(content["specification"]["sha256"], digest, spec)

    def test_levels_and_digests(self) -> None:
        """Every row has the level and the digest of its sentence."""
        for spec, content in self.each():
            known = sentences(spec)
            for row in content["clause"]:
                if row["id"].endswith("/0"):
                    continue
                self.assertIn(row["id"], known)
                clause = known[row["id"]]
                self.assertEqual((row["level"], row["digest"]), (clause.level, clause.digest), row["id"])

    def test_nothing_missing(self) -> None:
        """Every normative sentence of a section in scope has its rows."""
        for spec, content in self.each():
            left = [table["section"] for table in content.get("out_of_scope", [])]
            ids = {row["id"] for row in content["clause"]}
            missing = [
                clause.id
                for clause in sentences(spec).values()
                if clause.id not in ids and not any(covers(section, clause.section) for section in left)
            ]
            self.assertEqual(missing, [], spec)

    def test_paraphrases(self) -> None:
        """No paraphrase is its sentence or a long piece of it."""
        for spec, content in self.each():
            known = sentences(spec)
            for row in content["clause"]:
                if row["id"] in known:
                    self.assertNotEqual(words(row["text"]), words(known[row["id"]].sentence), row["id"])
                    self.assertIsNone(copied(row["text"], known[row["id"]].sentence), row["id"])
