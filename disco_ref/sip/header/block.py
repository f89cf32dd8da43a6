"""The header fields of one message: rows in their order, typed on first access (RFC 3261, section 7.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar, cast

from disco_ref.notation.abnf import rule
from disco_ref.sip.grammar import HEADER_VALUE_SET, TOKEN, is_token
from disco_ref.sip.header.addressing.parties import FROM, TO, From, To
from disco_ref.sip.header.field import AnyField, Field
from disco_ref.sip.header.identity.call_id import CALL_ID
from disco_ref.sip.header.identity.cseq import CSEQ, CSeq
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.header.table import SPELLINGS, key_of
from disco_ref.sip.refusals import BadRequest, MessageTooLarge

T = TypeVar("T")

_FOLD = re.compile(r"[ \t]*\r\n[ \t]+")
_ROW_END = re.compile(r"\r\n(?![ \t])")
_NAME = rule(f"({TOKEN})[ \\t]*+")
_VALUE = rule(f"[{HEADER_VALUE_SET}]*+")
_spelled = SPELLINGS.get

Rows = dict[str, list[str]]
"""From the long name in lower case to the unfolded text behind the colon of each row."""


def row(field: Field[T], *values: T) -> list[str]:
    """The lines that hold some values of a field."""
    return [f"{field.name}: {text}" for text in field.rows(list(values))]


def text_row(name: str, text: str) -> list[str]:
    """A line for a field that is not known; ValueError where the name is no token or the text no header-value."""
    if not is_token(name) or _VALUE.fullmatch(text) is None:
        raise ValueError(f"no header field: {name}: {text!r}")
    return [f"{name}: {text}"]


class Headers:
    """Header fields in their order, byte for byte as received where they are not changed.  Not to be changed in place.

    Equal are two whose lines are equal.
    """

    __slots__ = ("_rows", "_typed", "lines")

    def __init__(self, lines: Sequence[str], rows: Rows | None = None, typed: dict[str, Sequence[object]] | None = None) -> None:
        self.lines = lines
        """Each header field with its name, folds and all, without the CRLF behind it."""
        self._rows = rows_of(lines) if rows is None else rows
        self._typed: dict[str, Sequence[object]] = {} if typed is None else typed

    def __eq__(self, other: object) -> bool:
        """Whether the lines are equal."""
        return isinstance(other, Headers) and list(self.lines) == list(other.lines)

    def __hash__(self) -> int:
        """The hash of the lines."""
        return hash(tuple(self.lines))

    def __repr__(self) -> str:
        """The lines."""
        return f"Headers({list(self.lines)!r})"

    def __contains__(self, field: Field[T]) -> bool:
        """Whether the field is there."""
        return field.key in self._rows

    def keys(self) -> Iterable[str]:
        """The long names in lower case of the fields that are there, in the order of their first rows."""
        return self._rows.keys()

    def texts(self, key: str) -> list[str]:
        """What stands behind the colon in each row of a field, folds as one space, for fields known or not."""
        return [text.strip(" \t") for text in self._rows.get(key, ())]

    def all(self, field: Field[T]) -> Sequence[T]:
        """All values of a field, of all its rows; BadRequest where one is malformed."""
        typed = self._typed.get(field.key)
        return cast("Sequence[T]", self.any(field) if typed is None else typed)

    def any(self, field: AnyField) -> Sequence[object]:
        """All values of a field whose type does not matter; BadRequest where one is malformed."""
        typed = self._typed.get(field.key)
        if typed is None:
            rows = self._rows.get(field.key)
            typed = self._typed[field.key] = field.typed(rows) if rows is not None else ()
        return typed

    def first(self, field: Field[T]) -> T | None:
        """The first value of a field, None where it is absent."""
        values = self.all(field)
        return values[0] if values else None

    def one(self, field: Field[T]) -> T:
        """The first value of a field that must be there; BadRequest where it is not."""
        values = self.all(field)
        if not values:
            raise BadRequest(f"{field.name} is missing", where=field.name)
        return values[0]

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
        """The same with these values of a field: where its first row stood, else at the end; with no values, without it."""
        lines = row(field, *values) if values else []
        kept = [(key_of(_name(line)) == field.key, line) for line in self.lines]
        place = next((n for n, (same, _) in enumerate(kept) if same), len(kept))
        before = [line for same, line in kept[:place] if not same]
        return Headers([*before, *lines, *[line for same, line in kept[place:] if not same]])

    def with_first(self, field: Field[T], value: T) -> Headers:
        """The same with one more value of a field, before all others: what a proxy does to Via and Record-Route."""
        place = next((n for n, line in enumerate(self.lines) if key_of(_name(line)) == field.key), 0)
        return Headers([*self.lines[:place], *row(field, value), *self.lines[place:]])

    def with_lines(self, lines: Sequence[str]) -> Headers:
        """The same with more lines at the end."""
        return Headers([*self.lines, *lines])


def _name(line: str) -> str:
    return line.partition(":")[0].rstrip(" \t")


def _odd_key(name: str, colon: str) -> str:
    """The key of a name that is not spelled as usual; BadRequest where there is none."""
    match = _NAME.fullmatch(name)
    if match is None or not colon:
        raise BadRequest(f"no header field: {name[:80]!r}", where="header")
    return key_of(match[1])


def rows_of(lines: Sequence[str]) -> Rows:
    """The rows by name; BadRequest where a line is no header field.

    Names are read here, values when they are asked for.
    """
    rows: Rows = {}
    for line in lines:
        name, colon, text = line.partition(":")
        key = _spelled(name)
        if key is None or not colon:
            key = _odd_key(name, colon)
        if key in rows:
            rows[key].append(text)
        else:
            rows[key] = [text]
    return rows


class Lines(NamedTuple):
    """A header block taken apart."""

    lines: list[str]
    """As received, folds and all."""
    unfolded: list[str]
    """With each fold as one space; the same list where nothing is folded."""


def split_lines(text: str, most: int) -> Lines:
    """The header lines of a block without start line; refused are bare CR or LF, a fold at the start, and too many lines."""
    lines = text.split("\r\n") if text else []
    #= rfc3261:25.1/1
    folded = "\r\n " in text or "\r\n\t" in text
    if folded:
        lines = _ROW_END.split(text)
    if len(lines) > most:
        raise MessageTooLarge(f"more than {most} header fields", where="header")
    unfolded = [_FOLD.sub(" ", line) if "\r" in line else line for line in lines] if folded else lines
    if folded:
        bare = any("\r" in line or "\n" in line for line in unfolded)
    else:
        bare = text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1
    if bare and lines:
        #= rfc3261:7/1
        raise BadRequest("CR or LF that ends no line", where="header")
    if text.startswith((" ", "\t")):
        raise BadRequest("the first header field begins with white space", where="header")
    return Lines(lines, unfolded)

