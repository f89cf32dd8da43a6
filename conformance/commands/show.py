"""``disco-conformance show ID``: everything about a check, a clause, or an erratum."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from conformance import places
from conformance.checks.codec import VectorCase
from conformance.checks.comparison import shown
from conformance.clauses import IDENTITY, document_of, sentence
from conformance.errors import Misuse
from conformance.run.suite import Suite, load_suite

_Lines = Iterable[tuple[str, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The id."""
    parser.add_argument("id", metavar="ID", help="a check, a clause such as rfc6940:6.3.2/1, or an erratum")


def run(args: argparse.Namespace) -> int:
    """Print what is known under the id."""
    suite = load_suite()
    found = {case.id: case for case in suite.cases()}
    if args.id in found:
        lines = _check(found[args.id], suite)
    elif args.id in suite.errata:
        entry = suite.errata[args.id]
        lines = [(name, shown(getattr(entry, name)).strip('"')) for name in entry.__slots__]
    elif IDENTITY.match(args.id):
        lines = _clause(args.id, suite)
    else:
        raise Misuse(f"no check, clause or erratum has the id {args.id!r}")
    console = Console(highlight=False, soft_wrap=True)
    for name, text in lines:
        line = Text(f"{name:<10} ", style="cyan")
        line.append(text, style="default")
        console.print(line, soft_wrap=True)
    return 0


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
