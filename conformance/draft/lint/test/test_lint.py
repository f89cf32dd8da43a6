"""Each rule finds its defect at its place, and nothing where the defect is mended."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from conformance import places
from conformance.clauses import specification_file
from conformance.command import main
from conformance.draft.lint.command import DESCRIPTIONS, lint, render, sarif

GOLDEN = Path(__file__).parent.parent / "disco00.golden.json"

HEAD = """Network Working Group

   The key words "MUST" and "SHOULD" are to be interpreted as described in BCP 14.

1. Introduction

   This is about things.  Section 2 has them.

2. Things

"""

XSD = """```
<xs:schema targetNamespace="urn:example:things" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns="urn:example:things">
  <xs:element name="things" type="things-type"/>
  <xs:complexType name="things-type">
    <xs:sequence>
      <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
  </xs:complexType>
</xs:schema>
```
"""

RNC = """```
namespace t = "urn:example:things"
parameter &= element t:things {
  attribute version { text },
  element t:thing { attribute address { text } }*
}?
```
"""

STRUCT = """```
enum { first (1), second (2), (255) } ThingType;

struct {
  ThingType type;
  select (type) {
    case first: opaque name<0..2^16-1>;
    case second: uint32 number;
  };
} Thing;
```
"""


class Rules(SynchronousTestCase):
    """One text per defect, beside the same text without it."""

    def found(self, body: str, head: str = HEAD) -> list[tuple[str, int, int]]:
        """Rule, line and column of each finding in a draft of this body; lines count from the body's first."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "draft.txt")
            path.write_text(head + body, encoding="utf-8")
            before = head.count("\n")
            return [(finding.rule, finding.line - before, finding.column) for finding in lint(path)]

    def rules(self, body: str, head: str = HEAD) -> set[str]:
        """The rules that a body breaks."""
        return {rule for rule, _, _ in self.found(body, head)}

    def test_clean(self) -> None:
        """A draft whose schema, grammar, struct and prose are right has no findings."""
        self.assertEqual(self.found("   A node MUST send a thing.\n\n" + XSD + "\n" + RNC + "\n" + STRUCT), [])

    def test_schema_type_missing(self) -> None:
        """A type that the schema uses and nobody defines is found at its line."""
        self.assertIn(
            ("schema-does-not-compile", 4, 34), self.found(XSD.replace('type="things-type"/>', 'type="other-type"/>'))
        )

    def test_schema_not_xml(self) -> None:
        """A schema that is not well-formed is found."""
        self.assertIn("schema-not-xml", self.rules(XSD.replace("</xs:sequence>", "")))

    def test_wildcard_mandatory(self) -> None:
        """An extension point that every instance has to fill is found; so is one that can be filled once only."""
        self.assertIn(("content-model-too-strict", 7, 7), self.found(XSD.replace(' minOccurs="0"', "")))
        self.assertIn("extension-point-single", self.rules(XSD.replace(' minOccurs="0" maxOccurs="unbounded"', "")))

    def test_namespaces(self) -> None:
        """A namespace in a domain for examples is found, and a grammar without any."""
        self.assertIn(
            "namespace-not-registered", self.rules(XSD.replace("urn:example:things", "http://www.example.org/t"))
        )
        self.assertIn(
            "namespace-missing", self.rules(RNC.replace('namespace t = "urn:example:things"\n', "").replace("t:", ""))
        )

    def test_grammar_entity(self) -> None:
        """A character reference of XML in a compact grammar is found where it stands."""
        self.assertIn(("grammar-does-not-compile", 3, 11), self.found(RNC.replace("&=", "&#x26;=")))

    def test_grammar_comma(self) -> None:
        """Two patterns without a comma between them are found behind the first."""
        self.assertIn(("grammar-does-not-compile", 4, 29), self.found(RNC.replace("{ text },", "{ text }")))

    def test_grammar_comment(self) -> None:
        """An XML comment in a compact grammar is found, and does not hide what comes after it."""
        text = RNC.replace("  attribute version", "  <!-- a version -->\n  attribute version").replace(
            "{ text },", "{ text }"
        )
        self.assertEqual([line for rule, line, _ in self.found(text) if rule == "grammar-does-not-compile"], [4, 5])

    def test_struct_semicolon(self) -> None:
        """A missing semicolon is found behind the member, and the rest is still read."""
        self.assertIn(("struct-syntax", 7, 39), self.found(STRUCT.replace("<0..2^16-1>;", "<0..2^16-1>")))

    def test_struct_switch(self) -> None:
        """A select has to switch on a sibling field."""
        self.assertIn("select-without-switch", self.rules(STRUCT.replace("select (type)", "select (ThingType.type)")))

    def test_struct_types(self) -> None:
        """Types that nobody defines, types defined twice and cases of no value are found."""
        self.assertIn("type-undefined", self.rules(STRUCT.replace("uint32 number", "Numeral number")))
        self.assertIn("type-twice", self.rules(STRUCT + "\nMore.\n\n" + STRUCT))
        self.assertIn("case-undefined", self.rules(STRUCT.replace("case second", "case third")))
        self.assertNotIn("type-undefined", self.rules(STRUCT.replace("uint32 number", "Destination number")))

    def test_spellings(self) -> None:
        """One name in two spellings is found; a field and its type, or a plural, are not."""
        self.assertIn("name-spelling", self.rules("   A SIP-Thing and a SIP-thing are one.\n"))
        self.assertIn(
            "name-spelling",
            self.rules("   The 'max_things' of it.\n\n" + XSD.replace('name="things"', 'name="max-things"')),
        )
        self.assertNotIn(
            "name-spelling", self.rules("   The Kind-ID and many Kind-IDs, a store_thing and a StoreThing.\n")
        )

    def test_cut_short(self) -> None:
        """A name of the prose that lacks the last word of a declared one is found; one that lacks two is another name."""
        struct = STRUCT.replace("uint32 number", "uint32 focus_node_id")
        self.assertIn("name-spelling", self.rules("   The focus_node of it.\n\n" + struct))
        longer = struct.replace("focus_node_id", "focus_node_id_list")
        self.assertNotIn("name-spelling", self.rules("   The focus_node of it.\n\n" + longer))

    def test_element_of_prose(self) -> None:
        """An element that the prose names and no schema declares is found."""
        self.assertIn(("element-undeclared", 1, 8), self.found("   The <thingy> element.\n\n" + XSD))
        self.assertNotIn("element-undeclared", self.rules("   The <things> element.\n\n" + XSD))

    def test_examples(self) -> None:
        """Examples that break RFC 3261 or RFC 6940 are found; right ones are not."""
        self.assertIn(("example-breaks-grammar", 1, 9), self.found('   Use "sip:a@example.com;coord=YQ==" here.\n'))
        self.assertNotIn("example-breaks-grammar", self.rules('   Use "sip:a@example.com;coord=YQ%3D%3D" here.\n'))
        self.assertIn("example-breaks-grammar", self.rules("   Node-ID: 0123456789abcde\n"))
        self.assertNotIn("example-breaks-grammar", self.rules(f"   Node-ID: {'0123456789abcdef' * 2}\n"))
        self.assertIn("example-breaks-grammar", self.rules("   Send 'Max-Forwards: many' with it.\n"))
        self.assertNotIn("example-breaks-grammar", self.rules("   Send 'Max-Forwards: 70' with it.\n"))

    def test_example_message(self) -> None:
        """The header fields of a printed message are judged one by one."""
        message = "```\nOPTIONS sip:b@example.com SIP/2.0\nCSeq: {} OPTIONS\nMax-Forwards: 70\n\n```\n"
        self.assertIn(("example-breaks-grammar", 3, 1), self.found(message.format("first")))
        self.assertEqual(self.found(message.format("1")), [])

    def test_keywords(self) -> None:
        """Keywords that are not declared, requirements without keyword and broken sentences are found."""
        bare = HEAD.replace('   The key words "MUST" and "SHOULD" are to be interpreted as described in BCP 14.\n', "")
        self.assertIn("keywords-undeclared", self.rules("   A node MUST send it.\n", bare))
        self.assertIn(("clause-without-keyword", 1, 11), self.found("   A node must send it.\n"))
        self.assertIn("clause-ungrammatical", self.rules("   In this case it RECOMMENDED to send it.\n"))

    def test_two_levels(self) -> None:
        """One requirement at two levels in two sections is found."""
        one = "   A joining node MUST select the nearest registered focus peer of the conference.\n"
        other = "\n3. More\n\n   The joining node SHOULD select the nearest registered focus peer of its conference.\n"
        self.assertIn("requirement-at-two-levels", self.rules(one + other))
        self.assertNotIn("requirement-at-two-levels", self.rules(one + other.replace("SHOULD", "MUST")))
        self.assertNotIn("requirement-at-two-levels", self.rules(one + other.replace("SHOULD", "SHOULD NOT")))

    def test_open_ends(self) -> None:
        """Open ends are found, and sections that consist of one are told apart."""
        self.assertEqual(self.rules("   A thing.\n\n   Another.\n\n   TODO: a third.\n"), {"todo"})
        self.assertEqual(self.rules("   TODO: all of it.\n"), {"todo-section"})

    def test_references(self) -> None:
        """Missing figures, sections and references are found."""
        self.assertIn("figure-missing", self.rules("   See Figure 3.\n"))
        later = "   See Figure 2.\n\n          Figure 2: a picture\n"
        self.assertEqual(self.rules(later), {"figure-gap"})
        self.assertEqual(self.rules(later.replace("2", "1")), set())
        self.assertIn("section-missing", self.rules("   See Section 7.3.\n"))
        listed = "\n3. References\n\n   [RFC3261]  Someone, a title.\n"
        self.assertEqual(self.rules("   See [RFC3261] and [RFC6940].\n" + listed), {"reference-missing"})
        self.assertEqual(self.rules("   See nothing.\n" + listed), {"reference-unused"})

    def test_every_rule_is_described(self) -> None:
        """A SARIF log describes each rule that it uses."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "draft.txt")
            path.write_text(HEAD + "   TODO: all of it.\n", encoding="utf-8")
            log = json.loads(json.dumps(sarif("draft.txt", lint(path))))
        self.assertEqual(log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 11)
        self.assertEqual(
            log["runs"][0]["tool"]["driver"]["rules"][0]["shortDescription"]["text"], DESCRIPTIONS["todo-section"]
        )

    def test_file_in_the_log(self) -> None:
        """A SARIF log calls the file as it was named, a relative path relative, so that a server finds it."""
        with tempfile.TemporaryDirectory() as folder:
            path, log = Path(folder, "a draft.txt"), Path(folder, "log.sarif")
            path.write_text(HEAD + "   TODO: all of it.\n", encoding="utf-8")
            code = main(["draft", "lint", str(path), "--format", "sarif", "--output", str(log)])
            place = json.loads(log.read_text("utf-8"))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
            self.assertEqual((code, place["artifactLocation"]["uri"]), (0, path.as_uri()))

    def test_cannot_be_written(self) -> None:
        """A place where nothing can be written is misuse and no fault of the harness."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "draft.txt")
            path.write_text(HEAD, encoding="utf-8")
            stream = io.StringIO()
            self.patch(sys, "stderr", stream)
            words = ["draft", "lint", str(path), "--format", "json", "--output", f"{folder}/no/such/folder"]
            self.assertEqual(main(words), 2)
            self.assertIn("cannot be written", stream.getvalue())


class Golden(SynchronousTestCase):
    """The published draft."""

    def test_disco00(self) -> None:
        """The findings on draft -00 are those on record: places and our own words."""
        folder = places.specifications()
        path = specification_file("disco00", folder) if folder else None
        if path is None:
            raise SkipTest("not run: DISCO_SPECS does not name a folder with draft-knauf-p2psip-disco-00")
        seen = render("draft-knauf-p2psip-disco-00", lint(path), "json", path.read_bytes())
        self.assertEqual(seen, GOLDEN.read_text(encoding="utf-8"))
