"""The server's side: challenges, and credentials held against them (RFC 3261, sections 22.2 to 22.4)."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from disco_ref.clock import Instant
from disco_ref.errors import Unauthorized
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.digest.scheme import AUTH, INTEGRITY, Algorithm, Exchange, response
from disco_ref.sip.header.parameters import Parameters
from disco_ref.sip.header.security.authorization import (
    AUTHORIZATION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    WWW_AUTHENTICATE,
    Challenge,
    parameter_text,
)
from disco_ref.sip.message import Request
from disco_ref.sip.refusals import BadRequest, Owing

NEVER_CHALLENGED = frozenset({"ACK", "CANCEL"})
"""Methods that cannot be sent again with credentials (section 22.1)."""

MOST = 8
"""Credentials of one request that are looked at."""

_NEEDED = ("username", "nonce", "uri", "response")


class Unauthenticated(Owing, Unauthorized):
    """The sender has to prove who it is; owes the challenges (sections 21.4.2 and 21.4.8)."""

    status = 401


class ProxyUnauthenticated(Unauthenticated):
    """The same, said by a proxy."""

    status = 407


class Authenticator:
    """What challenges requests for one realm, as a user agent server or as a proxy."""

    def __init__(
        self,
        realm: str,
        accounts: Accounts,
        nonces: Nonces,
        *,
        algorithms: Sequence[Algorithm] = tuple(Algorithm),
        integrity: bool = False,
        proxy: bool = False,
    ) -> None:
        """``integrity`` offers ``auth-int`` besides ``auth``; the algorithms are challenged for in their order, the best first."""
        self.realm = realm
        self._accounts = accounts
        self._nonces = nonces
        self._algorithms = tuple(algorithms)
        self._qop = (AUTH, INTEGRITY) if integrity else (AUTH,)
        self._proxy = proxy

    def authenticate(self, request: Request, now: Instant) -> str:
        """The user who sent the request; Unauthenticated with fresh challenges where none is proved, BadRequest as for others."""
        stale = False
        # = rfc3261:22.1/1a
        # = rfc3261:22.3/1
        # = rfc3261:22.3/12 exception: a scheme without realm is never one of ours
        for credentials in request.headers.all(PROXY_AUTHORIZATION if self._proxy else AUTHORIZATION)[:MOST]:
            # = rfc3261:22.4/2
            # = rfc3261:22.3/11
            if credentials.scheme.lower() != "digest" or credentials.parameters.get("realm") != self.realm:
                continue
            given = credentials.parameters
            user = self._proved(request, given)
            if user is not None and self._unused(request, given, now):
                return user
            stale = stale or user is not None
        raise self._challenged("no credentials that prove a user", stale, now)

    def _proved(self, request: Request, given: Parameters) -> str | None:
        """The user whose password the sender knows, were the nonce good or not."""
        for name in _NEEDED:
            if not given.get(name):
                raise BadRequest("Digest without it", where=f"Authorization.{name}")
        algorithm = Algorithm.named(given.get("algorithm"))
        qop = given.get("qop")
        if algorithm not in self._algorithms or (qop is not None and qop.lower() not in self._qop):
            return None
        if qop is not None and not (given.get("nc") and given.get("cnonce")):
            # = rfc3261:22.4/8
            raise BadRequest("qop without nc and cnonce", where="Authorization.qop")
        username = given["username"] or ""
        secret = self._accounts.secret(algorithm, username, self.realm)
        expected = response(
            algorithm,
            secret or "",
            # = rfc3261:22.4/4 silent: the uri of the credentials need not be the Request-URI
            Exchange(
                request.method,
                given["uri"] or "",
                given["nonce"] or "",
                None if qop is None else qop.lower(),
                given.get("nc") or "",
                given.get("cnonce") or "",
                request.body,
            ),
        )
        same = hmac.compare_digest(expected.encode(), (given["response"] or "").lower().encode("utf-8", "replace"))
        return self._accounts.name_of(username) if same and secret is not None else None

    def _unused(self, request: Request, given: Parameters, now: Instant) -> bool:
        """Whether the nonce is good, and its count new."""
        nonce = given["nonce"] or ""
        # = rfc3261:22.4/1 silent: without a count a nonce is good for one request
        count = int(given.get("nc") or "1", 16) if given.get("qop") else 1
        headers = request.headers
        named = f"{headers.call_id} {headers.cseq}"
        return self._nonces.fresh(nonce, self.realm, now) and self._nonces.spend(nonce, count, named)

    def _challenged(self, why: str, stale: bool, now: Instant) -> Unauthenticated:
        nonce = self._nonces.make(self.realm, now)
        challenges = [str(self._challenge(each, nonce, stale)) for each in self._algorithms]
        # = rfc3261:22.2/2
        # = rfc3261:22.3/2
        # = rfc3261:22.1/1b
        name = PROXY_AUTHENTICATE.name if self._proxy else WWW_AUTHENTICATE.name
        kind = ProxyUnauthenticated if self._proxy else Unauthenticated
        return kind("the nonce is stale" if stale else why, headers=tuple((name, text) for text in challenges))

    def _challenge(self, algorithm: Algorithm, nonce: str, stale: bool) -> Challenge:
        parameters: dict[str, str | None] = {"realm": self.realm, "nonce": nonce}
        if stale:
            parameters["stale"] = "true"
        # = rfc3261:22.4/6
        parameters |= {"algorithm": algorithm.value, "qop": ",".join(self._qop)}
        return Challenge("Digest", parameter_text(parameters))
