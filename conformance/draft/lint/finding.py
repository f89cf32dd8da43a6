"""What lint reports: a defect of a specification's text, with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conformance.draft.text import Paragraph, Section, Text, read_text

LEVELS = ("error", "warning", "note")
_CODE = re.compile(r"^\s*/\*.*\*/\s*$|^\s+\w+\s+\w+(?:<[^>]*>|\[[^\]]*\])?;\s*$", re.M)
_FURNITURE = re.compile(r"\s*(?:```.*|\f.*|(?:RFC \d+|Internet-Draft) .*|.*\[Page \d+\])?\s*$")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One defect; ``line`` and ``column`` count from 1 in the file that was read."""

    line: int
    column: int
    rule: str
    level: str
    message: str
    """What is wrong and what would be right, in our words."""


@dataclass(frozen=True, slots=True)
class Block:
    """A figure, struct or schema of the text, page breaks within it closed."""

    section: str
    lines: list[tuple[int, str]]

    @property
    def text(self) -> str:
        """The block's lines, joined."""
        return "\n".join(text for _, text in self.lines)

    def place(self, line: int) -> int:
        """The line of the file for a line of the block, both counted from 1."""
        return self.lines[min(max(line, 1), len(self.lines)) - 1][0]


@dataclass(slots=True)
class Draft:
    """A text under examination, with what several rules need of it."""

    path: Path
    text: Text
    blocks: list[Block] = field(default_factory=list)

    def prose(self) -> Iterator[tuple[Section, Paragraph]]:
        """The paragraphs that are no figures, with their sections, references left out."""
        for section in self.text.sections:
            if "References" in section.title or "Authors" in section.title:
                continue
            for paragraph in section.paragraphs:
                if not paragraph.code:
                    yield section, paragraph

    def find(self, needle: str, start: int = 1) -> tuple[int, int]:
        """Line and column of the first occurrence at or after a line; (start, 1) where there is none."""
        for number, line in enumerate(self.text.lines[start - 1 :], start):
            column = line.find(needle)
            if column >= 0:
                return number, column + 1
        return start, 1


def read_draft(path: Path) -> Draft:
    """Read a file; OSError where it cannot be read, UnicodeDecodeError where it is not UTF-8."""
    text = read_text(path.read_text(encoding="utf-8"))
    draft = Draft(path, text)
    for section in text.sections:
        for paragraph in section.paragraphs:
            if paragraph.code or _CODE.search("\n".join(line.text for line in paragraph.lines)):
                lines = [(line.number, line.text) for line in paragraph.lines]
                previous = draft.blocks[-1] if draft.blocks else None
                if previous and previous.section == section.number and _continues(previous, text, lines[0][0]):
                    previous.lines.extend(lines)
                else:
                    draft.blocks.append(Block(section.number, lines))
    return draft


def _continues(block: Block, text: Text, following: int) -> bool:
    """Whether a block is still open and nothing but blank lines, fences and page furniture comes before the next one."""
    so_far = block.text
    closed = so_far.count("{") == so_far.count("}") and not re.search(
        r"<(\w+:)?schema\b(?!.*</\1?schema>)", so_far, re.S
    )
    if closed:
        return False
    between = text.lines[block.lines[-1][0] : following - 1]
    return all(_FURNITURE.match(line) for line in between)
