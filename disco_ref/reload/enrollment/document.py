"""The configuration document: configurations with their signatures and the exact octets these sign (RFC 6940, 11.1).

A signature covers the octets of an element from its first ``<`` to its last ``>`` as they stand in the file, so
they are cut out of the file and never written again to verify.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple
from xml.parsers import expat

from disco_ref.notation.documents.binding import from_node, to_node
from disco_ref.notation.markup import Limits, MalformedMarkup, Tree, write
from disco_ref.notation.markup import read as read_tree
from disco_ref.reload.enrollment.configuration import (
    CHORD_NAMESPACE,
    NAMESPACE,
    Configuration,
    KindBlock,
    RequiredKinds,
    Signature,
)

_OVERLAY = f"{{{NAMESPACE}}}overlay"
_CONFIGURATION = f"{{{NAMESPACE}}}configuration"
_SIGNATURE = f"{{{NAMESPACE}}}signature"
_SPACE = " \t\r\n"
_KIND_PATH = ("required-kinds", "kind-block", "kind")

Signer = Callable[[bytes], bytes]
"""Octets to the SecurityBlock that signs them, encoded."""


class SignedConfiguration(NamedTuple):
    """One configuration as it stands in the document."""

    configuration: Configuration
    octets: bytes
    """The element as it stands in the file: what a signature covers."""
    signatures: tuple[Signature, ...]
    """The signature elements behind it."""
    kinds: tuple[bytes, ...]
    """The octets of each ``kind`` element, in the order of ``configuration.kind_blocks``."""


class SignedKind(NamedTuple):
    """One kind-block as it stands in a ConfigUpdate (section 6.5.4.1)."""

    block: KindBlock
    octets: bytes
    """The ``kind`` element: what its signature covers."""


def read(octets: bytes, limits: Limits | None = None) -> tuple[SignedConfiguration, ...]:
    """A document to its configurations; raises :class:`MalformedMarkup` with path and line. Signatures are not judged."""
    # = rfc6940:11.1/1a
    # = rfc6940:11.1/2
    return from_tree(read_tree(octets, limits))


def from_tree(tree: Tree) -> tuple[SignedConfiguration, ...]:
    """A document that was read already; refused where its root is another element."""
    root = tree.node
    if root.name != _OVERLAY:
        raise MalformedMarkup("the root is not overlay of RFC 6940", where=root.local[:80])
    if root.attributes:
        raise MalformedMarkup("an attribute that is not expected here", where=f"overlay/@{root.attributes[0][0][:80]}")
    if root.text.strip(_SPACE) or any(one.tail.strip(_SPACE) for one in root.children):
        raise MalformedMarkup("text between elements", where="overlay")
    configurations = _spans(tree.octets, (_OVERLAY, _CONFIGURATION))
    found: list[SignedConfiguration] = []
    for node in root.children:
        where = f"overlay/{node.local[:80]} (line {node.line})"
        if node.name == _CONFIGURATION:
            exact = configurations[len(found)]
            # = rfc6940:11.1/3
            found.append(SignedConfiguration(from_node(Configuration, node), exact.octets, (), exact.kinds))
        elif node.name == _SIGNATURE and found:
            # = rfc6940:11.1/4
            last = found[-1]
            found[-1] = last._replace(signatures=(*last.signatures, from_node(Signature, node)))
        else:
            why = "a signature without a configuration before it" if node.name == _SIGNATURE else "not expected here"
            raise MalformedMarkup(why, where=where)
    if not found:
        raise MalformedMarkup("no configuration", where="overlay")
    return tuple(found)


def read_kind_block(octets: bytes) -> SignedKind:
    """A kind-block of a ConfigUpdate, which assumes the namespace of RFC 6940 (section 6.5.4.1)."""
    # = rfc6940:6.5.4.1/0
    opening = f'<required-kinds xmlns="{NAMESPACE}">'.encode()
    # = rfc6940:6.5.4.1/1
    document = opening + octets + b"</required-kinds>"
    required = from_node(RequiredKinds, read_tree(document).node)
    if len(required.kind_block) != 1:
        raise MalformedMarkup("not exactly one kind-block", where="kind-block")
    path = tuple(f"{{{NAMESPACE}}}{name}" for name in _KIND_PATH)
    return SignedKind(required.kind_block[0], _spans(document, path)[0].octets)


class _Exact(NamedTuple):
    """The octets of an element, and of the ``kind`` elements in it."""

    octets: bytes
    kinds: tuple[bytes, ...]


def _spans(octets: bytes, wanted: tuple[str, ...]) -> list[_Exact]:
    """The octets of every element at this path, in order.

    expat tells where a tag begins; an end tag ends at the next ``>``, an empty element at the place that
    expat reports for its end.
    """
    kind_path = wanted + tuple(f"{{{NAMESPACE}}}{name}" for name in _KIND_PATH)
    parser = expat.ParserCreate("UTF-8", "}")
    path: list[str] = []
    starts: list[int] = []
    found: list[_Exact] = []
    kinds: list[bytes] = []
    opened = -1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal opened
        path.append("{" + name if "}" in name else name)
        starts.append(parser.CurrentByteIndex)
        opened = parser.CurrentByteIndex

    def end(name: str) -> None:
        nonlocal opened, kinds
        begin, place, here = starts.pop(), parser.CurrentByteIndex, tuple(path)
        path.pop()
        if here in (wanted, kind_path):
            empty = opened == begin and octets[place - 2 : place] == b"/>"
            # = rfc6940:11.1/34
            # = rfc6940:11.1/35a
            exact = octets[begin : place if empty else octets.index(b">", place) + 1]
            if here == wanted:
                found.append(_Exact(exact, tuple(kinds)))
                kinds = []
            else:
                kinds.append(exact)
        opened = -1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(octets, True)
    except expat.ExpatError as wrong:
        raise MalformedMarkup(expat.ErrorString(wrong.code), where=f"line {wrong.lineno}") from None
    return found


def element_octets(configuration: Configuration) -> bytes:
    """The ``configuration`` element as octets, with all namespaces declared in it: what is to be signed."""
    prefixes = {"chord": CHORD_NAMESPACE}
    return write(to_node(configuration, "configuration"), prefixes).partition(b"?>\n")[2].rstrip(b"\n")


def sign_kinds(configuration: Configuration, sign: Signer) -> Configuration:
    """The configuration with every kind-block signed as it will stand in :func:`element_octets`."""
    if configuration.required_kinds is None:
        return configuration
    # = rfc6940:11.1/32
    exact = _spans(element_octets(configuration), (_CONFIGURATION,))[0].kinds
    blocks = tuple(
        dataclasses.replace(block, kind_signature=Signature(security_block=sign(octets)))
        for block, octets in zip(configuration.kind_blocks, exact, strict=True)
    )
    return dataclasses.replace(configuration, required_kinds=RequiredKinds(kind_block=blocks))


def sign_document(configurations: Sequence[Configuration], sign: Signer) -> bytes:
    """A document of these configurations, each followed by its signature; kind-blocks stay as they are."""
    return assemble([(octets, [sign(octets)]) for octets in map(element_octets, configurations)])


def assemble(parts: Sequence[tuple[bytes, Sequence[bytes]]]) -> bytes:
    """A document of ``configuration`` elements, octet for octet, and the SecurityBlocks behind each."""
    lines = [b'<?xml version="1.0" encoding="UTF-8"?>', b'<overlay xmlns="' + NAMESPACE.encode() + b'">']
    for octets, blocks in parts:
        lines.append(octets)
        # = rfc6940:11.1/36b
        # = rfc6940:11.1/36a
        lines.extend(b"<signature>" + base64.b64encode(block) + b"</signature>" for block in blocks)
    return b"\n".join([*lines, b"</overlay>", b""])
