"""REGISTERs that are wrong, each followed by a sane exchange (after RFC 4475; from memory)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.sip import Message
from conformance.live.scenario import scenario
from conformance.live.scenarios.registrar.steps import LONG, Client, attempt, client, place
from conformance.live.stage import Stage
from conformance.live.subject import bracketed
from conformance.live.writing import Row, token, written

REGISTRAR = "registrar"


def _wrong(user: Client, name: str, headers: Sequence[Row] = (), without: Sequence[str] = ()) -> None:
    """A REGISTER of a second contact, changed in one place; then a sane exchange and a query."""
    rows: list[Row] = [*_proof(user), ("Contact", place(user.party, "two")), ("Expires", "600")]
    given = {row[0].lower() for row in headers}
    message = _plain(user, [row for row in rows if row[0].lower() not in given], headers, without)
    attempt(user, message, malformed=True, label=f"bad-{name}")
    user.party.stage.alive(user.party)
    user.query()


def _proof(user: Client) -> list[Row]:
    """Credentials, where they are asked for: what is wrong shall be what it says and nothing else."""
    row = user.proof(user.asked(user.written()))
    return [row] if row else []


def _plain(user: Client, rows: Sequence[Row], headers: Sequence[Row], without: Sequence[str]) -> Message:
    message = user.written(headers=[*rows, *headers], without=without)
    if any(name.lower() == "contact" for name, _ in [*rows, *headers]):
        kept = [(one.spelled, one.text) for one in message.fields]
        kept += [row for row in [*rows, *headers] if row[0].lower() == "contact" and row not in kept]
        message = written(f"REGISTER {message.request_uri} SIP/2.0", kept)
    return message


@scenario("registrar/malformed-contacts", what="Contacts that break their grammar.", role=REGISTRAR)
def malformed_contacts(stage: Stage) -> None:
    """One wrong Contact at a time; the binding made before stays as it is."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=LONG, label="bind")
    host = bracketed(user.party.end[0])
    for name, value in (
        ("contact-bracket", f"<sip:two@{host}"), ("contact-quote", f'"Two <sip:two@{host}>'),
        ("contact-port", f"<sip:two@{host}:port>"), ("contact-empty", "<>"), ("contact-nothing", "nothing at all"),
        ("contact-comma", f"<sip:two@{host}>,, ;"), ("contact-octets", "<sip:two@\x01\x02>"),
    ):  # fmt: skip
        _wrong(user, name, [("Contact", value)])


@scenario("registrar/malformed-missing", what="REGISTERs that lack what every request has.", role=REGISTRAR)
def malformed_missing(stage: Stage) -> None:
    """Without From, To, Call-ID, CSeq, Via."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=LONG, label="bind")
    for name in ("from", "to", "call-id", "cseq"):
        _wrong(user, f"no-{name}", without=[name])


@scenario("registrar/malformed-values", what="REGISTERs whose headers break their grammar.", role=REGISTRAR)
def malformed_values(stage: Stage) -> None:
    """One header at a time."""
    user = client(stage)
    user.register(place(user.party, "one"), expires=LONG, label="bind")
    record = user.record
    for name, row in (
        ("cseq-method", ("CSeq", "900 INVITE")), ("cseq-range", ("CSeq", "36893488147419103232 REGISTER")),
        ("to-quote", ("To", f'"Mr. J. User <{record}>')), ("to-scheme", ("To", "<:>")),
        ("from-bracket", ("From", f"<{record};tag={token()}")), ("via-port", ("Via", f"SIP/2.0/UDP 192.0.2.1:port;branch={token()}")),
        ("negative-length", ("Content-Length", "-999")),
    ):  # fmt: skip
        _wrong(user, name, [row])


@scenario(
    "registrar/malformed-large",
    what="A REGISTER with more contacts than anybody has, and one with a very long one.",
    role=REGISTRAR,
)
def malformed_large(stage: Stage) -> None:
    """Refused or not: the registrar goes on."""
    user = client(stage)
    many = [place(user.party, f"c{number}") for number in range(300)]
    attempt(user, user.written(*many, expires=600, headers=_proof(user)), malformed=True, label="large-many")
    stage.alive(user.party)
    long = f"<sip:{'x' * 20000}@{bracketed(user.party.end[0])}>"
    attempt(user, user.written(long, expires=600, headers=_proof(user)), malformed=True, label="large-long")
    stage.alive(user.party)
