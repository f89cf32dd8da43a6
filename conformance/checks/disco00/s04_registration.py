"""Creating and joining a conference in the overlay (draft-knauf-p2psip-disco-00, section 4)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from urllib.parse import unquote

from conformance.checks.rfc6940.exchanges import asked, body_of, code_of, destinations, judged
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.judge.seen import Seen
from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message
from conformance.lab.sip.value import text_at

PEER = "focus-peer"
STORE, FETCH, STAT, APP_ATTACH = 7, 9, 25, 29
SIP_REGISTRATION = 1
LOWEST, HIGHEST = 0xF0000001, 0xFFFFFFFE
"""The private range that DISCO-REGISTRATION comes from as long as nothing is registered."""


def _kinds(message: Message, member: str) -> list[int]:
    return [rules.number(rules.member(one, "kind")) for one in destinations(body_of(message).get(member))]


def is_disco(kind: int, evidence: Evidence) -> bool:
    """Whether a Kind is a private dictionary, as DISCO-REGISTRATION is."""
    return LOWEST <= kind <= HIGHEST and evidence.context.kinds.get(kind) == "DICTIONARY"


def stores(evidence: Evidence) -> Iterator[tuple[Seen, Message]]:
    """Judged StoreReqs of the originator with a DISCO-REGISTRATION in them."""
    for event, message in judged(evidence):
        if code_of(message) == STORE and any(is_disco(kind, evidence) for kind in _kinds(message, "kind_data")):
            yield event, message


@check("disco00/s04_3/stat-before-store", "Who creates a conference first asks by Stat whether its name is free.", "disco00:4.3/3",
       "disco00:4.3/0", needs="a first StoreReq of a DISCO-REGISTRATION without a FetchReq for it before", role=PEER, protocol="reload")  # fmt: skip
def stat_before_store(evidence: Evidence) -> Iterator[Ruling]:
    """Requests for the same Resource-ID on the same hop before the first Store; who has fetched is joining, not creating."""
    done: set[tuple[str, str]] = set()
    earlier: list[tuple[Seen, Message]] = []
    for event, message in judged(evidence):
        resource = str(body_of(message).get("resource", ""))
        if code_of(message) in (STAT, FETCH):
            earlier.append((event, message))
        if code_of(message) != STORE or (event.source, resource) in done:
            continue
        if not any(is_disco(kind, evidence) for kind in _kinds(message, "kind_data")) or _deleting(message):
            continue
        done.add((event.source, resource))
        own = [(e, m) for e, m in earlier if e.source == event.source and body_of(m).get("resource") == resource]
        if any(code_of(m) == FETCH for _, m in own):
            continue
        asked_before = [e for e, m in own if code_of(m) == STAT]
        if asked_before:
            yield right(asked_before[0], event)
        else:
            yield wrong(
                event, why="nobody asked whether the name is free", expected="a StatReq for it before", seen="none"
            )


def _deleting(message: Message) -> bool:
    values = [
        entry
        for one in destinations(body_of(message).get("kind_data"))
        for entry in destinations(rules.member(one, "values"))
    ]
    return bool(values) and all(_exists(one) is False for one in values)


def _exists(stored: Json) -> Json:
    value = rules.member(stored, "value")
    entry = rules.member(value, "dictionary_entry") or rules.member(value, "value") or value
    inner = rules.member(entry, "value")
    return rules.member(inner if isinstance(inner, dict) else entry, "exists")


@check("disco00/s04_3/both-in-one-store", "A SIP-REGISTRATION of the conference goes into the same StoreReq.", "disco00:4.3/8",
       needs="StoreReqs of DISCO-REGISTRATION and SIP-REGISTRATION by one node for one Resource-ID", level="SHOULD", role=PEER,
       protocol="reload")  # fmt: skip
def both_in_one_store(evidence: Evidence) -> Iterator[Ruling]:
    """Kinds of StoreReqs of one node under one Resource-ID."""
    registered: dict[tuple[str, str], Seen] = {}
    for event, message in judged(evidence):
        if code_of(message) == STORE and SIP_REGISTRATION in _kinds(message, "kind_data"):
            registered.setdefault((event.source, str(body_of(message).get("resource"))), event)
    for event, message in stores(evidence):
        sip = registered.get((event.source, str(body_of(message).get("resource"))))
        if sip is not None:
            good = SIP_REGISTRATION in _kinds(message, "kind_data")
            yield rule(good, sip, event, why="stored apart", expected="one StoreReq", seen="two", place="kind_data")


@check("disco00/s04_4/fetch-all-keys", "Who joins fetches the whole dictionary, not single keys.", "disco00:4.4/2",
       needs="a FetchReq for a DISCO-REGISTRATION", level="SHOULD", role="joining-peer", protocol="reload")  # fmt: skip
def fetch_all_keys(evidence: Evidence) -> Iterator[Ruling]:
    """Keys of the specifier."""
    for event, message in judged(evidence):
        for one in destinations(body_of(message).get("specifiers")) if code_of(message) == FETCH else []:
            if is_disco(rules.number(rules.member(one, "kind")), evidence):
                keys = destinations(rules.member(rules.member(one, "model_specifier"), "keys"))
                yield rule(not keys, event, why="single keys", expected="no keys", seen=keys, place="specifiers")


@check("disco00/s04_4/app-attach-5060", "The transport for SIP is asked for with application 5060.", "disco00:4.4/4",
       needs="an AppAttachReq", role="joining-peer", protocol="reload")  # fmt: skip
def app_attach_5060(evidence: Evidence) -> Iterator[Ruling]:
    """The application of AppAttach, request and answer."""
    for event, message in judged(evidence):
        if code_of(message) in (APP_ATTACH, APP_ATTACH + 1):
            got = body_of(message).get("application")
            yield rule(got == 5060, event, why="another application", expected="5060", seen=got, place="application")


@check("disco00/s04_4/coordinate-in-contact", "Who joins by AppAttach tells its coordinates in the Contact of the INVITE.", "disco00:4.4/8",
       needs="an INVITE after an AppAttach for SIP", role="joining-peer")  # fmt: skip
def coordinate_in_contact(evidence: Evidence) -> Iterator[Ruling]:
    """The URI parameter coord of the first INVITE of each call behind an AppAttach."""
    attached = [
        one for one in asked(evidence) if one.code == APP_ATTACH and body_of(one.request).get("application") == 5060
    ]
    for event, message in evidence.requests("INVITE"):
        if message.to_tag or not any(one.event.number < event.number for one in attached):
            continue
        coordinate = text_at(message.first("contact"), "uri", "parameters", "coord")
        seen = message.lines("contact")
        yield rule(
            coordinate is not None,
            event,
            why="no coordinates",
            expected=";coord= in the URI",
            seen=seen,
            place="Contact",
        )


@check("disco00/s04_4/coordinate-base64", "Coordinates in a Contact are base64, with = escaped or not.", "disco00:4.4/8", "disco00:4.4/0",
       needs="a Contact with the URI parameter coord", role="joining-peer")  # fmt: skip
def coordinate_base64(evidence: Evidence) -> Iterator[Ruling]:
    """The value of coord."""
    for event, message in evidence.judged:
        for contact in message.values("contact"):
            coordinate = text_at(contact, "uri", "parameters", "coord")
            if coordinate is None:
                continue
            try:
                base64.b64decode(unquote(coordinate), validate=True)
                good = True
            except (binascii.Error, ValueError):
                good = False
            yield rule(good, event, why="not base64", expected="base64", seen=coordinate, place="Contact")
