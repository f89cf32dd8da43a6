"""The report at the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.report.account import Account
from conformance.report.terminal import print_report
from conformance.report.test.samples import NASTY, account, event, every, of, result
from conformance.run.expectations import Expectation
from conformance.run.model import Subject, Verdict, held, noted


def printed(shown: Account) -> str:
    """What stands at the terminal."""
    stream = io.StringIO()
    print_report(shown, Console(file=stream, width=200, soft_wrap=True, highlight=False))
    return stream.getvalue()


class PrintTests(SynchronousTestCase):
    """Every failure says all that is needed."""

    def test_failure(self) -> None:
        """Clause, level, document and section, paraphrase, expected and seen, evidence and both commands."""
        text = printed(account([of(Verdict.FAIL)]))
        for part in (
            "fail  rfc6940/sample/fail",
            "rfc6940:6.4.2.4/1 (MUST), RFC 6940, section 6.4.2.4",
            "The codes are listed.",
            "Two codes are asked for [MUST]",
            "asked     decode: 0102",
            "bad [value.x]",
            "expected  this",
            "seen      that",
            "some-report/evidence/exchanges.jsonl:2",
            "disco-conformance run --target exec:./adapter --only rfc6940/sample/fail",
            "disco-conformance rejudge some-report --only rfc6940/sample/fail",
        ):
            self.assertIn(part, text)

    def test_one_reason(self) -> None:
        """A subject that is given up fails everything for one reason: that is told once, and how often."""
        why = noted("not asked: the subject failed 8 requests in a row", verdict=Verdict.INCONCLUSIVE)
        bad = [result(f"a/{number}", findings=(why,), events=()) for number in range(60)]
        text = printed(account([*bad, of(Verdict.FAIL)]))
        self.assertEqual(text.count("not asked"), 1)
        self.assertIn("likewise  59 more checks", text)
        self.assertIn("fail  rfc6940/sample/fail", text)

    def test_one_reason_of_scenarios(self) -> None:
        """The same of scenarios that could not go on: which one it was makes no other reason."""
        bad = [
            result(f"a/{name}", kind="live", scenario=f"focus/{name}",
                   findings=(noted(f"focus/{name} ended early: 404 Not Found", verdict=Verdict.INCONCLUSIVE),))
            for name in ("one", "two", "three")
        ]  # fmt: skip
        self.assertIn("likewise  2 more checks", printed(account(bad)))

    def test_other_programs(self) -> None:
        """What recorded programs are known or tolerated to do takes a line each where there is much, all of it where not."""
        theirs = [of(Verdict.NONSTRICT, f"traces/rfc3261/call/{number}", kind="capture") for number in range(60)]
        text = printed(account([*theirs, of(Verdict.FAIL), of(Verdict.FAIL, "traces/rfc3261/call/x", kind="capture")]))
        self.assertEqual((text.count("nonstrict  traces/"), text.count(": loose")), (60, 60))
        self.assertEqual(text.count("  verdict   bad"), 2)
        self.assertIn("  verdict   loose", printed(account(theirs[:3])))

    def test_no_version(self) -> None:
        """A subject without a version has no gap behind its name."""
        shown = account([of(Verdict.PASS)], subject=Subject(target="capture:run.pcapng", name="run.pcapng"))
        self.assertIn("run.pcapng: 1 pass", printed(shown))

    def test_sentence(self) -> None:
        """Without the texts of the specifications no sentence is printed."""
        self.assertNotIn("sentence", printed(account([of(Verdict.FAIL)])))

    def test_passes_are_not_listed(self) -> None:
        """A pass is counted, not printed; self-agreed passes are said to be so."""
        text = printed(account([of(Verdict.PASS)]))
        self.assertNotIn("rfc6940/sample/pass", text)
        self.assertIn("self-agreed: 1 passes", text)
        self.assertIn("1 pass, 0 nonstrict, 0 fail", text)
        self.assertIn("exit 0: as expected", text)

    def test_sums(self) -> None:
        """Every verdict has its column, and nothing that was not judged is counted as good."""
        text = printed(account(every()))
        for verdict in Verdict:
            for word in verdict.value.split("-"):
                self.assertIn(word, text)
        table = [line for line in text.splitlines() if line.startswith((" rfc", " all", " ────"))]
        self.assertEqual(len(table), 3)
        self.assertLessEqual(max(map(len, table)), 80)
        self.assertIn("1 pass, 1 nonstrict, 2 fail (0 known), 3 without a verdict on the subject", text)

    def test_sums_by_what_is_judged(self) -> None:
        """What a recorded program did, or the suite's own ground, is not counted as the subject's doing."""
        recorded = of(Verdict.FAIL, "traces/rfc3261/flow/x", kind="capture")
        text = printed(account([of(Verdict.PASS), recorded, of(Verdict.PASS, "published/x", role="suite")]))
        self.assertIn("sample 1: 1 pass, 0 nonstrict, 0 fail", text)
        self.assertIn("worked out by hand: 0 pass, 0 nonstrict, 1 fail (0 known)", text)
        self.assertIn("own ground: 1 pass", text)
        capture = Subject(target="capture:run.pcapng", name="run.pcapng")
        self.assertIn("run.pcapng: 0 pass, 0 nonstrict, 1 fail", printed(account([recorded], subject=capture)))

    def test_not_run(self) -> None:
        """What did not run, what is missing, what is turned off and what is stale is said."""
        shown = account(
            [of(Verdict.PASS)], [Expectation(id="no/such", reason="r")], required=("a", "b"), errata_off=("interp-1",)
        )
        text = printed(shown)
        for part in (
            "not run: tshark: not installed; it would add a second decoder",
            "not the whole suite: 2 of 2 required ids did not run",
            "turned off: interp-1",
            "stale expectation: no/such: no check has this id",
            "exit 4: the expectations are stale",
        ):
            self.assertIn(part, text)

    def test_known_failure(self) -> None:
        """A known failure is marked with its reason."""
        text = printed(account([of(Verdict.FAIL)], [Expectation(id="rfc6940/sample/fail", reason="reported")]))
        self.assertIn("(known: reported)", text)
        self.assertIn("(1 known)", text)

    def test_fails_otherwise(self) -> None:
        """A listed failure that says something else is told with what was listed."""
        entry = Expectation(id="rfc6940/sample/fail", reason="reported", message="something else")
        told = "fails otherwise than listed: rfc6940/sample/fail: listed as fail with 'something else'"
        self.assertIn(told, printed(account([of(Verdict.FAIL)], [entry])))

    def test_markup_is_text(self) -> None:
        """What a subject says is no markup of the terminal."""
        bad = result(findings=(noted("[bold]not bold[/] [/nonsense]", verdict=Verdict.FAIL),), what="[red]x")
        self.assertIn("[bold]not bold[/] [/nonsense]", printed(account([bad])))

    def test_control_characters(self) -> None:
        """An escape sequence of a subject does not reach the terminal."""
        bad = result(findings=(noted(NASTY, verdict=Verdict.FAIL),))
        self.assertNotIn("\x1b[31m", printed(account([bad])))


class AccountTests(SynchronousTestCase):
    """What a reader is told, beside the terminal."""

    def test_order(self) -> None:
        """The worst comes first, known failures last."""
        known = of(Verdict.FAIL, "a/known")
        shown = account(
            [of(Verdict.NONSTRICT), known, of(Verdict.FAIL), of(Verdict.HARNESS_ERROR), of(Verdict.PASS)],
            [Expectation(id="a/known", reason="r")],
        )
        order = ["rfc6940/sample/harness-error", "rfc6940/sample/fail", "rfc6940/sample/nonstrict", "a/known"]
        self.assertEqual([one.id for one in shown.failures], order)

    def test_names_are_quoted(self) -> None:
        """A command that is printed can be typed."""
        self.assertIn("--only 'a b'", account([of(Verdict.FAIL, "a b")]).explain(of(Verdict.FAIL, "a b")).again)

    def test_report_stays(self) -> None:
        """The command that is printed writes to another folder than that of the report that prints it, always the same one."""
        failed = of(Verdict.FAIL)
        for folder in ("out put", "out put-again"):
            told = replace(account([failed]), folder=Path(folder)).explain(failed).again
            self.assertTrue(told.endswith(" --report 'out put-again'"), told)

    def test_evidence_of_a_capture(self) -> None:
        """For a capture the evidence is the capture, that of a trace or the one that was judged."""
        one, two = of(Verdict.FAIL, "traces/rfc3261/call/x/y", kind="capture"), of(Verdict.FAIL, kind="capture")
        shown = account([one, two], subject=Subject(target="capture:run.pcapng", name="run"))
        self.assertEqual(shown.explain(one).evidence, str(places.traces() / "rfc3261/call/capture.pcapng"))
        self.assertEqual(shown.explain(two).evidence, "run.pcapng")
        self.assertEqual(shown.explain(two).rejudge, "")

    def test_asked(self) -> None:
        """The request that led to the verdict is told on one line; of a capture the message."""
        sent = {"command": "encode", "params": {"format": "sip.uri", "value": {"scheme": "sip"}}}
        asked = [event(1), event(2), event(3, summary="encode sip.uri", value=sent), event(4)]
        for events, finding, wanted in (
            (asked, (4,), 'encode sip.uri: {"scheme": "sip"}'),
            (asked, (2,), "decode: 0102"),
            ([event(1, value={"command": "hello", "params": {}})], (), "decode"),
            ([event(1, kind="message", summary="200 OK", octets=b"x")], (1,), "harness to subject: 200 OK"),
            ([], (), ""),
        ):
            found = held("good", events=finding) if finding else noted("none", verdict=Verdict.INCONCLUSIVE)
            one = result(events=tuple(events), findings=(found,))
            self.assertEqual(account([one]).explain(one).asked, wanted)
