"""Searches for servers that are under way, and the questions that they wait for: each is asked once, however many wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

from disco_ref.peer.effects import Locate
from disco_ref.sip.flow import Hop
from disco_ref.sip.location.questions import Answers, Question
from disco_ref.sip.location.search import Search

T = TypeVar("T")


class Found(NamedTuple, Generic[T]):
    """A search has come to its end."""

    of: T
    hops: list[Hop]
    """Empty: there is no way."""


class _Searching(Generic[T]):
    __slots__ = ("answers", "of", "search", "waiting")

    def __init__(self, of: T, way: Search) -> None:
        self.of = of
        self.search = way
        self.answers: dict[Question, Answers] = {}
        self.waiting: set[Question] = set()


class Asking(Generic[T]):
    """The searches of one element for things of one sort."""

    __slots__ = ("_count", "_waiting")

    def __init__(self) -> None:
        self._count = 0
        self._waiting: dict[Question, list[_Searching[T]]] = {}

    def __len__(self) -> int:
        """How many searches are under way."""
        return self._count

    def begin(self, of: T, way: Search) -> Iterator[Locate | Found[T]]:
        """Begins a search: what is to be asked, or where it has ended at once."""
        self._count += 1
        return self._go_on(_Searching(of, way))

    def located(self, question: Question, answers: Answers) -> Iterator[Locate | Found[T]]:
        """The answer to a question: the searches that waited for it go on."""
        for one in self._waiting.pop(question, ()):
            one.waiting.discard(question)
            one.answers[question] = answers
            if not one.waiting:
                yield from self._go_on(one)

    def _go_on(self, one: _Searching[T]) -> Iterator[Locate | Found[T]]:
        try:
            questions = one.search.send(one.answers) if one.answers else next(one.search)
        except StopIteration as ended:
            self._count -= 1
            yield Found(one.of, ended.value)
            return
        one.waiting, one.answers = set(questions), {}
        for question in one.waiting:
            if question not in self._waiting:
                yield Locate(question)
            self._waiting.setdefault(question, []).append(one)
