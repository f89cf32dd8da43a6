"""Reading members of a JSON value with a refusal that names them: what every encoder begins with."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from disco_ref.errors import Malformed
from disco_ref.shell.formats.format import Json

T = TypeVar("T")


class Fields:
    """The members of one JSON object; each is asked for by its type, and what is left over is refused."""

    def __init__(self, value: Json, where: str = "value") -> None:
        if not isinstance(value, dict):
            raise Malformed("not an object", where=where)
        self._members = value
        self._where = where
        self._asked: set[str] = set()

    def _take(self, name: str) -> Json:
        self._asked.add(name)
        return self._members.get(name)

    def _refusal(self, name: str, why: str) -> Malformed:
        return Malformed(why, where=f"{self._where}.{name}")

    def text(self, name: str) -> str:
        """A string that must be there."""
        value = self._take(name)
        if not isinstance(value, str):
            raise self._refusal(name, "not a string")
        return value

    def text_or_none(self, name: str) -> str | None:
        """A string, or None where it is null or absent."""
        return None if self._take(name) is None else self.text(name)

    def number(self, name: str) -> int:
        """A whole number that is not negative."""
        value = self._take(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._refusal(name, "not a number from 0")
        return value

    def number_or_none(self, name: str) -> int | None:
        """A whole number, or None where it is null or absent."""
        return None if self._take(name) is None else self.number(name)

    def octets(self, name: str) -> bytes:
        """Octets written as hexadecimal digits."""
        try:
            return bytes.fromhex(self.text(name))
        except ValueError:
            raise self._refusal(name, "not hexadecimal digits") from None

    def texts(self, name: str) -> tuple[str, ...]:
        """An array of strings; absent counts as empty."""
        found: list[str] = []
        for each in self._array(name):
            if not isinstance(each, str):
                raise self._refusal(name, "not an array of strings")
            found.append(each)
        return tuple(found)

    def every(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """An array of objects, each read by the same rule; absent counts as empty."""
        return tuple(read_all(Fields(each, f"{self._where}.{name}"), read) for each in self._array(name))

    def one(self, name: str, read: Callable[[Fields], T]) -> T:
        """An object that must be there."""
        return read_all(Fields(self._take(name), f"{self._where}.{name}"), read)

    def one_or_none(self, name: str, read: Callable[[Fields], T]) -> T | None:
        """An object, or None where it is null or absent."""
        return None if self._take(name) is None else self.one(name, read)

    def _array(self, name: str) -> list[Json]:
        value = self._take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._refusal(name, "not an array")
        return value

    def finish(self) -> None:
        """Refuse members that nobody asked for: a misspelt name must not be lost in silence."""
        left = sorted(self._members.keys() - self._asked)
        if left:
            raise self._refusal(left[0], "no such member")


def read_all(fields: Fields, read: Callable[[Fields], T]) -> T:
    """Read an object by a rule that must use every member."""
    value = read(fields)
    fields.finish()
    return value
