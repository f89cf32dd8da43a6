"""The domain name system of a node in virtual time: a table that it is told when it starts (conformance/SUBJECT.md, ``names``)."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from disco_ref.sip.flow import numeric
from disco_ref.sip.location.questions import (
    Answers,
    Host,
    HostRecord,
    Naptr,
    NaptrRecord,
    Question,
    Srv,
    SrvRecord,
)

MOST = 1_000
"""Records of a table."""

_Read = tuple[Question, NaptrRecord | SrvRecord | HostRecord]


class BadRecord(Exception):
    """A line that is no record; says which."""


class Names:
    """Answers questions from a table; what does not stand there does not exist."""

    def __init__(self, lines: Sequence[str] = ()) -> None:
        """``lines`` as in a zone file, without time and class; BadRecord where one cannot be read."""
        found: dict[Question, list[NaptrRecord | SrvRecord | HostRecord]] = {}
        if len(lines) > MOST:
            raise BadRecord(f"more than {MOST} records")
        for line in lines:
            question, record = _record(line)
            found.setdefault(question, []).append(record)
        self._records = found

    def answer(self, question: Question) -> Answers:
        """The records, in the order in which they stand."""
        plain = question._replace(name=_name(question.name))
        # each question leads to records of its own type
        return cast("Answers", tuple(self._records.get(plain, ())))


def _name(text: str) -> str:
    return text.lower().rstrip(".")


def _record(line: str) -> _Read:
    try:
        name, kind, *rest = shlex.split(line)
        return _KINDS[kind.upper()](_name(name), rest)
    except (ValueError, KeyError, IndexError) as fault:
        raise BadRecord(f"{line[:80]!r} is no record of type A, AAAA, SRV or NAPTR: {fault}") from None


def _host(name: str, rest: Sequence[str]) -> _Read:
    (text,) = rest
    address = numeric(text)
    if address is None:
        raise ValueError("no address")
    return Host(name), HostRecord(address)


def _srv(name: str, rest: Sequence[str]) -> _Read:
    priority, weight, port, target = rest
    return Srv(name), SrvRecord(int(priority), int(weight), int(port), target)


def _naptr(name: str, rest: Sequence[str]) -> _Read:
    order, preference, flags, service, _, replacement = rest
    return Naptr(name), NaptrRecord(int(order), int(preference), flags, service, replacement)


_KINDS: Mapping[str, Callable[[str, Sequence[str]], _Read]] = {"A": _host, "AAAA": _host, "SRV": _srv, "NAPTR": _naptr}

NO_NAMES = Names()
"""Where no name exists."""
