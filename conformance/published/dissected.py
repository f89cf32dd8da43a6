"""What tshark, a decoder that nobody here wrote, makes of the RELOAD vectors it can read."""

from __future__ import annotations

import json
from collections.abc import Iterable

from conformance import places
from conformance.lab.dissector import Dissector
from conformance.lab.presentation.refusal import Json
from conformance.run.model import Finding, Level, Origin, Result, Verdict, held
from conformance.vectors import Vector


def second_opinions(vectors: Iterable[Vector]) -> list[Result]:
    """A result per vector that tshark reads; none where it is not installed."""
    read: list[dict[str, Json]] = []
    chosen = [vector for vector in vectors if vector.format in ("reload.message", "reload.framed")]
    for vector in chosen:
        read.append(json.loads((places.vectors() / f"{vector.id}.json").read_text(encoding="utf-8")))
    dissector = Dissector()
    results = []
    for vector, (word, why) in zip(chosen, dissector.opinions(read), strict=True):
        if word == "cannot":
            continue
        finding = (
            held(f"{dissector.name} puts the field boundaries where the vector does")
            if word == "agree"
            else Finding(verdict=Verdict.HARNESS_ERROR, why=f"{dissector.name} reads it otherwise: {why}")
        )
        results.append(
            Result(
                id=f"second-opinion/{vector.id}",
                what=f"A second decoder reads the vector as it says: {vector.what}",
                clauses=vector.clauses,
                level=Level.MUST,
                role="suite",
                format=vector.format,
                origin=Origin(how="recorded", source=dissector.name),
                kind="dissection",
                findings=(finding,),
                parts=tuple((part.field, part.octets) for part in vector.parts),
            )
        )
    return results
