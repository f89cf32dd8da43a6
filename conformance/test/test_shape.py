"""The function made of a schema says yes only to what a validator finds nothing wrong with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.shape import UnknownWord, shape

WRONG: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    "",
    "UPPER",
    "0",
    [],
    [1],
    ["x", 1],
    {},
    {"x": 1},
    {"hex": "0"},
)
"""What is put in the place of each part of a right value."""


def changed(value: Any) -> Iterator[Any]:
    """The value with one of its parts taken away, replaced, or with one more."""
    yield from WRONG
    if isinstance(value, dict):
        yield {**value, "more": 1}
        for name, member in value.items():
            yield {other: value[other] for other in value if other != name}
            yield from ({**value, name: one} for one in changed(member))
    elif isinstance(value, list):
        yield [*value, *value]
        for number, item in enumerate(value):
            yield from ([*value[:number], one, *value[number + 1 :]] for one in changed(item))


class ShapeTests(SynchronousTestCase):
    """Against the schema of the vectors."""

    def setUp(self) -> None:
        """The schema, and one vector with every member."""
        self.schema = json.loads((places.schemas() / "vector.schema.json").read_text("utf-8"))
        self.holds = shape(self.schema)
        self.vector: dict[str, Any] = {
            "id": "rfc6940/x/y",
            "what": "A vector to break",
            "clauses": ["rfc6940:6.3/0"],
            "level": "MUST",
            "kind": "valid",
            "command": "decode",
            "format": "reload.struct",
            "name": "Ping",
            "context": {"kinds": 1},
            "bytes": [{"field": "a", "hex": "00", "cut": True}, {"field": "b", "text": "é", "repeat": 2}],
            "expect": {"value": {}, "bytes": "0a", "valid": True, "refusal": {"at": "x", "status": [400, "drop"], "error": [20]}},
            "pair": "rfc6940/x/z",
            "erratum": ["interp-1"],
            "origin": {"how": "worked-out", "from": "here", "confirmed": ["lab"]},
        }  # fmt: skip

    def test_right(self) -> None:
        """It says yes to the vectors that are shipped."""
        self.assertTrue(self.holds(self.vector))
        for path in sorted(places.vectors().rglob("*.json"))[::20]:
            self.assertTrue(self.holds(json.loads(path.read_text("utf-8"))), path)

    def test_changed(self) -> None:
        """Of a vector with one change it says the same as a validator; 1.0, which is a whole number to that, is left to it."""
        validator = jsonschema.Draft202012Validator(self.schema)
        counts = {True: 0, False: 0}
        for one in changed(self.vector):
            said = validator.is_valid(one)
            counts[said] += 1
            self.assertEqual(self.holds(one), said, one)
        self.assertGreater(min(counts.values()), 20)

    def test_unknown(self) -> None:
        """A schema with a word that is not known has no such function."""
        some: tuple[dict[str, Any], ...] = (
            {"maxLength": 3},
            {"type": "number"},
            {"enum": [1]},
            {"additionalProperties": {}},
            {"minimum": "1"},
        )
        for schema in some:
            self.assertRaises(UnknownWord, shape, schema)
