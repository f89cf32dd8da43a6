"""Every header this reader knows: its name, its compact form, how often it stands, how it is read."""

from __future__ import annotations

from typing import Literal, NamedTuple

from conformance.lab.sip.deviation import LabRefusal, Misread
from conformance.lab.sip.header import address, parameterized, plain, route
from conformance.lab.sip.header.plain import Reader
from conformance.lab.sip.scanner import Scanner
from conformance.lab.sip.value import Json

Times = Literal["once", "list", "list or empty", "lines"]
"""``once``: one value in a message; ``list``: values parted by commas, on any number of lines;
``lines``: one value a line, never combined (RFC 3261, section 7.3.1)."""

_U32 = 2**32 - 1


class Header(NamedTuple):
    """One known header."""

    name: str
    """The long name as the specification spells it."""
    times: Times
    read: Reader


def _rows(times: Times, reader: Reader, names: str) -> list[Header]:
    return [Header(name, times, reader) for name in names.split()]


_HEADERS = [
    *_rows("once", address.tagged, "From To"),
    *_rows("once", address.address, "Reply-To Refer-To Referred-By"),
    *_rows("list", parameterized.with_q(address.contact), "Contact"),
    *_rows("list", address.route, "Route Record-Route Path"),
    *_rows("list", route.via, "Via"),
    *_rows("once", route.cseq, "CSeq"),
    *_rows("once", route.rack, "RAck"),
    *_rows("once", route.replaces, "Replaces"),
    *_rows("once", plain.number(2**63 - 1, "rfc3261:20.14/0"), "Content-Length"),
    *_rows("once", plain.number(255, "rfc3261:20.22/0"), "Max-Forwards"),
    *_rows("once", plain.number(_U32, "rfc3261:20.19/0"), "Expires"),
    *_rows("once", plain.number(_U32, "rfc3261:20.23/0"), "Min-Expires"),
    *_rows("once", plain.number(_U32, "rfc3262:7.1/0", lowest=1), "RSeq"),
    *_rows("list or empty", plain.word, "Allow Supported"),
    *_rows("list", plain.word, "Require Proxy-Require Unsupported Content-Encoding"),
    *_rows("list", parameterized.event_name, "Allow-Events"),
    *_rows("list", plain.language, "Content-Language"),
    *_rows("list", plain.call_identity, "In-Reply-To"),
    *_rows("list or empty", parameterized.package, "Recv-Info"),
    *_rows("once", plain.call_identity, "Call-ID"),
    *_rows("once", plain.line, "Subject Organization"),
    *_rows("once", plain.products, "Server User-Agent"),
    *_rows("once", plain.mime_version, "MIME-Version"),
    *_rows("once", plain.word, "Priority SIP-ETag SIP-If-Match"),
    *_rows("once", plain.date, "Date"),
    *_rows("list or empty", parameterized.media_range, "Accept"),
    *_rows("once", parameterized.media_type, "Content-Type"),
    *_rows("list or empty", parameterized.valued, "Accept-Encoding"),
    *_rows("list or empty", parameterized.language_range, "Accept-Language"),
    *_rows("once", parameterized.valued, "Content-Disposition Info-Package"),
    *_rows("once", parameterized.event, "Event"),
    *_rows("once", parameterized.subscription_state, "Subscription-State"),
    *_rows("list", address.resource, "Alert-Info Call-Info Error-Info"),
    *_rows("lines", parameterized.credentials, "Authorization Proxy-Authorization WWW-Authenticate Proxy-Authenticate"),
    *_rows("once", parameterized.authentication_info, "Authentication-Info"),
    *_rows("once", plain.retry_after, "Retry-After"),
    *_rows("once", plain.timestamp, "Timestamp"),
    *_rows("list", plain.warning, "Warning"),
]
HEADERS = {header.name.lower(): header for header in _HEADERS}
"""From the long name in lower case."""

COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type",
    "f": "from", "s": "subject", "k": "supported", "t": "to", "v": "via", "o": "event", "u": "allow-events",
    "r": "refer-to", "b": "referred-by",
}  # fmt: skip
"""From the compact form (RFC 3261 7.3.3, RFC 6665 8.4, RFC 3515 2.1, RFC 3892)."""


def long_name(name: str) -> str:
    """The long name in lower case of a header as it is spelled in a message."""
    lower = name.lower()
    return COMPACT.get(lower, lower)


def read_values(name: str, text: str) -> list[Json]:
    """All values of one header line in the normal form; raises Misread."""
    header = HEADERS.get(long_name(name))
    if header is None:
        return [text]
    scanner = Scanner(text)
    scanner.space()
    if scanner.done and header.times == "list or empty":
        return []
    values = [header.read(scanner)]
    while header.times.startswith("list") and scanner.mark(","):
        values.append(header.read(scanner))
    scanner.end()
    if "*" in values and len(values) > 1 and header.name == "Contact":
        raise Misread("'*' stands with other contacts", 0, "rfc3261:20.10/0")
    return values


def decode_header(name: str, value: bytes) -> Json:
    """The format ``sip.header``: a field's value, always an array; raises LabRefusal."""
    try:
        return read_values(name, unfold(value))
    except Misread as fault:
        raise LabRefusal(fault.what, where=f"{name} at character {fault.at}", status=400) from None


def unfold(value: bytes) -> str:
    """A field's value as text: folds become one space, octets that are not UTF-8 lone surrogates."""
    text = value.decode("utf-8", "surrogateescape")
    if "\n" in text or "\r" in text:
        text = _unfolded(text)
    return text.strip(" \t")


def _unfolded(text: str) -> str:
    first, *others = text.split("\r\n")
    for other in others:
        # Only a line that begins with white space continues the one before it.
        folded = other[:1] in (" ", "\t")
        first = first.rstrip(" \t") + " " + other.lstrip(" \t") if folded else first + "\r\n" + other
    return first
