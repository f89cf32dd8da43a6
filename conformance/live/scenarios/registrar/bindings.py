"""Bindings made, asked for, refreshed and removed (RFC 3261, section 10.3)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.registrar.steps import LONG, SHORT, another, client, place
from conformance.live.stage import Stage
from conformance.live.subject import bracketed
from conformance.live.wants import final

REGISTRAR = "registrar"


@scenario("registrar/bind", what="A contact is registered, asked for and removed.", role=REGISTRAR)
def bind(stage: Stage) -> None:
    """One contact, one query, its end, one more query."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=SHORT, label="bind")
    user.query()
    user.register(f"{place(user.party, 'one')};expires=0", label="remove")
    user.query()
    stage.alive(user.party)


@scenario(
    "registrar/several",
    what="Several contacts in one request, with times and preferences of their own.",
    role=REGISTRAR,
)
def several(stage: Stage) -> None:
    """Three contacts in two rows; each is listed."""
    user = client(stage)
    one, two, three = (place(user.party, name) for name in ("one", "two", "three"))
    user.register(f"{one};expires={SHORT};q=0.3, {two};q=1.0", f"{three};expires=900", expires=LONG, label="bind")
    user.query()
    stage.alive(user.party)


@scenario("registrar/record-route", what="A REGISTER with Record-Route.", role=REGISTRAR)
def record_route(stage: Stage) -> None:
    """The row means nothing to a registrar."""
    user = client(stage)
    route = f"<sip:{bracketed(user.party.end[0])}:5999;lr>"
    user.register(place(user.party, "one"), expires=SHORT, headers=[("Record-Route", route)], label="recorded")
    user.query()
    stage.alive(user.party)


@scenario("registrar/require", what="A REGISTER that requires an extension nobody knows.", role=REGISTRAR)
def require(stage: Stage) -> None:
    """Refused, and nothing is bound."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=SHORT, headers=[("Require", "nobody-knows")], label="required")
    user.query()
    stage.alive(user.party)


@scenario(
    "registrar/default-time", what="A contact without any time, and one whose time cannot be read.", role=REGISTRAR
)
def default_time(stage: Stage) -> None:
    """The registrar chooses; what is malformed counts as an hour."""
    user = client(stage)
    user.register(place(user.party, "one"), label="no-time")
    message = user.written(f"{place(user.party, 'two')};expires=soon")
    user.party.send(message, malformed=True, label="odd-time")
    answer = user.party.expect(final(to=message))
    row = user.proof(answer)
    if row is not None:
        message = user.written(f"{place(user.party, 'two')};expires=soon", headers=[row])
        user.party.send(message, malformed=True, label="odd-time")
        user.party.expect(final(to=message))
    stage.alive(user.party)


@scenario("registrar/brief", what="Very short times, an hour and none at all.", role=REGISTRAR)
def brief(stage: Stage) -> None:
    """423 is for some of them only."""
    user = client(stage)
    for number, seconds in enumerate((1, 20, 3600, 7200)):
        user.register(place(user.party, f"n{number}"), expires=seconds, label="timed")
    user.register(place(user.party, "n3"), expires=0, label="timed")
    user.query()
    stage.alive(user.party)


@scenario(
    "registrar/other-call-id", what="A binding is changed and removed by clients that did not make it.", role=REGISTRAR
)
def other_call_id(stage: Stage) -> None:
    """The Call-IDs differ, and the numbers are lower."""
    first = client(stage, number=50)
    contact = place(first.party, "one")
    first.register(contact, expires=LONG, label="bind")
    another(first).register(contact, expires=SHORT, label="replace")
    first.query()
    another(first).register(f"{contact};expires=0", label="remove")
    first.query()
    stage.alive(first.party)


@scenario(
    "registrar/same-call-id", what="A binding is refreshed and removed by the client that made it.", role=REGISTRAR
)
def same_call_id(stage: Stage) -> None:
    """The numbers rise."""
    user = client(stage)
    contact = place(user.party, "one")
    user.register(contact, expires=LONG, label="bind")
    user.register(contact, expires=SHORT, label="replace")
    user.query()
    user.register(contact, expires=0, label="remove")
    user.query()
    stage.alive(user.party)


@scenario("registrar/stale", what="A refresh with a lower number than the one before.", role=REGISTRAR)
def stale(stage: Stage) -> None:
    """It fails; so does one with a lower number beside a contact that is new."""
    user = client(stage, number=20)
    one, two = place(user.party, "one"), place(user.party, "two")
    user.register(one, expires=LONG, label="bind")
    user.query()
    user.register(one, expires=SHORT, number=5, label="stale")
    user.number = 60
    user.query()
    user.register(two, one, expires=SHORT, number=7, label="stale")
    user.number = 70
    user.query()
    stage.alive(user.party)


@scenario(
    "registrar/same-number", what="A refresh with the same number as the one before, as a new request.", role=REGISTRAR
)
def same_number(stage: Stage) -> None:
    """The number does not rise."""
    user = client(stage, number=20)
    one = place(user.party, "one")
    user.register(one, expires=LONG, label="bind")
    user.register(one, expires=SHORT, number=user.number, label="same")
    another(user).query()
    stage.alive(user.party)


@scenario(
    "registrar/order", what="Two changes of one binding, the second sent before the first is answered.", role=REGISTRAR
)
def order(stage: Stage) -> None:
    """The later one holds."""
    user = client(stage)
    contact = place(user.party, "one")
    user.register(contact, expires=LONG, label="bind")
    challenge = user.asked(user.written(contact, expires=LONG), label="unproved")
    proofs = [user.proof(challenge, count=count) for count in (1, 2)]
    first, second = (
        user.written(contact, expires=seconds, headers=[row] if row else [])
        for seconds, row in zip((LONG, SHORT), proofs, strict=True)
    )
    user.party.send(first, label="first")
    user.party.send(second, label="second")
    user.party.expect(final(to=first))
    user.party.expect(final(to=second))
    user.query()
    stage.alive(user.party)


@scenario("registrar/lapse", what="A binding is not refreshed.", role=REGISTRAR, slow=True)
def lapse(stage: Stage) -> None:
    """It is there shortly before its end, and not behind it."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=60, label="bind")
    stage.wait(50)
    user.query()
    stage.wait(12)
    user.query()
    stage.alive(user.party)


@scenario("registrar/same-contact", what="One contact written in two ways.", role=REGISTRAR)
def same_contact(stage: Stage) -> None:
    """Equal by the rules for URIs: it stays one binding."""
    user = client(stage)
    host = place(user.party, "one").partition("@")[2].rstrip(">")
    user.register(f"<sip:one@{host};a=1;b=2>", expires=LONG, label="bind")
    user.register(f"<SIP:%6fne@{host};B=2;A=1>", expires=SHORT, label="replace")
    user.query()
    stage.alive(user.party)


@scenario("registrar/copies", what="A REGISTER is sent again behind its final response.", role=REGISTRAR)
def copies(stage: Stage) -> None:
    """The same answer comes again."""
    user = client(stage)
    message = user.written(place(user.party, "one"), expires=SHORT)
    user.asked(message, label="sent-again")
    if user.party.transport == "udp":
        for _ in range(2):
            user.party.put(message.received, label="sent-again")
            stage.wait(0.4)
    stage.alive(user.party)
