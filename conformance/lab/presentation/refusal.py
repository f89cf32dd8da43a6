"""What the lab says of bytes or values that do not fit their definition."""

from __future__ import annotations

from typing import TypeAlias

Json: TypeAlias = "None | bool | int | str | list[Json] | dict[str, Json]"
"""A value as ``SUBJECT.md`` writes it."""


class LabRefusal(Exception):
    """Input that is refused: where (a field's path), at which byte, and why.

    ``error`` is the code of RFC 6940, section 14.9, where the sender is owed one; ``clause``
    the sentence that the input breaks, where it is one of the prose and not the layout.
    """

    def __init__(self, where: str, offset: int | None, why: str, error: int | None = None, clause: str = "") -> None:
        place = where if offset is None else f"{where} at byte {offset}"
        super().__init__(f"{place}: {why}")
        self.where = where
        self.offset = offset
        self.why = why
        self.error = error
        self.clause = clause
