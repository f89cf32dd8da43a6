"""What a reader found against the rules: noted and read on, or refused."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = int | Literal["drop"]
"""The status a request's sender is owed, or that nothing is."""


class Deviation(NamedTuple):
    """One departure from a specification, found while reading leniently."""

    clause: str
    """The clause it breaks."""
    what: str
    """What is wrong, in one clause without a full stop."""
    where: str
    """The header, line or part, with the character counted from 0 where it is known."""
    refused: bool = True
    """Whether a strict receiver refuses the message for it."""
    status: Status = 400
    """What the sender of a request is owed for it."""


class LabRefusal(Exception):
    """Input that a strict receiver refuses, with the place and the status owed."""

    def __init__(self, why: str, *, where: str = "", status: Status | None = None) -> None:
        super().__init__(f"{where}: {why}" if where else why)
        self.why = why
        """What is wrong."""
        self.where = where
        """The field at fault."""
        self.status = status
        """A SIP status, ``"drop"``, or None where the format has no such notion."""


class Misread(Exception):
    """A value that does not follow its grammar, raised by the readers of single values."""

    def __init__(self, what: str, at: int, clause: str = "rfc3261:25.1/0") -> None:
        super().__init__(what)
        self.what = what
        """What was expected or found."""
        self.at = at
        """Characters from the start of the value."""
        self.clause = clause
        """The clause the value breaks."""
