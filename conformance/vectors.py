"""The vectors: language-neutral cases, one JSON file each, checked against their schema when they are loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jsonschema

from conformance import places
from conformance.clauses import Register
from conformance.errata import Entry
from conformance.errors import SuiteFault
from conformance.run.model import Json, Level, Origin
from conformance.shape import shape

LIMIT = 16 << 20
"""The most octets the input of one vector may have, repetitions written out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the input with the name of its field."""

    field: str
    octets: bytes
    cut: bool = False
    """A new fragment starts here (command ``reassemble``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """Bytes, and what a subject must make of them (``schemas/vector.schema.json``)."""

    id: str
    what: str
    clauses: tuple[str, ...]
    level: Level
    kind: str
    command: str
    format: str
    name: str | None
    context: Mapping[str, Json]
    parts: tuple[Part, ...]
    expect: Mapping[str, Json]
    pair: str | None
    errata: tuple[str, ...]
    origin: Origin

    @property
    def octets(self) -> bytes:
        """The whole input."""
        return b"".join(part.octets for part in self.parts)

    @property
    def fragments(self) -> tuple[bytes, ...]:
        """The input cut at the parts that start a fragment."""
        pieces = [b""]
        for part in self.parts:
            if part.cut and pieces[-1]:
                pieces.append(b"")
            pieces[-1] += part.octets
        return tuple(pieces)

    def expected(self, member: str) -> Mapping[str, Json]:
        """A member of ``expect`` that is an object; empty where it is absent."""
        found = self.expect.get(member)
        return found if isinstance(found, Mapping) else {}


def load_vectors(
    register: Register, errata: Mapping[str, Entry] | None = None, folder: Path | None = None
) -> dict[str, Vector]:
    """Every vector by id; raises SuiteFault listing every file that breaks a rule."""
    folder = folder or places.vectors()
    schema = _schema()
    holds, validator = shape(schema), jsonschema.Draft202012Validator(schema)
    loaded: dict[str, Vector] = {}
    problems: list[str] = []
    for path in sorted(folder.rglob("*.json")) if folder.is_dir() else ():
        identity = path.relative_to(folder).with_suffix("").as_posix()
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            problems.append(f"{identity}: {error}")
            continue
        faults = () if holds(content) else validator.iter_errors(content)
        wrong = [f"{identity}: {error.json_path}: {_short(error.message)}" for error in faults]
        if not wrong:
            vector = _vector(content)
            wrong = [f"{identity}: {problem}" for problem in _rules(vector, identity, register, errata)]
            loaded[identity] = vector
        problems += wrong
    problems += _pairs(loaded)
    if problems:
        raise SuiteFault(f"{len(problems)} problems in the vectors:", problems)
    return loaded


def _schema() -> dict[str, Json]:
    loaded: dict[str, Json] = json.loads((places.schemas() / "vector.schema.json").read_text(encoding="utf-8"))
    return loaded


def _short(message: str) -> str:
    return message if len(message) < 200 else message[:200] + " ..."


def _vector(content: dict[str, Json]) -> Vector:
    """The vector of a JSON object that has passed the schema."""

    def text(name: str) -> str:
        return str(content[name])

    def texts(value: Json) -> tuple[str, ...]:
        return tuple(str(item) for item in value) if isinstance(value, list) else ()

    origin = content["origin"]
    assert isinstance(origin, dict)
    context = content.get("context", {})
    expect = content["expect"]
    assert isinstance(context, dict) and isinstance(expect, dict)
    return Vector(
        id=text("id"),
        what=text("what"),
        clauses=texts(content["clauses"]),
        level=Level(content["level"]),
        kind=text("kind"),
        command=text("command"),
        format=text("format"),
        name=text("name") if "name" in content else None,
        context=context,
        parts=tuple(_parts(content["bytes"])),
        expect=expect,
        pair=text("pair") if "pair" in content else None,
        errata=texts(content.get("erratum")),
        origin=Origin(how=str(origin["how"]), source=str(origin["from"]), confirmed=texts(origin["confirmed"])),
    )


def _parts(parts: Json) -> Iterator[Part]:
    assert isinstance(parts, list)
    total = 0
    for part in parts:
        assert isinstance(part, dict)
        octets = bytes.fromhex(str(part["hex"])) if "hex" in part else str(part["text"]).encode()
        repeat = part.get("repeat", 1)
        assert isinstance(repeat, int)
        total += len(octets) * repeat
        if total > LIMIT:
            raise SuiteFault(f"the bytes of a vector are more than {LIMIT} octets")
        yield Part(field=str(part["field"]), octets=octets * repeat, cut=part.get("cut") is True)


def _rules(vector: Vector, identity: str, register: Register, errata: Mapping[str, Entry] | None) -> Iterator[str]:
    """What the schema cannot say."""
    if vector.id != identity:
        yield f"its id is {vector.id}, its path says otherwise"
    for clause in vector.clauses:
        problem = register.problem(clause)
        if problem:
            yield problem
    for entry in vector.errata if errata is not None else ():
        if errata is not None and entry not in errata:
            yield f"erratum {entry} is not in registers/interpretations.toml"
    if vector.kind == "invalid":
        if "refusal" not in vector.expect:
            yield "an invalid vector expects a refusal"
        return
    needed = {"decode": "value", "reassemble": "bytes", "verify": "signer", "validate": "valid"}[vector.command]
    if needed not in vector.expect:
        yield f"a {vector.kind} vector of the command {vector.command} expects `{needed}`"
    if vector.kind == "canonical" and "bytes" not in vector.expect and not vector.format.startswith("s"):
        yield "a canonical vector expects `bytes`, what a subject writes instead (SIP and SDP leave the writer free)"
    if "refusal" in vector.expect:
        yield f"a {vector.kind} vector expects no refusal"


def _pairs(loaded: Mapping[str, Vector]) -> Iterator[str]:
    for vector in loaded.values():
        other = loaded.get(vector.pair) if vector.pair else None
        if vector.pair and other is None:
            yield f"{vector.id}: its pair {vector.pair} does not exist"
        elif other and other.kind == vector.kind == "invalid":
            yield f"{vector.id}: its pair {vector.pair} is invalid too"
