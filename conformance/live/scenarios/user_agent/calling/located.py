"""The subject is told names and a route: where its requests go (RFC 3261, sections 8.1.1.1, 8.1.2, 10.2.6, 18.1.1 and 21.5)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.lab.sip.value import number_at, text_at
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt, description, hang_up
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import Want, request

AGENT = "user-agent"
TOLD = ("trigger",)
DOMAIN = "example.net"
PATIENCE = 40.0
"""Seconds that an attempt over UDP may take until the next place is tried."""


def address(name: str, party: Party) -> str:
    """The record of a host."""
    return f"{name} {'AAAA' if ':' in party.end[0] else 'A'} {party.end[0]}"


def server(service: str, priority: int, party: Party, name: str) -> str:
    """The record of a server of the domain; its host has this name."""
    return f"{service}.{DOMAIN} SRV {priority} 0 {party.end[1]} {name}.{DOMAIN}"


def wanted(stage: Stage, party: Party, way: str) -> None:
    """Note where the request has to go."""
    stage.note(f"wanted: {way} {hostport(party.end)}")


def arriving(stage: Stage, want: Want, within: float, *parties: Party) -> tuple[Party, Message] | None:
    """What is wanted, at whichever party it arrives."""

    def found() -> tuple[Party, Message] | None:
        for party in parties:
            for message in party.queue:
                if want.matches(message):
                    party.queue.remove(message)
                    return party, message
        return None

    return stage.until(found, within)


def _refused(stage: Stage, *parties: Party, within: float = 0.0) -> None:
    """The call is turned away by whoever gets it."""
    came = arriving(stage, request("INVITE"), within or 2 * stage.budget, *parties)
    if came is not None:
        party, asked = came
        party.respond(asked, 486, label=party.name)
        attempt(party, request("ACK"), 1.0)
    stage.alive(stage.party("caller"))


@scenario("user-agent/calls-by-route", what="A subject that is to go by a proxy calls.", role=AGENT, needs=TOLD)
def calls_by_route(stage: Stage) -> None:
    """The proxy is a loose router."""
    proxy, callee = stage.party("proxy"), stage.party("callee")
    stage.configure(route=[f"<sip:{hostport(proxy.end)};lr>"])
    wanted(stage, proxy, "udp")
    stage.trigger("invite", uri=callee.contact_uri)
    _refused(stage, proxy, callee)


@scenario(
    "user-agent/calls-by-strict-route", what="A subject that is to go by a strict router calls.", role=AGENT, needs=TOLD
)
def calls_by_strict_route(stage: Stage) -> None:
    """A loose router comes behind it."""
    proxy, second, callee = stage.party("proxy"), stage.party("second"), stage.party("callee")
    stage.configure(route=[f"<sip:{hostport(proxy.end)}>", f"<sip:{hostport(second.end)};lr>"])
    wanted(stage, proxy, "udp")
    stage.trigger("invite", uri=callee.contact_uri)
    _refused(stage, proxy, second, callee)


@scenario(
    "user-agent/calls-by-strict-name",
    what="A subject that is to go by a strict router with a name calls.",
    role=AGENT,
    needs=TOLD,
)
def calls_by_strict_name(stage: Stage) -> None:
    """The name of the router leads to it, that of the callee elsewhere."""
    proxy, callee = stage.party("proxy"), stage.party("callee")
    names = [address(f"strict.{DOMAIN}", proxy), address(f"callee.{DOMAIN}", callee)]
    stage.configure(names=names, route=[f"<sip:strict.{DOMAIN}>"])
    wanted(stage, proxy, "udp")
    stage.trigger("invite", uri=f"sip:callee@callee.{DOMAIN}")
    _refused(stage, proxy, callee)


@scenario(
    "user-agent/calls-a-domain",
    what="The subject calls a user of a domain with servers of several kinds.",
    role=AGENT,
    needs=TOLD,
)
def calls_a_domain(stage: Stage) -> None:
    """TCP comes first in the domain's services, and one of two servers first in that."""
    first, second, datagrams, host = (stage.party(name) for name in ("first", "second", "datagrams", "host"))
    names = [
        f'{DOMAIN} NAPTR 20 50 "s" "SIP+D2U" "" _sip._udp.{DOMAIN}',
        f'{DOMAIN} NAPTR 10 50 "s" "SIP+D2T" "" _sip._tcp.{DOMAIN}',
        server("_sip._tcp", 20, second, "second"),
        server("_sip._tcp", 10, first, "first"),
        server("_sip._udp", 1, datagrams, "datagrams"),
        *(address(f"{party.name}.{DOMAIN}", party) for party in (first, second, datagrams)),
        address(DOMAIN, host),
    ]
    stage.configure(names=names)
    wanted(stage, first, "tcp")
    stage.trigger("invite", uri=f"sip:bob@{DOMAIN}")
    _refused(stage, first, second, datagrams, host)


@scenario(
    "user-agent/calls-secure-by-route",
    what="A subject that is to go by a proxy with a SIP URI calls a SIPS URI.",
    role=AGENT,
    needs=TOLD,
)
def calls_secure_by_route(stage: Stage) -> None:
    """The proxy has a server for each transport, that of UDP first."""
    callee = stage.party("callee", transport="tls")
    datagrams, stream = stage.party("datagrams"), stage.party("stream")
    secure = stage.party("secure", transport="tls")
    names = [
        f'{DOMAIN} NAPTR 10 50 "s" "SIP+D2U" "" _sip._udp.{DOMAIN}',
        f'{DOMAIN} NAPTR 20 50 "s" "SIP+D2T" "" _sip._tcp.{DOMAIN}',
        f'{DOMAIN} NAPTR 30 50 "s" "SIPS+D2T" "" _sips._tcp.{DOMAIN}',
        server("_sip._udp", 1, datagrams, "datagrams"),
        server("_sip._tcp", 1, stream, "stream"),
        server("_sips._tcp", 1, secure, "secure"),
        *(address(f"{party.name}.{DOMAIN}", party) for party in (datagrams, stream, secure)),
    ]
    stage.configure(names=names, route=[f"<sip:{DOMAIN};lr>"])
    wanted(stage, secure, "tls")
    stage.trigger("invite", uri=f"sips:callee@{hostport(callee.end)}")
    _refused(stage, secure, datagrams, stream, callee)


@scenario(
    "user-agent/calls-next-address", what="The first address of whom the subject calls is dead.", role=AGENT, needs=TOLD
)
def calls_next_address(stage: Stage) -> None:
    """By TCP: nobody accepts the connection; the second address does."""
    live = stage.party("live")
    names = [f"phone.{DOMAIN} A 192.0.2.250", address(f"phone.{DOMAIN}", live)]
    stage.configure(names=names)
    wanted(stage, live, "tcp")
    stage.trigger("invite", uri=f"sip:bob@phone.{DOMAIN};transport=tcp")
    _refused(stage, live, within=PATIENCE)


@scenario(
    "user-agent/calls-next-server",
    what="The first server of the domain that the subject calls is overloaded.",
    role=AGENT,
    needs=TOLD,
)
def calls_next_server(stage: Stage) -> None:
    """503 there; the second one would take the call."""
    first, second = stage.party("first"), stage.party("second")
    names = [
        server("_sip._udp", 10, first, "first"),
        server("_sip._udp", 20, second, "second"),
        *(address(f"{party.name}.{DOMAIN}", party) for party in (first, second)),
    ]
    stage.configure(names=names)
    stage.trigger("invite", uri=f"sip:bob@{DOMAIN};transport=udp")
    asked = first.expect(request("INVITE"), 2 * stage.budget)
    first.respond(asked, 503, label="overloaded")
    attempt(first, request("ACK"), 1.0)
    wanted(stage, second, "udp")
    _refused(stage, second)


@scenario(
    "user-agent/registers-at-domain", what="A subject without a configured registrar registers.", role=AGENT, needs=TOLD
)
def registers_at_domain(stage: Stage) -> None:
    """The domain of its address of record has a server; 200, then the removal."""
    registrar, host = stage.party("registrar"), stage.party("host")
    names = [
        server("_sip._udp", 10, registrar, "registrar"), address(f"registrar.{DOMAIN}", registrar), address(DOMAIN, host),
    ]  # fmt: skip
    stage.configure(uri=f"sip:alice@{DOMAIN}", names=names)
    wanted(stage, registrar, "udp")
    stage.trigger("register")
    came = arriving(stage, request("REGISTER"), 2 * stage.budget, registrar, host)
    if came is not None:
        party, asked = came
        party.respond(asked, 200, [("Contact", f"{line};expires=60") for line in asked.lines("contact")])
    stage.alive(stage.party("caller"))


@scenario("user-agent/answered-at-name", what="The Via of the subject's INVITE has its name; the answer comes to where that name leads.",
          role=AGENT, needs=TOLD)  # fmt: skip
def answered_at_name(stage: Stage) -> None:
    """By UDP, and over a new connection; BYE behind each."""
    host, _ = stage.subject.address
    name = f"subject.{DOMAIN}"
    stage.configure(host=name, names=[f"{name} A {host}"])
    for transport, label in (("udp", "at-name"), ("tcp", "at-name-anew")):
        callee = stage.party(f"callee-{transport}", transport=transport)
        stage.trigger("invite", uri=callee.contact_uri)
        asked = callee.expect(request("INVITE"), 2 * stage.budget)
        via = asked.first("via")
        if text_at(via, "host") != name:
            stage.note(f"the Via names {text_at(via, 'host')}")
            callee.respond(asked, 486)
            continue
        _accepted(callee, asked, (host, number_at(via, "port") or 5060), label)
    stage.alive(stage.party("caller"))


def _accepted(callee: Party, asked: Message, end: tuple[str, int], label: str) -> None:
    answer = callee.response(asked, 200, body=description(callee))
    callee.put(answer.received, end, label=label)
    dialog = callee.dialog(asked, answer)
    if attempt(callee, request("ACK"), 2.0) is None:
        callee.answer(asked, answer)
        attempt(callee, request("ACK"), 2.0)
    hang_up(dialog)
