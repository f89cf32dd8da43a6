"""What a focus tells whoever runs it: the alphabet of its events."""

from __future__ import annotations

from typing import NamedTuple


class ConferenceBegan(NamedTuple):
    """There is a conference of this name."""

    name: str
    uri: str


class ConferenceOver(NamedTuple):
    """The conference is no more."""

    name: str


class EndpointShown(NamedTuple):
    """A call began, or something of it has changed."""

    name: str
    """Of the conference."""
    call: str
    entity: str
    """The URI of the user."""
    display: str | None
    endpoint: str
    status: str
    """As in documents: ``dialing-in``, ``connected`` ..."""
    media: tuple[tuple[str, str], ...]
    """Media types and directions, as the endpoint has them."""


class EndpointGone(NamedTuple):
    """A call is over."""

    name: str
    call: str
    entity: str
    how: str
    """``departed``, ``booted``, ``failed`` or ``busy``."""
    why: str


class TurnedAway(NamedTuple):
    """Somebody may not join, or was not understood."""

    uri: str
    """What was called."""
    entity: str
    status: int
    why: str


FocusTold = ConferenceBegan | ConferenceOver | EndpointShown | EndpointGone | TurnedAway
