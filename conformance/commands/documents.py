"""``disco-conformance documents PATH...``: judge XML documents, and folders of them, by their schemas."""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

from conformance.clauses import load_registers
from conformance.commands.selecting import add_selection_arguments, selection_of
from conformance.errata import load_errata
from conformance.errors import Misuse
from conformance.report.conclusion import Circumstances, add_report_arguments, conclude, programs_not_run
from conformance.run.model import Event, Level, Origin, Result, Subject
from conformance.targets.documents import UNKNOWN, document_files, judge_document
from conformance.targets.markup import SIZE

ORIGIN = Origin(how="worked-out", source="the schemas as corrected", confirmed=("lxml", "xmlschema"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to judge."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="an XML file, or a folder of them")
    add_selection_arguments(parser)
    add_report_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Judge the documents and report."""
    started = time.time()
    judged = list(judge_documents(args.paths))
    selection = selection_of(args)
    results = selection.choose(judged)
    target = "docs:" + " ".join(map(str, args.paths))
    circumstances = Circumstances(
        subject=Subject(target=target, name=target, roles=("documents",)),
        register=load_registers(),
        errata=load_errata(),
        command=shlex.join(["disco-conformance", "documents", *map(str, args.paths)]),
        required=[result.id for result in judged],
        selection=str(selection),
        not_run=programs_not_run(),
        started=started,
        seconds=time.time() - started,
    )
    return conclude(results, circumstances, args)


def judge_documents(paths: list[Path]) -> Iterator[Result]:
    """One result per document; raises Misuse where there is none."""
    files = document_files(paths)
    if not files:
        raise Misuse(f"no .xml file in {', '.join(map(str, paths))}")
    for number, path in enumerate(files, 1):
        try:
            with path.open("rb") as stream:
                octets = stream.read(SIZE + 1)
        except OSError as error:
            raise Misuse(f"{path}: {error.strerror}") from None
        yield document_result(path.as_posix(), octets, number)


def document_result(name: str, octets: bytes, number: int) -> Result:
    """The result of one document."""
    opinion = judge_document(octets)
    event = Event(
        number=number,
        time=0.0,
        source="document",
        destination="harness",
        kind="message",
        protocol="document",
        summary=name,
        octets=octets,
    )
    return Result(
        id=f"document/{opinion.kind.name}/{name.lstrip('./')}",
        what=(
            "A document of no known kind is at least XML"
            if opinion.kind is UNKNOWN
            else f"The document is what the schema of {opinion.kind.name} allows"
        ),
        clauses=opinion.kind.clauses,
        level=Level.MUST,
        role="documents",
        format="document",
        origin=ORIGIN,
        findings=opinion.findings,
        events=(event,),
        kind="document",
    )
