"""``disco-conformance draft lint FILE``: what is wrong in the text of a draft."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from rich.console import Console
from rich.markup import escape

from conformance.draft.lint import conventions, examples, grammars, names, references, schemas, structs
from conformance.draft.lint.finding import LEVELS, Draft, Finding, read_draft

RULES: dict[str, Callable[[Draft], Iterator[Finding]]] = {
    "schemas": schemas.check,
    "grammars": grammars.check,
    "structs": structs.check,
    "names": names.check,
    "examples": examples.check,
    "conventions": conventions.check,
    "references": references.check,
}
DESCRIPTIONS = {
    "schema-not-xml": "A printed schema is not well-formed XML",
    "schema-does-not-compile": "A printed XML schema does not compile",
    "content-model-too-strict": "A content model demands what the prose makes optional",
    "extension-point-single": "An extension point admits one element only",
    "namespace-not-registered": "A namespace lies in a domain reserved for examples",
    "namespace-missing": "A schema or grammar declares no namespace",
    "element-undeclared": "The prose names an element that no schema declares",
    "grammar-does-not-compile": "A printed RELAX NG grammar does not compile",
    "struct-syntax": "A struct breaks the presentation language",
    "type-undefined": "A struct uses a type that is defined nowhere",
    "type-twice": "A type is defined twice",
    "select-without-switch": "A select has no field to switch on",
    "case-undefined": "A case names no value of its switch",
    "name-spelling": "One thing is spelled in two ways",
    "example-breaks-grammar": "An example breaks the grammar it rests on",
    "example-misleads": "An example shows something other than it says",
    "keywords-undeclared": "Requirement keywords are used and not declared",
    "clause-without-keyword": "A requirement is stated without a keyword",
    "clause-ungrammatical": "A requirement sentence is not grammatical",
    "requirement-at-two-levels": "One requirement is stated at two levels",
    "todo": "An open end",
    "todo-section": "A section that is an open end",
    "figure-missing": "A figure is referred to and missing",
    "figure-gap": "A number is missing in the sequence of figures",
    "figure-empty": "A figure consists of its caption",
    "reference-missing": "A citation is not in the list of references",
    "reference-unused": "A reference is cited nowhere",
    "section-missing": "A section is referred to and missing",
}


def lint(path: Path) -> list[Finding]:
    """All findings of a draft, in the order of its lines, each place and message once."""
    draft = read_draft(path)
    return sorted({finding for check in RULES.values() for finding in check(draft)})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("file", type=Path, help="an Internet-Draft or RFC, plain text or Markdown rendering")
    parser.add_argument("--format", choices=("text", "json", "sarif"), default="text", help="how to print the findings")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write there instead of standard output")
    parser.add_argument("--level", choices=LEVELS, default="note", help="leave out what is less (default: nothing)")


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; 0 without errors, 1 with, 2 where a file cannot be read or written."""
    try:
        findings = lint(arguments.file)
        source = arguments.file.read_bytes()
    except OSError as trouble:
        print(f"{arguments.file}: cannot be read: {trouble.strerror}", file=sys.stderr)
        return 2
    except UnicodeDecodeError as trouble:
        print(f"{arguments.file}: not UTF-8 at byte {trouble.start}; convert it first", file=sys.stderr)
        return 2
    wanted = LEVELS[: LEVELS.index(arguments.level) + 1]
    findings = [finding for finding in findings if finding.level in wanted]
    if arguments.format == "text" and arguments.output is None:
        _print(arguments.file, findings)
    else:
        name = arguments.file.as_uri() if arguments.file.is_absolute() else quote(arguments.file.as_posix())
        text = render(name if arguments.format == "sarif" else str(arguments.file), findings, arguments.format, source)
        try:
            if arguments.output:
                arguments.output.write_text(text, encoding="utf-8")
            else:
                sys.stdout.write(text)
        except OSError as trouble:
            if arguments.output is None:
                raise
            print(f"{arguments.output}: cannot be written: {trouble.strerror}", file=sys.stderr)
            return 2
    return 1 if any(finding.level == "error" for finding in findings) else 0


def render(name: str, findings: list[Finding], form: str, source: bytes) -> str:
    """The findings as text, JSON or SARIF; ``name`` is how the file is called in them, for SARIF a URI reference."""
    if form == "text":
        return "".join(f"{name}:{f.line}:{f.column}: {f.level}: {f.message} [{f.rule}]\n" for f in findings)
    if form == "json":
        rows = [{key: getattr(finding, key) for key in Finding.__slots__} for finding in findings]
        digest = hashlib.sha256(source).hexdigest()
        return json.dumps({"file": name, "sha256": digest, "findings": rows}, indent=1, ensure_ascii=False) + "\n"
    return json.dumps(sarif(name, findings), indent=1, ensure_ascii=False) + "\n"


def sarif(name: str, findings: list[Finding]) -> dict[str, object]:
    """A SARIF 2.1.0 log of the findings."""
    rules = [
        {"id": rule, "shortDescription": {"text": DESCRIPTIONS[rule]}} for rule in sorted({f.rule for f in findings})
    ]
    results = [
        {
            "ruleId": finding.rule,
            "level": finding.level,
            "message": {"text": finding.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": name},
                        "region": {"startLine": finding.line, "startColumn": finding.column},
                    }
                }
            ],
        }
        for finding in findings
    ]
    driver = {"name": "disco-conformance draft lint", "rules": rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _print(path: Path, findings: list[Finding]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    colours = {"error": "red", "warning": "yellow", "note": "cyan"}
    for finding in findings:
        place = f"{path}:{finding.line}:{finding.column}"
        colour = colours[finding.level]
        console.print(
            f"{escape(place)}: [{colour}]{finding.level}[/]: {escape(finding.message)} [dim]\\[{finding.rule}][/]"
        )
    count = Counter(finding.level for finding in findings)
    console.print(", ".join(f"{count[level]} {level}s" for level in LEVELS))
