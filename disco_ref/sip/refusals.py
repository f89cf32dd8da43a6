"""What a SIP element refuses, each with the status the sender is owed (RFC 3261, section 21).

``status`` is None where nothing is owed: a malformed response is dropped (section 18.3), and an ACK is never answered
(section 17.1.1.3).  ``headers`` are what the response must carry besides the copied ones, as pairs of name and value.
"""

from __future__ import annotations

from disco_ref.errors import Malformed, Refusal, Unexpected, Unroutable

Owed = tuple[tuple[str, str], ...]
"""Header fields of the response that is owed: pairs of name and value."""


class BadRequest(Malformed):
    """The syntax is wrong, or a mandatory header field is missing (RFC 3261, section 21.4.1)."""

    status = 400


# = rfc3261:18.3/2
class Discarded(Malformed):
    """Nothing is owed: a malformed response, a malformed ACK, or octets that are no SIP message (section 18.3)."""

    status = None


# = rfc3261:21.4/0
class RequestURITooLong(Malformed):
    """The Request-URI is longer than this element reads (section 21.4.12)."""

    status = 414


# = rfc3261:21.4/0
class RequestEntityTooLarge(Malformed):
    """The body is longer than this element takes (section 21.4.11)."""

    status = 413


# = rfc3261:21.5/0
class MessageTooLarge(Malformed):
    """The start line and header fields are longer, or more, than this element reads (section 21.5.7)."""

    status = 513


# = rfc3261:21.5/0
class VersionNotSupported(Malformed):
    """The message is of another version of SIP (section 21.5.6)."""

    status = 505


class Owing(Refusal):
    """A well-formed request is refused with header fields that say what would be accepted."""

    def __init__(self, why: str, *, where: str = "", headers: Owed = ()) -> None:
        super().__init__(why, where=where)
        self.headers = headers
        """What the response must carry besides the copied header fields."""


# = rfc3261:21.5/0
class NotImplementedHere(Owing, Unexpected):
    """The method is not recognised (section 21.5.2)."""

    status = 501


# = rfc3261:21.4/0
class MethodNotAllowed(Owing, Unexpected):
    """The method is recognised and not allowed here; owes Allow (section 21.4.6)."""

    status = 405


# = rfc3261:21.4/0
class NotAcceptable(Owing, Unexpected):
    """None of the bodies that the Accept field admits can be written (section 21.4.7)."""

    status = 406


# = rfc3261:21.4/0
class UnsupportedMediaType(Owing, Unexpected):
    """The body's type, language or encoding is not understood; owes Accept and its like (section 21.4.13)."""

    status = 415


# = rfc3261:21.4/0
class BadExtension(Owing, Unexpected):
    """An extension is required that is not understood; owes Unsupported (section 21.4.15)."""

    status = 420


# = rfc6665:8.3.2/0
class BadEvent(Owing, Unexpected):
    """The event package is not understood; owes Allow-Events (RFC 6665, section 8.3.2)."""

    status = 489


# = rfc3261:21.4/0
class IntervalTooBrief(Owing, Unexpected):
    """A registration or subscription would last for too short a time; owes Min-Expires (section 21.4.17)."""

    status = 423


# = rfc6086:4.2.2/1
class BadInfoPackage(Owing, Unexpected):
    """INFO for a package that this side has not said it is willing to receive; owes Recv-Info (RFC 6086, section 4.2.2)."""

    status = 469


# = rfc3261:21.4/0
class UnsupportedURIScheme(Owing, Unroutable):
    """The scheme of the Request-URI is not understood (section 21.4.14)."""

    status = 416


# = rfc3261:21.4/0
class TooManyHops(Owing, Unroutable):
    """Max-Forwards has reached zero (section 21.4.21)."""

    status = 483
