"""Tests of the parser: what it reads, and what it reports at which line and column."""

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.presentation.parser import parse
from conformance.lab.presentation.sources import published
from conformance.lab.presentation.syntax import Enum, Field, Fixed, Select, Struct, Typedef, Vector


class Reading(SynchronousTestCase):
    """Right text gives definitions and no findings."""

    def only(self, text: str) -> object:
        """The one definition of a text without findings."""
        module = parse(text)
        self.assertEqual(module.findings, [])
        self.assertEqual(len(module.definitions), 1)
        return module.definitions[0]

    def test_enum(self) -> None:
        """An enum keeps its names and takes its width from the nameless value."""
        found = self.only("enum { a(1), DTLS-UDP-SR(3), X.509(4), (2^16-1) } T;")
        assert isinstance(found, Enum)
        self.assertEqual(found.values, {"a": 1, "DTLS-UDP-SR": 3, "X.509": 4})
        self.assertEqual((found.maximum, found.size), (65535, 2))

    def test_typedef(self) -> None:
        """A typedef in the style of C names the type after its shape's owner."""
        found = self.only("typedef opaque NodeId[NodeIdLength];")
        assert isinstance(found, Typedef)
        self.assertEqual((found.name, found.target.shape), ("NodeId", Fixed(("NodeIdLength",))))

    def test_vectors(self) -> None:
        """The count of a vector is as wide as its upper bound needs."""
        found = self.only("struct { opaque a<0..255>; T b<0..2^16-1>; T c<8..2^24-1>; opaque d[4]; } S;")
        assert isinstance(found, Struct)
        fields = [member for member in found.members if isinstance(member, Field)]
        shapes = [member.shape for member in fields]
        self.assertEqual(shapes, [Vector(0, 255), Vector(0, 65535), Vector(8, 16777215), Fixed(4)])
        self.assertEqual([shape.count_size for shape in shapes if isinstance(shape, Vector)], [1, 2, 3])

    def test_select(self) -> None:
        """Labels that follow each other share an arm; a semicolon is an empty arm; a comment allows more."""
        found = self.only(
            "struct { T type; select (type) { case a: ; case b: case c: uint8 x; /* may be extended */ } body; } S;"
        )
        assert isinstance(found, Struct)
        select = found.members[1]
        assert isinstance(select, Select)
        self.assertEqual([(case.labels, len(case.members)) for case in select.cases], [(("a",), 0), (("b", "c"), 1)])
        self.assertEqual((select.switch, select.extendable, select.name), (("type",), True, "body"))

    def test_not_extendable(self) -> None:
        """Another comment does not allow unknown arms."""
        found = self.only("struct { select (type) { case a: uint8 x; /* Empty */ }; } S;")
        assert isinstance(found, Struct)
        select = found.members[0]
        assert isinstance(select, Select)
        self.assertFalse(select.extendable)


class Reporting(SynchronousTestCase):
    """What is wrong is found, with its place, and the rest is still read."""

    ROWS = [
        ("struct {\n  opaque a<0..255>\n  uint8 b;\n} S;", ("2:19", "missing-semicolon"), 1),
        ("enum { a(1) b(2), (255) } T;", ("1:13", "missing-comma"), 1),
        ("struct { select (t) { case a; uint8 x; }; } S;", ("1:29", "case-semicolon"), 1),
        ("struct {\n opaque<0..2^16-1> padding;\n} S;", ("2:2", "bounds-before-name"), 1),
        ("public struct { uint8 a; } S;", ("1:1", "unknown-word"), 1),
        ("select (t) { case a: uint8 x; } D;", ("1:1", "select-outside-struct"), 1),
        ("struct { uint8 a<5..2>; } S;", ("1:17", "bounds"), 1),
        ("enum { a(1), b(1), (255) } T;", ("1:14", "enum-twice"), 1),
        ("enum { a(300), (255) } T;", ("1:1", "enum-width"), 1),
        ("enum { a(1) } T;", ("1:1", "enum-width"), 1),
        ("struct { uint8 ; } S; struct { uint8 a; } Next;", ("1:16", "syntax"), 1),
        ("nonsense", ("1:1", "syntax"), 0),
        ("struct { uint8 a;", ("1:18", "syntax"), 0),
        ("struct { uint8 a<0..2^999>; } S;", ("1:26", "syntax"), 0),
        ("struct { /* open", ("1:10", "syntax"), 0),
        ("struct { uint8 \u00e9; } S;", ("1:16", "syntax"), 0),
    ]

    def test_rows(self) -> None:
        """Each fault is the only finding, at its line and column."""
        for text, expected, definitions in self.ROWS:
            module = parse(text)
            found = [(str(finding.place), finding.code) for finding in module.findings]
            self.assertEqual(found, [expected], text)
            self.assertEqual(len(module.definitions), definitions, text)

    def test_published_reload(self) -> None:
        """RFC 6940 as printed has just these slips of syntax."""
        codes = [finding.code for finding in parse(published("rfc6940")).findings]
        expected = ["select-outside-struct", "unknown-word", "missing-comma", "case-semicolon", "bounds-before-name"]
        self.assertEqual(codes, expected)

    def test_published_draft(self) -> None:
        """Draft -00 as printed misses three semicolons."""
        codes = [finding.code for finding in parse(published("disco00")).findings]
        self.assertEqual(codes, ["missing-semicolon"] * 3)

    def test_depth(self) -> None:
        """Selects within selects end somewhere."""
        text = "struct { " + "select (a) { case b: " * 500 + "}; " * 500 + "} S;"
        self.assertEqual(parse(text).definitions, [])

    @settings(deadline=None, derandomize=True, max_examples=150)
    @given(
        st.lists(
            st.sampled_from(
                [
                    "struct",
                    "enum",
                    "select",
                    "case",
                    "typedef",
                    "{",
                    "}",
                    "(",
                    ")",
                    "<",
                    ">",
                    ";",
                    ":",
                    ",",
                    "..",
                    "2^16-1",
                    "8",
                    "uint8",
                    "a",
                    "/*",
                    "*/",
                    "//",
                    "\n",
                ]
            )
        )
    )
    def test_any_text(self, words: list[str]) -> None:
        """Any text gives a module; every finding has its place within the text."""
        text = " ".join(words)
        for finding in parse(text).findings:
            self.assertTrue(1 <= finding.place.line <= text.count("\n") + 1)
