"""The schemas: as published, as corrected, and what differs; two validators and what they disagree on."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any
from unittest import SkipTest

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.document import from_tree
from disco_ref.conference.test.documents import MULTIFOCUS, SAMPLE
from disco_ref.disco.document import ELEMENT as FOCUS_STATES
from disco_ref.errors import Malformed
from disco_ref.notation.documents.validation import Disagreement, InvalidDocument, RelaxNg, XmlSchema
from disco_ref.notation.markup import read
from disco_ref.reload.enrollment import document as enrollment
from disco_ref.reload.enrollment.test.documents import CURRENT, EXAMPLE
from disco_ref.shell import published

SPECIFICATIONS = {"rfc6940": "rfc6940.txt", "rfc4575": "rfc4575-conference-info.xsd", "disco00": "seeds/001_*.txt"}


def differences(schema: published.Schema) -> dict[str, Any]:
    """The data on one schema."""
    return tomllib.loads(published.octets(f"{schema.name}-differences.toml").decode())


def without_furniture(text: str) -> str:
    """The text of an RFC without page furniture: with the blank lines around it, it becomes one blank line."""
    return re.sub(r"\n+[^\n]*\[Page \d+\]\n\f?\n*(?:RFC \d+[^\n]*\n)?\n*", "\n\n", text)


class SourceTest(SynchronousTestCase):
    """What is published, what is corrected."""

    def test_digest(self) -> None:
        """The published text has the digest that the data names."""
        for schema in published.SCHEMAS:
            digest = hashlib.sha256(published.octets(f"{schema.name}.{schema.suffix}")).hexdigest()
            self.assertEqual(digest, differences(schema)["source"]["sha256"], schema.name)

    def test_published_in_the_specification(self) -> None:
        """The published text stands in the specification, where that is at hand (DISCO_SPECS)."""
        folder = os.environ.get("DISCO_SPECS")
        if not folder:
            raise SkipTest("DISCO_SPECS names no folder with the specifications: not run")
        for schema in published.SCHEMAS:
            source = differences(schema)["source"]
            (path,) = Path(folder).glob(SPECIFICATIONS[source["specification"]])
            raw = path.read_text("utf-8")
            text = published.octets(f"{schema.name}.{schema.suffix}").decode()
            fences = "".join(line for line in raw.splitlines(keepends=True) if not line.startswith("```"))
            self.assertIn(text, fences if source["specification"] == "disco00" else without_furniture(raw) + raw)
            if "lines" in source:
                first, last = (int(number) for number in source["lines"].split("-"))
                self.assertEqual(raw.split("\n")[first - 1], text.split("\n")[0], schema.name)
                self.assertEqual(raw.split("\n")[last - 1], text.rstrip("\n").split("\n")[-1], schema.name)

    def test_corrected(self) -> None:
        """The corrected text is the published one with every difference applied, and nothing else."""
        for schema in published.SCHEMAS:
            text = published.octets(f"{schema.name}-corrected.{schema.suffix}").decode()
            self.assertEqual(published.corrected(schema), text, schema.name)

    def test_differences(self) -> None:
        """Every difference has an id of its own, a place and a reason."""
        for schema in published.SCHEMAS:
            found = differences(schema)
            entries = [*found["difference"], *found.get("note", [])]
            self.assertEqual(len({one["id"] for one in entries}), len(entries))
            for one in found["difference"]:
                self.assertTrue(one["place"] and one["reason"] and one["published"] != one["corrected"])

    def test_xml_syntax(self) -> None:
        """The XML syntax of each RELAX NG grammar is what rnc2rng makes of its compact syntax."""
        for schema in published.SCHEMAS:
            if schema.suffix == "rnc":
                compact = published.folder() / f"{schema.name}-corrected.rnc"
                self.assertEqual(published.xml_syntax(compact), compact.with_suffix(".rng").read_text("utf-8"))

    def test_what_was_published_does_not_do(self) -> None:
        """Draft -00's schemas do not compile, and RFC 6940's example is invalid against RFC 6940's grammar."""
        self.assertRaises(ValueError, XmlSchema, published.octets("disco00/multifocus.xsd"))
        self.assertRaises(ValueError, published.xml_syntax, published.folder() / "disco00/landmarks.rnc")
        grammar = RelaxNg(published.xml_syntax(published.folder() / "rfc6940/configuration.rnc").encode())
        found = grammar.by_lxml(read(EXAMPLE).root)
        assert found is not None
        self.assertIn("overlay-reliability-timer", found.why)


class ValidationTest(SynchronousTestCase):
    """What the corrected schemas say."""

    def test_conference(self) -> None:
        """The samples are valid for both validators, the extension by its own schema."""
        # = rfc4575:5/0 test
        for octets in (SAMPLE, MULTIFOCUS):
            published.conference_info().validate(read(octets))
        tree = read(MULTIFOCUS)
        published.multifocus().validate(tree, tree.root.find(FOCUS_STATES))

    def test_extension_refused(self) -> None:
        """A broken extension is refused by its schema."""
        # = disco00:7.2/0 test
        tree = read(MULTIFOCUS.replace(b"<max-participants>10<", b"<max-participants>-1<"))
        element = tree.root.find(FOCUS_STATES)
        self.assertRaises(InvalidDocument, published.multifocus().validate, tree, element)

    def test_configuration(self) -> None:
        """The example of RFC 6940 and a document of ours are valid."""
        # = rfc6940:11.1.1/0 test
        published.configuration().validate(read(EXAMPLE))
        ours = enrollment.assemble([(enrollment.element_octets(CURRENT), [b"x"])])
        published.configuration().validate(read(ours))

    def test_configuration_refused(self) -> None:
        """What the corrections forbid is refused."""
        # = rfc6940:11.1.1/0 test
        for old, new in (
            (b"<node-id-length>16<", b"<node-id-length>15<"),
            (b'sequence="22"', b'sequence="65535"'),
            (b"07:00:00Z", b"07:00:00"),
            (b"https://example.org", b"http://example.org"),
            (b"timer> 3000 <", b"timer> 199 <"),
            (b"<max-node-multiple>3<", b"<max-node-multiple>0<"),
            (b"<overlay-link-protocol>", b"<overlay-link-protocol/><unknown/><overlay-link-protocol>"),
        ):
            changed = EXAMPLE.replace(old, new)
            self.assertNotEqual(changed, EXAMPLE)
            self.assertRaises(InvalidDocument, published.configuration().validate, read(changed))
            self.assertRaises(Malformed, enrollment.read, changed)

    def test_every_finding_has_a_line(self) -> None:
        """Where RELAX NG tells no line, the finding has that of the element that was judged."""
        found = published.configuration().by_lxml(
            read(EXAMPLE.replace(b' instance-name="overlay.example.org"', b"")).root
        )
        assert found is not None
        self.assertRegex(found.where, "^line [1-9]")

    def test_second_opinion_on_relax_ng(self) -> None:
        """jing, where it is installed, accepts the grammars and judges the example as lxml does."""
        if shutil.which("jing") is None:
            raise SkipTest("jing is not installed: not run; no second RELAX NG validator exists for Python")
        example, broken = Path(self.mktemp()), Path(self.mktemp())
        example.write_bytes(EXAMPLE)
        broken.write_bytes(EXAMPLE.replace(b"timer> 3000 <", b"timer> 199 <"))
        for suffix in (["-c", "rnc"], ["rng"]):
            grammar = published.folder() / f"rfc6940/configuration-corrected.{suffix[-1]}"
            for document, status in ((example, 0), (broken, 1)):
                ran = subprocess.run(
                    ["jing", *suffix[:-1], str(grammar), str(document)], capture_output=True, timeout=60
                )
                self.assertEqual(ran.returncode, status, ran.stdout)

    def test_known_disagreements(self) -> None:
        """Each document of the list is accepted by the one and refused by the other, and reported as that."""
        start = '<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" xmlns:x="urn:example:x" '
        for case in tomllib.loads(published.octets("disagreements.toml").decode())["case"]:
            octets = f'{start}entity="sip:a@example.com">{case["inside"]}</conference-info>'
            schema, tree = published.conference_info(), read(octets.encode())
            verdicts = {"lxml": schema.by_lxml(tree.root), "xmlschema": schema.by_xmlschema(tree.root)}
            self.assertEqual(verdicts[case["accepts"]], None, case["id"])
            self.assertNotEqual(verdicts[case["refuses"]], None, case["id"])
            refusal = self.assertRaises(Disagreement, schema.validate, tree)
            self.assertIn(f"{case['refuses']} refuses what {case['accepts']} accepts", refusal.why)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(
        st.integers(3, 120),
        st.sampled_from(["drop", "double", "rename", "empty", "value"]),
        st.sampled_from(["", "1", "full", "x y", "-1"]),
    )
    def test_agreement(self, place: int, change: str, value: str) -> None:
        """On changed documents: where both validators agree, our typed reading agrees with them."""
        root = etree.fromstring(SAMPLE)
        elements = list(root.iter("{*}*"))
        chosen = elements[place % (len(elements) - 1) + 1]
        parent = chosen.getparent()
        assert parent is not None
        if change == "drop":
            parent.remove(chosen)
        elif change == "double":
            parent.insert(parent.index(chosen), etree.fromstring(etree.tostring(chosen)))
        elif change == "rename":
            chosen.tag = "{urn:ietf:params:xml:ns:conference-info}entry"
        elif change == "empty":
            for child in list(chosen):
                chosen.remove(child)
        else:
            chosen.text = value
        tree = read(etree.tostring(root))
        schema = published.conference_info()
        first, second = schema.by_lxml(tree.root), schema.by_xmlschema(tree.root)
        if (first is None) != (second is None):
            self.assertRaises(Disagreement, schema.validate, tree)
        elif first is None:
            from_tree(tree)
        else:
            self.assertRaises(Malformed, from_tree, tree)

    def test_unknown_type(self) -> None:
        """An xsi:type that names no type is refused by both, not raised."""
        typed = SAMPLE.replace(
            b"<users>", b'<users xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="none">'
        )
        self.assertRaises(InvalidDocument, published.conference_info().validate, read(typed))

    def test_no_schema(self) -> None:
        """Octets that are no schema are a fault of the program, not of a document."""
        self.assertRaises(ValueError, RelaxNg, b"<a/>")
