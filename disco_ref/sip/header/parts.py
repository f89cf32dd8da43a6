"""Values taken apart: all that their properties give, at once, and so judged by all of the grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from disco_ref.sip.header.addressing.contact import Contact, Star
from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.header.addressing.parties import From, To
from disco_ref.sip.header.addressing.refer_to import ReferTo
from disco_ref.sip.header.addressing.referred_by import ReferredBy
from disco_ref.sip.header.addressing.reply_to import ReplyTo
from disco_ref.sip.header.addressing.route import Path, RecordRoute, Route
from disco_ref.sip.header.content.content_type import MediaType
from disco_ref.sip.header.content.qualified import Qualified
from disco_ref.sip.header.events.event import Event, SubscriptionState
from disco_ref.sip.header.identity.replaces import Replaces
from disco_ref.sip.header.identity.via import Via
from disco_ref.sip.header.parameters import Parameters
from disco_ref.sip.header.plain.reference import Reference
from disco_ref.sip.header.plain.retry_after import RetryAfter
from disco_ref.sip.header.security.authorization import AuthenticationInfo, Challenge, Credentials


class _Parametrised(Protocol):
    @property
    def parameters(self) -> Parameters: ...


P = TypeVar("P", bound=_Parametrised)


def _with_parameters(value: P) -> tuple[P, Parameters]:
    return value, value.parameters


_ADDRESSES = (Contact, From, Path, RecordRoute, ReferredBy, ReferTo, ReplyTo, Route, To)
_OTHERS = (AuthenticationInfo, Challenge, Credentials, Event, MediaType, Qualified)
_OTHERS_STILL = (Reference, Replaces, RetryAfter, SubscriptionState)
TAKE_APART: Mapping[type, Callable[..., object]] = {
    **dict.fromkeys(_ADDRESSES, NameAddr.parts),
    **dict.fromkeys((*_OTHERS, *_OTHERS_STILL), _with_parameters),
    Via: Via.parts,
    Star: str,
}
"""What takes a value apart, by its type."""


def taken_apart(values: Iterable[object]) -> list[object]:
    """The parts of each value of one field; BadRequest where one is malformed.

    Of an address: ``AddressParts``; of a hop: ``ViaParts``; of other values with parameters: the value and its parameters.
    Texts, numbers and values without parameters are what they are.
    """
    parts: list[object] = []
    for value in values:
        take_apart = TAKE_APART.get(type(value))
        if take_apart is None:
            # one value that has no parts: none of the field has
            return [*values]
        parts.append(take_apart(value))
    return parts
