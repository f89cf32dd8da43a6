"""Event and Subscription-State: what is subscribed to, and how the subscription stands (RFC 6665, section 8.2)."""

from __future__ import annotations

import re
from typing import NamedTuple

from disco_ref.notation.abnf import kept, rule, some
from disco_ref.sip.grammar import GENERIC_PARAMS, PLAIN_PARAMS, SWS, TOKEN, TOKEN_SET, seconds
from disco_ref.sip.header import parameters
from disco_ref.sip.header.field import Field, plain, single
from disco_ref.sip.header.parameters import Known, Parameters, tidy
from disco_ref.sip.refusals import BadRequest

# event-type           =  event-package *( "." event-template )          token-nodot: a token without dots
_EVENT = rule(SWS, kept(TOKEN), kept(GENERIC_PARAMS), SWS)
_EVENT_KNOWN: Known = {"id": parameters.token}
# Most values, matched faster: tokens, without dots in a package, without needless white space.
_PLAIN_EVENT = rule(kept(some(TOKEN_SET.replace(".", ""))), kept(PLAIN_PARAMS))
_PLAIN_STATE = rule(kept(TOKEN), kept(PLAIN_PARAMS))
_STATE_KNOWN: Known = {"reason": parameters.token, "expires": parameters.seconds, "retry-after": parameters.seconds}


class Event(NamedTuple):
    """An event package, with its templates, and the parameters that tell subscriptions apart."""

    package: str
    """``conference``, or with templates ``presence.winfo``; case does not count."""
    parameter_text: str = ""
    """``;id=5``."""

    def __str__(self) -> str:
        """The value without white space."""
        return f"{self.package}{self.parameter_text}"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or ``id`` is no token."""
        return parameters.typed(self.parameter_text, "Event", _EVENT_KNOWN)

    @property
    def id(self) -> str | None:
        """The ``id`` of the subscription, None where it has none."""
        return parameters.value(self.parameter_text, "id")


class SubscriptionState(NamedTuple):
    """The state that a NOTIFY tells."""

    state: str
    """``active``, ``pending``, ``terminated`` or another token."""
    parameter_text: str = ""
    """``;expires=3599`` (seconds), ``;reason=timeout;retry-after=60``."""

    def __str__(self) -> str:
        """The value without white space."""
        return f"{self.state}{self.parameter_text}"

    @property
    def parameters(self) -> Parameters:
        """The parameters by name; BadRequest where one comes twice or a known one is malformed."""
        return parameters.typed(self.parameter_text, "Subscription-State", _STATE_KNOWN)

    @property
    def reason(self) -> str | None:
        """Why the subscription ended, None where it does not say."""
        return parameters.value(self.parameter_text, "reason")

    @property
    def expires(self) -> int | None:
        """How long the subscription lasts, seconds, at most 2^32-1; None where it does not say."""
        return seconds(parameters.value(self.parameter_text, "expires"))


def _event(match: re.Match[str]) -> Event:
    package = match[1]
    # = rfc6665:8.4/0
    if package[0] == "." or package[-1] == "." or ".." in package:
        raise BadRequest(f"an empty package or template: {package!r}", where="Event")
    return Event(package, tidy(match[2]))


def _state(match: re.Match[str]) -> SubscriptionState:
    return SubscriptionState(match[1], tidy(match[2]))


# Event               =  ( "Event" / "o" ) HCOLON event-type *( SEMI event-param )
# event-param         =  generic-param / ( "id" EQUAL token )
# = rfc6665:8.2.1/0
# = rfc6665:8.2.1/2
# = rfc6665:8.4/0
EVENT = Field(
    "Event", single("Event", _EVENT, _event), compact="o", repeats=False, needed=True, plain=plain(_PLAIN_EVENT, Event)
)
# Subscription-State  =  "Subscription-State" HCOLON substate-value *( SEMI subexp-params )
# subexp-params       =  ("reason" EQUAL event-reason-value) / ("expires" EQUAL delta-seconds)
#                        / ("retry-after" EQUAL delta-seconds) / generic-param
# = rfc6665:8.2.3/0
# = rfc6665:8.4/0
SUBSCRIPTION_STATE = Field(
    "Subscription-State",
    single("Subscription-State", _EVENT, _state),
    repeats=False,
    needed=True,
    plain=plain(_PLAIN_STATE, SubscriptionState),
)
