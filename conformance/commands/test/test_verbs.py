"""The verbs of the command, from the words that are typed to the exit code."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from conformance import places
from conformance.command import EXAMPLES, VERBS, build_parser, main
from conformance.commands import run
from conformance.targets.documents import CONFERENCE
from conformance.targets.test.test_process import ADAPTER

RIGHT: dict[str, Any] = {
    "id": "rfc6940/probe_req/two",
    "what": "Two codes are asked for",
    "clauses": ["rfc6940:6.4.2.4/0"],
    "level": "MUST",
    "kind": "valid",
    "command": "decode",
    "format": "reload.struct",
    "name": "ProbeReq",
    "bytes": [{"field": "length", "hex": "02"}, {"field": "requested_info", "hex": "0102"}],
    "expect": {"value": {"requested_info": ["responsible_set", "num_resources"]}},
    "pair": "rfc6940/probe_req/length-short",
    "origin": {"how": "worked-out", "from": "section 6.4.2.4", "confirmed": []},
}
FAULTY: dict[str, Any] = {
    **RIGHT,
    "id": "rfc6940/probe_req/length-short",
    "what": "The length says two, one code follows",
    "kind": "invalid",
    "bytes": [{"field": "length", "hex": "02"}, {"field": "requested_info", "hex": "01"}],
    "expect": {"refusal": {"at": "requested_info", "error": [20]}},
    "pair": RIGHT["id"],
    "erratum": ["interp-1"],
}


class VerbTestCase(SynchronousTestCase):
    """A suite of two vectors, and an adapter of this folder."""

    def setUp(self) -> None:
        """Put the two vectors where the suite looks for them."""
        self.folder = Path(self.mktemp())
        vectors = self.folder / "vectors"
        for one in (RIGHT, FAULTY):
            path = vectors / f"{one['id']}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(one), encoding="utf-8")
        self.patch(places, "vectors", lambda: vectors)
        self.patch(places, "traces", lambda: self.folder / "traces")
        self.report = self.folder / "report"

    def call(self, *words: str) -> tuple[int, str]:
        """The exit code, and all that was printed."""
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(list(words))
        return code, out.getvalue()

    def judge(self, conduct: str, *words: str) -> tuple[int, str]:
        """Run the suite on an adapter of this conduct."""
        target = f"exec:{shlex.join([*ADAPTER, conduct])}"
        return self.call("run", "--target", target, "--report", str(self.report), *words)

    def result(self) -> dict[str, Any]:
        """The JSON result."""
        loaded: dict[str, Any] = json.loads((self.report / "result.json").read_text(encoding="utf-8"))
        return loaded


class RunTests(VerbTestCase):
    """``run``."""

    def test_right(self) -> None:
        """A right subject: exit 0, all reports and the evidence are written."""
        code, text = self.judge("right")
        self.assertEqual(code, 0, text)
        names = {path.name for path in self.report.iterdir()}
        self.assertEqual(
            names, {"result.json", "report.html", "junit.xml", "results.tap", "results.sarif", "badge.svg", "evidence"}
        )
        self.assertEqual((self.result()["complete"], self.result()["counts"]["pass"]), (True, 2))
        self.assertIn("kill matrix", [one["what"] for one in self.result()["not_run"]])

    def test_wrong(self) -> None:
        """A subject that accepts everything: exit 1, and the command that is printed runs just the failing check."""
        code, text = self.judge("accepts")
        self.assertEqual(code, 1)
        again = next(line for line in text.splitlines() if line.strip().startswith("again") and "length-short" in line)
        words = shlex.split(again)[2:]
        before = self.result()
        code, text = self.call(*words)
        self.assertEqual(code, 1)
        self.assertEqual(self.result(), before)
        self.assertIn("length-short", text)
        self.assertNotIn("fail  rfc6940/probe_req/two", text)

    def test_nothing_judged(self) -> None:
        """A subject that supports nothing of what it claims is not as expected: exit 2, and the format is named."""
        code, text = self.judge("declines")
        self.assertEqual(code, 2)
        self.assertIn("nothing was judged", text)
        self.assertIn("not run: format reload.struct", text)
        self.assertEqual(self.result()["exit_code"], 2)
        self.assertEqual(
            [one["what"] for one in self.result()["not_run"] if "format" in one["what"]], ["format reload.struct"]
        )

    def test_partial(self) -> None:
        """A selection is no whole run, and says so."""
        code, text = self.judge("right", "--kind", "valid")
        self.assertEqual(code, 0)
        self.assertIs(self.result()["complete"], False)
        self.assertIn({"id": FAULTY["id"], "verdict": "not-run"}, self.result()["required"])
        self.assertIn("not the whole suite: 1 of 2", text)

    def test_misuse(self) -> None:
        """Nothing selected, unknown words, unknown targets and options: exit 2, one line, no traceback."""
        for words in (
            ["run", "--only", "no/such"],
            ["run", "--target", "reload:tls:h"],
            ["run", "--target", "nonsense"],
            ["run", "--target", "exec:a 'b"],
            ["run", "--target", "exec:x", "--subject", "y"],
            ["run", "--subject", "no-such-subject"],
            ["run", "--budget", "0"],
            ["mutants", "--budget", "0"],
            ["mutants", "--live", "--only", "rfc3261/*"],
            ["run", "--budget", "x"],
            ["run", "--without-erratum", "no-such"],
            ["run", "--no-such-option"],
            ["no-such-verb"],
            [],
            ["show", "no/such"],
            ["smoke", "docs:x"],
            ["mutants", "--name", "no-such"],
            ["rejudge", "no-such-folder"],
            ["documents", "no-such-file.xml"],
            ["list", "--level", "HIGH"],
        ):
            code, text = self.call(*words)
            self.assertEqual(code, 2, (words, text))
            self.assertNotIn("Traceback", text)

    def test_folder_of_somebody_else(self) -> None:
        """A folder that is not a report's is not written into."""
        self.report.mkdir()
        (self.report / "precious.txt").write_text("x", encoding="utf-8")
        self.assertEqual(self.judge("right")[0], 2)

    def test_cannot_be_started(self) -> None:
        """A subject that does not start, or says nothing, is exit 3."""
        self.assertEqual(self.call("run", "--target", "exec:./no-such-adapter")[0], 3)
        code, text = self.call("run", "--target", f"exec:{sys.executable} -c pass", "--report", str(self.report))
        self.assertEqual(code, 3)
        self.assertIn("does not answer hello", text)

    def test_fault_of_the_harness(self) -> None:
        """An error of our own is one line and exit 3."""
        self.patch(run, "load_suite", lambda without: 1 // 0)
        code, text = self.call("run", "--target", "exec:x")
        self.assertEqual((code, len(text.splitlines())), (3, 1))
        self.assertIn("a fault of the harness: ZeroDivisionError", text)

    def test_broken_suite(self) -> None:
        """A vector that breaks the schema is exit 3 and named."""
        (places.vectors() / "rfc6940/probe_req/bad.json").write_text("{}", encoding="utf-8")
        code, text = self.judge("right")
        self.assertEqual(code, 3)
        self.assertIn("rfc6940/probe_req/bad", text)

    def test_expectations(self) -> None:
        """Listed failures are exit 0; a list that is stale is exit 4."""
        path = self.folder / "known.toml"
        entries = "".join(f'[[expect]]\nid = "{one["id"]}"\nreason = "r"\n' for one in (RIGHT, FAULTY))
        path.write_text(entries, encoding="utf-8")
        self.assertEqual(self.judge("accepts", "--expectations", str(path))[0], 0)
        self.assertEqual(self.judge("right", "--expectations", str(path))[0], 4)

    def test_without_erratum(self) -> None:
        """A check that rests on an erratum that is turned off is not judged, and not required; alone it is a run that judges nothing."""
        code, text = self.judge("accepts", "--without-erratum", "interp-1", "--only", FAULTY["id"])
        self.assertEqual(code, 2, text)
        result = self.result()
        self.assertEqual((result["results"][0]["verdict"], result["errata_off"]), ("not-applicable", ["interp-1"]))
        self.assertNotIn(FAULTY["id"], [one["id"] for one in result["required"]])

    def test_under_erratum(self) -> None:
        """A verdict says under which errata it holds."""
        self.judge("right")
        self.assertEqual([one["errata"] for one in self.result()["results"]], [["interp-1"], []])

    def test_documents_as_target(self) -> None:
        """The target docs: is the verb documents."""
        path = self.folder / "one.xml"
        path.write_text(f'<conference-info xmlns="{CONFERENCE}" entity="sip:c@e"/>', encoding="utf-8")
        self.assertEqual(self.call("run", "--target", f"docs:{path}", "--report", str(self.report))[0], 0)


class RejudgeTests(VerbTestCase):
    """``rejudge``."""

    def rejudge(self, *words: str) -> tuple[int, str]:
        """Judge the evidence of the last run again."""
        return self.call("rejudge", str(self.report), *words)

    def test_reproduced(self) -> None:
        """Every verdict comes out as it was, without the subject, failures and passes."""
        for conduct in ("right", "accepts", "refuses", "ends", "garbage"):
            self.judge(conduct)
            code, text = self.rejudge("--all")
            self.assertEqual(code, 0, (conduct, text))
            self.assertIn("2 verdicts judged again, 0 differ", text)

    def test_tampered(self) -> None:
        """Evidence that says something else gives another verdict."""
        self.judge("right")
        log = self.report / "evidence/exchanges.jsonl"
        log.write_text(log.read_text(encoding="utf-8").replace("num_resources", "uptime"), encoding="utf-8")
        code, text = self.rejudge()
        self.assertEqual(code, 1)
        self.assertIn("rfc6940/probe_req/two", text)

    def test_evidence_taken_away(self) -> None:
        """A verdict whose evidence is gone is not reproduced; one that rests on none, as nothing was asked, is."""
        self.judge("right")
        log = self.report / "evidence/exchanges.jsonl"
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        log.write_text("".join(line for line in lines if RIGHT["id"] not in line), encoding="utf-8")
        code, text = self.rejudge()
        self.assertEqual(code, 1)
        self.assertIn("no evidence of it", text)
        self.assertIn("1 differ", text)
        path = self.folder / "one.xml"
        path.write_text("<broken", encoding="utf-8")
        self.call("documents", str(path), "--report", str(self.report))
        log.write_text("", encoding="utf-8")
        self.assertEqual(self.rejudge()[0], 1)

    def test_changed_suite(self) -> None:
        """A vector that asks something else now does not judge old evidence, and the change of the suite is said."""
        self.judge("right")
        changed = {**RIGHT, "bytes": [{"field": "length", "hex": "00"}]}
        (places.vectors() / f"{RIGHT['id']}.json").write_text(json.dumps(changed), encoding="utf-8")
        code, text = self.rejudge()
        self.assertEqual(code, 1)
        self.assertIn("changed: vectors", text)
        self.assertIn("stale", text)

    def test_one_check(self) -> None:
        """One check alone can be judged again."""
        self.judge("accepts")
        self.assertIn("1 verdicts judged again", self.rejudge("--only", RIGHT["id"])[1])

    def test_documents(self) -> None:
        """Documents are judged again from their recorded octets."""
        path = self.folder / "one.xml"
        path.write_text("<broken", encoding="utf-8")
        self.assertEqual(self.call("documents", str(path), "--report", str(self.report))[0], 1)
        path.unlink()
        code, text = self.rejudge("--all")
        self.assertEqual(code, 0)
        self.assertIn("not well-formed", text)


class SmokeTests(VerbTestCase):
    """``smoke``."""

    def smoke(self, conduct: str) -> tuple[int, str]:
        """Try an adapter of this conduct."""
        # only the silent one is waited for; the others may be slow where the machine is busy
        budget = ("--budget", "1") if conduct == "mute" else ()
        return self.call("smoke", f"exec:{shlex.join([*ADAPTER, conduct])}", *budget)

    def test_right(self) -> None:
        """An adapter that keeps the contract: every line says ok."""
        code, text = self.smoke("right")
        self.assertEqual(code, 0, text)
        self.assertEqual(text.count("ok  "), 5)

    def test_broken(self) -> None:
        """A command that does not exist must be unsupported: results, refusals and silence for it are found."""
        for conduct in ("accepts", "refuses", "mute"):
            code, text = self.smoke(conduct)
            self.assertEqual(code, 1, conduct)
            self.assertIn("no  a command that does not exist", text)

    def test_not_an_adapter(self) -> None:
        """A program that says nothing is found out."""
        self.assertEqual(self.call("smoke", f"exec:{sys.executable} -c pass")[0], 1)


class DocumentsTests(VerbTestCase):
    """``documents``."""

    def test_folder(self) -> None:
        """One result for each file; a wrong one is exit 1, with its line in the SARIF file."""
        folder = self.folder / "documents"
        folder.mkdir()
        (folder / "good.xml").write_text(f'<conference-info xmlns="{CONFERENCE}" entity="sip:c@e"/>', encoding="utf-8")
        (folder / "bad.xml").write_text(f'<conference-info\n xmlns="{CONFERENCE}"/>', encoding="utf-8")
        code, text = self.call("documents", str(folder), "--report", str(self.report))
        self.assertEqual(code, 1)
        self.assertIn("1 pass, 0 nonstrict, 1 fail", text)
        found = json.loads((self.report / "results.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
        self.assertTrue(all("bad.xml" in json.dumps(one["locations"]) for one in found))

    def test_empty_folder(self) -> None:
        """Nothing to judge is misuse."""
        folder = self.folder / "empty"
        folder.mkdir()
        self.assertEqual(self.call("documents", str(folder))[0], 2)


class ListTests(VerbTestCase):
    """``list``, ``show``, ``mutants`` and the parser."""

    def test_list(self) -> None:
        """Checks, errata and subjects can be listed, also as JSON."""
        self.assertIn(RIGHT["id"], self.call("list", "--kind", "valid")[1])
        self.assertNotIn(FAULTY["id"], self.call("list", "--kind", "valid")[1])
        rows = [json.loads(line) for line in self.call("list", "--json")[1].splitlines()]
        self.assertEqual({row["id"] for row in rows}, {RIGHT["id"], FAULTY["id"]})
        self.assertIn("interp-18", self.call("list", "--errata")[1])
        self.assertIn("disco_ref", self.call("list", "--subjects")[1])

    def test_show(self) -> None:
        """A check shows its input by field and its origin; a clause its checks; an erratum its correction."""
        code, text = self.call("show", RIGHT["id"])
        self.assertEqual(code, 0)
        for part in ("requested_info: 0102", "confirmed by nobody", "RFC 6940, section 6.4.2.4"):
            self.assertIn(part, text)
        self.assertIn(f"{FAULTY['id']} (invalid)", self.call("show", "rfc6940:6.4.2.4/0")[1])
        self.assertIn("0x0a", self.call("show", "interp-1")[1])

    def test_every_verb_loads(self) -> None:
        """Every verb has a module that can be loaded, and help."""
        for verb in VERBS:
            build_parser(verb)
            code, text = self.call(verb, "--help")
            self.assertEqual((code, "usage" in text), (0, True), verb)

    def test_examples(self) -> None:
        """Each verb shows examples, and each of them is a line that the verb takes."""
        self.assertEqual(set(EXAMPLES), {"", *VERBS})
        for verb, lines in EXAMPLES.items():
            for line in lines.strip().splitlines():
                program, *words = shlex.split(re.split(r"\s{2,}", line)[0])
                self.assertEqual((program, words[0] in {verb or words[0]}), ("disco-conformance", True), line)
                if words[0] in VERBS:
                    self.assertEqual(build_parser(words[0]).parse_args(words).verb, words[0])

    def test_misuse_is_one_line(self) -> None:
        """What is wrong, and where the examples stand; not all options."""
        for words in (["run", "--budget", "x"], ["show"], ["no-such-verb"], []):
            code, text = self.call(*words)
            self.assertEqual((code, len(text.splitlines())), (2, 1), text)
            self.assertIn("--help` has examples", text)

    def test_mutants(self) -> None:
        """A broken subject that no check of this small suite reaches is reported as alive."""
        code, text = self.call("mutants", "--name", "echoes", "--output", str(self.folder / "kills.json"))
        self.assertEqual(code, 0, text)
        kills = json.loads((self.folder / "kills.json").read_text(encoding="utf-8"))
        self.assertEqual((kills["mutants"]["echoes"]["fails"], kills["mutants"]["echoes"]["kills"]), (2, []))
        code, text = self.call("mutants", "--name", "drops-bodies")
        self.assertEqual(code, 1)
        self.assertIn("ALIVE", text)
