"""Strict XML: octets to a tree and back, without DTDs, entities, network, or unbounded size and depth.

XML 1.0 in UTF-8 only, as RFC 6940 (section 11.1) asks; where a caller says so in UTF-16 with a byte order mark too, which
XML 1.0 (section 4.3.3) has every processor read.  A document type declaration is
refused before anything reads it, so there are no entities but the five of XML and character
references.  Comments and processing instructions are dropped.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from lxml import etree

from disco_ref.errors import Malformed

Element: TypeAlias = Any
"""An element of lxml's tree, which has no types of its own; what validators look at."""


class MalformedMarkup(Malformed):
    """The octets are no document, or not the one that was asked for; ``where`` is a path and a line."""


class Limits(NamedTuple):
    """Bounds of what is read."""

    octets: int = 1 << 20
    elements: int = 50_000
    depth: int = 64
    attributes: int = 256
    """Of one element; the time to list them grows with the square of their number."""
    prefixes: int = 128
    """Declarations of namespaces on an element and all around it: each element inside is held against each of them."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element as a value: what is kept of elements that nobody here knows, and what bindings read."""

    name: str
    """``{namespace}local``."""
    attributes: tuple[tuple[str, str], ...] = ()
    text: str = ""
    """Before the first child."""
    children: tuple[Node, ...] = ()
    tail: str = ""
    """Behind the element, before its next sibling."""
    prefixes: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    """Prefixes that content may use (such as ``xsi:type``)."""
    line: int = field(default=0, compare=False, repr=False)

    @property
    def namespace(self) -> str:
        """The namespace of the name, empty where there is none."""
        return self.name[1:].partition("}")[0] if self.name.startswith("{") else ""

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("}")[2]


@dataclass(frozen=True, slots=True)
class Tree:
    """A document that was read."""

    root: Element
    octets: bytes

    @property
    def node(self) -> Node:
        """The root as a value."""
        return _node(self.root, None, _NO_PREFIXES)


def read(octets: bytes, limits: Limits | None = None, *, utf16: bool = False) -> Tree:
    """Octets to a tree; those of UTF-16, where it is allowed, become UTF-8.

    Refused with :class:`MalformedMarkup`: what is not well-formed, not UTF-8, not XML 1.0, holds a document type
    declaration, or passes a limit.
    """
    bounds = limits or Limits()
    if len(octets) > bounds.octets:
        raise MalformedMarkup(f"a document of more than {bounds.octets} octets", where="line 1")
    if utf16 and octets.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)):
        octets = _from_utf16(octets)
    _encoded(octets)
    try:
        # = rfc6940:11.1/1a
        root = etree.fromstring(octets, _parser())
    except etree.XMLSyntaxError as wrong:
        raise MalformedMarkup(_first_line(wrong), where=f"line {wrong.lineno or 1}") from None
    declared = root.getroottree().docinfo
    if declared.xml_version != "1.0" or (declared.encoding or "UTF-8").upper() not in ("UTF-8", "US-ASCII", "ASCII"):
        raise MalformedMarkup("not XML 1.0 in UTF-8", where="line 1")
    if declared.internalDTD is not None:
        raise MalformedMarkup("a document type declaration", where="line 1")
    _bounded(root, bounds)
    return Tree(root, octets)


_DECLARATION = re.compile(r"<\?xml[ \t\r\n][^>]*?encoding\s*=\s*(?:'(?P<one>[^'>]*)'|\"(?P<two>[^\">]*)\")[^>]*>")


def _from_utf16(octets: bytes) -> bytes:
    """The document in UTF-8, without the declaration, which must name UTF-16 if it names an encoding."""
    try:
        text = octets.decode("utf-16")
    except UnicodeDecodeError as wrong:
        raise MalformedMarkup("not UTF-16", where="line 1", offset=wrong.start) from None
    declared = _DECLARATION.match(text)
    if declared is not None:
        if (declared["one"] or declared["two"] or "").upper() != "UTF-16" or "1.0" not in declared[0]:
            raise MalformedMarkup("not XML 1.0 in UTF-16, as the byte order mark says", where="line 1")
        text = text[declared.end() :].lstrip(" \t\r\n")
    return text.encode("utf-8")


_PROLOG = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<!--(?:(?!-->).)*-->|<\?(?:(?!\?>).)*\?>)*", re.DOTALL)


def _encoded(octets: bytes) -> None:
    try:
        # = rfc6940:11.1/2
        # = rfc6940:14.16/3
        octets.decode("utf-8")
    except UnicodeDecodeError as wrong:
        line = octets.count(b"\n", 0, wrong.start) + 1
        raise MalformedMarkup("not UTF-8", where=f"line {line}", offset=wrong.start) from None
    if b"\x00" in octets:
        # Also UTF-16 of plain ASCII, which is UTF-8 with NULs and which libxml2 would recognise.
        raise MalformedMarkup("a NUL", where=f"line {octets.count(10, 0, octets.index(0)) + 1}")
    prolog = _PROLOG.match(octets)
    start = prolog.end() if prolog else 0
    if octets.startswith(b"<!DOCTYPE", start):
        line = octets.count(b"\n", 0, start) + 1
        raise MalformedMarkup("a document type declaration", where=f"line {line}", offset=start)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _first_line(wrong: etree.XMLSyntaxError) -> str:
    text = (wrong.msg or "not well-formed").splitlines()[0]
    return re.sub(r", line \d+, column \d+$", "", text)[:200]


def _bounded(root: Element, bounds: Limits) -> None:
    if root.xpath("count(descendant-or-self::*)") > bounds.elements:
        raise MalformedMarkup(f"more than {bounds.elements} elements", where="line 1")
    deepest = root.xpath("self::*" + "/*" * bounds.depth)
    if isinstance(deepest, list) and deepest:
        first = deepest[0]
        line = getattr(first, "sourceline", None) or 1
        raise MalformedMarkup(f"elements nested deeper than {bounds.depth}", where=f"line {line}")
    crowded = root.xpath(f"descendant-or-self::*[count(@*) > {bounds.attributes}]")
    if isinstance(crowded, list) and crowded:
        line = crowded[0].sourceline or 1
        raise MalformedMarkup(f"an element of more than {bounds.attributes} attributes", where=f"line {line}")
    declared = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        declared += 1 if event == "start-ns" else -1
        if declared > bounds.prefixes:
            raise MalformedMarkup(f"more than {bounds.prefixes} namespaces declared at one place", where="line 1")


class _Prefixes(NamedTuple):
    """What prefixes mean at one place; shared by all elements that declare none."""

    meanings: Mapping[str | None, str]
    pairs: tuple[tuple[str, str], ...]
    """All but the default namespace."""


_NO_PREFIXES = _Prefixes({}, ())


def _node(element: Element, outside: Element | None, around: _Prefixes) -> Node:
    meanings = element.nsmap
    here = around if meanings == around.meanings else _Prefixes(meanings, tuple(_named(meanings.items())))
    return Node(
        name=str(element.tag),
        attributes=tuple((str(name), str(value)) for name, value in element.attrib.items()),
        text=element.text or "",
        children=tuple(_node(child, element, here) for child in element),
        tail=element.tail or "",
        prefixes=_kept(element, outside, here, around),
        line=element.sourceline or 0,
    )


def _named(meanings: Iterable[tuple[str | None, str]]) -> Iterator[tuple[str, str]]:
    return ((prefix, uri) for prefix, uri in meanings if prefix)


def _kept(element: Element, outside: Element | None, here: _Prefixes, around: _Prefixes) -> tuple[tuple[str, str], ...]:
    """All prefixes in scope where a foreign element begins, which may be kept alone; else those declared here."""
    if outside is None or outside.prefix != element.prefix:
        return here.pairs
    if here is around:
        return ()
    return tuple((prefix, uri) for prefix, uri in here.pairs if around.meanings.get(prefix) != uri)


def write(node: Node, prefixes: Mapping[str, str] | None = None) -> bytes:
    """A document of this element, in UTF-8 with a declaration.

    ``prefixes`` maps prefixes to namespaces; the root's own namespace becomes the default one.
    Refused with :class:`MalformedMarkup`: a character that XML does not have, a name that is none.
    """
    try:
        root = _element(node, None, prefixes or {})
        return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"
    except ValueError as wrong:
        raise MalformedMarkup(str(wrong), where=node.local) from None


def _element(node: Node, parent: Element | None, around: Mapping[str, str]) -> Element:
    """The element below ``parent``, where prefixes mean what ``around`` says and are not declared again."""
    attributes = dict(node.attributes)
    inside = (
        around if all(around.get(prefix) == uri for prefix, uri in node.prefixes) else {**around, **dict(node.prefixes)}
    )
    if parent is None:
        names: dict[str | None, str] = dict([*inside.items()])
        if node.namespace:
            names[None] = node.namespace
        element = etree.Element(node.name, attributes, nsmap=names)
    else:
        declared = {prefix: uri for prefix, uri in node.prefixes if around.get(prefix) != uri}
        element = etree.SubElement(parent, node.name, attributes, nsmap=declared)
        element.tail = node.tail or None
    element.text = node.text or None
    for child in node.children:
        _element(child, element, inside)
    return element


def walk(node: Node) -> Iterator[Node]:
    """The element and all below it, in document order."""
    yield node
    for child in node.children:
        yield from walk(child)
