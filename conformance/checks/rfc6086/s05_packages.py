"""Packages that a subject takes and sends: for how long, with which bodies, and after changes that were refused (RFC 6086)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import accepted, answered_by, status_of
from conformance.checks.rfc3261.live.stimuli import told as sent
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.transactions import Transaction
from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

BOTH, CLIENT = "user-agent", "user-agent-client"
TELLING = ("INVITE", "UPDATE", "PRACK")
"""The methods that have Recv-Info, or may (section 7.1)."""


def packages(message: Message) -> set[str]:
    """The names in Recv-Info."""
    return {text_at(value, "value") or str(value) for value in message.values("recv-info")}


def package(one: Transaction) -> str:
    """The package of an INFO."""
    return text_at(one.request.first("info-package"), "value") or ""


def invited(evidence: Evidence, *labels: str) -> Iterator[Transaction]:
    """The INFOs of these labels whose package the subject had once said that it takes."""
    for one in evidence.asked(*labels):
        told = [each for other, each in evidence.judged if other.number < one.event.number and each.has("recv-info")]
        if any(package(one) in packages(each) for each in told):
            yield one


@check(
    "rfc6086/s04_3_1/own-types", "Who takes a package takes each type of body that the package defines.", "rfc6086:4.3.1/2",
    "rfc6086:4.2.2/5", needs="INFO of a package that the subject says it takes, with each of its types", role=BOTH,
    scenarios=("user-agent/package-types",),
)  # fmt: skip
def own_types(evidence: Evidence) -> Iterator[Ruling]:
    """200."""
    for one in invited(evidence, "info-own-type"):
        yield answered_by(evidence, one, 200, why="a type of the package")


@check(
    "rfc6086/s04_2_2/other-type-415", "A body of another package's type gets 415.", "rfc6086:4.2.2/3", level="SHOULD",
    needs="INFO of a package that the subject says it takes, with a type that it knows from another one", role=BOTH,
    scenarios=("user-agent/package-types",),
)  # fmt: skip
def other_type_415(evidence: Evidence) -> Iterator[Ruling]:
    """The status."""
    for one in invited(evidence, "info-other-type"):
        yield answered_by(evidence, one, 415, why="a type of another package")


@check(
    "rfc6086/s05_2_2/until-withdrawn", "A package that was invited is taken until it is withdrawn, whatever else changes.", "rfc6086:5.2.2/3",
    "rfc6086:4.2.2/1", needs="INFO of a package that the subject says it takes, before and after it says otherwise", role=BOTH,
    scenarios=("user-agent/packages-stand", "user-agent/packages-rung"),
)  # fmt: skip
def until_withdrawn(evidence: Evidence) -> Iterator[Ruling]:
    """200, and 469 afterwards."""
    for one in invited(evidence, "info-invited"):
        yield answered_by(evidence, one, 200, why="invited, and not withdrawn")
    for one in invited(evidence, "info-withdrawn"):
        yield answered_by(evidence, one, 469, why="withdrawn")


@check(
    "rfc6086/s05_2_2/none-empty", "Who wants no packages any more says so by an empty Recv-Info.", "rfc6086:5.2.2/2",
    needs="a subject that takes packages, and is told to take none", role=BOTH, scenarios=("user-agent/packages-stand",),
)  # fmt: skip
def none_empty(evidence: Evidence) -> Iterator[Ruling]:
    """The last of its re-INVITEs."""
    changes = [one for one in sent(evidence, "INVITE") if not one.initial]
    if len(changes) < 3:  # both, one, none
        return
    last = changes[-1]
    lines = last.request.lines("recv-info")
    good = last.request.has("recv-info") and not packages(last.request)
    yield rule(good, last.event, why="not empty", expected="Recv-Info:", seen=lines or "none", place="Recv-Info")


@check(
    "rfc6086/s05_2_3/told-again", "A 2xx to a request with Recv-Info has it too, also where nothing has changed.", "rfc6086:5.2.3/2",
    needs="a request with Recv-Info to a subject that shows by Recv-Info that it knows packages", role=BOTH,
)  # fmt: skip
def told_again(evidence: Evidence) -> Iterator[Ruling]:
    """INVITE, UPDATE and PRACK; who never sends Recv-Info knows no packages."""
    known = {event.source.rpartition(":")[0] for event, message in evidence.judged if message.has("recv-info")}
    for one in evidence.transactions:
        if one.method in TELLING and one.request.has("recv-info") and accepted(one) and one.final is not None:
            event, message = one.final
            if event.direction != "received" and event.source.rpartition(":")[0] in known:
                good = message.has("recv-info")
                yield rule(good, one.event, event, why="not told", expected="Recv-Info", seen="none")


@check(
    "rfc6086/s05_2_4/own-rolled-back", "After a refused change the subject takes the packages that it took before.", "rfc6086:5.2.4/1",
    needs="a re-INVITE of the subject with other packages that is refused, and INFO afterwards", role=BOTH,
    scenarios=("user-agent/packages-not-changed",),
)  # fmt: skip
def own_rolled_back(evidence: Evidence) -> Iterator[Ruling]:
    """200 for what it took, 469 for what it wanted to take."""
    refused = [one for one in sent(evidence, "INVITE") if not one.initial and status_of(one) >= 300]
    for labels, status in (("info-as-before", 200), ("info-of-refused", 469)):
        for one in invited(evidence, labels):
            if refused and refused[0].event.number < one.event.number:
                yield answered_by(evidence, one, status, why="the change was refused")


@check(
    "rfc6086/s05_2_4/peers-rolled-back", "After a change that it refused the subject sends the packages that its peer took before.",
    "rfc6086:5.2.4/1", needs="a re-INVITE with other packages that the subject refuses, and INFO of the subject afterwards", role=BOTH,
    scenarios=("user-agent/sends-package",),
)  # fmt: skip
def peers_rolled_back(evidence: Evidence) -> Iterator[Ruling]:
    """The package of each INFO that it sends until the next change."""
    told: set[str] = set()
    refused: Transaction | None = None
    for one in sorted(evidence.transactions, key=lambda each: each.event.number):
        if one.method == "INVITE" and one.event.direction == "received" and one.request.has("recv-info"):
            refused = None if accepted(one) else one
            told = packages(one.request) if accepted(one) else told
        elif refused is not None and one.method == "INFO" and one.event.direction == "sent":
            good, expected = package(one) in told, ", ".join(sorted(told))
            yield rule(good, refused.event, one.event, why="the change was refused", expected=expected,
                       seen=package(one), place="Info-Package")  # fmt: skip


@check(
    "rfc6086/s04_2_1/forks-apart", "Each fork of a call takes its own packages.", "rfc6086:4.2.1/7",
    needs="two forks with different Recv-Info, and INFO of the subject to one of them", role=CLIENT,
    scenarios=("user-agent/called-forks-invite",),
)  # fmt: skip
def forks_apart(evidence: Evidence) -> Iterator[Ruling]:
    """The package of each INFO against Recv-Info of the responses with the tag that it is sent to."""
    calls = [one for one in sent(evidence, "INVITE") if one.initial]
    for one in sent(evidence, "INFO"):
        told = [
            (event, packages(message))
            for call in calls
            for event, message in call.responses
            if message.to_tag == one.request.to_tag and message.has("recv-info") and event.number < one.event.number
        ]
        if told:
            event, wanted = told[-1]
            yield rule(package(one) in wanted, event, one.event, why="of another fork", expected=", ".join(wanted),
                       seen=package(one), place="Info-Package")  # fmt: skip


@check(
    "rfc6086/s05_3/not-registered", "REGISTER lists no package of which nobody says what a registrar makes of it.", "rfc6086:5.3/1",
    needs="a REGISTER of a subject that takes packages of which nothing is said but their bodies", role=CLIENT,
    scenarios=("user-agent/registers-packages",),
)  # fmt: skip
def not_registered(evidence: Evidence) -> Iterator[Ruling]:
    """Recv-Info of each REGISTER, where the 2xx to an INVITE shows that the subject has packages."""
    has = [message for _, message in evidence.judged if not message.is_request and packages(message)]
    for one in sent(evidence, "REGISTER") if has else ():
        listed = packages(one.request)
        yield rule(not listed, one.event, why="packages are registered", expected="no value", seen=", ".join(listed),
                   place="Recv-Info")  # fmt: skip
