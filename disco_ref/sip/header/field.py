"""What a header field is: its names, how its values are read from text and written (RFC 3261, sections 7.3 and 20)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, cast

from disco_ref.sip.refusals import BadRequest

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
V = TypeVar("V")

MAX_TEXT = 65536
"""Characters of one header field; no datagram holds more."""


class _New(Protocol):
    def __call__(self, form: type[T], fields: tuple[str | None, ...], /) -> T: ...


_new = cast("_New", tuple.__new__)
"""Makes a tuple type's value without the overhead of its constructor."""


@dataclass(frozen=True, slots=True)
class Plain(Generic[T_co]):
    """The usual spelling of a row that holds one value, matched faster than by the whole grammar."""

    pattern: re.Pattern[str]
    value: Callable[[re.Match[str]], T_co]
    """The value that a match holds."""
    parts: Callable[[re.Match[str]], object] | None = None
    """The same taken apart, where the groups of the pattern go as far."""
    elements: Callable[[str], list[re.Match[str]] | None] | None = None
    """The matches of a row with several values, None where one is not in its usual spelling."""


def plain(pattern: re.Pattern[str], form: type[V]) -> Plain[V]:
    """A usual spelling whose groups are the fields of a tuple type."""

    def value(match: re.Match[str]) -> V:
        return _new(form, match.groups())

    return Plain(pattern, value)


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One header field by its long name, with the reader and the writer of its values.

    Several rows with one name are as good as one row with commas, if the grammar is a list (section 7.3.1).
    """

    name: str
    """The name as it is written: ``Record-Route``."""
    whole: Callable[[str], list[T]]
    """All values in the text of one row, unfolded, by the whole grammar; raises BadRequest."""
    compact: str = ""
    """The one-letter name (section 7.3.3), empty where there is none."""
    repeats: bool = True
    """Whether several rows may stand in one message."""
    lone: bool = False
    """Whether values stand in a row each and cannot be joined by commas (section 7.3.1: WWW-Authenticate and its like)."""
    needed: bool = False
    """Whether a recipient needs it to process the message: malformed, it condemns the message (sections 8.2.2 and 16.3)."""
    plain: Plain[T] | None = None
    """The usual spelling of a row with one value."""
    write: Callable[[T], str] = str
    """The text of one value."""
    key: str = field(init=False)
    """The long name in lower case: what a message is searched by."""
    row: Callable[[str], list[T]] = field(init=False, repr=False, compare=False)
    """All values in the text of one row of usual length: by the faster pattern, or where it does not match by the whole grammar."""

    def __post_init__(self) -> None:
        """Derives the key and the reader of rows once."""
        object.__setattr__(self, "key", self.name.lower())
        object.__setattr__(self, "row", _either(self.plain, self.whole) if self.plain else self.whole)

    def read(self, row: str) -> list[T]:
        """All values in the text of one row, unfolded; BadRequest where one is malformed."""
        if len(row) > MAX_TEXT:
            raise BadRequest(f"longer than {MAX_TEXT} characters", where=self.name)
        return self.row(row)

    def typed(self, rows: list[str]) -> list[T]:
        """All values of all rows; BadRequest where one is malformed or there are more rows than may be."""
        if len(rows) == 1:
            row = rows[0]
            return self.row(row) if len(row) <= MAX_TEXT else self.read(row)
        if not self.repeats:
            # = rfc3261:7.3.1/2
            raise BadRequest(f"{len(rows)} rows where one may stand", where=self.name)
        values: list[T] = []
        for row in rows:
            # = rfc3261:7.3.1/5
            values += self.read(row)
        return values

    def rows(self, values: list[T]) -> list[str]:
        """The rows that hold the values: one, but for fields whose values cannot be joined."""
        write = self.write
        texts = [write(value) for value in values]
        # = rfc3261:7.3.1/3
        # = rfc3261:7.3.1/4a
        # = rfc3261:7.3.1/4b
        return texts if self.lone else [", ".join(texts)]

    def rewritten(self, rows: list[str]) -> list[str]:
        """The rows that hold the values read from others: the canonical spelling."""
        return self.rows(self.typed(rows))


def _either(plain: Plain[T], whole: Callable[[str], list[T]]) -> Callable[[str], list[T]]:
    matched, value = plain.pattern.fullmatch, plain.value

    def read(row: str) -> list[T]:
        match = matched(row)
        return whole(row) if match is None else [value(match)]

    return read


class AnyField(Protocol):
    """A field whose type of value does not matter to the caller."""

    @property
    def name(self) -> str:
        """The name as it is written."""

    @property
    def key(self) -> str:
        """The long name in lower case."""

    @property
    def plain(self) -> Plain[object] | None:
        """The usual spelling of a row with one value."""

    @property
    def whole(self) -> Callable[[str], Sequence[object]]:
        """All values in the text of one row, by the whole grammar."""

    @property
    def row(self) -> Callable[[str], Sequence[object]]:
        """All values in the text of one row of usual length."""

    @property
    def compact(self) -> str:
        """The one-letter name."""

    @property
    def repeats(self) -> bool:
        """Whether several rows may stand in one message."""

    @property
    def needed(self) -> bool:
        """Whether a malformed one condemns the message."""

    def typed(self, rows: list[str]) -> Sequence[object]:
        """All values of all rows."""

    def rewritten(self, rows: list[str]) -> list[str]:
        """The rows in canonical spelling."""


def single(name: str, pattern: re.Pattern[str], make: Callable[[re.Match[str]], V]) -> Callable[[str], list[V]]:
    """A reader of a row that holds exactly one value."""
    matched = pattern.fullmatch

    def read(text: str) -> list[V]:
        match = matched(text)
        if match is None:
            raise BadRequest(f"malformed: {text.strip()[:80]!r}", where=name)
        return [make(match)]

    return read


def listed(
    name: str, pattern: re.Pattern[str], make: Callable[[re.Match[str]], V], *, empty: bool = False
) -> Callable[[str], list[V]]:
    """A reader of a row that holds values with commas between them; the pattern takes the white space around a value.

    Refused are empty elements, and an empty row unless the grammar admits it.
    """
    matched, at = pattern.fullmatch, pattern.match

    def read(text: str) -> list[V]:
        match = matched(text)
        if match is not None:
            return [make(match)]
        if empty and not text.strip(" \t"):
            return []
        values: list[V] = []
        start, length = 0, len(text)
        while True:
            match = at(text, start)
            if match is None or (match.end() < length and text[match.end()] != ","):
                raise BadRequest(f"malformed: {text[start : start + 80].strip()!r}", where=name, offset=start)
            values.append(make(match))
            if match.end() == length:
                return values
            start = match.end() + 1

    return read
