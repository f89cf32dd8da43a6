"""The formats of SIP: ``sip.message``, ``sip.stream``, ``sip.uri``, ``sip.header``, ``sip.multipart`` (conformance/SUBJECT.md)."""

from disco_ref.shell.formats.sip.codec import FORMATS

__all__ = ["FORMATS"]
