"""Faults in what RFC 6940 says in sentences and not in layouts: each ignores the clauses it names; and in fragments."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from conformance.lab import reload, rules
from conformance.lab.context import Context
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.refusal import LabRefusal
from conformance.mutants.faults.fault import Fault

Given = ParamSpec("Given")

IGNORED: dict[str, tuple[str, ...]] = {
    "ignores-relo-token": ("rfc6940:6.3.2/1",),
    "ignores-overlay": ("rfc6940:6.3.2/2",),
    "ignores-version": ("rfc6940:6.3.2/4",),
    "ignores-fragment-bit": ("rfc6940:6.7/7b",),
    "ignores-message-length": ("rfc6940:6.3.2/0",),
    "ignores-unknown-critical": ("rfc6940:6.3.2.3/3", "rfc6940:6.3.3/1"),
    "ignores-flags-in-answers": ("rfc6940:6.3.2.3/1",),
    "resource-anywhere": ("rfc6940:6.3.2.2/4a", "rfc6940:6.3.2.2/4b"),
    "loops-accepted": ("rfc6940:13.6.5/2",),
    "kinds-twice": ("rfc6940:7.4.1.1/1", "rfc6940:7.4.4.1/1"),
    "replicas-without-generation": ("rfc6940:7.4.1.1/15",),
    "unsigned-values-stored": ("rfc6940:7.4.1.1/16",),
    "ranges-unchecked": ("rfc6940:7.4.2.1/2", "rfc6940:7.4.2.1/3b"),
    "ice-mixed": ("rfc6940:6.5.1.1/4",),
    "any-role": ("rfc6940:6.5.1.1/1",),
    "fragments-as-messages": ("rfc6940:6.7/6",),
}
"""By the fault's name, the clauses that it ignores."""


def _ignoring(clauses: tuple[str, ...], check: Callable[Given, None]) -> Callable[Given, None]:
    @wraps(check)
    def broken(*args: Given.args, **kwargs: Given.kwargs) -> None:
        try:
            check(*args, **kwargs)
        except LabRefusal as refusal:
            if refusal.clause not in clauses:
                raise

    return broken


def _fault(clauses: tuple[str, ...]) -> Fault:
    checks = {
        name: getattr(rules, name) for name in ("check", "check_contents", "check_length", "check_whole", "check_body")
    }
    return Fault(exchanged=tuple((rules, name, _ignoring(clauses, check)) for name, check in checks.items()))


def _in_order_of_arrival(parts: list[bytes], context: Context) -> bytes:
    """Joins fragments as they come, gaps, repetitions and all."""
    whole, body = b"", b""
    for part in parts:
        header, end = reload.read_header(part, context)
        body += part[end:]
        length = end + len(body)
        value = {**header, "fragment": rules.WHOLE, "length": length}
        whole = Encoder(specified(), context).whole("ForwardingHeader", value) + body
    return whole


def _first_fragment_only(parts: list[bytes], context: Context) -> bytes:
    return parts[0] if parts else b""


FAULTS = {
    **{name: _fault(clauses) for name, clauses in IGNORED.items()},
    "fragments-in-order-of-arrival": Fault(exchanged=((reload, "reassemble", _in_order_of_arrival),)),
    "first-fragment-only": Fault(exchanged=((reload, "reassemble", _first_fragment_only),)),
}
"""By name."""
