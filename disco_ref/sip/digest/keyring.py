"""The client's side: credentials for the realms that ask for them, remembered for the requests that follow (RFC 3261, section 22).

A password that was rejected is not sent again for the same request (section 22.1), and a server that finds ever new reasons to
ask is given up after a few rounds.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from disco_ref.entropy import Entropy
from disco_ref.sip.digest.accounts import Account
from disco_ref.sip.digest.scheme import AUTH, INTEGRITY, Algorithm, Exchange, response, secret
from disco_ref.sip.header.field import Field
from disco_ref.sip.header.identity.cseq import CSEQ
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.security.authorization import (
    AUTHORIZATION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    WWW_AUTHENTICATE,
    Challenge,
    Credentials,
    parameter_text,
)
from disco_ref.sip.message import Request, Response
from disco_ref.sip.refusals import BadRequest

MOST_ROUNDS = 5
"""Challenges in a row to one request that are answered: as many as there are proxies, and a stale nonce now and then."""

MOST_CHALLENGES = 16
"""Challenges of one response that are looked at."""

_SIDES = ((WWW_AUTHENTICATE, AUTHORIZATION), (PROXY_AUTHENTICATE, PROXY_AUTHORIZATION))
_BARE = ("algorithm", "qop", "nc")


class _Asked(NamedTuple):
    """One challenge that can be answered."""

    realm: str
    nonce: str
    opaque: str | None
    algorithm: Algorithm
    named: str | None
    """The algorithm as the challenge names it."""
    qop: str | None
    stale: bool


class _Known:
    """A challenge answered before, with the count of its nonce."""

    __slots__ = ("asked", "count")

    def __init__(self, asked: _Asked) -> None:
        self.asked = asked
        self.count = 0


class Keyring:
    """The accounts of a client, with the challenges that it has met."""

    def __init__(self, accounts: Sequence[Account], entropy: Entropy, *, remembered: int = 256) -> None:
        self._accounts = tuple(accounts)
        self._entropy = entropy
        self._remembered = remembered
        self._known: OrderedDict[tuple[str, str, str], _Known] = OrderedDict()
        self._rounds: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """From the Call-ID to the CSeq of the last answer and how many came in a row."""

    def prepare(self, request: Request) -> Request:
        """The request with credentials for the realms that asked before: of this To, or for proxies of this call (22.2, 22.3)."""
        for _, field in _SIDES:
            scope = _scope(request, field)
            for key, known in [*self._known.items()]:
                if key[:2] == scope and (account := self._account(known.asked.realm)) is not None:
                    # = rfc3261:22.2/7
                    # = rfc3261:22.3/10
                    request = self._with(request, field, known, account)
        return request

    def answer(self, request: Request, response: Response) -> Request | None:
        """The request once more, with credentials and the next CSeq; None where there is nothing new to prove.

        ``request`` as it was sent; the answer has no Via.  None too where the password has been rejected, the account is missing,
        no challenge can be understood, or the rounds are at an end: the response then stands.
        """
        # = rfc3261:22.2/3
        # = rfc3261:22.3/5
        if response.status_code not in (401, 407) or not self._another_round(request):
            return None
        again, answered = request, False
        for challenge_field, field in _SIDES:
            for asked in _asked(response, challenge_field):
                account = self._account(asked.realm)
                if account is None:
                    continue
                known_as = (*_scope(request, field), asked.realm)
                if not asked.stale and _carries(request, field, asked.realm):
                    # = rfc3261:22.1/13
                    self._known.pop(known_as, None)
                    return None
                # = rfc3261:22.2/4
                # = rfc3261:22.3/7
                known = self._known[known_as] = _Known(asked)
                self._known.move_to_end(known_as)
                again, answered = self._with(again, field, known, account), True
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return _next(again) if answered else None

    def _another_round(self, request: Request) -> bool:
        call, number = request.headers.call_id, request.headers.cseq.number
        last, rounds = self._rounds.pop(call, (-1, 0))
        rounds = rounds + 1 if last == number else 1
        self._rounds[call] = number + 1, rounds
        if len(self._rounds) > self._remembered:
            self._rounds.popitem(last=False)
        return rounds <= MOST_ROUNDS

    def _account(self, realm: str) -> Account | None:
        exact = (each for each in self._accounts if each.realm == realm)
        return next(exact, None) or next((each for each in self._accounts if not each.realm), None)

    def _with(self, request: Request, field: Field[Credentials], known: _Known, account: Account) -> Request:
        """The request with credentials for one realm, in place of those it had."""
        known.count += 1
        realm = known.asked.realm
        made = self._credentials(request, known.asked, known.count, account)
        others = [each for each in request.headers.all(field) if each.parameters.get("realm") != realm]
        # = rfc3261:22.3/15
        # = rfc3261:22.3/16
        return request._replace(headers=request.headers.with_values(field, [*others, made]))

    def _credentials(self, request: Request, asked: _Asked, count: int, account: Account) -> Credentials:
        uri, nc, cnonce = str(request.request_uri), f"{count:08x}", self._entropy(8).hex()
        proof = secret(asked.algorithm, account.username, asked.realm, account.password)
        exchange = Exchange(request.method, uri, asked.nonce, asked.qop, nc, cnonce, request.body)
        # = rfc3261:22.4/3
        parameters: dict[str, str | None] = {
            "username": account.username,
            "realm": asked.realm,
            "nonce": asked.nonce,
            "uri": uri,
            "response": response(asked.algorithm, proof, exchange),
        }
        if asked.named is not None:
            parameters["algorithm"] = asked.named
        if asked.qop is not None:
            # = rfc3261:22.4/7
            # = rfc3261:22.4/5
            parameters |= {"qop": asked.qop, "nc": nc, "cnonce": cnonce}
        if asked.opaque is not None:
            parameters["opaque"] = asked.opaque
        return Credentials("Digest", parameter_text(parameters, _BARE))


def _scope(request: Request, field: Field[Credentials]) -> tuple[str, str]:
    """For what credentials are remembered: a To of a user agent server, a call through proxies."""
    # = rfc3261:22.3/9a
    if field is PROXY_AUTHORIZATION:
        return field.key, request.headers.call_id
    return field.key, request.headers.to.uri_text


def _carries(request: Request, field: Field[Credentials], realm: str) -> bool:
    return any(each.parameters.get("realm") == realm for each in request.headers.all(field))


def _asked(response: Response, field: Field[Challenge]) -> list[_Asked]:
    """Of each realm the first challenge that is understood (RFC 8760, section 2.4, as remembered)."""
    found: dict[str, _Asked] = {}
    try:
        challenges = response.headers.all(field)[:MOST_CHALLENGES]
    except BadRequest:
        return []
    for challenge in challenges:
        asked = _understood(challenge)
        # = rfc8760:2.4/0
        if asked is not None:
            found.setdefault(asked.realm, asked)
    return [*found.values()]


def _understood(challenge: Challenge) -> _Asked | None:
    # = rfc3261:22.4/2
    if challenge.scheme.lower() != "digest":
        return None
    try:
        given: Mapping[str, str | None] = challenge.parameters
    except BadRequest:
        return None
    algorithm = Algorithm.named(given.get("algorithm"))
    realm, nonce, offered = given.get("realm"), given.get("nonce"), given.get("qop")
    if algorithm is None or realm is None or not nonce:
        return None
    choices = [each.strip().lower() for each in offered.split(",")] if offered else []
    qop = next((each for each in (AUTH, INTEGRITY) if each in choices), None)
    if choices and qop is None:
        return None
    stale = (given.get("stale") or "").lower() == "true"
    return _Asked(realm, nonce, given.get("opaque"), algorithm, given.get("algorithm"), qop, stale)


def _next(request: Request) -> Request:
    """The request with the next CSeq and without Via: a new transaction."""
    headers = request.headers
    number = headers.cseq
    # = rfc3261:22.2/8
    return request._replace(
        headers=headers.with_values(VIA, []).with_values(CSEQ, [number._replace(number=number.number + 1)])
    )
