"""Tests of the struct texts: equal to what is published, corrections in place, the generated file fresh."""

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.draft.structs import blocks, rendered
from conformance.draft.text import read_text
from conformance.lab.presentation.definitions import SPECIFICATIONS, specified
from conformance.lab.presentation.parser import parse
from conformance.lab.presentation.sources import Amendments, Correction, _corrected, corrected, published


class Published(SynchronousTestCase):
    """The struct texts against the specifications, where their texts are at hand."""

    def compare(self, specification: str, pattern: str) -> None:
        """Extract again and compare."""
        folder = places.specifications()
        found = sorted(folder.glob(pattern)) if folder else []
        if not found:
            raise SkipTest("DISCO_SPECS names no folder with this specification")
        text = read_text(found[0].read_text("utf-8", "replace"))
        self.assertEqual(rendered(list(blocks(text))), published(specification))

    def test_rfc6940(self) -> None:
        """What is kept of RFC 6940 is what it prints."""
        self.compare("rfc6940", "rfc6940.txt")

    def test_disco00(self) -> None:
        """What is kept of draft -00 is what it prints."""
        self.compare("disco00", "seeds/001_*.txt")


class Corrected(SynchronousTestCase):
    """The corrections."""

    def test_no_findings(self) -> None:
        """With its corrections every text parses."""
        for name in SPECIFICATIONS:
            self.assertEqual(parse(corrected(name)).findings, [], name)

    def test_generated(self) -> None:
        """The corrected texts that are kept are those that the corrections give."""
        for name in ("rfc6940", "disco00"):
            kept = (places.schemas() / name / "structs-corrected.txt").read_text("utf-8")
            self.assertEqual(kept.partition("\n\n")[2], corrected(name), name)

    def test_all_types_defined(self) -> None:
        """Every type that a struct uses is defined, and nothing twice."""
        names = [one.name for name in SPECIFICATIONS for one in parse(corrected(name)).definitions]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(set(specified().by_name), set(names))

    def test_misplaced(self) -> None:
        """A correction that finds no place, or two, is an error."""
        text = "// section 1\n\nstruct { uint8 a; uint8 a; } S;\n"
        for words, section in (("uint16 a;", "1"), ("uint8 a;", "1"), ("struct {", "2")):
            changes = Amendments((Correction("x", section, words, "", ""),), (), {}, {})
            self.assertRaises(ValueError, list, _corrected(text, changes))
