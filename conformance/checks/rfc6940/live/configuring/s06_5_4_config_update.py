"""ConfigUpdate: what is taken, what is refused, who is told (RFC 6940, section 6.5.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import body_of, code_of, judged
from conformance.checks.rfc6940.live.configuring.effects import granted, known, refused, unknown
from conformance.checks.rfc6940.live.labelled import put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, wrong
from conformance.lab import rules

CONFIG_UPDATE, CONFIG_UPDATE_ANS = 33, 34
SEQUENCE = re.compile(rb"""<configuration\b[^>]*\bsequence\s*=\s*["'](\d+)["']""")
NOT_NEWER = ("older", "of the same number")
BADLY_SIGNED = ("of another signer", "unsigned", "changed")


@check(
    "rfc6940/s06_5_4/behind-updated",
    "Who asks by an older configuration is sent the newer one by a ConfigUpdate.",
    "rfc6940:6.5.4/1",
    needs="a request with an older sequence number",
    role="node",
    protocol="reload",
    scenarios=("peer/config-behind",),
)
def behind_updated(evidence: Evidence) -> Iterator[Ruling]:
    """The sequence number in the document that comes."""
    for one in put(evidence, "behind"):
        older = int.from_bytes(one.octets[8:10])
        sent = [
            (event, body_of(message)) for event, message in judged(evidence)
            if event.number > one.event.number and event.destination == one.event.source
            and code_of(message) == CONFIG_UPDATE
        ]  # fmt: skip
        for event, body in sent[:1]:
            found = SEQUENCE.search(bytes.fromhex(str(body.get("config_data") or "")))
            number = int(found[1]) if found else -1
            yield rule(
                number > older, one.event, event, why="the document", expected=f"one newer than {older}", seen=number
            )
        if not sent:
            yield wrong(one.event, why="no ConfigUpdate", expected="a ConfigUpdateReq", seen=one.outcome)


@check(
    "rfc6940/s06_5_4_2/error-answered",
    "A configuration that is not newer, or not rightly signed, is answered by an error.",
    "rfc6940:6.5.4.2/2",
    needs="a ConfigUpdate that must not be followed",
    role="node",
    protocol="reload",
    scenarios=("peer/config-refused",),
)
def error_answered(evidence: Evidence) -> Iterator[Ruling]:
    """All the documents of the scenario but the good one."""
    return refused(evidence, *NOT_NEWER, *BADLY_SIGNED, "of another overlay", "no document")


@check(
    "rfc6940/s06_5_4_2/without-effect",
    "A configuration takes effect only if it is newer and rightly signed.",
    "rfc6940:6.5.4.2/1",
    needs="a ConfigUpdate that must not be followed, and a Fetch of the Kind that it brings",
    role="node",
    protocol="reload",
    scenarios=("peer/config-refused",),
)
def without_effect(evidence: Evidence) -> Iterator[Ruling]:
    """The Kind that each of them would have brought, and its sequence number; the good one brings it at last."""
    yield from unknown(evidence, "still", control="after")
    yield from _works_by(evidence, "still")


@check(
    "rfc6940/s06_5_4_2/newer-followed",
    "A node works by a newer configuration, as soon as it has answered that it has taken it.",
    "rfc6940:6.5.4.2/4",
    "rfc6940:11.1/39",
    needs="a ConfigUpdate that is taken, and a Fetch of the Kind that it brings",
    role="node",
    protocol="reload",
    scenarios=("peer/config-newer",),
)
def newer_followed(evidence: Evidence) -> Iterator[Ruling]:
    """The new Kind, and the sequence number of the answers."""
    for one in put(evidence, "newer"):
        events = [one.event, *(event for event, _ in one.answers[:1])]
        yield rule(
            granted(one, CONFIG_UPDATE_ANS), *events, why="the answer", expected="a ConfigUpdateAns", seen=one.outcome
        )
    yield from known(evidence, "after")
    yield from _works_by(evidence, "after")


@check(
    "rfc6940/s06_5_4_2/kind-learned",
    "A Kind whose description a kind-signer has signed is known after a ConfigUpdate; the base namespace is its default one.",
    "rfc6940:6.5.4.2/4",
    "rfc6940:6.5.4.1/1",
    needs="a ConfigUpdate with a kind-block, and a Fetch of the Kind",
    role="node",
    protocol="reload",
    scenarios=("peer/kind-update",),
)
def kind_learned(evidence: Evidence) -> Iterator[Ruling]:
    """The Kind is unknown before, and known after."""
    yield from unknown(evidence, "before", control="after")
    yield from known(evidence, "after")


@check(
    "rfc6940/s06_5_4_2/kind-signer",
    "A Kind takes effect only if one of the kind-signers has signed its description.",
    "rfc6940:6.5.4.2/3",
    "rfc6940:11.1/33",
    needs="a ConfigUpdate with a kind-block that no kind-signer has signed, and a Fetch of the Kind",
    role="node",
    protocol="reload",
    scenarios=("peer/kind-update-refused",),
)
def kind_signer(evidence: Evidence) -> Iterator[Ruling]:
    """Signed by a stranger, changed after it was signed, not signed."""
    yield from unknown(evidence, "still", control="after")


@check(
    "rfc6940/s06_5_4_1/kinds-utf8",
    "Descriptions of Kinds that a node sends are UTF-8.",
    "rfc6940:6.5.4.1/1",
    needs="a ConfigUpdate of the subject with Kinds",
    role="sender",
    protocol="reload",
    scenarios=("storing-peer/own-unknown-kind",),
)
def kinds_utf8(evidence: Evidence) -> Iterator[Ruling]:
    """Each description by itself."""
    for event, message in judged(evidence):
        kinds = body_of(message).get("kinds") if code_of(message) == CONFIG_UPDATE else None
        for one in kinds if isinstance(kinds, list) else []:
            try:
                bytes.fromhex(str(one)).decode()
            except UnicodeDecodeError as fault:
                yield wrong(event, why=str(fault), expected="UTF-8", seen=str(one)[:80], place="kinds")
            else:
                yield right(event)


def _works_by(evidence: Evidence, label: str) -> Iterator[Ruling]:
    """Answers have the sequence number that they were asked by."""
    for one in put(evidence, label):
        wanted = int.from_bytes(one.octets[8:10])
        for event, answer in one.answers[:1]:
            got = rules.number(answer.header["configuration_sequence"])
            yield rule(got == wanted, one.event, event, why="configuration_sequence", expected=str(wanted), seen=got)
