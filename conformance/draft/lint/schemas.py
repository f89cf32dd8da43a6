"""XML schemas printed in a draft: do they compile, and do they say what the prose says?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import xmlschema
from lxml import etree

from conformance import places
from conformance.draft.lint.finding import Block, Draft, Finding

XS = "{http://www.w3.org/2001/XMLSchema}"
_RESERVED_HOST = re.compile(r"//(?:[\w-]+\.)*example\.(?:org|com|net)\b")


def blocks(draft: Draft) -> Iterator[Block]:
    """The blocks that print an XML schema."""
    return (block for block in draft.blocks if re.search(r"<(?:\w+:)?schema\b", block.text))


def parse(block: Block) -> tuple[etree._Element | None, int, Finding | None]:
    """The block's schema element, the lines before it, and what keeps it from being XML."""
    source = block.text
    lead = source[: len(source) - len(source.lstrip())].count("\n")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(source.strip().encode(), parser), lead, None
    except etree.XMLSyntaxError as broken:
        line, column = broken.position
        finding = Finding(
            block.place(line + lead),
            column,
            "schema-not-xml",
            "error",
            f"the printed schema is not well-formed XML: {broken.msg}",
        )
        return None, lead, finding


def check(draft: Draft) -> Iterator[Finding]:
    """Every defect of the printed XML schemas."""
    for block in blocks(draft):
        root, lead, broken = parse(block)
        if broken is not None:
            yield broken
        if root is None:
            continue
        yield from _compiles(block, root, lead)
        yield from _wildcards(block, root, lead)
        yield from _namespace(draft, block, root, lead)
        yield from _elements_of_prose(draft, root)


def _at(block: Block, line: int, needle: str) -> tuple[int, int]:
    place = block.place(line)
    text = dict(block.lines).get(place, "")
    return place, max(text.find(needle), 0) + 1


def _compiles(block: Block, root: etree._Element, lead: int) -> Iterator[Finding]:
    tree = etree.ElementTree(root)
    try:
        errors = xmlschema.XMLSchema(tree, validation="lax", allow="none").all_errors
    except xmlschema.XMLSchemaException as broken:
        yield Finding(block.place(lead + 1), 1, "schema-does-not-compile", "error", str(broken).splitlines()[0])
        return
    for error in errors:
        line = getattr(error.elem, "sourceline", None) or 1
        name = re.search(r"'(\{[^}]*\})?([\w.-]+)'", error.message)
        place, column = _at(block, line + lead, f'"{name[2]}"' if name else "<")
        missing = name[2] if name else ""
        hint = _where_defined(missing) if missing and "not found" in error.message else ""
        message = f"the schema does not compile: {error.message}" + (f"; {hint}" if hint else "")
        yield Finding(place, column, "schema-does-not-compile", "error", message)


def _where_defined(name: str) -> str:
    """A hint: which schema we know of defines a type or element of this name."""
    for path in sorted(places.schemas().glob("rfc*/*.xsd")):
        if f'name="{name}"' in path.read_text(encoding="utf-8"):
            return f"{path.parent.name.upper()} defines {name}, but it is neither imported nor named with a prefix"
    return ""


def _wildcards(block: Block, root: etree._Element, lead: int) -> Iterator[Finding]:
    """An extension point without minOccurs="0" makes a foreign element mandatory in every instance."""
    for wildcard in root.iter(f"{XS}any"):
        if wildcard.get("minOccurs", "1") == "0":
            continue
        owner = wildcard.getparent()
        while owner is not None and owner.get("name") is None:
            owner = owner.getparent()
        name = owner.get("name") if owner is not None else "a type"
        place, column = _at(block, (wildcard.sourceline or 1) + lead, "<")
        message = (
            f'{name}: the extension point lacks minOccurs="0", so every instance must contain an element of a '
            "foreign namespace, which the prose nowhere asks for"
        )
        yield Finding(place, column, "content-model-too-strict", "error", message)
        if wildcard.get("maxOccurs", "1") == "1":
            message = f'{name}: the extension point lacks maxOccurs="unbounded", so a second extension cannot be added'
            yield Finding(place, column, "extension-point-single", "note", message)


def _namespace(draft: Draft, block: Block, root: etree._Element, lead: int) -> Iterator[Finding]:
    target = root.get("targetNamespace", "")
    if _RESERVED_HOST.search(target):
        place, column = _at(block, (root.sourceline or 1) + lead, "<")
        for number, text in block.lines:
            if "targetNamespace" in text:
                place, column = number, text.find("targetNamespace") + 1
        message = f"the target namespace {target} lies in a domain reserved for examples; a URN has to be registered"
        yield Finding(place, column, "namespace-not-registered", "warning", message)
    if not target:
        place, column = _at(block, (root.sourceline or 1) + lead, "<")
        yield Finding(place, column, "namespace-missing", "warning", "the schema has no target namespace")


def declared_names(root: etree._Element) -> set[str]:
    """Names of the elements and attributes that a schema declares."""
    return {
        node.get("name", "") for tag in ("element", "attribute") for node in root.iter(f"{XS}{tag}") if node.get("name")
    }


def _elements_of_prose(draft: Draft, root: etree._Element) -> Iterator[Finding]:
    """Elements that the prose names in angle brackets and no schema declares."""
    known = declared_names(root) | _known_elsewhere() | _grammar_names(draft)
    seen: set[str] = set()
    for _, paragraph in draft.prose():
        for line in paragraph.lines:
            for found in re.finditer(r"<([A-Za-z][\w-]*)>", line.text):
                name = found[1]
                if name in known or name in seen:
                    continue
                seen.add(name)
                close = _nearest(name, known)
                hint = f"; <{close}> is" if close else ""
                message = f"the prose speaks of <{name}>, which no schema or grammar declares{hint}"
                yield Finding(line.number, found.start() + 1, "element-undeclared", "warning", message)


def _known_elsewhere() -> set[str]:
    names: set[str] = set()
    for path in places.schemas().glob("rfc*/*.xsd"):
        names |= set(re.findall(r'(?:element|attribute)\s+name="([\w-]+)"', path.read_text(encoding="utf-8")))
    for path in places.schemas().glob("rfc*/*.rnc"):
        names |= set(re.findall(r"\belement\s+(?:\w+:)?([\w-]+)", path.read_text(encoding="utf-8")))
    return names


def _grammar_names(draft: Draft) -> set[str]:
    return {name for block in draft.blocks for name in re.findall(r"\b(?:element|attribute)\s+([\w-]+)", block.text)}


def _nearest(name: str, known: set[str]) -> str:
    """A declared name that differs only in case, hyphens or a plural s."""
    key = re.sub(r"[-_]", "", name.lower()).rstrip("s")
    for one in sorted(known):
        if re.sub(r"[-_]", "", one.lower()).rstrip("s") == key:
            return one
    return ""
