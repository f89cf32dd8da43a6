"""The report as HTML."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree, html
from twisted.trial.unittest import SynchronousTestCase

from conformance.report.account import Account
from conformance.report.page.coverage import counted, cover
from conformance.report.page.html import anchor, natural, sheets, to_html
from conformance.report.page.ladder import SHOWN, ladder
from conformance.report.page.showing import event_shown, events_shown, message_shown, octets_brief, octets_shown
from conformance.report.page.store import unpacked
from conformance.report.screenshots import places_of
from conformance.report.test.samples import CLAUSE, NASTY, UNCHECKED, account, event, every, of, report, result
from conformance.run.expectations import Expectation
from conformance.run.model import Origin, Verdict, noted


def page(shown: Account) -> html.HtmlElement:
    """The report, read."""
    return html.document_fromstring(to_html(shown))


class PageTests(SynchronousTestCase):
    """One file, nothing from elsewhere, everything in it."""

    def test_nothing_from_elsewhere(self) -> None:
        """No element fetches anything, and the policy forbids it."""
        root = page(account())
        self.assertEqual(root.xpath("//@src|//link|//iframe|//img|//object"), [])
        self.assertTrue(all(link.startswith("#") for link in root.xpath("//@href")))
        policy = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
        self.assertTrue(policy.startswith("default-src 'none'"))
        self.assertNotIn("http", re.sub(r"http-equiv", "", to_html(account())).replace("w3.org", ""))

    def test_every_check_has_its_place(self) -> None:
        """Each check has an anchor of its own with clause, verdict, ladder, evidence; what is wrong also both commands."""
        root = page(account())
        for one in every():
            (place,) = root.xpath(f"//details[@id='{anchor(one.id)}']")
            text = place.text_content()
            if one.verdict.rank < Verdict.NONSTRICT.rank:
                text += f"{CLAUSE.text} disco-conformance run disco-conformance rejudge"
            for part in (
                CLAUSE.id,
                CLAUSE.text,
                one.verdict.value,
                "exchanges.jsonl",
                "disco-conformance run",
                "disco-conformance rejudge",
            ):
                self.assertIn(part, text, one.id)
            self.assertTrue(place.xpath(".//svg"))

    def test_long(self) -> None:
        """In a long report what holds is packed, what is wrong is not, and nothing is lost; two runs give the same octets."""
        many = [of(Verdict.PASS, f"a/{number}", what="word " * 400) for number in range(300)]
        shown = account([*many, of(Verdict.FAIL, "a/bad")])
        text = to_html(shown)
        self.assertLess(len(text), 300 * 1000)
        root, store = html.document_fromstring(text), unpacked(text)
        (bad,) = root.xpath("//details[@id='a_bad']")
        self.assertIn(CLAUSE.text, bad.text_content())
        self.assertNotIn("a_bad", store)
        self.assertEqual(sorted(store), sorted([*(anchor(one.id) for one in many), "register-rfc6940"]))
        self.assertIn("<svg", store["a_7"])
        self.assertIn(f'id="clause-{anchor(CLAUSE.id)}"', store["register-rfc6940"])
        self.assertEqual(text, to_html(shown))
        self.assertEqual(unpacked(to_html(account())), {})

    def test_roles(self) -> None:
        """Where several roles are bound there is a table of them."""
        some = [of(Verdict.PASS, "a/1", role="proxy"), of(Verdict.FAIL, "a/2", role="registrar")]
        rows = page(account(some)).xpath("//table[@class='roles']/tbody/tr")
        self.assertEqual([row.xpath("string(td[1])") for row in rows], ["proxy", "registrar"])

    def test_told_apart(self) -> None:
        """What recorded programs did has sums and a list of its own, closed where all of it is known or tolerated."""
        recorded = of(Verdict.FAIL, "traces/rfc3261/flow/x", kind="capture")
        mine, theirs = page(account([of(Verdict.PASS), recorded])).xpath("//header/ul[@class='tally']")
        self.assertEqual(mine.text_content().split(), ["\N{CHECK MARK}", "1", "pass"])
        self.assertEqual(theirs.text_content().split(), ["\N{MULTIPLICATION SIGN}", "1", "fail"])
        for known, opened in (([], 1), ([Expectation(id=recorded.id, reason="theirs")], 0)):
            root = page(account([of(Verdict.PASS), recorded], known))
            self.assertEqual(len(root.xpath("//details[@class='others'][@open]")), opened)
            self.assertEqual(len(root.xpath("//details[@class='others']//a[@href='#traces_rfc3261_flow_x']")), 1)

    def test_links_lead_somewhere(self) -> None:
        """Every link inside the page has its target."""
        root = page(account())
        targets = set(root.xpath("//@id"))
        self.assertEqual([link for link in root.xpath("//a/@href") if link[1:] not in targets], [])

    def test_matrix(self) -> None:
        """The matrix has a cell for each check, by specification and section."""
        results = [
            of(Verdict.PASS, "a/1", clauses=("rfc6940:6.10/0",)),
            of(Verdict.FAIL, "a/2", clauses=("rfc6940:6.9/0",)),
        ]
        (sheet,) = sheets(results)
        self.assertEqual([line.section for line in sheet.lines], ["6.9", "6.10"])
        cells = page(account(results)).xpath("//div[contains(@class, 'row')]/span[@class='cells']/a/@href")
        self.assertEqual(cells, ["#a_2", "#a_1"])

    def test_offender(self) -> None:
        """The offending message of a failure is marked in ladder and exchange; a pass has none."""
        self.assertEqual(
            len(
                page(account([of(Verdict.FAIL)])).xpath("//*[contains(@class, 'offends') or contains(@class, 'm bad')]")
            ),
            2,
        )
        self.assertEqual(
            page(account([of(Verdict.PASS)])).xpath("//*[contains(@class, 'offends') or contains(@class, 'm bad')]"), []
        )

    def test_captures(self) -> None:
        """Of a capture the exchange is shown where something is wrong; its evidence is the capture itself."""
        good, bad = of(Verdict.PASS, "a/good", kind="capture"), of(Verdict.FAIL, "a/bad", kind="capture")
        places = page(account([good, bad])).xpath("//details[contains(@class, 'check')]")
        self.assertEqual([len(place.xpath(".//svg")) for place in places], [0, 1])

    def test_nasty(self) -> None:
        """What a subject says is text."""
        nasty = event(2, summary=NASTY, value={"id": 1, "result": {"value": NASTY}})
        bad = result("a/<nasty>", what=NASTY, findings=(noted(NASTY, verdict=Verdict.FAIL),), events=(event(1), nasty))
        root = page(account([bad]))
        self.assertEqual(len(root.xpath("//script")), 1)
        self.assertIn("<script>alert(1)</script>", root.xpath("//details[contains(@class, 'check')]")[0].text_content())

    def test_warnings(self) -> None:
        """A partial run, a stale expectation, an erratum turned off and what did not run stand at the top."""
        shown = account(
            [of(Verdict.PASS)], [Expectation(id="no/such", reason="r")], required=("a", "b"), errata_off=("interp-1",)
        )
        top = page(shown).xpath("//header")[0].text_content()
        for part in ("Not the whole suite: 2 of 2", "Stale expectation", "Turned off", "Not run: tshark"):
            self.assertIn(part, top)

    def test_clauses(self) -> None:
        """A clause's row has paraphrase, level, how it is observed, why not, and its checks."""
        root = page(account())
        (row,) = root.xpath(f"//tr[@id='clause-{anchor(CLAUSE.id)}']")
        self.assertIn("The codes are listed.", row.text_content())
        self.assertEqual(len(row.xpath(".//a")), len(Verdict))
        (other,) = root.xpath(f"//tr[@id='clause-{anchor(UNCHECKED.id)}']")
        self.assertIn("not-observable", other.text_content())
        self.assertIn("inside", other.text_content())

    def test_pictures(self) -> None:
        """The places that are looked at are found in the page."""
        places = places_of(to_html(account()))
        self.assertEqual(places["check"], anchor("rfc6940/sample/fail"))
        self.assertEqual(places["clause"], f"clause-{anchor(CLAUSE.id)}")


class CoverageTests(SynchronousTestCase):
    """The register in the light of a run."""

    def test_grades(self) -> None:
        """Each grade is counted by itself; a clause without a row is counted as unregistered."""
        loose = of(Verdict.PASS, "a/loose", clauses=("rfc3261:7/0",))
        found = cover(account([*every(), loose]))
        self.assertEqual(
            counted(found), {"registered": 2, "triaged": 2, "checked": 2, "ran": 2, "killed": 1, "held elsewhere": 0}
        )
        self.assertIs(found[0].worst, Verdict.HARNESS_ERROR)

    def test_nothing_ran(self) -> None:
        """A check without a verdict on the subject did not run."""
        self.assertEqual(counted(cover(account([of(Verdict.NOT_APPLICABLE)])))["ran"], 0)

    def test_held_elsewhere(self) -> None:
        """A recording of other programs shows that a clause holds elsewhere, in a run of ours too; hand work never does."""

        def held(how: str, kind: str, own: bool, verdict: Verdict = Verdict.PASS) -> int:
            subject = replace(report([]).subject, own=own)
            origin = Origin(how=how, source="a program", confirmed=("tshark",))
            return counted(cover(account([of(verdict, kind=kind, origin=origin)], subject=subject)))["held elsewhere"]

        self.assertEqual((held("recorded", "capture", True), held("worked-out", "capture", False)), (1, 0))
        self.assertEqual((held("worked-out", "valid", False), held("worked-out", "valid", True)), (1, 0))
        self.assertEqual((held("recorded", "valid", True), held("recorded", "capture", True, Verdict.FAIL)), (0, 0))


class LadderTests(SynchronousTestCase):
    """Ladder pictures."""

    def test_parties(self) -> None:
        """Every party has a line, every message an arrow, every text is escaped."""
        events = [
            event(1, source="<a>", destination="b"),
            event(2, source="b", destination="c"),
            event(3, source="c", destination="c"),
        ]
        root = etree.fromstring(ladder(events, {2}))
        self.assertEqual(len(root.xpath("//*[@class='life']")), 3)
        self.assertEqual(root.xpath("//*[@class='party']/text()"), ["<a>", "b", "c"])
        self.assertEqual(len(root.xpath("//*[@class='m bad']")), 1)
        self.assertEqual(len(root.xpath("//*[local-name()='circle']")), 1)

    def test_long(self) -> None:
        """Of a long conversation what lies around the offender is shown."""
        root = etree.fromstring(ladder([event(number) for number in range(1, 400)], {300}))
        self.assertEqual(len(root.xpath("//*[starts-with(@class, 'm')]")), SHOWN)
        self.assertEqual(len(root.xpath("//*[@class='m bad']")), 1)

    def test_network(self) -> None:
        """A party is one column wherever it speaks from; times count from the beginning of the scenario; a note is a heading."""
        said = [
            event(1, kind="note", source="a", destination="a", time=100.0, summary="scenario x/y"),
            event(2, kind="message", source="caller 192.0.2.11:5060", destination="subject 192.0.2.1:5060", time=100.0),
            event(
                3, kind="message", source="subject 192.0.2.1:40001", destination="caller 192.0.2.11:5060", time=100.5
            ),
        ]
        root = etree.fromstring(ladder(said))
        self.assertEqual(root.xpath("//*[@class='party']/text()"), ["caller", "subject"])
        self.assertEqual(root.xpath("//*[@class='address']/text()"), ["192.0.2.11:5060", "192.0.2.1:5060"])
        self.assertEqual(root.xpath("//*[@class='at']/text()"), ["+0.000", "+0.500"])
        self.assertEqual(root.xpath("//*[@class='heading']/text()"), ["scenario x/y"])

    def test_empty(self) -> None:
        """Nothing was said, nothing is drawn."""
        self.assertEqual(ladder([]), "")


class ShowingTests(SynchronousTestCase):
    """Octets and values for a reader."""

    def test_text(self) -> None:
        """Text is shown with its line ends, other octets in hexadecimal, long ones cut."""
        self.assertEqual(octets_shown(b"a: b\r\nc\nd"), "a: b\\r\\n\nc\\n\nd")
        self.assertTrue(octets_shown(b"\x00\x01\xff").startswith("0000  00 01 ff"))
        self.assertTrue(octets_shown(b"\x00" * 4000).endswith("... 4000 octets in all"))

    def test_message(self) -> None:
        """A message whose lines end as they should is text; where one does not, each end is visible."""
        self.assertEqual(message_shown(b"BYE a SIP/2.0\r\nA: b\r\n\r\n"), "BYE a SIP/2.0\nA: b")
        self.assertIn("\\n", message_shown(b"BYE a SIP/2.0\nA: b\r\n\r\n"))
        self.assertTrue(message_shown(b"a\r\n" * 2000).endswith("... 6000 octets in all"))
        self.assertTrue(message_shown(b"\x00\xff").startswith("0000"))

    def test_brief(self) -> None:
        """A field on one line: text in quotes, other octets in hexadecimal, long ones cut."""
        self.assertEqual([octets_brief(one) for one in (b"a\r\n", b"\x00a", b"")], ['"a\\r\\n"', "0061", ""])
        self.assertEqual(octets_brief(b"x" * 50), f'"{"x" * 50}"')
        self.assertTrue(octets_brief(b"x" * 60).endswith("... 60 octets"))

    def test_offending(self) -> None:
        """An event at fault is shown as far as it is likely to be read."""
        events = [event(number, kind="message", octets=b"x" * 1000) for number in (1, 2)]
        (_, short), (_, whole) = events_shown(events, (2,))
        self.assertEqual((whole, short.endswith("... 1000 octets in all")), ("x" * 1000, True))

    def test_bad_hexadecimal(self) -> None:
        """A request or reply of any form is shown."""
        self.assertIn("decode", event_shown(event(1, value={"command": "decode", "params": {"bytes": "zz"}})))
        self.assertEqual(event_shown(event(2, value=None)), "")

    def test_sections_in_order(self) -> None:
        """Section 6.10 comes after 6.9, and an appendix has its place."""
        self.assertEqual(sorted(["6.10", "A.1", "6.9"], key=natural), ["6.9", "6.10", "A.1"])
