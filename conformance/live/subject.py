"""Who is judged: where the subject is reached, what it claims, with what it identifies itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

End = tuple[str, int]
"""An address: host (IPv6 without brackets) and port."""


def shown(end: End) -> str:
    """``192.0.2.1:5060`` or ``[2001:db8::1]:5060``."""
    host, port = end
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def bracketed(host: str) -> str:
    """A host as it stands in a URI, without a port."""
    return f"[{host}]" if ":" in host else host


def hostport(end: End) -> str:
    """The same as it stands in a URI."""
    return shown(end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Files for TLS, all in PEM."""

    authority: Path | None = None
    """Whom the harness trusts; nobody is verified where it is None."""
    certificate: Path | None = None
    key: Path | None = None
    folder: Path | None = None
    """Where the harness' own authority lies; None: there is none."""
    name: str = ""
    """The name that is asked for when a connection is opened; empty: that of the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSubject:
    """The subject as a scenario sees it."""

    address: End
    transport: str
    """``udp``, ``tcp`` or ``tls``."""
    roles: tuple[str, ...] = ("user-agent",)
    to: str = ""
    """The subject's address of record; empty: its address is used."""
    domain: str = ""
    """The domain that a registrar or proxy is responsible for; empty: its address."""
    user: str = ""
    """The user of the credentials."""
    password: str = field(default="", repr=False)
    certificates: Certificates = field(default_factory=Certificates)
    mutual: End | None = None
    """Where it asks who connects over TLS for a certificate."""

    @property
    def uri(self) -> str:
        """What a request for the subject has as Request-URI."""
        return self.to or f"sip:{hostport(self.address)}{self.parameters}"

    @property
    def aor(self) -> str:
        """The subject's address of record."""
        return self.to or f"sip:{hostport(self.address)}"

    @property
    def home(self) -> str:
        """The domain as it stands in a URI."""
        return self.domain or hostport(self.address)

    @property
    def parameters(self) -> str:
        """The URI parameter of the transport."""
        return "" if self.transport == "udp" else f";transport={self.transport}"
