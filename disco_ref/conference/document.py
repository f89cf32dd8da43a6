"""The state of a conference as a document (RFC 4575): ``application/conference-info+xml``.

Each class is a type of the schema, each field an element or attribute in the order of the schema.
Elements and attributes of other namespaces are kept in order and written again.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

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
from disco_ref.notation.documents.simple import (
    any_uri,
    boolean,
    date_time,
    enumeration,
    languages,
    string,
    unsigned_int,
    words,
)
from disco_ref.notation.markup import Limits, MalformedMarkup, Tree, write
from disco_ref.notation.markup import read as read_tree

# = rfc4575:5/0
NAMESPACE = "urn:ietf:params:xml:ns:conference-info"
# = rfc4575:3/0
MEDIA_TYPE = "application/conference-info+xml"


# = rfc4575:5/0
class State(StrEnum):
    """Whether an element is whole, a change to what is known, or gone."""

    full = "full"
    partial = "partial"
    deleted = "deleted"


# = rfc4575:5/0
class EndpointStatus(StrEnum):
    """Where an endpoint's dialog stands."""

    pending = "pending"
    dialing_out = "dialing-out"
    dialing_in = "dialing-in"
    alerting = "alerting"
    on_hold = "on-hold"
    connected = "connected"
    muted_via_focus = "muted-via-focus"
    disconnecting = "disconnecting"
    disconnected = "disconnected"


# = rfc4575:5/0
class JoiningMethod(StrEnum):
    """How an endpoint came."""

    dialed_in = "dialed-in"
    dialed_out = "dialed-out"
    focus_owner = "focus-owner"


# = rfc4575:5/0
class DisconnectionMethod(StrEnum):
    """How an endpoint went."""

    departed = "departed"
    booted = "booted"
    failed = "failed"
    busy = "busy"


# = rfc4575:5/0
class MediaStatus(StrEnum):
    """The directions of a stream, as the endpoint sees them."""

    recvonly = "recvonly"
    sendonly = "sendonly"
    sendrecv = "sendrecv"
    inactive = "inactive"


@bound(NAMESPACE)
class Execution:
    """When, why and by whom something was done (execution-type)."""

    when: Annotated[str | None, Child("when", date_time)] = None
    reason: Annotated[str | None, Child("reason", string)] = None
    by: Annotated[str | None, Child("by", any_uri)] = None
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class Uri:
    """A URI and what it is for (uri-type)."""

    uri: Annotated[str, Child("uri", any_uri)]
    display_text: Annotated[str | None, Child("display-text", string)] = None
    purpose: Annotated[str | None, Child("purpose", string)] = None
    modified: Annotated[Execution | None, Child("modified", Execution)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class Uris:
    """A list of URIs, at least one (uris-type)."""

    entry: Annotated[tuple[Uri, ...], Children("entry", Uri)]
    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class ConferenceMedium:
    """A medium that the conference offers (conference-medium-type)."""

    label: Annotated[str, Attribute("label", string)]
    display_text: Annotated[str | None, Child("display-text", string)] = None
    type: Annotated[str, Child("type", string)]
    status: Annotated[MediaStatus | None, Child("status", enumeration(MediaStatus))] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class AvailableMedia:
    """The media that the conference offers, at least one (conference-media-type)."""

    entry: Annotated[tuple[ConferenceMedium, ...], Children("entry", ConferenceMedium)]
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = rfc4575:5/0
@bound(NAMESPACE)
class ConferenceDescription:
    """What the conference is (conference-description-type)."""

    display_text: Annotated[str | None, Child("display-text", string)] = None
    subject: Annotated[str | None, Child("subject", string)] = None
    free_text: Annotated[str | None, Child("free-text", string)] = None
    keywords: Annotated[tuple[str, ...] | None, Child("keywords", words)] = None
    conf_uris: Annotated[Uris | None, Child("conf-uris", Uris)] = None
    service_uris: Annotated[Uris | None, Child("service-uris", Uris)] = None
    maximum_user_count: Annotated[int | None, Child("maximum-user-count", unsigned_int)] = None
    available_media: Annotated[AvailableMedia | None, Child("available-media", AvailableMedia)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = rfc4575:5/0
@bound(NAMESPACE)
class Host:
    """Who hosts the conference (host-type)."""

    display_text: Annotated[str | None, Child("display-text", string)] = None
    web_page: Annotated[str | None, Child("web-page", any_uri)] = None
    uris: Annotated[Uris | None, Child("uris", Uris)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = rfc4575:5/0
@bound(NAMESPACE)
class ConferenceState:
    """The state of the conference as a whole (conference-state-type)."""

    user_count: Annotated[int | None, Child("user-count", unsigned_int)] = None
    active: Annotated[bool | None, Child("active", boolean)] = None
    locked: Annotated[bool | None, Child("locked", boolean)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class SipDialogId:
    """The dialog of a call (sip-dialog-id-type)."""

    display_text: Annotated[str | None, Child("display-text", string)] = None
    call_id: Annotated[str, Child("call-id", string)]
    from_tag: Annotated[str, Child("from-tag", string)]
    to_tag: Annotated[str, Child("to-tag", string)]
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class CallInfo:
    """The signalling of an endpoint: SIP, or elements of other namespaces, not both (call-type)."""

    sip: Annotated[SipDialogId | None, Child("sip", SipDialogId)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()

    def __post_init__(self) -> None:
        """Refuse what the choice of the schema excludes."""
        if self.sip is not None and self.others:
            raise MalformedMarkup("other elements beside sip", where="call-info")


# = rfc4575:5/0
@bound(NAMESPACE)
class Media:
    """One stream of an endpoint (media-type)."""

    # = rfc4575:5.8/101
    id: Annotated[str, Attribute("id", string)]
    display_text: Annotated[str | None, Child("display-text", string)] = None
    type: Annotated[str | None, Child("type", string)] = None
    label: Annotated[str | None, Child("label", string)] = None
    src_id: Annotated[str | None, Child("src-id", string)] = None
    status: Annotated[MediaStatus | None, Child("status", enumeration(MediaStatus))] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = rfc4575:5/0
@bound(NAMESPACE)
class Endpoint:
    """A device of a user, or a dialog (endpoint-type)."""

    entity: Annotated[str | None, Attribute("entity", string)] = None
    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    display_text: Annotated[str | None, Child("display-text", string)] = None
    referred: Annotated[Execution | None, Child("referred", Execution)] = None
    # = rfc4575:5.7/101
    status: Annotated[EndpointStatus | None, Child("status", enumeration(EndpointStatus))] = None
    # = rfc4575:5.7/101
    joining_method: Annotated[JoiningMethod | None, Child("joining-method", enumeration(JoiningMethod))] = None
    joining_info: Annotated[Execution | None, Child("joining-info", Execution)] = None
    # = rfc4575:5.7/101
    disconnection_method: Annotated[
        DisconnectionMethod | None, Child("disconnection-method", enumeration(DisconnectionMethod))
    ] = None
    disconnection_info: Annotated[Execution | None, Child("disconnection-info", Execution)] = None
    media: Annotated[tuple[Media, ...], Children("media", Media)] = ()
    call_info: Annotated[CallInfo | None, Child("call-info", CallInfo)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class Roles:
    """The roles of a user, at least one (user-roles-type)."""

    entry: Annotated[tuple[str, ...], Children("entry", string)]
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = rfc4575:5/0
@bound(NAMESPACE)
class User:
    """A participant (user-type)."""

    entity: Annotated[str | None, Attribute("entity", any_uri)] = None
    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    display_text: Annotated[str | None, Child("display-text", string)] = None
    associated_aors: Annotated[Uris | None, Child("associated-aors", Uris)] = None
    roles: Annotated[Roles | None, Child("roles", Roles)] = None
    languages: Annotated[tuple[str, ...] | None, Child("languages", languages)] = None
    cascaded_focus: Annotated[str | None, Child("cascaded-focus", any_uri)] = None
    endpoint: Annotated[tuple[Endpoint, ...], Children("endpoint", Endpoint)] = ()
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class Users:
    """The participants (users-type)."""

    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    user: Annotated[tuple[User, ...], Children("user", User)] = ()
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


# = rfc4575:5/0
@bound(NAMESPACE)
class ConferenceInfo:
    """The state of a conference or of a sidebar (conference-type)."""

    # = rfc4575:5.1/101
    entity: Annotated[str, Attribute("entity", any_uri)]
    # = rfc4575:5.1/102
    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    version: Annotated[int | None, Attribute("version", unsigned_int)] = None
    """Grows by one with every notification of one subscription."""
    conference_description: Annotated[
        ConferenceDescription | None, Child("conference-description", ConferenceDescription)
    ] = None
    host_info: Annotated[Host | None, Child("host-info", Host)] = None
    conference_state: Annotated[ConferenceState | None, Child("conference-state", ConferenceState)] = None
    users: Annotated[Users | None, Child("users", Users)] = None
    sidebars_by_ref: Annotated[Uris | None, Child("sidebars-by-ref", Uris)] = None
    sidebars_by_val: Annotated[SidebarsByVal | None, Child("sidebars-by-val", SidebarsByVal)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


@bound(NAMESPACE)
class SidebarsByVal:
    """Sidebars as conferences of their own (sidebars-by-val-type)."""

    state: Annotated[State, Attribute("state", enumeration(State))] = State.full
    entry: Annotated[tuple[ConferenceInfo, ...], Children("entry", ConferenceInfo)] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()


def read(octets: bytes, limits: Limits | None = None) -> ConferenceInfo:
    """Octets to a conference-info document; raises :class:`MalformedMarkup` with path and line."""
    return from_tree(read_tree(octets, limits, utf16=True))


def from_tree(tree: Tree) -> ConferenceInfo:
    """A document that was read already; refused where its root is another element."""
    node = tree.node
    # = rfc4575:5/0
    if node.name != f"{{{NAMESPACE}}}conference-info":
        raise MalformedMarkup("the root is not conference-info of RFC 4575", where=node.local[:80])
    return from_node(ConferenceInfo, node)


def to_octets(info: ConferenceInfo) -> bytes:
    """The document as octets; elements of other namespaces keep their place and content."""
    return write(to_node(info, "conference-info"))
