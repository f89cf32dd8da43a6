"""Whether an element takes a well-formed request, and what it owes where it does not (RFC 3261, sections 8.2 and 16.3).

The syntax is :func:`disco_ref.sip.message.read`'s affair; here a request is held against what its recipient understands.  The
order is that of the sections: method, Request-URI, Max-Forwards, extensions, mandatory fields of the method, content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from disco_ref.sip.header.addressing.refer_to import REFER_TO
from disco_ref.sip.header.content.content_type import ACCEPT, CONTENT_TYPE, MediaType
from disco_ref.sip.header.content.qualified import CONTENT_DISPOSITION, Qualified
from disco_ref.sip.header.events.event import EVENT, SUBSCRIPTION_STATE
from disco_ref.sip.header.field import AnyField, Field
from disco_ref.sip.header.identity.cseq import METHODS
from disco_ref.sip.header.identity.rack import RACK
from disco_ref.sip.header.plain.numbers import MAX_FORWARDS
from disco_ref.sip.header.plain.tokens import CONTENT_ENCODING, CONTENT_LANGUAGE, PROXY_REQUIRE, REQUIRE
from disco_ref.sip.message import Request, check_values
from disco_ref.sip.refusals import (
    BadEvent,
    BadExtension,
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    NotImplementedHere,
    Owed,
    RequestEntityTooLarge,
    RequestURITooLong,
    TooManyHops,
    UnsupportedMediaType,
    UnsupportedURIScheme,
)
from disco_ref.sip.uri import SipUri

T = TypeVar("T")

_NEEDED: dict[str, tuple[AnyField, ...]] = {
    # = rfc6665:3.2.1/1
    # = rfc6665:4.1.3/3
    "NOTIFY": (EVENT, SUBSCRIPTION_STATE),
    # = rfc3262:7.2/0
    "PRACK": (RACK,),
    "PUBLISH": (EVENT,),
    # = rfc3515:2.4.1/1
    "REFER": (REFER_TO,),
}
"""What a method cannot do without (RFC 6665 4.1.3, RFC 3262 7.2, RFC 3903 4, RFC 3515 2.4.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What an element understands; the defaults are a user agent's that takes calls with session descriptions."""

    # = rfc3261:20.5/1
    methods: frozenset[str] = frozenset({"INVITE", "ACK", "OPTIONS", "BYE", "CANCEL"})
    """Methods that are carried out."""
    recognised: frozenset[str] = METHODS
    """Methods that are known but not all carried out: they get 405, others 501."""
    schemes: frozenset[str] = frozenset({"sip", "sips"})
    """Schemes of the Request-URI, in lower case."""
    extensions: frozenset[str] = frozenset()
    """Option-tags, in lower case."""
    media_types: frozenset[str] = frozenset({"application/sdp"})
    """Bodies that are read, in lower case; ``multipart/*`` stands for all of them."""
    encodings: frozenset[str] = frozenset({"identity"})
    """Content-codings, in lower case."""
    languages: frozenset[str] | None = None
    """Language tags, in lower case; None for any."""
    packages: frozenset[str] | None = None
    """Event packages, in lower case; None where the caller looks after them."""
    writes: MediaType | None = None
    """The body that the answer would have, held against Accept; None where there is none."""
    longest_uri: int = 8192
    """Characters of a Request-URI."""
    largest_body: int = 1 << 20
    """Octets of a body."""
    forwards: bool = False
    """Whether the element is a proxy: Max-Forwards and Proxy-Require are then looked at, Require, method and content are not."""
    _types: tuple[MediaType, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Takes the media types apart once."""
        parted = (name.partition("/") for name in sorted(self.media_types))
        object.__setattr__(self, "_types", tuple(MediaType(kind, subtype) for kind, _, subtype in parted))

    def reads(self, media_type: MediaType) -> bool:
        """Whether a body of this type is understood."""
        return any(each.admits(media_type) for each in self._types)


def refuse(request: Request, understood: Understood) -> None:
    """Raises the refusal that the sender of a request is owed; returns if there is none.

    An ACK is never answered (section 17.1.1.3): what is refused of it is dropped by the caller.
    """
    # = rfc3261:8.2/3
    # = rfc3261:8.2.1/1
    # = rfc3261:16.3/2
    # = rfc3261:16.3/7
    if not understood.forwards:
        _method(request, understood)
    _request_uri(request, understood)
    if understood.forwards:
        _hops(request)
    _extensions(request, understood)
    if not understood.forwards:
        _mandatory(request)
        _package(request, understood)
        _content(request, understood)
        _answer(request, understood)


def _listed(name: str, values: frozenset[str]) -> Owed:
    return ((name, ", ".join(sorted(values))),)


def _method(request: Request, understood: Understood) -> None:
    method = request.method
    if method in understood.methods:
        return
    if method in understood.recognised:
        # = rfc3261:8.2.1/2
        # = rfc3261:8.2.1/3
        # = rfc3261:8.2.1/4
        # = rfc3261:21.4/4
        raise MethodNotAllowed(
            f"{method} is not allowed here", where="method", headers=_listed("Allow", understood.methods)
        )
    # = rfc3261:21.5/0
    raise NotImplementedHere(
        f"{method[:40]} is not known", where="method", headers=_listed("Allow", understood.methods)
    )


def _request_uri(request: Request, understood: Understood) -> None:
    uri = request.request_uri
    if len(str(uri)) > understood.longest_uri:
        # = rfc3261:21.4/0
        raise RequestURITooLong(f"longer than {understood.longest_uri} characters", where="Request-URI")
    if uri.scheme not in understood.schemes:
        # = rfc3261:8.2.2.1/4
        # = rfc3261:16.3/8
        raise UnsupportedURIScheme(f"the scheme {uri.scheme[:40]} is not understood", where="Request-URI")
    # = rfc3261:16.3/5
    if isinstance(uri, SipUri):
        _ = uri.port, uri.parameters


def _hops(request: Request) -> None:
    # = rfc3261:16.3/9
    # = rfc3261:16.3/11
    if request.headers.first(MAX_FORWARDS) == 0:
        raise TooManyHops("no hops are left", where="Max-Forwards")


def _extensions(request: Request, understood: Understood) -> None:
    # = rfc3261:8.2.2.3/4
    if request.method in ("CANCEL", "ACK"):
        return
    # = rfc3261:20.32/1
    # = rfc3261:20.32/2
    required = request.headers.all(PROXY_REQUIRE if understood.forwards else REQUIRE)
    # = rfc3261:7.3.1/0
    unknown = [tag for tag in required if tag.lower() not in understood.extensions]
    if unknown:
        # = rfc3261:8.2.2.3/1
        # = rfc3261:8.2.2.3/2
        # = rfc3261:16.3/15
        # = rfc3261:16.3/16
        where = "Proxy-Require" if understood.forwards else "Require"
        # = rfc3261:21.4/11
        raise BadExtension(
            "extensions that are not understood", where=where, headers=(("Unsupported", ", ".join(unknown)),)
        )


def _mandatory(request: Request) -> None:
    for needed in _NEEDED.get(request.method, ()):
        if not request.headers.any(needed):
            # = rfc3515:2.4.2/4
            raise BadRequest(f"{request.method} without it", where=needed.name)
    if request.body and "content-type" not in request.headers:
        # = rfc3261:20.15/1
        raise BadRequest("a body without it", where="Content-Type")


def _package(request: Request, understood: Understood) -> None:
    if understood.packages is None:
        return
    # = rfc6665:4.2.1.1/2
    event = request.headers.first(EVENT)
    owed = _listed("Allow-Events", understood.packages) if understood.packages else ()
    if event is None and request.method == "SUBSCRIBE":
        # = rfc6665:3.1.2/1
        # = rfc6665:4.2.3/2
        raise BadEvent("SUBSCRIBE without it", where="Event", headers=owed)
    if event is not None and event.package.lower() not in understood.packages:
        # = rfc6665:4.2.1.1/3
        raise BadEvent(f"the event package {event.package[:40]} is not understood", where="Event", headers=owed)


def _content(request: Request, understood: Understood) -> None:
    if len(request.body) > understood.largest_body:
        raise RequestEntityTooLarge(f"longer than {understood.largest_body} octets", where="body")
    headers = request.headers
    # = rfc3261:8.2.3/1
    # = rfc3261:20.11/2
    if not request.body or any(_optional(each) for each in _readable(request, CONTENT_DISPOSITION)):
        return
    media_type = headers.one(CONTENT_TYPE)
    # What an INFO of a package may carry is known to the room that looks after packages, and is refused there.
    understands = request.method == "INFO" and "info-package" in headers
    if not (understands or understood.reads(media_type)):
        # = rfc3261:8.2.3/2
        # = rfc3261:21.4/10
        owed = _listed("Accept", understood.media_types)
        raise UnsupportedMediaType(f"{media_type.name[:80]} is not understood", where="Content-Type", headers=owed)
    if any(coding.lower() not in understood.encodings for coding in headers.all(CONTENT_ENCODING)):
        # = rfc3261:8.2.3/3
        owed = _listed("Accept-Encoding", understood.encodings)
        raise UnsupportedMediaType("the encoding is not understood", where="Content-Encoding", headers=owed)
    languages = understood.languages
    if languages is not None and any(tag.lower() not in languages for tag in _readable(request, CONTENT_LANGUAGE)):
        # = rfc3261:8.2.3/4
        owed = _listed("Accept-Language", languages)
        raise UnsupportedMediaType("the language is not understood", where="Content-Language", headers=owed)


def _answer(request: Request, understood: Understood) -> None:
    writes = understood.writes
    if writes is None or "accept" not in request.headers:
        return
    ranges = _readable(request, ACCEPT, instead=[writes])
    # The range that says most about the type decides, and a q of 0 rules it out (RFC 2616, sections 3.9 and 14.1).
    # = rfc3261:20.1/0
    decides = max((each for each in ranges if each.admits(writes)), key=_precision, default=None)
    if decides is None or not (decides.parameters.get("q") or "1").strip("0."):
        raise NotAcceptable(f"{understood.writes} is not acceptable to the sender", where="Accept")


def _readable(request: Request, field: Field[T], instead: Sequence[T] = ()) -> Sequence[T]:
    """The values of a field that need not be there; where it is malformed it counts as absent, or as ``instead``."""
    try:
        values = request.headers.all(field)
        check_values(values)
    except BadRequest:
        # = rfc3261:8.2.2/2
        return instead
    return values


def _optional(disposition: Qualified) -> bool:
    return (disposition.parameters.get("handling") or "").lower() == "optional"


def _precision(media_range: MediaType) -> int:
    return (media_range.type_text != "*") + (media_range.subtype_text != "*")
