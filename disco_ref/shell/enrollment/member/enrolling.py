"""How a member comes to its credentials and keeps them: configuration, key, certificate (RFC 6940, sections 11.1 to 11.3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.reload.enrollment.credentials import accept_certificate, self_signed
from disco_ref.reload.enrollment.issuing import lasting
from disco_ref.reload.enrollment.naming import refuse_illegal_name
from disco_ref.reload.enrollment.request import make_request
from disco_ref.shell.enrollment.member.agent import NotEnrolled, Place, place
from disco_ref.shell.enrollment.member.client import Client
from disco_ref.shell.enrollment.member.discovery import Lookup, discover
from disco_ref.shell.enrollment.member.wallet import OWN, Stored, Wallet

SELF_SIGNED_LIFETIME = Duration(365 * 86400.0)


class Wish(NamedTuple):
    """What somebody wants to have."""

    overlay: str
    """The overlay name."""
    url: str | None = None
    """Where its configuration is; None: the DNS says."""
    account: str | None = None
    """The name of the account at the enrolment server."""
    password: bytes = b""
    user_name: str | None = None
    """A user name other than the account's own, such as that of a conference."""
    node_ids: int = 1
    """How many Node-IDs are needed."""
    self_signed: bool = False
    """Whether to issue the certificate oneself, also where there is an enrolment server."""

    @property
    def identity(self) -> str:
        """What the identity is called in the wallet."""
        return OWN if self.user_name is None or self.account is None else self.user_name


class Enrolling:
    """Fetches and judges, and puts what is good into the wallet."""

    def __init__(
        self,
        client: Client,
        wallet: Wallet,
        wish: Wish,
        now: Callable[[], Instant],
        entropy: Entropy,
        lookup: Lookup | None = None,
    ) -> None:
        self._client, self._wallet, self.wish, self._now, self._entropy = client, wallet, wish, now, entropy
        self._lookup = lookup

    async def configuration(self) -> Configuration:
        """The newest configuration, kept; NotEnrolled or a Refusal where none can be used."""
        places = await discover(self.wish.overlay, self.wish.url, self._lookup, self._entropy)
        document = await self._first_answer(places)
        return self._wallet.take(document, self.wish.overlay, self._now())

    async def _first_answer(self, places: list[Place]) -> bytes:
        failed = NotEnrolled(f"{self.wish.overlay}: the DNS says that there is no configuration server")
        for each in places:
            try:
                return await self._client.configuration(each)
            except NotEnrolled as failure:
                failed = failure
        raise failed

    async def certificate(self, configuration: Configuration) -> Stored:
        """A new certificate for the key at hand, kept; the same Node-IDs as before where the server remembers them."""
        wish, key, now = self.wish, self._wallet.key(self.wish.identity), self._now()
        if wish.user_name is not None:
            refuse_illegal_name(wish.user_name)
        # = rfc6940:11.3/1
        # = rfc6940:11.3.1/1 exception: where there is an enrolment server as well, it is asked unless somebody chose otherwise
        if wish.self_signed or not configuration.enrollment_server:
            validity = lasting(now, SELF_SIGNED_LIFETIME)
            issued = self_signed(key, configuration, wish.user_name, wish.node_ids, validity, self._entropy)
        else:
            issued = await self._issued(configuration, make_request(key, wish.user_name))
            accept_certificate(issued, key.public_key(), configuration, wish.user_name, now)
        self._wallet.keep(key, issued, wish.identity)
        stored = self._wallet.stored(configuration, wish.identity)
        assert stored is not None
        return stored

    async def _issued(self, configuration: Configuration, csr: bytes) -> bytes:
        wish = self.wish
        if wish.account is None:
            raise NotEnrolled("this overlay has an enrolment server: name your account with --user NAME")
        failed = NotEnrolled("no enrolment server")
        for url in configuration.enrollment_server:
            # = rfc6940:11.3/2
            # = rfc6940:11.3/3
            # = rfc6940:11.3/4
            where = place(url, wish.overlay)
            try:
                return await self._client.certificate(where, wish.account, wish.password, csr, wish.node_ids)
            except NotEnrolled as failure:
                if failure.token:
                    raise
                failed = failure
        raise failed

    async def enrol(self) -> tuple[Configuration, Stored]:
        """The newest configuration and a certificate: the one at hand where it is still good, else a new one."""
        configuration = await self.configuration()
        stored = self._wallet.stored(configuration, self.wish.identity)
        if stored is None or not self._good(stored, configuration):
            stored = await self.certificate(configuration)
        return configuration, stored

    def _good(self, stored: Stored, configuration: Configuration) -> bool:
        """Whether a certificate has as many Node-IDs as needed, is not about to end, and chains to a root of today."""
        certificate, now = stored.certificate, self._now()
        since = certificate.x509.not_valid_before_utc.timestamp()
        if len(certificate.node_ids) != self.wish.node_ids or now > since + (stored.until - since) * 0.5:
            return False
        if certificate.self_signed:
            return self.wish.self_signed or not configuration.enrollment_server
        try:
            accept_certificate(certificate.der, stored.key.public_key(), configuration, self.wish.user_name, now)
        except Refusal:
            return False
        return True
