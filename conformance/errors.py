"""What goes wrong on the side of the harness or of the person who calls it; never a verdict on a subject.

::

    ConformanceError      exit code
     +-- Misuse           2   an unknown option, pattern, target or file; nothing selected
     +-- SuiteFault       3   vectors, registers or schemas of the suite break their own rules
     +-- TargetFault      3   the subject cannot be started or does not speak the contract
"""

from __future__ import annotations

import re


def said(fault: Exception) -> str:
    """What the system says of a fault, without its number and the name that stands in the message anyway."""
    words = re.sub(r"^(\[[^]]*\] |_ssl\.c:\d+: )| \(_ssl\.c:\d+\)$", "", getattr(fault, "strerror", None) or str(fault))
    return words or type(fault).__name__


class ConformanceError(Exception):
    """The root; ``str()`` is what the person at the terminal reads."""

    exit_code = 3


class Misuse(ConformanceError):
    """The command cannot be carried out as it was given."""

    exit_code = 2


class SuiteFault(ConformanceError):
    """A part of the suite itself is wrong; every problem is listed."""

    def __init__(self, what: str, problems: list[str] | None = None) -> None:
        super().__init__("\n  ".join([what, *(problems or [])]))
        self.problems = problems or []
        """One line each, with its place."""


class TargetFault(ConformanceError):
    """The subject cannot be brought to speak at all."""
