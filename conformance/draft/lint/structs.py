"""Structs printed in a draft: do they parse, and is everything they use defined?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from conformance import places
from conformance.draft.lint.finding import Block, Draft, Finding
from conformance.lab.presentation.parser import parse
from conformance.lab.presentation.syntax import Definition, Enum, Field, Module, Select, Typedef

BUILT_IN = frozenset(
    {"opaque", "uint8", "uint16", "uint24", "uint32", "uint64", "uint128", "int32", "Boolean", "DataModel"}
)
"""Types of the presentation language itself (RFC 6940, section 6.3.1), and the switch that is known only from a Kind."""


def blocks(draft: Draft) -> Iterator[Block]:
    """The blocks that print structs or enums."""
    return (
        block for block in draft.blocks if re.search(r"^\s*(?:struct|enum|public struct|typedef)\b", block.text, re.M)
    )


def check(draft: Draft) -> Iterator[Finding]:
    """Syntax, undefined and doubly defined types, selects without a switch, enums no struct uses."""
    modules = [(block, parse(block.text)) for block in blocks(draft)]
    own: dict[str, tuple[Block, Definition]] = {}
    for block, module in modules:
        for wrong in module.findings:
            yield _finding(block, wrong.place.line, wrong.place.column, "struct-syntax", wrong.message)
        for definition in module.definitions:
            if definition.name in own:
                message = f"{definition.name} is defined a second time"
                yield _finding(block, definition.place.line, definition.place.column, "type-twice", message)
            own.setdefault(definition.name, (block, definition))
    known = _elsewhere()
    for block, module in modules:
        for definition in module.definitions:
            yield from _uses(block, definition, own, known)
    yield from _commentary(draft, own)


def _finding(block: Block, line: int, column: int, rule: str, message: str, level: str = "error") -> Finding:
    return Finding(block.place(line), column, rule, level, message)


def _elsewhere() -> dict[str, Definition]:
    """What the specifications that drafts build on define."""
    known: dict[str, Definition] = {}
    for name in ("rfc6940/structs-corrected.txt", "rfc7904/structs.txt", "tls/structs.txt"):
        for definition in parse((places.schemas() / name).read_text(encoding="utf-8")).definitions:
            known.setdefault(definition.name, definition)
    return known


def _uses(
    block: Block, definition: Definition, own: Mapping[str, tuple[Block, Definition]], known: Mapping[str, Definition]
) -> Iterator[Finding]:
    if isinstance(definition, Enum):
        return
    members = (definition.target,) if isinstance(definition, Typedef) else definition.members
    yield from _members(block, definition.name, members, own, known)


def _members(
    block: Block,
    owner: str,
    members: tuple[Field | Select, ...],
    own: Mapping[str, tuple[Block, Definition]],
    known: Mapping[str, Definition],
) -> Iterator[Finding]:
    siblings = {member.name for member in members if isinstance(member, Field)}
    for member in members:
        if isinstance(member, Field):
            if member.type not in BUILT_IN and member.type not in own and member.type not in known:
                message = f"{owner}.{member.name}: the type {member.type} is not defined here or in RFC 6940"
                yield _finding(block, member.place.line, member.place.column, "type-undefined", message)
            continue
        switch = member.switch
        place = (member.place.line, member.place.column)
        if switch[0] not in siblings and switch != ("DataModel",):
            what = "a type" if switch[0] in own or switch[0] in known else "neither a field nor a type"
            message = (
                f"{owner}: select ({'.'.join(switch)}) has to name a field of {owner}, and {switch[0]} is {what}; "
                f"the switch lies outside the struct"
            )
            yield _finding(block, *place, "select-without-switch", message)
        enum = _switch_type(switch, members, own, known)
        for case in member.cases:
            for label in case.labels:
                if enum is not None and label not in enum.values:
                    message = f"{owner}: case {label} is no value of {enum.name}"
                    yield _finding(block, case.place.line, case.place.column, "case-undefined", message)
            yield from _members(block, owner, case.members, own, known)


def _switch_type(
    switch: tuple[str, ...],
    members: tuple[Field | Select, ...],
    own: Mapping[str, tuple[Block, Definition]],
    known: Mapping[str, Definition],
) -> Enum | None:
    name = next(
        (member.type for member in members if isinstance(member, Field) and member.name == switch[0]), switch[0]
    )
    definition = own[name][1] if name in own else known.get(name)
    return definition if isinstance(definition, Enum) else None


def _commentary(draft: Draft, own: Mapping[str, tuple[Block, Definition]]) -> Iterator[Finding]:
    """Names of structs that the prose uses and nothing defines, where one letter or word apart from a defined one."""
    names = set(own)
    for _, paragraph in draft.prose():
        for line in paragraph.lines:
            for found in re.finditer(r"\b([A-Z][a-z]+[A-Z]\w*)\b", line.text):
                for name in names:
                    if found[1] != name and found[1].lower() == name.lower():
                        message = f"the prose writes {found[1]}, the struct is called {name}"
                        yield Finding(line.number, found.start() + 1, "name-spelling", "warning", message)


def definitions(draft: Draft) -> Module:
    """All that a draft's structs define, for trying the draft out."""
    whole = Module()
    for block in blocks(draft):
        module = parse(block.text)
        whole.definitions.extend(module.definitions)
        whole.findings.extend(module.findings)
    return whole
