"""Replaces: which dialog a new one takes the place of (RFC 3891, from memory)."""

from __future__ import annotations

from disco_ref.errors import Unexpected
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.header.identity.replaces import REPLACES, Replaces
from disco_ref.sip.message import Request


class AlreadyConfirmed(Unexpected):
    """An early dialog was to be replaced, and it is answered by now (RFC 3891, section 3)."""

    status = 486


def replaces_of(request: Request) -> Replaces | None:
    """The Replaces field of an INVITE, None where there is none; BadRequest where there are two or it is malformed."""
    # = rfc3891:3/0
    return request.headers.first(REPLACES)


def dialog_id(value: Replaces) -> DialogId:
    """The dialog that a received Replaces means: its tags are as the recipient sees them (RFC 3891, section 3).

    A tag of 0 also stands for a peer that sets none.
    """
    # = rfc3891:3/0
    return DialogId(value.call_id, value.to_tag, "" if value.from_tag == "0" else value.from_tag)
