"""The form of a certificate request, multipart/form-data, read and written (RFC 6940, section 11.3; RFC 2388)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Field,
    File,
    MultipartDecoder,
    NeedData,
)

LARGEST = 65536
"""Octets of a form."""
_MOST_PARTS = 16


class BadForm(Exception):
    """A body that is no form; the text says why."""


class Part(NamedTuple):
    """One parameter."""

    media_type: str
    """As its Content-Type says; ``text/plain`` where it has none."""
    octets: bytes


def read_form(body: bytes, content_type: str) -> dict[str, Part]:
    """The parameters by name; BadForm where the body is no form, or says something twice."""
    kind, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if kind != "multipart/form-data" or not 1 <= len(boundary) <= 70 or not boundary.isascii():
        raise BadForm("expected multipart/form-data with a boundary")
    try:
        return _parts(body, boundary.encode("ascii"))
    except (ValueError, RequestEntityTooLarge):
        raise BadForm("the parts of the form do not fit together") from None


def _parts(body: bytes, boundary: bytes) -> dict[str, Part]:
    decoder = MultipartDecoder(boundary, max_form_memory_size=LARGEST, max_parts=_MOST_PARTS)
    decoder.receive_data(body)
    found: dict[str, Part] = {}
    name = ""
    for _ in range(len(body) + 2):
        event = decoder.next_event()
        if isinstance(event, Field | File):
            name = event.name
            if name in found:
                raise ValueError("a parameter that stands twice")
            found[name] = Part(parse_options_header(event.headers.get("Content-Type", "text/plain"))[0].lower(), b"")
        elif isinstance(event, Data):
            found[name] = found[name]._replace(octets=found[name].octets + event.data)
        elif isinstance(event, Epilogue | NeedData):
            break
    if isinstance(event, NeedData):
        decoder.receive_data(None)
        event = decoder.next_event()
    if not isinstance(event, Epilogue):
        raise ValueError("it ends too early")
    return found


def write_form(parts: Sequence[tuple[str, Part]], boundary: str) -> bytes:
    """The body of a form; the boundary must not occur in it, so it is random."""
    written = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode("ascii")
        + f"Content-Type: {part.media_type}\r\n\r\n".encode("ascii")
        + part.octets
        + b"\r\n"
        for name, part in parts
    ]
    return b"".join([*written, f"--{boundary}--\r\n".encode("ascii")])
