"""The enrolment office: what is issued to an account that has proved itself (RFC 6940, section 11.3).

An account has its own user name, and further ones for conferences: those that its operator gave it, and those that
it asked for first, as long as they are free, of a domain of the office, and not too many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.reload.enrollment.configuration import Configuration
from disco_ref.reload.enrollment.issuing import (
    Authority,
    Holder,
    issue,
    lasting,
    new_node_ids,
)
from disco_ref.reload.enrollment.naming import (
    refuse_illegal_name,
    refuse_other_domain,
    refuse_reserved,
)
from disco_ref.reload.enrollment.request import read_request, wanted_node_ids
from disco_ref.reload.enrollment.signing import context_of
from disco_ref.reload.enrollment.tokens import UsernameNotAvailable
from disco_ref.shell.enrollment.serving.accounts import AccountStore


class Policy(NamedTuple):
    """What an office gives."""

    lifetime: Duration = Duration(90 * 86400.0)
    """Seconds that a certificate holds."""
    most_node_ids: int = 8
    """Node-IDs of one certificate."""
    most_names: int = 16
    """User names that an account may take for itself beside its own; 0: only the operator gives them."""
    domains: tuple[str, ...] = ()
    """Domains of names that may be taken; none: the overlay name."""


class Office:
    """Issues certificates and keeps account of them."""

    def __init__(
        self,
        store: AccountStore,
        authority: Authority,
        configuration: Callable[[], Configuration],
        entropy: Entropy,
        policy: Policy,
    ) -> None:
        self._store, self._authority, self._entropy, self._policy = store, authority, entropy, policy
        self._configuration = configuration

    def password(self, account: str) -> str | None:
        """The hashed password of an account."""
        return self._store.password(account)

    def certify(self, account: str, csr: bytes, nodeids: str | None, now: Instant) -> bytes:
        """A certificate in DER for an account that has proved itself, or the refusal that holds the token."""
        count = wanted_node_ids(nodeids, self._policy.most_node_ids)
        request = read_request(csr)
        configuration = self._configuration()
        context = context_of(configuration)
        validity = lasting(now, self._policy.lifetime)
        with self._store.transaction():
            user_name = self._name(account, request.user_name, configuration.instance_name)
            node_ids = self._node_ids(user_name, count, configuration)
            holder = Holder(request.key, node_ids, user_name)
            issued = issue(self._authority, holder, validity, self._entropy, configuration.instance_name, context)
            self._store.keep_certificate(user_name, issued, validity.until)
        return issued

    def _name(self, account: str, wanted: str | None, overlay_name: str) -> str:
        """The user name that is given, taken for the account where it is free."""
        where = "subjectAltName.rfc822Name"
        names = self._store.names(account)
        if wanted is None:
            return names[0]
        refuse_illegal_name(wanted)
        refuse_reserved(wanted)
        owner = self._store.owner(wanted)
        if owner is not None:
            # = rfc6940:11.3/13
            if owner != (account, wanted):
                raise UsernameNotAvailable("the name is another account's, or written in another case", where=where)
            return wanted
        refuse_other_domain(wanted, self._policy.domains or (overlay_name,))
        if len(names) > self._policy.most_names:
            raise UsernameNotAvailable("the account has taken as many names as it may", where=where)
        self._store.give(account, wanted)
        return wanted

    def _node_ids(self, user_name: str, count: int, configuration: Configuration) -> tuple[bytes, ...]:
        """The Node-IDs that the name had before, without bad ones, and new ones where these do not suffice."""
        bad, length = configuration.bad_node, configuration.node_id_length
        # = rfc6940:11.3/19
        before = self._store.node_ids(user_name)
        # = rfc6940:11.1/19
        found = tuple(each for each in before if each not in bad and len(each) == length)[:count]
        added = new_node_ids(count - len(found), length, {*bad, *before}, self._entropy)
        self._store.keep_node_ids(user_name, added)
        return found + added
