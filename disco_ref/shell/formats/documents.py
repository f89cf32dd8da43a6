"""The format ``document`` and the command ``validate``: conference-info and configuration documents."""

from __future__ import annotations

from collections.abc import Mapping

from disco_ref.conference import document as conference
from disco_ref.disco.document import ELEMENT as FOCUS_STATES
from disco_ref.disco.document import focus_states
from disco_ref.disco.landmarks import ELEMENT as LANDMARKS
from disco_ref.disco.landmarks import landmarks
from disco_ref.notation.documents.binding import as_json
from disco_ref.notation.markup import MalformedMarkup, Tree
from disco_ref.notation.markup import read as read_tree
from disco_ref.reload.enrollment import document as enrollment
from disco_ref.reload.enrollment.signing import verify_configuration_by
from disco_ref.shell import published
from disco_ref.shell.formats.format import Context, Format, Json
from disco_ref.shell.formats.reload_context import context_of, trust_of
from disco_ref.shell.formats.unsupported import Unsupported

KINDS = ("conference-info", "configuration")
"""The kinds of documents, by the names of the adapter contract."""

_ROOTS = {"conference-info": "conference-info", "overlay": "configuration"}


def _read(name: str | None, octets: bytes) -> tuple[str, Tree]:
    """The kind and the tree; only conference documents may be in UTF-16."""
    tree = read_tree(octets, utf16=True)
    kind = _kind(name, tree)
    # = rfc6940:11.1/2
    return kind, tree if kind == "conference-info" else read_tree(octets)


def _kind(name: str | None, tree: Tree) -> str:
    if name is None:
        local = tree.root.tag.rpartition("}")[2]
        if local not in _ROOTS:
            raise MalformedMarkup("neither conference-info nor overlay", where=local[:80])
        return _ROOTS[local]
    if name not in KINDS:
        raise Unsupported("kind of document", name, KINDS)
    return name


def _decode(name: str | None, octets: bytes, context: Context) -> Json:
    kind, tree = _read(name, octets)
    if kind == "conference-info":
        return _conference(tree)
    return _configuration(tree)


def _conference(tree: Tree) -> Json:
    info = conference.from_tree(tree)
    states = focus_states(info)
    found: dict[str, Json] = {"conference-info": as_json(info)}
    found["focus-states"] = None if states is None else as_json(states)
    return found


def _configuration(tree: Tree) -> Json:
    found: list[Json] = []
    for one in enrollment.from_tree(tree):
        marks = landmarks(one.configuration.others)
        each: dict[str, Json] = {
            "configuration": as_json(one.configuration),
            "landmarks": None if marks is None else as_json(marks),
            "signatures": [as_json(signature) for signature in one.signatures],
            "signed_octets": len(one.octets),
        }
        found.append(each)
    return {"overlay": found}


def _reencode(name: str | None, octets: bytes, context: Context) -> bytes:
    kind, tree = _read(name, octets)
    if kind == "conference-info":
        return conference.to_octets(conference.from_tree(tree))
    # = rfc6940:11.1/34
    enrollment.from_tree(tree)
    return octets


def validate(kind: str | None, octets: bytes, given: Context | None = None) -> str:
    """Judge a document by its schemas, both extensions included, and by the typed reading; the kind it is.

    Where ``given`` names certificates, each configuration must be signed by the holder of one of them.
    Raises Malformed, as ``Disagreement`` where the two validators of XML Schema differ.
    """
    found, tree = _read(kind, octets)
    if found == "conference-info":
        _validate_conference(tree)
    else:
        _validate_configuration(tree, given or {})
    return found


def _validate_conference(tree: Tree) -> None:
    # = rfc4575:5/0
    published.conference_info().validate(tree)
    for element in tree.root.iterchildren(FOCUS_STATES):
        # = disco00:7.2/0
        published.multifocus().validate(tree, element)
    focus_states(conference.from_tree(tree))


def _validate_configuration(tree: Tree, given: Context) -> None:
    # = rfc6940:11.1.1/0
    # = rfc6940:14.16/3
    published.configuration().validate(tree)
    for element in tree.root.iter(LANDMARKS):
        # = disco00:8.2/0
        published.landmarks().validate(tree, element)
    for one in enrollment.from_tree(tree):
        landmarks(one.configuration.others)
        if given.get("certificates"):
            # = rfc6940:11.1/38
            verify_configuration_by(one, trust_of(given), context_of(given))


def _validate(params: Mapping[str, Json]) -> Json:
    kind, digits = params.get("kind"), params.get("bytes")
    if not isinstance(kind, str) or not isinstance(digits, str):
        raise ValueError("`kind` and `bytes` are strings")
    if kind not in KINDS:
        raise Unsupported("kind of document", kind, KINDS)
    given = params.get("context") or {}
    if not isinstance(given, dict):
        raise ValueError("`context` is an object")
    validate(kind, bytes.fromhex(digits), given)
    return {"valid": True}


FORMATS = {"document": Format(decode=_decode, encode=None, reencode=_reencode)}
"""What this module reads; documents are not encoded from JSON."""

COMMANDS = {"validate": _validate}
"""The role ``documents``."""
