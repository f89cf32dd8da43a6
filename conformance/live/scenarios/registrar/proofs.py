"""Proof of identity: challenges, and right and wrong answers to them (RFC 3261, sections 10.3 and 22)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.live.scenario import scenario
from conformance.live.scenarios.registrar.steps import SHORT, Client, client, place
from conformance.live.stage import Stage
from conformance.live.wants import NotClaimed
from conformance.live.writing import Row, token

REGISTRAR = "registrar"
NEEDS = ("credentials",)


def _challenged(user: Client) -> Message:
    """The challenge to a REGISTER without credentials; raises NotClaimed where there is none."""
    answer = user.asked(user.written(place(user.party, "one"), expires=SHORT), label="unproved")
    if answer.status != 401:
        raise NotClaimed(f"no credentials are asked for: {answer.title}")
    return answer


def _proved(user: Client, row: Row | None, label: str) -> Message:
    return user.asked(user.written(place(user.party, "one"), expires=SHORT, headers=[row] if row else []), label=label)


@scenario(
    "registrar/challenge",
    what="A REGISTER without credentials, with wrong and with right ones.",
    role=REGISTRAR,
    needs=NEEDS,
)
def challenge(stage: Stage) -> None:
    """Only the right ones bind."""
    user = client(stage)
    answer = _challenged(user)
    wrong = _proved(user, user.proof(answer, password=f"not-{token()}"), "wrong-password")
    user.query()
    _proved(user, user.proof(wrong if wrong.status == 401 else answer), "proved")
    user.query()
    stage.alive(user.party)


@scenario(
    "registrar/invented-nonce",
    what="Credentials over a nonce that the registrar never gave.",
    role=REGISTRAR,
    needs=NEEDS,
)
def invented_nonce(stage: Stage) -> None:
    """The client is asked once more."""
    user = client(stage)
    answer = _challenged(user)
    _proved(user, user.proof(answer, nonce=f"nonce-{token()}"), "invented-nonce")
    stage.alive(user.party)


@scenario("registrar/other-realm", what="Credentials for another realm.", role=REGISTRAR, needs=NEEDS)
def other_realm(stage: Stage) -> None:
    """They prove nothing here."""
    user = client(stage)
    answer = _challenged(user)
    _proved(user, user.proof(answer, realm="elsewhere.example"), "other-realm")
    stage.alive(user.party)


@scenario(
    "registrar/forbidden", what="A user who is known changes the bindings of another one.", role=REGISTRAR, needs=NEEDS
)
def forbidden(stage: Stage) -> None:
    """The credentials are right, the address of record is somebody else's."""
    user = client(stage)
    answer = _challenged(user)
    row = user.proof(answer)
    record = f"<sip:nobody-{token()}@{stage.subject.home}>"
    message = user.written(place(user.party, "one"), expires=SHORT, headers=[row] if row else [], to=record)
    user.asked(message, label="forbidden")
    stage.alive(user.party)
