"""An account of a run: the report with all that a reader needs to understand it, shared by every reporter."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance import places
from conformance.clauses import Register, Row, document_of, sentence
from conformance.errata import Entry
from conformance.report.page.showing import asked_brief
from conformance.run.evidence import EXCHANGES, LIVE, MESSAGES, scenario_folder
from conformance.run.expectations import Comparison, Expectation
from conformance.run.model import Finding, Report, Result, Verdict

RECORDED = "exchanges recorded from other programs or worked out by hand"
GROUND = "the suite's own ground"
"""What a result can be about besides the subject."""
AGAIN = "-again"
"""Behind the name of a report's folder: where one of its checks is run again, so that the report stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Everything the reporters print from."""

    report: Report
    comparison: Comparison
    register: Register
    errata: Mapping[str, Entry]
    folder: Path
    """The folder of the report, as the person at the terminal named it."""
    code: int
    """The exit code of the run."""
    command: str
    """The command that made this run, without its selection."""
    killed: Mapping[str, tuple[str, ...]] | None = None
    """By check, the broken subjects that fail it; None where that was not run."""
    specifications: Path | None = None
    """The reader's folder with the texts of the specifications."""

    def expectation(self, result: Result) -> Expectation | None:
        """The entry under which this failure is known."""
        return next((entry for one, entry in self.comparison.expected if one is result), None)

    @property
    def failures(self) -> tuple[Result, ...]:
        """Everything that is not as it should be, worst first, known failures last."""
        known = {result.id for result, _entry in self.comparison.expected}
        bad = [one for one in self.report.results if one.verdict.rank >= Verdict.NONSTRICT.rank]
        return tuple(sorted(bad, key=lambda one: (one.id in known, -one.verdict.rank)))

    @property
    def subject(self) -> str:
        """Name and version of the subject, as it gives them."""
        return f"{self.report.subject.name} {self.report.subject.version}".rstrip()

    def by_judged(self) -> dict[str, list[Result]]:
        """The results by what they are about: the subject, recordings of other programs, the suite's own ground."""
        found: dict[str, list[Result]] = {self.subject: []}
        whole = self.report.subject.target.startswith("capture:")
        for result in self.report.results:
            recorded = result.kind == "capture" and not whole
            about = RECORDED if recorded else GROUND if result.role == "suite" else self.subject
            found.setdefault(about, []).append(result)
        return found

    @property
    def missing(self) -> tuple[str, ...]:
        """Required ids that this run did not judge."""
        judged = {result.id for result in self.report.results}
        return tuple(identity for identity in self.report.required if identity not in judged)

    def explain(self, result: Result) -> Explanation:
        """What a reader is told about a result."""
        finding = result.decisive or Finding(verdict=result.verdict, why="nothing was found out")
        numbers = finding.events or tuple(event.number for event in result.events)
        frames = tuple(one.frame for one in result.events if one.frame is not None and one.number in numbers)
        place, capture = f"{self.folder}/{EXCHANGES}", f"{self.folder}/{MESSAGES}" if frames else ""
        if result.kind == "live":
            folder = scenario_folder(self.folder, result.scenario) if result.scenario else self.folder / LIVE
            place = capture = str(folder / "capture.pcapng" if result.scenario else folder)
        elif result.kind == "capture":
            place = capture = self._capture_of(result)
        elif numbers and result.kind != "document":
            place += f":{numbers[0]}" + (f"-{numbers[-1]}" if numbers[-1] != numbers[0] else "")
        report, identity = shlex.quote(str(self.folder)), shlex.quote(result.id)
        again = f"{self.command} --only {identity}"
        if result.scenario:
            again += f" --scenario {result.scenario}"
        again += f" --report {shlex.quote(str(self.folder).removesuffix(AGAIN) + AGAIN)}"
        return Explanation(
            result=result,
            finding=finding,
            clauses=tuple(self._clause(identity) for identity in result.clauses),
            events=numbers,
            frames=frames,
            asked=asked_brief(result.events, numbers),
            evidence=place,
            capture=capture,
            again=again,
            rejudge="" if result.kind == "capture" else f"disco-conformance rejudge {report} --only {identity}",
        )

    def _capture_of(self, result: Result) -> str:
        """The capture file that a result rests on: that of a trace, or the one that was judged."""
        words = result.id.split("/")
        if words[0] == "traces":
            return str(places.traces().joinpath(*words[1:3], "capture.pcapng"))
        return self.report.subject.target.partition(":")[2]

    def _clause(self, identity: str) -> Explained:
        spec, _colon, rest = identity.partition(":")
        section, _slash, ordinal = rest.partition("/")
        row = self.register.rows.get(identity) or Row(id=identity, section=section)
        level = "definition" if ordinal == "0" else row.level or "unregistered"
        words = sentence(row, self.specifications) if self.specifications and row.digest else None
        document = f"{document_of(spec)}, section {section}"
        return Explained(id=identity, level=level, document=document, text=row.text, sentence=words or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A clause for a reader."""

    id: str
    level: str
    document: str
    text: str
    """Our paraphrase; empty without a register."""
    sentence: str
    """The sentence itself; empty where the reader has not given the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A result for a reader."""

    result: Result
    finding: Finding
    clauses: tuple[Explained, ...]
    events: tuple[int, ...]
    frames: tuple[int, ...]
    asked: str
    """What the subject was asked, or the message that decides, on one line; empty where there was nothing."""
    evidence: str
    capture: str
    again: str
    """The command that runs just this check."""
    rejudge: str
    """The command that judges the recorded evidence again; empty for a capture, where ``again`` does that."""
