"""A JSON schema made into one function that says whether a value has its form; many files are looked at in little time.

It says yes or no and nothing else: why a value is wrong is asked of a validator, which is needed only where one is.  The words of
JSON Schema 2020-12 that it knows are those of the vectors' schema; a schema with any other has no such function.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from conformance.run.model import Json

Holds = Callable[[Json], bool]

_TOLD = frozenset(["$schema", "title", "description", "required", "properties", "additionalProperties"])
"""Words that bind nothing, and those that are looked at together."""


class UnknownWord(Exception):
    """A schema has a word that is not known here."""


def shape(schema: Mapping[str, Json]) -> Holds:
    """Whether a value has the form that a schema describes; raises UnknownWord."""
    rules = [_rule(word, value) for word, value in schema.items() if word not in _TOLD]
    rules += _members(schema)
    if len(rules) == 1:
        return rules[0]
    return lambda value: all(holds(value) for holds in rules)


def _rule(word: str, bound: Json) -> Holds:
    if word == "type" and isinstance(bound, str):
        return _type(bound)
    if word == "enum" and isinstance(bound, list):
        return _listed(bound)
    if word == "const":
        return _listed([bound])
    if word == "pattern" and isinstance(bound, str):
        found = re.compile(bound).search
        return lambda value: not isinstance(value, str) or found(value) is not None
    if word == "items" and isinstance(bound, dict):
        each = shape(bound)
        return lambda value: not isinstance(value, list) or all(map(each, value))
    if word == "oneOf" and isinstance(bound, list):
        choices = [shape(one) for one in bound if isinstance(one, dict)]
        return lambda value: sum(holds(value) for holds in choices) == 1
    return _least(word, bound)


def _least(word: str, bound: Json) -> Holds:
    """A lower bound."""
    if not isinstance(bound, int) or isinstance(bound, bool):
        raise UnknownWord(word)
    least = bound
    if word == "minimum":
        return lambda value: not isinstance(value, int | float) or isinstance(value, bool) or value >= least
    sort = {"minLength": str, "minItems": list, "minProperties": dict}.get(word)
    if sort is None:
        raise UnknownWord(word)
    counted = sort
    return lambda value: not isinstance(value, counted) or len(value) >= least


def _type(name: str) -> Holds:
    sorts: Mapping[str, type] = {"object": dict, "array": list, "string": str, "boolean": bool}
    if name == "integer":
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if name not in sorts:
        raise UnknownWord(f"type {name}")
    sort = sorts[name]
    return lambda value: isinstance(value, sort)


def _listed(choices: Sequence[Json]) -> Holds:
    """One of some texts or truth values; 1 is not true."""
    if not all(isinstance(one, str | bool) for one in choices):
        raise UnknownWord("enum")
    return lambda value: any(value is one or (isinstance(value, str) and value == one) for one in choices)


def _members(schema: Mapping[str, Json]) -> list[Holds]:
    """What is said of the members of an object."""
    required, told, more = (schema.get(word) for word in ("required", "properties", "additionalProperties"))
    if more not in (None, False):
        raise UnknownWord("additionalProperties")
    needed = frozenset(str(one) for one in required) if isinstance(required, list) else frozenset()
    known = {name: shape(one) for name, one in told.items() if isinstance(one, dict)} if isinstance(told, dict) else {}
    closed = more is False
    if not (needed or known or closed):
        return []

    def holds(value: Json) -> bool:
        if not isinstance(value, dict):
            return True
        if not needed <= value.keys() or (closed and not value.keys() <= known.keys()):
            return False
        return all(known[name](one) for name, one in value.items() if name in known)

    return [holds]
