"""The multi-focus extension of conference documents (draft-knauf-p2psip-disco-00, section 7).

``focus-states`` stands among the elements of other namespaces at the end of ``conference-info``; one ``focus``
in it for every active focus peer, with what it can serve, whom it serves, and to which focuses it is subscribed.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated

from disco_ref.conference.document import ConferenceInfo, State
from disco_ref.notation.documents.binding import (
    Attribute,
    Attributes,
    Child,
    Children,
    Nodes,
    OtherAttributes,
    Others,
    bound,
    from_node,
    to_node,
)
from disco_ref.notation.documents.simple import any_uri, enumeration, unsigned_int
from disco_ref.notation.markup import MalformedMarkup

# = disco00:7.2/0
NAMESPACE = "http://www.example.org/inet-ci-multifocus-ext"
"""The draft's own placeholder; no other was ever assigned."""

ELEMENT = f"{{{NAMESPACE}}}focus-states"


# = disco00:7.1/0
@bound(NAMESPACE)
class FocusCapacity:
    """What a focus can serve (section 7.1)."""

    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    max_participants: Annotated[int | None, Child("max-participants", unsigned_int)] = None
    """Participants; section 5.2 spells it ``max_participants``."""
    max_focus_references: Annotated[int | None, Child("max-focus-references", unsigned_int)] = None
    """Connections to other focus peers."""
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = disco00:7.1/0
@bound(NAMESPACE)
class Participant:
    """A participant whom this focus serves; ``entity`` is that of its ``user`` element (section 7.1)."""

    entity: Annotated[str | None, Attribute("entity", any_uri)] = None
    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = disco00:7.1/0
@bound(NAMESPACE)
class Graph:
    """A relation of state synchronization to another focus (section 7.1)."""

    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    ref_to_focus: Annotated[str | None, Child("ref-to-focus", any_uri)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = disco00:7.1/0
@bound(NAMESPACE)
class Focus:
    """One active focus peer (section 7.1)."""

    entity: Annotated[str | None, Attribute("entity", any_uri)] = None
    """The user name of its certificate; the ``entity`` of its ``user`` element."""
    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    focus_capacity: Annotated[FocusCapacity | None, Child("focus-capacity", FocusCapacity)] = None
    participant: Annotated[tuple[Participant, ...], Children("participant", Participant)] = ()
    graph: Annotated[tuple[Graph, ...], Children("graph", Graph)] = ()
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = disco00:7.1/0
@bound(NAMESPACE)
class FocusStates:
    """The active focus peers of a conference (section 7.1)."""

    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    focus: Annotated[tuple[Focus, ...], Children("focus", Focus)] = ()
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


def focus_states(info: ConferenceInfo) -> FocusStates | None:
    """The extension of a conference document, None where it has none.

    Refused: more than one, or one that breaks the schema; a focus without a ``user`` of the same entity in a full
    document that has users.
    """
    found = [one for one in info.others if one.name == ELEMENT]
    if not found:
        return None
    # = disco00:7.2/0
    if len(found) > 1:
        raise MalformedMarkup("more than one focus-states", where="conference-info/focus-states")
    states = from_node(FocusStates, found[0])
    _correspond(info, states)
    return states


def _correspond(info: ConferenceInfo, states: FocusStates) -> None:
    if info.state is not State.full or info.users is None or info.users.state is not State.full:
        return
    users = {user.entity for user in info.users.user}
    for focus in states.focus:
        # = disco00:7.1/1
        if focus.entity is not None and focus.state is not State.deleted and focus.entity not in users:
            raise MalformedMarkup("no user has the entity of this focus", where="focus-states/focus/@entity")


def with_focus_states(info: ConferenceInfo, states: FocusStates | None) -> ConferenceInfo:
    """The document with this extension in the place of the one it had, without one for None."""
    others = [one for one in info.others if one.name != ELEMENT]
    if states is not None:
        others.append(to_node(states, "focus-states"))
    return dataclasses.replace(info, others=tuple(others))
