"""A parser of the presentation language that reports and goes on (RFC 6940, section 6.3.1).

``parse(text)`` never raises: what is wrong becomes a finding at its line and column, and
where the meaning is plain (a missing semicolon, a comma) the definition is still read.
"""

from __future__ import annotations

import re

from conformance.lab.presentation.lexer import Place, Token, tokens
from conformance.lab.presentation.syntax import (
    Case,
    Definition,
    Enum,
    Field,
    Finding,
    Fixed,
    Module,
    Select,
    Struct,
    Typedef,
    Vector,
)

_EXTENDABLE = re.compile(r"(?:can|may) be extended", re.I)
_DEPTH = 16
"""Selects within selects; more is refused."""
_EXPONENT = 128
"""The largest power of two that a bound may name."""


class _Lost(Exception):
    """The parser does not know how to go on within this definition."""


def parse(text: str) -> Module:
    """The definitions of a text and the findings about its syntax."""
    return _Parser(text).module()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[Token] = []
        self._comments: list[tuple[int, str]] = []
        self._at = 0
        self._depth = 0
        self._result = Module()
        for token in tokens(text):
            if token.kind == "comment":
                self._comments.append((len(self._tokens), token.text))
            else:
                self._tokens.append(token)

    # -- tokens

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def _take(self, mark: str) -> bool:
        if self._now.text == mark and self._now.kind != "end":
            self._at += 1
            return True
        return False

    def _find(self, code: str, message: str, place: Place | None = None) -> None:
        self._result.findings.append(Finding(place or self._now.place, code, message))

    def _lost(self, wanted: str) -> _Lost:
        seen = repr(self._now.text) if self._now.kind != "end" else "the end of the text"
        self._find("syntax", f"{wanted} expected, {seen} found")
        return _Lost()

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise self._lost(repr(mark))

    def _name(self) -> Token:
        if self._now.kind != "name":
            raise self._lost("a name")
        return self._next()

    def _semicolon(self, after: str) -> None:
        """A semicolon; where it is missing and the meaning is plain, a finding and no more."""
        if self._take(";"):
            return
        previous = self._tokens[max(self._at - 1, 0)]
        if self._now.kind in ("name", "end") or self._now.text == "}":
            place = Place(previous.place.line, previous.place.column + len(previous.text))
            self._find("missing-semicolon", f"';' is missing after {after}", place)
            return
        raise self._lost("';'")

    # -- definitions

    def module(self) -> Module:
        while self._now.kind != "end":
            start = self._at
            try:
                definition = self._definition()
            except _Lost:
                self._depth = 0
                self._recover(start)
                continue
            if definition is not None:
                self._result.definitions.append(definition)
        return self._result

    def _recover(self, start: int) -> None:
        """Go on after the definition that began at ``start``: its braces closed, its semicolon passed."""
        reached, depth, self._at = self._at, 0, start
        while self._now.kind != "end":
            token = self._next()
            depth += {"{": 1, "}": -1}.get(token.text, 0)
            if token.text == ";" and depth <= 0 and self._at > reached:
                return

    def _definition(self) -> Definition | None:
        place = self._now.place
        if self._now.text == "public" and self._tokens[self._at + 1].text == "struct":
            self._find("unknown-word", "'public' is no word of the presentation language")
            self._next()
        if self._take("enum"):
            return self._enum(place)
        if self._take("struct"):
            members = self._body()
            name = self._name().text
            self._semicolon(f"struct {name}")
            return Struct(name, members, place)
        if self._now.text == "select":
            self._find("select-outside-struct", "a select stands only inside a struct")
            select = self._select()
            name = select.name or f"select at {place}"
            return Struct(name, (Select(select.switch, select.cases, select.extendable, None, place),), place)
        if self._take("typedef"):
            target = self._field()
            return Typedef(target.name, target, place)
        if self._take(";"):
            return None
        raise self._lost("'struct', 'enum' or 'typedef'")

    def _enum(self, place: Place) -> Enum:
        self._need("{")
        values: dict[str, int] = {}
        maximum: int | None = None
        while not self._take("}"):
            item = self._now.place
            name = self._enum_name() if self._now.kind == "name" else None
            self._need("(")
            number = self._number()
            self._need(")")
            if name is None:
                maximum = number
            elif name in values or number in values.values():
                self._find("enum-twice", f"{name}({number}) is there already", item)
            else:
                values[name] = number
            if not self._take(",") and self._now.text != "}":
                if self._now.text != "(" and self._now.kind != "name":
                    raise self._lost("','")
                self._find("missing-comma", f"',' is missing before {self._now.text!r}")
        identifier = self._name().text
        self._semicolon(f"enum {identifier}")
        largest = max(values.values(), default=0)
        if maximum is None:
            self._find("enum-width", f"{identifier} does not say how wide it is", place)
        elif maximum < largest:
            self._find("enum-width", f"{identifier} has the value {largest} above its width", place)
        return Enum(identifier, values, largest if maximum is None else max(maximum, largest), place)

    def _enum_name(self) -> str:
        name = self._name().text
        while self._take("."):
            name += "." + self._next().text
        return name

    def _body(self) -> tuple[Field | Select, ...]:
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._lost("less depth")
        self._need("{")
        members: list[Field | Select] = []
        while not self._take("}"):
            members.append(self._member())
        self._depth -= 1
        return tuple(members)

    def _member(self) -> Field | Select:
        return self._select() if self._now.text == "select" else self._field()

    def _field(self) -> Field:
        place = self._now.place
        kind = self._name().text
        early = None
        if self._now.text == "<":
            early = self._vector()
            self._find("bounds-before-name", f"the bounds of the {kind} vector stand before its name", place)
        name = self._name()
        shape: Vector | Fixed | None = early
        if self._now.text == "<":
            shape = self._vector()
        elif self._take("["):
            shape = Fixed(self._number() if self._now.kind == "number" else self._path())
            self._need("]")
        self._semicolon(name.text)
        return Field(kind, name.text, shape, place)

    def _vector(self) -> Vector:
        place = self._now.place
        self._need("<")
        low = self._number()
        self._need("..")
        high = self._number()
        self._need(">")
        if low > high:
            self._find("bounds", f"the lower bound {low} is above the upper bound {high}", place)
        return Vector(low, high)

    def _select(self) -> Select:
        place = self._now.place
        self._need("select")
        self._need("(")
        switch = self._path()
        self._need(")")
        self._depth += 1
        if self._depth > _DEPTH:
            raise self._lost("less depth")
        begin = self._at
        self._need("{")
        cases: list[Case] = []
        while not self._take("}"):
            cases.append(self._case())
        self._depth -= 1
        extendable = any(begin < at <= self._at and _EXTENDABLE.search(text) for at, text in self._comments)
        name = self._next().text if self._now.kind == "name" and self._tokens[self._at + 1].text == ";" else None
        self._semicolon_after_select()
        return Select(switch, tuple(cases), extendable, name, place)

    def _semicolon_after_select(self) -> None:
        if self._now.text == "}":
            # RFC 5246 writes selects both with and without it.
            return
        self._semicolon("a select")

    def _case(self) -> Case:
        place = self._now.place
        labels: list[str] = []
        while self._take("case"):
            labels.append(self._enum_name())
            if not self._take(":"):
                if self._now.text != ";":
                    raise self._lost("':'")
                self._find("case-semicolon", f"case {labels[-1]} ends in ';' instead of ':'")
                self._next()
        if not labels:
            raise self._lost("'case'")
        members: list[Field | Select] = []
        if not self._take(";"):
            while self._now.text not in ("case", "}"):
                members.append(self._member())
        return Case(tuple(labels), tuple(members), place)

    # -- numbers and paths

    def _path(self) -> tuple[str, ...]:
        path = [self._name().text]
        while self._take("."):
            path.append(self._name().text)
        return tuple(path)

    def _number(self) -> int:
        """``n``, ``n^m``, each with ``-k`` after it."""
        value = self._literal()
        if self._take("^"):
            exponent = self._literal()
            if value > 16 or exponent > _EXPONENT:
                raise self._lost("a smaller power")
            value = value**exponent
        if self._take("-"):
            value -= self._literal()
        return value

    def _literal(self) -> int:
        if self._now.kind != "number" or len(self._now.text) > 40:
            raise self._lost("a number")
        return int(self._next().text, 0) if self._now.text[:2].lower() == "0x" else int(self._next().text)
