"""URIs and tags as they stand in messages (RFC 3261, section 19)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.seen import Seen
from conformance.lab.sip import Message
from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.uri import read_uri
from conformance.lab.sip.value import Json, has, pick, text_at

HEADERS = ("to", "from", "contact", "route", "record-route", "refer-to", "referred-by", "reply-to")
TELEPHONE = re.compile(r"\+[0-9][0-9.()-]*(;.*)?$")
"""A user part that is a global telephone number, which no plain name is."""
TOKEN_CHARACTERS = 72
"""Letters, digits and ``-.!%*_+`'~``: what a tag may be made of."""
SHORTEST_TAG = math.ceil(32 / math.log2(TOKEN_CHARACTERS))
"""Characters below which a tag cannot hold 32 bits, whatever it is made of."""
FIRST = ("isub", "postd")
"""Parameters of telephone numbers that come before the others, under their names in the grammar."""


def uris(evidence: Evidence) -> Iterator[tuple[Seen, str, Json]]:
    """Every SIP and SIPS URI of the judged messages with the place it stands in."""
    for event, message in evidence.judged:
        for place, uri in _uris_of(message):
            if text_at(uri, "scheme") in ("sip", "sips"):
                yield event, place, uri


def _uris_of(message: Message) -> Iterator[tuple[str, Json]]:
    if message.is_request:
        with suppress(Misread):  # which the grammar judges
            yield "Request-URI", read_uri(message.request_uri)
    for name in HEADERS:
        for value in message.values(name):
            yield name.title(), pick(value, "uri")


@check(
    "rfc3261/s19_1_1/no-password",
    "A URI has no password.",
    "rfc3261:19.1.1/4",
    needs="a SIP URI with a user",
    level="SHOULD",
)
def no_password(evidence: Evidence) -> Iterator[Ruling]:
    """The part behind the user."""
    for event, place, uri in uris(evidence):
        if text_at(uri, "user") is not None:
            good = text_at(uri, "password") is None
            yield rule(good, event, why="a password in clear text", expected="none", seen="one", place=place)


@check("rfc3261/s19_1_1/ttl-multicast", "The parameter ttl of a URI goes with a multicast maddr and UDP.", "rfc3261:19.1.1/9",
       needs="a SIP URI with ttl")  # fmt: skip
def ttl_multicast(evidence: Evidence) -> Iterator[Ruling]:
    """What maddr and transport say beside ttl."""
    for event, place, uri in uris(evidence):
        if has(uri, "parameters", "ttl"):
            maddr = text_at(uri, "parameters", "maddr") or ""
            transport = (text_at(uri, "parameters", "transport") or "").lower()
            seen = f"maddr {maddr or 'missing'}, transport {transport or 'missing'}"
            good = is_multicast(maddr) and transport in ("udp", "")
            yield rule(good, event, why="ttl without need", expected="a group, over UDP", seen=seen, place=place)


def is_multicast(host: str) -> bool:
    """Whether a host is the address of a group."""
    try:
        return ip_address(host.strip("[]")).is_multicast
    except ValueError:
        return False


@check("rfc3261/s19_1_1/user-phone", "A URI whose user is a telephone number says user=phone.", "rfc3261:19.1.1/10",
       needs="a SIP URI whose user is a global telephone number", level="SHOULD")  # fmt: skip
def user_phone(evidence: Evidence) -> Iterator[Ruling]:
    """Users that begin with ``+`` and a digit; plain digits may be a name as well."""
    for event, place, uri in uris(evidence):
        if TELEPHONE.match(text_at(uri, "user") or ""):
            got = text_at(uri, "parameters", "user")
            yield rule(got == "phone", event, why="not told", expected="user=phone", seen=got, place=place)


@check("rfc3261/s19_1_5/no-method", "A Request-URI has no parameter method.", "rfc3261:19.1.5/3", needs="a request to a SIP URI",
       role="user-agent-client")  # fmt: skip
def no_method(evidence: Evidence) -> Iterator[Ruling]:
    """Parameters of Request-URIs."""
    for event, place, uri in uris(evidence):
        if place == "Request-URI":
            good = not has(uri, "parameters", "method")
            seen = text_at(uri, "parameters", "method")
            yield rule(good, event, why="the method a second time", expected="none", seen=seen, place=place)


@check("rfc3261/s19_1_6/telephone-order", "Parameters of a telephone number in a user part are in lower case and in order.",
       "rfc3261:19.1.6/1", needs="a SIP URI whose user is a telephone number with parameters", level="SHOULD")  # fmt: skip
def telephone_order(evidence: Evidence) -> Iterator[Ruling]:
    """Subaddress and dialling afterwards come first, the others follow by name."""
    for event, place, uri in uris(evidence):
        user = text_at(uri, "user") or ""
        if TELEPHONE.match(user) and ";" in user:
            names = [part.partition("=")[0] for part in user.split(";")[1:]]
            lower = {name.lower() for name in names}
            wanted = [*(name for name in FIRST if name in lower), *sorted(lower - set(FIRST))]
            yield rule(names == wanted, event, why="order or case", expected=str(wanted), seen=names, place=place)


@check(
    "rfc3261/s19_3/tag-length",
    "A tag has room for 32 random bits.",
    "rfc3261:19.3/1",
    needs="a tag that its sender made",
)
def tag_length(evidence: Evidence) -> Iterator[Ruling]:
    """Tags of fewer than six characters, which cannot have it; how random the others are does not show.

    Whoever shows a tag first has made it: From of a request, To of a response.
    """
    known: set[str] = set()
    for event, message in evidence.sip:
        own = message.from_tag if message.is_request else message.to_tag
        new = own is not None and own not in known
        known |= {tag for tag in (message.from_tag, message.to_tag) if tag}
        if own and new and event.direction != "received":
            expected, seen = f"{SHORTEST_TAG} characters or more", f"{own!r}, {len(own)} characters"
            place = "From" if message.is_request else "To"
            yield rule(len(own) >= SHORTEST_TAG, event, why="too short", expected=expected, seen=seen, place=place)
