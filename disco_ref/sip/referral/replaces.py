"""Replaces: which dialog a new one takes the place of (RFC 3891, from memory)."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from disco_ref.errors import Unexpected
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.header.block import row
from disco_ref.sip.header.identity.replaces import REPLACES, Replaces
from disco_ref.sip.message import Request
from disco_ref.sip.uri import SipUri, Uri


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


def replaces_in(uri: Uri) -> list[str]:
    """The Replaces line that a Refer-To wants in the INVITE, taken apart and written anew; BadRequest where it is none (section 6.1).

    Other header fields in a URI are not trusted (RFC 3261, section 19.1.5).
    """
    # = rfc3261:19.1.5/6
    # = rfc3261:19.1.5/7
    # = rfc3891:6.1/0
    text = uri.headers.get("replaces") if isinstance(uri, SipUri) else None
    if text is None:
        return []
    return row(REPLACES, *REPLACES.read(unquote_to_bytes(text).decode("utf-8", "surrogateescape")))
