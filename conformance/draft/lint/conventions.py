"""Requirement sentences: keywords used by their conventions, one requirement at one level."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from conformance.draft.clauses import KEYWORD, Clause, clauses, sentences
from conformance.draft.lint.finding import Draft, Finding
from conformance.draft.lint.names import plain_words
from conformance.draft.text import plain

_LOWER = re.compile(r"\b(must(?: not)?|shall(?: not)?|should(?: not)?|is required to|are required to|is recommended)\b")
_BROKEN = re.compile(r"\b(?:it|this|that|they) (?:NOT )?RECOMMENDED\b")
_INFLECTED = re.compile(r"\b(?:MAY|MUST|SHOULD|SHALL)(?: NOT)? (\w+s)\b")
_VERBS_IN_S = {
    "address",
    "pass",
    "process",
    "access",
    "discuss",
    "express",
    "compress",
    "bypass",
    "this",
    "its",
    "always",
    "focus",
    "has",
}
_SIMILAR = 0.34
_BINDING = {
    "MUST": "must",
    "SHALL": "must",
    "REQUIRED": "must",
    "MUST NOT": "must",
    "SHALL NOT": "must",
} | dict.fromkeys(("SHOULD", "RECOMMENDED", "SHOULD NOT", "NOT RECOMMENDED"), "should")
_NEGATED = {level: "NOT" in level for level in (*_BINDING, "MAY", "OPTIONAL")}


def check(draft: Draft) -> Iterator[Finding]:
    """Requirements without keyword, ungrammatical ones, and one requirement at two levels."""
    found = list(clauses(draft.text, "draft"))
    boilerplate = any("key word" in line.lower() for line in draft.text.lines)
    if found and not boilerplate:
        message = "requirement keywords are used, and no paragraph says how they are to be read (BCP 14)"
        yield Finding(found[0].line, 1, "keywords-undeclared", "error", message)
    yield from _without_keyword(draft)
    yield from _grammar(draft)
    yield from _two_levels(draft, found)


def _without_keyword(draft: Draft) -> Iterator[Finding]:
    for section, paragraph in draft.prose():
        if not section.number or section.title.startswith(("Introduction", "Terminology", "Overview")):
            continue
        folded = plain(paragraph.folded)
        for _, sentence in sentences(folded):
            found = _LOWER.search(sentence)
            if found is None or KEYWORD.search(sentence):
                continue
            line, column = _place(draft, paragraph.lines[0].number, paragraph.lines[-1].number, found[0])
            message = f'a requirement without keyword: "{found[0]}" in lower case; say whether it binds, and whom'
            yield Finding(line, column, "clause-without-keyword", "warning", message)


def _grammar(draft: Draft) -> Iterator[Finding]:
    for _, paragraph in draft.prose():
        for line in paragraph.lines:
            for found in _BROKEN.finditer(line.text):
                message = "a verb is missing before RECOMMENDED, so that the sentence states no requirement"
                yield Finding(line.number, found.start() + 1, "clause-ungrammatical", "warning", message)
            for found in _INFLECTED.finditer(line.text):
                if found[1] in _VERBS_IN_S or found[1].endswith("ss"):
                    continue
                message = (
                    f'the keyword is followed by "{found[1]}": is this a permission, a requirement or an observation?'
                )
                yield Finding(line.number, found.start() + 1, "clause-ungrammatical", "note", message)


def _two_levels(draft: Draft, found: list[Clause]) -> Iterator[Finding]:
    """Two sentences about the same thing at different levels; similarity by shared words (Jaccard)."""
    if len(found) > 300:
        return
    words = {clause.id: plain_words(clause.sentence) for clause in found}
    for one, other in combinations(found, 2):
        if one.section == other.section or _BINDING.get(one.level, "") == _BINDING.get(other.level, ""):
            continue
        if _NEGATED[one.level] != _NEGATED[other.level]:
            continue
        if not (_BINDING.get(one.level) and _BINDING.get(other.level)):
            continue
        shared, union = words[one.id] & words[other.id], words[one.id] | words[other.id]
        if len(shared) < 5 or len(shared) / len(union) < _SIMILAR:
            continue
        _, column = _place(draft, other.line, other.line, other.level)
        message = (
            f"section {other.section} says {other.level} where section {one.section} (line {one.line}) says {one.level} "
            f"of what seems the same: {', '.join(sorted(shared)[:6])}"
        )
        yield Finding(other.line, column, "requirement-at-two-levels", "note", message)


def _place(draft: Draft, first: int, last: int, needle: str) -> tuple[int, int]:
    for number in range(first, last + 1):
        column = draft.text.lines[number - 1].find(needle)
        if column >= 0:
            return number, column + 1
    return first, 1
