"""One SIP message, read leniently into its parts, with every deviation noted (RFC 3261, section 7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from conformance.lab.sip.deviation import Deviation, Misread, Status
from conformance.lab.sip.header.table import HEADERS, long_name, read_values, unfold
from conformance.lab.sip.value import Json, number_at, text_at

MANDATORY = ("via", "from", "to", "call-id", "cseq")
"""The headers of every request and response (RFC 3261, section 8.1.1); Max-Forwards is judged by a check."""
NOT_NEEDED = frozenset(
    {
        "accept-language", "alert-info", "call-info", "content-language", "date", "error-info", "in-reply-to", "organization",
        "priority", "reply-to", "server", "subject", "timestamp", "user-agent", "warning",
    }
)  # fmt: skip
"""Headers that nothing depends on: a receiver ignores them where they are malformed (RFC 3261, section 8.2.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One header line."""

    name: str
    """The long name in lower case."""
    spelled: str
    """The name as it stands in the message."""
    text: str
    """The value on one line."""
    values: tuple[Json, ...] | None
    """In the normal form, None where the value does not follow its grammar."""


@dataclass(slots=True, kw_only=True)
class Message:
    """A request or a response as it was received."""

    received: bytes
    """The octets of the message, without what follows it."""
    method: str | None = None
    """None for a response."""
    request_uri: str = ""
    version: str = ""
    status: int | None = None
    """None for a request."""
    reason: str = ""
    fields: list[Field] = field(default_factory=list)
    body: bytes = b""
    deviations: list[Deviation] = field(default_factory=list)

    @property
    def is_request(self) -> bool:
        """Whether this is a request."""
        return self.method is not None

    @property
    def title(self) -> str:
        """The first line in short: ``INVITE sip:bob@example.com`` or ``200 OK``."""
        return f"{self.method} {self.request_uri}" if self.is_request else f"{self.status} {self.reason}".rstrip()

    def values(self, name: str) -> list[Json]:
        """All readable values of a header, in order; its lines combined."""
        return [value for entry in self.fields if entry.name == name for value in entry.values or ()]

    def first(self, name: str) -> Json:
        """The first readable value of a header, None where there is none."""
        found = self.values(name)
        return found[0] if found else None

    def lines(self, name: str) -> list[str]:
        """The text of every line of a header."""
        return [entry.text for entry in self.fields if entry.name == name]

    def has(self, name: str) -> bool:
        """Whether a header stands in the message, readable or not."""
        return any(entry.name == name for entry in self.fields)

    @property
    def call_id(self) -> str | None:
        """The Call-ID."""
        return text_at(self.first("call-id"))

    @property
    def cseq(self) -> tuple[int, str] | None:
        """Sequence number and method."""
        value = self.first("cseq")
        number, method = number_at(value, "number"), text_at(value, "method")
        return (number, method) if number is not None and method is not None else None

    @property
    def branch(self) -> str | None:
        """The branch of the topmost Via."""
        return text_at(self.first("via"), "parameters", "branch")

    @property
    def from_tag(self) -> str | None:
        """The tag of From."""
        return text_at(self.first("from"), "parameters", "tag")

    @property
    def to_tag(self) -> str | None:
        """The tag of To."""
        return text_at(self.first("to"), "parameters", "tag")

    @property
    def owed(self) -> Status | None:
        """The status for the first deviation that a strict receiver refuses, None for a good message."""
        for deviation in self.deviations:
            if deviation.refused:
                return deviation.status if self.is_request else "drop"
        return None

    def note(self, clause: str, what: str, where: str, *, refused: bool = True, status: Status = 400) -> None:
        """Keep a deviation."""
        self.deviations.append(Deviation(clause, what, where, refused, status))


def read_headers(message: Message, lines: list[bytes]) -> None:
    """The header lines, each already unfolded into one element of the list."""
    for number, line in enumerate(lines, 1):
        name, colon, value = line.partition(b":")
        spelled = name.rstrip(b" \t").decode("utf-8", "surrogateescape")
        where = spelled if colon else f"header line {number}"
        if not colon or not _is_name(name.rstrip(b" \t")):
            message.note("rfc3261:7.3.1/0", "not a header: no name and colon", f"header line {number}")
            continue
        _read_field(message, spelled, value, where)
    _check_numbers(message)


def _is_name(name: bytes) -> bool:
    return bool(name) and name.isascii() and all(chr(octet).isalnum() or octet in b"-.!%*_+`'~" for octet in name)


def _read_field(message: Message, spelled: str, value: bytes, where: str) -> None:
    name = long_name(spelled)
    text = unfold(value)
    values: tuple[Json, ...] | None = None
    try:
        text, values = _known(name, text) if len(text) <= SHARED else _values(name, text)
    except Misread as fault:
        # = rfc3261:8.2.2/2
        message.note(fault.clause, fault.what, f"{where} at character {fault.at}", refused=name not in NOT_NEEDED)
    message.fields.append(Field(name=name, spelled=spelled, text=text, values=values))


SHARED = 256
"""Characters of a value up to which equal ones of different messages are kept once."""


def _values(name: str, text: str) -> tuple[str, tuple[Json, ...]]:
    _check_characters(name, text)
    return text, tuple(read_values(name, text))


_known = lru_cache(maxsize=4096)(_values)


def _check_characters(name: str, text: str) -> None:
    for place, character in enumerate(text):
        escaped = place > 0 and text[place - 1] == "\\" and character not in "\r\n"
        if not escaped and ((character < " " and character != "\t") or character == "\x7f"):
            raise Misread(f"character {ord(character):#x} stands in a header", place)
        if name in HEADERS and "\ud800" <= character <= "\udfff":
            raise Misread("an octet that is not UTF-8", place)


def _check_numbers(message: Message) -> None:
    for name in {entry.name for entry in message.fields}:
        header = HEADERS.get(name)
        if header and header.times == "once" and len(message.lines(name)) > 1:
            message.note("rfc3261:7.3.1/2", "stands more than once", header.name)
    for name in MANDATORY:
        if not message.has(name):
            message.note("rfc3261:8.1.1/1", "is missing", HEADERS[name].name)
    cseq = message.cseq
    if message.is_request and cseq and cseq[1] != message.method:
        message.note("rfc3261:8.1.1.5/1", f"names {cseq[1]}, the request is {message.method}", "CSeq")
