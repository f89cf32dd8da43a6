"""What an enrolment server gives, and to whom (RFC 6940, sections 11.1, 11.3 and 13.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.rfc6940.live.enrolment.exchanges import (
    PKIX,
    Exchange,
    certificate,
    exchanges,
    same_key,
    signing_request,
    wanted_name,
)
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab.certificates import check_names, check_trust
from conformance.lab.presentation.refusal import LabRefusal

ROLE = "enrollment-server"
GOOD = ("first", "second", "one", "two", "as it is")
STRANGERS = ("wrong password", "wrong password, bad request", "no account", "no credentials")
DECLARATION = re.compile(rb"""^\s*<\?xml\s[^>]*encoding\s*=\s*["']utf-8["']""", re.IGNORECASE)


@check(
    "rfc6940/s11_1/encoding-declared",
    "The XML declaration of a configuration document names the encoding.",
    "rfc6940:11.1/1b",
    needs="a configuration document that the subject serves",
    level="SHOULD",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/document",),
)
def encoding_declared(evidence: Evidence) -> Iterator[Ruling]:
    """The first line."""
    for one in exchanges(evidence, "document"):
        if one.answer is not None and one.answer.status == 200:
            first = one.answer.body[:80]
            found = DECLARATION.match(first)
            yield rule(
                bool(found), *one.events, why="the XML declaration", expected='encoding="UTF-8"',
                seen=first.decode("utf-8", "replace"),
            )  # fmt: skip


@check(
    "rfc6940/s11_3/certificate-returned",
    "Whose account and request are in order gets a certificate for that request, with status 200, as application/pkix-cert.",
    "rfc6940:11.3/13",
    "rfc6940:11.3/24",
    needs="a good request for a certificate",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/enrols", "enrollment-server/several", "enrollment-server/octets"),
)
def certificate_returned(evidence: Evidence) -> Iterator[Ruling]:
    """Status, type, key, user name, names besides, and who has issued it."""
    for one in exchanges(evidence, *GOOD):
        good = one.answer is not None and one.answer.status == 200 and one.answer.media_type == PKIX
        if not good:
            yield wrong(*one.events, why="the answer", expected=f"status 200, {PKIX}", seen=one.outcome)
            continue
        yield _issued(evidence, one)


def _issued(evidence: Evidence, one: Exchange) -> Ruling:
    found, request = certificate(evidence, one), signing_request(one)
    if found is None or request is None:
        return wrong(
            *one.events, why="the certificate", expected="one that names Node-IDs", seen="none that can be read"
        )
    try:
        check_names(found.x509)
        check_trust(found, (), evidence.context)
    except LabRefusal as refusal:
        return wrong(*one.events, why="the certificate", expected="one of the overlay", seen=refusal)
    if not same_key(request, found.x509):
        return wrong(*one.events, why="the key", expected="that of the request", seen="another one")
    wanted = wanted_name(request)
    named = bool(found.user) if not wanted else found.user == wanted
    return rule(named, *one.events, why="the user name", expected=wanted or "any", seen=found.user)


@check(
    "rfc6940/s11_3/authenticated-first",
    "Nobody gets a certificate without the password of an account, and the password is looked at before anything else.",
    "rfc6940:11.3/12",
    needs="requests with a wrong password, and good ones",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/strangers",),
)
def authenticated_first(evidence: Evidence) -> Iterator[Ruling]:
    """With a bad request besides, the refusal is still for the password."""
    served = any(certificate(evidence, one) for one in exchanges(evidence, "first"))
    for one in exchanges(evidence, *STRANGERS):
        if one.granted:
            yield wrong(*one.events, why="who is nobody is served", expected="a refusal", seen=one.outcome)
        elif one.token not in ("", "failed_authentication"):
            yield wrong(*one.events, why="another reason", expected="failed_authentication", seen=one.token)
        elif served:
            yield right(*one.events)
        else:
            yield unclear(*one.events, why="a good request is not served either")


@check(
    "rfc6940/s11_3/no-node-ids-before",
    "Who is not authenticated learns no Node-IDs.",
    "rfc6940:11.3/17",
    needs="requests of nobody, and certificates of the account",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/strangers",),
)
def no_node_ids_before(evidence: Evidence) -> Iterator[Ruling]:
    """The Node-IDs of the account, in octets, in digits, in base64; and certificates."""
    known = {
        node for one in exchanges(evidence, "first") if (got := certificate(evidence, one)) for node in got.node_ids
    }
    for one in exchanges(evidence, *STRANGERS):
        said = one.answer.received if one.answer else b""
        told = [node.hex() for node in known if node in said or node.hex().encode() in said.lower()]
        if told or b"reload://" in said.lower() or certificate(evidence, one):
            yield wrong(*one.events, why="a Node-ID is told", expected="none", seen=", ".join(told) or one.outcome)
        elif known and one.answer is not None:
            yield right(*one.events)
        else:
            yield unclear(*one.events, why="no certificate was issued to anybody, or no answer came")


@check(
    "rfc6940/s11_3/compared-as-octets",
    "User names and passwords are UTF-8, and are compared octet by octet.",
    "rfc6940:11.3/7",
    needs="an account beyond ASCII",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/octets",),
)
def compared_as_octets(evidence: Evidence) -> Iterator[Ruling]:
    """What only looks alike is refused."""
    served = [one.granted for one in exchanges(evidence, "as it is")]
    for one in exchanges(evidence, "as it is"):
        yield rule(one.granted, *one.events, why="the account", expected="it is served", seen=one.outcome)
    for one in exchanges(evidence, "other octets"):
        if one.granted:
            yield wrong(*one.events, why="other octets", expected="a refusal", seen=one.outcome)
        elif all(served):
            yield right(*one.events)
        else:
            yield unclear(*one.events, why="the account itself is not served")


@check(
    "rfc6940/s11_3/node-ids-kept",
    "Who comes again gets the Node-IDs that he had.",
    "rfc6940:11.3/19",
    needs="two certificates for one account",
    level="SHOULD",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/enrols",),
)
def node_ids_kept(evidence: Evidence) -> Iterator[Ruling]:
    """The Node-IDs of both."""
    some = [(one, got) for one in exchanges(evidence, "first") if (got := certificate(evidence, one))]
    for (before, old), (after, new) in zip(some, some[1:], strict=False):
        yield rule(
            set(old.node_ids) == set(new.node_ids), *before.events, *after.events, why="Node-IDs",
            expected=_hex(old.node_ids), seen=_hex(new.node_ids),
        )  # fmt: skip


@check(
    "rfc6940/s11_3/legal-names",
    "A user name with characters that are not legal is not certified.",
    "rfc6940:11.3/20",
    needs="a request for a name with a NUL",
    level="SHOULD",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/names",),
)
def legal_names(evidence: Evidence) -> Iterator[Ruling]:
    """Another name in its place would be right as well."""
    served = any(one.granted for one in exchanges(evidence, "second"))
    for one in exchanges(evidence, "illegal"):
        bad = b"\x00y@" in (one.answer.body if one.granted and one.answer else b"")
        if bad:
            yield wrong(*one.events, why="the name", expected="a refusal", seen="a certificate for a name with NUL")
        elif served:
            yield right(*one.events)
        else:
            yield unclear(*one.events, why="legal names are not certified either")


@check(
    "rfc6940/s11_3/refusals",
    "A request that is refused is answered by 403 with a token that says why, as plain text.",
    "rfc6940:11.3/25",
    needs="requests that cannot be granted",
    level="SHOULD",
    role=ROLE,
    protocol="http",
    scenarios=(
        "enrollment-server/strangers", "enrollment-server/names", "enrollment-server/several",
        "enrollment-server/bad-requests",
    ),
)  # fmt: skip
def refusals(evidence: Evidence) -> Iterator[Ruling]:
    """The token by what is wrong; where too many Node-IDs are given after all, none is owed."""
    wanted = {
        "wrong password": "failed_authentication", "no account": "failed_authentication",
        "taken": "username_not_available", "illegal": "username_not_available",
        "too many": "Node-IDs_not_available", "bad request": "bad_CSR",
    }  # fmt: skip
    for one in exchanges(evidence, *wanted):
        if one.granted:
            continue
        token = wanted[one.event.label]
        yield rule(one.token == token, *one.events, why="the refusal", expected=f"403 {token}", seen=one.outcome)


@check(
    "rfc6940/s13_3/one-user-a-name",
    "No user name is certified for two users.",
    "rfc6940:13.3/1",
    needs="two accounts, of which one asks for the other's name",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/names",),
)
def one_user_a_name(evidence: Evidence) -> Iterator[Ruling]:
    """The names in the certificates of both."""
    mine = {got.user for one in exchanges(evidence, "first") if (got := certificate(evidence, one))}
    for one in exchanges(evidence, "taken", "second"):
        got = certificate(evidence, one)
        if got is not None:
            yield rule(got.user not in mine, *one.events, why="the name", expected="another one", seen=got.user)
        elif mine and one.event.label == "taken" and one.answer is not None and not one.granted:
            yield right(*one.events)


@check(
    "rfc6940/s13_3/node-ids-of-the-server",
    "Every certificate has Node-IDs of the server's choice, as many as were asked for, and no two users have one in common.",
    "rfc6940:13.3/2",
    needs="certificates for two accounts",
    role=ROLE,
    protocol="http",
    scenarios=("enrollment-server/enrols", "enrollment-server/several"),
)
def node_ids_of_the_server(evidence: Evidence) -> Iterator[Ruling]:
    """What is asked for without a number is one."""
    users: dict[bytes, str | None] = {}
    for one in exchanges(evidence, "first", "second", "one", "two"):
        got = certificate(evidence, one)
        if got is None:
            continue
        count = 2 if one.event.label == "two" else 1
        others = [users[node] for node in got.node_ids if users.get(node, got.user) != got.user]
        users |= dict.fromkeys(got.node_ids, got.user)
        good = len(set(got.node_ids)) == count and not others
        expected = f"{count}, nobody else's"
        yield rule(good, *one.events, why="Node-IDs", expected=expected, seen=_hex(got.node_ids))


def _hex(nodes: tuple[bytes, ...]) -> str:
    return ", ".join(sorted(node.hex() for node in nodes))
