"""Compiling a layout into an encoder (RFC 6940, section 6.3.1).

The mirror of :mod:`disco_ref.notation.compiling.decoding`: one function a struct, ``write(value, context) -> octets``, in which
consecutive fixed fields, counts of octets among them, become one ``struct`` packing.
"""

from __future__ import annotations

import struct as octets
from collections.abc import Callable
from typing import Any

from disco_ref.notation import cursor
from disco_ref.notation.compiling.decoding import FORMATS
from disco_ref.notation.compiling.source import Source
from disco_ref.notation.context import Context
from disco_ref.notation.layout import (
    Boolean,
    ByHand,
    Enumerated,
    Field,
    Layout,
    Nested,
    Repeated,
    Variant,
    layout,
)
from disco_ref.notation.presentation import FixedLength, Opaque, UInt, Unknown

Writer = Callable[[Any, Context], bytes]


def writer(cls: type[Any]) -> Writer:
    """The encoder of a struct, compiled when it is first asked for."""
    found: Writer | None = getattr(cls, "_write", None)
    if found is None:
        found = EncoderSource(layout(cls)).compile()
        cls._write = staticmethod(found)
    return found


class EncoderSource(Source):
    """The source text of one encoder under construction."""

    def __init__(self, root: Layout) -> None:
        super().__init__()
        self.root = root
        self.parts: list[tuple[str, str]] = []
        """The octets so far: (format, expression) for a fixed field, ("", variable) for octets at hand."""
        self.uses(Unknown=Unknown, join=b"".join)

    def compile(self) -> Writer:
        """Write the function and make it."""
        self.line("L = ctx.node_id_length")
        self.structure(self.root, "value", self.root.name, {})
        self.line(f"return {self.joined(self.parts)}")
        made: Writer = self.function("write", "value, ctx", f"encoder of {self.root.name}")
        return made

    def fixed(self, form: str, expression: str) -> None:
        """A fixed field."""
        self.parts.append((form, expression))

    def at_hand(self, variable: str) -> None:
        """Octets that a variable holds."""
        self.parts.append(("", variable))

    def count(self, bits: int, expression: str) -> None:
        """A count of octets."""
        if bits == 24:
            counted = self.fresh()
            self.line(f"{counted} = {expression}")
            self.fixed("B", f"{counted} >> 16")
            self.fixed("H", f"{counted} & 65535")
        else:
            self.fixed(FORMATS[bits], expression)

    def joined(self, parts: list[tuple[str, str]]) -> str:
        """An expression for the octets of all parts, packing neighbours together."""
        pieces: list[str] = []
        forms, values = "", ""
        for form, expression in [*parts, ("", "")]:
            if form:
                forms, values = forms + form, f"{values}{expression}, "
                continue
            if forms:
                pieces.append(f"{self.constant(octets.Struct('>' + forms).pack)}({values[:-2]})")
                forms, values = "", ""
            if expression:
                pieces.append(expression)
        if len(pieces) > 2:
            return f"join(({', '.join(pieces)}))"
        return " + ".join(pieces) or "b''"

    def size(self, parts: list[tuple[str, str]]) -> str:
        """An expression for the number of octets of all parts."""
        fixed = octets.calcsize(">" + "".join(form for form, _ in parts))
        return " + ".join([str(fixed), *(f"len({variable})" for form, variable in parts if not form)])

    def collected(self, write: Callable[[], None]) -> list[tuple[str, str]]:
        """The parts that ``write`` adds, taken out."""
        outer, self.parts = self.parts, []
        write()
        inner, self.parts = self.parts, outer
        return inner

    def structure(self, each: Layout, value: str, path: str, scope: dict[str, str]) -> None:
        """A struct, taken apart into variables."""
        names = [self.fresh() for _ in each.fields]
        left = [*names, "_"] if each.keeps else names
        if left:
            self.line(f"{', '.join(left)}{',' if len(left) == 1 else ''} = {value}")
        inner = dict(scope)

        def write() -> None:
            self.members(each.fields, names, path, inner)

        if each.length:
            parts = self.collected(write)
            self.count(each.length, self.size(parts))
            self.parts += parts
        else:
            write()

    def members(self, fields: tuple[Field, ...], values: list[str], path: str, scope: dict[str, str]) -> None:
        """The fields of a struct or of a variant, in order."""
        scope.update({each.name: value for each, value in zip(fields, values, strict=True)})
        hoisted: dict[str, str] = {}
        for each, value in zip(fields, values, strict=True):
            here = f"{path}.{each.name}"
            if isinstance(each.kind, Repeated) and each.kind.hoisted:
                if not hoisted:
                    hoisted = self.hoist(fields, values, path, scope)
                self.at_hand(hoisted[each.name])
            else:
                self.member(each, value, here, scope)

    def hoist(self, fields: tuple[Field, ...], values: list[str], path: str, scope: dict[str, str]) -> dict[str, str]:
        """The octets of a group of vectors, after their counts have been written."""
        found: dict[str, str] = {}
        for each, value in zip(fields, values, strict=True):
            if isinstance(each.kind, Repeated) and each.kind.hoisted:
                found[each.name] = self.elements(each.kind, value, f"{path}.{each.name}", scope)
                self.count(each.kind.bits, f"len({found[each.name]})")
        return found

    def member(self, each: Field, value: str, path: str, scope: dict[str, str]) -> None:
        """One field with what stands around it."""
        if each.content:
            self.content(each, value, scope)
        elif each.by_kind:
            self.by_kind(each, value, path, scope)
        elif each.counted:
            parts = self.collected(lambda: self.kind(each, value, path, scope))
            self.count(each.counted.bits, self.size(parts))
            self.parts += parts
        else:
            self.kind(each, value, path, scope)

    def kind(self, each: Field, value: str, path: str, scope: dict[str, str]) -> None:
        """A field without anything around it."""
        match each.kind:
            case UInt(128):
                variable = self.fresh()
                self.line(f"{variable} = {value}.to_bytes(16, 'big')")
                self.at_hand(variable)
            case UInt(bits, signed):
                self.fixed(FORMATS[bits].lower() if signed else FORMATS[bits], value)
            case Boolean():
                self.fixed("?", value)
            case Enumerated():
                self.fixed(FORMATS[each.kind.wire.bits], value)
            case Opaque(bits):
                self.count(bits, f"len({value})")
                self.at_hand(value)
            case FixedLength(size):
                length, wrong = str(size or "L"), self.constant(cursor.wrong_node_id)
                self.line(f"if len({value}) != {length}: raise {wrong}(len({value}), {length}, {path!r})")
                self.at_hand(value)
            case Repeated(bits):
                octets_of = self.elements(each.kind, value, path, scope)
                self.count(bits, f"len({octets_of})")
                self.at_hand(octets_of)
            case Nested(cls):
                self.structure(layout(cls), value, path, scope)
            case ByHand(cls):
                variable = self.fresh()
                self.line(f"{variable} = {self.constant(cls.write)}({value}, ctx)")
                self.at_hand(variable)
            case Variant():
                self.variant(each.kind, value, path, scope)

    def elements(self, kind: Repeated, value: str, path: str, scope: dict[str, str]) -> str:
        """The variable that holds the octets of all elements."""
        collected, element = self.fresh(), self.fresh()
        self.line(f"{collected} = []")
        self.line(f"for {element} in {value}:")
        with self.block():
            parts = self.collected(lambda: self.member(kind.element, element, path, dict(scope)))
            self.line(f"{collected}.append({self.joined(parts)})")
        self.line(f"{collected} = {collected}[0] if len({collected}) == 1 else join({collected})")
        return collected

    def by_kind(self, each: Field, value: str, path: str, scope: dict[str, str]) -> None:
        """A field that is Unknown where the Kind was not known."""
        written = self.fresh()
        bits = each.counted.bits if each.counted else each.kind.bits  # type: ignore[union-attr]
        self.line(f"if type({value}) is Unknown: {written} = {value}.raw")
        self.line("else:")
        with self.block():
            if isinstance(each.kind, Repeated):
                found = self.elements(each.kind, value, path, scope)
                self.line(f"{written} = {found}")
            else:
                parts = self.collected(lambda: self.kind(each, value, path, scope))
                self.line(f"{written} = {self.joined(parts)}")
        self.count(bits, f"len({written})")
        self.at_hand(written)

    def content(self, each: Field, value: str, scope: dict[str, str]) -> None:
        """An octet string whose layout a number names."""
        if not isinstance(each.kind, Opaque) or each.content is None:
            raise TypeError(f"{each.name}: only an octet string can have a content")
        writers = {number: writer(cls) for number, cls in each.content.layouts().items()}
        write, written = self.fresh(), self.fresh()
        self.line(f"{write} = {self.constant(writers.get)}({scope[each.content.switch]})")
        self.line(f"{written} = {value} if {write} is None else {write}({value}, ctx)")
        self.count(each.kind.bits, f"len({written})")
        self.at_hand(written)

    def variant(self, kind: Variant, value: str, path: str, scope: dict[str, str]) -> None:
        """A select: by the class of the value where the data model decides, else by the sibling field."""
        written, word = self.fresh(), "if"
        by_model = kind.select.switch == "DataModel"
        if not by_model and kind.select.switch not in scope:
            raise TypeError(f"{path}: {kind.select.switch} stands outside, so that this cannot be written alone")
        for number, (cls, fields) in kind.cases.items():
            test = self.model_test(cls, fields, value) if by_model else f"{scope[kind.select.switch]} == {int(number)}"
            self.line(f"{word} {test}:")
            word = "elif"
            with self.block():
                parts = self.collected(lambda: self.case(cls, fields, value, path, scope))  # noqa: B023
                self.line(f"{written} = {self.joined(parts)}")
        if kind.select.extensible:
            self.line(f"{word} type({value}) is Unknown: {written} = {value}.raw")
        self.line(f"else: raise {self.constant(cursor.wrong_variant)}({value}, {path!r})")
        self.at_hand(written)

    def case(
        self, cls: type[Any] | None, fields: tuple[Field, ...], value: str, path: str, scope: dict[str, str]
    ) -> None:
        """One variant, after making sure that the value is one of it."""
        wrong = f"raise {self.constant(cursor.wrong_variant)}({value}, {path!r})"
        if not fields:
            self.line(f"if {value} is not None: {wrong}")
            return
        if cls is None:
            kind = fields[0].kind
            if isinstance(kind, Nested):
                self.line(f"if type({value}) is not {self.constant(kind.cls)}: {wrong}")
            self.members(fields, [value], path, dict(scope))
            return
        names = [self.fresh() for _ in fields]
        self.line(f"if type({value}) is not {self.constant(cls)}: {wrong}")
        self.line(f"{', '.join(names)}{',' if len(names) == 1 else ''} = {value}")
        self.members(fields, names, path, dict(scope))

    def model_test(self, cls: type[Any] | None, fields: tuple[Field, ...], value: str) -> str:
        """How to see from a value to which data model it belongs."""
        if not fields:
            return f"{value} is None"
        if cls is None and isinstance(fields[0].kind, Nested):
            cls = fields[0].kind.cls
        if cls is not None:
            return f"type({value}) is {self.constant(cls)}"
        raise TypeError("a variant by data model is empty or a struct")
