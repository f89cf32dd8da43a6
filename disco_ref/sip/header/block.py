"""The header fields of one message: rows in their order, typed on first access (RFC 3261, section 7.3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar, cast

from disco_ref.notation.abnf import rule
from disco_ref.sip.grammar import HEADER_VALUE_SET, TOKEN, is_token
from disco_ref.sip.header.addressing.contact import CONTACT
from disco_ref.sip.header.addressing.parties import FROM, TO, From, To
from disco_ref.sip.header.addressing.route import RECORD_ROUTE, ROUTE
from disco_ref.sip.header.field import AnyField, Field, Plain
from disco_ref.sip.header.identity.call_id import CALL_ID
from disco_ref.sip.header.identity.cseq import CSEQ, CSeq
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.header.parts import TAKE_APART, taken_apart
from disco_ref.sip.header.plain.numbers import CONTENT_LENGTH
from disco_ref.sip.header.table import BY_KEY, SPELLINGS, key_of
from disco_ref.sip.refusals import BadRequest, MessageTooLarge

T = TypeVar("T")

_FOLD = re.compile(r"[ \t]*\r\n[ \t]+")
_ROW_END = re.compile(r"\r\n(?![ \t])")
_NAME = rule(f"({TOKEN})[ \\t]*+")
_VALUE = rule(f"[{HEADER_VALUE_SET}]*+")

Rows = dict[str, list[str]]
"""From the long name in lower case to the unfolded text behind the colon of each row."""

Typed = dict[str, list[object]]
"""From the long name in lower case to the values."""

Matched = dict[str, list[object]]
"""From the long name in lower case to what is known to be well-formed: a match for each row in its usual spelling, other values."""

Read = tuple[Rows, Typed, Matched]

# = rfc3261:20/5b
# = rfc3261:20/6b
CORE: tuple[AnyField, ...] = (VIA, FROM, TO, CALL_ID, CSEQ, CONTACT, ROUTE, RECORD_ROUTE, CONTENT_LENGTH)
"""The fields that transactions and dialogs rest on, and the end of the body: their values are read together with the rows."""

_PLAIN: Mapping[str, Plain[object]] = {field.key: field.plain for field in CORE if field.plain}
_PARTS = {key: plain.parts for key, plain in _PLAIN.items() if plain.parts}
_ALONE = frozenset(field.key for field in CORE if not field.repeats)

_Reader = Callable[[str], list[object]]
_Values = tuple[Callable[[str], re.Match[str] | None] | None, _Reader]
_Known = tuple[str, _Values | None]


def _values(field: AnyField) -> _Values:
    """How values of the core are read: matched in their usual spelling, or else by the whole grammar."""
    plain = field.plain
    whole = cast("_Reader", field.whole)
    if plain is None:
        return None, whole
    elements = plain.elements if field.repeats else None
    if elements is None:
        return plain.pattern.fullmatch, whole

    def several(text: str) -> list[object]:
        found = elements(text)
        return whole(text) if found is None else [*found]

    return plain.pattern.fullmatch, several


_KNOWN: dict[str, _Known] = {
    f"{spelling}:": (key, _values(BY_KEY[key]) if BY_KEY[key] in CORE else None) for spelling, key in SPELLINGS.items()
}
_known = _KNOWN.get
_Match = re.Match


def unfolded(text: str) -> str:
    """The text with each fold, and the white space around it, as one space."""
    # = rfc3261:7.3.1/0
    return _FOLD.sub(" ", text) if "\r" in text else text


def row(field: Field[T], *values: T) -> list[str]:
    """The lines that hold some values of a field."""
    # = rfc3261:7.3.1/3
    return [f"{field.name}: {text}" for text in field.rows(list(values))]


def text_row(name: str, text: str) -> list[str]:
    """A line for a field that is not known; ValueError where the name is no token or the text no header-value."""
    if not is_token(name) or _VALUE.fullmatch(text) is None:
        raise ValueError(f"no header field: {name}: {text!r}")
    return [f"{name}: {text}"]


class Headers:
    """Header fields in their order, byte for byte as received where they are not changed.  Not to be changed in place.

    Two are equal whose lines are equal.
    """

    __slots__ = ("_matched", "_rows", "_typed", "lines")
    _rows: Rows
    _typed: Typed
    _matched: Matched

    def __init__(self, lines: Sequence[str], read: Read | None = None) -> None:
        self.lines = lines
        """Each header field with its name, folds and all, without the CRLF behind it."""
        if read is not None:
            self._rows, self._typed, self._matched = read

    def __getattr__(self, name: str) -> Rows | Typed | Matched:
        """Reads the lines of headers made by hand when something of them is first asked for; BadRequest as for others."""
        if name not in ("_rows", "_typed", "_matched"):
            raise AttributeError(name)
        lines = [piece for line in self.lines for piece in line.split("\r\n")]
        _, (self._rows, self._typed, self._matched) = split(lines, len(lines))
        return self._rows if name == "_rows" else self._typed if name == "_typed" else self._matched

    def __eq__(self, other: object) -> bool:
        """Whether the lines are equal."""
        return isinstance(other, Headers) and list(self.lines) == list(other.lines)

    def __hash__(self) -> int:
        """The hash of the lines."""
        return hash(tuple(self.lines))

    def __repr__(self) -> str:
        """The lines."""
        return f"Headers({list(self.lines)!r})"

    def __contains__(self, key: str) -> bool:
        """Whether a field is there, by its long name in lower case."""
        return key in self._matched or key in self._rows or key in self._typed

    def __iter__(self) -> Iterator[str]:
        """The long names in lower case of the fields that are there, those of the core first."""
        return iter({**self._matched, **self._typed, **self._rows})

    def texts(self, key: str) -> list[str]:
        """What stands behind the colon in each row of a field, folds as one space, for fields known or not."""
        if key not in self._rows and key in self:
            return [unfolded(line.partition(":")[2]).strip(" \t") for line in self.lines if _key(line) == key]
        return [text.strip(" \t") for text in self._rows.get(key, ())]

    def any(self, field: AnyField) -> Sequence[object]:
        """All values of a field whose type does not matter; BadRequest where one is malformed."""
        key = field.key
        typed = self._typed.get(key)
        if typed is None:
            if key in self._matched:
                value = _PLAIN[key].value
                typed = [value(each) if isinstance(each, _Match) else each for each in self._matched[key]]
            elif key in self._rows:
                typed = cast("list[object]", field.typed(self._rows[key]))
            else:
                return ()
            self._typed[key] = typed
        return typed

    def parts(self) -> dict[str, Sequence[object]]:
        """The values of every field that is known, by its long name in lower case, taken apart; BadRequest where one is malformed.

        See :func:`disco_ref.sip.header.parts.taken_apart` for the parts of a value.
        """
        parts: dict[str, Sequence[object]] = {}
        for key, found in self._matched.items():
            parts_of = _PARTS[key]
            if len(found) == 1 and isinstance(found[0], _Match):
                parts[key] = [parts_of(found[0])]
            else:
                parts[key] = [parts_of(each) if isinstance(each, _Match) else taken_apart([each])[0] for each in found]
        typed = self._typed
        for key, rows in self._rows.items():
            if key in BY_KEY and key not in typed:
                typed[key] = cast("list[object]", BY_KEY[key].typed(rows))
        for key, values in typed.items():
            if key not in parts:
                parts[key] = taken_apart(values) if values and type(values[0]) in TAKE_APART else values
        return parts

    def all(self, field: Field[T]) -> Sequence[T]:
        """All values of a field, of all its rows; BadRequest where one is malformed."""
        return cast("Sequence[T]", self.any(field))

    def first(self, field: Field[T]) -> T | None:
        """The first value of a field, None where it is absent."""
        values = self.all(field)
        return values[0] if values else None

    def one(self, field: Field[T]) -> T:
        """The first value of a field that must be there; BadRequest where it is not."""
        values = self._typed.get(field.key) or self.any(field)
        if not values:
            raise BadRequest("missing", where=field.name)
        return cast("T", values[0])

    @property
    def via(self) -> Via:
        """The topmost Via: the hop that a message came from, or goes to."""
        return self.one(VIA)

    @property
    def from_(self) -> From:
        """The sender of the request."""
        return self.one(FROM)

    @property
    def to(self) -> To:
        """The logical recipient of the request."""
        return self.one(TO)

    @property
    def call_id(self) -> str:
        """The identifier of the call."""
        return self.one(CALL_ID)

    @property
    def cseq(self) -> CSeq:
        """The number and method of the request."""
        return self.one(CSEQ)

    def with_values(self, field: Field[T], values: Sequence[T]) -> Headers:
        """The same with these values of a field: where its first row stood, else before what is about the body; with no values, without it."""
        same = [_key(line) == field.key for line in self.lines]
        # = rfc3261:7.3.1/1
        place = same.index(True) if True in same else self._end
        before, after = (
            self.lines[:place],
            [line for line, is_it in zip(self.lines[place:], same[place:], strict=True) if not is_it],
        )
        return self._changed([*before, *(row(field, *values) if values else ()), *after], field, values)

    @property
    def _end(self) -> int:
        """Where the rows about the body begin."""
        return next((n for n, line in enumerate(self.lines) if _key(line).startswith("content-")), len(self.lines))

    def with_first(self, field: Field[T], value: T) -> Headers:
        """The same with one more value of a field, before all others: what a proxy does to Via and Record-Route."""
        place = next((n for n, line in enumerate(self.lines) if _key(line) == field.key), 0)
        return self._changed(
            [*self.lines[:place], *row(field, value), *self.lines[place:]], field, [value, *self.all(field)]
        )

    def with_top(self, field: Field[T], *values: T) -> Headers:
        """The same with these values instead of the first one of a field that is there; the others are as they were."""
        place = next(n for n, line in enumerate(self.lines) if _key(line) == field.key)
        others = field.row(unfolded(self.lines[place].partition(":")[2]).strip(" \t"))[1:]
        in_row = [*values, *others]
        lines = [*self.lines[:place], *(row(field, *in_row) if in_row else ()), *self.lines[place + 1 :]]
        return self._changed(lines, field, [*values, *self.all(field)[1:]])

    def without_top(self, field: Field[T]) -> Headers:
        """The same without the first value of a field that is there: what a proxy does to Via and Route."""
        return self.with_top(field)

    def with_lines(self, lines: Sequence[str]) -> Headers:
        """The same with more lines at the end."""
        return Headers([*self.lines, *lines])

    def only(self, keys: frozenset[str], instead: Mapping[str, str], more: Sequence[str]) -> Headers:
        """The rows of some fields in their order, some of them changed, and more lines behind them: how a response begins.

        ``keys`` and those of ``instead`` are long names in lower case of fields of the core; what was read of the rows that
        stay is carried over.  BadRequest where a line that is new is none.
        """
        lines: list[str] = []
        fresh: list[str] = []
        for line in self.lines:
            key = _key(line)
            if key in instead:
                line = instead[key]
                fresh.append(line)
            elif key not in keys:
                continue
            lines.append(line)
        lines += more
        read = _read([*(unfolded(line) for line in fresh), *more])
        if read is None:
            return Headers(lines)
        _, typed, matched = read
        kept = keys - instead.keys()
        typed.update({key: each for key, each in self._typed.items() if key in kept})
        matched.update({key: each for key, each in self._matched.items() if key in kept})
        return Headers(lines, read)

    def _changed(self, lines: Sequence[str], field: AnyField, values: Sequence[object]) -> Headers:
        """Other lines; what was read of the other fields is carried over."""
        rows, typed, matched = dict(self._rows), dict(self._typed), dict(self._matched)
        for read in (rows, typed, matched):
            read.pop(field.key, None)
        if values:
            typed[field.key] = [*values]
        return Headers(lines, (rows, typed, matched))


def _key(line: str) -> str:
    """The long name in lower case of the field that a line holds."""
    name = line.partition(":")[0]
    return SPELLINGS.get(name) or key_of(name.rstrip(" \t"))


def _odd(line: str) -> tuple[_Known, str]:
    """What is known of the field, and the text, of a line that is not spelled as usual; BadRequest where it is no field."""
    name, colon, text = line.partition(":")
    match = _NAME.fullmatch(name)
    if match is None or not colon:
        # = rfc3261:7.3/0
        raise BadRequest(f"no header field: {line[:80]!r}", where="header")
    key = key_of(match[1])
    return _KNOWN.get(f"{key}:", (key, None)), text.strip(" \t")


def _read(lines: Sequence[str]) -> Read | None:
    """The rows by name, or for the core their values or matches; None where a line continues the one before.

    BadRequest where a line is no header field, or a value of the core is malformed.
    """
    rows: Rows = {}
    typed: Typed = {}
    matched: Matched = {}
    for line in lines:
        name, _, text = line.partition(" ")
        known = _known(name)
        if known is None:
            if not name or line[0] == "\t":
                return None
            known, text = _odd(line)
        key, core = known
        if core is None:
            if key in rows:
                # = rfc3261:7.3.1/5
                rows[key].append(text)
            else:
                rows[key] = [text]
            continue
        plain, read = core
        if plain is None:
            known_of, values = typed, read(text)
        else:
            match = plain(text)
            known_of, values = matched, read(text) if match is None else [match]
        if key not in known_of:
            known_of[key] = values
        elif key in _ALONE:
            # = rfc3261:7.3.1/2
            raise BadRequest("two rows where one may stand", where=BY_KEY[key].name)
        else:
            # = rfc3261:7.3.1/5
            known_of[key] += values
    return rows, typed, matched


def split(lines: list[str], most: int) -> tuple[list[str], Read]:
    """What ends in CRLF, as whole header fields with their folds, and what is read of them at once.

    Refused are a fold in the first line, too many lines, lines that are no header field, and malformed values of the core.
    """
    if len(lines) > most:
        raise MessageTooLarge(f"more than {most} header lines", where="header")
    try:
        read = _read(lines)
    except BadRequest:
        if not any(line.startswith((" ", "\t")) for line in lines):
            raise
        read = None
    if read is None:
        # = rfc3261:25.1/1
        lines = _ROW_END.split("\r\n".join(lines))
        if any(":" not in line.partition("\r\n")[0] for line in lines):
            raise BadRequest("a line that ends before the colon", where="header")
        read = _read([unfolded(line) for line in lines])
        if read is None:
            raise BadRequest("the first header field begins with white space", where="header")
    return lines, read
