"""Handshakes and records of links on real sockets (RFC 6940, sections 6.4.2.1, 6.5.1.13 and 13.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.checks.rfc6940.exchanges import asked
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.judge.seen import Seen
from conformance.run.model import Json

HANDSHAKES, UNPROTECTED, PLAYED_BACK = "peer/handshakes", "peer/unprotected", "peer/played-back"
SIDES, ASKING = "peer/tls-sides", "peer/tls-sides-asking"


def _opened(evidence: Evidence, *, by: str, party: str = "") -> list[Mapping[str, Json]]:
    """The links that came about, begun by one side, with what is known of their handshakes."""
    facts = evidence.play.facts if evidence.play else ()
    return [
        fact for _, fact in facts
        if fact.get("what") == "open" and fact.get("by") == by and fact.get("remark") and party in ("", fact.get("party"))
    ]  # fmt: skip


def _served(evidence: Evidence, event: Seen) -> list[Seen]:
    """What the subject says in frames back to where something came from."""
    return [
        one for one in evidence.events
        if one.number > event.number and one.direction == "sent" and one.destination == event.source
        and (one.link is not None or one.reload is not None or one.header is not None)
    ]  # fmt: skip


@check("rfc6940/s06_5_1_13/asks-client", "The server of TLS asks the client for its certificate.", "rfc6940:6.5.1.13/3",
       needs="a link that a node opens to the subject, on real sockets", role="node", protocol="reload", scenarios=(HANDSHAKES, UNPROTECTED))  # fmt: skip
def asks_client(evidence: Evidence) -> Iterator[Ruling]:
    """What the parties have seen as clients."""
    shown = next(evidence.labelled("shown", "protected"), None)
    for fact in _opened(evidence, by="harness", party="ann"):
        remark = str(fact["remark"])
        good = remark.endswith("; asked for a certificate")
        if good and shown is None:
            yield unclear(why="nothing was said over the link")
            continue
        said = [shown] if shown is not None else evidence.events[:1]
        yield rule(good, *said, why="the handshake", expected="a CertificateRequest", seen=remark)


@check("rfc6940/s06_5_1_13/who-shows-none", "Who shows no certificate gets no link over which it is served.",
       "rfc6940:13.2/1", "rfc6940:6.5.1.13/4", needs="a node without a certificate", role="node", protocol="reload", scenarios=(HANDSHAKES,))  # fmt: skip
def who_shows_none(evidence: Evidence) -> Iterator[Ruling]:
    """The same node is served where it shows one."""
    good = [one for one in asked(evidence) if one.event.label == "shown" and one.answers]
    if not good:
        return
    for event in evidence.labelled("nothing shown"):
        found = _served(evidence, event)
        if found:
            yield wrong(
                event, found[0], why="a node without a certificate", expected="no answer", seen=found[0].summary
            )
            return
    facts = evidence.play.facts if evidence.play else ()
    tried = any(fact.get("party") == "nobody" for _, fact in facts if fact.get("what") in ("open", "closed"))
    if tried and evidence.alive_after(good[0].event):
        yield right(good[0].event)


@check("rfc6940/s13_2/nothing-bare", "RELOAD is spoken over TLS or DTLS only.", "rfc6940:13.2/1",
       needs="a Ping without TLS, and one over it", role="node", protocol="reload", scenarios=(UNPROTECTED,))  # fmt: skip
def nothing_bare(evidence: Evidence) -> Iterator[Ruling]:
    """No frame comes back to where the bare Ping came from."""
    good = [one for one in asked(evidence) if one.event.label == "protected" and one.answers]
    for event in evidence.labelled("bare"):
        found = _served(evidence, event)
        if found:
            yield wrong(event, found[0], why="a frame without TLS", expected="none", seen=found[0].summary)
            return
    facts = evidence.play.facts if evidence.play else ()
    tried = any(fact.get("party") == "bare" for _, fact in facts if fact.get("what") in ("open", "closed"))
    if tried and good and evidence.alive_after(good[0].event):
        yield right(good[0].event)


@check("rfc6940/s06_4_2_1/anti-replay", "A record that is played back is not taken again.", "rfc6940:6.4.2.1/4",
       needs="a record of DTLS that is sent twice", role="node", protocol="reload", scenarios=(PLAYED_BACK,))  # fmt: skip
def anti_replay(evidence: Evidence) -> Iterator[Ruling]:
    """Its frame is acknowledged once; what comes afterwards over the same link is served."""
    after = [one for one in asked(evidence) if one.event.label == "afterwards" and one.answers]
    for event in evidence.labelled("played back"):
        if event.link is None:
            continue
        acks = [
            one for one in evidence.events
            if one.direction == "sent" and one.link is not None and one.destination == event.source
            and one.link.get("ack_sequence") == event.link.get("sequence")
        ]  # fmt: skip
        if len(acks) > 1:
            yield wrong(
                event, acks[1], why="the same record once more", expected="one ACK", seen=f"{len(acks)} of them"
            )
        elif acks and after:
            yield right(event, acks[0], after[0].answers[0][0])
        else:
            yield unclear(event, why="the frame was not acknowledged, or the link did not live on")


@check("rfc6940/s06_5_1_13/asked-is-client", "Who is asked to attach opens the link and is the client of TLS.", "rfc6940:6.5.1.13/2",
       needs="an Attach to the subject", role="node", protocol="reload", scenarios=(SIDES,))  # fmt: skip
def asked_is_client(evidence: Evidence) -> Iterator[Ruling]:
    """It begins the handshake: the harness was the server."""
    for one in asked(evidence):
        if one.event.label != "attach" or not one.answers:
            continue
        remarks = [str(fact["remark"]) for fact in _opened(evidence, by="subject", party="bob")]
        good = any(remark.startswith("TLS server: harness") for remark in remarks)
        yield rule(
            good, one.event, why="the link", expected="a handshake of the subject as client", seen=remarks or "none"
        )


@check("rfc6940/s06_5_1_13/asking-is-server", "Who asks to attach is the server of TLS.", "rfc6940:6.5.1.13/1",
       needs="an Attach of the subject", role="node", protocol="reload", scenarios=(ASKING,))  # fmt: skip
def asking_is_server(evidence: Evidence) -> Iterator[Ruling]:
    """The other side's ClientHello is answered at the candidate that was offered."""
    for one in asked(evidence):
        if one.code != 3 or one.event.direction != "sent" or not one.answers:
            continue
        remarks = [str(fact["remark"]) for fact in _opened(evidence, by="harness", party="ann")]
        good = any(remark.startswith("TLS server: subject") for remark in remarks)
        yield rule(
            good, one.event, why="the link", expected="a handshake with the subject as server", seen=remarks or "none"
        )
