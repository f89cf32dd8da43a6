"""The text of a specification as sections and paragraphs, page furniture removed.

Two renderings are read: the plain text of the RFC editor (with form feeds, running headers
and footers, or without) and the Markdown-like text into which older drafts were converted
(one long line per paragraph, links in brackets).  Line numbers of the file are kept, so
that every finding can name its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FOOTER = re.compile(r"\[Page \d+\]\s*$")
_HEADING = re.compile(r"^ {0,3}(?P<number>\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)\.?\s+(?P<title>\S.*)$")
_TOC_LINK = re.compile(r"\[TOC\]\(#\)")
_CONTENTS = re.compile(r"(\. ){3}|\.{4,}|\s\.?\s*\d+\s*$")
_BULLET = re.compile(r"^\s*(?:[o*+\-•]\s+|\*|\d+[.)]\s+|\(?[a-z][.)]\s+)(?=\S)")
_FENCE = re.compile(r"^\s*```")
_LINK = re.compile(r"\[((?:\\.|[^\[\]\\]|\[[^\]]*\])*)\]\((?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: its number, counted from 1, and its text without the line end."""

    number: int
    text: str


@dataclass(slots=True)
class Paragraph:
    """Consecutive lines that belong together; ``code`` marks figures, structs and schemas."""

    lines: list[Line]
    code: bool = False

    @property
    def folded(self) -> str:
        """The words on one line, single spaces between them; the form digests are taken of."""
        return " ".join(" ".join(line.text for line in self.lines).split())


@dataclass(slots=True)
class Section:
    """A numbered section; number ``""`` is what stands before the first."""

    number: str
    title: str
    line: int
    paragraphs: list[Paragraph] = field(default_factory=list)


@dataclass(slots=True)
class Text:
    """A specification: its sections in order and the rendering it was read from, ``plain`` or ``markdown``."""

    sections: list[Section]
    rendering: str
    lines: list[str]

    def section(self, number: str) -> Section:
        """The section with this number; KeyError where the text has none."""
        for one in self.sections:
            if one.number == number:
                return one
        raise KeyError(number)


def read_text(source: str) -> Text:
    """Read a specification, whichever of the two renderings it is in."""
    source = source.replace("\r\n", "\n")
    raw = source.split("\n")
    marked_up = "[TOC](#)" in source or any(_FENCE.match(line) for line in raw)
    paginated = any(_FOOTER.search(line) for line in raw) or not marked_up
    lines = _without_furniture(raw) if paginated else [Line(n, t) for n, t in enumerate(raw, 1)]
    text = Text(_Reader(lines, paginated).read(), "plain" if paginated else "markdown", raw)
    for section in text.sections:
        section.paragraphs = _joined(section.paragraphs)
    return text


def _without_furniture(raw: list[str]) -> list[Line]:
    """Drop footers, form feeds and running headers, with the blank lines around them; one blank line stays."""
    kept: list[Line] = []
    skip_header = False
    for number, text in enumerate(raw, 1):
        if _FOOTER.search(text):
            while kept and not kept[-1].text.strip():
                kept.pop()
            kept.append(Line(number, ""))
            skip_header = True
            continue
        stripped = text.replace("\f", "")
        if skip_header:
            if not stripped.strip():
                continue
            if re.match(r"^(RFC \d+|Internet-Draft)\b", stripped):
                continue
            skip_header = False
        kept.append(Line(number, stripped))
    return kept


def _is_heading(text: str, around: tuple[str, str, str], paginated: bool) -> re.Match[str] | None:
    """A heading stands alone; one at the margin may follow a text directly, and may go on in an indented line."""
    found = _HEADING.match(text)
    margin = paginated and not text.startswith(" ")
    if found is None or len(text) > 90 or (_CONTENTS.search(text) and not margin):
        return None
    previous, following, after = around
    wraps = margin and following.startswith("   ") and not after.strip()
    if (previous.strip() and not margin) or (following.strip() and not wraps):
        return None
    if not re.match(r"[A-Z<\"§]", found["title"]):
        return None
    if found["title"].rstrip().endswith((".", ";")) and not (margin and "." in found["number"]):
        return None
    return found


class _Reader:
    """Puts lines together to sections and paragraphs, one line after the other."""

    def __init__(self, lines: list[Line], paginated: bool) -> None:
        self.sections = [Section("", "", 1)]
        self._lines = lines
        self._paginated = paginated
        self._current: list[Line] = []
        self._fenced = False

    def read(self) -> list[Section]:
        """The sections of all lines."""
        index = 0
        while index < len(self._lines):
            line, taken = self._lines[index], 1
            if not self._paginated and _FENCE.match(line.text):
                self._close()
                self._fenced = not self._fenced
            elif self._fenced:
                self._current.append(line)
            elif heading := self._heading(index):
                taken = heading
            else:
                self._text(Line(line.number, self._bare(index)))
            index += taken
        self._close()
        return self.sections

    def _bare(self, index: int) -> str:
        return _TOC_LINK.sub("", self._lines[index].text).rstrip()

    def _raw(self, index: int) -> str:
        """The line of this index; empty where there is none."""
        return self._lines[index].text if 0 <= index < len(self._lines) else ""

    def _heading(self, index: int) -> int:
        """Begin the section whose heading stands there, and say how many lines that is: 0 for no heading, 2 for one that wraps."""
        following = _TOC_LINK.sub("", self._raw(index + 1))
        around = (_TOC_LINK.sub("", self._raw(index - 1)), following, self._raw(index + 2))
        heading = _is_heading(self._bare(index), around, self._paginated)
        if heading is None or not _follows(heading["number"], self.sections[-1].number):
            return 0
        self._close()
        rest = following.strip() if self._paginated else ""
        title = f"{heading['title'].strip()} {rest}".rstrip()
        self.sections.append(Section(heading["number"], title, self._lines[index].number))
        return 2 if rest else 1

    def _text(self, line: Line) -> None:
        """A line of a paragraph, or a blank one; the end of a page is a blank one too."""
        item = self._current and _BULLET.match(line.text) and _starts_item(line.text, self._current)
        if item or not line.text:
            self._close()
        if line.text:
            self._current.append(line)

    def _close(self) -> None:
        """The paragraph is over."""
        if self._current:
            is_code = self._fenced or (self._paginated and _looks_like_figure(self._current))
            self.sections[-1].paragraphs.append(Paragraph(self._current, is_code))
        self._current = []


def _follows(number: str, last: str) -> bool:
    """Whether a heading of this number can come after the last one (so lists are no headings)."""
    if not last:
        return number == "1"
    if number[0].isalpha():
        return True
    if last[0].isalpha():
        return False
    new, old = [int(n) for n in number.split(".")], [int(n) for n in last.split(".")]
    if new <= old:
        return False
    depth = len(new)
    if depth > len(old):
        return new[: len(old)] == old and depth == len(old) + 1 and new[-1] in (0, 1)
    return new[:-1] == old[: depth - 1] and new[-1] in (old[depth - 1] + 1, old[depth - 1] + 2)


def _starts_item(text: str, current: list[Line]) -> bool:
    if re.match(r"^\s*(?:[o+\-•]\s+|\*)", text):
        return True
    return bool(re.match(r"^\s*\d+[.)]\s+", text)) and current[-1].text.rstrip().endswith((".", ":"))


def _looks_like_figure(lines: list[Line]) -> bool:
    body = "\n".join(line.text for line in lines)
    if re.search(r"^\s*(struct|enum|select|case)\b|[{}]|::=|\+--|\|\s*$|--->|<---", body, re.M):
        return True
    return bool(re.search(r"^ {3,}[A-Za-z][A-Za-z0-9-]* +=[ /]", body, re.M))


def _joined(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Put paragraphs together again that a page break cut: the first has no end, and the next begins small."""
    result: list[Paragraph] = []
    for paragraph in paragraphs:
        if result and not paragraph.code and not result[-1].code:
            before, first = result[-1].folded, paragraph.lines[0].text.strip()
            open_end = not re.search(r"[.:;!?][\"')\]*]*$", before)
            if open_end and re.match(r"[a-z(\[]", first) and len(before) > 60:
                result[-1].lines.extend(paragraph.lines)
                continue
        result.append(paragraph)
    return result


def plain(text: str) -> str:
    """A sentence without Markdown links and escapes, as a reader sees it."""
    while True:
        shorter = _LINK.sub(lambda m: m[1], text)
        if shorter == text:
            break
        text = shorter
    return re.sub(r"\\([\[\]()*_])", r"\1", text)
