"""The formats of SIP: ``sip.message``, ``sip.stream``, ``sip.uri``, ``sip.header``, ``sip.multipart`` (conformance/SUBJECT.md)."""

from __future__ import annotations

from disco_ref.errors import Malformed
from disco_ref.shell.formats.fields import Fields
from disco_ref.shell.formats.format import Context, Format, Json
from disco_ref.shell.formats.sip.texts import Members, header_text, uri_text
from disco_ref.shell.formats.sip.values import header_value, uri_value
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.sip.framing import StreamFraming
from disco_ref.sip.grammar import is_token
from disco_ref.sip.header.block import Headers, unfolded
from disco_ref.sip.header.content.content_type import MediaType, media_type
from disco_ref.sip.header.field import AnyField
from disco_ref.sip.header.table import BY_KEY, key_of
from disco_ref.sip.message import Message, Request, Response, check, check_values, read
from disco_ref.sip.multipart import Multipart, Part, read_multipart, write_multipart
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.uri import read_uri


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _decode_message(name: str | None, octets: bytes, context: Context) -> Json:
    message = read(octets)
    check(message)
    headers: dict[str, Json] = {key: _values(message.headers, key) for key in message.headers}
    rest: dict[str, Json] = {"sip_version": message.sip_version.upper(), "headers": headers, "body": message.body.hex()}
    if isinstance(message, Request):
        return {"method": message.method, "request_uri": str(message.request_uri), **rest}
    return {"status_code": message.status_code, "reason_phrase": message.reason_phrase, **rest}


def _values(headers: Headers, key: str) -> Json:
    """The values of a field; where it is not known, or malformed and not needed, its rows as they are."""
    field = BY_KEY.get(key)
    if field is not None:
        try:
            return [header_value(key, value) for value in headers.any(field)]
        except BadRequest:
            if field.needed:
                raise
    return [*headers.texts(key)]


def _encode_message(name: str | None, value: Json, context: Context) -> bytes:
    fields = Members(value, "message")
    message = _message(fields)
    fields.finish()
    try:
        octets = bytes(message)
    except UnicodeEncodeError as unwritable:
        raise Malformed("a character that no encoding has", where="message") from unwritable
    check(read(octets))
    return octets


def _message(fields: Members) -> Message:
    headers = _headers(fields.inner("headers"))
    body, version = fields.octets("body"), fields.text("sip_version")
    status = fields.number_or_none("status_code")
    if status is not None:
        return Response(status, fields.text("reason_phrase"), headers, body, version)
    return Request(fields.text("method"), read_uri(fields.text("request_uri")), headers, body, version)


def _headers(fields: Members) -> Headers:
    lines: list[str] = []
    for key in fields.names():
        field = BY_KEY.get(key)
        texts = [header_text(key, each) for each in fields.array(key)]
        if not is_token(key):
            raise Malformed("no name of a header field", where=key[:80])
        for text in texts:
            if "\r" in text or "\n" in text:
                raise Malformed(f"a line end in a value: {text[:80]!r}", where=key[:80])
            # What nobody needs may be malformed: it was read as text, and is written as text.
            lines.append(f"{key if field is None else field.name}: {text}")
        if field is not None and not texts:
            lines.append(f"{field.name}:")
    return Headers(lines)


def _reencode_message(name: str | None, octets: bytes, context: Context) -> bytes:
    message = read(octets)
    check(message)
    return bytes(message)


def _decode_stream(name: str | None, octets: bytes, context: Context) -> Json:
    framing = StreamFraming()
    return {"messages": [message.hex() for message in framing.receive(octets)], "rest": framing.rest.hex()}


def _encode_stream(name: str | None, value: Json, context: Context) -> bytes:
    fields = Fields(value, "stream")
    try:
        messages = [bytes.fromhex(message) for message in fields.texts("messages")]
    except ValueError:
        raise Malformed("not hexadecimal digits", where="stream.messages") from None
    octets = b"".join(messages) + fields.octets("rest")
    fields.finish()
    if StreamFraming().receive(octets) != messages:
        raise Malformed("messages that would be read as others", where="stream.messages")
    return octets


def _reencode_stream(name: str | None, octets: bytes, context: Context) -> bytes:
    framing = StreamFraming()
    return b"".join(framing.receive(octets)) + framing.rest


def _decode_uri(name: str | None, octets: bytes, context: Context) -> Json:
    return uri_value(read_uri(_text(octets)))


def _encode_uri(name: str | None, value: Json, context: Context) -> bytes:
    uri = read_uri(uri_text(value))
    uri_value(uri)
    return str(uri).encode("utf-8")


def _reencode_uri(name: str | None, octets: bytes, context: Context) -> bytes:
    uri = read_uri(_text(octets))
    uri_value(uri)
    return str(uri).encode("utf-8")


def _field(name: str | None) -> AnyField:
    if name is None:
        raise Unsupported("header field", "")
    field = BY_KEY.get(key_of(name))
    if field is None:
        raise Unsupported("header field", name, BY_KEY)
    return field


def _row(octets: bytes) -> list[str]:
    """The text of a header field's value with each fold as one space."""
    return [unfolded(_text(octets)).strip(" \t")]


def _decode_header(name: str | None, octets: bytes, context: Context) -> Json:
    field = _field(name)
    return [header_value(field.key, value) for value in field.typed(_row(octets))]


def _encode_header(name: str | None, value: Json, context: Context) -> bytes:
    field = _field(name)
    if not isinstance(value, list):
        raise Malformed("not an array", where=field.name)
    text = ", ".join([header_text(field.key, each) for each in value])
    again = field.typed([text])
    check_values(again)
    if len(again) != len(value):
        raise Malformed(f"{len(value)} values that would be read as {len(again)}", where=field.name)
    return text.encode("utf-8", "surrogateescape")


def _reencode_header(name: str | None, octets: bytes, context: Context) -> bytes:
    field = _field(name)
    row = _row(octets)
    check_values(field.typed(row))
    return ", ".join(field.rewritten(row)).encode("utf-8", "surrogateescape")


def _content_type(name: str | None) -> MediaType:
    if name is None:
        raise Unsupported("Content-Type", "")
    return media_type(name)


def _decode_multipart(name: str | None, octets: bytes, context: Context) -> Json:
    found = read_multipart(_content_type(name), octets)
    return {"parts": [{"headers": {**part.headers}, "body": part.body.hex()} for part in found.parts]}


def _encode_multipart(name: str | None, value: Json, context: Context) -> bytes:
    fields = Members(value, "multipart")
    parts = tuple(_part(Members(each, "multipart.parts")) for each in fields.array("parts"))
    content_type = _content_type(name)
    try:
        octets = write_multipart(content_type, Multipart(parts))
    except ValueError as unwritable:
        raise Malformed(str(unwritable), where="multipart") from unwritable
    if [(each.headers, each.body) for each in read_multipart(content_type, octets).parts] != [
        (each.headers, each.body) for each in parts
    ]:
        raise Malformed("a part that would be read as another one", where="multipart.parts")
    return octets


def _part(fields: Members) -> Part:
    headers = fields.inner("headers")
    lines = tuple(f"{key}: {headers.text(key)}" for key in headers.names())
    return Part(lines, fields.octets("body"))


def _reencode_multipart(name: str | None, octets: bytes, context: Context) -> bytes:
    content_type = _content_type(name)
    return write_multipart(content_type, read_multipart(content_type, octets))


FORMATS: dict[str, Format] = {
    "sip.message": Format(_decode_message, _encode_message, _reencode_message),
    "sip.stream": Format(_decode_stream, _encode_stream, _reencode_stream),
    "sip.uri": Format(_decode_uri, _encode_uri, _reencode_uri),
    "sip.header": Format(_decode_header, _encode_header, _reencode_header),
    "sip.multipart": Format(_decode_multipart, _encode_multipart, _reencode_multipart),
}
