"""``disco-conformance show ID``: everything about a check, a scenario, a clause, the clauses of a section, or an erratum."""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from conformance import places
from conformance.checks.codec import VectorCase
from conformance.checks.comparison import shown
from conformance.clauses import IDENTITY, document_of, sentence
from conformance.errors import Misuse
from conformance.judge.catalog import checks
from conformance.judge.predicate import Check
from conformance.judge.traces import FILE, load_trace
from conformance.live.scenario import Scenario, scenarios
from conformance.run.suite import Suite, load_suite

_Lines = Iterable[tuple[str, str]]
_SECTION = re.compile(r"^[a-z0-9]+:[0-9A-Z]+(\.[0-9]+)*$")
_TRACE = re.compile(r"^traces/([^/]+/[^/]+)/(.+)$")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The id."""
    parser.add_argument(
        "id",
        metavar="ID",
        help="a check, a scenario, a clause such as rfc6940:6.3.2/1, a section (rfc6940:6.3.2), or an erratum",
    )


def run(args: argparse.Namespace) -> int:
    """Print what is known under the id."""
    suite = load_suite()
    lines = list(_about_id(args.id.rstrip("/"), suite))
    console = Console(highlight=False, soft_wrap=True)
    for name, text in lines:
        line = Text(f"{name:<10} ", style="cyan")
        line.append(text, style="default")
        console.print(line, soft_wrap=True)
    return 0


def _about_id(identity: str, suite: Suite) -> _Lines:
    cases = {case.id: case for case in suite.cases()}
    captures = {one.id: one for one in checks()}
    trace = _TRACE.match(identity)
    if identity in cases:
        return _check(cases[identity], suite)
    if trace and trace[2] in captures and (places.traces() / trace[1] / FILE).is_file():
        return [*_trace(trace[1], identity), *_predicate(captures[trace[2]], suite)]
    if identity in captures:
        return _predicate(captures[identity], suite)
    played = {one.id: one for one in scenarios()}
    if identity in played:
        return _scenario(played[identity])
    if identity in suite.errata:
        entry = suite.errata[identity]
        return [(name, shown(getattr(entry, name)).strip('"')) for name in entry.__slots__]
    if IDENTITY.match(identity):
        return _clause(identity, suite)
    rows = [name for name in suite.register.rows if name.startswith(f"{identity}/")]
    if _SECTION.match(identity) and rows:
        return [line for name in rows for line in _clause(name, suite)]
    raise Misuse(_unknown(identity, [*cases, *captures], [*played]))


def _unknown(identity: str, checked: Sequence[str], played: Sequence[str]) -> str:
    ids = [*checked, *played]
    below = [name for name in checked if name.startswith(f"{identity}/")]
    if below:
        return f"{identity} is no check but {len(below)} of them: `disco-conformance list --only {identity}`"
    near = difflib.get_close_matches(identity, ids, n=3)
    return f"no check, scenario, clause or erratum has the id {identity!r}" + (
        f"; near it: {', '.join(near)}" if near else ""
    )


def _trace(name: str, identity: str) -> _Lines:
    trace = load_trace(places.traces() / name)
    yield "id", identity
    yield "trace", f"{trace.title}: {trace.what}"
    yield "origin", f"{trace.origin.how}, {trace.origin.source}"
    for entry in trace.expect:
        if entry.id == identity:
            yield "known", entry.reason
    yield "run", f"disco-conformance run --only {identity}"


def _predicate(one: Check, suite: Suite) -> _Lines:
    yield "check", one.id
    yield "case", one.what
    yield "kind", f"capture, {one.level.value}, {one.protocol}, binds the {one.role}"
    for identity in one.clauses:
        yield from _about(identity, suite)
    yield "needs", one.needs
    for entry in one.errata:
        yield "under", f"{entry}: {suite.errata[entry].title}" if entry in suite.errata else entry
    known = {scenario.id: scenario for scenario in scenarios()}
    for name in one.scenarios:
        yield "played", f"{name}: {known[name].what}" if name in known else name
    if not one.scenarios:
        yield "judge", f"disco-conformance judge CAPTURE --only {one.id}"
    yield "run", f"disco-conformance run --target sip:udp:HOST:PORT --role ROLE --only {one.id}"


def _scenario(one: Scenario) -> _Lines:
    yield "scenario", one.id
    yield "plays", one.what
    said = ["slow: --slow plays it"] if one.slow else []
    said += [] if one.virtual else ["not in virtual time"]
    yield "needs", ", ".join([*one.needs, *said]) or "nothing else"
    for check in checks():
        if one.id in check.scenarios:
            yield "check", f"{check.id}: {check.what}"
    yield "run", f"disco-conformance run --target sip:udp:HOST:PORT --role {one.role} --scenario {one.id}"


def _check(case: VectorCase, suite: Suite) -> _Lines:
    vector = case.vector
    yield "id", case.id
    yield "case", case.what
    yield "kind", f"{case.kind}, {case.level.value}, {vector.command} {case.format} {vector.name or ''}".rstrip()
    for identity in case.clauses:
        yield from _about(identity, suite)
    if vector.context:
        yield "context", shown(vector.context)
    for part in vector.parts:
        octets = part.octets
        readable = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in octets[:48])
        yield "bytes", f"{part.field}: {octets[:48].hex()}{' ...' if len(octets) > 48 else ''} |{readable}|"
    yield "expected", shown(vector.expect)
    for entry in case.errata:
        yield "under", f"{entry}: {suite.errata[entry].title}" if entry in suite.errata else entry
    if case.pair:
        yield "pair", case.pair
    confirmed = ", ".join(case.origin.confirmed) or "nobody"
    yield "origin", f"{case.origin.how}, {case.origin.source}; confirmed by {confirmed}"
    yield "run", f"disco-conformance run --only {case.id}"


def _clause(identity: str, suite: Suite) -> _Lines:
    yield from _about(identity, suite)
    for case in suite.cases():
        if identity in case.clauses:
            yield "check", f"{case.id} ({case.kind})"
    for one in checks():
        if identity in one.clauses:
            yield "check", f"{one.id} (capture)"


def _about(identity: str, suite: Suite) -> _Lines:
    spec, _colon, rest = identity.partition(":")
    row = suite.register.rows.get(identity)
    problem = suite.register.problem(identity)
    if problem:
        raise Misuse(problem)
    unregistered = "the specification has no register"
    level = "definition" if identity.endswith("/0") else row.level if row else unregistered
    yield "clause", f"{identity} ({level}), {document_of(spec)}, section {rest.partition('/')[0]}"
    if row and row.text:
        yield "required", row.text
    words = sentence(row, places.specifications()) if row and row.digest else None
    if words:
        yield "sentence", words
    if row:
        observe = ", ".join(filter(None, (row.role, row.observe, row.triage, row.reason)))
        yield "triage", observe
