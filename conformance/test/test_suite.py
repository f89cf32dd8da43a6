"""The suite's own rules: registers, errata and vectors, those that are shipped and those that are broken."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.clauses import Register, Row, load_registers, sentence, specification_file
from conformance.draft.clauses import sentence_digest
from conformance.errata import load_errata
from conformance.errors import SuiteFault
from conformance.run.suite import load_suite
from conformance.vectors import LIMIT, load_vectors

VECTOR: dict[str, Any] = {
    "id": "rfc6940/x/y",
    "what": "A vector to break",
    "clauses": ["rfc6940:6.3/0"],
    "level": "MUST",
    "kind": "valid",
    "command": "decode",
    "format": "reload.struct",
    "name": "Ping",
    "bytes": [{"field": "a", "hex": "00"}, {"field": "b", "text": "é", "repeat": 2}],
    "expect": {"value": {}},
    "origin": {"how": "worked-out", "from": "here", "confirmed": []},
}
REGISTER = Register({"rfc6940:6.3/1": Row(id="rfc6940:6.3/1", level="MUST")}, frozenset({"rfc6940"}))


class FolderTestCase(SynchronousTestCase):
    """A folder to put files in."""

    def setUp(self) -> None:
        """Make it."""
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path


class VectorTests(FolderTestCase):
    """Vectors are held to their schema and to what it cannot say."""

    def problems(self, **changes: Any) -> str:
        """What is wrong with a vector with these changes; empty where nothing is."""
        content = {name: value for name, value in {**VECTOR, **changes}.items() if value is not None}
        self.write("rfc6940/x/y.json", json.dumps(content))
        try:
            load_vectors(REGISTER, {}, self.folder)
        except SuiteFault as fault:
            return str(fault)
        return ""

    def test_right(self) -> None:
        """A right vector loads; its input is joined in order, repetitions written out."""
        self.assertEqual(self.problems(), "")
        (vector,) = load_vectors(REGISTER, {}, self.folder).values()
        self.assertEqual(vector.octets, b"\x00" + 2 * "é".encode())

    def test_schema(self) -> None:
        """A missing member, an unknown one and a wrong value are named with their place."""
        self.assertIn("'clauses' is a required property", self.problems(clauses=None))
        self.assertIn("'more' was unexpected", self.problems(more=1))
        self.assertIn("$.level", self.problems(level="HIGH"))

    def test_clauses(self) -> None:
        """A clause that its register does not have is refused; one of a specification without register is not."""
        self.assertIn("rfc6940:6.3/2 is not in registers/rfc6940.toml", self.problems(clauses=["rfc6940:6.3/2"]))
        self.assertEqual(self.problems(clauses=["rfc6940:6.3/1", "rfc9999:1/5"]), "")
        self.assertIn("does not match", self.problems(clauses=["rfc6940"]))

    def test_path(self) -> None:
        """The id is the path."""
        self.assertIn("its path says otherwise", self.problems(id="rfc6940/x/z"))

    def test_expectation(self) -> None:
        """A vector expects what its kind and command are about."""
        self.assertIn("expects `value`", self.problems(expect={"bytes": "00"}))
        self.assertIn("expects a refusal", self.problems(kind="invalid"))
        self.assertIn("expects no refusal", self.problems(expect={"value": {}, "refusal": {}}))
        self.assertIn("expects `signer`", self.problems(command="verify"))
        self.assertIn("expects `bytes`", self.problems(kind="canonical"))
        self.assertEqual(self.problems(kind="canonical", format="sip.header"), "")

    def test_erratum(self) -> None:
        """An erratum that is not on record is refused."""
        self.assertIn("erratum interp-99", self.problems(erratum=["interp-99"]))

    def test_pairs(self) -> None:
        """The pair exists, and is not faulty as well."""
        self.assertIn("does not exist", self.problems(pair="rfc6940/x/z"))
        wrong = {**VECTOR, "kind": "invalid", "expect": {"refusal": {}}}
        self.write("rfc6940/x/z.json", json.dumps({**wrong, "id": "rfc6940/x/z"}))
        self.assertEqual(self.problems(pair="rfc6940/x/z"), "")
        self.assertIn("invalid too", self.problems(pair="rfc6940/x/z", kind="invalid", expect={"refusal": {}}))

    def test_size(self) -> None:
        """Repetition is bounded."""
        fault = self.problems(bytes=[{"field": "a", "hex": "00", "repeat": LIMIT + 1}])
        self.assertIn(str(LIMIT), fault)

    def test_no_json(self) -> None:
        """A file that is no JSON is named."""
        self.write("rfc6940/x/broken.json", "{")
        self.assertIn("rfc6940/x/broken", self.problems())


class RegisterTests(FolderTestCase):
    """Registers are held to their rules."""

    def problems(self, text: str) -> str:
        """What is wrong with a register of this text."""
        self.write("rfc1.toml", text)
        return str(self.assertRaises(SuiteFault, load_registers, self.folder))

    def test_rows(self) -> None:
        """Rows come with every member; a file without clauses is no register."""
        self.write("other.toml", "[[entry]]\nid = 'x'")
        self.write("rfc1.toml", '[[clause]]\nid = "rfc1:2.3/1a"\nlevel = "MUST NOT"\ntext = "t"')
        register = load_registers(self.folder)
        self.assertEqual(register.specifications, {"rfc1"})
        self.assertEqual(register.rows["rfc1:2.3/1a"].section, "2.3")

    def test_broken(self) -> None:
        """Wrong ids, ids of another specification, ids that stand twice, unknown levels, and what is no TOML."""
        row = '[[clause]]\nid = "rfc1:1/1"\nlevel = "MUST"\n'
        self.assertIn("stands twice", self.problems(row + row))
        self.assertIn("not a clause id", self.problems('[[clause]]\nid = "rfc2:1/1"\nlevel = "MUST"'))
        self.assertIn("has no level", self.problems('[[clause]]\nid = "rfc1:1/1"\nlevel = "must"'))
        self.assertIn("rfc1.toml", self.problems("[["))

    def test_sentence(self) -> None:
        """The sentence comes from the reader's copy, and only where the digest agrees."""
        text = "RFC 1\n\n1.  Title\n\n   A peer MUST listen.  It MAY speak.\n\n2.  Next\n\n   Nothing.\n"
        self.write("rfc1.txt", text)
        words = "A peer MUST listen."
        row = Row(id="rfc1:1/1", digest=sentence_digest(words))
        self.assertEqual(sentence(row, self.folder), words)
        self.assertIsNone(sentence(Row(id="rfc1:1/1", digest="0" * 16), self.folder))
        self.assertIsNone(sentence(Row(id="rfc2:1/1", digest="0" * 16), self.folder))

    def test_draft(self) -> None:
        """A draft is found by the name that its text begins with."""
        path = self.write("below/001.txt", "Internet-Draft\ndraft-knauf-p2psip-disco-00\n")
        self.assertEqual(specification_file("disco00", self.folder), path)
        self.assertIsNone(specification_file("rfc1", self.folder))


class ErrataTests(FolderTestCase):
    """Errata are held to their rules."""

    def test_broken(self) -> None:
        """Unknown members, kinds and ids that stand twice are refused."""
        entry = '[[entry]]\nid="i"\nkind="erratum"\ntitle=""\nplace=[]\ndefect=""\ncorrection=""\nstatus="ours"\nfollowed=""\n'
        path = self.write("i.toml", entry)
        self.assertEqual(list(load_errata(path)), ["i"])
        for text in (entry + entry, entry.replace("erratum", "guess"), entry + 'more=""', "[["):
            path.write_text(text, encoding="utf-8")
            self.assertRaises(SuiteFault, load_errata, path)

    def test_none(self) -> None:
        """A folder without them has none."""
        self.assertEqual(load_errata(self.folder / "none.toml"), {})


class ShippedTests(SynchronousTestCase):
    """What comes with the suite keeps the rules."""

    def test_suite(self) -> None:
        """Registers, errata and vectors load; every faulty vector names the right one beside it."""
        suite = load_suite()
        self.assertGreater(len(suite.vectors), 300)
        lone = [one.id for one in suite.vectors.values() if one.kind == "invalid" and not one.pair]
        self.assertEqual(lone, [])

    def test_errata(self) -> None:
        """The eighteen questions that the plan decided are on record, and the places name clauses that can be cited."""
        errata = load_errata()
        self.assertTrue({f"interp-{number}" for number in range(1, 19)} <= set(errata))
        register = load_registers()
        problems = [register.problem(place) for entry in errata.values() for place in entry.place]
        self.assertEqual([problem for problem in problems if problem], [])


class PlacesTests(SynchronousTestCase):
    """Where things lie."""

    def test_folders(self) -> None:
        """The schemas and vectors are found from the package."""
        self.assertTrue((places.schemas() / "vector.schema.json").is_file())
        self.assertTrue(places.vectors().is_dir())

    def test_specifications(self) -> None:
        """The folder of texts is given by the environment, and must exist."""
        self.patch(os, "environ", {"DISCO_SPECS": str(places.PACKAGE)})
        self.assertEqual(places.specifications(), places.PACKAGE)
        self.patch(os, "environ", {"DISCO_SPECS": "no/such/folder"})
        self.assertIsNone(places.specifications())
