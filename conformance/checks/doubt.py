"""The harness blames itself first: before a subject is failed, a vector is held against a second opinion.

The lab decodes by the text of the structs and by its own reading of SIP; the validators judge a document by its schema.
Where one of them contradicts the vector, the fault may be ours, and the verdict is a harness error.
"""

from __future__ import annotations

import json

from conformance import places
from conformance.vectors import Vector


def second_opinion(vector: Vector) -> str:
    """What speaks against a vector; empty where nothing does, or nobody here can read it."""
    return _validators(vector) if vector.command == "validate" else _lab(vector)


def _lab(vector: Vector) -> str:
    from conformance.lab.confirm import opinion  # the lab is needed only where something fails

    path = places.vectors() / f"{vector.id}.json"
    if not path.is_file():
        return ""
    word, why = opinion(json.loads(path.read_text(encoding="utf-8")))
    return f"the lab reads the vector otherwise: {why}" if word == "disagree" else ""


def _validators(vector: Vector) -> str:
    from conformance.run.model import Verdict
    from conformance.targets.documents import judge_document

    if vector.kind == "invalid":
        return ""  # what is wrong may lie beyond the schema
    bad = [one for one in judge_document(vector.octets, vector.name).findings if one.verdict is Verdict.FAIL]
    return f"our own validators refuse the document: {bad[0].seen}" if bad else ""
