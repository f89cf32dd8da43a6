"""Event packages as values: what a package specification decides (RFC 6665, sections 5.4 and 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from disco_ref.clock import Duration, Instant


# = rfc6665:5.4.4/2
# = rfc6665:5.4.5/3
# = rfc6665:5.4.9/1
# = rfc6665:5.4.10/1a
class Package(NamedTuple):
    """One event package, and how this element handles it."""

    name: str
    """The event type as in Event, in lower case."""
    media_type: str
    """The body of a NOTIFY where a SUBSCRIBE has no Accept, in lower case."""
    # = rfc6665:3.1.1/2
    default_expires: int = 3600
    """The duration that is meant where a SUBSCRIBE has no Expires, seconds."""
    least_expires: int = 60
    """Shorter ones but 0 get 423, seconds; never more than an hour."""
    most_expires: int = 86400
    """Longer ones are shortened to it, seconds."""
    forks: bool = False
    """Whether each NOTIFY in answer to one forked SUBSCRIBE makes a subscription; otherwise only the first does."""
    interval: Duration = Duration(0)
    """The least time between two NOTIFYs of one subscription; the one that a SUBSCRIBE triggers does not wait."""
    by_subscribe: bool = True
    """Whether a SUBSCRIBE makes subscriptions; to ``refer`` only a REFER does."""


Packages = Mapping[str, Package]
"""The packages of an element by name in lower case; a value put together in ``peer``."""


class Body(NamedTuple):
    """What a NOTIFY carries."""

    media_type: str
    """Content-Type as written; empty where there is no body."""
    octets: bytes = b""
    lines: tuple[str, ...] = ()
    """Further header lines of the NOTIFY."""


NEUTRAL = Body("")
"""A NOTIFY without body: what is sent while the state is not to be told (pending) or does not exist."""


class Source(Protocol):
    """State that is asked for its body when a NOTIFY goes out, so that changes in between come out as one."""

    def body(self, whole: bool, now: Instant) -> Body | None:
        """What this subscription is to be told now; None where nothing has changed since it was last asked.

        ``whole`` asks for the full state, as after a SUBSCRIBE or a NOTIFY that was not delivered, and is never None.
        """


State = Body | Source
"""What a subscription is about: a body as it is (the latest wins), or something that is asked."""
