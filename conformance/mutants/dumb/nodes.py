"""Which nodes of an overlay there are that do one thing whatever comes; what they do is in ``overlay``, loaded with the first of them."""

from __future__ import annotations

ROLES = ("peer", "storing-peer", "client")
NAMES = (
    "answers-nothing", "acknowledges-only", "echoes", "sends-garbage", "always-success", "always-the-same-answer",
    "always-forbidden", "always-incompatible", "closes-every-link", "closes-after-a-message", "crashes",
)  # fmt: skip
"""What each of them does is its name."""


class Ended(Exception):
    """The subject is gone."""
