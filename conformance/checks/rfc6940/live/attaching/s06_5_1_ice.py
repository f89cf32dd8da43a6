"""ICE: who checks, in which role, and what keeps a link alive (RFC 6940, sections 6.5.1.2 to 6.5.1.10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.checks.rfc6940.exchanges import code_of, judged
from conformance.checks.rfc6940.live.attaching.courses import ATTACH
from conformance.checks.rfc6940.live.labelled import put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab import stun
from conformance.lab.presentation.refusal import LabRefusal

ASKED, IDLE, ASKS, SERVERS = "peer/ice-asked", "peer/ice-idle", "peer/ice-asks", "peer/ice-servers"
KEEPING = 16.0
"""Seconds within which something keeps an idle link alive: fifteen, and what a timer may be late (RFC 5245, section 10)."""


@dataclass(frozen=True, slots=True)
class Told:
    """One message of STUN, as the evidence has it."""

    message: stun.Stun
    by_subject: bool
    at: float
    open: bool
    """Whether the handshake behind it was over."""
    user: str
    """The fragment of the party's user name."""
    password: str


def told(evidence: Evidence) -> list[Told]:
    """Every message that can be read."""
    found: list[Told] = []
    for _, fact in evidence.play.facts if evidence.play else ():
        if fact.get("what") != "stun":
            continue
        try:
            message = stun.read(bytes.fromhex(str(fact["octets"])))
        except LabRefusal:
            continue
        by, at = fact.get("by") == "subject", int(str(fact["at"])) / 1000
        found.append(Told(message, by, at, fact.get("open") is True, str(fact["user"]), str(fact["password"])))
    return found


def checks_of(evidence: Evidence) -> list[Told]:
    """The subject's connectivity checks: requests that its counterpart's password seals."""
    return [one for one in told(evidence) if one.by_subject and one.message.type == stun.REQUEST and one.message.user]


@check(
    "rfc6940/s06_5_1_3/full-ice",
    "Who is asked to attach with ICE checks by itself, and answers checks: full ICE, whatever it knows of the other side.",
    "rfc6940:6.5.1.3/1",
    "rfc6940:6.5.1.8/1",
    needs="an Attach with ICE to the subject",
    role="implementation",
    protocol="reload",
    scenarios=(ASKED,),
)
def full_ice(evidence: Evidence) -> Iterator[Ruling]:
    """Requests with the right user name and password, and responses that are sealed."""
    for one in put(evidence, "attach"):
        if one.error or not one.answers:
            yield unclear(one.event, why=f"the Attach comes to {one.outcome}")
            continue
        own = checks_of(evidence)
        good = [each for each in own if each.message.sealed(each.password) and each.message.user.startswith(f"{each.user}:")]  # fmt: skip
        events = (one.event, one.answers[0][0])
        yield rule(
            bool(good), *events, why="connectivity checks", expected="of the subject, sealed by the party's password", seen=len(own)
        )  # fmt: skip
        asked = {each.message.transaction for each in told(evidence) if not each.by_subject and each.message.type == stun.REQUEST}  # fmt: skip
        answers = [each for each in told(evidence) if each.by_subject and each.message.type == stun.SUCCESS]
        met = any(each.message.transaction in asked and each.message.first(stun.MAPPED) for each in answers)
        yield rule(met, *events, why="the party's checks", expected="are answered", seen=f"{len(answers)} answers")


@check(
    "rfc6940/s06_5_1_9/role-attribute",
    "Connectivity checks carry ICE-CONTROLLING of who has asked to attach, and ICE-CONTROLLED of who has answered.",
    "rfc6940:6.5.1.9/1",
    needs="connectivity checks of the subject",
    role="node",
    protocol="reload",
    scenarios=(ASKED, ASKS),
)
def role_attribute(evidence: Evidence) -> Iterator[Ruling]:
    """Each of them, with its tie-breaker."""
    asks = evidence.play is not None and evidence.play.scenario == ASKS
    wanted, other = (stun.CONTROLLING, stun.CONTROLLED) if asks else (stun.CONTROLLED, stun.CONTROLLING)
    name = "ICE-CONTROLLING" if asks else "ICE-CONTROLLED"
    for one in checks_of(evidence):
        value = one.message.first(wanted)
        good = value is not None and len(value) == 8 and one.message.first(other) is None
        seen = ", ".join(f"{number:#06x}" for number, _ in one.message.attributes)
        yield rule(good, why="attributes", expected=name, seen=seen)


@check(
    "rfc6940/s06_5_1_2/checks-after-answer",
    "With the answer to its Attach in hand, a node starts its own connectivity checks.",
    "rfc6940:6.5.1.2/9",
    needs="an Attach of the subject with ICE, that is answered",
    level="SHOULD",
    role="node",
    protocol="reload",
    scenarios=(ASKS,),
)
def checks_after_answer(evidence: Evidence) -> Iterator[Ruling]:
    """To the candidate in the answer."""
    for one in put(evidence, "answer"):
        found = len(checks_of(evidence))
        yield rule(found > 0, one.event, why="connectivity checks", expected="some", seen=found)


@check(
    "rfc6940/s06_5_1_10_2/no-updated-offer",
    "Once ICE has completed, the controlling agent sends no updated offer.",
    "rfc6940:6.5.1.10.2/1",
    needs="an Attach of the subject with ICE that has led to a link",
    role="node",
    protocol="reload",
    scenarios=(ASKS,),
)
def no_updated_offer(evidence: Evidence) -> Iterator[Ruling]:
    """Another Attach to the same place, behind the answer; one to another place is another link."""
    for one in put(evidence, "answer"):
        offers = [(event, message) for event, message in judged(evidence) if code_of(message) == ATTACH]
        first = [message for event, message in offers if event.number < one.event.number][-1:]
        again = [
            event for event, message in offers
            if event.number > one.event.number and first
            and message.header["destination_list"] == first[0].header["destination_list"]
        ]  # fmt: skip
        if again:
            yield wrong(one.event, again[0], why="another offer", expected="none", seen="an AttachReq")
        elif first and evidence.play is not None and evidence.play.complete:
            yield right(one.event)
        else:
            yield unclear(one.event, why="ICE has not completed")


@check(
    "rfc6940/s06_5_1_10_3/stun-keepalive",
    "An idle link that ICE has made is kept alive by STUN.",
    "rfc6940:6.5.1.10.3/1",
    needs="a link with ICE on which nothing is sent for twenty seconds",
    role="node",
    protocol="reload",
    scenarios=(IDLE,),
)
def stun_keepalive(evidence: Evidence) -> Iterator[Ruling]:
    """Requests or indications of the subject behind the handshake."""
    if evidence.play is None or not evidence.play.complete:
        return
    some = told(evidence)
    before = [one.at for one in some if not one.open]
    kept = [
        one.at for one in some
        if one.open and one.by_subject and one.message.type in (stun.REQUEST, stun.INDICATION)
    ]  # fmt: skip
    if before:
        within = bool(kept) and kept[0] - before[-1] <= KEEPING + evidence.play.slack
        seen = f"{kept[0] - before[-1]:.0f} seconds" if kept else "nothing"
        yield rule(within, why="keepalives", expected=f"STUN within {KEEPING:g} seconds", seen=seen)


def questions(evidence: Evidence, label: str) -> list[str]:
    """The parties that the subject asked how it is seen, between an Attach and its answer."""
    found: list[str] = []
    for one in put(evidence, label):
        end = one.answers[0][0].number if one.answers else one.event.number
        for number, fact in evidence.play.facts if evidence.play else ():
            if fact.get("what") != "stun" or fact.get("by") != "subject" or not one.event.number <= number < end:
                continue
            message = stun.read(bytes.fromhex(str(fact["octets"])))
            if message.type == stun.REQUEST and not message.user:
                found.append(str(fact["party"]))
    return list(dict.fromkeys(found))


@check(
    "rfc6940/s06_5_1_4/one-of-a-group",
    "Of peers that see a node at the same address one is asked as STUN server.",
    "rfc6940:6.5.1.4/2",
    needs="two peers that have both said how they see the subject, and an Attach for which candidates are gathered",
    level="SHOULD",
    role="peer",
    protocol="reload",
    scenarios=(SERVERS,),
)
def one_of_a_group(evidence: Evidence) -> Iterator[Ruling]:
    """Bob and Carl have been asked when Erin's Attach comes; Dora may be new."""
    before = {*questions(evidence, "attach carl"), *questions(evidence, "attach dora")}
    for one in put(evidence, "attach erin"):
        asked = [party for party in questions(evidence, "attach erin") if party in ("bob", "carl")]
        if not {"bob", "carl"} <= before or not asked:
            yield unclear(one.event, why="they were not both asked before, or none of them is now")
        else:
            yield rule(len(asked) == 1, one.event, why="STUN servers", expected="one of the two", seen=", ".join(asked))


@check(
    "rfc6940/s06_5_1_4/another-of-the-group",
    "When a STUN server is lost, another peer that sees the node at the same address takes its place.",
    "rfc6940:6.5.1.4/3b",
    needs="a peer that was asked as STUN server and goes, and an Attach for which candidates are gathered",
    role="peer",
    protocol="reload",
    scenarios=(SERVERS,),
)
def another_of_the_group(evidence: Evidence) -> Iterator[Ruling]:
    """The one that was asked for Erin has gone when Fay's Attach comes."""
    gone = [str(fact["party"]) for _, fact in (evidence.play.facts if evidence.play else ()) if fact.get("what") == "hangs up"]  # fmt: skip
    known = {
        *questions(evidence, "attach carl"),
        *questions(evidence, "attach dora"),
        *questions(evidence, "attach erin"),
    }
    for one in put(evidence, "attach fay"):
        asked = questions(evidence, "attach fay")
        left = sorted(known - set(gone))
        if not gone or not left or not one.answers:
            yield unclear(one.event, why="no peer was asked that is still there")
        else:
            good = any(party in left for party in asked)
            yield rule(
                good,
                one.event,
                why="STUN servers",
                expected=f"one of {', '.join(left)}",
                seen=", ".join(asked) or "none",
            )
