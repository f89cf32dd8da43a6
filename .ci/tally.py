"""The closing line of a CI run: what trial, the conformance run and the other environments counted."""

import collections
import json
import pathlib
import re
import sys

TRIAL = {
    "successes": "passed", "expectedFailures": "passed", "failures": "failed", "errors": "failed",
    "unexpectedSuccesses": "failed", "skips": "skipped", "todos": "skipped",
}  # fmt: skip
TOX = {"OK": "passed", "FAIL": "failed", "SKIP": "skipped"}
CASES = {"pass": "passed", "nonstrict": "passed", "fail": "failed", "harness-error": "failed"}
"""Other verdicts say nothing, so they are no pass; nor is a known failure, or what did not run."""


def tally(log: str, report: pathlib.Path) -> collections.Counter[str]:
    """What a log of tox and the folder of a report count."""
    counted: collections.Counter[str] = collections.Counter()
    text = re.sub(r"\x1b\[[0-9;]*m", "", log)
    for counts in re.findall(r"^(?:PASSED|FAILED) \(([^)]*)\)", text, re.M):
        for name, number in re.findall(r"(\w+)=(\d+)", counts):
            counted[TRIAL.get(name, "failed")] += int(number)
    counted.update(TOX[outcome] for outcome in re.findall(r"^  \w+: (OK|FAIL|SKIP)", text, re.M))
    for killed, alive in re.findall(r"^\d+ broken subjects, (\d+) killed as they should be, (\d+) not", text, re.M):
        counted["passed"] += int(killed)
        counted["failed"] += int(alive)
    for killed, alive in re.findall(r"^\d+ live mutants, (\d+) killed by .*, (\d+) not", text, re.M):
        counted["passed"] += int(killed)
        counted["failed"] += int(alive)
    for passes, fails in re.findall(r"^disco-ref node over \w+: (\d+) pass, (\d+) fail", text, re.M):
        counted["passed"] += int(passes)
        counted["failed"] += int(fails)
    counted += _others(text)
    result = report / "result.json"
    if result.exists():
        content = json.loads(result.read_text(encoding="utf-8"))
        for case in content["results"]:
            counted["skipped" if case["expected_failure"] else CASES.get(case["verdict"], "skipped")] += 1
        counted["skipped"] += len(content["not_run"])
    return counted


def _others(text: str) -> collections.Counter[str]:
    """What the runs against programs of others count; a listed failure is none of ours."""
    counted: collections.Counter[str] = collections.Counter()
    for counts in re.findall(r"^\w+ [\d.]+ \(Debian [^)]*\): (.*)$", text, re.M):
        for number, verdict in re.findall(r"(\d+) ([a-z-]+)", counts):
            counted["passed" if CASES.get(verdict) == "passed" else "skipped"] += int(number)
    counted["skipped"] += len(re.findall(r"^(?:interop: not run|  listed and gone):", text, re.M))
    surprises = len(re.findall(r"^  (?:unexpected failure|harness-error):", text, re.M))
    counted["failed"] += surprises + len(re.findall(r"^FAILED  ", text, re.M))
    counted["passed"] += len(re.findall(r"^held    ", text, re.M))
    return counted


def main(log: str, report: str, code: str) -> int:
    """Print ``N passed, N failed, N skipped`` and return the run's exit code."""
    counted = tally(pathlib.Path(log).read_text(encoding="utf-8", errors="replace"), pathlib.Path(report))
    if int(code) != 0 and not counted["failed"]:
        counted["failed"] = 1
    print(", ".join(f"{counted[word]} {word}" for word in ("passed", "failed", "skipped")))
    return 1 if counted["failed"] or not counted["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
