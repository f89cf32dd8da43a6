"""Validation of documents by published schemas: XML Schema by two libraries, RELAX NG by one.

The schemas are given as octets; nothing is fetched.  Two validators rarely disagree, but where they do
a document is neither valid nor invalid for everybody, so a disagreement is a finding of its own.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import xmlschema
from lxml import etree

from disco_ref.errors import Malformed
from disco_ref.notation.markup import Tree


class InvalidDocument(Malformed):
    """A well-formed document that its schema forbids; ``where`` is a line or a path."""


class Disagreement(InvalidDocument):
    """Of two validators one accepts the document; the reason says which, and why the other does not."""


class Finding(NamedTuple):
    """What a validator finds wrong first."""

    where: str
    why: str


class XmlSchema:
    """A schema of XML Schema 1.0, compiled by lxml and by xmlschema."""

    def __init__(self, octets: bytes) -> None:
        """Compile; raises ValueError for a schema that one of them does not accept: a fault of the project."""
        try:
            self._second = xmlschema.XMLSchema10(octets.decode("utf-8"), allow="none", defuse="never")
        except xmlschema.XMLSchemaException as wrong:
            raise ValueError(f"not a schema: {wrong}") from wrong
        self._first = _compiled(etree.XMLSchema, octets)

    def by_lxml(self, element: Any) -> Finding | None:
        """The first finding of lxml (libxml2), None where the element is valid."""
        if self._first.validate(element):
            return None
        return _finding(self._first, element)

    def by_xmlschema(self, element: Any) -> Finding | None:
        """The first finding of xmlschema, None where the element is valid."""
        try:
            for error in self._second.iter_errors(element):
                return Finding(_local_path(error.path or ""), _short(error.reason or error.message or "invalid"))
        except xmlschema.XMLSchemaException as failure:
            # An xsi:type that names no type is raised, not listed.
            return Finding("", _short(str(failure)))
        return None

    def validate(self, tree: Tree, element: Any = None) -> None:
        """Raise :class:`InvalidDocument` for the document or one element of it.

        Raises :class:`Disagreement` where only one of the two accepts it.
        """
        root = tree.root if element is None else element
        first, second = self.by_lxml(root), self.by_xmlschema(root)
        if first is None and second is None:
            return
        if first is not None and second is not None:
            raise InvalidDocument(first.why, where=first.where)
        blamed = first or second
        assert blamed is not None
        accepts, refuses = ("xmlschema", "lxml") if first else ("lxml", "xmlschema")
        raise Disagreement(f"{refuses} refuses what {accepts} accepts: {blamed.why}", where=blamed.where)


class RelaxNg:
    """A grammar of RELAX NG in XML syntax, compiled by lxml."""

    def __init__(self, octets: bytes) -> None:
        """Compile; raises ValueError for a grammar that is none: a fault of the project."""
        self._grammar = _compiled(etree.RelaxNG, octets)

    def by_lxml(self, element: Any) -> Finding | None:
        """The first finding of lxml (libxml2), None where the element is valid."""
        return None if self._grammar.validate(element) else _finding(self._grammar, element)

    def validate(self, tree: Tree, element: Any = None) -> None:
        """Raise :class:`InvalidDocument` for the document or one element of it."""
        found = self.by_lxml(tree.root if element is None else element)
        if found is not None:
            raise InvalidDocument(found.why, where=found.where)


def _compiled(make: Any, octets: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
    try:
        return make(etree.fromstring(octets, parser))
    except (etree.XMLSchemaError, etree.RelaxNGError, etree.XMLSyntaxError) as wrong:
        raise ValueError(f"not a schema: {wrong}") from wrong


def _finding(validator: Any, element: Any) -> Finding:
    """The first entry of a log; RELAX NG leaves out the line of some, which then is that of the element judged."""
    errors = list(validator.error_log)
    if not errors:
        return Finding(f"line {element.sourceline}", "invalid")
    return Finding(f"line {errors[0].line or element.sourceline}", _short(errors[0].message))


def _short(message: str) -> str:
    """The message without namespaces, which the reader knows, on one line."""
    return " ".join(re.sub(r"\{[^{}]*\}", "", message).split())[:300]


def _local_path(path: str) -> str:
    return re.sub(r"\{[^{}]*\}|[A-Za-z_][\w.-]*:", "", path).lstrip("/")
