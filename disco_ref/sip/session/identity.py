"""Who a user agent is in its messages, and what it wants from others (RFC 3261, sections 8.1.1 and 13.2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from disco_ref.sip.flow import Flow, Hop, Transport
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.header.addressing.parties import To
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import BadRequest
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, Uri, read_uri

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "PRACK", "UPDATE")
"""What calls carry out by themselves."""
EXTENSIONS = ("100rel", "replaces")
"""The option-tags that calls understand (RFC 3262; RFC 3891)."""


class Way(NamedTuple):
    """How messages come and go: what decides which Contact leads back."""

    transport: Transport
    ipv6: bool


def way_of(flow: Flow) -> Way:
    """The way of a flow."""
    return Way(flow.transport, ":" in flow.local.host)


def way_to(uri: Uri) -> Way:
    """The way that a URI asks for by itself (RFC 3263, section 4.1)."""
    if not isinstance(uri, SipUri):
        return Way(Transport.UDP, False)
    try:
        name = "TLS" if uri.scheme == "sips" else (uri.parameters.get("transport") or "UDP").upper()
    except BadRequest:
        name = "UDP"
    return Way(Transport(name) if name in Transport.__members__ else Transport.UDP, uri.host.startswith("["))


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The address of a user agent, its Contact with all parameters, and what it supports."""

    address: NameAddr
    """From of what it sends outside of dialogs, without tag."""
    contact: Contact
    """Where requests reach it, with its features such as ``isfocus``."""
    contacts: Mapping[Way, Contact] = field(default_factory=dict)
    """Where requests reach it that come otherwise; what is not there is the contact with the transport in its URI."""
    methods: tuple[str, ...] = METHODS
    """Allow."""
    extensions: tuple[str, ...] = EXTENSIONS
    """Supported."""
    lines: tuple[str, ...] = ()
    """Further header lines of INVITE and its responses, such as User-Agent or Allow-Events."""
    _rest: tuple[str, ...] = field(init=False)
    _lines: dict[tuple[bool, Way | None], tuple[str, ...]] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        """Writes the lines once."""
        # = rfc3261:8.1.1.9/1
        # = rfc3261:8.1.1.9/2
        # = rfc3261:13.2.1/1
        # = rfc3261:13.2.1/3
        # = rfc3261:13.3.1.4/1a
        # = rfc3262:4/2
        # = rfc3262:4/3
        # = rfc3311:4/1
        rest = (f"Allow: {', '.join(self.methods)}", f"Supported: {', '.join(self.extensions)}", *self.lines)
        object.__setattr__(self, "_rest", rest)

    @classmethod
    def of(cls, uri: str, *, methods: tuple[str, ...] = METHODS, lines: tuple[str, ...] = ()) -> Identity:
        """Of a URI: address, and Contact too until it is known where an element listens (:meth:`at`)."""
        return cls(address=NameAddr(None, uri), contact=Contact(None, uri), methods=methods, lines=lines)

    def at(self, listening: Sequence[Listening]) -> Identity:
        """The same, reached where an element listens: the first address is the contact, the first of each way its own."""
        if not listening:
            return self
        uri = read_uri(self.contact.uri_text)
        user = f"{uri.user}@" if isinstance(uri, SipUri) and uri.user else ""
        found: dict[Way, Contact] = {}
        for each in listening:
            tail = "" if each.transport is Transport.UDP else f";transport={each.transport.lower()}"
            contact = self.contact._replace(uri_text=f"sip:{user}{each.sent_by}{tail}")
            found.setdefault(Way(each.transport, each.ipv6), contact)
        return replace(self, contact=next(iter(found.values())), contacts=found)

    def contact_by(self, secure: bool = False, way: Way | None = None) -> Contact:
        """The Contact for a dialog that is secure or not, and goes some way."""
        contact = self.contact if way is None else self.contacts.get(way) or _by(self.contact, way.transport)
        # = rfc3261:8.1.1.8/3
        # = rfc3261:12.1.1/4
        # = rfc3261:12.1.2/2
        # = rfc3261:12.2.1.1/18
        text = contact.uri_text
        if not secure or text[:4].lower() != "sip:":
            return contact
        return contact._replace(uri_text="sips:" + text[4:].replace(";transport=tls", "").replace(";transport=udp", ""))

    def contact_lines(self, secure: bool = False, way: Way | None = None) -> tuple[str, ...]:
        """Contact, Allow, Supported and more, for a dialog that is secure or not, and goes some way."""
        lines = self._lines.get((secure, way))
        if lines is None:
            lines = self._lines[secure, way] = (f"Contact: {self.contact_by(secure, way)}", *self._rest)
        return lines


def _by(contact: Contact, transport: Transport) -> Contact:
    """A Contact that says its transport, unless it does already or needs not."""
    text = contact.uri_text
    if transport is Transport.UDP or text[:4].lower() != "sip:" or ";transport=" in text or "?" in text:
        return contact
    return contact._replace(uri_text=f"{text};transport={transport.lower()}")


class Invitation(NamedTuple):
    """An INVITE to send outside of any dialog (section 13.2.1)."""

    target: Uri
    """The Request-URI."""
    body: bytes = b""
    """The offer; empty: the other side makes it (late offer)."""
    to: To | None = None
    """To without tag; None: the target."""
    identity: Identity | None = None
    """None: that of the user agent."""
    route: tuple[Route, ...] = ()
    """The proxies to pass, such as an outbound proxy (section 8.1.1.1)."""
    lines: tuple[str, ...] = ()
    """Further header lines: Replaces, Referred-By, Subject, Require ..."""
    expires: int | None = None
    """Seconds after which the invitation is given up; None: never."""
    again: Request | None = None
    """The INVITE that failed, whose From, To, Call-ID and CSeq go on (sections 8.1.3.4 and 8.1.3.5)."""
    flow: Flow | None = None
    """The connection to prefer."""
    hops: tuple[Hop, ...] = ()
    """Where it goes; empty: by location."""
