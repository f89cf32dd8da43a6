"""A proxy with the registrar of its domains as one element (RFC 3261, sections 10.1 and 16)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.peer.registrar import RegistrarCore
from disco_ref.sip.actions import Action, Heard, RequestReceived, TimerPassed
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.scheme import Algorithm
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Request
from disco_ref.sip.proxy.preprocessing import preprocessed
from disco_ref.sip.proxy.proxy import Proxy
from disco_ref.sip.registration.bindings import Policy
from disco_ref.sip.registration.registrar import OWNER
from disco_ref.sip.transport.listening import Listening
from disco_ref.sip.uri import SipUri

MOST_OCTETS = 256 << 20
"""Of requests under way, with their copies; beyond, new ones get 503 too."""


class ProxyCore:
    """The core of a proxy that knows its users by their registrations."""

    def __init__(
        self,
        domains: Sequence[str],
        entropy: Entropy,
        *,
        accounts: Accounts | None = None,
        algorithms: Sequence[Algorithm] = tuple(Algorithm),
        policy: Policy | None = None,
        stores: bool = True,
        challenges: bool = False,
        recurses: bool = False,
        most: int = 20_000,
        retry_after: int = 5,
        route: Sequence[str] = (),
        redirects: bool = False,
    ) -> None:
        """``challenges``: users of the domains have to prove who they are in other requests than REGISTER too.

        ``most``: requests under way; beyond, new ones get 503 with ``retry_after`` seconds.  ``route``: Route values of
        the proxies that everything passes on its way from here.  ``redirects``: requests are not forwarded but answered with 302.
        """
        self._own = RegistrarCore(
            domains, entropy, accounts=accounts, algorithms=algorithms, policy=policy, stores=stores, proxies=True
        )
        self.registrar = self._own.registrar
        self._accounts = accounts if challenges else None
        self._algorithms = tuple(algorithms)
        self._most = most
        self._retry_after = retry_after
        self.proxy = Proxy(
            self.registrar.domains, self.registrar, entropy, recurses=recurses, route=route, redirects=redirects
        )

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached: what Record-Route is made of."""
        self._own.listens(listening)
        domains = self._own.domains
        guard = None
        if self._accounts is not None and domains.names:
            guard = Authenticator(
                domains.names[0], self._accounts, self._own.nonces, algorithms=self._algorithms, proxy=True
            )
        self.proxy.reached_at(domains, listening, guard)

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """What the registrar or the proxy does about an event."""
        if isinstance(event, TimerPassed) and event.owner == OWNER:
            return self.registrar.heard(event, now)
        if isinstance(event, RequestReceived) and self._meant_for_us(event):
            return self._own.heard(event, now)
        return self.proxy.heard(event, now)

    def _meant_for_us(self, event: RequestReceived) -> bool:
        """Whether the element itself is the recipient: the registrar, or whoever answers OPTIONS."""
        # = rfc3261:10.3/8
        request = event.request
        if request.method not in ("REGISTER", "OPTIONS"):
            return False
        uri = preprocessed(request, self.proxy.domains, event.flow).request_uri
        if uri not in self.proxy.domains:
            return False
        return request.method == "REGISTER" or (isinstance(uri, SipUri) and uri.user is None)

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Whether too much is under way for a request that begins something new."""
        full = len(self.proxy) >= self._most or self.proxy.octets >= MOST_OCTETS
        return self._retry_after if full else None

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Nothing is to be done about octets that hold no message."""
        return []
