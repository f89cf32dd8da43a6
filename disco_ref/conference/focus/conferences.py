"""The conferences of a focus by name, and the URIs that lead to them (RFC 4353, section 4; RFC 4579, section 4; from memory)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from disco_ref.conference.focus.policy import Policy
from disco_ref.conference.focus.refusals import NoSuchConference, TooMany
from disco_ref.conference.focus.state import LABELS, Conference, Leg
from disco_ref.entropy import Entropy
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.sip.flow import Flow, Transport, numeric
from disco_ref.sip.header.addressing.contact import Contact
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.session.events import CallId
from disco_ref.sip.session.identity import EXTENSIONS, METHODS, Identity
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, Uri, sip_uri

ALLOWED = (*METHODS, "SUBSCRIBE", "NOTIFY", "REFER")
"""The methods of a focus."""
PACKAGES = "Allow-Events: conference, refer"
"""The packages of a focus."""

_WILDCARDS = ("0.0.0.0", "::")
_SPELLINGS = 64
"""Contacts that are kept made; beyond, they are made anew."""


class Conferences:
    """The store of all conferences, and the index from calls to them."""

    def __init__(self, policy: Policy, able: Capabilities, entropy: Entropy) -> None:
        self.policy = policy
        self.media = tuple(one.media for one in able.abilities if one.media in LABELS)
        self._entropy = entropy
        self._by_name: dict[str, Conference] = {}
        self._of_call: dict[CallId, Conference] = {}
        self._reserved = {one.name: one for one in policy.reserved}
        self._identities: dict[tuple[str, bool], Identity] = {}
        self._base = sip_uri("invalid")
        self._hosts: set[str] = set()
        self._ports: set[int] = set()
        self._strict = True

    def __len__(self) -> int:
        """How many there are."""
        return len(self._by_name)

    def __iter__(self) -> Iterator[Conference]:
        """Every conference."""
        return iter(self._by_name.values())

    @property
    def calls(self) -> int:
        """Calls in all conferences."""
        return len(self._of_call)

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the focus can be reached: what conference URIs are made of where the policy names no domain."""
        if not listening:
            return
        first = listening[0]
        transports = {one.transport for one in listening}
        parameter = "" if Transport.UDP in transports else f";transport={str(first.transport).lower()}"
        host, _, port = (self.policy.domain or first.sent_by).rpartition(":")
        if self.policy.domain and (not host or self.policy.domain.endswith("]")):
            host, port = self.policy.domain, ""
        self._base = SipUri("sip", None, None, host, port or None, parameter)
        named = [host, *(one.sent_by.rpartition(":")[0] for one in listening)]
        self._hosts = {*named, *(numeric(one) or one.lower() for one in named)}
        if any(one.address.host in _WILDCARDS or _loopback(one.address.host) for one in listening):
            # Every machine calls itself so, whatever else it is called.
            self._hosts.add("localhost")
        self._ports = {one.address.port for one in listening}
        self._strict = not any(one.address.host in _WILDCARDS for one in listening)

    def uri(self, name: str) -> SipUri:
        """The URI of the conference of this name."""
        return self._base._replace(user=name)

    def name_in(self, uri: Uri) -> str:
        """The user part that a Request-URI names; NoSuchConference where it is not one of this focus."""
        if not isinstance(uri, SipUri) or not uri.user:
            raise NoSuchConference("no conference URI", where="Request-URI")
        # A focus on every address of its machine does not know them all.
        if not self._is_here(uri.host) and (self._strict or numeric(uri.host) is None):
            raise NoSuchConference("another domain", where="Request-URI")
        return uri.user

    def is_own(self, uri: Uri) -> bool:
        """Whether a URI leads back to this focus: its domain, or where it listens."""
        if not isinstance(uri, SipUri):
            return False
        port = uri.port or (5061 if uri.scheme == "sips" else 5060)
        return self._is_here(uri.host) and port in self._ports | {self._base.port or 5060}

    def _is_here(self, host: str) -> bool:
        return host in self._hosts or (numeric(host) or host.lower()) in self._hosts

    def get(self, name: str) -> Conference | None:
        """The conference of this name; one that is reserved is there from its first mention."""
        found = self._by_name.get(name)
        if found is None and name in self._reserved:
            return self.begin(name)
        return found

    def named(self, name: str) -> Conference:
        """The same; NoSuchConference where there is none."""
        found = self.get(name)
        if found is None:
            raise NoSuchConference("no such conference", where="Request-URI")
        return found

    def begin(self, name: str) -> Conference:
        """A new conference; TooMany beyond the bound."""
        if len(self._by_name) >= self.policy.conferences:
            raise TooMany("no further conferences", retry_after=self.policy.retry_after)
        found = Conference(name, self.uri(name), self.policy.capacity, self.media, self._reserved.get(name))
        self._by_name[name] = found
        return found

    def fresh_name(self) -> str:
        """A name that nobody can guess."""
        return f"conf-{self._entropy(8).hex()}"

    def end(self, conference: Conference) -> None:
        """A conference is no more."""
        self._by_name.pop(conference.name, None)

    def of(self, call: CallId) -> tuple[Conference, Leg] | None:
        """The conference and the leg of a call that is under way or stands."""
        conference = self._of_call.get(call)
        return None if conference is None else (conference, conference.legs[call])

    def add(self, conference: Conference, leg: Leg) -> None:
        """A call begins."""
        self._of_call[leg.call] = conference
        conference.add(leg)

    def forget(self, call: CallId) -> None:
        """A call is over."""
        self._of_call.pop(call, None)

    def own_identity(self, *, of_call: bool = False) -> Identity:
        """Who the focus is where no conference is named."""
        uri = str(self._base._replace(user=self.policy.factory or None))
        lines = (PACKAGES,) if of_call else ()
        return Identity.of(uri, methods=ALLOWED, lines=lines)

    # = rfc4579:3.1/101
    # = rfc4579:4.3/101
    def identity(
        self, conference: Conference, called: Uri | None = None, flow: Flow | None = None, *, of_call: bool = True
    ) -> Identity:
        """Who the focus is in a dialog of this conference: its Contact is the conference URI with ``isfocus``.

        The URI is spelled as it was called, so that it leads where the caller can reach it, with the transport of the call.
        """
        contact = self._spelled(conference.name, called, flow)
        return self._identity(conference.uri, contact, of_call)

    def identity_of_name(self, name: str, called: Uri) -> Identity:
        """The same of a conference that is not there yet."""
        return self._identity(self.uri(name), self._spelled(name, called, None), True)

    def _spelled(self, name: str, called: Uri | None, flow: Flow | None) -> SipUri:
        if isinstance(called, SipUri):
            named = str(flow.transport) if flow is not None else called.parameters.get("transport") or "UDP"
            transport = "" if named.upper() == "UDP" else f";transport={named.lower()}"
            return SipUri("sip", name, None, called.host, called.port_text, transport)
        return self.uri(name)

    def _identity(self, uri: SipUri, contact: SipUri, of_call: bool) -> Identity:
        text = str(contact)
        found = self._identities.get((text, of_call))
        if found is None:
            if len(self._identities) >= _SPELLINGS:
                self._identities.clear()
            found = self._identities[text, of_call] = Identity(
                address=NameAddr(None, str(uri)),
                contact=Contact(None, text, ";isfocus"),
                methods=ALLOWED,
                extensions=EXTENSIONS,
                lines=(PACKAGES,) if of_call else (),
            )
        return found


def _loopback(host: str) -> bool:
    return host == "::1" or host.startswith("127.")
