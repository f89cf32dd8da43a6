"""What is told of a refusal."""

from __future__ import annotations

from disco_ref.errors import Refusal
from disco_ref.shell.formats.format import Json


def refused(refusal: Refusal, name: Json) -> dict[str, Json]:
    """The members of ``refusal``: why, where, and what the sender of the format ``name`` is owed."""
    place = refusal.where
    if refusal.offset is not None:
        place = f"{place} at byte {refusal.offset}".strip()
    found: dict[str, Json] = {"why": refusal.why, "where": place}
    if refusal.status is not None:
        found["status"] = refusal.status
    elif name == "sip.message":
        found["status"] = "drop"
    if refusal.error_code is not None:
        found["error"] = refusal.error_code
    return found
