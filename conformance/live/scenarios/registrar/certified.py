"""A registrar over TLS: whom its certificate names, and clients with certificates and without (RFC 3261, sections 26.2.1, 26.3.1 and 26.3.2.1)."""

from __future__ import annotations

from conformance.live.network.authority import FOREIGN, GOOD
from conformance.live.scenario import scenario
from conformance.live.scenarios.registrar.steps import SHORT, Client, address_of_record, place
from conformance.live.scenarios.user_agent.calling.certified import offer_old
from conformance.live.stage import Stage
from conformance.live.subject import End
from conformance.live.wants import NotClaimed, NotSeen, final

REGISTRAR = "registrar"


@scenario(
    "registrar/certificate",
    what="A client looks at the registrar's certificate.",
    role=REGISTRAR,
    virtual=False,
    needs=("stream", "domain"),
)
def certificate(stage: Stage) -> None:
    """Whoever asks is shown it."""
    if stage.subject.transport != "tls":
        raise NotClaimed("the target is not reached over TLS")
    party = stage.party("client")
    _register(stage, "client", stage.subject.address, "named")
    stage.alive(party)


@scenario(
    "registrar/mutual",
    what="Clients register with and without a certificate, also where the registrar asks for one.",
    role=REGISTRAR,
    virtual=False,
    needs=("stream", "authority", "mutual"),
)
def mutual(stage: Stage) -> None:
    """Without one where none is asked for; with a good one, without, and with a foreign one where it is."""
    asks = stage.subject.mutual
    assert asks is not None
    _register(stage, "open", stage.subject.address, "one-way")
    stage.dress(stage.party("known", transport="tls"), GOOD)
    _register(stage, "known", asks, "both-ways")
    _register(stage, "unknown", asks, "unproved")
    stage.dress(stage.party("foreign", transport="tls"), FOREIGN)
    _register(stage, "foreign", asks, "foreign")
    stage.alive(stage.party("open"))


@scenario(
    "registrar/old-suite",
    what="A connection offers only the suite that RFC 3261 asks for.",
    role=REGISTRAR,
    virtual=False,
    needs=("stream", "authority"),
)
def old_suite(stage: Stage) -> None:
    """OPTIONS over it."""
    offer_old(stage)


def _register(stage: Stage, name: str, to: End, label: str) -> None:
    """One REGISTER; where no connection carries it, that is a note."""
    party = stage.party(name, transport="tls")
    message = Client(party, address_of_record(stage, name)).written(
        place(party, name).replace(">", ";transport=tls>"), expires=SHORT
    )
    try:
        party.send(message, label=label, to=to)
        stage.until(lambda: True if party.queue or party.closed else None, stage.budget)
        party.expect(final(to=message), within=0.0)
    except NotSeen as failure:
        stage.note(f"{name}: {failure}")
