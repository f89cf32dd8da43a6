"""Whom a user agent speaks with over TLS: certificates that deserve trust, and others (RFC 3261, sections 26.2.1, 26.3.1 and 26.3.2.1).

The subject trusts the root of the harness' authority, by its own settings or by what its trigger is given as ``{trust}``.
"""

from __future__ import annotations

from functools import partial

from conformance.live.network.authority import ELSEWHERE, EXPIRED, FOREIGN, GOOD
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import NotSeen, final, request

AGENT = "user-agent"
LINGERING = 0.5
"""Seconds in which a request still follows a handshake that is done."""
OLD = "AES128-SHA"
"""TLS_RSA_WITH_AES_128_CBC_SHA, as OpenSSL calls it."""


@scenario(
    "user-agent/calls-by-certificate",
    what="The subject calls over TLS those who show good certificates, and others.",
    role=AGENT,
    virtual=False,
    needs=("trigger", "authority"),
)
def calls_by_certificate(stage: Stage) -> None:
    """Who can be trusted refuses the call."""
    _all(stage, "invite", "INVITE", 486)


@scenario(
    "user-agent/registers-by-certificate",
    what="The subject registers over TLS where good certificates are shown, and others.",
    role=AGENT,
    virtual=False,
    needs=("trigger", "authority"),
)
def registers_by_certificate(stage: Stage) -> None:
    """Who can be trusted takes the registration."""
    _all(stage, "register", "REGISTER", 200)


def _all(stage: Stage, do: str, method: str, status: int) -> None:
    """A good one first: the subject can do it, if only it trusts. Each other one is tried, and the subject lives."""
    _good(stage, "trusted", do, method, status)
    for kind in (EXPIRED, FOREIGN, ELSEWHERE):
        party = _dressed(stage, kind, kind)
        stage.trigger(do, uri=_uri(party, method))
        stage.until(partial(_tried, stage, party), stage.budget)
        party.silence(LINGERING * stage.scale, unless=request(method))
    stage.alive(stage.party("observer"))


def _good(stage: Stage, name: str, do: str, method: str, status: int) -> None:
    party = _dressed(stage, name, GOOD)
    stage.trigger(do, uri=_uri(party, method))
    asked = party.expect(request(method))
    contact = [("Contact", one) for one in asked.lines("contact")] if method == "REGISTER" else []
    party.respond(asked, status, headers=contact)


def _dressed(stage: Stage, name: str, kind: str) -> Party:
    party = stage.party(name, transport="tls")
    stage.dress(party, kind)
    return party


def _uri(party: Party, method: str) -> str:
    """The party, or the registrar that it is."""
    user = "" if method == "REGISTER" else f"{party.name}@"
    return f"sip:{user}{hostport(party.end)};transport=tls"


def _tried(stage: Stage, party: Party) -> bool | None:
    """Whether the subject has opened a connection; None as long as it has not."""
    return any(one.text.startswith(f"{party.name}: the handshake") for one in stage.record.notes) or None


@scenario(
    "user-agent/old-suite",
    what="A connection offers only the suite that RFC 3261 asks for.",
    role=AGENT,
    virtual=False,
    needs=("stream", "authority"),
)
def old_suite(stage: Stage) -> None:
    """OPTIONS over it."""
    offer_old(stage)


def offer_old(stage: Stage) -> None:
    """As usual first, so that the kind of the subject's key is known to work."""
    usual = stage.party("usual")
    stage.dress(usual)
    stage.alive(usual)
    old = stage.party("old")
    stage.dress(old, suite=OLD)
    ask = old.request("OPTIONS")
    try:
        old.send(ask, label="old-suite")
        old.expect(final(to=ask))
    except NotSeen as failure:
        stage.note(f"over {OLD}: {failure}")
    stage.alive(usual)
