"""JUnit XML, as continuous integration servers read it.

A verdict is never coloured better than it is: ``fail`` is a failure, ``harness-error`` and ``inconclusive`` are errors,
a known failure is skipped with its reason, and what says nothing about the subject is skipped too.
"""

from __future__ import annotations

from lxml import etree

from conformance.report.account import Account
from conformance.run.model import Result, Verdict


def to_junit(account: Account) -> str:
    """One test suite per specification, one test case per check; required checks that did not run are skipped."""
    report = account.report
    suites: dict[str, list[Result]] = {}
    for result in report.results:
        suites.setdefault(result.spec, []).append(result)
    root = etree.Element("testsuites", name="disco-conformance", time=f"{report.seconds:.3f}")
    for spec, results in sorted(suites.items()):
        below = etree.SubElement(root, "testsuite", name=spec, time=f"{sum(one.seconds for one in results):.3f}")
        for result in results:
            _case(account, result, below)
        _count(below)
    if account.missing:
        below = etree.SubElement(root, "testsuite", name="not-run", time="0")
        for identity in account.missing:
            case = etree.SubElement(below, "testcase", name=identity, classname="not-run", time="0")
            etree.SubElement(case, "skipped", message="required, but not selected for this run")
        _count(below)
    _count(root)
    text: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return text.decode()


def _count(element: etree._Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    element.set("failures", str(len(list(element.iter("failure")))))
    element.set("errors", str(len(list(element.iter("error")))))
    element.set("skipped", str(len(list(element.iter("skipped")))))


def _case(account: Account, result: Result, suite: etree._Element) -> None:
    explanation = account.explain(result)
    known = account.expectation(result)
    classname = f"{result.spec}.{result.section.replace('.', '_')}"
    case = etree.SubElement(suite, "testcase", name=result.id, classname=classname, time=f"{result.seconds:.6f}")
    finding = explanation.finding
    message = clean(f"{result.verdict.value}: {finding.why}")
    if known:
        etree.SubElement(case, "skipped", message=clean(f"known failure: {known.reason} ({message})"))
    elif result.verdict is Verdict.FAIL:
        _detail(
            etree.SubElement(case, "failure", message=message, type=result.level.value),
            explanation_text(account, result),
        )
    elif result.verdict in (Verdict.INCONCLUSIVE, Verdict.HARNESS_ERROR):
        detail = etree.SubElement(case, "error", message=message, type=result.verdict.value)
        _detail(detail, explanation_text(account, result))
    elif result.verdict is Verdict.NONSTRICT:
        _detail(etree.SubElement(case, "system-out"), f"{message}\n{explanation_text(account, result)}")
    elif result.verdict is not Verdict.PASS:
        etree.SubElement(case, "skipped", message=message)


def _detail(element: etree._Element, text: str) -> None:
    element.text = clean(text)


def explanation_text(account: Account, result: Result) -> str:
    """What a reader of a failure needs, as lines of plain text."""
    explanation = account.explain(result)
    lines = [f"{one.id} ({one.level}), {one.document}: {one.text}".rstrip(": ") for one in explanation.clauses]
    if explanation.asked:
        lines.append(f"asked: {explanation.asked}")
    if explanation.finding.expected or explanation.finding.seen:
        lines += [f"expected: {explanation.finding.expected}", f"seen: {explanation.finding.seen}"]
    if explanation.frames:
        lines.append(f"frames: {', '.join(map(str, explanation.frames))}")
    lines += [f"evidence: {explanation.evidence}", f"again: {explanation.again}"]
    lines += [f"rejudge: {explanation.rejudge}"] if explanation.rejudge else []
    return "\n".join(lines)


def clean(text: str) -> str:
    """A text without the characters that XML 1.0 does not have (section 2.2)."""
    return "".join(
        one if one in "\t\n" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff" else "\ufffd"
        for one in text
    )
