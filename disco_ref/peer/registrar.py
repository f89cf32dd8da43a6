"""A registrar as an element: REGISTER for its domains, OPTIONS, and nothing else (RFC 3261, sections 10.3 and 11.2)."""

from __future__ import annotations

from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.sip.acceptance import Understood, refuse
from disco_ref.sip.actions import Action, Heard, RequestReceived, SendResponse, TimerPassed
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.digest.scheme import Algorithm
from disco_ref.sip.flow import Flow
from disco_ref.sip.message import Request
from disco_ref.sip.registration.bindings import Policy
from disco_ref.sip.registration.domains import Domains
from disco_ref.sip.registration.registrar import NotFound, Registrar
from disco_ref.sip.respond import new_tag, refused, respond
from disco_ref.sip.transport.listening import Listening

# = rfc3261:8.2.1/1
_UNDERSTOOD = Understood(
    methods=frozenset({"REGISTER", "OPTIONS", "CANCEL", "ACK"}),
    extensions=frozenset({"path"}),
    media_types=frozenset({"*/*"}),
)
# = rfc3261:11.2/2
_CAPABILITIES = (
    "Allow: OPTIONS, REGISTER",
    "Supported: path",
    "Accept: */*",
    "Accept-Encoding: identity",
    "Accept-Language: *",
)
"""What the element says of itself when it is asked."""


class RegistrarCore:
    """The core of a registrar."""

    def __init__(
        self,
        domains: Sequence[str],
        entropy: Entropy,
        *,
        accounts: Accounts | None = None,
        algorithms: Sequence[Algorithm] = tuple(Algorithm),
        policy: Policy | None = None,
        stores: bool = True,
        proxies: bool = False,
    ) -> None:
        """``domains``: none means the addresses where the element listens; see :class:`Registrar` for the rest.

        ``proxies``: the element is a proxy too, whose methods cannot be told.
        """
        self._names = tuple(domains)
        self._entropy = entropy
        self._accounts = accounts
        self._algorithms = tuple(algorithms)
        # = rfc3261:11.2/3
        self._capabilities = _CAPABILITIES[1:] if proxies else _CAPABILITIES
        self.nonces = Nonces(entropy)
        self.registrar = Registrar(
            Domains(domains), entropy, accounts=accounts, authenticator=self._guard(), policy=policy, stores=stores
        )

    def _guard(self) -> Authenticator | None:
        if self._accounts is None or not self._names:
            return None
        # = rfc3261:22.1/3
        # = rfc3261:22.1/4
        return Authenticator(self._names[0], self._accounts, self.nonces, algorithms=self._algorithms)

    @property
    def domains(self) -> Domains:
        """What the element is responsible for."""
        return self.registrar.domains

    def listens(self, listening: Sequence[Listening]) -> None:
        """Where the element can be reached; without a domain of its own, its addresses are its domains."""
        if not self._names:
            self._names = tuple(dict.fromkeys(each.sent_by.rpartition(":")[0] for each in listening))
        self.registrar.reached_at(Domains(self._names, listening), self._guard())

    def heard(self, event: Heard, now: Instant) -> list[Action]:
        """A request, or a timer of the registrar's; all else concerns nobody here."""
        if isinstance(event, TimerPassed):
            return self.registrar.heard(event, now)
        if not isinstance(event, RequestReceived):
            return []
        try:
            return self._request(event, now)
        except Refusal as refusal:
            response = refused(event.request, refusal, new_tag(self._entropy))
            return [] if response is None else [SendResponse(event.transaction, response)]

    def sheds(self, request: Request, flow: Flow, now: Instant) -> int | None:
        """Nothing: a registration is as cheap as a refusal."""
        return None

    def refused(self, refusal: Refusal, flow: Flow, now: Instant) -> list[Action]:
        """Nothing is to be done about octets that hold no message."""
        return []

    def _request(self, event: RequestReceived, now: Instant) -> list[Action]:
        request = event.request
        if request.method == "CANCEL":
            # = rfc3261:9.2/0
            status = 481 if event.cancels is None else 200
            return [SendResponse(event.transaction, respond(request, status, to_tag=new_tag(self._entropy)))]
        if request.method == "REGISTER" and request.request_uri in self.domains:
            return self.registrar.heard(event, now)
        refuse(request, _UNDERSTOOD)
        if request.request_uri not in self.domains or request.method == "REGISTER":
            # = rfc3261:10.3/8 exception: this element is no proxy
            raise NotFound("not a domain of this registrar", where="Request-URI")
        # = rfc3261:11.2/0
        answer = respond(request, 200, lines=self._capabilities, to_tag=new_tag(self._entropy))
        return [SendResponse(event.transaction, answer)]
