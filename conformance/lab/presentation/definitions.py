"""The definitions of one or more struct texts, by name, ready to be interpreted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from conformance.lab.presentation.parser import parse
from conformance.lab.presentation.sources import amendments, corrected
from conformance.lab.presentation.syntax import Definition, Enum, Field, Fixed, Select, Struct, Typedef

INTEGER = re.compile(r"(u?)int(8|16|24|32|64|128)$")
"""The integers of the language; ``int32`` is RFC 6940's own (section 7.4.2.1)."""

SPECIFICATIONS = ("tls", "rfc6940", "disco00", "rfc7904")
"""The struct texts that the lab reads, in this order."""


class Definitions:
    """Structs, enums and typedefs by name, and what prose adds: counting fields and second forms."""

    def __init__(
        self,
        definitions: list[Definition],
        counts: dict[tuple[str, str], str] | None = None,
        forms: dict[str, tuple[int, str]] | None = None,
    ) -> None:
        self.by_name: dict[str, Definition] = {one.name: one for one in definitions}
        self.forms = forms or {}
        self._counts = counts or {}
        self._modelled: dict[str, bool] = {}
        self._counted_by: dict[str, frozenset[str]] = {
            one.name: frozenset(_counted(one)) for one in definitions if isinstance(one, Struct)
        }

    def struct(self, name: str) -> Struct | None:
        """The struct of this name, None where there is none."""
        found = self.by_name.get(name)
        return found if isinstance(found, Struct) else None

    def counts_rest(self, struct: str, field: Field) -> bool:
        """Whether a field counts the bytes that follow it in its struct."""
        default = "rest" if field.name == "length" and INTEGER.match(field.type) else ""
        return self._counts.get((struct, field.name), default) == "rest"

    def counts_field(self, struct: str, field: Field) -> bool:
        """Whether a field is the ``n`` of another field's ``[n]``."""
        return field.name in self._counted_by.get(struct, ())

    def hidden(self, struct: str, field: Field) -> bool:
        """Whether a field only counts, and so is no part of the value."""
        return self.counts_rest(struct, field) or self.counts_field(struct, field)

    def needs_model(self, name: str) -> bool:
        """Whether a type cannot be read without the data model of a Kind (section 7.2)."""
        if name not in self._modelled:
            self._modelled[name] = False  # while it is being found out
            self._modelled[name] = any(self._member_needs_model(member) for member in self._members(name))
        return self._modelled[name]

    def _members(self, name: str) -> tuple[Field | Select, ...]:
        found = self.by_name.get(name)
        if isinstance(found, Struct):
            # A struct that says its Kind knows its model.
            says_kind = any(isinstance(one, Field) and one.type == "KindId" for one in found.members)
            return () if says_kind else found.members
        return (found.target,) if isinstance(found, Typedef) else ()

    def _member_needs_model(self, member: Field | Select) -> bool:
        if isinstance(member, Field):
            return self.needs_model(member.type)
        if member.switch == ("DataModel",):
            return True
        return any(self._member_needs_model(one) for case in member.cases for one in case.members)

    def stands_alone(self, name: str) -> bool:
        """Whether a struct holds the switches of its selects, so that it can be read without one around it."""
        found = self.by_name.get(name)
        members = found.members if isinstance(found, Struct) else ()
        known = {"DataModel", *(member.name for member in members if isinstance(member, Field))}
        return all(member.switch[-1] in known for member in members if isinstance(member, Select))

    def enum(self, name: str) -> Enum | None:
        """The enum of this name, None where there is none."""
        found = self.by_name.get(name)
        return found if isinstance(found, Enum) else None


def _counted(struct: Struct) -> Iterator[str]:
    for member in struct.members:
        if isinstance(member, Field) and isinstance(member.shape, Fixed) and isinstance(member.shape.size, tuple):
            yield member.shape.size[-1]


@cache
def specified(names: tuple[str, ...] = SPECIFICATIONS) -> Definitions:
    """The definitions of the specifications named, corrected; ValueError where one does not parse."""
    definitions: list[Definition] = []
    counts: dict[tuple[str, str], str] = {}
    forms: dict[str, tuple[int, str]] = {}
    for name in names:
        module = parse(corrected(name))
        if module.findings:
            finding = module.findings[0]
            raise ValueError(f"schemas/{name}/structs.txt, corrected, {finding.place}: {finding.message}")
        changes = amendments(name)
        definitions += module.definitions
        counts |= changes.counts
        forms |= changes.forms
    return Definitions(definitions, counts, forms)
