"""The report as one HTML file that needs nothing else: matrix, a place for every check, the clause register."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conformance.clauses import document_of, sentence
from conformance.report.account import Account
from conformance.report.aside import gathered
from conformance.report.files.json_result import self_agreed
from conformance.report.page.coverage import GRADES, Covered, counted, cover
from conformance.report.page.ladder import ladder
from conformance.report.page.showing import events_shown, octets_brief
from conformance.report.page.store import SMALL, packed
from conformance.run.model import Event, Finding, Result, Verdict

MARKS = {
    Verdict.PASS: "\N{CHECK MARK}",
    Verdict.NONSTRICT: "~",
    Verdict.FAIL: "\N{MULTIPLICATION SIGN}",
    Verdict.INCONCLUSIVE: "?",
    Verdict.NOT_APPLICABLE: "\N{EN DASH}",
    Verdict.NOT_OBSERVABLE: "\N{WHITE CIRCLE}",
    Verdict.HARNESS_ERROR: "!",
}
"""The sign of a verdict, so that nothing rests on colour alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the matrix: a section of a specification and its checks."""

    section: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A specification in the matrix."""

    spec: str
    document: str
    lines: tuple[Line, ...]
    counts: dict[Verdict, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the results are about: the subject, recordings of other programs, or the suite's own ground."""

    whom: str
    counts: dict[Verdict, int]
    failures: tuple[Result, ...]
    known: int
    """How many of the failures are listed, with a reason."""
    tolerated: bool
    """Whether nothing is wrong here that nobody knew."""


def judged(account: Account) -> list[Judged]:
    """The sums by what is judged, the subject first: what others did is not told as if the subject had done it."""
    found = []
    for whom, results in account.by_judged().items():
        ids = {one.id for one in results}
        bad = tuple(one for one in account.failures if one.id in ids)
        counts = {verdict: sum(one.verdict is verdict for one in results) for verdict in Verdict}
        listed = [account.expectation(one) is not None for one in bad]
        tolerated = all(one.verdict is Verdict.NONSTRICT or known for one, known in zip(bad, listed, strict=True))
        found.append(Judged(whom, counts, bad, sum(listed), tolerated))
    return found


def by_role(results: Sequence[Result]) -> dict[str, dict[Verdict, int]]:
    """How many results of each verdict there are, by the role that is bound."""
    found: dict[str, dict[Verdict, int]] = {}
    for one in results:
        found.setdefault(one.role, dict.fromkeys(Verdict, 0))[one.verdict] += 1
    return dict(sorted(found.items()))


def natural(text: str) -> list[tuple[int, str]]:
    """A sorting key by which section 6.10 comes after 6.9."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", text)]


def sheets(results: Sequence[Result]) -> list[Sheet]:
    """The matrix: specification by section by check."""
    specs: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        specs.setdefault(result.spec, {}).setdefault(result.section, []).append(result)
    return [
        Sheet(
            spec,
            document_of(spec),
            tuple(
                Line(section, tuple(found)) for section, found in sorted(lines.items(), key=lambda one: natural(one[0]))
            ),
            {verdict: sum(one.verdict is verdict for found in lines.values() for one in found) for verdict in Verdict},
        )
        for spec, lines in sorted(specs.items(), key=lambda one: natural(one[0]))
    ]


def anchor(identity: str) -> str:
    """The anchor of a check or clause within the report."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", identity)


def offenders(result: Result) -> tuple[int, ...]:
    """The events that a ladder marks: the last one of the finding that decides, where it is a bad one."""
    finding = result.decisive
    if finding is None or result.verdict.rank < Verdict.NONSTRICT.rank:
        return ()
    return finding.events[-1:]


def exchanged(result: Result) -> bool:
    """Whether the exchange is shown; for a capture, whose evidence is a file of its own, only where something is wrong."""
    return result.kind != "capture" or result.verdict.rank >= Verdict.NONSTRICT.rank


def picture(result: Result) -> Markup:
    """The ladder of a result, safe to stand in the page."""
    marked = offenders(result)
    return Markup(ladder(result.events, marked))  # the ladder escapes every text itself


def shown_events(result: Result) -> Iterable[tuple[Event, str, bool]]:
    """Each event in words, and whether it offends; of many those at its place, of a pass the first exchange."""
    marked = offenders(result)
    events = (
        result.events if len(result.events) <= 12 else [one for one in result.events if one.number in _wanted(result)]
    )
    most = 12 if result.verdict is not Verdict.PASS else 2
    told = [event for event in events if event.kind != "note"]
    return ((event, words, event.number in marked) for event, words in events_shown(told[:most], marked))


def _wanted(result: Result) -> set[int]:
    return {number for finding in result.findings for number in finding.events} or {one.number for one in result.events}


def grouped(covered: Sequence[Covered]) -> list[tuple[str, str, list[Covered], dict[str, int]]]:
    """The register by specification: (specification, document, rows, how many have each grade)."""
    specs: dict[str, list[Covered]] = {}
    for one in covered:
        specs.setdefault(one.spec, []).append(one)
    return [
        (spec, document_of(spec), rows, counted(rows))
        for spec, rows in sorted(specs.items(), key=lambda one: natural(one[0]))
    ]


def worst_first(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with the bad ones in front."""
    return sorted(findings, key=lambda one: -one.verdict.rank)


def _sentences(account: Account, covered: Sequence[Covered]) -> dict[str, str]:
    """The sentences of the clauses, where the reader has given the texts."""
    if account.specifications is None:
        return {}
    found = ((one.row.id, sentence(one.row, account.specifications)) for one in covered if one.row.digest)
    return {identity: words for identity, words in found if words}


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("conformance.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"anchor": anchor, "brief": octets_brief}
    environment.globals |= {
        "Verdict": Verdict,
        "marks": MARKS,
        "grades": GRADES,
        "exchanged": exchanged,
        "picture": picture,
        "shown_events": shown_events,
        "worst_first": worst_first,
        "counted": number_of,
    }
    return environment


def number_of(event: Event) -> int:
    """The number that a ladder and the texts below it have in common: of the frame in the capture, where there is one."""
    return event.frame if event.protocol != "adapter" and event.frame is not None else event.number


def _bodies(account: Account, covered: Sequence[Covered], failing: Collection[str]) -> dict[str, str]:
    """What stands in each box that opens, by its anchor: checks, and the clauses of each specification."""
    check, clauses = _environment().get_template("check.html.j2"), _environment().get_template("clauses.html.j2")
    agreed = {one.id for one in account.report.results if self_agreed(account, one)}
    bodies = {
        anchor(one.id): check.render(result=one, account=account, told_in_full=failing, agreed=agreed)
        for one in account.report.results
    }
    sentences = _sentences(account, covered)
    for spec, _document, rows, _grades in grouped(covered):
        bodies[f"register-{spec}"] = clauses.render(rows=rows, sentences=sentences)
    return bodies


def to_html(account: Account) -> str:
    """The whole report; nothing in it is fetched from anywhere.  Of a long one only what is wrong stands there as it is."""
    covered = cover(account)
    failing = {one.id for one in account.failures}
    bodies = _bodies(account, covered, failing)
    long = sum(map(len, bodies.values())) > SMALL
    plain = {anchor(one) for one in failing} if long else set(bodies)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            account=account,
            report=account.report,
            sheets=sheets(account.report.results),
            judged=judged(account),
            bodies={name: Markup(text) for name, text in bodies.items() if name in plain},
            store=packed({name: text for name, text in bodies.items() if name not in plain}) if long else "",
            covered=grouped(covered),
            grade_counts=counted(covered),
            counts=account.report.counts(),
            aside=gathered(account.report.not_run),
            by_role=by_role(account.report.results),
            when=time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(account.report.started)),
        )
    )
