"""Results, reports and accounts to test reporters with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from conformance.clauses import Register, Row
from conformance.errata import Entry
from conformance.report.account import Account
from conformance.run.digests import _digest
from conformance.run.expectations import Expectation, compare, exit_code
from conformance.run.model import (
    Event,
    Level,
    NotRun,
    Origin,
    Report,
    Result,
    Subject,
    Verdict,
    deviation,
    held,
    noted,
)

NASTY = "<script>alert(1)</script> & \"quoted\" 'single' \x00\x1b[31m # - ok ]]>"
"""A text that a reporter must not let out of its place."""

CLAUSE = Row(
    id="rfc6940:6.4.2.4/1",
    level="MUST",
    role="peer",
    section="6.4.2.4",
    text="The codes are listed.",
    observe="adapter",
    triage="vector",
)
UNCHECKED = Row(
    id="rfc6940:6.4.2.4/2", level="SHOULD", section="6.4.2.4", text="Unseen.", observe="not-observable", reason="inside"
)
REGISTER = Register({one.id: one for one in (CLAUSE, UNCHECKED)}, frozenset({"rfc6940"}))
ENTRY = Entry(
    id="interp-1",
    kind="erratum",
    title="A title",
    place=("rfc6940:6.4.2.4/0",),
    defect="d",
    correction="c",
    status="ours",
    followed="f",
)


def event(number: int, **changes: Any) -> Event:
    """A request of the harness, or what ``changes`` make of it."""
    members: dict[str, Any] = {
        "number": number,
        "time": 1_700_000_000.5,
        "source": "harness" if number % 2 else "subject",
        "destination": "subject" if number % 2 else "harness",
        "kind": "request" if number % 2 else "reply",
        "protocol": "adapter",
        "summary": "decode" if number % 2 else "result",
        "value": {"command": "decode", "params": {"format": "reload.message", "bytes": "0102"}}
        if number % 2
        else {"id": 1, "result": {}},
    }
    return Event(**{**members, **changes})


def result(identity: str = "rfc6940/probe_req/two", **changes: Any) -> Result:
    """A pass with one exchange, or what ``changes`` make of it."""
    members: dict[str, Any] = {
        "id": identity,
        "what": "Two codes are asked for",
        "clauses": (CLAUSE.id,),
        "level": Level.MUST,
        "role": "codec",
        "format": "reload.struct",
        "origin": Origin(how="worked-out", source="section 6.4.2.4"),
        "findings": (held("the value is as expected", events=(2,)),),
        "events": (event(1), event(2)),
        "kind": "valid",
        "seconds": 0.25,
        "parts": (("length", b"\x02"), ("requested_info", b"\x01\x02")),
    }
    return Result(**{**members, **changes})


def of(verdict: Verdict, identity: str = "", **changes: Any) -> Result:
    """A result with this verdict."""
    finding = {
        Verdict.PASS: held("good", events=(2,)),
        Verdict.FAIL: deviation(Level.MUST, "bad", expected="this", seen="that", events=(2,), place="value.x"),
        Verdict.NONSTRICT: deviation(Level.SHOULD, "loose", expected="this", seen="that", events=(2,)),
    }.get(verdict, noted("neither", verdict=verdict))
    return result(identity or f"rfc6940/sample/{verdict.value}", findings=(finding,), **changes)


def every() -> list[Result]:
    """One result of each verdict."""
    return [of(verdict) for verdict in Verdict]


def report(results: Sequence[Result], **changes: Any) -> Report:
    """A report of these results."""
    members: dict[str, Any] = {
        "subject": Subject(
            target="exec:./adapter", name="sample", version="1", roles=("codec",), formats=("reload.struct",), own=True
        ),
        "revision": "disco00",
        "results": tuple(results),
        "required": tuple(one.id for one in results),
        "digests": {"vectors": _digest(Path("/no/such/folder"), "*")},
        "not_run": (NotRun(what="tshark", why="not installed", adds="a second decoder"),),
        "started": 1_700_000_000.0,
        "seconds": 1.5,
        "harness": "disco-conformance test",
    }
    return Report(**{**members, **changes})


def account(
    results: Sequence[Result] | None = None, expectations: Sequence[Expectation] = (), **changes: Any
) -> Account:
    """An account of these results, one of each verdict where none are given; ``changes`` go into the report."""
    made = report(every() if results is None else results, **changes)
    comparison = compare(made.results, expectations, {one.id for one in made.results})
    return Account(
        report=made,
        comparison=comparison,
        register=REGISTER,
        errata={ENTRY.id: ENTRY},
        folder=Path("some-report"),
        code=exit_code(comparison, set(made.required)),
        command="disco-conformance run --target exec:./adapter",
        killed={"rfc6940/sample/pass": ("little-endian",)},
    )
