"""A REFER as values: its package, what is told of it, the body of its NOTIFYs (RFC 3515; Referred-By of RFC 3892, from memory)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from disco_ref.clock import Duration
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.events.package import Body, Package
from disco_ref.sip.header.addressing.parties import To
from disco_ref.sip.header.addressing.refer_to import ReferTo
from disco_ref.sip.header.addressing.referred_by import ReferredBy
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import REASONS
from disco_ref.sip.session.identity import Identity
from disco_ref.sip.uri import Uri

SIPFRAG = "message/sipfrag"

# = rfc3515:2.4.4/2
# = rfc3515:2.4.4/6
# = rfc3515:3.4/1
# = rfc3515:3.9/1b
# = rfc3515:3.10/1
REFER = Package(
    "refer", SIPFRAG, default_expires=300, least_expires=1, forks=True, interval=Duration(1.0), by_subscribe=False
)
"""The event package ``refer``: longer than an INVITE may ring, a NOTIFY a second."""

ReferId = str
"""Names one REFER of this element, of either side; never reused."""


# --- what is told ------------------------------------------------------------------------------------------------------


class ReferRequested(NamedTuple):
    """A REFER: ``Referrals.accept`` or ``Referrals.reject`` is owed at once (section 2.4.2)."""

    id: ReferId
    refer_to: ReferTo
    """Whom to contact; its URI may have a method and header fields (RFC 3261, section 19.1.1)."""
    method: str
    """What to send there: ``INVITE`` where the URI does not say."""
    referred_by: ReferredBy | None
    request: Request
    dialog: DialogId | None
    """That in which it came; None outside of any."""


class ReferAnswered(NamedTuple):
    """The final response to a REFER of ours; 408 or 503 where none came."""

    id: ReferId
    status: int
    response: Response | None


class ReferProgressed(NamedTuple):
    """A NOTIFY says how the request fares that a REFER of ours has asked for."""

    id: ReferId
    status: int
    """Of the response to that request; 0 where the NOTIFY does not say."""
    reason: str
    over: bool
    """Whether there will be no further NOTIFY."""
    request: Request


class ReferEnded(NamedTuple):
    """No further NOTIFY will come for a REFER of ours."""

    id: ReferId
    why: str


class Reference(NamedTuple):
    """A REFER to send."""

    refer_to: Uri
    """Whom the other side shall contact; with ``;method=BYE`` to end a call, with ``?Replaces=...`` to take one over."""
    target: Uri | None = None
    """The Request-URI of a REFER outside of any dialog."""
    dialog: DialogId | None = None
    """The dialog to send it in."""
    to: To | None = None
    identity: Identity | None = None
    """None: that of the user agent."""
    route: tuple[Route, ...] = ()
    lines: tuple[str, ...] = ()
    """Further header lines, such as Target-Dialog."""


# --- bodies ------------------------------------------------------------------------------------------------------------

_STATUS_LINE = re.compile(rb"SIP/2\.0 ([1-6][0-9]{2})(?: ([^\r\n]{0,200}))?(?:\r?\n|\Z)", re.IGNORECASE)


def sipfrag(status: int, reason: str = "", lines: Sequence[str] = ()) -> Body:
    """The body of a NOTIFY: a status line, and header fields where there are some to tell (section 2.4.5)."""
    # = rfc3515:2.4.4/3
    # = rfc3515:2.4.5/1
    # = rfc3515:2.4.5/2
    # = rfc3515:2.4.5/3
    text = "\r\n".join([f"SIP/2.0 {status} {reason or REASONS.get(status, '')}", *lines, ""])
    return Body(f"{SIPFRAG};version=2.0", text.encode("utf-8", "surrogateescape"))


def status_of(body: bytes) -> tuple[int, str]:
    """Status and reason phrase that a sipfrag begins with; 0 where it does not."""
    match = _STATUS_LINE.match(body)
    return (int(match[1]), (match[2] or b"").decode("utf-8", "replace")) if match else (0, "")
