"""Canned exchanges: their files, and their replay (``rfc_traces/README.md`` has the form).

``python -m conformance.judge.traces [--write] [FOLDER...]`` replays traces; with ``--write`` it also
writes down in each ``trace.toml`` how many observations every check made.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from conformance import places
from conformance.errors import ConformanceError, Misuse, SuiteFault
from conformance.judge.catalog import CLAUSE, checks
from conformance.judge.follow import PORTS, Reading
from conformance.judge.judging import judge_evidence, read_capture
from conformance.judge.predicate import observed
from conformance.lab.context import Context, read_context
from conformance.lab.presentation.refusal import Json
from conformance.run.expectations import Expectation
from conformance.run.model import Finding, Level, Origin, Result, Verdict

FILE, CAPTURE = "trace.toml", "capture.pcapng"
_MEMBERS = {"title", "what", "clauses", "subject", "ports", "origin", "context", "expect", "judged"}
_HOW = ("recorded", "worked-out", "specification-example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One canned exchange."""

    folder: Path
    name: str
    """``<specification>/<flow>``."""
    title: str
    what: str
    clauses: tuple[str, ...]
    origin: Origin
    command: str
    """How it was recorded; empty where by hand."""
    reading: Reading
    expect: tuple[Expectation, ...]
    """By the ids that its cases have in a report."""
    judged: Mapping[str, int] = field(default_factory=dict)
    """Check to the number of observations, empty for a trace that is new."""

    def case(self, check: str) -> str:
        """The id of a check on this trace."""
        return f"traces/{self.name}/{check}"


def load_trace(folder: Path) -> Trace:
    """One trace; raises SuiteFault with everything that is wrong with its file."""
    path = folder / FILE
    name = f"{folder.parent.name}/{folder.name}"
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SuiteFault(f"{name}: {fault}") from None
    problems = _problems(table, folder)
    if problems:
        raise SuiteFault(f"{name}/{FILE} breaks its rules", problems)
    origin = table["origin"]
    programs = ", ".join(origin.get("programs", []))
    source = f"{programs}: {origin['from']}" if programs else str(origin["from"])
    return Trace(
        folder=folder, name=name, title=table["title"], what=table["what"], clauses=tuple(table["clauses"]),
        origin=Origin(how=origin["how"], source=source, confirmed=tuple(origin.get("confirmed", []))),
        command=str(origin.get("command", "")), reading=_reading(table),
        expect=tuple(_expectation(entry, name) for entry in table.get("expect", [])), judged=table.get("judged", {}),
    )  # fmt: skip


def load_traces(root: Path | None = None) -> list[Trace]:
    """Every trace below a folder, in the order of their names; raises SuiteFault."""
    root = root or places.traces()
    return [load_trace(path.parent) for path in sorted(root.glob(f"*/*/{FILE}"))]


def replay(trace: Trace) -> list[Result]:
    """The results of the checks that have something to say about a trace; raises SuiteFault for an unreadable capture."""
    try:
        evidence = read_capture(trace.folder / CAPTURE, trace.reading)
    except Misuse as fault:
        raise SuiteFault(f"{trace.name}: {fault}") from None
    prefix = trace.case("")
    results = judge_evidence(evidence, trace.origin, prefix=prefix)
    told = [result for result in results if result.verdict is not Verdict.NOT_APPLICABLE or observed(result)]
    counted = {result.id.removeprefix(prefix): observed(result) for result in told}
    told = [_held_to(result, trace.judged, prefix) for result in told]
    told += [_lost(trace, check) for check in sorted(set(trace.judged) - set(counted))]
    if evidence.faults:
        told.append(_fault(trace, "capture-whole", "; ".join(evidence.faults[:5])))
    return told


def replay_all(root: Path | None = None) -> tuple[list[Result], list[Expectation]]:
    """Every trace replayed, and the failures that recorded programs are known to show."""
    traces = load_traces(root)
    results = [result for trace in traces for result in replay(trace)]
    return results, [entry for trace in traces for entry in trace.expect]


def _held_to(result: Result, judged: Mapping[str, int], prefix: str) -> Result:
    known = judged.get(result.id.removeprefix(prefix), 0)
    count = observed(result)
    if count >= known:
        return result
    why = f"the check made {count} observations where it made {known} before"
    return replace(result, findings=(*result.findings, Finding(verdict=Verdict.HARNESS_ERROR, why=why)))


def _lost(trace: Trace, check: str) -> Result:
    known = trace.judged[check]
    return _fault(trace, check, f"the check says nothing any more; it made {known} observations before")


def _fault(trace: Trace, check: str, why: str) -> Result:
    return Result(
        id=trace.case(check), what=trace.what, clauses=trace.clauses, level=Level.MUST, role="capture",
        format="capture", origin=trace.origin, kind="capture",
        findings=(Finding(verdict=Verdict.HARNESS_ERROR, why=why),),
    )  # fmt: skip


def _reading(table: Mapping[str, object]) -> Reading:
    named = cast("dict[str, str]", table.get("ports", {}))
    ports = {**PORTS, **{int(port): protocol for port, protocol in named.items()}}
    given = cast("dict[str, object]", table.get("context", {}))
    context = _context(given) if given else Context()
    return Reading(ports=ports, subject=str(table.get("subject", "")), context=context)


def _context(given: Mapping[str, object]) -> Context:
    return read_context(cast("Json", dict(given)))


def _expectation(entry: Mapping[str, str], name: str) -> Expectation:
    return Expectation(
        id=f"traces/{name}/{entry['check']}", reason=entry["reason"], verdict=Verdict(entry.get("verdict", "fail")),
        message=entry.get("message", ""),
    )  # fmt: skip


def _problems(table: Mapping[str, object], folder: Path) -> list[str]:
    problems = [f"{name}: not known" for name in sorted(set(table) - _MEMBERS)]
    problems += [f"{name}: missing" for name in ("title", "what", "clauses", "origin") if not table.get(name)]
    clauses = cast("Sequence[object]", table.get("clauses", ()))
    problems += [f"clauses: {one!r} is no clause id" for one in clauses if not CLAUSE.match(str(one))]
    origin = cast("Mapping[str, object]", table.get("origin", {}))
    if origin.get("how") not in _HOW or not origin.get("from"):
        problems.append(f"origin: how is one of {', '.join(_HOW)}; from is not empty")
    if origin.get("how") == "recorded" and not origin.get("programs"):
        problems.append("origin: a recording names its programs with their versions")
    known = {one.id for one in checks()}
    for entry in cast("Sequence[Mapping[str, object]]", table.get("expect", ())):
        if entry.get("check") not in known or not entry.get("reason"):
            problems.append(f"expect: {entry.get('check')} is no check, or has no reason")
        if entry.get("verdict", "fail") not in ("fail", "nonstrict", "inconclusive"):
            problems.append(f"expect: verdict {entry.get('verdict')}")
    if not (folder / CAPTURE).is_file():
        problems.append(f"{CAPTURE} is missing")
    return problems


def write_judged(trace: Trace) -> None:
    """Write the table ``judged`` anew; it is the last of the file."""
    path = trace.folder / FILE
    text = path.read_text("utf-8")
    front = text.partition("\n[judged]")[0].rstrip("\n")
    prefix = trace.case("")
    rows = sorted(
        (result.id.removeprefix(prefix), observed(result))
        for result in replay(replace(trace, judged={}))
        if observed(result)
    )
    lines = "".join(f'"{check}" = {count}\n' for check, count in rows)
    path.write_text(f"{front}\n\n[judged]\n{lines}", "utf-8")


def main(arguments: Sequence[str]) -> int:
    """Replay the traces named, or all; 0 where every verdict is as expected, 1 otherwise."""
    folders = [Path(word).resolve() for word in arguments if word != "--write"]
    traces = [load_trace(folder) for folder in folders] if folders else load_traces()
    unexpected = 0
    for trace in traces:
        if "--write" in arguments:
            write_judged(trace)
            trace = load_trace(trace.folder)
        listed = {entry.id: entry for entry in trace.expect}
        results = replay(trace)
        print(f"{trace.name}: {len(results)} checks")
        for result in results:
            entry = listed.get(result.id)
            bad = result.verdict in (Verdict.FAIL, Verdict.HARNESS_ERROR, Verdict.INCONCLUSIVE)
            if bad != (entry is not None and entry.verdict is not Verdict.NONSTRICT):
                unexpected += 1
            if (bad or result.verdict is Verdict.NONSTRICT) and result.decisive:
                mark = "expected" if entry else ""
                print(f"  {result.verdict.value:13} {result.id.removeprefix(trace.case(''))} {mark}")
                for one in [one for one in result.findings if one.verdict is result.verdict][:3]:
                    print(f"      {one.why}; expected {one.expected}; seen {one.seen}; events {list(one.events)}")
    return 1 if unexpected else 0


def _run(arguments: Sequence[str]) -> int:
    try:
        return main(arguments)
    except ConformanceError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code


if __name__ == "__main__":
    sys.exit(_run(sys.argv[1:]))
