"""Why somebody may not join, invite or remove (RFC 4579, section 5; RFC 3261, section 21)."""

from __future__ import annotations

from disco_ref.errors import Refusal, Unauthorized, Unexpected, Unroutable
from disco_ref.media.offer_answer.refusals import NotAcceptable, WarningCode
from disco_ref.sip.header.plain.warning import Warning as WarningValue
from disco_ref.sip.refusals import Owing


class NoSuchConference(Unroutable):
    """No conference has this URI, and none is begun by calling it."""

    status = 404


# = rfc4579:5/0 silent: which status a locked conference gives is not said; it is no matter of credentials or of time
class Locked(Unauthorized):
    """Nobody may join but by invitation of the focus."""

    status = 403


# = rfc4579:5/0 silent: which status a full conference gives is not said; busy is what phones show their users
class Full(Unexpected):
    """The conference has as many calls as it may have."""

    status = 486


class TooMany(Owing, Unexpected):
    """The focus as a whole is at its bound; owes Retry-After."""

    status = 503

    def __init__(self, why: str, *, retry_after: int) -> None:
        super().__init__(why, headers=(("Retry-After", str(retry_after)),))


class NotAllowed(Unauthorized):
    """Who asks may not ask for this."""

    status = 403


REASONS: dict[type[Refusal], str] = {Locked: "Conference Is Locked", Full: "Conference Is Full"}
"""Reason phrases that say more than the usual ones."""


def owed(refusal: Refusal) -> tuple[int, str | None, list[str]]:
    """Status, reason phrase (None: the usual one) and header lines of the answer to what was refused."""
    lines = [f"{name}: {value}" for name, value in refusal.headers] if isinstance(refusal, Owing) else []
    # = rfc3261:21.4.26/0
    if isinstance(refusal, NotAcceptable):
        lines.append(f"Warning: {WarningValue.about(refusal.code, 'focus', refusal)}")
    elif isinstance(refusal, Locked | Full):
        lines.append(f"Warning: {WarningValue.about(WarningCode.MISCELLANEOUS, 'focus', refusal.why)}")
    return refusal.status or 400, REASONS.get(type(refusal)), lines
