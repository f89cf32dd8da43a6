"""The report's files and who writes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from conformance.report.account import Account
from conformance.report.json_result import to_json


def _json(account: Account) -> str:
    return json.dumps(to_json(account), ensure_ascii=False, indent=1) + "\n"


WRITERS: Mapping[str, Callable[[Account], str]] = {
    "result.json": _json,
}
"""By file name."""
