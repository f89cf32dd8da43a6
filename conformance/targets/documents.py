"""Judging documents by their schemas, with two validators where two exist.

A conference-info document is judged by lxml and by xmlschema, and where they disagree the verdict is
inconclusive and says so.  A configuration document is judged by RELAX NG, for which there is one validator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import xmlschema
from lxml import etree

from conformance import places
from conformance.errors import SuiteFault
from conformance.run.model import Finding, Verdict, held, noted
from conformance.targets.markup import Unreadable, read_markup

CONFERENCE = "urn:ietf:params:xml:ns:conference-info"
MULTIFOCUS = "http://www.example.org/inet-ci-multifocus-ext"
OVERLAY = "urn:ietf:params:xml:ns:p2p:config-base"
LANDMARKS = "urn:ietf:params:xml:ns:p2p:config-base:disco"

FAULTS = 20
"""The most faults of a document that are listed."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document that is judged."""

    name: str
    clauses: tuple[str, ...]


KINDS = {
    f"{{{CONFERENCE}}}conference-info": Kind("conference-info", ("rfc4575:5/0",)),
    f"{{{OVERLAY}}}overlay": Kind("configuration", ("rfc6940:11.1.1/0",)),
}
"""By the name of the root element."""

UNKNOWN = Kind("unknown", ("xml10:2.1/0",))
"""A document of another kind, or none at all: only its form is judged (XML 1.0, section 2.1)."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is thought of a document."""

    kind: Kind
    findings: tuple[Finding, ...]


def judge_document(octets: bytes, expected: str | None = None) -> Opinion:
    """Judge a document; ``expected`` is the kind it must be, None for any that is known."""
    wanted = next((kind for kind in KINDS.values() if kind.name == expected), None)
    try:
        root = read_markup(octets)
    except Unreadable as error:
        return Opinion(wanted or UNKNOWN, (_fault(str(error), error.line, error.column),))
    kind = KINDS.get(str(root.tag))
    if kind is None and wanted is None:
        return Opinion(UNKNOWN, (noted(f"well-formed; no schema for the root element {root.tag}"),))
    if kind is None or (wanted and kind is not wanted):
        return Opinion(wanted or UNKNOWN, (_fault(f"the root element is {root.tag}", root.sourceline, None),))
    if kind.name == "configuration":
        return Opinion(kind, tuple(_configuration(root)))
    extended = next(root.iter(f"{{{MULTIFOCUS}}}*"), None) is not None
    named = Kind(kind.name, (*kind.clauses, "disco00:7.2/0")) if extended else kind
    return Opinion(named, tuple(_conference(root)))


def _fault(why: str, line: int | None, column: int | None, by: str = "") -> Finding:
    place = f"line {line}" if line else ""
    place += f", column {column}" if line and column else ""
    seen = f"{by}: {why}" if by else why
    return Finding(
        verdict=Verdict.FAIL,
        why=why,
        expected="a document that its schema allows",
        seen=seen,
        place=place,
        line=line,
        column=column or None,
    )


def _conference(root: etree._Element) -> Iterator[Finding]:
    ours, theirs = list(_by_lxml(root, _schema())), list(_by_xmlschema(root))
    if bool(ours) != bool(theirs):
        accepting, refusing = ("xmlschema", "lxml") if ours else ("lxml", "xmlschema")
        why = f"the validators disagree: {accepting} accepts, {refusing} says: {(ours or theirs)[0].why}"
        yield noted(why, verdict=Verdict.INCONCLUSIVE)
    elif ours:
        yield from ours[:FAULTS]
    else:
        yield held(f"lxml {etree.__version__} and xmlschema {xmlschema.__version__} accept it")


def _configuration(root: etree._Element) -> Iterator[Finding]:
    faults = list(_by_lxml(root, _grammar("rfc6940/configuration-corrected.rng")))
    for landmarks in root.iter(f"{{{LANDMARKS}}}landmarks"):
        faults += _by_lxml(landmarks, _grammar("disco00/landmarks-corrected.rng"))
    yield from faults[:FAULTS]
    if not faults:
        yield held(f"lxml {etree.__version__} accepts it (RELAX NG: there is no second validator)")


def _by_lxml(root: etree._Element, schema: etree.XMLSchema | etree.RelaxNG) -> Sequence[Finding]:
    alone = etree.ElementTree(root)
    if schema.validate(alone):
        return ()
    found = [_fault(entry.message, entry.line or root.sourceline, entry.column, "lxml") for entry in schema.error_log]
    return found or [_fault("invalid, without a reason", root.sourceline, None, "lxml")]


def _by_xmlschema(root: etree._Element) -> Iterator[Finding]:
    for error in _second().iter_errors(root):
        line = getattr(error.elem, "sourceline", None)
        yield _fault(str(error.reason), line, None, "xmlschema")


def _driver() -> str:
    """A schema that joins the two namespaces, so that the extension's elements are judged too."""
    imports = (
        f'<xs:import namespace="{namespace}" schemaLocation="{(places.schemas() / path).resolve().as_uri()}"/>'
        for namespace, path in (
            (CONFERENCE, "rfc4575/conference-info-corrected.xsd"),
            (MULTIFOCUS, "disco00/multifocus-corrected.xsd"),
        )
    )
    return f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{"".join(imports)}</xs:schema>'


@lru_cache(maxsize=1)
def _schema() -> etree.XMLSchema:
    try:
        return etree.XMLSchema(etree.fromstring(_driver()))
    except etree.LxmlError as error:
        raise SuiteFault(f"the schema of conference-info does not compile: {error}") from None


@lru_cache(maxsize=1)
def _second() -> xmlschema.XMLSchema:
    try:
        return xmlschema.XMLSchema(_driver(), allow="local")
    except xmlschema.XMLSchemaException as error:
        raise SuiteFault(f"the schema of conference-info does not compile: {error}") from None


@lru_cache(maxsize=4)
def _grammar(path: str) -> etree.RelaxNG:
    try:
        return etree.RelaxNG(etree.parse(str(places.schemas() / path)))
    except (etree.LxmlError, OSError, ValueError) as error:
        raise SuiteFault(f"{path} does not compile: {error}") from None


def document_files(paths: Sequence[Path]) -> list[Path]:
    """The documents named: files as they are, in folders every ``.xml`` below."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.xml")) if path.is_dir() else [path]
    return found
