"""Compiling a layout into a decoder (RFC 6940, section 6.3.1).

For each struct one Python function is written, with everything inside it written out in place: consecutive fixed fields
become one ``struct`` unpacking, even across the borders of nested structs, because reading is the hot path of every hop.
The function has the form ``read(buf, p, e, context) -> (value, p)``: octets, place, end of what encloses it.
"""

from __future__ import annotations

import struct as octets
from collections.abc import Callable, Mapping
from typing import Any

from disco_ref.notation import cursor
from disco_ref.notation.compiling.source import Source
from disco_ref.notation.context import Context, DataModel
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
from disco_ref.notation.presentation import Counted, FixedLength, Opaque, UInt, Unknown

Reader = Callable[[bytes, int, int, Context], tuple[Any, int]]
Scope = Mapping[str, str]
"""The names that a select may switch on, and the variables that hold them."""

FORMATS = {8: "B", 16: "H", 32: "I", 64: "Q"}


def reader(cls: type[Any]) -> Reader:
    """The decoder of a struct, compiled when it is first asked for."""
    found: Reader | None = getattr(cls, "_read", None)
    if found is None:
        found = DecoderSource(layout(cls)).compile()
        cls._read = staticmethod(found)
    return found


class DecoderSource(Source):
    """The source text of one decoder under construction."""

    def __init__(self, root: Layout) -> None:
        super().__init__()
        self.root = root
        self.run: list[tuple[str, str, int, str]] = []
        """Fixed fields not yet read: (format, variables, octets, path)."""
        self.after: list[str] = []
        """Lines that need the fields of the run and wait for them."""
        self.end = "e"
        self.uses(new=tuple.__new__, Unknown=Unknown)

    def compile(self) -> Reader:
        """Write the function and make it."""
        self.line("L = ctx.node_id_length")
        self.line("models = ctx.models")
        self.line("model = ctx.data_model")
        value = self.structure(self.root, self.root.name, {"DataModel": "model"})
        self.flush()
        self.line(f"return {value}, p")
        made: Reader = self.function("read", "buf, p, e, ctx", f"decoder of {self.root.name}")
        return made

    def later(self, text: str) -> None:
        """A line that may wait for the fields of the run."""
        if self.run:
            self.after.append(text)
        else:
            self.line(text)

    def fixed(self, form: str, size: int, path: str) -> tuple[str, str]:
        """Add a fixed field to the run; its variable, and an expression for its offset."""
        variable = self.fresh()
        at = sum(each[2] for each in self.run)
        self.run.append((form, variable, size, path))
        return variable, f"p + {at}" if at else "p"

    def count(self, bits: int, path: str) -> str:
        """A count of octets."""
        if bits != 24:
            return self.fixed(FORMATS[bits], bits // 8, path)[0]
        high, _ = self.fixed("B", 1, path)
        low, _ = self.fixed("H", 2, path)
        self.after.append(f"{low} |= {high} << 16")
        return low

    def flush(self) -> None:
        """Read the fixed fields that are waiting."""
        if not self.run:
            return
        size = sum(each[2] for each in self.run)
        short = self.constant(cursor.short)
        places = self.constant(tuple((each[2], each[3]) for each in self.run))
        self.line(f"if p + {size} > {self.end}: raise {short}(p, {self.end}, {places})")
        forms = "".join(each[0] for each in self.run)
        variables = ", ".join(each[1] for each in self.run)
        if forms == "B":
            self.line(f"{variables} = buf[p]")
        else:
            unpack = self.constant(octets.Struct(">" + forms).unpack_from)
            self.line(f"{variables}, = {unpack}(buf, p)" if len(self.run) == 1 else f"{variables} = {unpack}(buf, p)")
        self.run = []
        for each in self.after:
            self.line(each)
        self.after = []
        self.line(f"p += {size}")

    def structure(self, each: Layout, path: str, scope: Scope) -> str:
        """A struct; the variable of its value."""
        if each.length:
            length = self.count(each.length, f"{path}.length")
            outer, end = self.enclose(length, path)
        start = ""
        if each.keeps or hasattr(each.cls, "refuse"):
            self.flush()
            start = self.fresh()
            self.line(f"{start} = p")
        inner = dict(scope)
        values = self.members(each.fields, path, inner)
        if each.length:
            self.leave(outer, end, path)
        if each.keeps:
            self.flush()
            values.append(f"buf[{start}:p]")
        return self.build(each.cls, values, start)

    def build(self, cls: type[Any], values: list[str], start: str = "") -> str:
        """The value of a NamedTuple from those of its fields."""
        value = self.fresh()
        inside = "".join(f"{each}, " for each in values)
        self.later(f"{value} = new({self.constant(cls)}, ({inside.strip()}))")
        if hasattr(cls, "refuse"):
            self.later(f"{self.constant(cls.refuse)}({value}, ctx, {start})")
        return value

    def members(self, fields: tuple[Field, ...], path: str, scope: dict[str, str]) -> list[str]:
        """The fields of a struct or of a variant, in order; their variables."""
        hoisted: dict[str, str] = {}
        values: list[str] = []
        for each in fields:
            here = f"{path}.{each.name}"
            if isinstance(each.kind, Repeated) and each.kind.hoisted:
                if not hoisted:
                    hoisted = self.hoist(fields, path)
                values.append(self.repeated(each.kind, here, scope, hoisted[each.name]))
            else:
                values.append(self.member(each, here, scope))
        return values

    def hoist(self, fields: tuple[Field, ...], path: str) -> dict[str, str]:
        """The counts of a group of vectors, which stand together before the first."""
        return {
            each.name: self.count(each.kind.bits, f"{path}.{each.name}_length")
            for each in fields
            if isinstance(each.kind, Repeated) and each.kind.hoisted
        }

    def member(self, each: Field, path: str, scope: dict[str, str]) -> str:
        """One field; its variable. Its undecorated number, too, is entered in the scope for a select."""
        if each.by_kind:
            return self.by_kind(each, path, scope)
        if each.counted:
            return self.counted(each, each.counted, path, scope)
        if each.content:
            return self.content(each, path, scope)
        return self.kind(each, path, scope)

    def kind(self, each: Field, path: str, scope: dict[str, str]) -> str:
        """A field without anything around it."""
        match each.kind:
            case UInt(bits, signed):
                value = self.integer(bits, signed, path)
                scope[each.name] = value
            case Boolean():
                value = self.boolean(path)
            case Enumerated():
                value = self.enumerated(each, each.kind, path, scope)
            case Opaque(bits):
                value = self.opaque(self.count(bits, path), path)
            case FixedLength(size):
                value = self.opaque(str(size or "L"), path)
            case Repeated():
                value = self.repeated(each.kind, path, scope, self.count(each.kind.bits, path))
            case Nested(cls):
                value = self.structure(layout(cls), path, scope)
            case ByHand(cls):
                self.flush()
                value = self.fresh()
                self.line(f"{value}, p = {self.constant(cls.read)}(buf, p, {self.end}, ctx)")
            case Variant():
                value = self.variant(each, each.kind, path, scope)
        return value

    def integer(self, bits: int, signed: bool, path: str) -> str:
        """An unsigned or signed integer."""
        if bits == 128:
            value, _ = self.fixed("16s", 16, path)
            self.after.append(f"{value} = int.from_bytes({value}, 'big')")
            return value
        form = FORMATS[bits]
        return self.fixed(form.lower() if signed else form, bits // 8, path)[0]

    def boolean(self, path: str) -> str:
        """A Boolean; anything but 0 and 1 is refused."""
        value, at = self.fixed("B", 1, path)
        refusal = self.constant(cursor.bad_value)
        self.after.append(f"if {value} > 1: raise {refusal}({at}, {value}, 'Boolean', {path!r})")
        self.after.append(f"{value} = {value} == 1")
        return value

    def enumerated(self, each: Field, kind: Enumerated, path: str, scope: dict[str, str]) -> str:
        """An enum: its member, or the number where it has none and that is allowed."""
        number, at = self.fixed(FORMATS[kind.wire.bits], kind.wire.bits // 8, path)
        scope[each.name] = number
        members: dict[int, object] = {int(one): one for one in kind.cls}
        if kind.wire.invalid is not None:
            members[kind.wire.invalid] = None
        value = self.fresh()
        default = "" if kind.wire.closed else f", {number}"
        self.after.append(f"{value} = {self.constant(members.get)}({number}{default})")
        if kind.wire.closed or kind.wire.invalid is not None:
            refusal = self.constant(cursor.bad_value)
            name = kind.cls.__name__
            self.after.append(f"if {value} is None: raise {refusal}({at}, {number}, {name!r}, {path!r})")
        return value

    def opaque(self, length: str, path: str) -> str:
        """An octet string of a length that is known by now."""
        self.flush()
        value, end = self.fresh(), self.fresh()
        self.line(f"{end} = p + {length}")
        self.line(f"if {end} > {self.end}: raise {self.constant(cursor.need)}(p, {length}, {self.end}, {path!r})")
        self.line(f"{value} = buf[p:{end}]")
        self.line(f"p = {end}")
        return value

    def enclose(self, length: str, path: str) -> tuple[str, str]:
        """Enter a part of known length; the outer end, and the new one."""
        self.flush()
        outer, self.end = self.end, self.fresh()
        self.line(f"{self.end} = p + {length}")
        self.line(f"if {self.end} > {outer}: raise {self.constant(cursor.need)}(p, {length}, {outer}, {path!r})")
        return outer, self.end

    def leave(self, outer: str, end: str, path: str) -> None:
        """Leave a part of known length, which must be used up."""
        self.flush()
        self.line(f"if p != {end}: raise {self.constant(cursor.surplus)}(p, {end}, {path!r})")
        self.end = outer

    def repeated(self, kind: Repeated, path: str, scope: Scope, length: str) -> str:
        """A vector of so many octets; the tuple of its elements."""
        outer, _ = self.enclose(length, path)
        value = self.elements(kind, path, scope)
        self.end = outer
        return value

    def elements(self, kind: Repeated, path: str, scope: Scope) -> str:
        """The elements from here to the end; the tuple of them."""
        value = self.fresh()
        self.line(f"{value} = []")
        self.line(f"while p < {self.end}:")
        with self.block():
            element = self.member(kind.element, path, dict(scope))
            self.flush()
            self.line(f"{value}.append({element})")
        self.line(f"{value} = tuple({value})")
        return value

    def counted(self, each: Field, counted: Counted, path: str, scope: dict[str, str]) -> str:
        """A field led by the count of its octets."""
        length = self.count(counted.bits, f"{path.rpartition('.')[0]}.length")
        outer, end = self.enclose(length, path)
        value = self.kind(each, path, scope)
        self.leave(outer, end, path)
        return value

    def by_kind(self, each: Field, path: str, scope: dict[str, str]) -> str:
        """A field whose data model follows from a Kind; Unknown with its octets where the Kind is not known."""
        bits = each.counted.bits if each.counted else each.kind.bits  # type: ignore[union-attr]
        length = self.count(bits, f"{path}.length" if each.counted else path)
        outer, end = self.enclose(length, path)
        value, model, kind = self.fresh(), self.fresh(), scope[each.by_kind]
        self.line(f"{model} = models.get({kind})")
        self.line(f"if {model} is None:")
        with self.block():
            self.line(f"{value} = Unknown({kind}, buf[p:{end}])")
            self.line(f"p = {end}")
        self.line("else:")
        with self.block():
            inner = {**scope, "DataModel": model}
            if isinstance(each.kind, Repeated):
                decoded = self.elements(each.kind, path, inner)
            else:
                decoded = self.kind(each, path, inner)
            self.flush()
            self.line(f"{value} = {decoded}")
        self.leave(outer, end, path)
        return value

    def content(self, each: Field, path: str, scope: Scope) -> str:
        """An octet string whose layout a number names; the octets where it names none."""
        if not isinstance(each.kind, Opaque) or each.content is None:
            raise TypeError(f"{path}: only an octet string can have a content")
        readers = {number: reader(cls) for number, cls in each.content.layouts().items()}
        outer, end = self.enclose(self.count(each.kind.bits, path), path)
        value, read = self.fresh(), self.fresh()
        self.line(f"{read} = {self.constant(readers.get)}({scope[each.content.switch]})")
        self.line(f"if {read} is None:")
        with self.block():
            self.line(f"{value} = buf[p:{end}]")
            self.line(f"p = {end}")
        self.line("else:")
        with self.block():
            self.line(f"{value}, p = {read}(buf, p, {end}, ctx)")
        self.leave(outer, end, path)
        return value

    def variant(self, each: Field, kind: Variant, path: str, scope: Scope) -> str:
        """A select: one branch for each variant, and what happens to others."""
        if kind.select.switch not in scope:
            raise TypeError(
                f"{path}: {kind.select.switch} stands outside of {self.root.name}, which cannot be read alone"
            )
        self.flush()
        switch, value = scope[kind.select.switch], self.fresh()
        word = "if"
        for number, (cls, fields) in kind.cases.items():
            model = isinstance(number, DataModel)
            test = f"is {self.constant(number)}" if model else f"== {int(number)}"
            self.line(f"{word} {switch} {test}:")
            word = "elif"
            with self.block():
                values = self.members(fields, path, dict(scope))
                self.flush()
                found = self.build(cls, values) if cls else (values[0] if values else "None")
                self.line(f"{value} = {found}")
        if kind.cases:
            self.line("else:")
        with self.block(bool(kind.cases)):
            if kind.select.switch == "DataModel":
                self.line(f"raise {self.constant(cursor.unknown_model)}(p, {path!r})")
            elif kind.select.extensible:
                self.line(f"{value} = Unknown({switch}, buf[p:{self.end}])")
                self.line(f"p = {self.end}")
            else:
                self.line(f"raise {self.constant(cursor.unknown_variant)}(p, {switch}, {path!r})")
        return value
