"""Attach: who answers, who opens the link, who is believed (RFC 6940, sections 6.5.1, 6.5.1.11 to 6.5.1.14)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc6940.exchanges import asked, code_of, judged
from conformance.checks.rfc6940.live.attaching.courses import (
    ATTACH,
    ATTACH_ANS,
    pinged,
    with_party,
)
from conformance.checks.rfc6940.live.configuring.effects import granted
from conformance.checks.rfc6940.live.labelled import party_of, put
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab import rules


@check(
    "rfc6940/s06_5_1_2/answered",
    "Who is asked to attach, and has not asked itself, answers by an AttachAns.",
    "rfc6940:6.5.1.2/2b",
    needs="an Attach to the subject",
    level="SHOULD",
    role="peer",
    protocol="reload",
    scenarios=("peer/attached-to", "peer/attach-impostor"),
)
def answered(evidence: Evidence) -> Iterator[Ruling]:
    """Attaches that honest nodes ask for."""
    for one in put(evidence, "attach", "himself"):
        events = [one.event, *(event for event, _ in one.answers[:1])]
        yield rule(granted(one, ATTACH_ANS), *events, why="the answer", expected="an AttachAns", seen=one.outcome)


@check(
    "rfc6940/s06_5_1_2/processed",
    "Who is asked to attach processes the request: it opens the link as client of the handshake, once it has answered.",
    "rfc6940:6.5.1.2/1",
    "rfc6940:6.5.1.2/2a",
    "rfc6940:6.5.1.13/2",
    needs="an Attach to the subject without ICE",
    role="peer",
    protocol="reload",
    scenarios=("peer/attached-to",),
)
def processed(evidence: Evidence) -> Iterator[Ruling]:
    """Where it answers by an error it may have a reason, which is not judged."""
    for one in put(evidence, "attach"):
        if not one.answers:
            yield wrong(one.event, why="no answer", expected="an AttachAns, or an error", seen="nothing")
        elif one.error:
            yield unclear(one.event, why=f"it is refused with error {one.error}")
        else:
            found = with_party(evidence, "bob", one.event.number)
            event = one.answers[0][0]
            if not found:
                yield wrong(one.event, event, why="no link", expected="a link that the subject opens", seen="none")
            else:
                yield rule(
                    found[0].by_subject, one.event, event, why="who opens the link", expected="the subject", seen="bob"
                )


@check(
    "rfc6940/s06_5_1_13/asker-is-server",
    "Who has asked to attach waits for the link as server of the handshake, and takes it.",
    "rfc6940:6.5.1.13/1",
    needs="an Attach of the subject that is answered, without ICE",
    role="node",
    protocol="reload",
    scenarios=("peer/attaches",),
)
def asker_is_server(evidence: Evidence) -> Iterator[Ruling]:
    """The link that the other side opens a while after its answer, and a Ping over it."""
    for one in put(evidence, "answer"):
        found = with_party(evidence, "bob", one.event.number)
        own = [each for each in found if each.by_subject]
        yield rule(
            not own, one.event, why="it opens a link itself", expected="it waits for the other side", seen="a link"
        )
        if not own:
            good = any(answered for _, answered in pinged(evidence, "over the link"))
            yield rule(
                good, one.event, why="the link of the other side", expected="it is taken", seen="no Ping is answered"
            )


@check(
    "rfc6940/s06_5_1_11/certificate-matches",
    "A link whose certificate is not that of the node in the Attach is closed.",
    "rfc6940:6.5.1.11/1a",
    "rfc6940:6.5.1.11/1b",
    "rfc6940:6.5.1.13/4",
    needs="an Attach to an address where somebody else is, and one where the right one is",
    role="node",
    protocol="reload",
    scenarios=("peer/attach-impostor",),
)
def certificate_matches(evidence: Evidence) -> Iterator[Ruling]:
    """Both links go to the same address."""
    honest = next(iter(put(evidence, "himself")), None)
    kept = honest is not None and any(
        one.by_subject and not one.closed_by_subject for one in with_party(evidence, "bob", honest.event.number)
    )
    for one in put(evidence, "somebody else"):
        until = honest.event.number if honest else None
        found = [each for each in with_party(evidence, "bob", one.event.number, until) if each.by_subject]
        for link in found:
            closed = link.closed_by_subject and (until is None or (link.closed or 0) < until)
            if not closed:
                yield wrong(one.event, why="the link", expected="it is closed", seen="it stays open")
            elif kept:
                yield right(one.event)
            else:
                yield unclear(one.event, why="a link with the right node is closed as well")
        if not found:
            yield unclear(one.event, why="no link was tried")


@check(
    "rfc6940/s06_5_1_12/one-offer",
    "An Attach is one offer and one answer; neither is sent again otherwise.",
    "rfc6940:6.5.1.12/1",
    needs="an Attach that has led to a link",
    role="node",
    protocol="reload",
    scenarios=("peer/attached-to", "peer/attaches"),
)
def one_offer(evidence: Evidence) -> Iterator[Ruling]:
    """Answers to one request, and offers to the same node after its link is open."""
    for one in put(evidence, "attach"):
        kinds = {message.bytes_of("message_contents") for _, message in one.answers}
        if one.answers and evidence.alive_after(one.event):
            yield rule(len(kinds) == 1, one.event, why="answers", expected="one", seen=len(kinds))
    for one in put(evidence, "answer", "attach"):
        opens = with_party(evidence, "bob", one.event.number)
        node = _asker(evidence, one.event.number) if one.event.label == "answer" else ""
        for link in opens[:1]:
            again = [
                event for event, message in judged(evidence)
                if event.number > link.opened and code_of(message) == ATTACH
                and (not node or _first(message.header["destination_list"]) == node)
                and (node or party_of(evidence, event) == "bob")
            ]  # fmt: skip
            if again:
                yield wrong(one.event, again[0], why="another offer", expected="none", seen="an AttachReq")
            elif evidence.alive_after(one.event):
                yield right(one.event)


@check(
    "rfc6940/s06_5_1_14/early-handshake",
    "A handshake is taken at any moment, also before the answer to the Attach is there.",
    "rfc6940:6.5.1.14/1",
    needs="a link that is opened between the subject's Attach and the answer to it",
    role="node",
    protocol="reload",
    scenarios=("peer/attach-early",),
)
def early_handshake(evidence: Evidence) -> Iterator[Ruling]:
    """A Ping over the link, after the answer."""
    for one in put(evidence, "answer"):
        early = [link for link in with_party(evidence, "bob", 0, one.event.number) if not link.by_subject]
        good = any(not link.closed_by_subject for link in early)
        good = good and any(answered for _, answered in pinged(evidence, "over the link"))
        yield rule(good, one.event, why="the early link", expected="it is taken, and used", seen="it is not")


@check(
    "rfc6940/s06_5_1/client-no-way",
    "Over a link without Updates nothing is sent that its other end would have to pass on.",
    "rfc6940:6.5.1/1b",
    needs="a message for a third node close to a client, that goes on to a neighbour",
    role="node",
    protocol="reload",
    scenarios=("peer/client-not-a-way",),
)
def client_no_way(evidence: Evidence) -> Iterator[Ruling]:
    """Where the Ping goes."""
    for one in put(evidence, "for a third node"):
        parties = [party_of(evidence, event) for event, _ in one.elsewhere]
        if "carl" in parties:
            yield wrong(one.event, one.elsewhere[0][0], why="it goes to the client", expected="ann", seen="carl")
        elif "ann" in parties:
            yield right(one.event, one.elsewhere[0][0])
        else:
            yield unclear(one.event, why="it does not go anywhere")


def _asker(evidence: Evidence, before: int) -> str:
    """To whom the subject's last Attach before an event goes."""
    found = [one for one in asked(evidence) if one.code == ATTACH and one.event.direction == "sent" and one.event.number < before]  # fmt: skip
    return _first(found[-1].request.header["destination_list"]) if found else ""


def _first(destinations: object) -> str:
    for one in destinations if isinstance(destinations, list) else ():
        return str(rules.member(rules.member(one, "destination_data"), "node_id") or "")
    return ""
