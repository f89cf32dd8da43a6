"""Digest authentication (RFC 3261, section 22)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule
from conformance.judge.seen import Seen
from conformance.judge.transactions import Transaction
from conformance.lab.sip.value import Json, has, pick, text_at

CLIENT, SERVER = "user-agent-client", "user-agent-server"
PAIRS = (("www-authenticate", "authorization"), ("proxy-authenticate", "proxy-authorization"))


def challenged(evidence: Evidence) -> Iterator[tuple[Transaction, Transaction]]:
    """Every request that was challenged, with the same request sent again with credentials."""
    for series in evidence.calls.values():
        for number, before in enumerate(series):
            if before.final is None or before.final[1].status not in (401, 407):
                continue
            for after in series[number + 1 :]:
                same = after.method == before.method and after.event.source == before.event.source
                late = after.event.number > before.final[0].number
                if same and late and after.judged and _credentials(after):
                    yield before, after
                    break


def _credentials(transaction: Transaction) -> list[Json]:
    return [one for _, name in PAIRS for one in transaction.request.values(name)]


@check("rfc3261/s22/no-basic", "Nobody challenges with Basic or answers so.", "rfc3261:22/3b", "rfc3261:22.4/2",
       needs="a challenge or credentials")  # fmt: skip
def no_basic(evidence: Evidence) -> Iterator[Ruling]:
    """Schemes in all four headers."""
    for event, message in evidence.judged:
        for name in ("www-authenticate", "proxy-authenticate", "authorization", "proxy-authorization"):
            for line in message.lines(name):
                scheme = line.split(" ")[0]
                yield rule(scheme.lower() != "basic", event, why="Basic", expected="Digest", seen=scheme, place=name)


@check("rfc3261/s22_4/qop-offered", "A challenge has qop.", "rfc3261:22.4/6", needs="a digest challenge", role=SERVER)
def qop_offered(evidence: Evidence) -> Iterator[Ruling]:
    """The parameter qop of challenges."""
    for event, challenge in _challenges(evidence):
        if (text_at(challenge, "scheme") or "").lower() == "digest":
            good = bool(text_at(challenge, "parameters", "qop"))
            yield rule(
                good, event, why="no qop", expected='qop="auth"', seen=pick(challenge, "parameters"), place="qop"
            )


@check("rfc3261/s22_1/realm", "A challenge has a realm and a nonce.", "rfc3261:22.1/2", "rfc3261:20.44/0", needs="a digest challenge",
       role=SERVER)  # fmt: skip
def realm(evidence: Evidence) -> Iterator[Ruling]:
    """Both parameters."""
    for event, challenge in _challenges(evidence):
        if (text_at(challenge, "scheme") or "").lower() == "digest":
            good = has(challenge, "parameters", "realm") and bool(text_at(challenge, "parameters", "nonce"))
            yield rule(
                good,
                event,
                why="incomplete",
                expected="realm and nonce",
                seen=pick(challenge, "parameters"),
                place="realm",
            )


def _challenges(evidence: Evidence) -> Iterator[tuple[Seen, Json]]:
    for event, message in evidence.responses():
        for name in ("www-authenticate", "proxy-authenticate"):
            for challenge in message.values(name):
                yield event, challenge


@check("rfc3261/s22_2/cseq-raised", "A request sent again with credentials has a new CSeq.", "rfc3261:22.2/8", "rfc3261:8.1.3.5/6",
       needs="a request sent again with credentials", role=CLIENT)  # fmt: skip
def cseq_raised(evidence: Evidence) -> Iterator[Ruling]:
    """Numbers of both."""
    for before, after in challenged(evidence):
        old, new = before.request.cseq, after.request.cseq
        good = old is not None and new is not None and new[0] == old[0] + 1
        expected = str(old[0] + 1) if old else "a number"
        yield rule(good, before.event, after.event, why="CSeq", expected=expected, seen=new and new[0], place="CSeq")


@check("rfc3261/s08_1_3_5/same-call", "A request sent again after a challenge keeps To and From.", "rfc3261:8.1.3.5/6",
       needs="a request sent again with credentials", level="SHOULD", role=CLIENT)  # fmt: skip
def same_call(evidence: Evidence) -> Iterator[Ruling]:
    """URIs of To and From of both (Call-ID is what they are found by)."""
    for before, after in challenged(evidence):
        wanted = [pick(before.request.first(name), "uri") for name in ("to", "from")]
        got = [pick(after.request.first(name), "uri") for name in ("to", "from")]
        seen = after.request.lines("to") + after.request.lines("from")
        yield rule(
            wanted == got,
            before.event,
            after.event,
            why="another To or From",
            expected="the same",
            seen=seen,
            place="To, From",
        )


@check("rfc3261/s22_4/answers-challenge", "Credentials answer the challenge: its realm, nonce, opaque, and qop where it was offered.",
       "rfc3261:22.4/7", "rfc3261:22.3/16", needs="a request sent again with credentials", role=CLIENT)  # fmt: skip
def answers_challenge(evidence: Evidence) -> Iterator[Ruling]:
    """Each credential against the challenge of its realm."""
    for before, after in challenged(evidence):
        assert before.final is not None
        for asked, answered in PAIRS:
            by_realm = {text_at(one, "parameters", "realm"): one for one in before.final[1].values(asked)}
            for credential in after.request.values(answered):
                challenge = by_realm.get(text_at(credential, "parameters", "realm"))
                if challenge is None:
                    continue
                wanted = {name: text_at(challenge, "parameters", name) for name in ("nonce", "opaque")}
                got = {name: text_at(credential, "parameters", name) for name in ("nonce", "opaque")}
                qop = not has(challenge, "parameters", "qop") or has(credential, "parameters", "qop")
                good = wanted == got and qop
                expected = f"{wanted}{'' if qop else ' and qop'}"
                yield rule(
                    good, before.event, after.event, why="not an answer", expected=expected, seen=got, place=answered
                )


@check("rfc3261/s22_4/qop-complete", "Credentials with qop have nc and cnonce; without it they have no cnonce.", "rfc3261:22.4/5",
       "rfc3261:22.4/0", needs="digest credentials", role=CLIENT)  # fmt: skip
def qop_complete(evidence: Evidence) -> Iterator[Ruling]:
    """The three parameters together."""
    for event, message in evidence.requests():
        for name in ("authorization", "proxy-authorization"):
            for credential in message.values(name):
                if (text_at(credential, "scheme") or "").lower() != "digest":
                    continue
                present = [one for one in ("qop", "nc", "cnonce") if has(credential, "parameters", one)]
                good = len(present) in (0, 3)
                yield rule(
                    good, event, why="incomplete", expected="qop, nc and cnonce, or none", seen=present, place=name
                )


def _rejected(transaction: Transaction) -> set[str | None]:
    """The nonces of the credentials whose realm asked again; those for others on the way were not turned down."""
    if transaction.final is None:
        return set()
    found = set()
    for asked, answered in PAIRS:
        realms = {text_at(one, "parameters", "realm") for one in transaction.final[1].values(asked)}
        for one in transaction.request.values(answered):
            if text_at(one, "parameters", "realm") in realms:
                found.add(text_at(one, "parameters", "nonce"))
    return found


@check("rfc3261/s22_1/no-rejected-credentials", "Credentials that were rejected are not sent again unless the nonce was stale.",
       "rfc3261:22.1/13", needs="a request with credentials that was challenged again", role=CLIENT)  # fmt: skip
def no_rejected_credentials(evidence: Evidence) -> Iterator[Ruling]:
    """What follows a challenge to a request that had credentials for the same realm of the same side."""
    for before, after in challenged(evidence):
        old = _rejected(before)
        if not old or before.final is None:
            continue
        stale = any(
            (text_at(one, "parameters", "stale") or "").lower() == "true"
            for pair in PAIRS
            for one in before.final[1].values(pair[0])
        )
        new = [text_at(one, "parameters", "nonce") for one in _credentials(after)]
        good = stale or not old & set(new)
        yield rule(
            good,
            before.event,
            after.event,
            why="the same credentials again",
            expected="others",
            seen=new,
            place="nonce",
        )


@check("rfc3261/s22_1/no-challenge", "Neither ACK nor CANCEL is challenged.", "rfc3261:22.1/9", "rfc3261:22.1/10",
       needs="a response to CANCEL", role=SERVER)  # fmt: skip
def no_challenge(evidence: Evidence) -> Iterator[Ruling]:
    """Responses to CANCEL (an ACK has none)."""
    for method in ("CANCEL", "ACK"):
        for event, message in evidence.responses(method=method):
            yield rule(
                message.status not in (401, 407), event, why="challenged", expected="no challenge", seen=message.title
            )
