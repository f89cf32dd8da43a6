"""The normative sentences of a specification and their ids (BCP 14 keywords).

An id is ``<specification>:<section>/<ordinal>``: the ordinal counts the sentences of the
section that carry a keyword, from 1.  A sentence with several keywords gives one clause per
keyword, ``a``, ``b``, ``c`` after the ordinal.  ``/0`` names the section's definitions
(struct, grammar, table) as a whole; it carries no keyword.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from conformance.draft.text import Text, plain

KEYWORD = re.compile(
    r"\b(MUST NOT|SHALL NOT|SHOULD NOT|NOT RECOMMENDED|MUST|SHALL|REQUIRED|SHOULD|RECOMMENDED|MAY|OPTIONAL)\b"
)
_BOILERPLATE = re.compile(r"key\s?words|interpreted as described in|indicate requirement levels", re.I)
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|Sec|Fig|Eq|No|St|Dr|Mr)|\b[A-Z])\.$")


@dataclass(frozen=True, slots=True)
class Clause:
    """One requirement: a keyword in a sentence of a section."""

    id: str
    level: str
    section: str
    line: int
    sentence: str

    @property
    def digest(self) -> str:
        """SHA-256 of the folded sentence, first 16 hexadecimal digits."""
        return sentence_digest(self.sentence)


def sentence_digest(sentence: str) -> str:
    """The digest a register keeps instead of the sentence itself."""
    return hashlib.sha256(" ".join(sentence.split()).encode()).hexdigest()[:16]


def sentences(folded: str) -> Iterator[tuple[int, str]]:
    """Split a folded paragraph at sentence ends; yields (offset, sentence)."""
    start = 0
    for found in re.finditer(r"[.!?][\"')\]]*\s+(?=[A-Z\"'(<\[*])", folded):
        head = folded[start : found.end()].rstrip()
        if _ABBREVIATION.search(head) or head.count("(") > head.count(")"):
            continue
        yield start, head
        start = found.end()
    if folded[start:].strip():
        yield start, folded[start:].strip()


def clauses(text: Text, specification: str) -> Iterator[Clause]:
    """Every clause of a specification, in the order of its text."""
    for section in text.sections:
        if not section.number:
            continue
        ordinal = 0
        for paragraph in section.paragraphs:
            folded = plain(paragraph.folded)
            if not KEYWORD.search(folded) or _BOILERPLATE.search(folded):
                continue
            for offset, sentence in sentences(folded):
                keywords = KEYWORD.findall(sentence)
                if not keywords:
                    continue
                ordinal += 1
                line = _line_at(paragraph.lines, offset)
                for index, keyword in enumerate(keywords):
                    suffix = "abcdefghijklmnopqrstuvwxyz"[index] if len(keywords) > 1 else ""
                    identity = f"{specification}:{section.number}/{ordinal}{suffix}"
                    yield Clause(identity, keyword, section.number, line, sentence)


def _line_at(lines: list, offset: int) -> int:  # type: ignore[type-arg]
    seen = 0
    for line in lines:
        seen += len(" ".join(line.text.split())) + 1
        if seen > offset:
            return int(line.number)
    return int(lines[-1].number)
