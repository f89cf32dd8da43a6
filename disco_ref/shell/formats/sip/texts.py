"""SIP values from JSON (conformance/SUBJECT.md): the text of URIs and of the values of header fields.

What is made here is read again by the grammar before it is written, so a value that the grammar cannot hold is refused there.
"""

from __future__ import annotations

from collections.abc import Callable

from disco_ref.errors import Malformed
from disco_ref.shell.formats.fields import Fields, read_all
from disco_ref.shell.formats.format import Json
from disco_ref.sip.grammar import is_token, quote
from disco_ref.sip.header import parameters
from disco_ref.sip.header.security.authorization import parameter_text

_ADDRESSES = frozenset(
    ["from", "to", "contact", "route", "record-route", "path", "reply-to", "refer-to", "referred-by"],
)
_IN_CREDENTIALS = ("algorithm", "nc", "qop")
_IN_CHALLENGE = ("algorithm", "stale")


class Members(Fields):
    """The members of an object some of whose members are named by the input: parameters, header fields."""

    def names(self) -> list[str]:
        """The names of all members."""
        return [*self._members]

    def pairs(self, name: str) -> parameters.Parameters:
        """An object of strings and nulls; absent counts as empty."""
        value = self._take(name)
        if value is None:
            return {}
        inner = Members(value, f"{self._where}.{name}")
        return read_all(inner, lambda _: {each: inner.text_or_none(each) for each in inner.names()})

    def inner(self, name: str) -> Members:
        """An object that must be there."""
        return Members(self._take(name), f"{self._where}.{name}")

    def array(self, name: str) -> list[Json]:
        """An array of anything."""
        return self._array(name)


def _tail(fields: Members) -> str:
    return parameters.text_of(fields.pairs("parameters"))


def _whole(fields: Members, write: Callable[[Members], str]) -> str:
    text = write(fields)
    fields.finish()
    return text


def uri_text(value: Json) -> str:
    """The text of a URI."""
    return _whole(Members(value, "uri"), _uri)


def _uri(fields: Members) -> str:
    scheme = fields.text("scheme")
    if scheme == "tel":
        return f"tel:{fields.text('number')}{_pairs(fields.pairs('parameters'), ';', ';')}"
    if scheme not in ("sip", "sips"):
        return f"{scheme}:{fields.text('opaque')}"
    user, password, port = fields.text_or_none("user"), fields.text_or_none("password"), fields.number_or_none("port")
    userinfo = "" if user is None else f"{user}@" if password is None else f"{user}:{password}@"
    hostport = fields.text("host") + ("" if port is None else f":{port}")
    headers = fields.pairs("headers")
    return f"{scheme}:{userinfo}{hostport}{_pairs(fields.pairs('parameters'), ';', ';')}{_pairs(headers, '?', '&')}"


def _pairs(pairs: parameters.Parameters, first: str, between: str) -> str:
    pieces = [name if value is None else f"{name}={value}" for name, value in pairs.items()]
    return first + between.join(pieces) if pieces else ""


def header_text(key: str, value: Json) -> str:
    """The text of one value of a header field."""
    try:
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return _whole(Members(value, key), _writer(key))
    except ValueError as unwritable:
        raise Malformed(str(unwritable), where=key) from unwritable


def _writer(key: str) -> Callable[[Members], str]:
    if key in _ADDRESSES:
        return _address
    return _WRITERS.get(key, _qualified)


def _address(fields: Members) -> str:
    display = fields.text_or_none("display_name")
    shown = "" if display is None else f"{display if display and is_token(display) else quote(display)} "
    return f"{shown}<{_whole(fields.inner('uri'), _uri)}>{_tail(fields)}"


def _credentials(fields: Members) -> str:
    return f"{fields.text('scheme')} {parameter_text(fields.pairs('parameters'), _IN_CREDENTIALS)}"


def _challenge(fields: Members) -> str:
    return f"{fields.text('scheme')} {parameter_text(fields.pairs('parameters'), _IN_CHALLENGE)}"


def _info(fields: Members) -> str:
    return parameter_text(fields.pairs("parameters"), _IN_CREDENTIALS)


def _via(fields: Members) -> str:
    port = fields.number_or_none("port")
    hop = f"{fields.text('protocol')}/{fields.text('transport')} {fields.text('host')}"
    return f"{hop}{'' if port is None else f':{port}'}{_via_tail(fields.pairs('parameters'))}"


def _via_tail(pairs: parameters.Parameters) -> str:
    received = pairs.get("received")
    if received is None or ":" not in received or received.startswith("["):
        return parameters.text_of(pairs)
    # = rfc3261:25.1/0
    return "".join(
        f";received={received}" if name == "received" else parameters.written(name, value)
        for name, value in pairs.items()
    )


def _cseq(fields: Members) -> str:
    return f"{fields.number('number')} {fields.text('method')}"


def _rack(fields: Members) -> str:
    return f"{fields.number('response_number')} {fields.number('cseq_number')} {fields.text('method')}"


def _media_type(fields: Members) -> str:
    return f"{fields.text('type')}/{fields.text('subtype')}{_tail(fields)}"


def _reference(fields: Members) -> str:
    return f"<{fields.text('uri')}>{_tail(fields)}"


def _event(fields: Members) -> str:
    return f"{fields.text('package')}{_tail(fields)}"


def _state(fields: Members) -> str:
    return f"{fields.text('state')}{_tail(fields)}"


def _replaces(fields: Members) -> str:
    return f"{fields.text('call_id')}{_tail(fields)}"


def _retry_after(fields: Members) -> str:
    comment = fields.text_or_none("comment")
    return f"{fields.number('seconds')}{'' if comment is None else f' ({comment})'}{_tail(fields)}"


def _timestamp(fields: Members) -> str:
    delay = fields.text_or_none("delay")
    return f"{fields.text('timestamp')}{'' if delay is None else f' {delay}'}"


def _warning(fields: Members) -> str:
    return f"{fields.number('code'):03} {fields.text('agent')} {quote(fields.text('text'))}"


def _qualified(fields: Members) -> str:
    return f"{fields.text('value')}{_tail(fields)}"


_WRITERS: dict[str, Callable[[Members], str]] = {
    "accept": _media_type,
    "alert-info": _reference,
    "authentication-info": _info,
    "authorization": _credentials,
    "call-info": _reference,
    "content-type": _media_type,
    "cseq": _cseq,
    "error-info": _reference,
    "event": _event,
    "proxy-authenticate": _challenge,
    "proxy-authorization": _credentials,
    "rack": _rack,
    "replaces": _replaces,
    "retry-after": _retry_after,
    "subscription-state": _state,
    "timestamp": _timestamp,
    "via": _via,
    "warning": _warning,
    "www-authenticate": _challenge,
}
