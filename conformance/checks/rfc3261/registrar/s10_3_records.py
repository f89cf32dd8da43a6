"""Addresses of record, stars, proof of identity (RFC 3261, section 10.3, steps 3 to 6, and section 22)."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.rfc3261.live.stimuli import answered_by, asked, status_of, survived
from conformance.checks.rfc3261.registrar.registrations import (
    REGISTRAR,
    before,
    behind,
    bound_behind,
    granted,
    refused_as,
    settled,
    shown,
    succeeded,
    wanted,
)  # fmt: skip
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear, wrong
from conformance.judge.transactions import Transaction

WRONG = ("registrar/malformed-contacts", "registrar/malformed-missing", "registrar/malformed-values")


@check(
    "rfc3261/s10_3/foreign-404", "An address of record of another domain gets 404.", "rfc3261:10.3/14",
    needs="a REGISTER to the domain for a user of another one", role=REGISTRAR, scenarios=("registrar/foreign-record",),
)  # fmt: skip
def foreign_404(evidence: Evidence) -> Iterator[Ruling]:
    """The status; with credentials 403 is right too, for the user may not change it."""
    for one in settled(evidence, "foreign"):
        proved = one.request.has("authorization")
        yield refused_as(one, *((404, 403) if proved else (404,)), why="a user of another domain")


@check(
    "rfc3261/s10_3/unknown-refused", "An address of record that does not exist is not registered.", "rfc3261:10.3/14", "rfc3261:10.3/13",
    needs="a REGISTER for a user that does not exist", role=REGISTRAR, scenarios=("registrar/unknown-record",),
)  # fmt: skip
def unknown_refused(evidence: Evidence) -> Iterator[Ruling]:
    """404, or 403 as for every address of record that is another's."""
    for one in settled(evidence, "unknown"):
        yield refused_as(one, 404, 403, why="a user that does not exist")


@check(
    "rfc3261/s10_3/without-parameters", "URI parameters of To make no other address of record.", "rfc3261:10.3/16a", "rfc3261:10.3/15",
    needs="a registration under a To with URI parameters", role=REGISTRAR, scenarios=("registrar/canonical",),
)  # fmt: skip
def without_parameters(evidence: Evidence) -> Iterator[Ruling]:
    """A query under the plain form shows the binding."""
    for one in settled(evidence, "with-parameters"):
        yield answered_by(evidence, one, 200, why="URI parameters in To")
        if succeeded(one):
            yield bound_behind(evidence, one, there=tuple(wanted(one)))


@check(
    "rfc3261/s10_3/escapes-undone", "Escapes in To make no other address of record.", "rfc3261:10.3/16b", "rfc3261:10.3/15",
    needs="a registration under a To with an escape", role=REGISTRAR, scenarios=("registrar/canonical",),
)  # fmt: skip
def escapes_undone(evidence: Evidence) -> Iterator[Ruling]:
    """A query under the plain form shows the binding."""
    for one in settled(evidence, "with-escapes"):
        yield answered_by(evidence, one, 200, why="an escape in To")
        if succeeded(one):
            yield bound_behind(evidence, one, there=tuple(wanted(one)))


@check(
    "rfc3261/s10_3/star-400", "A star beside other contacts, or without Expires: 0, gets 400 and removes nothing.", "rfc3261:10.3/17",
    "rfc3261:10.2.2/2", needs="a star that is not alone or has another time", role=REGISTRAR, scenarios=("registrar/star-wrong",),
)  # fmt: skip
def star_400(evidence: Evidence) -> Iterator[Ruling]:
    """Status, and what the query shows."""
    for one in settled(evidence, "wrong-star"):
        yield refused_as(one, 400, why="a star that is wrong")
        known = before(evidence, one)
        if known:
            yield bound_behind(evidence, one, there=tuple(known))


@check(
    "rfc3261/s10_3/star-of-another", "A star removes what other clients have bound.", "rfc3261:10.3/18",
    needs="a star under another Call-ID than the bindings", role=REGISTRAR, scenarios=("registrar/star",),
)  # fmt: skip
def star_of_another(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing is left."""
    yield from _emptied(evidence, "star-of-another")


@check(
    "rfc3261/s10_3/star", "A star with a higher number removes what the same client has bound.", "rfc3261:10.3/19",
    needs="a star under the Call-ID of the binding", role=REGISTRAR, scenarios=("registrar/star",),
)  # fmt: skip
def star(evidence: Evidence) -> Iterator[Ruling]:
    """Nothing is left."""
    yield from _emptied(evidence, "star")


def _emptied(evidence: Evidence, label: str) -> Iterator[Ruling]:
    for one in settled(evidence, label):
        if succeeded(one) and not before(evidence, one):
            yield unclear(one.event, why="nothing was shown to be bound before")
            continue
        yield answered_by(evidence, one, 200, why="a star")
        query = behind(evidence, one)
        if succeeded(one) and query is not None and query.final is not None:
            got = granted(query.final[1])
            yield rule(
                not got, one.event, query.final[0], why="a binding is left", expected="no binding", seen=shown(got)
            )


@check(
    "rfc3261/s10_3/stale-star", "A star whose number is not higher than the binding's fails, and the binding stays.", "rfc3261:10.3/20",
    "rfc3261:10.3/19", needs="a star with a lower CSeq under the Call-ID of the binding", role=REGISTRAR,
    scenarios=("registrar/star-stale",),
)  # fmt: skip
def stale_star(evidence: Evidence) -> Iterator[Ruling]:
    """Status and query."""
    for one in settled(evidence, "stale-star"):
        yield refused_as(one, why="the number is lower than the binding's")
        known = before(evidence, one)
        if known:
            yield bound_behind(evidence, one, there=tuple(known))


@check(
    "rfc3261/s10_3/challenged", "A registrar asks its client for proof of identity.", "rfc3261:10.3/10", "rfc3261:22.1/1a",
    "rfc3261:26.3.2.1/6", needs="a REGISTER without credentials", level="SHOULD", role=REGISTRAR, scenarios=("registrar/challenge",),
)  # fmt: skip
def challenged(evidence: Evidence) -> Iterator[Ruling]:
    """401 with a challenge."""
    for one in asked(evidence, "REGISTER"):
        if one.event.label == "unproved" and one.final is not None:
            event, message = one.final
            good = message.status == 401 and message.has("www-authenticate")
            yield rule(
                good, one.event, event, why="no proof asked for", expected="401 with a challenge", seen=message.title
            )


@check(
    "rfc3261/s22/wrong-password", "A wrong password proves nothing: it is refused, and binds nothing.", "rfc3261:22.4/0",
    "rfc3261:10.3/10", needs="a REGISTER with credentials over a wrong password", role=REGISTRAR, scenarios=("registrar/challenge",),
)  # fmt: skip
def wrong_password(evidence: Evidence) -> Iterator[Ruling]:
    """401 or 403, and the query behind."""
    for one in _proved(evidence, "wrong-password"):
        yield answered_by(evidence, one, 401, 403, why="a wrong password")
        yield bound_behind(evidence, one, gone=tuple(wanted(one)))


@check(
    "rfc3261/s22/right-password", "The right credentials over the registrar's own challenge are accepted.", "rfc3261:22.4/0", "rfc3261:26.3.1/10",
    "rfc3261:22.2/0", needs="a REGISTER with right credentials", role=REGISTRAR, scenarios=("registrar/challenge",),
)  # fmt: skip
def right_password(evidence: Evidence) -> Iterator[Ruling]:
    """200, and the binding."""
    for one in _proved(evidence, "proved"):
        yield answered_by(evidence, one, 200, why="the right password")
        yield bound_behind(evidence, one, there=tuple(wanted(one)))


@check(
    "rfc3261/s22/invented-nonce", "Credentials over a nonce that was never given are not accepted.", "rfc3261:22.4/0",
    needs="a REGISTER with credentials over another nonce", role=REGISTRAR, scenarios=("registrar/invented-nonce",),
)  # fmt: skip
def invented_nonce(evidence: Evidence) -> Iterator[Ruling]:
    """401 with a new challenge, or 403."""
    for one in _proved(evidence, "invented-nonce"):
        yield answered_by(evidence, one, 401, 403, why="a nonce of the client's own")


@check(
    "rfc3261/s22/other-realm", "Credentials for another realm are no credentials.", "rfc3261:22.1/0",
    needs="a REGISTER with credentials for another realm", role=REGISTRAR, scenarios=("registrar/other-realm",),
)  # fmt: skip
def other_realm(evidence: Evidence) -> Iterator[Ruling]:
    """A challenge once more."""
    for one in _proved(evidence, "other-realm"):
        yield answered_by(evidence, one, 401, why="another realm")


def _proved(evidence: Evidence, label: str) -> Iterator[Transaction]:
    return (one for one in asked(evidence, "REGISTER") if one.event.label == label)


@check(
    "rfc3261/s10_3/others-forbidden", "A user who changes the bindings of somebody else gets 403.", "rfc3261:10.3/13", "rfc3261:10.3/12",
    needs="right credentials for another address of record", role=REGISTRAR, scenarios=("registrar/forbidden",),
)  # fmt: skip
def others_forbidden(evidence: Evidence) -> Iterator[Ruling]:
    """The status; 404 where the registrar tells first that there is nobody of that name."""
    for one in settled(evidence, "forbidden"):
        yield answered_by(evidence, one, 403, 404, why="somebody else's bindings")


@check(
    "rfc3261/s10_3/survives-malformed", "Whatever a REGISTER says, the next good request is answered.", "rfc3261:7/0", "rfc3261:10.3/0",
    needs="malformed REGISTERs, each followed by a sane exchange", role=REGISTRAR, scenarios=(*WRONG, "registrar/malformed-large"),
)  # fmt: skip
def survives(evidence: Evidence) -> Iterator[Ruling]:
    """The probe behind each."""
    return survived(evidence, "bad-", "large-")


@check(
    "rfc3261/s10_3/malformed-binds-nothing", "A malformed REGISTER is not carried out, and no binding is changed by it.",
    "rfc3261:10.3/6", "rfc3261:21.4/0", "rfc3261:8.1.1/1", needs="malformed REGISTERs and queries behind them", role=REGISTRAR,
    scenarios=WRONG,
)  # fmt: skip
def binds_nothing(evidence: Evidence) -> Iterator[Ruling]:
    """No 2xx to it, and the binding that was there before is the only one."""
    known: set[str] = set()
    for one in settled(evidence, "bind"):
        known |= set(wanted(one))
    for event in evidence.events:
        if not event.label.startswith("bad-"):
            continue
        bad = next((each for each in evidence.transactions if each.event is event), None)
        if bad is not None and bad.final is not None and status_of(bad) < 300:
            why = f"{event.label[4:]}: carried out as if nothing were wrong"
            yield wrong(event, bad.final[0], why=why, expected="a refusal", seen=bad.final[1].title)
            continue
        later = (each for each in settled(evidence, "query") if each.event.number > event.number)
        query = next((each for each in later if succeeded(each)), None)
        if query is None or query.final is None:
            yield unclear(event, why="no query behind it was answered")
        else:
            got = granted(query.final[1])
            why = f"{event.label[4:]}: bindings were changed"
            yield rule(set(got) == known, event, query.final[0], why=why, expected=", ".join(known), seen=shown(got))
