"""The struct text of a specification: every enum, struct, select and typedef, with its place.

``python -m conformance.draft.structs FILE`` prints what stands under ``schemas/<specification>/structs.txt``:
the definitions of RFC 6940's presentation language (section 6.3.1) as published, each section
announced by a ``// section`` comment.  Corrections are never made here; they are data of their own.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.draft.text import Line, Section, Text, read_text

_START = re.compile(r"^\s*(?:public\s+)?(?:(?:struct|enum)\s*\{|select\s*\([^)]*\)\s*\{|typedef\s+\w+\s)")
_SECTION = re.compile(r"^// section (\S+)$", re.M)


@dataclass(frozen=True, slots=True)
class Block:
    """One definition as published: its section, the number of its first line in the file, and its text."""

    section: str
    line: int
    text: str


def blocks(text: Text) -> Iterator[Block]:
    """Every definition of a specification, in the order of its text."""
    for section in text.sections:
        yield from _blocks_of(section)


def _blocks_of(section: Section) -> Iterator[Block]:
    gathered: list[Line] = []
    depth = 0
    for line in (line for paragraph in section.paragraphs for line in paragraph.lines):
        if not gathered and not _START.match(line.text):
            continue
        gathered.append(line)
        depth += line.text.count("{") - line.text.count("}")
        if depth <= 0 and re.search(r";\s*(?:/\*.*|//.*)?$", line.text):
            body = textwrap.dedent("\n".join(one.text.rstrip() for one in gathered))
            yield Block(section.number, gathered[0].number, body)
            gathered, depth = [], 0


def rendered(found: list[Block]) -> str:
    """The blocks as one text, each section announced by a comment."""
    lines: list[str] = []
    section = None
    for block in found:
        if block.section != section:
            section = block.section
            lines.append(f"// section {section}\n")
        lines.append(block.text + "\n")
    return "\n".join(lines)


def by_section(text: str) -> list[tuple[str, str]]:
    """A rendered text taken apart again: (section, struct text), in order."""
    parts = _SECTION.split(text)
    return [(parts[index], parts[index + 1].strip("\n")) for index in range(1, len(parts), 2)]


def main(arguments: list[str]) -> int:
    """Print the struct text of the file named; 2 where it is not named or cannot be read."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m conformance.draft.structs FILE\n")
        return 2
    try:
        source = Path(arguments[0]).read_text("utf-8", "replace")
    except OSError as error:
        sys.stderr.write(f"{arguments[0]}: {error.strerror}\n")
        return 2
    sys.stdout.write(rendered(list(blocks(read_text(source)))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
