"""Full and partial conference documents: what changed, put into what is held (RFC 4575, sections 4.3 to 4.6; from memory).

Two functions are each other's reverse: ``merged(held, difference(held, new)) == new``.  A *whole* document says full of all its
elements and has no version; :func:`whole` makes one of what was received.

What has a state of its own (users, user, endpoint, the lists of URIs, sidebars) is merged by its key: ``entity``, for streams
``id``, for URIs ``uri``.  What has none is replaced by what is received.  What cannot be told so, such as a subject that is
no longer there or users in another order, is told by the next element around it in full, at the outermost by the document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from disco_ref.conference.document import (
    ConferenceDescription,
    ConferenceInfo,
    Endpoint,
    Host,
    Media,
    SidebarsByVal,
    State,
    Uri,
    Uris,
    User,
    Users,
    to_octets,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
Element = TypeVar("Element", bound=ConferenceInfo | User | Endpoint | Media | Uri)
Stated = TypeVar("Stated", bound=ConferenceInfo | User | Endpoint)
Bound = TypeVar("Bound", bound="DataclassInstance")

_MERGED = ("state", "version", "entity", "users", "user", "endpoint", "media", "sidebars_by_val", "entry")
"""Fields that are not simply replaced by what is received."""


def _key(element: ConferenceInfo | User | Endpoint | Media | Uri) -> str | None:
    # = rfc4575:5.5/101
    if isinstance(element, Media):
        return element.id
    return element.uri if isinstance(element, Uri) else element.entity


# --- merging -----------------------------------------------------------------------------------------------------------


def merged(held: ConferenceInfo, received: ConferenceInfo) -> ConferenceInfo | None:
    """The whole document that is held after another was received; None where that says deleted.

    The order of versions is not looked at: that is for :class:`disco_ref.conference.package.Follower`.
    """
    # = rfc4575:4.6/103
    if received.state is State.deleted:
        return None
    if received.state is State.full:
        return whole(received)
    users = held.users if received.users is None else _users(held.users, received.users)
    sidebars = held.sidebars_by_val if received.sidebars_by_val is None else _sidebars(held, received.sidebars_by_val)
    return replace(_overlaid(held, received), users=users, sidebars_by_val=sidebars, version=None)


def whole(received: ConferenceInfo) -> ConferenceInfo:
    """A document all of whose elements are full, of one that is meant to be: what is deleted is left out."""
    blank = ConferenceInfo(entity=received.entity)
    users = None if received.users is None else _users(None, received.users)
    sidebars = None if received.sidebars_by_val is None else _sidebars(blank, received.sidebars_by_val)
    return replace(_overlaid(blank, received), users=users, sidebars_by_val=sidebars, version=None)


def _overlaid(held: Bound, received: Bound) -> Bound:
    """What is held, with each plain field replaced that was received."""
    changes: dict[str, object] = {}
    for name in _plain(held):
        value, before = getattr(received, name), getattr(held, name)
        if isinstance(value, Uris):
            changes[name] = _uris(before, value)
        elif isinstance(value, ConferenceDescription | Host):
            # A list inside may be partial even where the element around it is not.
            changes[name] = _overlaid(type(value)() if before is None else _lists_only(before), value)
        elif value is not None and value != ():
            changes[name] = value
    return replace(held, **changes)


def _lists_only(held: Bound) -> Bound:
    """An element that will be replaced, but for the lists of URIs in it, which may be merged into."""
    gone = {each.name: each.default for each in fields(held) if not isinstance(getattr(held, each.name), Uris)}
    return replace(held, **gone)


def _plain(element: Bound) -> list[str]:
    return [each.name for each in fields(element) if each.name not in _MERGED]


def _users(held: Users | None, received: Users) -> Users | None:
    if received.state is State.deleted:
        return None
    before = Users() if held is None or received.state is State.full else held
    return replace(_overlaid(before, received), user=_merged_list(before.user, received.user, _user))


def _user(held: User | None, received: User) -> User:
    before = User(entity=received.entity) if held is None or received.state is State.full else held
    return replace(_overlaid(before, received), endpoint=_merged_list(before.endpoint, received.endpoint, _endpoint))


def _endpoint(held: Endpoint | None, received: Endpoint) -> Endpoint:
    before = Endpoint(entity=received.entity) if held is None or received.state is State.full else held
    return replace(_overlaid(before, received), media=_merged_list(before.media, received.media, _replaced))


def _replaced(_: T | None, received: T) -> T:
    return received


def _uris(held: Uris | None, received: Uris) -> Uris | None:
    if received.state is State.deleted:
        return None
    before = () if held is None or received.state is State.full else held.entry
    return replace(received, state=State.full, entry=_merged_list(before, received.entry, _replaced))


def _sidebars(held: ConferenceInfo, received: SidebarsByVal) -> SidebarsByVal | None:
    if received.state is State.deleted:
        return None
    before = held.sidebars_by_val
    if before is None or received.state is State.full:
        before = SidebarsByVal()
    return replace(_overlaid(before, received), entry=_merged_list(before.entry, received.entry, _sidebar))


def _sidebar(held: ConferenceInfo | None, received: ConferenceInfo) -> ConferenceInfo:
    return (merged(held, received) if held is not None else None) or whole(received)


def _merged_list(
    held: Sequence[Element], received: Sequence[Element], merge: Callable[[Element | None, Element], Element]
) -> tuple[Element, ...]:
    """What is held, each in its place; new ones behind.  An element without key stands for itself alone."""
    found: dict[object, Element] = {_key(one) or id(one): one for one in held}
    for one in received:
        key = _key(one) or id(one)
        if getattr(one, "state", State.full) is State.deleted:
            found.pop(key, None)
        else:
            found[key] = merge(found.get(key), one)
    return tuple(found.values())


# --- telling apart -----------------------------------------------------------------------------------------------------


def difference(held: ConferenceInfo, new: ConferenceInfo) -> ConferenceInfo:
    """The document that makes ``new`` of ``held``, both whole: partial where that can be told so, else ``new`` itself.

    Where nothing has changed it is partial and says nothing.
    """
    partial = _partial(held, new)
    if partial is None or merged(held, partial) != new:
        return new
    return partial


def _partial(held: ConferenceInfo, new: ConferenceInfo) -> ConferenceInfo | None:
    plain = _changed(held, new)
    if plain is None or held.entity != new.entity:
        return None
    users: Users | None = None
    if held.users != new.users:
        users = Users(state=State.deleted) if new.users is None else _users_change(held.users, new.users)
    sidebars: SidebarsByVal | None = None
    if held.sidebars_by_val != new.sidebars_by_val:
        sidebars = new.sidebars_by_val or SidebarsByVal(state=State.deleted)
    return replace(plain, state=State.partial, users=users, sidebars_by_val=sidebars)


def _changed(held: Bound, new: Bound) -> Bound | None:
    """The new element without the plain fields that are as they were; None where one is no longer there."""
    same: dict[str, object] = {}
    for each in fields(new):
        if each.name in _MERGED:
            continue
        before, after = getattr(held, each.name), getattr(new, each.name)
        if before == after:
            same[each.name] = each.default
        elif after is None or after == ():
            return None
    return replace(new, **same)


def _users_change(held: Users | None, new: Users) -> Users:
    if held is None:
        return new
    plain = _changed(held, new)
    users = _list_change(held.user, new.user, _user_change, User)
    return new if plain is None or users is None else replace(plain, state=State.partial, user=users)


def _user_change(held: User, new: User) -> User:
    plain = _changed(held, new)
    endpoints = _list_change(held.endpoint, new.endpoint, _endpoint_change, Endpoint)
    return new if plain is None or endpoints is None else replace(plain, state=State.partial, endpoint=endpoints)


def _endpoint_change(held: Endpoint, new: Endpoint) -> Endpoint:
    plain = _changed(held, new)
    before, after = [one.id for one in held.media], [one.id for one in new.media]
    # A stream has no state to be deleted by, and keeps its place.
    if plain is None or len(set(after)) != len(after) or after[: len(before)] != before:
        return new
    media = tuple(one for place, one in enumerate(new.media) if held.media[place : place + 1] != (one,))
    return replace(plain, state=State.partial, media=media)


def _list_change(
    held: Sequence[Stated], new: Sequence[Stated], change: Callable[[Stated, Stated], Stated], form: type[Stated]
) -> tuple[Stated, ...] | None:
    """What is deleted, then what has changed or is new; None where the keys cannot tell it."""
    before, after = {_key(one): one for one in held}, {_key(one): one for one in new}
    if None in before or None in after or len(before) != len(held) or len(after) != len(new):
        return None
    if [key for key in before if key in after] + [key for key in after if key not in before] != list(after):
        return None
    deleted = [form(entity=key or "", state=State.deleted) for key in before if key not in after]
    changed = [
        change(before[key], one) if key in before else one
        for key, one in after.items()
        if key not in before or before[key] != one
    ]
    return *deleted, *changed


# --- octets ------------------------------------------------------------------------------------------------------------


class Splice(NamedTuple):
    """A document as octets with a gap for its version, which belongs to one subscription: encoded once for all of them."""

    prefix: bytes
    suffix: bytes

    def with_version(self, version: int) -> bytes:
        """The document as one subscription has it."""
        return b"%b%d%b" % (self.prefix, version, self.suffix)


_GAP = b' version="0"'


def encode(document: ConferenceInfo) -> Splice:
    """A document, full or partial, ready for any version.

    The first place that looks like the attribute is the attribute: in values before it, quotes are escaped.
    """
    octets = to_octets(replace(document, version=0))
    place = octets.index(_GAP) + len(_GAP) - 2
    return Splice(octets[:place], octets[place + 1 :])


def encode_partial(held: ConferenceInfo, new: ConferenceInfo) -> Splice:
    """The octets of :func:`difference`."""
    return encode(difference(held, new))
