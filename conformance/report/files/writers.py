"""The report's files and who writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from conformance.report.account import Account
from conformance.report.files.badge import to_badge
from conformance.report.files.json_result import to_json
from conformance.report.files.junit import to_junit
from conformance.report.files.sarif import to_sarif
from conformance.report.files.tap import to_tap
from conformance.report.page.html import to_html


def _json(account: Account) -> str:
    return json.dumps(to_json(account), ensure_ascii=False, indent=1) + "\n"


WRITERS: Mapping[str, Callable[[Account], str]] = {
    "result.json": _json,
    "report.html": to_html,
    "junit.xml": to_junit,
    "results.tap": to_tap,
    "results.sarif": to_sarif,
    "badge.svg": to_badge,
}
"""By file name."""
