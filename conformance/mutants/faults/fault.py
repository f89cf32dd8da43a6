"""What a fault is: a way to answer wrongly, or a piece of the lab exchanged for a broken one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

from conformance.lab.presentation.refusal import Json

Request = dict[str, Json]
Reply = dict[str, Json] | str | None
"""A reply as an object, a raw line, or nothing."""
Answer = Callable[[Request], Reply]


class Ended(Exception):
    """The subject ends without a word."""


def _as_it_is(answer: Answer) -> Answer:
    return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault: what it does to answers, and which parts of the lab it exchanges while it is there."""

    wrap: Callable[[Answer], Answer] = _as_it_is
    exchanged: tuple[tuple[object, str, object], ...] = ()
    """(owner, attribute, what stands there instead)."""

    @contextmanager
    def present(self, answer: Answer) -> Iterator[Answer]:
        """The answer as this fault gives it; healthy again afterwards."""
        with _all([mock.patch.object(owner, name, new) for owner, name, new in self.exchanged]):
            yield self.wrap(answer)


@contextmanager
def _all(patches: list[mock._patch[object]]) -> Iterator[None]:
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in reversed(patches):
            patch.stop()
