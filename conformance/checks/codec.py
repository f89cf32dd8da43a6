"""Cases from vectors: the roles ``codec`` and ``documents`` of SUBJECT.md.

A valid input must be read as the vector says, written back octet for octet, and written from its value.  An invalid
one must be refused, and the subject must then still read the right one: silence, a crash or a subject
that refuses everything shows nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from conformance.checks.case import Outcome, Request
from conformance.checks.comparison import differences, shown, where_bytes_differ, whole
from conformance.checks.doubt import second_opinion
from conformance.run.model import Finding, Json, Level, Origin, Verdict, deviation, held, noted
from conformance.vectors import Vector

DETERMINED = frozenset({"reload.struct", "reload.message", "reload.framed", "reload.stored-data"})
"""Formats whose value determines every octet; the others are read back after writing."""

WRITTEN = DETERMINED | {"sip.uri", "sip.header", "sip.message", "sdp"}
"""Formats that a subject may be asked to encode."""


@dataclass(frozen=True, slots=True)
class VectorCase:
    """A vector as a case; ``sane`` is the vector that shows the subject alive, ``strict`` that every command applies."""

    vector: Vector
    sane: Vector | None = None
    strict: bool = False

    @property
    def id(self) -> str:
        """The vector's id."""
        return self.vector.id

    @property
    def what(self) -> str:
        """The vector's sentence."""
        return self.vector.what

    @property
    def clauses(self) -> tuple[str, ...]:
        """The vector's clauses."""
        return self.vector.clauses

    @property
    def level(self) -> Level:
        """The vector's level."""
        return self.vector.level

    @property
    def role(self) -> str:
        """``documents`` for what is validated, else ``codec``."""
        return "documents" if self.vector.command == "validate" else "codec"

    @property
    def name(self) -> str:
        """The vector's struct, header field or kind of document; empty where it has none."""
        return self.vector.name or ""

    @property
    def format(self) -> str:
        """The vector's format."""
        return self.vector.format

    @property
    def kind(self) -> str:
        """The vector's kind."""
        return self.vector.kind

    @property
    def origin(self) -> Origin:
        """The vector's origin."""
        return self.vector.origin

    @property
    def errata(self) -> tuple[str, ...]:
        """The errata it rests on."""
        return self.vector.errata

    @property
    def pair(self) -> str | None:
        """The vector's pair."""
        return self.vector.pair

    @property
    def parts(self) -> tuple[tuple[str, bytes], ...]:
        """The vector's input by field."""
        return tuple((part.field, part.octets) for part in self.vector.parts)

    def requests(self) -> Sequence[Request]:
        """The vector's command; for a valid input the way back; then the sane exchange."""
        vector = self.vector
        first = _request(vector, vector.command, "first")
        if vector.kind == "invalid":
            return (first, _probe(self.sane))
        if vector.command == "validate":
            return (first, *((_probe(self.sane),) if self.sane and self.sane.kind == "invalid" else ()))
        if vector.command != "decode":
            return (first,)
        return (first, _request(vector, "reencode", "again"), *self._encoding())

    def _encoding(self) -> Sequence[Request]:
        if self.vector.format not in WRITTEN:
            return ()
        params = {name: value for name, value in _params(self.vector).items() if name != "bytes"}
        params["value"] = self.vector.expect["value"]
        return (Request(step="encode", command="encode", params=params, summary=f"encode {_label(self.vector)}"),)

    @property
    def _free(self) -> bool:
        """Whether the subject may spell what it writes for the input in its own way."""
        return self.vector.kind == "canonical" and "bytes" not in self.vector.expect

    def follow_ups(self, outcomes: Mapping[str, Outcome]) -> Sequence[Request]:
        """What was written is read back, where the value does not determine every octet."""
        steps = {"again": self._free, "encode": self.vector.format not in DETERMINED}
        found = []
        for step in (step for step, free in steps.items() if free):
            written = _result(outcomes.get(step)).get("bytes")
            if isinstance(written, str):
                params = {**_params(self.vector), "bytes": written}
                summary = f"decode {_label(self.vector)}, as written by {step}"
                found.append(Request(step=f"{step}-back", command="decode", params=params, summary=summary))
        return found

    def doubt(self) -> str:
        """What the lab's decoder, or the harness' own validators, say against the vector; empty where they agree."""
        return second_opinion(self.vector)

    def judge(self, outcomes: Mapping[str, Outcome]) -> list[Finding]:
        """The findings over the outcomes by step."""
        if self.vector.kind == "invalid":
            return self._judge_invalid(outcomes)
        first = outcomes["first"]
        trouble = self._trouble(first, "the right input")
        if trouble:
            return [trouble]
        if "refusal" in first.reply:
            expected, why = "the input is accepted", "the right input is refused"
            return [self._deviation(why, expected, _refusal(first), first, level=self.vector.level)]
        if self.vector.command == "validate":
            return self._judge_document(outcomes)
        if self.vector.command in ("verify", "reassemble"):
            return self._judge_first(first)
        findings = [*self._judge_first(first), *self._judge_again(outcomes)]
        if "encode" in outcomes:
            findings += self._judge_encoding(outcomes)
        return findings

    def _judge_first(self, first: Outcome) -> list[Finding]:
        member = {"decode": "value", "verify": "signer", "reassemble": "bytes"}[self.vector.command]
        seen = _result(first)
        if member not in seen:
            why = f"the reply has no `{member}`: it breaks the contract"
            return [_broken(why, f"`{member}` in the result", shown(seen), first)]
        if member == "bytes":
            return [self._same_bytes(str(self.vector.expect["bytes"]), seen["bytes"], first, "what was put together")]
        found = list(differences(self.vector.expect[member], seen[member], member))
        if not found:
            return [held(f"the {member} is as expected", events=(first.event,), place="decode")]
        return [
            self._deviation(f"{path} is not what was sent", want, got, first, path) for path, want, got in found[:5]
        ]

    def _judge_again(self, outcomes: Mapping[str, Outcome]) -> Sequence[Finding]:
        again = outcomes["again"]
        trouble = self._trouble(again, "reencode")
        if trouble:
            return [trouble]
        if "refusal" in again.reply:
            return [self._deviation("reencode is refused", "octets", _refusal(again), again, "reencode")]
        if self._free:
            return [self._judge_back(again, outcomes.get("again-back"))]
        wanted = str(self.vector.expect.get("bytes", self.vector.octets.hex()))
        return [self._same_bytes(wanted, _result(again).get("bytes"), again, "what is written for what was read")]

    def _judge_encoding(self, outcomes: Mapping[str, Outcome]) -> Sequence[Finding]:
        encode = outcomes["encode"]
        trouble = self._trouble(encode, "encode")
        if trouble:
            return [trouble]
        if not whole(self.vector.expect["value"], _result(outcomes["first"]).get("value")):
            return [noted("encode is not judged: the vector names only a part of the value", events=(encode.event,))]
        if "refusal" in encode.reply:
            return [self._deviation("its own value is not written", "octets", _refusal(encode), encode, "encode")]
        if self.vector.format in DETERMINED:
            wanted = str(self.vector.expect.get("bytes", self.vector.octets.hex()))
            return [self._same_bytes(wanted, _result(encode).get("bytes"), encode, "what is written for the value")]
        return [self._judge_back(encode, outcomes.get("encode-back"))]

    def _judge_back(self, written: Outcome, back: Outcome | None) -> Finding:
        """What the subject wrote, read by itself, still has the expected value."""
        command = written.request.command
        if back is None:
            return _broken(f"{command} gives no `bytes`", "`bytes` in the result", shown(_result(written)), written)
        trouble = self._trouble(back, "what it wrote itself")
        if trouble:
            return trouble
        if "refusal" in back.reply:
            return self._deviation("what it writes it refuses", "it is accepted", _refusal(back), back, command)
        for path, want, got in differences(self.vector.expect["value"], _result(back).get("value")):
            return self._deviation("what it writes means something else", want, got, back, f"{command}, {path}")
        return held(f"what {command} writes reads as the value", events=(written.event, back.event))

    def _judge_document(self, outcomes: Mapping[str, Outcome]) -> list[Finding]:
        first, probe = outcomes["first"], outcomes.get("probe")
        if _result(first).get("valid") is not True:
            return [_broken("the reply does not say valid", '{"valid": true}', shown(_result(first)), first)]
        if probe is None:
            return [held("the document is valid", events=(first.event,))]
        if probe.kind == "reply" and "refusal" in probe.reply:
            return [held("valid, and its faulty counterpart is refused", events=(first.event, probe.event))]
        why = "it accepts the faulty counterpart too, so accepting this one shows nothing"
        return [noted(why, verdict=Verdict.INCONCLUSIVE, events=(first.event, probe.event))]

    def _judge_invalid(self, outcomes: Mapping[str, Outcome]) -> list[Finding]:
        first, probe = outcomes["first"], outcomes["probe"]
        trouble = self._trouble(first, "the faulty input")
        if trouble:
            return [trouble]
        if "refusal" not in first.reply:
            at = str(self.vector.expected("refusal").get("at", ""))
            expected = "a refusal" + (f" naming {at}" if at else "")
            seen = f"accepted: {shown(first.reply.get('result'))}"
            why = "the faulty input is accepted"
            return [self._deviation(why, expected, seen, first, at, level=self.vector.level)]
        return [*self._judge_refusal(first), *self._judge_probe(probe)]

    def _judge_refusal(self, first: Outcome) -> Sequence[Finding]:
        refusal = first.reply["refusal"]
        if not isinstance(refusal, Mapping) or not isinstance(refusal.get("why"), str):
            return [_broken("the refusal does not say why", 'a string in "why"', shown(refusal), first)]
        findings = [held(f"refused: {refusal['why']}", events=(first.event,), place=str(refusal.get("where", "")))]
        for member in ("status", "error"):
            right = self.vector.expected("refusal").get(member)
            given = refusal.get(member)
            if not isinstance(right, list) or any(_equal(given, one) for one in right):
                continue
            if given is None and not self.strict:
                why = f"the refusal names no {member}, so that its {member} is not judged"
                findings.append(noted(why, verdict=Verdict.NOT_OBSERVABLE, events=(first.event,)))
                continue
            wanted = " or ".join(shown(one) for one in right)
            seen = "none" if given is None else shown(given)
            level = Level.SHOULD if given is None else None  # local policy may drop without an answer
            why = f"refused with the wrong {member}"
            findings.append(self._deviation(why, wanted, seen, first, member, level=level))
        return findings

    def _judge_probe(self, probe: Outcome) -> Sequence[Finding]:
        if probe.kind in ("silence", "ended", "garbage"):
            return [_broken("after the faulty input the subject is not there", "a reply", probe.why, probe)]
        if probe.kind == "unasked":
            return [noted(probe.why, verdict=Verdict.INCONCLUSIVE)]
        if "result" in probe.reply:
            return [noted("after it the subject still accepts the right input", events=(probe.event,))]
        why = "it does not accept the right input either, so the refusal shows nothing"
        return [noted(f"{why}: {shown(probe.reply)}", verdict=Verdict.INCONCLUSIVE, events=(probe.event,))]

    def _trouble(self, outcome: Outcome, about: str) -> Finding | None:
        """What keeps an outcome from being judged; None for a result or a refusal."""
        if outcome.kind == "unasked":
            return noted(outcome.why, verdict=Verdict.INCONCLUSIVE)
        if outcome.kind != "reply":
            return _broken(f"no reply to {about}", "a reply within the budget", outcome.why, outcome)
        if "fault" in outcome.reply:
            return _broken(f"the adapter fails on {about}", "a result", shown(outcome.reply["fault"]), outcome)
        if "unsupported" not in outcome.reply:
            return None
        why = f"{about}: not supported: {shown(outcome.reply['unsupported'])}"
        if self.strict:
            return _broken(f"{why}, though the format is claimed", "a result", shown(outcome.reply), outcome)
        return noted(why, events=(outcome.event,))

    def _same_bytes(self, wanted: str, seen: Json, outcome: Outcome, about: str) -> Finding:
        if not isinstance(seen, str):
            return _broken(f"{about}: no `bytes`", "`bytes` in the result", shown(_result(outcome)), outcome)
        if seen == wanted:
            return held(f"{about} is right, octet for octet", events=(outcome.event,), place=outcome.request.command)
        place, want, got = where_bytes_differ(wanted, seen)
        return self._deviation(f"{about} differs at {place}", want, got, outcome, f"{outcome.request.command}, {place}")

    def _deviation(
        self, why: str, expected: str, seen: str, outcome: Outcome, place: str = "", level: Level | None = None
    ) -> Finding:
        """What is wrong; a MAY leaves open whether an input is taken, not what is made of it once it is."""
        made_of_it = Level.SHOULD if self.vector.level is Level.MAY else self.vector.level
        events = (outcome.event,)
        return deviation(level or made_of_it, why, expected=expected, seen=seen, place=place, events=events)


def _broken(why: str, expected: str, seen: str, outcome: Outcome) -> Finding:
    """A breach of the adapter contract: it fails whatever the level of the case."""
    return deviation(
        Level.MUST, why, expected=expected, seen=seen, events=(outcome.event,), place=outcome.request.command
    )


def _equal(given: Json, right: Json) -> bool:
    return not isinstance(given, bool) and given == right


def _result(outcome: Outcome | None) -> Mapping[str, Json]:
    result = outcome.reply.get("result") if outcome else None
    return result if isinstance(result, Mapping) else {}


def _refusal(outcome: Outcome) -> str:
    refusal = outcome.reply.get("refusal")
    if not isinstance(refusal, Mapping):
        return shown(refusal)
    where = refusal.get("where")
    return f"refused: {where}: {refusal.get('why')}" if where else f"refused: {refusal.get('why')}"


def _label(vector: Vector) -> str:
    return f"{vector.format} {vector.name}" if vector.name else vector.format


def _params(vector: Vector) -> dict[str, Json]:
    params: dict[str, Json] = {"format": vector.format}
    if vector.command == "validate":
        params = {"kind": vector.name}
    elif vector.name:
        params["name"] = vector.name
    if vector.context:
        params["context"] = vector.context
    if vector.command == "reassemble":
        params["parts"] = [fragment.hex() for fragment in vector.fragments]
    else:
        params["bytes"] = vector.octets.hex()
    return params


def _request(vector: Vector, command: str, step: str) -> Request:
    faulty = vector.kind == "invalid"
    summary = f"{command} {_label(vector)}{', faulty' if faulty else ''}"
    return Request(step=step, command=command, params=_params(vector), malformed=faulty, summary=summary)


def _probe(sane: Vector | None) -> Request:
    if sane is None:
        return Request(step="probe", command="hello", params={}, summary="hello, to see it alive")
    return _request(sane, sane.command, "probe")


def cases(vectors: Mapping[str, Vector], claimed: frozenset[str] = frozenset()) -> dict[str, VectorCase]:
    """Every vector as a case; ``claimed`` are the formats of which a subject claims every command."""
    built = {}
    for vector in vectors.values():
        sane = vectors.get(vector.pair) if vector.pair else None
        if sane is None and vector.kind == "invalid":
            sane = next((other for other in vectors.values() if _alike(other, vector)), None)
        built[vector.id] = VectorCase(vector, sane, vector.format in claimed)
    return built


def narrowed(vector: Vector, headers: Collection[str]) -> Vector:
    """A vector without what it says of header fields that the subject does not claim to take apart."""
    value = vector.expect.get("value")
    if not headers or vector.format != "sip.message" or not isinstance(value, Mapping):
        return vector
    named = value.get("headers")
    if not isinstance(named, Mapping):
        return vector
    kept = {name: texts for name, texts in named.items() if name in headers}
    return replace(vector, expect={**vector.expect, "value": {**value, "headers": kept}})


def _alike(other: Vector, vector: Vector) -> bool:
    if other.kind == "invalid" or other.level is not Level.MUST or len(other.octets) > 4096:
        return False
    return (other.command, other.format, other.name) == (vector.command, vector.format, vector.name)
