"""The files of a report: JSON, JUnit, TAP, SARIF, badge; each says no more than the verdicts do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.errors import Misuse
from conformance.report.files.badge import badge_text, to_badge
from conformance.report.files.json_result import read_result, to_json
from conformance.report.files.junit import to_junit
from conformance.report.files.sarif import to_sarif
from conformance.report.files.tap import to_tap
from conformance.report.test.samples import NASTY, account, event, every, of, result
from conformance.run.expectations import Expectation
from conformance.run.model import Finding, Verdict, noted

NASTY_RESULT = result("a/nasty", what=NASTY, findings=(noted(NASTY, verdict=Verdict.FAIL),))
KNOWN = Expectation(id="rfc6940/sample/fail", reason="reported #7")


class JsonTests(SynchronousTestCase):
    """The result as JSON."""

    def test_schema(self) -> None:
        """The result is as the published schema says, with every verdict in it, a stale entry and a nasty text."""
        schema = json.loads((places.schemas() / "report.schema.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        shown = account([*every(), NASTY_RESULT], [Expectation(id="no/such", reason="r")], required=("no/run",))
        jsonschema.validate(json.loads(json.dumps(to_json(shown))), schema)

    def test_partial(self) -> None:
        """A partial run says so, and names every required id with what became of it."""
        content = to_json(account([of(Verdict.PASS)], required=("rfc6940/sample/pass", "other")))
        self.assertIs(content["complete"], False)
        expected = [{"id": "rfc6940/sample/pass", "verdict": "pass"}, {"id": "other", "verdict": "not-run"}]
        self.assertEqual(content["required"], expected)

    def test_known_failure(self) -> None:
        """A known failure keeps its verdict and has its reason."""
        content = json.loads(json.dumps(to_json(account([of(Verdict.FAIL)], [KNOWN]))))
        self.assertEqual(
            (content["results"][0]["verdict"], content["results"][0]["expected_failure"]), ("fail", "reported #7")
        )
        self.assertEqual(content["exit_code"], 0)

    def test_read(self) -> None:
        """A folder without a result, or with another form of it, is misuse."""
        folder = Path(self.mktemp())
        self.assertRaises(Misuse, read_result, folder)
        folder.mkdir()
        half = '{"version": 1, "results": [{"id": "a", "verdict": "pass"}]}'
        for text in ("{}", "[]", "{", '{"version": 99}', '{"version": 1}', '{"version": 1, "results": [1]}', half):
            (folder / "result.json").write_text(text, encoding="utf-8")
            self.assertRaises(Misuse, read_result, folder)


class JunitTests(SynchronousTestCase):
    """JUnit XML."""

    def case(self, verdict: Verdict, *entries: Expectation) -> list[str]:
        """The elements inside the case of a result with this verdict."""
        root = etree.fromstring(to_junit(account([of(verdict)], entries)).encode())
        return [str(one.tag) for one in root.iter() if one.tag not in ("testsuites", "testsuite", "testcase")]

    def test_verdicts(self) -> None:
        """Each verdict has the element that a server colours as it should."""
        expected = {
            Verdict.PASS: [],
            Verdict.NONSTRICT: ["system-out"],
            Verdict.FAIL: ["failure"],
            Verdict.INCONCLUSIVE: ["error"],
            Verdict.HARNESS_ERROR: ["error"],
            Verdict.NOT_APPLICABLE: ["skipped"],
            Verdict.NOT_OBSERVABLE: ["skipped"],
        }
        self.assertEqual({verdict: self.case(verdict) for verdict in Verdict}, expected)
        self.assertEqual(self.case(Verdict.FAIL, KNOWN), ["skipped"])

    def test_counts(self) -> None:
        """The sums of a suite are those of its cases; required checks that did not run are counted as skipped."""
        root = etree.fromstring(to_junit(account(every(), required=("not/run",))).encode())
        numbers = {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")}
        self.assertEqual(numbers, {"tests": "8", "failures": "1", "errors": "2", "skipped": "3"})

    def test_nasty(self) -> None:
        """A text with control characters and markup is still XML."""
        root = etree.fromstring(to_junit(account([NASTY_RESULT])).encode())
        message = next(root.iter("failure")).get("message")
        self.assertIn("<script>", message or "")


class TapTests(SynchronousTestCase):
    """TAP 14."""

    def test_verdicts(self) -> None:
        """A plan, one line per check, and directives where nothing is said about the subject."""
        lines = to_tap(account(every(), required=("not/run",))).splitlines()
        self.assertEqual(lines[:2], ["TAP version 14", "1..8"])
        points = [line for line in lines if re.match(r"(not )?ok ", line)]
        self.assertEqual([int(re.findall(r"ok (\d+)", line)[0]) for line in points], list(range(1, 9)))
        good = {line.rpartition("/")[2].split()[0] for line in points if line.startswith("ok") and "# SKIP" not in line}
        self.assertEqual(good, {"pass", "nonstrict"})
        self.assertTrue(points[-1].endswith("# SKIP required, but not selected for this run"))

    def test_known_failure(self) -> None:
        """A known failure is not ok, and TODO; a number sign in its reason starts no directive."""
        text = to_tap(account([of(Verdict.FAIL)], [KNOWN]))
        self.assertIn("not ok 1 - rfc6940/sample/fail # TODO reported \\#7", text)

    def test_nasty(self) -> None:
        """A nasty text stays on its line."""
        text = to_tap(account([NASTY_RESULT]))
        self.assertEqual(len(re.findall(r"^(?:not )?ok ", text, re.M)), 1)
        self.assertTrue(all(re.match(r"TAP|1\.\.|not ok|  ", line) for line in text.splitlines()))


class SarifTests(SynchronousTestCase):
    """SARIF 2.1.0."""

    def test_levels(self) -> None:
        """What is bad is a result; a rule index leads to its rule."""
        run = json.loads(to_sarif(account(every())))["runs"][0]
        levels = {one["properties"]["verdict"]: one["level"] for one in run["results"]}
        expected = {"fail": "error", "harness-error": "error", "inconclusive": "warning", "nonstrict": "warning"}
        self.assertEqual(levels, expected)
        rules = run["tool"]["driver"]["rules"]
        for one in run["results"]:
            self.assertEqual(rules[one["ruleIndex"]]["id"], one["ruleId"])

    def test_document(self) -> None:
        """A finding in a document has the document's name, line and column."""
        finding = Finding(verdict=Verdict.FAIL, why="wrong", line=7, column=3)
        document = event(1, summary="a folder/conf.xml", protocol="document", octets=b"<a/>")
        one = result("document/x", kind="document", findings=(finding,), events=(document,))
        place = json.loads(to_sarif(account([one])))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "a%20folder/conf.xml")
        self.assertEqual(place["region"], {"startLine": 7, "startColumn": 3})

    def test_known_failure(self) -> None:
        """A known failure is suppressed with its reason."""
        found = json.loads(to_sarif(account([of(Verdict.FAIL)], [KNOWN])))["runs"][0]["results"][0]
        self.assertEqual(found["suppressions"][0]["justification"], "reported #7")


class BadgeTests(SynchronousTestCase):
    """The badge."""

    def test_partial(self) -> None:
        """A partial run is never green and says that it is partial."""
        text, colour = badge_text(account([of(Verdict.PASS)], required=("rfc6940/sample/pass", "other")))
        self.assertEqual(text, "1/2 (partial)")
        self.assertNotEqual(colour, badge_text(account([of(Verdict.PASS)]))[1])

    def test_known_failures_are_not_green(self) -> None:
        """A known failure is still a failure."""
        self.assertEqual(badge_text(account([of(Verdict.FAIL)], [KNOWN])), badge_text(account([of(Verdict.FAIL)])))

    def test_svg(self) -> None:
        """It is SVG, and fetches nothing."""
        root = etree.fromstring(to_badge(account()).encode())
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        self.assertFalse(root.xpath("//@href|//@src"))
