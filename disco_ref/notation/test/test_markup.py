"""Strict XML: what is read, what is refused, and that nothing is fetched or blown up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.notation.markup import Limits, MalformedMarkup, Node, read, walk, write

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'


class ReadingTest(SynchronousTestCase):
    """Octets to a tree."""

    def test_tree(self) -> None:
        """Names with namespaces, attributes, text and tails are read; comments and instructions are not."""
        node = read(b'<a xmlns="u" x="1" p:y="2" xmlns:p="v">t<!-- no --><b/>after<?pi?></a>').node
        self.assertEqual(node.name, "{u}a")
        self.assertEqual((node.namespace, node.local), ("u", "a"))
        self.assertEqual(node.attributes, (("x", "1"), ("{v}y", "2")))
        self.assertEqual(node.children, (Node("{u}b", tail="after"),))
        self.assertEqual(node.text, "t")
        self.assertEqual(len(list(walk(node))), 2)

    def test_byte_order_mark_and_declaration(self) -> None:
        """A byte order mark and a declaration of UTF-8 or ASCII may stand before the root."""
        for start in (b"", b"\xef\xbb\xbf", DECLARATION, DECLARATION.replace(b"UTF-8", b"US-ASCII")):
            self.assertEqual(read(start + b"<a/>").node, Node("a"))

    def refused(self, octets: bytes, why: str, limits: Limits | None = None) -> MalformedMarkup:
        """Assert a refusal that says why, with a line."""
        refusal: MalformedMarkup = self.assertRaises(MalformedMarkup, read, octets, limits)
        self.assertIn(why, str(refusal))
        self.assertIn("line", refusal.where)
        return refusal

    def test_document_type(self) -> None:
        """A document type declaration is refused wherever it may stand, also behind comments."""
        for dtd in (
            b"<!DOCTYPE a>",
            b'<!DOCTYPE a SYSTEM "http://192.0.2.1/x.dtd">',
            b'<!DOCTYPE a [<!ENTITY e "x">]>',
        ):
            for before in (b"", DECLARATION, b"\xef\xbb\xbf", b"<!-- - ->\n-->\n", b"<?pi <!DOCTYPE?> "):
                self.refused(before + dtd + b"<a/>", "a document type declaration")

    def test_entity_bomb(self) -> None:
        """Entities that name entities that name entities are refused before they are read."""
        levels = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 20))
        self.refused(b'<!DOCTYPE a [<!ENTITY e0 "x">' + levels + b']><a b="&e19;">&e19;</a>', "document type")

    def test_no_doctype_in_content(self) -> None:
        """The words of a declaration inside a comment or a CDATA section are only words."""
        read(b"<!-- <!DOCTYPE a> --><a><![CDATA[<!DOCTYPE a>]]></a>")

    def test_undeclared_entity(self) -> None:
        """An entity that XML does not have is refused, as no declaration can give it."""
        self.refused(b"<a>&nbsp;</a>", "nbsp")

    def test_encodings(self) -> None:
        """Only UTF-8 is read."""
        # = rfc6940:11.1/2 test
        # = rfc6940:14.16/3 test
        self.refused("<a>é</a>".encode("latin-1"), "not UTF-8")
        self.refused(b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', "not XML 1.0 in UTF-8")
        self.refused('<?xml version="1.0" encoding="UTF-16"?><a/>'.encode("utf-16"), "not UTF-8")
        self.refused(b'<?xml version="1.1"?><a/>', "1.0")
        self.refused('<?xml version="1.0"?><!DOCTYPE a><a/>'.encode("utf-16-le"), "a NUL")

    def test_utf16(self) -> None:
        """UTF-16 with a byte order mark is read where it is allowed, with what it declares, and bounded as all is."""
        for text in ("<a>\u00e9</a>", '<?xml version="1.0" encoding="UTF-16"?>\n<a>\u00e9</a>'):
            for encoding in ("utf-16-le", "utf-16-be"):
                octets = ("\ufeff" + text).encode(encoding)
                self.assertEqual(read(octets, utf16=True).node, Node("a", text="\u00e9"))
                self.assertRaises(MalformedMarkup, read, octets)
        for text in ('<?xml version="1.0" encoding="UTF-8"?><a/>', "<!DOCTYPE a><a/>", "<a>"):
            self.assertRaises(MalformedMarkup, read, text.encode("utf-16"), utf16=True)
        self.assertRaises(MalformedMarkup, read, "<a/>".encode("utf-16") + b"\x00", utf16=True)

    def test_not_well_formed(self) -> None:
        """What is not well-formed is refused with the line."""
        # = rfc6940:11.1/1a test
        self.assertEqual(self.refused(b"<a>\n<b>\n</a>", "mismatch").where, "line 3")
        for octets in (
            b"",
            b" ",
            b"<a",
            b"<a/><b/>",
            b"<a b=1/>",
            b"<a b='1' b='2'/>",
            b"<p:a/>",
            b"<a>\x00</a>",
            b"<a>&#0;</a>",
        ):
            self.assertRaises(MalformedMarkup, read, octets)

    def test_limits(self) -> None:
        """Size, number of elements, depth, attributes of one element and declarations of namespaces are bounded."""
        self.refused(b"<a>" + b" " * 100 + b"</a>", "more than 50 octets", Limits(octets=50))
        self.refused(b"<a>" + b"<b/>" * 10 + b"</a>", "more than 10 elements", Limits(elements=10))
        self.assertEqual(self.refused(b"<a>\n" * 5 + b"</a>" * 5, "deeper than 4", Limits(depth=4)).where, "line 5")
        read(b"<a>" * 4 + b"</a>" * 4, Limits(depth=4))
        self.refused(b"<a>" * 100_000, "line", None)
        crowded = b"<a>\n<b" + b"".join(b' b%d="1"' % n for n in range(257)) + b"/></a>"
        self.assertEqual(self.refused(crowded, "more than 256 attributes").where, "line 2")
        read(crowded, Limits(attributes=257))
        nested = b"".join(b'<a xmlns:p%d="u" xmlns="%d">' % (n % 3, n) for n in range(60)) + b"</a>" * 60
        self.refused(nested, "more than 119 namespaces", Limits(prefixes=119))
        read(nested, Limits(prefixes=120))
        read(b"<a>" + b'<p:b xmlns:p="u"/>' * 1000 + b"</a>", Limits(prefixes=1))

    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(
        st.one_of(st.binary(max_size=60), st.from_regex(r"<(a|b|!|\?|/|&|;|=|'|>|<| |x:|xmlns){0,20}>").map(str.encode))
    )
    def test_any_octets(self, octets: bytes) -> None:
        """Any octets give a tree or a refusal, and what was read is written to octets that are read as the same."""
        try:
            node = read(octets).node
        except MalformedMarkup:
            return
        self.assertEqual(read(write(node)).node, node)


class WritingTest(SynchronousTestCase):
    """A tree to octets."""

    def test_prefixes(self) -> None:
        """The root's namespace is the default one; prefixes that content may use are kept."""
        octets = b'<a xmlns="u"><p:b xmlns:p="v" xmlns:q="w" p:t="q:name">x</p:b>y</a>'
        self.assertEqual(write(read(octets).node), b"<?xml version='1.0' encoding='UTF-8'?>\n" + octets + b"\n")

    def test_prefixes_of_many(self) -> None:
        """A prefix that means the same all around is kept once in memory, and written once."""
        declared = b"".join(b' xmlns:p%d="u%d"' % (n, n) for n in range(100))
        octets = b"<a" + declared + b">" + b"<p1:b/>" * 2000 + b"</a>"
        node = read(octets).node
        self.assertEqual(len({id(child.prefixes) for child in node.children}), 1)
        self.assertLess(len(write(node)), 2 * len(octets))
        self.assertEqual(read(write(node)).node, node)
        alone = node.children[7]
        self.assertEqual(read(write(alone)).node, alone)
        other = b'<a xmlns:p="u"><p:b><q:c xmlns:p="v" xmlns:q="w"><p:d/></q:c><p:e/></p:b></a>'
        self.assertEqual(read(write(read(other).node)).node, read(other).node)

    def test_what_xml_does_not_have(self) -> None:
        """A control character or a name that is none is refused."""
        self.assertRaises(MalformedMarkup, write, Node("a", text="\x00"))
        self.assertRaises(MalformedMarkup, write, Node("a b"))
        self.assertRaises(MalformedMarkup, write, Node("a", (("x y", "1"),)))
