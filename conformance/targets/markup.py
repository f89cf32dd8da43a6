"""Reading XML for judgement: no DTD, no entities from outside, bounded size, depth and number of elements."""

from __future__ import annotations

from lxml import etree

SIZE = 4 << 20
"""The largest document, in octets."""
DEPTH = 100
"""The deepest nesting of elements."""
ELEMENTS = 200_000
"""The most elements."""


class Unreadable(Exception):
    """Octets that are not a document we read, with line and column where they are known."""

    def __init__(self, why: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(why)
        self.line = line
        self.column = column


def read_markup(octets: bytes) -> etree._Element:
    """The root of a document; raises Unreadable for what is not well-formed, has a DTD, or goes beyond the bounds."""
    if len(octets) > SIZE:
        raise Unreadable(f"the document has more than {SIZE} octets")
    if _has_doctype(octets):
        raise Unreadable("a document type declaration is not accepted")
    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    depth = elements = 0
    try:
        for start in range(0, len(octets), 65536):
            parser.feed(octets[start : start + 65536])
            for event, _element in parser.read_events():
                depth += 1 if event == "start" else -1
                elements += event == "start"
                if depth > DEPTH or elements > ELEMENTS:
                    raise Unreadable(f"deeper than {DEPTH} levels, or more than {ELEMENTS} elements")
        root = parser.close()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Unreadable(f"not well-formed: {error.msg}", line, column) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("a document type declaration is not accepted")
    return root


def _has_doctype(octets: bytes) -> bool:
    """Whether the prolog has a document type declaration; comments and instructions before it are passed over."""
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        octets = octets.decode("utf-16", "replace").encode()
    at = octets.find(b"<")
    while at >= 0:
        if octets.startswith(b"<!DOCTYPE", at):
            return True
        for opening, closing in ((b"<?", b"?>"), (b"<!--", b"-->")):
            if octets.startswith(opening, at):
                end = octets.find(closing, at + len(opening))
                at = octets.find(b"<", end) if end >= 0 else -1
                break
        else:
            return False
    return False
