"""The state of a conference, put together from the documents of one subscription (RFC 4575, section 4.6; from memory)."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from conformance.checks.rfc6665.subscriptions import Subscription, event_of, subscriptions
from conformance.judge.evidence import Evidence
from conformance.judge.transactions import Transaction
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

SPACE = "{urn:ietf:params:xml:ns:conference-info}"
LARGEST = 4 * 1024 * 1024


@dataclass(slots=True)
class Endpoint:
    """A device of a user."""

    status: str = ""
    media: dict[str, str] = field(default_factory=dict)
    """By ``id`` the type and status of a stream."""


@dataclass(slots=True)
class Roster:
    """What a subscriber holds after a document."""

    version: int | None = None
    users: dict[str, dict[str, Endpoint]] = field(default_factory=dict)
    """By the URIs of users and of their endpoints."""
    locked: bool = False
    count: int | None = None
    """``user-count``."""

    def connected(self, *uris: str) -> list[Endpoint]:
        """The endpoints that take part, of a user or device with one of these URIs."""
        return [endpoint for user, devices in self.users.items() for name, endpoint in devices.items()
                if (user in uris or name in uris) and endpoint.status in ("connected", "on-hold")]  # fmt: skip


def is_document(message: Message) -> bool:
    """Whether a body says that it is a plain conference document."""
    value = message.first("content-type")
    kind = f"{text_at(value, 'type')}/{text_at(value, 'subtype')}".lower()
    return kind == "application/conference-info+xml" and bool(message.body)


def document_of(message: Message) -> etree._Element | None:
    """The root of a conference document in a body; None where there is none that can be read."""
    if not is_document(message) or len(message.body) > LARGEST or b"<!DOCTYPE" in message.body:
        return None
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(message.body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return root if root.tag == f"{SPACE}conference-info" else None


def version_of(root: etree._Element) -> int | None:
    """The version of a document."""
    told = root.get("version")
    return int(told) if told is not None and told.isdigit() else None


def state_of(element: etree._Element) -> str:
    """The attribute ``state``: full where it is absent."""
    return str(element.get("state", "full"))


def conferences(evidence: Evidence) -> Iterator[Subscription]:
    """The subscriptions to conferences whose documents are judged."""
    for one in subscriptions(evidence):
        if one.package == "conference" and one.made_by.event.direction != "sent":
            yield one


def documents(one: Subscription) -> Iterator[tuple[Transaction, etree._Element]]:
    """The NOTIFYs of a subscription that have a readable document, in order."""
    for each in one.notifications:
        root = document_of(each.request) if each.judged and event_of(each.request)[0] == "conference" else None
        if root is not None:
            yield each, root


def rosters(one: Subscription) -> Iterator[tuple[Transaction, Roster]]:
    """The state after each document."""
    held = Roster()
    for each, root in documents(one):
        held = _after(held, root)
        yield each, held


def _after(held: Roster, root: etree._Element) -> Roster:
    if state_of(root) == "deleted":
        return Roster(version_of(root))
    new = Roster() if state_of(root) == "full" else deepcopy(held)
    new.version = version_of(root)
    state = root.find(f"{SPACE}conference-state")
    if state is not None:
        new.locked = (state.findtext(f"{SPACE}locked") or "").strip() in ("true", "1")
        count = (state.findtext(f"{SPACE}user-count") or "").strip()
        new.count = int(count) if count.isdigit() else None
    users = root.find(f"{SPACE}users")
    if users is not None:
        if state_of(users) != "partial":
            new.users = {}
        for user in users.findall(f"{SPACE}user"):
            _take_user(new, user)
    return new


def _take_user(new: Roster, user: etree._Element) -> None:
    entity = str(user.get("entity", ""))
    if state_of(user) == "deleted":
        new.users.pop(entity, None)
        return
    devices = new.users.setdefault(entity, {})
    if state_of(user) != "partial":
        devices.clear()
    for endpoint in user.findall(f"{SPACE}endpoint"):
        name = str(endpoint.get("entity", ""))
        if state_of(endpoint) == "deleted":
            devices.pop(name, None)
            continue
        device = devices.setdefault(name, Endpoint())
        if state_of(endpoint) != "partial":
            device.status, device.media = "", {}
        device.status = (endpoint.findtext(f"{SPACE}status") or device.status).strip()
        for media in endpoint.findall(f"{SPACE}media"):
            kind = (media.findtext(f"{SPACE}type") or "").strip()
            device.media[str(media.get("id", ""))] = (
                f"{kind} {(media.findtext(f'{SPACE}status') or '').strip()}".strip()
            )
