"""Which address of record is meant, and all its bindings at once (RFC 3261, section 10.3, steps 3 to 6)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.registrar.steps import LONG, SHORT, another, client, place
from conformance.live.stage import Stage
from conformance.live.writing import token

REGISTRAR = "registrar"


@scenario("registrar/foreign-record", what="An address of record of another domain.", role=REGISTRAR)
def foreign_record(stage: Stage) -> None:
    """It does not exist in the registrar's domain."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=SHORT, to="<sip:somebody@elsewhere.example>", label="foreign")
    stage.alive(user.party)


@scenario("registrar/canonical", what="One address of record, with escapes and parameters and without.", role=REGISTRAR)
def canonical(stage: Stage) -> None:
    """Bound under one form, asked for under the others."""
    user = client(stage)
    name, _, host = user.record.removeprefix("sip:").partition("@")
    escaped = f"<sip:%{ord(name[0]):02x}{name[1:]}@{host}>"
    user.register(
        place(user.party, "one"), expires=SHORT, to=f"<sip:{name}@{host};user=phone;x=y>", label="with-parameters"
    )
    user.query()
    user.register(place(user.party, "two"), expires=SHORT, to=escaped, label="with-escapes")
    user.query()
    stage.alive(user.party)


@scenario("registrar/star-wrong", what="A star that is not alone, or not for the end of all bindings.", role=REGISTRAR)
def star_wrong(stage: Stage) -> None:
    """Each is refused, and the binding stays."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=LONG, label="bind")
    user.register("*", f"{place(user.party, 'two')}", expires=0, label="wrong-star")
    user.query()
    user.register("*", expires=SHORT, label="wrong-star")
    user.query()
    user.register("*", label="wrong-star")
    user.query()
    stage.alive(user.party)


@scenario(
    "registrar/star", what="All bindings are removed, by another client and by the one that made them.", role=REGISTRAR
)
def star(stage: Stage) -> None:
    """First two bindings of two clients by a third, then one by its own."""
    first = client(stage, number=30)
    first.register(place(first.party, "one"), expires=LONG, label="bind")
    another(first, number=40).register(place(first.party, "two"), expires=LONG, label="bind")
    another(first).register("*", expires=0, label="star-of-another")
    first.query()
    first.register(place(first.party, "one"), expires=LONG, label="bind")
    first.register("*", expires=0, label="star")
    first.query()
    stage.alive(first.party)


@scenario(
    "registrar/star-stale", what="A star with a lower number than the binding of the same client.", role=REGISTRAR
)
def star_stale(stage: Stage) -> None:
    """It fails, and the binding stays."""
    user = client(stage, number=30)
    user.register(place(user.party, "one"), expires=LONG, label="bind")
    user.register("*", expires=0, number=9, label="stale-star")
    user.number = 60
    user.query()
    stage.alive(user.party)


@scenario(
    "registrar/unknown-record",
    what="A user registers somebody who does not exist.",
    role=REGISTRAR,
    needs=("credentials",),
)
def unknown_record(stage: Stage) -> None:
    """The user is known, the address of record is not."""
    user = client(stage)
    record = f"<sip:nobody-{token()}@{stage.subject.home}>"
    user.register(place(user.party, "one"), expires=SHORT, to=record, label="unknown")
    stage.alive(user.party)
