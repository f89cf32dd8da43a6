"""Ways to a registrar: TLS, a scheme of credentials that proves nothing, a REFER (RFC 3261, sections 22 and 26; RFC 3515, section 2.5)."""

from __future__ import annotations

from base64 import b64encode

from conformance.live.scenario import scenario
from conformance.live.scenarios.registrar.steps import SHORT, Client, address_of_record, client, place
from conformance.live.scenarios.user_agent.steps import ask
from conformance.live.stage import Stage
from conformance.live.wants import NotClaimed, final

REGISTRAR = "registrar"


@scenario(
    "registrar/plain-password",
    what="A REGISTER whose credentials have the scheme Basic.",
    role=REGISTRAR,
    needs=("credentials",),
)
def plain_password(stage: Stage) -> None:
    """With the right password."""
    user = client(stage)
    answer = user.asked(user.written(place(user.party, "one"), expires=SHORT), label="unproved")
    if answer.status != 401:
        raise NotClaimed(f"no credentials are asked for: {answer.title}")
    words = b64encode(f"{stage.subject.user}:{stage.subject.password}".encode()).decode()
    rows = [("Authorization", f"Basic {words}")]
    message = user.written(place(user.party, "one"), expires=SHORT, headers=rows)
    user.party.send(message, malformed=True, label="basic")
    user.party.expect(final(to=message))
    stage.alive(user.party)


@scenario("registrar/secure", what="A contact is registered over TLS.", role=REGISTRAR)
def secure(stage: Stage) -> None:
    """And removed again."""
    party = stage.party("secure", transport="tls")
    user = Client(party, address_of_record(stage, "secure"))
    contact = f"<sip:one@{place(party, 'one').partition('@')[2].rstrip('>')};transport=tls>"
    try:
        user.register(contact, expires=SHORT, label="over-tls")
        user.register("*", expires=0, label="clear")
    finally:
        stage.alive(stage.party("client"))


@scenario("registrar/referred", what="The registrar itself gets a REFER.", role=REGISTRAR)
def referred(stage: Stage) -> None:
    """It is not the one who calls somebody."""
    party = stage.party("client")
    uri = f"sip:{stage.subject.home}{stage.subject.parameters}"
    ask(party, party.request("REFER", uri, headers=[("Refer-To", "<sip:carol@192.0.2.88>")]), label="refer")
    stage.alive(party)
