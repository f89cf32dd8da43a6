"""Where the subject's requests go, and where it hears answers (RFC 3261, sections 16.6, 17, 18 and 21; RFC 3581)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.lab.sip.value import number_at, text_at
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt, call, called, description, hang_up
from conformance.live.stage import Stage
from conformance.live.subject import End, hostport
from conformance.live.wants import request

AGENT = "user-agent"
TOLD = ("trigger",)
GROUP: End = ("224.0.1.75", 5060)
"""All SIP servers (section 10.2.6)."""


def _sent_by(asked: Message) -> End | None:
    """The end that the topmost Via names; None where it is no address."""
    via = asked.first("via")
    host, port = text_at(via, "host") or "", number_at(via, "port")
    bare = host.strip("[]")
    return (bare, port or 5060) if bare.replace(".", "").isdigit() or ":" in bare else None


def _accepted_at(callee: Party, asked: Message, end: End, label: str) -> None:
    """A 2xx to that end, BYE behind its ACK."""
    answer = callee.response(asked, 200, body=description(callee))
    callee.put(answer.received, end, label=label)
    dialog = callee.dialog(asked, answer)
    if attempt(callee, request("ACK")) is None:
        callee.answer(asked, answer)
        attempt(callee, request("ACK"))
    hang_up(dialog)


@scenario(
    "user-agent/answered-at-source",
    what="The answer comes to where the subject's INVITE came from.",
    role=AGENT,
    needs=TOLD,
)
def answered_at_source(stage: Stage) -> None:
    """BYE behind it."""
    callee = stage.party("callee", transport="udp")
    asked = called(callee)
    arrival = callee.arrival_of(asked)
    if arrival is not None:
        _accepted_at(callee, asked, arrival.source, "at-source")


@scenario(
    "user-agent/answered-at-sent-by",
    what="The answer comes to where the Via of the subject's INVITE says.",
    role=AGENT,
    needs=TOLD,
)
def answered_at_sent_by(stage: Stage) -> None:
    """BYE behind it."""
    callee = stage.party("callee", transport="udp")
    asked = called(callee)
    end = _sent_by(asked)
    if end is None:
        callee.respond(asked, 486)
        return
    _accepted_at(callee, asked, end, "at-sent-by")


@scenario("user-agent/answered-anew", what="The answer to the subject's INVITE by TCP comes over a new connection.", role=AGENT,
          needs=TOLD)  # fmt: skip
def answered_anew(stage: Stage) -> None:
    """To the address it came from, at the port of its Via; BYE behind it."""
    callee = stage.party("callee", transport="tcp")
    stage.trigger("invite", uri=callee.contact_uri)
    asked = callee.expect(request("INVITE"), 2 * stage.budget)
    end = _sent_by(asked)
    if end is None:
        callee.respond(asked, 486)
        return
    _accepted_at(callee, asked, end, "anew")


@scenario(
    "user-agent/asks-a-group",
    what="The subject asks a multicast group, and the answer comes to the group.",
    role=AGENT,
    needs=TOLD,
)
def asks_a_group(stage: Stage) -> None:
    """OPTIONS; 200 to where it was sent, and no copy behind it."""
    party = stage.party("member", transport="udp")
    party.absorbs = False
    stage.join(party, GROUP)
    stage.trigger("options", uri=f"sip:{hostport(GROUP)}")
    asked = party.expect(request("OPTIONS"), 2 * stage.budget)
    party.put(party.response(asked, 200).received, GROUP, label="to-the-group")
    stage.wait(3.0)
    stage.alive(stage.party("caller"))


@scenario("user-agent/use-proxy", what="The callee wants to be called through a proxy.", role=AGENT, needs=TOLD)
def use_proxy(stage: Stage) -> None:
    """305; whoever calls again comes by the proxy."""
    callee, proxy = stage.party("callee"), stage.party("proxy")
    asked = called(callee)
    callee.respond(asked, 305, [("Contact", f"<sip:{hostport(proxy.end)};lr>")], label="use-proxy")
    attempt(callee, request("ACK"))
    again = attempt(proxy, request("INVITE"), 2.0)
    if again is not None:
        proxy.respond(again, 486)
        attempt(proxy, request("ACK"))
    directly = attempt(callee, request("INVITE"), 1.0)
    if directly is not None:
        callee.respond(directly, 486)
        attempt(callee, request("ACK"))
    stage.alive(callee)


@scenario(
    "user-agent/called-behind-route",
    what="The subject takes a call that came by a proxy, and calls its caller later.",
    role=AGENT,
    needs=TOLD,
)
def called_behind_route(stage: Stage) -> None:
    """The new call does not go by that proxy."""
    caller, proxy = stage.party("caller"), stage.party("proxy")
    dialog = call(caller, headers=[("Record-Route", f"<sip:{hostport(proxy.end)};lr>")])
    hang_up(dialog)
    stage.trigger("invite", uri=caller.contact_uri)
    for party in (caller, proxy):
        again = attempt(party, request("INVITE"), 2.0)
        if again is not None:
            party.respond(again, 486, label="behind-route")
            attempt(party, request("ACK"))
            return


@scenario(
    "user-agent/asks-without-end",
    what="The subject's OPTIONS is answered with 100, and with nothing else.",
    role=AGENT,
    needs=TOLD,
    slow=True,
)
def asks_without_end(stage: Stage) -> None:
    """45 seconds long."""
    party = stage.party("party", transport="udp")
    party.absorbs = False
    stage.trigger("options", uri=party.contact_uri)
    asked = party.expect(request("OPTIONS"), 2 * stage.budget)
    party.respond(asked, 100, label="trying", once=True)
    stage.wait(45.0)
    stage.alive(stage.party("caller"))


@scenario(
    "user-agent/holds-secure", what="The subject holds a call that it made to a SIPS URI.", role=AGENT, needs=TOLD
)
def holds_secure(stage: Stage) -> None:
    """Its re-INVITE; BYE ends the call."""
    callee = stage.party("callee", transport="tls")
    stage.trigger("invite", uri=f"sips:callee@{hostport(callee.end)}")
    asked = callee.expect(request("INVITE"), 2 * stage.budget)
    contact = [("Contact", f"<sips:callee@{hostport(callee.end)}>")]
    answer = callee.respond(asked, 200, contact, body=description(callee))
    attempt(callee, request("ACK"))
    dialog = callee.dialog(asked, answer)
    stage.wait(0.3)
    stage.trigger("hold")
    theirs = callee.expect(request("INVITE"), 2 * stage.budget)
    callee.respond(theirs, 200, contact, body=description(callee, version=2, direction="recvonly"), label="held")
    attempt(callee, request("ACK"))
    hang_up(dialog)
