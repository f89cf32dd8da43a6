"""The model of a result: one shape for live runs, captures and documents, and for every report.

A check is one predicate over a stream of :class:`Event`.  Whoever judges returns one
:class:`Result` per check; a :class:`Result` is built from the findings, never given a verdict by hand::

    Result(id="sip/capture/via-branch", what="...", clauses=("rfc3261:8.1.1.7/1",), level=Level.MUST, ...,
           findings=(deviation(Level.MUST, expected="...", seen="...", events=(3,)),), events=events)
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
"""A value as it stands in a line of JSON."""


class Verdict(enum.Enum):
    """What a check says; within a case a verdict only gets worse, in the order given here."""

    NOT_APPLICABLE = "not-applicable"
    """The subject does not claim the role or the option."""
    NOT_OBSERVABLE = "not-observable"
    """The evidence at hand cannot show it either way."""
    PASS = "pass"
    """Seen to hold."""
    NONSTRICT = "nonstrict"
    """A SHOULD not followed, or a tolerated deviation."""
    INCONCLUSIVE = "inconclusive"
    """The precondition could not be established."""
    FAIL = "fail"
    """A requirement is broken."""
    HARNESS_ERROR = "harness-error"
    """The harness is at fault; nothing is said about the subject."""

    @property
    def rank(self) -> int:
        """How bad it is, from 0."""
        return _ORDER.index(self)


_ORDER = tuple(Verdict)


class Level(enum.Enum):
    """How strongly a check binds (BCP 14, folded to three)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


_DEVIATION = {
    Level.MUST: Verdict.FAIL,
    Level.SHOULD: Verdict.NONSTRICT,
    Level.MAY: Verdict.NOT_APPLICABLE,
}
"""What a deviation means by level; an option of a MAY that is not taken is not applicable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened between the parties, live, in a capture or in a canned trace."""

    number: int
    """Counted from 1 over the whole evidence; for a capture the number of the frame."""
    time: float
    """Seconds since 1970; 0.0 where nobody noted it."""
    source: str
    """Who sent it: ``harness``, ``subject``, or an address such as ``192.0.2.1:5060``."""
    destination: str
    """Who it went to; the same as ``source`` for something that happened inside one party."""
    kind: str
    """``request``, ``reply``, ``message``, ``started``, ``ended``, ``silence``, ``garbage``, ``log`` or ``note``."""
    protocol: str
    """``adapter``, ``sip``, ``reload``, ``document`` or another name in lower case."""
    summary: str
    """What a ladder writes on the arrow; one line."""
    value: Json = None
    """What was said, where it is JSON: the request or reply of an adapter."""
    octets: bytes = b""
    """What was sent, where it is bytes."""
    malformed: bool = False
    """The harness sent this deliberately wrong."""
    frame: int | None = None
    """The number of the frame in the capture that lies beside the log, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One decision on the way to a verdict, kept for passes too."""

    verdict: Verdict
    why: str
    """What was decided, one line."""
    expected: str = ""
    """What would have been right, for the reader."""
    seen: str = ""
    """What was there."""
    place: str = ""
    """The field, header or step at fault, or file:line:column."""
    events: tuple[int, ...] = ()
    """Numbers of the events it rests on; the last one is the offender of a ladder."""
    line: int | None = None
    """For findings in documents: the line, from 1."""
    column: int | None = None
    """For findings in documents: the column, from 1."""


def held(why: str, *, events: Iterable[int] = (), place: str = "") -> Finding:
    """A finding that the requirement was seen to hold."""
    return Finding(verdict=Verdict.PASS, why=why, events=tuple(events), place=place)


def noted(why: str, *, verdict: Verdict = Verdict.NOT_APPLICABLE, events: Iterable[int] = ()) -> Finding:
    """A finding that worsens nothing, or one of the verdicts that say nothing about right and wrong."""
    return Finding(verdict=verdict, why=why, events=tuple(events))


def deviation(
    level: Level, why: str, *, expected: str, seen: str, events: Iterable[int] = (), place: str = ""
) -> Finding:
    """A finding that the requirement is broken: ``fail`` for MUST, ``nonstrict`` for SHOULD, a note for MAY."""
    verdict = _DEVIATION[level]
    return Finding(verdict=verdict, why=why, expected=expected, seen=seen, events=tuple(events), place=place)


def worst(findings: Iterable[Finding]) -> Verdict:
    """The verdict of a case: the worst of its findings; nothing found out is inconclusive."""
    verdicts = [finding.verdict for finding in findings]
    return max(verdicts, key=lambda verdict: verdict.rank) if verdicts else Verdict.INCONCLUSIVE


OUR_DECODERS = ("lab",)
"""Second decoders that this project wrote itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the evidence that a check is right comes from."""

    how: str
    """``specification-example``, ``worked-out``, ``recorded`` or ``own`` (made by our own code)."""
    source: str
    """The section worked from, or the program and its version."""
    confirmed: tuple[str, ...] = ()
    """Second decoders that agree, with versions."""

    @property
    def self_agreed(self) -> bool:
        """Whether nobody but our own code and reading stand behind it.

        What a specification prints, what a program of others sent, and what a decoder of others confirms is more
        than that; the lab of this suite is ours, though it shares nothing with the reference.
        """
        others = [one for one in self.confirmed if one.partition(" ")[0] not in OUR_DECODERS]
        return self.how == "own" or (self.how == "worked-out" and not others)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check says about one subject."""

    id: str
    """The check's id: the path of a vector, or ``<spec>/<room>/<name>``; never reused."""
    what: str
    """The case in one sentence."""
    clauses: tuple[str, ...]
    """The clauses it decides; never empty."""
    level: Level
    role: str
    """The role judged: ``codec``, ``documents``, ``user-agent``, ``peer``, ..."""
    format: str
    """The format of a vector, or the protocol of a capture (``sip``, ``reload``), or the kind of a document."""
    origin: Origin
    findings: tuple[Finding, ...]
    """Every decision, in order; the verdict follows from them."""
    events: tuple[Event, ...] = ()
    """The exchange it rests on."""
    errata: tuple[str, ...] = ()
    """Ids of the errata and interpretations under which the verdict holds."""
    pair: str | None = None
    """The check that is right where this one is wrong, or the other way round."""
    kind: str = ""
    """``valid``, ``invalid`` or ``canonical`` for a vector; ``capture``, ``live`` or ``document`` otherwise."""
    scenario: str = ""
    """The scenario whose evidence decides it, for kind ``live``; empty where none was played for it."""
    seconds: float = 0.0
    """How long the subject took over the exchange."""
    parts: tuple[tuple[str, bytes], ...] = ()
    """The input of a vector, split per field of the specification."""

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings."""
        return worst(self.findings)

    @property
    def decisive(self) -> Finding | None:
        """The first finding that is as bad as the verdict; None where there is no finding."""
        verdict = self.verdict
        return next((finding for finding in self.findings if finding.verdict is verdict), None)

    @property
    def spec(self) -> str:
        """The specification of the first clause, such as ``rfc6940``."""
        return self.clauses[0].partition(":")[0]

    @property
    def section(self) -> str:
        """The section of the first clause, such as ``6.3.2``."""
        return self.clauses[0].partition(":")[2].partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was judged."""

    target: str
    """The target string as given."""
    name: str
    version: str = ""
    roles: tuple[str, ...] = ()
    """The roles it claims."""
    formats: tuple[str, ...] = ()
    """The formats it claims; empty where it makes no claim."""
    headers: tuple[str, ...] = ()
    """The SIP header fields it takes apart, in lower case; empty where it names none, then all are expected."""
    claimed: tuple[str, ...] = ()
    """The formats of which the suite expects every command, because the subject's file says so."""
    own: bool = False
    """It is the reference of this project, or broken from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """Something that could have been judged and was not; never counted as green."""

    what: str
    why: str
    adds: str = ""
    """What it would have added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One run: everything a reporter may print."""

    subject: Subject
    revision: str
    """The revision of the draft that the suite judges by, such as ``disco00``."""
    results: tuple[Result, ...]
    required: tuple[str, ...]
    """Every id required for the revision, the roles and the claims, run or not."""
    selection: str = ""
    """The selection as given, empty for the whole suite."""
    digests: Mapping[str, str] | None = None
    """SHA-256 by part of the suite: ``vectors``, ``checks``, ``registers``, ``schemas``."""
    errata_off: tuple[str, ...] = ()
    """Errata and interpretations that were turned off for this run."""
    not_run: tuple[NotRun, ...] = ()
    started: float = 0.0
    """Seconds since 1970."""
    seconds: float = 0.0
    harness: str = ""
    """Name and version of the harness and its interpreter."""

    @property
    def whole(self) -> bool:
        """Whether every required id was judged."""
        judged = {result.id for result in self.results}
        return all(identity in judged for identity in self.required)

    @property
    def silent(self) -> bool:
        """Whether nothing at all was found out about the subject: every check stands aside, and none saw a deviation."""
        aside = (Verdict.NOT_APPLICABLE, Verdict.NOT_OBSERVABLE)
        return all(one.verdict in aside and not any(finding.seen for finding in one.findings) for one in self.results)

    def counts(self) -> dict[Verdict, int]:
        """How many results there are of each verdict, every verdict named."""
        counted = dict.fromkeys(Verdict, 0)
        for result in self.results:
            counted[result.verdict] += 1
        return counted
