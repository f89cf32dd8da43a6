"""Judges evidence by every check, or by those that are chosen."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from conformance.errors import Misuse
from conformance.judge.catalog import checks
from conformance.judge.evidence import Evidence
from conformance.judge.follow import Reading, evidence_of
from conformance.judge.predicate import Check, apply
from conformance.lab.capture.packet import CaptureFault
from conformance.run.model import Finding, Level, Origin, Result, Verdict


def read_capture(path: Path, reading: Reading | None = None) -> Evidence:
    """The evidence of a capture file; raises Misuse where it is none."""
    try:
        return evidence_of(path, reading)
    except CaptureFault as fault:
        raise Misuse(f"{path}: {fault}") from None
    except OSError as fault:
        raise Misuse(f"{path}: {fault.strerror or fault}") from None


def judge_evidence(
    evidence: Evidence, origin: Origin, *, prefix: str = "", chosen: Iterable[Check] | None = None
) -> list[Result]:
    """One result for each check, in the order of the catalogue; those that need a scenario only where they are chosen."""
    some = (one for one in checks() if not one.scenarios) if chosen is None else chosen
    return [apply(one, evidence, origin, prefix=prefix) for one in some]


def judge(path: Path, reading: Reading | None = None) -> list[Result]:
    """All results of a capture file, the capture's own defects first where it has any."""
    evidence = read_capture(path, reading)
    origin = Origin(how="recorded", source=f"the capture {path.name}")
    return [*defects(evidence, origin), *judge_evidence(evidence, origin)]


def defects(evidence: Evidence, origin: Origin) -> list[Result]:
    """A result that is inconclusive where the capture breaks off, and lists every gap; none where it is whole."""
    if not evidence.faults:
        return []
    verdict = Verdict.INCONCLUSIVE if evidence.broken else Verdict.NOT_OBSERVABLE
    findings = tuple(Finding(verdict=verdict, why=fault) for fault in evidence.faults[:50])
    return [
        Result(
            id="capture/whole", what="The capture holds whole messages from its beginning to its end.",
            clauses=("rfc3261:18.3/0", "rfc6940:6.6.2/0"), level=Level.MUST, role="capture", format="capture",
            origin=origin, findings=findings, kind="capture",
        )
    ]  # fmt: skip
