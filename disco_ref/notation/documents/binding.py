"""Dataclasses bound to XML elements: the fields, in order, are the content model.

One declaration serves reading, writing and refusing.  A class names its namespace, each field what it
is bound to; a field without a default is required::

    @bound("urn:ietf:params:xml:ns:conference-info")
    class Host:
        display_text: Annotated[str | None, Child("display-text", string)] = None
        uris: Annotated[Uris | None, Child("uris", Uris)] = None
        others: Annotated[Nodes, Others()] = ()
        other_attributes: Annotated[Attributes, OtherAttributes()] = ()

Children stand in the order of the fields.  Elements and attributes of other namespaces are kept in order
where the class has a place for them, and refused where it has none; so is everything that is not declared.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple, TypeVar, dataclass_transform

from disco_ref.errors import Malformed
from disco_ref.notation.documents.simple import Simple
from disco_ref.notation.markup import MalformedMarkup, Node

T = TypeVar("T")

Nodes = tuple[Node, ...]
"""Elements kept as they are."""

Attributes = tuple[tuple[str, str], ...]
"""Attributes of other namespaces, ``{namespace}local`` and value."""


class Child(NamedTuple):
    """An element that stands once; ``content`` is a simple type or a bound class."""

    name: str
    content: Simple | type


class Children(NamedTuple):
    """An element that stands any number of times; the field is a tuple."""

    name: str
    content: Simple | type


class Attribute(NamedTuple):
    """An attribute without a namespace; a default that is not None is written out."""

    name: str
    content: Simple


class Text(NamedTuple):
    """The text of an element that also has attributes; it has no children then."""

    content: Simple


class Others(NamedTuple):
    """Elements of other namespaces, behind all that are declared."""


class OtherAttributes(NamedTuple):
    """Attributes of other namespaces."""


class _Slot(NamedTuple):
    """A field of a bound class and what it is bound to."""

    field: str
    name: str
    content: Any
    repeated: bool
    required: bool


class _Layout(NamedTuple):
    """A bound class, worked out once."""

    namespace: str
    attributes: dict[str, _Slot]
    children: list[_Slot]
    text: _Slot | None
    others: str | None
    other_attributes: str | None
    interleaved: bool


_Path = tuple[Any, str, int]

_NAMESPACE = "__bound_namespace__"
_INTERLEAVED = "__bound_interleaved__"


@dataclass_transform(kw_only_default=True, frozen_default=True)
def bound(namespace: str, *, interleaved: bool = False) -> Callable[[type[T]], type[T]]:
    """Make a frozen dataclass, built by keywords, whose fields are bound to elements of the namespace.

    ``interleaved``: children stand in any order (RELAX NG's ``&``); those of one name keep theirs.
    A child of another namespace is named ``{namespace}local``.
    """

    def make(cls: type[T]) -> type[T]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        setattr(made, _NAMESPACE, namespace)
        setattr(made, _INTERLEAVED, interleaved)
        return made

    return make


def _layout(cls: Any) -> _Layout:
    """The layout of a bound class, worked out when it is first needed: its annotations may name later classes."""
    return _worked_out(cls)


@cache
def _worked_out(cls: Any) -> _Layout:
    hints = typing.get_type_hints(cls, include_extras=True)
    attributes: dict[str, _Slot] = {}
    inside: list[_Slot] = []
    kept: dict[type, str] = {}
    text: _Slot | None = None
    namespace = getattr(cls, _NAMESPACE)
    for one in dataclasses.fields(cls):
        mark = typing.get_args(hints[one.name])[1]
        required = one.default is dataclasses.MISSING
        if isinstance(mark, Attribute):
            attributes[mark.name] = _Slot(one.name, mark.name, mark.content, False, required)
        elif isinstance(mark, (Child, Children)):
            name = mark.name if mark.name.startswith("{") else f"{{{namespace}}}{mark.name}"
            inside.append(_Slot(one.name, name, mark.content, isinstance(mark, Children), required))
        elif isinstance(mark, Text):
            text = _Slot(one.name, "", mark.content, False, required)
        else:
            kept[type(mark)] = one.name
    kept_names = kept.get(Others), kept.get(OtherAttributes)
    return _Layout(namespace, attributes, inside, text, *kept_names, getattr(cls, _INTERLEAVED))


def from_node(cls: type[T], node: Node) -> T:
    """An element to a value of the class; raises :class:`MalformedMarkup` with the path and the line."""
    return _read(cls, node, (None, node.local, 0))


def _refusal(why: str, path: _Path, node: Node) -> MalformedMarkup:
    parts: list[str] = []
    step: Any = path
    while step is not None:
        parent, name, index = step
        parts.append(f"{name}[{index}]" if index > 1 else name)
        step = parent
    line = f" (line {node.line})" if node.line else ""
    return MalformedMarkup(why, where="/".join(reversed(parts)) + line)


def _read(cls: type[T], node: Node, path: _Path) -> T:
    layout = _layout(cls)
    values: dict[str, Any] = {}
    _read_attributes(layout, node, path, values)
    if layout.text is not None:
        values[layout.text.field] = _simple(layout.text.content, node.text, path, node)
    elif node.text.strip(" \t\r\n"):
        raise _refusal("text between elements", path, node)
    if any(one.tail.strip(" \t\r\n") for one in node.children):
        raise _refusal("text between elements", path, node)
    kept = _read_children(layout, node, path, values)
    for one in kept:
        if one.namespace in _own(layout) or layout.others is None:
            raise _refusal("an element that is not expected here", (path, one.local[:80], 0), one)
    if layout.others is not None:
        values[layout.others] = kept
    try:
        return cls(**values)
    except Malformed as wrong:
        raise _refusal(wrong.why, path, node) from None


def _own(layout: _Layout) -> set[str]:
    """The namespaces in which an element that is not declared is wrong."""
    return {layout.namespace, "", *(slot.name[1:].partition("}")[0] for slot in layout.children)}


def _read_children(layout: _Layout, node: Node, path: _Path, values: dict[str, Any]) -> Nodes:
    """Read every declared child; what is left over, in order."""
    left = list(node.children)
    if layout.interleaved:
        by_name = {slot.name: number for number, slot in enumerate(layout.children)}
        left.sort(key=lambda one: by_name.get(one.name, len(by_name)))
    place = 0
    for slot in layout.children:
        place = _read_child(slot, node, left, place, path, values)
    return tuple(left[place:])


_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_FOR_VALIDATORS = {f"{_XSI}{name}" for name in ("type", "schemaLocation", "noNamespaceSchemaLocation")}
"""Attributes that may stand on every element and say nothing (XML Schema part 1, section 2.6)."""


def _read_attributes(layout: _Layout, node: Node, path: _Path, values: dict[str, Any]) -> None:
    others: list[tuple[str, str]] = []
    for name, text in node.attributes:
        slot = layout.attributes.get(name)
        if slot is not None:
            values[slot.field] = _simple(slot.content, text, (path, f"@{name}", 0), node)
        elif name == f"{_XSI}nil":
            raise _refusal("no element is nillable", (path, "@xsi:nil", 0), node)
        elif name.startswith("{") and not name.startswith(f"{{{layout.namespace}}}") and layout.other_attributes:
            others.append((name, text))
        else:
            raise _refusal("an attribute that is not expected here", (path, f"@{name[:80]}", 0), node)
    for name, slot in layout.attributes.items():
        if slot.required and slot.field not in values:
            raise _refusal("a required attribute is missing", (path, f"@{name}", 0), node)
    if layout.other_attributes is not None:
        values[layout.other_attributes] = tuple(others)


def _read_child(slot: _Slot, node: Node, siblings: list[Node], place: int, path: _Path, values: dict[str, Any]) -> int:
    """Read what this field is bound to, from the sibling at ``place`` on; the place behind it."""
    local = slot.name.rpartition("}")[2]
    found: list[Any] = []
    while place < len(siblings) and siblings[place].name == slot.name and (slot.repeated or not found):
        index = len(found) + 1 if slot.repeated else 0
        found.append(_content(slot.content, siblings[place], (path, local, index)))
        place += 1
    if slot.required and not found:
        blamed = siblings[place] if place < len(siblings) else node
        raise _refusal("a required element is missing", (path, local, 0), blamed)
    if slot.repeated:
        values[slot.field] = tuple(found)
    elif found:
        values[slot.field] = found[0]
    return place


def _content(content: Any, node: Node, path: _Path) -> Any:
    if not isinstance(content, Simple):
        return _read(content, node, path)
    if node.children:
        raise _refusal("an element inside text", path, node.children[0])
    for name, _ in node.attributes:
        if name not in _FOR_VALIDATORS:
            raise _refusal("an attribute that is not expected here", (path, f"@{name[:80]}", 0), node)
    return _simple(content, node.text, path, node)


def _simple(content: Simple, text: str, path: _Path, node: Node) -> Any:
    try:
        return content.read(text)
    except ValueError as wrong:
        raise _refusal(str(wrong), path, node) from None


def to_node(value: Any, name: str) -> Node:
    """A value of a bound class as the element of this name, without a namespace that of the class."""
    layout = _layout(type(value))
    attributes = [
        (slot.name, slot.content.write(getattr(value, slot.field)))
        for slot in layout.attributes.values()
        if getattr(value, slot.field) is not None
    ]
    if layout.other_attributes is not None:
        attributes.extend(getattr(value, layout.other_attributes))
    inside: list[Node] = []
    for slot in layout.children:
        held = getattr(value, slot.field)
        each = held if slot.repeated else () if held is None else (held,)
        inside.extend(_child_node(slot, one) for one in each)
    if layout.others is not None:
        inside.extend(getattr(value, layout.others))
    text = "" if layout.text is None else layout.text.content.write(getattr(value, layout.text.field))
    qualified = name if name.startswith("{") else f"{{{layout.namespace}}}{name}"
    return Node(qualified, tuple(attributes), text, tuple(inside))


def _child_node(slot: _Slot, value: Any) -> Node:
    if isinstance(slot.content, Simple):
        return Node(slot.name, text=slot.content.write(value))
    return to_node(value, slot.name)


def as_json(value: Any) -> Any:
    """A value of a bound class as JSON: fields by their names, elements that nobody knows as objects."""
    if isinstance(value, Node):
        return {
            "element": value.name,
            "attributes": dict(value.attributes),
            "text": value.text,
            "children": [as_json(one) for one in value.children],
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        layout = _layout(type(value))
        found = {one.name: as_json(getattr(value, one.name)) for one in dataclasses.fields(value)}
        if layout.other_attributes is not None:
            found[layout.other_attributes] = dict(getattr(value, layout.other_attributes))
        return found
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [as_json(one) for one in value]
    return value
