"""Judging documents, and reading them without danger."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from conformance.run.model import Finding, Verdict, worst
from conformance.targets import documents
from conformance.targets.documents import CONFERENCE, LANDMARKS, MULTIFOCUS, OVERLAY, document_files, judge_document
from conformance.targets.markup import Unreadable, read_markup

RIGHT = f'<conference-info xmlns="{CONFERENCE}" entity="sip:conf@example.com"/>'.encode()
OVERLAY_FULL = f"""<overlay xmlns="{OVERLAY}"><configuration instance-name="overlay.example" expiration="2030-01-01T00:00:00Z" sequence="1">
<topology-plugin>CHORD-RELOAD</topology-plugin><max-message-size>5000</max-message-size>
<landmarks xmlns="{LANDMARKS}" version="1"><landmark-host address="192.0.2.1" port="PORT"/></landmarks>
</configuration><signature algorithm="x">AA==</signature></overlay>"""


class JudgeTests(SynchronousTestCase):
    """Valid, invalid, unknown, and validators that disagree."""

    def verdict(self, octets: bytes, kind: str | None = None) -> Verdict:
        """The verdict over a document."""
        return worst(judge_document(octets, kind).findings)

    def test_conference(self) -> None:
        """A document that the schema allows passes; one with a wrong attribute fails with its line."""
        self.assertIs(self.verdict(RIGHT), Verdict.PASS)
        wrong = b'<?xml version="1.0"?>\n' + RIGHT.replace(b"entity=", b'state="new" entity=')
        findings = judge_document(wrong).findings
        self.assertIs(worst(findings), Verdict.FAIL)
        self.assertEqual(findings[0].line, 2)

    def test_extension(self) -> None:
        """The elements of the multi-focus extension are judged, and their clause is named."""
        text = f'<conference-info xmlns="{CONFERENCE}" entity="sip:c@e"><x:focus-states xmlns:x="{MULTIFOCUS}">%s</x:focus-states></conference-info>'
        self.assertIn("disco00:7.2/0", judge_document((text % "").encode()).kind.clauses)
        self.assertIs(self.verdict((text % "").encode()), Verdict.PASS)
        self.assertIs(self.verdict((text % f'<nonsense xmlns="{MULTIFOCUS}"/>').encode()), Verdict.FAIL)

    def test_landmarks(self) -> None:
        """The landmarks of a configuration document are judged by their own grammar."""
        self.assertIs(self.verdict(OVERLAY_FULL.replace("PORT", "3478").encode()), Verdict.PASS)
        wrong = judge_document(OVERLAY_FULL.replace("PORT", "none").encode()).findings
        self.assertTrue(any("landmark-host" in one.why for one in wrong), wrong)

    def test_unknown_kind(self) -> None:
        """A document of another kind is not judged; where a kind is wanted, it fails."""
        self.assertIs(self.verdict(b"<other/>"), Verdict.NOT_APPLICABLE)
        self.assertIs(self.verdict(b"<other/>", "configuration"), Verdict.FAIL)
        self.assertIs(self.verdict(RIGHT, "configuration"), Verdict.FAIL)

    def test_disagreement(self) -> None:
        """Where the validators disagree, the verdict is inconclusive and names both."""
        self.patch(documents, "_by_xmlschema", lambda root: iter([Finding(verdict=Verdict.FAIL, why="so it says")]))
        findings = judge_document(RIGHT).findings
        self.assertIs(worst(findings), Verdict.INCONCLUSIVE)
        self.assertIn("lxml accepts, xmlschema says: so it says", findings[0].why)

    def test_refused_without_a_reason(self) -> None:
        """A validator that refuses and lists nothing still refuses."""

        class Silent:
            error_log = ()

            def validate(self, tree: object) -> bool:
                return False

        self.patch(documents, "_grammar", lambda path: Silent())
        octets = OVERLAY_FULL.replace("PORT", "1").encode()
        self.assertIs(self.verdict(octets, "configuration"), Verdict.FAIL)

    def test_files(self) -> None:
        """In folders every XML file is found; a file is taken as it is."""
        folder = Path(self.mktemp())
        (folder / "below").mkdir(parents=True)
        for name in ("b.xml", "below/a.xml", "c.txt"):
            (folder / name).write_bytes(RIGHT)
        found = document_files([folder, folder / "c.txt"])
        self.assertEqual([path.name for path in found], ["b.xml", "a.xml", "c.txt"])


class MarkupTests(SynchronousTestCase):
    """No DTD, bounded."""

    def test_doctype(self) -> None:
        """A document type declaration is refused, wherever it hides, also in UTF-16."""
        bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'
        for text in (bomb, f'<?xml version="1.0"?>\n<!-- x --><?p <?>\n{bomb}'):
            for octets in (text.encode(), text.encode("utf-16")):
                self.assertIn("document type", str(self.assertRaises(Unreadable, read_markup, octets)))

    def test_doctype_in_a_comment(self) -> None:
        """The words in a comment are no declaration."""
        self.assertEqual(read_markup(b"<!-- <!DOCTYPE a> --><a/>").tag, "a")

    def test_bounds(self) -> None:
        """Depth, number of elements and size are bounded."""
        for octets in (b"<a>" * 150 + b"</a>" * 150, b"<a>" + b"<b/>" * 200_001 + b"</a>", b" " * (5 << 20)):
            self.assertRaises(Unreadable, read_markup, octets)

    def test_place(self) -> None:
        """What is not well-formed is located."""
        error = self.assertRaises(Unreadable, read_markup, b"<a>\n<b></a>")
        self.assertEqual(error.line, 2)

    @settings(deadline=None, derandomize=True, max_examples=150)
    @given(st.binary(max_size=60) | st.text("<>!?-/ ab='&;\n[DOCTYPE", max_size=40).map(str.encode))
    def test_anything(self, octets: bytes) -> None:
        """Any octets give an opinion, never another error."""
        self.assertTrue(judge_document(octets).findings)
