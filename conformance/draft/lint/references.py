"""References, figures, headings and open ends of a draft."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.draft.lint.finding import Draft, Finding
from conformance.draft.text import plain

_CITATION = re.compile(r"\[\\?\[?((?:RFC|I-D\.|OASIS|W3C|STD|BCP)[\w.-]*)\\?\]")


def check(draft: Draft) -> Iterator[Finding]:
    """What is announced and missing, or present and nowhere announced."""
    yield from _open_ends(draft)
    yield from _figures(draft)
    yield from _citations(draft)
    yield from _sections(draft)
    yield from _name(draft)


def _open_ends(draft: Draft) -> Iterator[Finding]:
    for section in draft.text.sections:
        for paragraph in section.paragraphs:
            for line in paragraph.lines:
                for found in re.finditer(r"\b(?:TODO|TBD|FIXME|XXX|To be (?:done|written))\b", line.text):
                    alone = plain(paragraph.folded).startswith(found[0]) and len(section.paragraphs) <= 2
                    what = (
                        f"section {section.number} ({section.title}) consists of an open end"
                        if alone
                        else (f"an open end in section {section.number} ({section.title})")
                    )
                    rule = "todo-section" if alone else "todo"
                    yield Finding(line.number, found.start() + 1, rule, "warning", what)


def _figures(draft: Draft) -> Iterator[Finding]:
    captions: dict[int, int] = {}
    mentions: dict[int, tuple[int, int]] = {}
    for number, text in enumerate(draft.text.lines, 1):
        caption = re.match(r"\s*(?:Figure|Fig\.)\s+(\d+)\s*[:.]", text)
        if caption:
            captions[int(caption[1])] = number
            continue
        for found in re.finditer(r"\b(?:Figure|Fig\.)\s+(\d+)", text):
            mentions.setdefault(int(found[1]), (number, found.start() + 1))
    for figure, (line, column) in sorted(mentions.items()):
        if figure not in captions:
            yield Finding(
                line, column, "figure-missing", "warning", f"figure {figure} is referred to and has no caption"
            )
    known = set(captions) | set(mentions)
    for figure in range(1, max(known, default=0)):
        if figure not in known:
            later = min(line for number, line in captions.items() if number > figure) if captions else 1
            yield Finding(later, 1, "figure-gap", "note", f"figure {figure} is neither printed nor referred to")
    for figure, line in sorted(captions.items()):
        above = [text.strip() for text in draft.text.lines[max(0, line - 6) : line - 1]]
        if not any(text.strip("\u00a0 \f") for text in above) and draft.text.rendering == "markdown":
            yield Finding(
                line, 1, "figure-empty", "warning", f"only the caption of figure {figure} survives in this rendering"
            )


def _citations(draft: Draft) -> Iterator[Finding]:
    listed: dict[str, int] = {}
    cited: dict[str, tuple[int, int]] = {}
    itself = re.search(r"Request for Comments: (\d+)", "\n".join(draft.text.lines[:20]))
    for section in draft.text.sections:
        if not section.number:
            continue
        references = "References" in section.title
        for paragraph in section.paragraphs:
            for line in paragraph.lines:
                for found in _CITATION.finditer(line.text):
                    if references:
                        listed.setdefault(found[1], line.number)
                    else:
                        cited.setdefault(found[1], (line.number, found.start() + 1))
                if not references:
                    for found in re.finditer(r"\bRFC ?(\d{4})\b", line.text):
                        cited.setdefault(f"RFC{found[1]}", (line.number, found.start() + 1))
    if not listed:
        return
    for name, (number, column) in sorted(cited.items()):
        if name not in listed and not (itself and name == f"RFC{itself[1]}"):
            yield Finding(
                number, column, "reference-missing", "warning", f"{name} is cited and not in the list of references"
            )
    for name, listing in sorted(listed.items()):
        if name not in cited:
            yield Finding(listing, 1, "reference-unused", "note", f"{name} is listed and nowhere cited")


def _sections(draft: Draft) -> Iterator[Finding]:
    numbers = {section.number for section in draft.text.sections}
    for _, paragraph in draft.prose():
        folded = plain(paragraph.folded)
        if re.search(r"\bRFC ?\d|\[\w", folded):
            # sections of another specification cannot be told from this one's
            continue
        for found in re.finditer(r"\b[Ss]ection (\d+(?:\.\d+)*)\b", folded):
            if found[1] not in numbers:
                line = next((line for line in paragraph.lines if found[1] in line.text), paragraph.lines[0])
                column = max(line.text.find(found[1]), 0) + 1
                message = f"section {found[1]} is referred to and does not exist"
                yield Finding(line.number, column, "section-missing", "warning", message)


def _name(draft: Draft) -> Iterator[Finding]:
    """The draft's own name against the working group that its references use."""
    for number, text in enumerate(draft.text.lines[:40], 1):
        found = re.search(r"\bdraft-([a-z0-9]+)-([a-z0-9]+)-[a-z0-9-]+-\d\d\b", text)
        if not found:
            continue
        groups = re.findall(r"draft-ietf-([a-z0-9]+)-", "\n".join(draft.text.lines))
        for group in sorted(set(groups)):
            if group != found[2] and _one_edit(group, found[2]):
                message = f"the draft calls itself …-{found[2]}-…, its references belong to the group {group}"
                yield Finding(number, found.start() + 1, "name-spelling", "note", message)
        return


def _one_edit(one: str, other: str) -> bool:
    """Whether one insertion, deletion or exchange of a character makes the two equal."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    for index in range(len(long)):
        rest = long[index + 1 :]
        if long[:index] + rest == short or (
            len(short) == len(long) and short[:index] == long[:index] and short[index + 1 :] == rest
        ):
            return True
    return False
