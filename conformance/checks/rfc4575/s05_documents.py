"""What stands in the documents (RFC 4575, section 5; by its schema, and from memory)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc4575.roster import SPACE, conferences, document_of, documents, is_document, rosters, state_of
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.transactions import uri_text
from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.uri import read_uri
from conformance.run.model import Verdict
from conformance.targets.documents import judge_document

NOTIFIER = "notifier"


@check(
    "rfc4575/s05/valid", "A conference document is as its schema says.", "rfc4575:5/0", "rfc4575:5.1/102", "rfc4575:5.7/101", "rfc4575:5.8/101",
    needs="a NOTIFY with a conference document", role=NOTIFIER,
)  # fmt: skip
def valid(evidence: Evidence) -> Iterator[Ruling]:
    """By both validators, in the corrected form of the schema."""
    for event, message in evidence.requests("NOTIFY"):
        if not is_document(message):
            continue
        findings = judge_document(message.body, "conference-info").findings
        bad = next((one for one in findings if one.verdict is Verdict.FAIL), None)
        if bad is not None:
            yield wrong(event, why=bad.why, expected=bad.expected, seen=bad.seen, place=f"body {bad.place}".strip())
        elif any("xs:anyURI" in one.why for one in findings):
            yield right(event, why="libxml2 takes no IPv6 address in a URI of the scheme sip, the other validator does")
        elif any(one.verdict is Verdict.INCONCLUSIVE for one in findings):
            yield unclear(event, why=findings[0].why)
        else:
            yield right(event)


@check(
    "rfc4575/s05_1/entity", "The entity of a document is the URI of the conference that was subscribed to.", "rfc4575:5.1/101",
    needs="a NOTIFY with a document for a SUBSCRIBE to a conference URI", role=NOTIFIER,
)  # fmt: skip
def entity(evidence: Evidence) -> Iterator[Ruling]:
    """User and host of both; a port or transport may be left out of one of them."""
    for one in conferences(evidence):
        wanted = _place(one.made_by.request.request_uri)
        for each, root in documents(one):
            told = str(root.get("entity", ""))
            good, asked = _place(told) == wanted, one.made_by.request.request_uri
            yield rule(
                good, one.made_by.event, each.event, why="another conference", expected=asked, seen=told, place="body"
            )


def _place(uri: str) -> tuple[str, str]:
    """User and host."""
    try:
        text = uri_text(read_uri(uri))
    except Misread:
        return uri, ""
    user, at, host = text.partition(":")[2].rpartition("@")
    place = host.partition(";")[0]
    return user if at else "", place.partition("]")[0] if place.startswith("[") else place.partition(":")[0]


@check(
    "rfc4575/s05_5/keys", "What appears in a partial document has the key by which it is merged.", "rfc4575:5.5/101",
    needs="a partial document with users", role=NOTIFIER,
)  # fmt: skip
def keys(evidence: Evidence) -> Iterator[Ruling]:
    """Entity of users and endpoints, id of media."""
    for event, message in evidence.requests("NOTIFY"):
        root = document_of(message)
        if root is None or state_of(root) != "partial":
            continue
        keyed = [(each, "entity") for name in ("user", "endpoint") for each in root.iter(f"{SPACE}{name}")]
        keyed += [(each, "id") for each in root.iter(f"{SPACE}media") if each.getparent().tag == f"{SPACE}endpoint"]
        for each, name in keyed:
            tag = str(each.tag).rpartition("}")[2]
            yield rule(
                bool(each.get(name)),
                event,
                why=f"{tag} without key",
                expected=name,
                seen="none",
                place=f"body line {each.sourceline}",
            )


@check(
    "rfc4575/s05_4/user-count", "The number of users is that of those who are shown.", "rfc4575:5/0", needs="a document with user-count and users",
    level="SHOULD", role=NOTIFIER,
)  # fmt: skip
def user_count(evidence: Evidence) -> Iterator[Ruling]:
    """Not more than there are users, not fewer than there are users that take part, after each document."""
    for one in conferences(evidence):
        for each, held in rosters(one):
            if held.count is None or not held.users:
                continue
            least = sum(bool(held.connected(user)) for user in held.users)
            good, expected = least <= held.count <= len(held.users), f"{least} to {len(held.users)}"
            yield rule(good, each.event, why="another number", expected=expected, seen=held.count, place="body")
