"""Tables 2 and 3: which header goes with which method (RFC 3261, section 20)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab.sip import Message
from conformance.lab.sip.header.table import HEADERS

METHODS = ("ACK", "BYE", "CANCEL", "INVITE", "OPTIONS", "REGISTER")
TABLE = """
Accept R - o - o m* o
Accept 2xx - - - o m* o
Accept 415 - c - c c c
Accept-Encoding R - o - o o o
Accept-Encoding 2xx - - - o m* o
Accept-Encoding 415 - c - c c c
Accept-Language R - o - o o o
Accept-Language 2xx - - - o m* o
Accept-Language 415 - c - c c c
Alert-Info R - - - o - -
Alert-Info 180 - - - o - -
Allow R - o - o o o
Allow 2xx - o - m* m* o
Allow r - o - o o o
Allow 405 - m - m m m
Authentication-Info 2xx - o - o o o
Authorization R o o o o o o
Call-ID * m m m m m m
Call-Info * - - - o o o
Contact R o - - m o o
Contact 1xx - - - o - -
Contact 2xx - - - m o o
Contact 3xx - o - o o o
Contact 485 - o - o o o
Content-Disposition * o o - o o o
Content-Encoding * o o - o o o
Content-Language * o o - o o o
Content-Length * t t t t t t
Content-Type * * * - * * *
CSeq * m m m m m m
Date * o o o o o o
Error-Info 300-699 - o o o o o
Expires * - - - o - o
From * m m m m m m
In-Reply-To R - - - o - -
Max-Forwards R m m m m m m
Min-Expires 423 - - - - - m
MIME-Version * o o - o o o
Organization * - - - o o o
Priority R - - - o - -
Proxy-Authenticate 407 - m - m m m
Proxy-Authenticate 401 - o o o o o
Proxy-Authorization R o o - o o o
Proxy-Require R - o - o o o
Record-Route R o o o o o -
Record-Route 2xx,18x - o o o o -
Reply-To * - - - o - -
Require * - c - c c c
Retry-After 404,413,480,486,500,503,600,603 - o o o o o
Route R c c c c c c
Server r - o o o o o
Subject R - - - o - -
Supported R - o o m* o o
Supported 2xx - o o m* m* o
Timestamp * o o o o o o
To * m m m m m m
Unsupported 420 - m - m m m
User-Agent * o o o o o o
Via * m m m m m m
Warning r - o o o o o
WWW-Authenticate 401 - m - m m m
WWW-Authenticate 407 - o - o o o
"""
"""Header, where, and one mark for each of ``METHODS``; what proxies may do is left out, ``*`` is an empty where, ``c`` too."""


class Cell(NamedTuple):
    """What one row says of one method."""

    header: str
    where: str
    mark: str


@cache
def cells(method: str) -> tuple[Cell, ...]:
    """The column of a method; empty where the tables have none."""
    if method not in METHODS:
        return ()
    rows = [line.split() for line in TABLE.strip().splitlines()]
    return tuple(Cell(row[0].lower(), row[1], row[2 + METHODS.index(method)]) for row in rows)


def fits(where: str, message: Message) -> int:
    """How closely a row is about a message: 0 not at all, 1 as any message, 2 as its sort, 3 by status."""
    if where == "*":
        return 1
    if where in ("R", "r"):
        return 2 if (where == "R") == message.is_request else 0
    status = str(message.status or "")
    for part in where.split(","):
        first, _, last = part.partition("-")
        ranged = bool(last) and status != "" and int(first) <= int(status) <= int(last)
        if status and (
            ranged or (len(part) == len(status) and all(a in ("x", b) for a, b in zip(part, status, strict=True)))
        ):
            return 3
    return 0


def marks(message: Message) -> dict[str, str]:
    """Header to mark, by the row that fits a message best."""
    method = message.method or (message.cseq[1] if message.cseq else "")
    best: dict[str, tuple[int, str]] = {}
    for cell in cells(method):
        closeness = fits(cell.where, message)
        if closeness > best.get(cell.header, (0, ""))[0]:
            best[cell.header] = (closeness, cell.mark)
    return {header: mark for header, (_, mark) in best.items()}


def _misplaced(message: Message) -> list[str]:
    inapplicable = {header for header, mark in marks(message).items() if mark == "-"}
    return sorted({entry.name for entry in message.fields} & inapplicable)


def _named(headers: list[str]) -> str:
    return ", ".join(HEADERS[name].name for name in headers)


def _applicable(evidence: Evidence, *, requests: bool) -> Iterator[Ruling]:
    for event, message in evidence.judged:
        if message.is_request is not requests or not marks(message):
            continue
        found = _misplaced(message)
        if found:
            title = message.method if requests else f"{message.title} to {message.cseq[1] if message.cseq else ''}"
            why = f"not for {title}"
            yield wrong(event, why=why, expected=f"no {_named(found)}", seen=_named(found), place=_named(found))
        else:
            yield right(event)


@check("rfc3261/s20/applicable-in-request", "A request has no header that the tables mark as not applicable to its method.",
       "rfc3261:20/7", "rfc3261:20/0", needs="a request of one of the six methods", role="user-agent-client")  # fmt: skip
def applicable_in_request(evidence: Evidence) -> Iterator[Ruling]:
    """Headers of requests against Tables 2 and 3."""
    return _applicable(evidence, requests=True)


@check("rfc3261/s20/applicable-in-response", "A response has no header that the tables mark as not applicable to it.",
       "rfc3261:20/9a", "rfc3261:20/0", needs="a response to one of the six methods", role="user-agent-server")  # fmt: skip
def applicable_in_response(evidence: Evidence) -> Iterator[Ruling]:
    """Headers of responses against Tables 2 and 3; headers that no row names for the status are left alone."""
    return _applicable(evidence, requests=False)


@check("rfc3261/s20/recommended", "A re-INVITE and its 2xx have the headers that the tables mark with m*.", "rfc3261:20/1", "rfc3261:20/0",
       needs="an INVITE in a dialog", level="SHOULD")  # fmt: skip
def recommended(evidence: Evidence) -> Iterator[Ruling]:
    """Allow and Supported inside of dialogs; outside of them, and for OPTIONS, sections 11 and 13 say the same."""
    for transaction in evidence.transactions:
        if transaction.initial or transaction.method != "INVITE":
            continue
        for event, message in [(transaction.event, transaction.request), *transaction.responses]:
            wanted = [header for header, mark in marks(message).items() if mark == "m*"]
            if wanted and event.direction != "received":
                missing = [name for name in wanted if not message.has(name)]
                why, expected = f"no {_named(missing)}", _named(wanted)
                yield rule(not missing, event, why=why, expected=expected, seen=why, place=_named(missing))
