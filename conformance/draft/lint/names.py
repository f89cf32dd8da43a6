"""One thing, one name: technical names of a draft that occur in two spellings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from conformance.draft.lint.finding import Draft, Finding
from conformance.draft.text import plain

_NAME = re.compile(
    r"</?(?P<tag>[A-Za-z][\w-]*)/?>"
    r"|(?P<under>\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b)"
    r"|['\"](?P<quoted>[A-Za-z][\w-]{3,})['\"]"
    r"|\b(?P<hyphen>[A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+)\b"
    r"|\b(?P<camel>(?:[A-Z][a-z]*[a-z0-9]+){2,}[A-Za-z0-9]*|[A-Z][a-z]+[A-Z][A-Za-z0-9]*)\b"
)
_DECLARED = re.compile(r'\bname="([\w-]+)"|\b(?:element|attribute)\s+(?!name=)([\w-]+)')


def check(draft: Draft) -> Iterator[Finding]:
    """Names that are equal but for case, hyphens, underscores, a plural s or a missing last word."""
    places = _places(draft)
    groups: dict[str, dict[str, list[tuple[int, int]]]] = defaultdict(dict)
    for name, where in places.items():
        groups[_key(name)][name] = where
    for spellings in groups.values():
        if len(spellings) > 1:
            yield from _differences(spellings)
    yield from _cut_short(draft, places)


def _places(draft: Draft) -> dict[str, list[tuple[int, int]]]:
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for section, paragraph in draft.prose():
        if not section.number:
            continue
        for line in paragraph.lines:
            text = _masked(line.text)
            for found in _NAME.finditer(text):
                name = next(group for group in found.groups() if group)
                if _is_citation(text, found) or (found["hyphen"] and not _technical(name)):
                    continue
                places[name].append((line.number, found.start(found.lastgroup or 0) + 1))
    for block in draft.blocks:
        for number, text in block.lines:
            for found in _DECLARED.finditer(text):
                name = found[1] or found[2]
                places[name].append((number, found.start(found.lastindex or 0) + 1))
            for found in re.finditer(r"\b[A-Za-z]\w*_\w+\b|\b[A-Z][a-z]+[A-Z]\w+\b", text):
                places[found[0]].append((number, found.start() + 1))
    return places


def _masked(text: str) -> str:
    """Blank out link targets, citations and URIs: their words are not the draft's own names."""
    for pattern in (r"\]\([^)]*\)+", r"\[\\?\[[^\]]*\]", r"\b(?:https?|sips?|urn|mailto):\S+"):
        text = re.sub(pattern, lambda found: " " * len(found[0]), text)
    return text


def _is_citation(text: str, found: re.Match[str]) -> bool:
    return text[max(0, found.start() - 1) : found.start()] in ("[", "(") and found[0].startswith(("I-D", "RFC"))


def _technical(name: str) -> bool:
    """A hyphenated word is a name if it is more than a capital at the beginning of a sentence."""
    return sum(letter.isupper() for letter in name) >= 2 and not name.startswith(("RFC", "I-D", "Internet-"))


def _key(name: str) -> str:
    key = re.sub(r"[-_]", "", name).lower()
    return key[:-1] if key.endswith("s") and not key.endswith("ss") else key


def _differences(spellings: dict[str, list[tuple[int, int]]]) -> Iterator[Finding]:
    ranked = sorted(spellings, key=lambda name: (-len(spellings[name]), spellings[name][0]))
    usual = ranked[0]
    for name in ranked[1:]:
        line, column = spellings[name][0]
        level = _level(name, usual)
        if not level:
            continue
        message = (
            f"two spellings of one name: {name} ({_times(spellings[name])}) and {usual} "
            f"({_times(spellings[usual])}, first in line {spellings[usual][0][0]})"
        )
        yield Finding(line, column, "name-spelling", level, message)


def _times(places: list[tuple[int, int]]) -> str:
    return "once" if len(places) == 1 else f"{len(places)} times"


def _level(name: str, usual: str) -> str:
    """How much a difference means: conventions (a field and its type) nothing, case or hyphens within one form much."""
    forms = {_form(name), _form(usual)}
    if name.lower().rstrip("s") == usual.lower().rstrip("s") and name[-1:] + usual[-1:] in (
        "s" + usual[-1:],
        name[-1:] + "s",
    ):
        return "warning" if forms == {"lower"} and name.lower() != usual.lower() else ""
    if forms in ({"snake", "camel"}, {"snake", "title"}, {"snake", "upper"}):
        return ""
    if "lower" in forms and forms & {"title", "camel", "upper"}:
        return ""
    return "note" if len(forms) == 2 and "lower" not in forms else "warning"


def _form(name: str) -> str:
    """How a name is written: ``snake_case``, ``lower-case``, ``Title-Case``, ``UPPER-CASE`` or ``CamelCase``."""
    if "_" in name:
        return "snake"
    if name.islower():
        return "lower"
    if name.isupper():
        return "upper"
    return "title" if "-" in name else "camel"


def _cut_short(draft: Draft, places: dict[str, list[tuple[int, int]]]) -> Iterator[Finding]:
    """A name of the prose that is a declared name less its last word: ``sip_focus_node`` for ``sip_focus_node_id``."""
    declared = {name for block in draft.blocks for name in re.findall(r"\b[a-z]\w*_\w+\b", block.text)}
    for name, where in sorted(places.items()):
        if "_" not in name or name in declared:
            continue
        for full in sorted(declared):
            if full.startswith(f"{name}_") and full.count("_") == name.count("_") + 1:
                line, column = where[0]
                message = f"two spellings of one name: {name} in the prose, {full} in the struct"
                yield Finding(line, column, "name-spelling", "warning", message)


def plain_words(text: str) -> set[str]:
    """The words of a sentence that carry meaning, for comparing sentences."""
    return {word for word in re.findall(r"[a-z]{4,}", plain(text).lower()) if word not in _EMPTY}


_EMPTY = {
    "that",
    "this",
    "with",
    "must",
    "should",
    "from",
    "which",
    "have",
    "been",
    "will",
    "their",
    "them",
    "then",
    "section",
}
