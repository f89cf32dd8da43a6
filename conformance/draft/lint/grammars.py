"""RELAX NG compact grammars printed in a draft: does each compile, alone and on its base grammar?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import rnc2rng
from rnc2rng.parser import ParseError
from rply.errors import LexingError

from conformance.draft.lint.finding import Block, Draft, Finding

_ENTITY = re.compile(r"&#x?[0-9a-fA-F]+;|&(?:amp|lt|gt|quot);")
_TEXT = {"&#x26;": "&", "&#38;": "&", "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"'}
_NAMESPACE = re.compile(r"^\s*(?:default\s+)?namespace\s+\S.*=", re.M)
_ATTEMPTS = 40


def blocks(draft: Draft) -> Iterator[Block]:
    """The blocks that print a RELAX NG compact grammar."""
    return (
        block
        for block in draft.blocks
        if re.search(r"\b(?:element|attribute)\s+[\w:*-]+\s*\{", block.text) and "<xs:" not in block.text
    )


def check(draft: Draft) -> Iterator[Finding]:
    """Every defect; after each, the smallest repair is made, so that the next one is found too."""
    declared = any(_NAMESPACE.match(line) for line in draft.text.lines)
    for block in blocks(draft):
        yield from _block(block, declared)


def _block(block: Block, declared: bool) -> Iterator[Finding]:
    lines = [text for _, text in block.lines]
    yield from _entities(block, lines)
    yield from _xml_comments(block, lines)
    yield from _parsed(block, lines)
    if not declared:
        for number, text in block.lines:
            if found := re.search(r"\belement\s+([\w-]+)", text):
                message = (
                    f"no namespace is declared for <{found[1]}> and the elements after it: in the grammar they extend they "
                    "would fall into its default namespace, which is not the draft's to extend"
                )
                yield Finding(number, found.start(1) + 1, "namespace-missing", "warning", message)
                break


def _entities(block: Block, lines: list[str]) -> Iterator[Finding]:
    for index, text in enumerate(lines):
        for found in _ENTITY.finditer(text):
            message = (
                f"{found[0]} is a character reference of XML; a compact grammar has to say {_TEXT.get(found[0], '?')}"
            )
            yield Finding(block.lines[index][0], found.start() + 1, "grammar-does-not-compile", "error", message)
        lines[index] = _ENTITY.sub(lambda entity: _TEXT.get(entity[0], " "), text)


def _xml_comments(block: Block, lines: list[str]) -> Iterator[Finding]:
    inside = False
    for index, text in enumerate(lines):
        if "<!--" in text:
            message = "a compact grammar has comments after #, not between <!-- and -->"
            column = text.find("<!--") + 1
            yield Finding(block.lines[index][0], column, "grammar-does-not-compile", "error", message)
            inside = True
        if inside:
            lines[index] = ""
        if "-->" in text:
            inside = False


def _parsed(block: Block, lines: list[str]) -> Iterator[Finding]:
    """Parse; where only a comma is missing, put it there and go on."""
    for _ in range(_ATTEMPTS):
        line, column, detail = _first_error("\n".join(lines))
        if line == 0:
            return
        index = min(line, len(lines)) - 1
        before = _last_with_text(lines, index)
        starts_pattern = re.match(r"\s*(?:element|attribute|text|list)\b", lines[index])
        if starts_pattern and before is not None and re.search(r"[}*?+]\s*$", lines[before]):
            message = "two patterns stand side by side without , or & or | between them"
            number = block.lines[before][0]
            end = len(lines[before].rstrip()) + 1
            yield Finding(number, end, "grammar-does-not-compile", "error", message)
            lines[before] = lines[before].rstrip() + ","
            continue
        yield Finding(block.lines[index][0], column, "grammar-does-not-compile", "error", detail)
        return


def _first_error(source: str) -> tuple[int, int, str]:
    """Line, column and description of the first syntax error; line 0 where there is none."""
    try:
        rnc2rng.loads(source)
    except ParseError as broken:
        found = re.search(r"\[(\d+):(\d+)\]", str(broken))
        line, column = (int(found[1]), int(found[2])) if found else (1, 1)
        return line, column, "the grammar does not parse here"
    except LexingError as broken:
        position = broken.getsourcepos()
        return position.lineno, position.colno, "a character that no compact grammar can contain here"
    except (ValueError, KeyError, AttributeError, TypeError) as broken:
        # rnc2rng meets some syntactically right but meaningless grammars with these
        return 1, 1, f"the grammar cannot be compiled: {broken}"
    return 0, 0, ""


def _last_with_text(lines: list[str], index: int) -> int | None:
    for earlier in range(index - 1, -1, -1):
        if lines[earlier].strip():
            return earlier
    return None
