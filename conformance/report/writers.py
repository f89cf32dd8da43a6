"""The report's files and who writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from conformance.report.account import Account
from conformance.report.badge import to_badge
from conformance.report.html import to_html
from conformance.report.json_result import to_json
from conformance.report.junit import to_junit
from conformance.report.sarif import to_sarif
from conformance.report.tap import to_tap


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
