"""The evidence of a run, kept for every verdict, passes too.

::

    evidence/exchanges.jsonl   every event, one a line; line N is event N (of a capture, the capture is the evidence)
    evidence/decisions.jsonl   every finding with the verdict it leads to
    evidence/live/<scenario>/  capture.pcapng and log.json of each scenario that was played
    evidence/messages.pcapng   what was a message, a comment on each frame
    evidence/subject.log       the beginning of the subject's standard error
    evidence/digests.json      by which suite it was judged
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from conformance.checks.case import Outcome, Request
from conformance.errors import Misuse, said
from conformance.run.frames import Frame, write_frames
from conformance.run.model import Event, Json, Result

LIVE = "evidence/live"
"""Where the folders of scenarios lie in a report."""
EXCHANGES = "evidence/exchanges.jsonl"
DECISIONS = "evidence/decisions.jsonl"
MESSAGES = "evidence/messages.pcapng"


def write_evidence(
    folder: Path, results: Iterable[Result], frames: list[Frame], digests: Mapping[str, str], log: bytes, program: str
) -> None:
    """Write the evidence of a run into a report's folder."""
    place = folder / "evidence"
    place.mkdir(parents=True, exist_ok=True)
    with (
        (folder / EXCHANGES).open("w", encoding="utf-8") as exchanges,
        (folder / DECISIONS).open("w", encoding="utf-8") as decisions,
    ):
        for result in results:
            for event in result.events if result.kind not in ("capture", "live") else ():
                exchanges.write(json.dumps(_line(result, event), ensure_ascii=False) + "\n")
            for decision in decisions_of(result):
                decisions.write(json.dumps(decision, ensure_ascii=False) + "\n")
    with (folder / MESSAGES).open("wb") as stream:
        write_frames(stream, frames, program)
    (place / "subject.log").write_bytes(log)
    (place / "digests.json").write_text(json.dumps(dict(digests), indent=1) + "\n", encoding="utf-8")


def scenario_folder(report: Path, scenario: str) -> Path:
    """Where the evidence of a scenario lies."""
    return report / LIVE / scenario.replace("/", "-")


def decisions_of(result: Result) -> Iterator[dict[str, Json]]:
    """The findings of a result as lines of the decision log."""
    for finding in result.findings:
        yield {
            "check": result.id,
            "finding": finding.verdict.value,
            "why": finding.why,
            "expected": finding.expected,
            "seen": finding.seen,
            "place": finding.place,
            "events": list(finding.events),
            "verdict": result.verdict.value,
        }


def _line(result: Result, event: Event) -> dict[str, Json]:
    line: dict[str, Json] = {
        "check": result.id,
        "number": event.number,
        "time": event.time,
        "source": event.source,
        "destination": event.destination,
        "kind": event.kind,
        "protocol": event.protocol,
        "summary": event.summary,
    }
    if event.value is not None:
        line["value"] = event.value
    if event.octets:
        line["octets"] = event.octets.hex()
    if event.malformed:
        line["malformed"] = True
    if event.frame is not None:
        line["frame"] = event.frame
    return line


def read_exchanges(folder: Path) -> dict[str, tuple[Event, ...]]:
    """The recorded events by check; raises Misuse where there are none or they cannot be read."""
    path = folder / EXCHANGES
    found: dict[str, list[Event]] = {}
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                check, event = _event(line, f"{path}:{number}")
                found.setdefault(check, []).append(event)
    except OSError as error:
        raise Misuse(f"no evidence to judge: {path}: {said(error)}") from None
    return {check: tuple(events) for check, events in found.items()}


def _event(line: str, place: str) -> tuple[str, Event]:
    try:
        content = json.loads(line)
        return str(content["check"]), Event(
            number=int(content["number"]),
            time=float(content["time"]),
            source=str(content["source"]),
            destination=str(content["destination"]),
            kind=str(content["kind"]),
            protocol=str(content["protocol"]),
            summary=str(content["summary"]),
            value=content.get("value"),
            octets=bytes.fromhex(content.get("octets", "")),
            malformed=content.get("malformed") is True,
            frame=content.get("frame"),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Misuse(f"{place}: not a line of evidence: {error}") from None


@dataclass(frozen=True, slots=True)
class Recorded:
    """Recorded outcomes, and whether they answer what the case asks today."""

    outcomes: tuple[Outcome, ...]
    stale: str
    """Why the evidence does not fit the case any more; empty where it fits."""


def recorded(requests: Iterable[Request], events: tuple[Event, ...]) -> Recorded:
    """Join a case's requests with the recorded events: request, outcome, request, outcome ..."""
    outcomes = []
    wanted = list(requests)
    pairs = list(zip(events[::2], events[1::2], strict=False))
    for request, (asked, answered) in zip(wanted, pairs, strict=False):
        value = {"step": request.step, "command": request.command, "params": request.params}
        if json.dumps(asked.value, sort_keys=True) != json.dumps(value, sort_keys=True):
            return Recorded((), f"event {asked.number} asks something else than the check does now")
        said = answered.value if isinstance(answered.value, Mapping) else {}
        reply = said if answered.kind == "reply" else {}
        outcomes.append(
            Outcome(
                request=request,
                kind=answered.kind,
                reply=reply,
                why=str(said.get("why", "")),
                sent=asked.time,
                received=answered.time,
                event=answered.number,
            )
        )
    why = "not asked when it was recorded"
    outcomes += [Outcome(request=one, kind="unasked", reply={}, why=why) for one in wanted[len(outcomes) :]]
    return Recorded(tuple(outcomes), "")
