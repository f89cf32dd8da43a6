"""Who a user agent is in its messages, and what it wants from others (RFC 3261, sections 8.1.1 and 13.2.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from disco_ref.sip.flow import Flow, Hop
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.header.addressing.parties import To
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.message import Request
from disco_ref.sip.uri import Uri

METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "PRACK", "UPDATE")
"""What calls carry out by themselves."""
EXTENSIONS = ("100rel", "replaces")
"""The option-tags that calls understand (RFC 3262; RFC 3891)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The address of a user agent, its Contact with all parameters, and what it supports."""

    address: NameAddr
    """From of what it sends outside of dialogs, without tag."""
    contact: Contact
    """Where requests reach it, with its features such as ``isfocus``."""
    methods: tuple[str, ...] = METHODS
    """Allow."""
    extensions: tuple[str, ...] = EXTENSIONS
    """Supported."""
    lines: tuple[str, ...] = ()
    """Further header lines of INVITE and its responses, such as User-Agent or Allow-Events."""
    sips_contact: Contact = field(init=False)
    """The same Contact for calls by sips (sections 8.1.1.8 and 12.1.1)."""
    plain_lines: tuple[str, ...] = field(init=False)
    """Contact, Allow, Supported and the further lines."""
    sips_lines: tuple[str, ...] = field(init=False)
    """The same with the Contact for sips."""

    def __post_init__(self) -> None:
        """Writes the lines once."""
        text = self.contact.uri_text
        secure = self.contact._replace(uri_text="sips:" + text[4:]) if text[:4].lower() == "sip:" else self.contact
        object.__setattr__(self, "sips_contact", secure)
        # = rfc3261:13.2.1/1
        # = rfc3261:13.2.1/3
        # = rfc3261:13.3.1.4/1a
        # = rfc3262:4/2
        # = rfc3262:4/3
        # = rfc3311:4/1
        rest = (f"Allow: {', '.join(self.methods)}", f"Supported: {', '.join(self.extensions)}", *self.lines)
        object.__setattr__(self, "plain_lines", (f"Contact: {self.contact}", *rest))
        object.__setattr__(self, "sips_lines", (f"Contact: {secure}", *rest))

    def contact_lines(self, secure: bool) -> tuple[str, ...]:
        """Contact, Allow, Supported and more, for a dialog that is secure or not."""
        # = rfc3261:8.1.1.8/3
        # = rfc3261:12.1.1/4
        # = rfc3261:12.1.2/2
        # = rfc3261:12.2.1.1/18
        return self.sips_lines if secure else self.plain_lines


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
