"""What ``disco-ref enroll-server`` does to accounts, also while the server runs (RFC 6940, section 11.3)."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from contextlib import closing

from disco_ref.reload.enrollment.naming import (
    refuse_illegal_account,
    refuse_illegal_name,
    refuse_reserved,
)
from disco_ref.shell.enrollment.files import FilesLost
from disco_ref.shell.enrollment.serving.accounts import AccountStore
from disco_ref.shell.enrollment.serving.overlay import Misplaced, Overlay, now
from disco_ref.shell.enrollment.serving.passwords import Passwords

Action = Callable[[Overlay, argparse.Namespace], None]


def add_user(overlay: Overlay, parsed: argparse.Namespace) -> None:
    """A new account, whose own user name is the account's name in the overlay's domain."""
    (account,) = _words(parsed, "an account, such as alice")
    try:
        refuse_illegal_account(account)
    except ValueError as wrong:
        raise Misplaced(str(wrong)) from None
    user_name = account if "@" in account else f"{account}@{overlay.name}"
    refuse_illegal_name(user_name)
    refuse_reserved(user_name)
    kept = _hashed(_password(parsed, account))
    with closing(overlay.accounts()) as store:
        store.add(account, kept, user_name)
    overlay.say("added", f"{account} may enrol as {user_name}", account=account, user=user_name)


def set_password(overlay: Overlay, parsed: argparse.Namespace) -> None:
    """Another password for an account, also for one that was removed."""
    (account,) = _words(parsed, "an account")
    kept = _hashed(_password(parsed, account))
    with closing(overlay.accounts()) as store:
        if not store.change_password(account, kept):
            raise Misplaced(_nobody(account))
    overlay.say("changed", f"{account} has another password", account=account)


def add_name(overlay: Overlay, parsed: argparse.Namespace) -> None:
    """A further user name of an account, such as that of a conference, of whatever domain."""
    account, user_name = _words(parsed, "an account and a name, such as: alice tea@overlay.example", 2)
    refuse_illegal_name(user_name)
    refuse_reserved(user_name)
    with closing(overlay.accounts()) as store, store.transaction():
        store.give(account, user_name)
    overlay.say("given", f"{account} may have certificates for {user_name}", account=account, user=user_name)


def remove_user(overlay: Overlay, parsed: argparse.Namespace) -> None:
    """Lets an account in no more, and calls the Node-IDs of its certificates that still hold bad ones."""
    (account,) = _words(parsed, "an account")
    with closing(overlay.accounts()) as store:
        if not store.change_password(account, None):
            raise Misplaced(_nobody(account))
        held = {name for name, _, _ in store.issued(account, now())}
        node_ids = [node_id for name in store.names(account) if name in held for node_id in store.node_ids(name)]
    if node_ids:
        overlay.bad(node_ids)
    bad = [each.hex() for each in node_ids]
    overlay.say(
        "removed", f"{account} is let in no more; bad Node-IDs: {', '.join(bad) or 'none'}", account=account, bad=bad
    )


def revoke(overlay: Overlay, parsed: argparse.Namespace) -> None:
    """Calls one Node-ID a bad one; its account gets another in its place."""
    (text,) = _words(parsed, "a Node-ID in hexadecimal digits")
    length = overlay.foundation.configuration().node_id_length
    try:
        node_id = bytes.fromhex(text)
    except ValueError:
        node_id = b""
    if len(node_id) != length:
        raise Misplaced(f"{text}: a Node-ID of this overlay has {2 * length} hexadecimal digits")
    overlay.bad([node_id])
    overlay.say("revoked", f"{text} is a bad Node-ID from now on", node_id=text)


def show(overlay: Overlay, parsed: argparse.Namespace) -> None:
    """All accounts, their names and Node-IDs."""
    with closing(overlay.accounts()) as store:
        for account, lets_in in store.accounts():
            overlay.say(
                "account",
                f"{account}{'' if lets_in else ' (removed)'}: {_described(store, account)}",
                account=account,
                lets_in=lets_in,
                names={name: [each.hex() for each in store.node_ids(name)] for name in store.names(account)},
            )


def _described(store: AccountStore, account: str) -> str:
    names = [f"{name} {' '.join(each.hex() for each in store.node_ids(name))}".strip() for name in store.names(account)]
    return "; ".join(names)


def _nobody(account: str) -> str:
    return f"there is no account {account}; the action list shows all"


def _words(parsed: argparse.Namespace, expected: str, count: int = 1) -> list[str]:
    if len(parsed.words) != count:
        raise Misplaced(f"{parsed.action} needs {expected}")
    return list(parsed.words)


def _hashed(password: bytes) -> str:
    try:
        return Passwords().hash(password)
    except ValueError as wrong:
        raise Misplaced(str(wrong)) from None


def _password(parsed: argparse.Namespace, account: str) -> bytes:
    """Out of a file, or typed twice; never an argument, which others can see."""
    if parsed.password_file is not None:
        try:
            with parsed.password_file.open("rb") as file:
                octets: bytes = file.readline(4096).rstrip(b"\r\n")
        except OSError as failure:
            raise FilesLost(f"{parsed.password_file}: {failure.strerror or failure}") from None
        return octets
    if sys.stdin is None or not sys.stdin.isatty():
        raise Misplaced("the password goes into line 1 of a file; name it with --password-file FILE")
    first = getpass.getpass(f"password for {account}: ")
    if getpass.getpass("again: ") != first:
        raise Misplaced("the two are not the same; try again")
    return first.encode("utf-8")


ACTIONS: dict[str, Action] = {
    "add-user": add_user,
    "set-password": set_password,
    "add-name": add_name,
    "remove-user": remove_user,
    "revoke": revoke,
    "list": show,
}
"""What can be done to accounts, by the word on the command line."""
