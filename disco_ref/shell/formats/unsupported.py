"""What this reference does not know by name: not a fault of the input, and not of the program."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class Unsupported(LookupError):
    """A command, format or name that is not known; says which ones come near."""

    def __init__(self, what: str, name: str, known: Iterable[str] = ()) -> None:
        """``what`` is the sort of thing (``struct``), ``name`` what was asked for, ``known`` what there is."""
        near = difflib.get_close_matches(name[:80], list(known), n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"no {what} {name[:80]!r}{hint}")
