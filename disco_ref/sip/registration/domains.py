"""What an element is responsible for, and by which URIs it is meant itself (RFC 3261, sections 10.3, 16.4 and 16.5)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from disco_ref.sip.flow import Transport, numeric
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri, Uri

_DEFAULT_PORTS = frozenset({5060, 5061})


def port_of(uri: SipUri) -> int:
    """The port that a URI means, the default of its scheme and transport where it names none."""
    if uri.port is not None:
        return uri.port
    secure = uri.scheme == "sips" or (uri.parameters.get("transport") or "").lower() == "tls"
    return (Transport.TLS if secure else Transport.UDP).default_port


class Domains:
    """The domains of an element, and the addresses where it listens."""

    __slots__ = ("_hosts", "_ports", "_sent", "names")

    def __init__(self, names: Sequence[str], listening: Sequence[Listening] = ()) -> None:
        self.names = tuple(name.lower() for name in names)
        """The domains, the first of which stands for the bare addresses of the element as well."""
        self._sent = {each.sent_by.lower() for each in listening}
        self._sent |= {str(each.address).lower() for each in listening}
        self._hosts = {sent.rpartition(":")[0] for sent in self._sent}
        self._ports = frozenset(each.address.port for each in listening)

    def __contains__(self, uri: Uri) -> bool:
        """Whether the element is responsible for a URI."""
        return self.home(uri) is not None

    def home(self, uri: Uri) -> str | None:
        """The domain that a URI belongs to; None where the element is not responsible for it."""
        if not isinstance(uri, SipUri):
            return None
        host = uri.host.lower().removesuffix(".")
        # = rfc3261:16.5/2a silent: a domain with the port where the element listens is the domain
        if host in self.names and (uri.port is None or uri.port in self._ports_of(host)):
            return host
        return self.names[0] if self.names and self.reached_by(uri) else None

    def reached_by(self, uri: Uri) -> bool:
        """Whether a URI leads to the element itself: an address of its own, or a domain of its own at a port of its own."""
        if not isinstance(uri, SipUri):
            return False
        host, port = uri.host.lower(), port_of(uri)
        return f"{host}:{port}" in self._sent or (host in self.names and port in self._ports_of(host))

    def _ports_of(self, host: str) -> frozenset[int]:
        """The ports at which a domain is this element: of a name the default ones too, of an address only where it listens."""
        return self._ports if numeric(host) else self._ports | _DEFAULT_PORTS

    def responsible_for_host(self, host: str) -> bool:
        """Whether a bare host, such as that of ``maddr``, is one of the element's."""
        # = rfc3261:16.4/4
        return host.lower() in self.names or host.lower() in self._hosts

    def address_of_record(self, uri: Uri) -> str | None:
        """The canonical form of an address-of-record, ``alice@example.com``: what bindings are kept under.

        None where the element is not responsible for it, or it names no user.
        """
        home = self.home(uri)
        # = rfc3261:10.3/14
        if home is None or not isinstance(uri, SipUri) or uri.user is None:
            return None
        # = rfc3261:10.3/15
        # = rfc3261:10.3/16a
        # = rfc3261:10.3/16b
        # = rfc3261:16.5/4
        # = rfc3261:10.3/0 silent: the sips and the sip URI of a user are one address-of-record
        return f"{unquote_to_bytes(uri.user).decode('utf-8', 'replace')}@{home}"
