"""User names: which are legal, and to which domains they belong (RFC 6940, section 11.3).

A user name goes into a certificate as rfc822Name, so it has the form ``local@domain`` in ASCII.  Accepted are a
dot-atom before the ``@`` and a DNS name behind it; neither quoted local parts nor address literals, which could carry
what others display or compare in another way.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from disco_ref.reload.enrollment.tokens import UsernameNotAvailable

LONGEST = 254
"""Octets of a user name, and of an account name."""

SIGNER = "configuration-signer"
"""Before the @, whoever signs configurations; nobody else has this name."""

# = rfc6940:11.3/20
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_USER_NAME = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_LONGEST_LOCAL = 64


def refuse_illegal_name(name: str) -> None:
    """UsernameNotAvailable where this is no legal user name."""
    where = "subjectAltName.rfc822Name"
    matched = _USER_NAME.fullmatch(name) if len(name) <= LONGEST else None
    # = rfc6940:11.3/20
    if matched is None:
        raise UsernameNotAvailable("no legal user name: expected local@domain in ASCII", where=where)
    if len(matched["local"]) > _LONGEST_LOCAL:
        raise UsernameNotAvailable(f"more than {_LONGEST_LOCAL} octets before the @", where=where)


def refuse_other_domain(name: str, domains: Collection[str]) -> None:
    """UsernameNotAvailable where a legal user name belongs to none of these domains."""
    # = rfc6940:11.3/21b
    if name.rpartition("@")[2].lower() not in {each.lower() for each in domains}:
        raise UsernameNotAvailable("a user name of another domain", where="subjectAltName.rfc822Name")


def refuse_reserved(name: str) -> None:
    """UsernameNotAvailable where a name is the server's own, in whatever domain."""
    # = rfc6940:11.3/21b
    if name.partition("@")[0].lower() == SIGNER:
        raise UsernameNotAvailable("a name of the server's own", where="subjectAltName.rfc822Name")


def refuse_illegal_account(name: str) -> None:
    """ValueError where an account cannot have this name: nothing, too much, or characters that cannot be seen."""
    # = rfc6940:11.3/8 silent: no preparation of strings; what the account's owner types is compared as it comes
    if not name or len(name.encode("utf-8", "replace")) > LONGEST or not name.isprintable() or name != name.strip():
        raise ValueError(f"an account name has 1 to {LONGEST} octets, all of them visible")
