"""Credentials as they stand in requests (RFC 3261, sections 22.3, 22.4 and 26.3.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.seen import Seen
from conformance.judge.transactions import uri_text
from conformance.lab.sip import Message
from conformance.lab.sip.value import Json, pick, text_at

CLIENT = "user-agent-client"
NAMES = ("authorization", "proxy-authorization")
QUOTED = re.compile(r'[\s,]uri\s*=\s*"', re.IGNORECASE)
BARE = re.compile(r"[\s,]uri\s*=", re.IGNORECASE)


def credentials(evidence: Evidence) -> Iterator[tuple[Seen, Message, Json]]:
    """Every digest credential of the judged requests."""
    for event, message in evidence.requests():
        for name in NAMES:
            for one in message.values(name):
                if (text_at(one, "scheme") or "").lower() == "digest":
                    yield event, message, one


@check("rfc3261/s22_3/one-user-a-realm", "A user agent uses the same credentials for the same realm.", "rfc3261:22.3/18",
       needs="two digest credentials of one identity for one realm", level="SHOULD", role=CLIENT)  # fmt: skip
def one_user_a_realm(evidence: Evidence) -> Iterator[Ruling]:
    """User names by sender, identity (the URI of From) and realm."""
    known: dict[tuple[str, str, str], tuple[Seen, str | None]] = {}
    for event, message, one in credentials(evidence):
        key = (event.source, uri_text(pick(message.first("from"), "uri")), text_at(one, "parameters", "realm") or "")
        user = text_at(one, "parameters", "username")
        first, name = known.setdefault(key, (event, user))
        if first is not event:
            yield rule(name == user, first, event, why="another user", expected=str(name), seen=user, place="username")


@check("rfc3261/s22_4/uri-quoted", "The uri of digest credentials stands in quotation marks.", "rfc3261:22.4/3",
       needs="digest credentials with uri", role=CLIENT)  # fmt: skip
def uri_quoted(evidence: Evidence) -> Iterator[Ruling]:
    """The text of both headers."""
    for event, message in evidence.requests():
        for name in NAMES:
            for line in message.lines(name):
                if line.lower().startswith("digest") and BARE.search(line):
                    good = bool(QUOTED.search(line))
                    yield rule(good, event, why="not quoted", expected='uri="..."', seen=line, place=name.title())


@check("rfc3261/s26_3_2_1/user-of-record", "The user name of a registration's credentials is the user of its To.",
       "rfc3261:26.3.2.1/9", needs="a REGISTER with digest credentials", level="SHOULD", role=CLIENT)  # fmt: skip
def user_of_record(evidence: Evidence) -> Iterator[Ruling]:
    """Both, also where the user name has the domain behind it."""
    for event, message, one in credentials(evidence):
        if message.method == "REGISTER":
            name = text_at(one, "parameters", "username") or ""
            wanted = text_at(message.first("to"), "uri", "user") or ""
            good = name.partition("@")[0] == wanted
            yield rule(good, event, why="another user", expected=wanted, seen=name, place="username")
