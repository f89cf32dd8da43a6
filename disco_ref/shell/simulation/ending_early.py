"""A long run that is told to end: by Ctrl-C or SIGTERM, at once, with what it has so far."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

_NUMBERS = (signal.SIGINT, signal.SIGTERM)


class EndedEarly:
    """Whether, and by which signal, a run was ended."""

    def __init__(self) -> None:
        self.by: signal.Signals | None = None

    @property
    def status(self) -> int:
        """The status that the program is to end with: 0, or as a shell has it where a signal has ended it."""
        return 0 if self.by is None else 128 + self.by


class _Told(BaseException):
    """Raised wherever the run is; nothing but :func:`until_told` takes it."""


@contextlib.contextmanager
def until_told() -> Iterator[EndedEarly]:
    """What is run within ends at a signal, wherever it is; a second signal has its usual effect."""
    ended = EndedEarly()
    before = {each: signal.getsignal(each) for each in _NUMBERS}

    def told(number: int, _frame: FrameType | None) -> None:
        for each in _NUMBERS:
            signal.signal(each, signal.SIG_DFL)
        ended.by = signal.Signals(number)
        raise _Told

    try:
        for each in _NUMBERS:
            signal.signal(each, told)
        with contextlib.suppress(_Told):
            yield ended
    finally:
        for number, what in before.items():
            signal.signal(number, what)
