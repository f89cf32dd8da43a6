"""A badge: how many of the required checks pass."""

from __future__ import annotations

from html import escape

from conformance.report.account import Account
from conformance.run.model import Verdict

_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {text}">
<title>{label}: {text}</title>
<rect width="{width}" height="20" rx="3" fill="#444"/>
<rect x="{left}" width="{right}" height="20" rx="3" fill="{colour}"/>
<rect x="{left}" width="4" height="20" fill="{colour}"/>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{left_middle}" y="14">{label}</text>
<text x="{right_middle}" y="14">{text}</text>
</g>
</svg>
"""


def badge_text(account: Account) -> tuple[str, str]:
    """What the badge says, and its colour; a partial run says that it is partial."""
    report = account.report
    passed = {result.id for result in report.results if result.verdict is Verdict.PASS}
    held = sum(identity in passed for identity in report.required)
    text = f"{held}/{len(report.required)}" + ("" if report.whole else " (partial)")
    bad = any(result.verdict in (Verdict.FAIL, Verdict.HARNESS_ERROR) for result in report.results)
    if bad:
        return text, "#c0392b"
    return text, "#2e7d32" if report.whole and account.code == 0 else "#a66a00"


def to_badge(account: Account) -> str:
    """An SVG of one line; no resources from elsewhere."""
    text, colour = badge_text(account)
    label = f"{account.report.revision} conformance"
    left, right = 7 * len(label) + 12, 7 * len(text) + 14
    return _SVG.format(
        width=left + right,
        left=left,
        right=right,
        colour=colour,
        label=escape(label),
        text=escape(text),
        left_middle=left / 2,
        right_middle=left + right / 2,
    )
