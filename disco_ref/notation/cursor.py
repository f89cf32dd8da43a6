"""Where reading stopped and why: the refusals of the presentation language (RFC 6940, section 6.3.1).

The compiled decoders hold their place in two integers, ``p`` (the next octet) and ``e`` (the end of what encloses it);
only when something is wrong do they call one of these, which turns the place into a located refusal.
"""

from __future__ import annotations

from disco_ref.errors import Malformed


class Truncated(Malformed):
    """A field reaches beyond the end of what encloses it."""

    error_code = 20


class Surplus(Malformed):
    """Octets are left where the layout has ended."""

    error_code = 20


class BadValue(Malformed):
    """A field holds a value that its type does not have."""

    error_code = 20


# = rfc6940:6.3.1.1/1a
# = rfc6940:6.3.1.1/1b
class UnknownVariant(Malformed):
    """A select names a variant that is not known and may not be extended: no answer is owed (section 6.3.1.1)."""


class UnknownModel(Malformed):
    """The data model is not known, so the layout is not either (Error_Unknown_Kind)."""

    error_code = 12


class Unwritable(Malformed):
    """A value that its layout cannot hold: a number too large, a vector too long, an octet string of the wrong length."""


def short(p: int, e: int, fields: tuple[tuple[int, str], ...]) -> Truncated:
    """Which of the consecutive fixed fields, given as (octets, path), does not fit between ``p`` and ``e``."""
    for octets, path in fields:
        if p + octets > e:
            return need(p, octets, e, path)
        p += octets
    raise RuntimeError("all fields fit")


def need(p: int, octets: int, e: int, path: str) -> Truncated:
    """A field of so many octets does not fit."""
    return Truncated(f"need {octets} bytes, have {e - p}", where=path, offset=p)


def surplus(p: int, e: int, path: str) -> Surplus:
    """The layout ended before its octets did."""
    return Surplus(f"{e - p} bytes too many", where=path, offset=p)


def bad_value(p: int, value: int, name: str, path: str) -> BadValue:
    """A number that is no value of the enumeration ``name``."""
    return BadValue(f"{value} is no {name}", where=path, offset=p)


def unknown_variant(p: int, switch: object, path: str) -> UnknownVariant:
    """A select without a case for its switch."""
    return UnknownVariant(f"there is no variant {switch}", where=path, offset=p)


def unknown_model(p: int, path: str) -> UnknownModel:
    """A select on the data model where none is known."""
    return UnknownModel("the data model of the Kind is not known", where=path, offset=p)


def wrong_node_id(octets: int, length: int, path: str) -> Unwritable:
    """A Node-ID of another length than the overlay's."""
    return Unwritable(f"a Node-ID has {length} bytes in this overlay, not {octets}", where=path)


def wrong_variant(value: object, path: str) -> Unwritable:
    """The body of a select is not what its switch names."""
    return Unwritable(f"the switch does not choose a {type(value).__name__}", where=path)
