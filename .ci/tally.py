"""The closing line of a CI run: what trial, the conformance run and the other environments counted."""

import json
import pathlib
import re
import sys


def main(log: str, report: str, code: str) -> int:
    """Print ``N passed, N failed, N skipped`` and return the run's exit code."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", pathlib.Path(log).read_text(encoding="utf-8", errors="replace"))
    passed = failed = skipped = 0
    for kind, counts in re.findall(r"^(PASSED|FAILED) \(([^)]*)\)", text, re.M):
        figures = {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", counts)}
        passed += figures.get("successes", 0) + figures.get("expectedFailures", 0)
        failed += figures.get("failures", 0) + figures.get("errors", 0) + figures.get("unexpectedSuccesses", 0)
        skipped += figures.get("skips", 0) + figures.get("todos", 0)
        del kind
    for environment, outcome in re.findall(r"^  (\w+): (OK|FAIL|SKIP)", text, re.M):
        passed += outcome == "OK"
        failed += outcome == "FAIL"
        skipped += outcome == "SKIP"
        del environment
    result = pathlib.Path(report, "result.json")
    if result.exists():
        for case in json.loads(result.read_text(encoding="utf-8"))["cases"]:
            verdict = case["verdict"]
            expected = case.get("expected_failure", False)
            if verdict in ("pass", "nonstrict") or expected:
                passed += 1
            elif verdict in ("fail", "harness-error"):
                failed += 1
            else:
                skipped += 1
    failure = int(code) != 0 or failed or not passed
    if int(code) != 0 and not failed:
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failure else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
