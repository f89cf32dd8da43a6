"""What a subject says to what it is asked, in one word each: a status, an error code, an answer of some kind; of SIP and of RELOAD."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from conformance.checks.rfc6940 import exchanges
from conformance.judge.evidence import Evidence
from conformance.judge.transactions import Transaction
from conformance.lab import rules
from conformance.lab.reload import Message

PING = "message 23"
"""What a node of an overlay is asked where anything else would not be a sane question."""
SUCCESS = "success"
ASKS = ("OPTIONS", PING)
"""Requests of which one alone, refused, tells that everything is."""


class Said(NamedTuple):
    """One request, and what became of it."""

    method: str
    word: str
    """The final response or the answer; empty where there is none."""
    alike: str
    """The same, but that successes in answer to different requests differ too."""
    refusal: bool
    """Whether the word is no success."""
    stirs: bool
    """Whether anything came back at all, be it provisional or an acknowledgement."""
    malformed: bool


def said_in(evidence: Evidence) -> list[Said]:
    """Everything that the subject was asked in a scenario, but what only cleans up."""
    return [*_sip(evidence), *_reload(evidence)]


def _sip(evidence: Evidence) -> Iterator[Said]:
    for one in evidence.transactions:
        if one.event.direction == "received" and one.event.label != "tidy":
            yield _of_transaction(one)


def _of_transaction(one: Transaction) -> Said:
    status = one.final[1].status or 0 if one.final is not None else 0
    word = str(status) if one.final is not None else ""
    return Said(one.method, word, word, bool(word) and status >= 300, bool(one.responses), one.event.malformed)


def _reload(evidence: Evidence) -> Iterator[Said]:
    """Of an answer that is no error it counts whether it is one to this request."""
    stirs = any(event.link is not None and event.direction == "sent" for event in evidence.events)
    for one in exchanges.asked(evidence):
        if one.event.direction != "received":
            continue
        given = _given(one.answers[0][1]) if one.answers else ""
        success = given == f"message {one.code + 1}"
        yield Said(
            f"message {one.code}", SUCCESS if success else given, given, bool(given) and not success, stirs,
            one.event.malformed,
        )  # fmt: skip


def _given(answer: Message) -> str:
    code = exchanges.code_of(answer)
    error = code == exchanges.ERROR
    return f"error {rules.number(exchanges.body_of(answer).get('error_code'))}" if error else f"message {code}"
