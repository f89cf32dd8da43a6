"""The shape of a format: bytes to a JSON value and back (conformance/SUBJECT.md has the values)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
"""A value as it stands in a line of JSON."""

Context = Mapping[str, Json]
"""The members of ``context`` that the contract names."""


class Format(NamedTuple):
    """One format; ``name`` is the struct, header, Content-Type or kind of document, or None."""

    decode: Callable[[str | None, bytes, Context], Json]
    """Octets to a value; raises Refusal."""

    encode: Callable[[str | None, Json, Context], bytes] | None
    """A value to octets; raises Refusal for a value that cannot be written, None where the format is only read."""

    reencode: Callable[[str | None, bytes, Context], bytes]
    """Octets to a value and back; raises Refusal."""
